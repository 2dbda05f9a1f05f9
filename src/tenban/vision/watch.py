"""Watching one view of one register: everything that looks at its frames, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tenban.base.clock import Instant, seconds
from tenban.sites.model import View
from tenban.video.frames import Frame
from tenban.vision.detectors import load_detector
from tenban.vision.model import Box, Observation
from tenban.vision.presence import PresenceWatch
from tenban.vision.track import Track
from tenban.vision.transfer import TransferCounter

MOST_LAG_S = 0.7
"""Frames older than this are not analysed any more: what comes late is worth less than keeping up."""


TRAIL = 24
"""How many places of a track's path are shown: about a second and a half."""


@dataclass(frozen=True, slots=True)
class LookTrack:
    """One thing that is followed.

    Attributes:
        number: of the track.
        box: where the detector has it, or where it was last.
        found: whether the detector has it on this very picture.
        trail: the centres of its last places, oldest first.
    """

    number: int
    box: Box
    found: bool
    trail: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What the eyes of a view have before them; all places in 0–1 of the picture.

    Attributes:
        brought_in: items counted since the watching began; None where nothing counts them.
        visitor: who is at the operator position: arrived or not, and where; None for nobody.
    """

    tracks: tuple[LookTrack, ...]
    brought_in: int | None
    visitor: tuple[bool, Box | None] | None


class Eye(Protocol):
    """Something that looks at frames and says what they prove."""

    def see(self, frame: Frame) -> list[Observation]:
        """Take in the next picture; return what it proved."""
        ...


class ViewWatch:
    """Looks at the frames of one view.

    Args:
        view: its zones and detector.

    Attributes:
        seen: frames analysed.
        skipped: frames left out to keep up.

    Raises:
        BadInput: the detector cannot be loaded, or a zone that is needed is missing.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._detector = load_detector(view.detector)
        self._size: tuple[int, int] | None = None
        self._eyes: list[Eye] = self._open()
        self.seen = 0
        self.skipped = 0

    def see(self, frame: Frame, now_at: Instant) -> list[Observation]:
        """Analyse a frame, unless it has become too old for that; return what it proved."""
        if now_at - frame.captured_at > seconds(MOST_LAG_S):
            self.skipped += 1
            return []
        size = (frame.width, frame.height)
        if self._size not in {None, size}:
            self._eyes = self._open()
        self._size = size
        self.seen += 1
        return [observation for eye in self._eyes for observation in eye.see(frame)]

    def look(self) -> Look:
        """Return what the eyes have before them at the moment, for whoever looks on."""
        tracks: list[LookTrack] = []
        brought_in, visitor = None, None
        for eye in self._eyes:
            if isinstance(eye, TransferCounter):
                brought_in = eye.brought_in
                tracks = [_as_seen(track, eye.seen_s) for track in eye.tracks]
            elif isinstance(eye, PresenceWatch):
                visitor = eye.visitor
        return Look(tuple(tracks), brought_in, visitor)

    def _open(self) -> list[Eye]:
        roles = {zone.role for zone in self._view.zones}
        openers: list[tuple[bool, Callable[[], Eye]]] = [
            ("operator" in roles, self._presence),
            ("bagging" in roles, self._transfer),
        ]
        return [open_eye() for wanted, open_eye in openers if wanted]

    def _presence(self) -> Eye:
        return PresenceWatch(self._view.zones, camera=self._view.camera, detector=self._detector)

    def _transfer(self) -> Eye:
        return TransferCounter(self._view.zones, camera=self._view.camera, detector=self._detector)


def _as_seen(track: Track, at_s: float) -> LookTrack:
    x0, y0, x1, y1 = (round(float(side), 4) for side in track.box)
    trail = tuple(
        (round(float(box[0] + box[2]) / 2, 4), round(float(box[1] + box[3]) / 2, 4))
        for _, box in track.path[-TRAIL:]
    )
    return LookTrack(track.number, (x0, y0, x1, y1), track.seen_s >= at_s, trail)
