"""Named views of a fisheye camera, for whoever asks for stills as of any camera."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import cv2
import numpy as np

from tenban.base.clock import Instant
from tenban.base.errors import BadInput
from tenban.sites.fisheye import Aim
from tenban.video.film import Film
from tenban.video.frames import Frame, read_frames
from tenban.video.ring import Box, FrameRing, Still, make_still
from tenban.vision.dewarp import Size, dewarp, dewarp_frame

VIEW_SIZE = Size(1280, 720)
"""Of every named view that is watched and cut out: what the rooms above expect of a camera."""
_QUALITY = 85


def turn_frame(frame: Frame, aim: Aim, camera: str) -> Frame:
    """Return a frame as a named view shows it; ``camera`` is the view's id."""
    return dewarp_frame(frame, aim.fisheye, aim.turn, VIEW_SIZE, camera=camera)


def turn_jpeg(jpeg: bytes, aim: Aim) -> bytes:
    """Return a fisheye camera's JPEG as a named view shows it.

    Raises:
        BadInput: it is no picture.
    """
    picture = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    if picture is None:
        raise BadInput("picture", expected="a JPEG", came=f"{len(jpeg)} bytes of something else")
    turned = dewarp(np.asarray(picture, dtype=np.uint8), aim.fisheye, aim.turn, VIEW_SIZE)
    return bytes(cv2.imencode(".jpg", turned, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes())


def turn_clip(clip: Path, aim: Aim, to: Path | IO[bytes]) -> None:
    """Write a fisheye camera's clip anew as a named view shows it, at the same moments.

    Raises:
        BadInput: it is no video.
    """
    with Film(to, threads=1) as film:
        for frame in read_frames(clip):
            film.add(frame.captured_at, turn_frame(frame, aim, frame.camera).bgr())


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
