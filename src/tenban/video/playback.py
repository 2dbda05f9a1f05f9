"""Playing back: the one way by which pages and clients read footage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tenban.base.clock import Instant
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.video import coverage
from tenban.video.clips import ClipPlan, plan_clip, read_range
from tenban.video.coverage import Coverage
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex


class Playback:
    """Reads footage of any camera; every method waits for the disk, so call it off the event loop.

    Args:
        database: which holds the index.
        footage: the footage folder, with the vault of its sealed files.
    """

    def __init__(self, database: Database, footage: Footage) -> None:
        self._index = FootageIndex(database)
        self._footage = footage

    def coverage(self, camera: str, span: Span, now_at: Instant) -> Coverage:
        """Return what there is of a camera in a span, what is missing and why."""
        return coverage.coverage(self._index, camera, span, now_at)

    def filmed_in(self, camera: str, spans: Sequence[Span]) -> list[bool]:
        """Tell for each of some spans, such as days, whether there is footage of it."""
        return self._index.filmed_in(camera, spans)

    def keyframe_at(self, camera: str, at: Instant) -> Instant | None:
        """Return when the last picture up to an instant was taken that decodes alone, or None."""
        return self._index.keyframe_at(camera, at)

    def plan(self, camera: str, span: Span, *, sound: bool = False) -> ClipPlan:
        """Plan the cut of a span, with its sound where that is wanted.

        Raises:
            NoFootage: there is nothing to show.
        """
        return plan_clip(self._index, camera, span, sound=sound)

    def pictures(self, camera: str, span: Span) -> list[Instant]:
        """Return when each picture of a span was taken, in order."""
        return coverage.pictures(self._index, camera, span)

    def read(self, plan: ClipPlan, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes ``[start, stop)`` of a planned cut.

        Raises:
            FootageGone: a file of footage is missing or too short.
            Damaged: a part of it is not as it was sealed.
            KeyMissing: the key to it is not here.
        """
        return read_range(plan, self._footage, start, stop)
