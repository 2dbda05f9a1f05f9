"""Fragments written to files: appended whole, one write each, or not at all."""

from __future__ import annotations

import contextlib
import os
import zlib

from tenban.base.clock import SECOND, Instant, to_datetime
from tenban.base.errors import Unavailable
from tenban.base.ids import short_id
from tenban.video.disk import DISK, Disk
from tenban.video.footage import FileKey, Footage, NotSealed
from tenban.video.fragments import Fragment
from tenban.video.model import FragmentRow, IndexBatch, Run, Segment
from tenban.video.mp4 import fragment_head, segment_start
from tenban.video.packets import StreamInfo
from tenban.video.samples import pack_samples
from tenban.video.sealed import SUFFIX, RecordSealer
from tenban.video.sound import SoundPart
from tenban.video.sound_mp4 import segment_track, sound_fragment

_HARD_LIMIT = 3
"""After this many times the wanted length a file ends even where no keyframe comes."""


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
        segment_s: files begin about so far apart, at a keyframe, each camera's at another moment.
        disk: what files are written through.
        boot: which start of the machine the monotonic clock counts from.

    Attributes:
        in_the_clear: why the present file is not sealed although it should be; mostly None.
    """

    def __init__(
        self,
        footage: Footage,
        camera: str,
        *,
        sealed: bool = False,
        segment_s: float = 180.0,
        disk: Disk = DISK,
        boot: str = "",
    ) -> None:
        self._footage = footage
        self._root = footage.root
        self._camera = camera
        self._sealed = sealed
        self._length_us = round(segment_s * SECOND)
        self._disk = disk
        self._boot = boot
        # Thirty-two cameras that begin together must not change files in the same second ever after.
        self._phase_us = zlib.crc32(camera.encode()) * self._length_us >> 32
        self._run: Run | None = None
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
        self._run = _run_of(info, self._boot)
        return self.close()

    def add(self, fragment: Fragment, sound: SoundPart | None = None) -> IndexBatch:
        """Append a fragment, and the sound that goes with it; return what the index must learn.

        Raises:
            FootageNotKept: the disk is full or broken. The file has ended; the next fragment with a
                keyframe begins a new one.
        """
        facts = self.close() if self._is_due(fragment) else self._take_owed()
        opened = None
        segment = self._segment
        try:
            if segment is None:
                segment = opened = self._open(fragment)
            row = self._append(fragment, sound)
        except OSError as error:
            # Policy: what cannot be written is given up, counted by the caller, and told to people.
            self._owed = facts
            self._give_up()
            raise FootageNotKept(
                f"camera {self._camera}: footage cannot be written: {error.strerror}"
            ) from error
        if opened is not None:
            facts.segments.append(opened)
            facts.runs += [] if self._run is None else [self._run]
            self._run = None
            facts.keys += [] if self._key is None else [self._key]
        facts.fragments.append(row)
        facts.written[row.segment] = segment.path
        return facts

    def close(self) -> IndexBatch:
        """End the present file; return what the index must learn."""
        facts = self._take_owed()
        if self._segment is not None:
            os.close(self._file)
            facts.ended.append((self._segment.id, self._ended_at))
            facts.sizes[self._segment.id] = self._stored
            self._segment = None
        return facts

    @property
    def segment_id(self) -> str | None:
        """The present file's segment."""
        return None if self._segment is None else self._segment.id

    def _take_owed(self) -> IndexBatch:
        owed, self._owed = self._owed, IndexBatch()
        return owed

    def _give_up(self) -> None:
        """Cut off what was half written; a file without any fragment is taken away."""
        if self._segment is None:
            return
        with contextlib.suppress(OSError):  # Policy: a broken disk may refuse even this; the next start cuts.
            self._disk.truncate(self._root / self._segment.path, self._stored)
            if self._is_empty:
                self._disk.remove(self._root / self._segment.path)
                if self._key is not None:
                    self._key.kept()
        os.close(self._file)
        if not self._is_empty:
            self._owed.ended.append((self._segment.id, self._ended_at))
            self._owed.sizes[self._segment.id] = self._stored
        self._segment = None

    def _is_due(self, fragment: Fragment) -> bool:
        if self._segment is None:
            return False
        if fragment.run != self._segment.info.run:
            return True
        began_at = self._segment.started_at
        age_us = fragment.start_at - began_at
        if not fragment.is_keyframe:
            return age_us >= self._length_us * _HARD_LIMIT
        return self._turn(fragment.start_at) > self._turn(began_at + self._length_us // 2)

    def _turn(self, at: Instant) -> int:
        return (at + self._phase_us) // self._length_us

    def _open(self, fragment: Fragment) -> Segment:
        assert self._info is not None  # noqa: S101  # begin() came before
        moment = to_datetime(fragment.start_at)
        segment_id = short_id(fragment.start_at)
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
        self._file = self._disk.create(self._root / path, 0o640)
        monotonic_us = None if fragment.ahead_us is None else fragment.start_at - fragment.ahead_us
        self._segment = Segment(
            segment_id, self._info, path, fragment.start_at, fragment.start_dts, monotonic_us
        )
        self._sequence = 0
        self._end = self._stored = 0
        self._is_empty = True
        self._put(
            segment_start(
                self._info,
                start_dts=fragment.start_dts,
                started_at=fragment.start_at,
                monotonic_us=monotonic_us,
                second=(b"", b"")
                if self._info.sound is None
                else segment_track(self._info.sound, fragment.start_at),
            )
        )
        return self._segment

    def _append(self, fragment: Fragment, sound: SoundPart | None) -> FragmentRow:
        assert self._segment is not None  # noqa: S101  # _open() came before
        coding = self._segment.info.sound
        before: tuple[bytes, ...] = ()
        if sound is not None and coding is not None:
            self._sequence += 1
            before = (
                sound_fragment(
                    coding,
                    sound.samples,
                    sequence=self._sequence,
                    position=sound.start,
                    start_dts=self._segment.start_dts,
                ),
                *sound.parts,
            )
        self._sequence += 1
        head = fragment_head(
            fragment.samples,
            sequence=self._sequence,
            decode_ticks=fragment.start_dts - self._segment.start_dts,
            start_at=fragment.start_at,
            data_length=fragment.length,
        )
        sound_offset = self._end + sum(map(len, before[:1]))
        offset = self._end + sum(map(len, before)) + len(head)
        # What the kernel gathers in one write is limited: a fragment's sound is some kilobytes.
        self._put(b"".join(before) + head, *fragment.parts)
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
            *(
                (sound.start, sound_offset, sound.length, pack_samples(sound.samples))
                if before and sound
                else ()
            ),
        )

    def _put(self, *parts: bytes) -> None:
        length = sum(map(len, parts))
        if self._sealer is not None:
            parts = (self._sealer.seal(parts),)
        # One gathering write: joining a quarter of a megabyte first costs more than the write.
        total = sum(map(len, parts))
        written = self._disk.write(self._file, parts)
        while written < total:
            rest = b"".join(parts)[written:]
            written += self._disk.write(self._file, (rest,))
        self._end += length
        self._stored += total


def _run_of(info: StreamInfo, boot: str) -> Run | None:
    start = info.start
    if start is None:
        return None
    return Run(info.run, info.camera, start.wall_at, start.monotonic_us, boot, start.why, start.step_us)
