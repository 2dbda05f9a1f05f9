"""Fragments written to files: appended whole, one write each, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence

from tenban.base.clock import SECOND, Instant, to_datetime
from tenban.base.errors import Unavailable
from tenban.base.ids import new_id
from tenban.video.footage import FileKey, Footage, NotSealed
from tenban.video.fragments import Fragment
from tenban.video.model import FragmentRow, IndexBatch, Segment
from tenban.video.mp4 import fragment_head, segment_start
from tenban.video.packets import StreamInfo
from tenban.video.samples import pack_samples
from tenban.video.sealed import SUFFIX, RecordSealer

_HARD_LIMIT = 3
"""After this many times the wanted length a file ends even where no keyframe comes."""


Write = Callable[[int, Sequence[bytes]], int]


class FootageNotKept(Unavailable):  # reads as what happened
    """A fragment could not be written; what was written of it has been cut off again."""

    code = "footage_not_kept"


class SegmentWriter:
    """Writes the fragments of one camera.

    Files are called ``<camera>/<YYYYMMDD>/<HHMMSS>-<segment id>.mp4`` (UTC) below the footage folder, sealed
    ones ``….sealed``.

    Args:
        footage: the footage folder.
        camera: the camera's id.
        sealed: files are sealed, as long as a key can be had.
        segment_s: the length after which the next keyframe begins a new file.
        write: writes parts to a file descriptor, as ``os.writev`` does.

    Attributes:
        in_the_clear: why the present file is not sealed although it should be; mostly None.
    """

    def __init__(
        self,
        footage: Footage,
        camera: str,
        *,
        sealed: bool = False,
        segment_s: float = 60.0,
        write: Write = os.writev,
    ) -> None:
        self._footage = footage
        self._root = footage.root
        self._camera = camera
        self._sealed = sealed
        self._length_us = round(segment_s * SECOND)
        self._write = write
        self._info: StreamInfo | None = None
        self._segment: Segment | None = None
        self._file = -1
        self.in_the_clear: str | None = None
        self._sealer: RecordSealer | None = None
        self._key: FileKey | None = None
        self._end = 0
        self._stored = 0
        self._sequence = 0
        self._is_empty = True
        self._ended_at: Instant = 0
        self._owed = IndexBatch()

    def begin(self, info: StreamInfo) -> IndexBatch:
        """Say how the fragments to come are coded; ends the present file."""
        self._info = info
        return self.close()

    def add(self, fragment: Fragment) -> IndexBatch:
        """Append a fragment; return what the index must learn.

        Raises:
            FootageNotKept: the disk is full or broken. The file has ended; the next fragment with a
                keyframe begins a new one.
        """
        facts = self.close() if self._is_due(fragment) else self._take_owed()
        opened = None
        try:
            if self._segment is None:
                opened = self._open(fragment)
            row = self._append(fragment)
        except OSError as error:
            # Policy: what cannot be written is given up, counted by the caller, and told to people.
            self._owed = facts
            self._give_up()
            raise FootageNotKept(
                f"camera {self._camera}: footage cannot be written: {error.strerror}"
            ) from error
        if opened is not None:
            facts.segments.append(opened)
            facts.keys += [] if self._key is None else [self._key]
        facts.fragments.append(row)
        return facts

    def close(self) -> IndexBatch:
        """End the present file; return what the index must learn."""
        facts = self._take_owed()
        if self._segment is not None:
            os.close(self._file)
            facts.ended.append((self._segment.id, self._ended_at))
            self._segment = None
        return facts

    def sync(self) -> None:
        """Ask the disk to keep what has been written; used now and then against power cuts."""
        if self._segment is not None:
            os.fdatasync(self._file)

    def _take_owed(self) -> IndexBatch:
        owed, self._owed = self._owed, IndexBatch()
        return owed

    def _give_up(self) -> None:
        """Cut off what was half written; a file without any fragment is taken away."""
        if self._segment is None:
            return
        with contextlib.suppress(OSError):  # Policy: a broken disk may refuse even this; the next start cuts.
            os.ftruncate(self._file, self._stored)
            if self._is_empty:
                (self._root / self._segment.path).unlink()
                if self._key is not None:
                    self._key.kept()
        os.close(self._file)
        if not self._is_empty:
            self._owed.ended.append((self._segment.id, self._ended_at))
        self._segment = None

    def _is_due(self, fragment: Fragment) -> bool:
        if self._segment is None:
            return False
        if fragment.run != self._segment.info.run:
            return True
        age_us = fragment.start_at - self._segment.started_at
        return age_us >= self._length_us * (1 if fragment.is_keyframe else _HARD_LIMIT)

    def _open(self, fragment: Fragment) -> Segment:
        assert self._info is not None  # noqa: S101  # begin() came before
        moment = to_datetime(fragment.start_at)
        segment_id = new_id(fragment.start_at)
        name = f"{self._camera}/{moment:%Y%m%d}/{moment:%H%M%S}-{segment_id}"
        (self._root / name).parent.mkdir(parents=True, exist_ok=True)
        path, self._sealer, self._key, self.in_the_clear = f"{name}.mp4", None, None, None
        if self._sealed:
            try:
                self._sealer, self._key = self._footage.begin(f"{name}{SUFFIX}", fragment.start_at)
                path = f"{name}{SUFFIX}"
            except NotSealed as error:
                # Policy: recording goes on. People are told by the camera's state; the next file tries again.
                self.in_the_clear = str(error)
        place = self._root / path
        self._file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        self._segment = Segment(segment_id, self._info, path, fragment.start_at, fragment.start_dts)
        self._sequence = 0
        self._end = self._stored = 0
        self._is_empty = True
        self._put(segment_start(self._info, start_dts=fragment.start_dts, started_at=fragment.start_at))
        return self._segment

    def _append(self, fragment: Fragment) -> FragmentRow:
        assert self._segment is not None  # noqa: S101  # _open() came before
        self._sequence += 1
        head = fragment_head(
            fragment.samples,
            sequence=self._sequence,
            decode_ticks=fragment.start_dts - self._segment.start_dts,
            start_at=fragment.start_at,
            data_length=fragment.length,
        )
        offset = self._end + len(head)
        self._put(head, *fragment.parts)
        self._ended_at = fragment.end_at
        self._is_empty = False
        return FragmentRow(
            self._camera,
            self._segment.id,
            fragment.start_at,
            fragment.end_at,
            fragment.start_dts,
            fragment.is_keyframe,
            offset,
            fragment.length,
            pack_samples(fragment.samples),
        )

    def _put(self, *parts: bytes) -> None:
        length = sum(map(len, parts))
        if self._sealer is not None:
            parts = (self._sealer.seal(parts),)
        # One gathering write: joining a quarter of a megabyte first costs more than the write.
        total = sum(map(len, parts))
        written = self._write(self._file, parts)
        while written < total:
            rest = b"".join(parts)[written:]
            written += self._write(self._file, (rest,))
        self._end += length
        self._stored += total
