"""Footage that a killed process left: brought back into the index, or cut off. Runs at every start.

Whole fragments that the index does not know are indexed; half-written ones are cut off; index rows whose
bytes never reached the disk (a power cut) are removed. Afterwards every row has its bytes and every byte
of footage its row.
"""

from __future__ import annotations

import json
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tenban.base.clock import Instant, to_datetime
from tenban.base.errors import BadInput
from tenban.base.log import get_log
from tenban.video.h264 import NAL_SPS, parameters_of, read_sps
from tenban.video.model import FragmentRow, IndexBatch, Segment
from tenban.video.mp4 import NOTE_UUID, instant_of_ntp
from tenban.video.packets import StreamInfo, ticks_to_us
from tenban.video.queries import FootageIndex
from tenban.video.samples import Sample, pack_samples

_HEAD_KINDS = frozenset({b"ftyp", b"moov", b"uuid"})
_MOST_HEAD_BYTES = 1 << 20
_OUR_NAME = re.compile(r"\d{6}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.mp4")
_SYNC_BIT = 0x00010000

log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A fragment read from a segment file."""

    start_at: Instant
    decode_ticks: int
    offset: int
    length: int
    samples: tuple[Sample, ...]


@dataclass(slots=True)
class SegmentFile:
    """What a segment file holds.

    Attributes:
        note: camera, run and start_dts, as the writer noted them; None where the head is not whole.
        avcc: the configuration record, or None.
        fragments: all whole fragments.
        good_length: bytes up to the end of the last whole fragment.
    """

    note: dict[str, str | int] | None = None
    avcc: bytes | None = None
    fragments: list[Found] = field(default_factory=list)
    good_length: int = 0


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a start found: fragments indexed, rows removed, bytes cut off, useless files removed."""

    indexed: int = 0
    forgotten: int = 0
    cut_bytes: int = 0
    files_removed: int = 0


def recover(index: FootageIndex, root: Path, camera: str) -> Recovered:
    """Make index and footage files of one camera agree; nobody may be recording it meanwhile.

    Args:
        index: the index.
        root: the footage folder.
        camera: the camera's id.
    """
    indexed = forgotten = cut = removed = 0
    newest = index.newest_segment(camera)
    for segment in index.unended_segments(camera):
        path = root / segment.path
        size = path.stat().st_size if path.exists() else 0
        forgotten += index.forget_beyond(segment.id, size)
        rows = index.fragments_of(segment.id)
        read = read_segment(path) if size else SegmentFile()
        known = {row.offset for row in rows}
        facts = IndexBatch()
        facts.fragments += [_row(segment, one) for one in read.fragments if one.offset not in known]
        ends = [row.end_at for row in [*rows, *facts.fragments]]
        facts.ended.append((segment.id, max(ends, default=segment.started_at)))
        index.add(facts)
        indexed += len(facts.fragments)
        cut += _cut(path, size, read.good_length)
    for path in _unknown_files(index, root, camera, newest):
        size = path.stat().st_size
        read = read_segment(path)
        found = _as_facts(read, camera, path.relative_to(root).as_posix())
        if found is None:
            path.unlink()
            removed += 1
            continue
        index.add(found)
        indexed += len(found.fragments)
        cut += _cut(path, size, read.good_length)
    result = Recovered(indexed, forgotten, cut, removed)
    if result != Recovered():
        log.info("footage recovered", camera=camera, indexed=indexed, forgotten=forgotten, cut_bytes=cut)
    return result


def read_segment(path: Path) -> SegmentFile:
    """Read the boxes of a segment file without its media; stops where it breaks off."""
    result = SegmentFile()
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        pending: tuple[Instant, int, tuple[Sample, ...]] | None = None
        taken_at: Instant | None = None
        try:
            for kind, start, head, length in _boxes(file, size):
                if kind in _HEAD_KINDS and length <= _MOST_HEAD_BYTES:
                    file.seek(start + head)
                    _read_head(result, kind, file.read(length - head))
                elif kind == b"prft":
                    file.seek(start + head)
                    (ntp,) = struct.unpack_from(">8xQ", file.read(length - head))
                    taken_at = instant_of_ntp(ntp)
                elif kind == b"moof" and taken_at is not None:
                    file.seek(start)
                    pending = (taken_at, *_read_moof(file.read(length)))
                elif kind == b"mdat" and pending is not None:
                    at, ticks, samples = pending
                    if sum(one.size for one in samples) != length - head:
                        break
                    result.fragments.append(Found(at, ticks, start + head, length - head, samples))
                    result.good_length = start + length
                    pending = taken_at = None
        except (struct.error, ValueError) as error:
            # Policy: garbage ends the file; what stood before it is good.
            log.warning("footage file broken off", path=path.name, error=str(error))
    return result


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int, int]]:
    at = 0
    while at + 8 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if length < 8 or at + length > size:
            return
        yield kind, at, 8, length
        at += length


def _read_head(result: SegmentFile, kind: bytes, body: bytes) -> None:
    if kind == b"uuid" and body.startswith(NOTE_UUID):
        result.note = json.loads(body[len(NOTE_UUID) :])
    elif kind == b"moov":
        place = body.find(b"avcC")
        if place >= 4:
            length = int.from_bytes(body[place - 4 : place], "big")
            result.avcc = body[place + 4 : place - 4 + length]


def _read_moof(moof: bytes) -> tuple[int, tuple[Sample, ...]]:
    """Return the decoding time and the samples of a movie fragment as :mod:`tenban.video.mp4` writes it."""
    tfdt = moof.index(b"tfdt")
    (ticks,) = struct.unpack_from(">Q", moof, tfdt + 8)
    trun = moof.index(b"trun")
    (count,) = struct.unpack_from(">I", moof, trun + 8)
    samples = []
    for number in range(count):
        duration, length, flags, offset = struct.unpack_from(">IIIi", moof, trun + 16 + 16 * number)
        samples.append(Sample(length, duration, offset, not flags & _SYNC_BIT))
    if not samples:
        raise ValueError("expected samples in a movie fragment, got none")
    return ticks, tuple(samples)


def _row(segment: Segment, found: Found) -> FragmentRow:
    return FragmentRow(
        segment.info.camera,
        segment.id,
        found.start_at,
        found.start_at + ticks_to_us(sum(one.duration for one in found.samples)),
        segment.start_dts + found.decode_ticks,
        found.samples[0].is_keyframe,
        found.offset,
        found.length,
        pack_samples(found.samples),
    )


def _as_facts(read: SegmentFile, camera: str, path: str) -> IndexBatch | None:
    """Return the facts of a file that the index does not know, or None where it holds nothing of use."""
    if read.note is None or read.avcc is None or not read.fragments:
        return None
    try:
        sps = next(one for one in parameters_of(read.avcc) if one[0] & 0x1F == NAL_SPS)
        size = read_sps(sps)
        run, start_dts = str(read.note["run"]), int(read.note["start_dts"])
    except (BadInput, KeyError, ValueError):
        # Policy: a head that cannot be read is like none.
        return None
    info = StreamInfo(camera, run, "h264", size.width, size.height, read.avcc)
    segment = Segment(Path(path).stem.partition("-")[2], info, path, read.fragments[0].start_at, start_dts)
    rows = [_row(segment, one) for one in read.fragments]
    return IndexBatch([segment], rows, [(segment.id, rows[-1].end_at)])


def _unknown_files(index: FootageIndex, root: Path, camera: str, newest: Segment | None) -> list[Path]:
    """Return files of the last indexed day and later that the index does not know."""
    folder = root / camera
    if not folder.is_dir():
        return []
    since = "" if newest is None else f"{to_datetime(newest.started_at):%Y%m%d}"
    days = sorted(day for day in folder.iterdir() if day.is_dir() and day.name >= since)
    # Only what a segment writer has named is ever touched.
    files = [path for day in days for path in sorted(day.glob("*.mp4")) if _OUR_NAME.fullmatch(path.name)]
    return [path for path in files if not index.has_segment(path.relative_to(root).as_posix())]


def _cut(path: Path, size: int, good_length: int) -> int:
    if not good_length or size <= good_length:
        return 0
    os.truncate(path, good_length)
    return size - good_length
