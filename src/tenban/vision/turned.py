"""Named views of a fisheye camera, for whoever asks for stills as of any camera."""

from __future__ import annotations

from tenban.base.clock import Instant
from tenban.sites.fisheye import Aim
from tenban.video.frames import Frame
from tenban.video.ring import Box, FrameRing, Still, make_still
from tenban.vision.dewarp import Size, dewarp_frame

VIEW_SIZE = Size(1280, 720)
"""Of every named view that is watched and cut out: what the rooms above expect of a camera."""


def turn_frame(frame: Frame, aim: Aim, camera: str) -> Frame:
    """Return a frame as a named view shows it; ``camera`` is the view's id."""
    return dewarp_frame(frame, aim.fisheye, aim.turn, VIEW_SIZE, camera=camera)


class TurnedRing:
    """The pictures of a fisheye camera's ring, turned when one is asked for.

    Args:
        ring: of the camera.
        aim: how the view is turned.
        camera: the view's id.
    """

    def __init__(self, ring: FrameRing, aim: Aim, camera: str) -> None:
        self._ring = ring
        self._aim = aim
        self._camera = camera

    def still(
        self, at: Instant, *, box: Box | None = None, margin: float = 0.0, width: int | None = None
    ) -> Still:
        """Return a JPEG of the view nearest to an instant; as :meth:`FrameRing.still`."""
        turned = turn_frame(self._ring.nearest(at), self._aim, self._camera)
        return make_still(turned, box=box, margin=margin, width=width)
