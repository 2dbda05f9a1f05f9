"""Watching one view of one register: everything that looks at its frames, in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tenban.base.clock import Instant, seconds
from tenban.sites.model import View
from tenban.video.frames import Frame
from tenban.vision.detectors import load_detector
from tenban.vision.model import Observation
from tenban.vision.presence import PresenceWatch
from tenban.vision.transfer import TransferCounter

MOST_LAG_S = 0.7
"""Frames older than this are not analysed any more: what comes late is worth less than keeping up."""


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
