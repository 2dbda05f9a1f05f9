"""Footage that a killed process left: brought back into the index, or cut off. Runs at every start.

Whole fragments that the index does not know are indexed; half-written ones are cut off; index rows whose
bytes never reached the disk (a power cut) are removed. Afterwards every row has its bytes and every byte
of footage its row.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tenban.base.clock import Instant, to_datetime
from tenban.base.errors import BadInput, TenbanError
from tenban.base.log import get_log
from tenban.db.sealing import Damaged
from tenban.video.coding import CODINGS, Coding
from tenban.video.disk import DISK, Disk
from tenban.video.footage import Footage, FootageFile
from tenban.video.model import FragmentRow, IndexBatch, Segment
from tenban.video.mp4 import NOTE_UUID, instant_of_ntp
from tenban.video.packets import SoundCoding, StreamInfo, ticks_to_us
from tenban.video.queries import FootageIndex
from tenban.video.samples import Sample, pack_samples, shown_ticks
from tenban.video.sealed import SealedFootage
from tenban.video.sound import frame_samples
from tenban.video.sound_mp4 import read_coding, read_fragment

_HEAD_KINDS = frozenset({b"ftyp", b"moov", b"uuid"})
_MOST_HEAD_BYTES = 1 << 20
_OUR_NAME = re.compile(r"\d{6}-([0-9a-v]{13}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(mp4|sealed)")
"""With a short id, or a longer one from before."""
_SYNC_BIT = 0x00010000
_HOLE = bytes(64)
_LEAST_FRAME = 16
_LAST = 4
"""No NAL unit ends in a zero; some cameras pad a little."""

log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A fragment read from a segment file."""

    start_at: Instant
    decode_ticks: int
    offset: int
    length: int
    samples: tuple[Sample, ...]
    sound: FoundSound | None = None


@dataclass(frozen=True, slots=True)
class FoundSound:
    """The sound of a fragment."""

    start: int
    offset: int
    length: int
    samples: tuple[Sample, ...]


@dataclass(slots=True)
class SegmentFile:
    """What a segment file holds.

    Attributes:
        note: camera, run and start_dts, as the writer noted them; None where the head is not whole.
        coding: how its pictures are coded, or None.
        avcc: the configuration record, or None.
        sound: how its sound is coded; None: it has none.
        fragments: all whole fragments.
        head_length: bytes of its beginning, before the first fragment; 0 where that is not whole.
        good_length: bytes up to the end of the last whole fragment, or of the beginning.
        damaged: a part was not as it was sealed: nothing is cut off then.
    """

    note: dict[str, str | int] | None = None
    coding: Coding | None = None
    avcc: bytes | None = None
    sound: SoundCoding | None = None
    fragments: list[Found] = field(default_factory=list)
    head_length: int = 0
    good_length: int = 0
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a start found: fragments indexed, rows removed, bytes cut off, useless files removed."""

    indexed: int = 0
    forgotten: int = 0
    cut_bytes: int = 0
    files_removed: int = 0


def recover(index: FootageIndex, footage: Footage, camera: str, *, disk: Disk = DISK) -> Recovered:
    """Make index and footage files of one camera agree; nobody may be recording it meanwhile.

    A sealed file whose key is missing, or that is not as it was sealed, is left as it is, and told.

    Args:
        index: the index.
        footage: the footage folder.
        camera: the camera's id.
        disk: what is found is forced to it before its rows are written.
    """
    indexed = forgotten = cut = removed = 0
    newest = index.newest_segment(camera)
    for segment in index.unended_segments(camera):
        try:
            found, gone, cut_off = set_right(index, footage, segment, disk)
        except TenbanError as error:
            # Policy: what cannot be opened now is neither cut nor forgotten; the next start looks again.
            log.warning("footage not recovered", path=segment.path, why=str(error))
            continue
        indexed, forgotten, cut = indexed + found, forgotten + gone, cut + cut_off
    since = "" if newest is None else f"{to_datetime(newest.started_at):%Y%m%d}"
    for path in unknown_files(index, footage.root, camera, since=since):
        try:
            facts, cut_off = learn(footage, camera, path, disk)
        except TenbanError as error:
            log.warning("footage not recovered", path=path, why=str(error))  # Policy: as above.
            continue
        if facts is None:
            disk.remove(footage.root / path)
            removed += 1
            continue
        index.add(facts)
        indexed, cut = indexed + len(facts.fragments), cut + cut_off
    result = Recovered(indexed, forgotten, cut, removed)
    if result != Recovered():
        log.info("footage recovered", camera=camera, indexed=indexed, forgotten=forgotten, cut_bytes=cut)
    return result


def read_segment(file: FootageFile) -> SegmentFile:
    """Read the boxes of a segment file without its media; stops where it breaks off."""
    result = SegmentFile()
    pending: tuple[Instant, int, tuple[Sample, ...]] | None = None
    taken_at: Instant | None = None
    heard = _Heard(result, file)
    try:
        for kind, start, head, length in _boxes(file):
            if kind in _HEAD_KINDS and length <= _MOST_HEAD_BYTES:
                _read_head(result, kind, file.at(start + head, length - head))
                if result.note is not None and not result.head_length:
                    result.head_length = result.good_length = start + length
            elif kind == b"prft":
                (ntp,) = struct.unpack_from(">8xQ", file.at(start + head, length - head))
                taken_at = instant_of_ntp(ntp)
            elif kind == b"moof" and taken_at is not None:
                pending = (taken_at, *_read_moof(file.at(start, length)))
            elif kind == b"mdat" and pending is not None:
                at, ticks, samples = pending
                if sum(one.size for one in samples) != length - head:
                    break
                result.fragments.append(Found(at, ticks, start + head, length - head, samples, heard.given()))
                result.good_length = start + length
                pending = taken_at = None
            else:
                heard.take(kind, start, head, length)
    except (struct.error, ValueError) as error:
        # Policy: garbage ends the file; what stood before it is good.
        log.warning("footage file broken off", error=str(error))
    except Damaged as error:
        # Policy: what stood before it is good; what comes is kept as evidence of what was done to it.
        log.error("damaged", why=str(error))  # noqa: TRY400  # why says it
        result.damaged = True
    return result


def set_right(
    index: FootageIndex, footage: Footage, segment: Segment, disk: Disk = DISK
) -> tuple[int, int, int]:
    """Make a file the index knows agree with it; return fragments indexed, rows removed, bytes cut off."""
    path = footage.root / segment.path
    facts, cut = IndexBatch(), 0
    key = footage.left(segment.path)
    facts.keys += [] if key is None else [key]
    if not path.exists() or not path.stat().st_size:
        forgotten, rows = index.forget_beyond(segment.id, 0), []
    else:
        with footage.open(segment.path) as file:
            read = read_segment(file)
            rows = index.fragments_of(segment.id)
            beyond = [row for row in rows if row.offset + row.length > file.length]
            announced = max((row.offset + row.length for row in rows), default=0)
            torn = read.damaged and _is_torn(file, read.good_length, announced)
            damaged = (read.damaged and not torn) or _is_chain_broken(file, beyond)
            forgotten = 0 if damaged else index.forget_beyond(segment.id, file.length)
            rows = index.fragments_of(segment.id)
            known = {row.offset for row in rows}
            unknown = [one for one in read.fragments if one.offset not in known]
            good = _untorn(file, unknown)
            facts.fragments += [_row(segment, one) for one in good]
            if not damaged:
                cut = _cut(path, file.stored(_good_length(read, unknown, good)), disk)
        if facts.fragments:
            _force(path, disk)
    ends = [row.end_at for row in [*rows, *facts.fragments]]
    facts.ended.append((segment.id, max(ends, default=segment.started_at)))
    facts.sizes[segment.id] = path.stat().st_size if path.exists() else 0
    index.add(facts)
    return len(facts.fragments), forgotten, cut


def learn(footage: Footage, camera: str, path: str, disk: Disk = DISK) -> tuple[IndexBatch | None, int]:
    """Return an unknown file's facts, and how many bytes were cut off; None where it holds nothing of use."""
    place = footage.root / path
    with footage.open(path) as file:
        read = read_segment(file)
        read.damaged = read.damaged and not _is_torn(file, read.good_length, 0)
        written = read.fragments
        read.fragments = _untorn(file, written)
        good_length = _good_length(read, written, read.fragments)
        found = _as_facts(read, camera, path)
        key = footage.left(path)
        if found is None:
            if read.damaged:
                raise Damaged(f"footage {path}: its beginning is not as it was sealed")
            if key is not None:
                key.kept()
            return None, 0
        found.keys += [] if key is None else [key]
        cut = 0 if read.damaged else _cut(place, file.stored(good_length), disk)
        _force(place, disk)
        found.sizes = {one.id: place.stat().st_size for one in found.segments}
        return found, cut


def _is_chain_broken(file: FootageFile, beyond: list[FragmentRow]) -> bool:
    """Tell whether a record the index knows is there, although the record before says otherwise."""
    if not beyond or not isinstance(file, SealedFootage):
        return False
    first = beyond[0]
    broken = file.lies_here(first.offset + first.length)
    if broken:
        log.error("damaged", why=f"footage {first.segment}: a record's length is not as it was written")
    return broken


def _is_torn(file: FootageFile, good_length: int, announced: int) -> bool:
    """Tell whether a record that does not open was cut short by a power cut, and not changed by somebody.

    It was never announced, and a part of it never reached the disk: sealed bytes hold no run of zeros.
    """
    return isinstance(file, SealedFootage) and announced <= good_length and _HOLE in file.tail(good_length)


def _boxes(file: FootageFile) -> Iterator[tuple[bytes, int, int, int]]:
    at = 0
    while at + 8 <= file.length:
        length, kind = struct.unpack(">I4s", file.at(at, 8))
        if length < 8 or at + length > file.length:
            return
        yield kind, at, 8, length
        at += length


def _read_head(result: SegmentFile, kind: bytes, body: bytes) -> None:
    if kind == b"uuid" and body.startswith(NOTE_UUID):
        result.note = json.loads(body[len(NOTE_UUID) :])
    elif kind == b"moov":
        for coding in CODINGS:
            place = body.find(coding.record_box)
            if body.find(coding.entry) >= 0 and place >= 4:
                length = int.from_bytes(body[place - 4 : place], "big")
                result.coding, result.avcc = coding, body[place + 4 : place - 4 + length]
        result.sound = read_coding(body)


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


class _Heard:
    """The sound of the fragment whose pictures come next."""

    def __init__(self, result: SegmentFile, file: FootageFile) -> None:
        self._result = result
        self._file = file
        self._steps: tuple[int, tuple[Sample, ...]] | None = None
        self._found: FoundSound | None = None

    def take(self, kind: bytes, start: int, head: int, length: int) -> None:
        """Take in a box that is not of pictures."""
        coding, note = self._result.sound, self._result.note
        if coding is None or note is None:
            return
        if kind == b"moof":
            self._steps = read_fragment(coding, self._file.at(start, length), int(note["start_dts"]))
        elif kind == b"mdat" and self._steps is not None:
            self._found = self._read(coding, *self._steps, start + head, length - head)
            self._steps = None

    def given(self) -> FoundSound | None:
        """Return the sound, once."""
        found, self._found = self._found, None
        return found

    def _read(
        self, coding: SoundCoding, start: int, steps: tuple[Sample, ...], offset: int, length: int
    ) -> FoundSound | None:
        """Return the sound; None where a part of it never reached the disk, or it is none."""
        if sum(one.size for one in steps) != length:
            return None
        samples, data = [], self._file.at(offset, length)
        for one in steps:
            frame, data = data[: one.size], data[one.size :]
            duration = frame_samples(coding, frame)
            # No frame of sound is zeros from end to end: those were never written.
            if not duration or (len(frame) >= _LEAST_FRAME and not any(frame)):
                return None
            step = one.duration + one.offset
            samples.append(Sample(one.size, duration, step - duration, is_keyframe=True))
        return FoundSound(start, offset, length, tuple(samples))


def _row(segment: Segment, found: Found) -> FragmentRow:
    sound = found.sound
    return FragmentRow(
        segment.info.camera,
        segment.id,
        found.start_at,
        found.start_at + ticks_to_us(shown_ticks(found.samples)),
        segment.start_dts + found.decode_ticks,
        found.samples[0].is_keyframe,
        found.offset,
        found.length,
        pack_samples(found.samples),
        *(() if sound is None else (sound.start, sound.offset, sound.length, pack_samples(sound.samples))),
    )


def _as_facts(read: SegmentFile, camera: str, path: str) -> IndexBatch | None:
    """Return the facts of a file that the index does not know, or None where it holds nothing of use."""
    if read.note is None or read.coding is None or read.avcc is None or not read.fragments:
        return None
    try:
        size = read.coding.sequence_of(read.coding.parameters_of(read.avcc))
        run, start_dts = str(read.note["run"]), int(read.note["start_dts"])
    except (BadInput, KeyError, ValueError):
        # Policy: a head that cannot be read is like none.
        return None
    info = StreamInfo(camera, run, read.coding.id, size.width, size.height, read.avcc, sound=read.sound)
    told = read.note.get("monotonic_us")
    monotonic_us = told if isinstance(told, int) else None
    name = Path(path).stem.partition("-")[2]
    segment = Segment(name, info, path, read.fragments[0].start_at, start_dts, monotonic_us)
    rows = [_row(segment, one) for one in read.fragments]
    return IndexBatch([segment], rows, [(segment.id, rows[-1].end_at)])


def unknown_files(index: FootageIndex, root: Path, camera: str, *, since: str = "") -> list[str]:
    """Return paths of files of ours that the index does not know.

    Args:
        index: the index.
        root: the footage folder.
        camera: the camera's id.
        since: the first day looked at, as ``YYYYMMDD``; empty: all.
    """
    folder = root / camera
    if not folder.is_dir():
        return []
    days = sorted(day for day in folder.iterdir() if day.is_dir() and day.name >= since)
    # Only what a segment writer has named is ever touched.
    files = [path for day in days for path in sorted(day.iterdir()) if _OUR_NAME.fullmatch(path.name)]
    paths = [path.relative_to(root).as_posix() for path in files]
    return [path for path in paths if not index.has_segment(path)]


def _untorn(file: FootageFile, found: list[Found]) -> list[Found]:
    """Return the fragments up to the first of which a part never reached the disk.

    A file system may have lengthened a file and not written all its pages before the power went; they read
    as zeros. H.264 and H.265 allow no three zero bytes within a NAL unit (sections 7.4.1 and 7.4.2).
    Sealed records tell by themselves.
    """
    if isinstance(file, SealedFootage):
        return found
    for number, one in enumerate(found):
        if any(_HOLE in part for part in file.read(one.offset, one.length)) or not adds_up(file, one):
            log.warning("fragment torn", at=one.start_at)
            return found[:number]
    return found


def adds_up(file: FootageFile, one: Found) -> bool:
    """Tell whether the NAL units of each picture fill it exactly, and none ends in zeros."""
    at = one.offset
    for sample in one.samples:
        end = at + sample.size
        while at + 4 <= end:
            length = int.from_bytes(file.at(at, 4), "big")
            at += 4 + length
            if not length or at > end or file.at(at - _LAST, _LAST) == bytes(_LAST):
                return False
        if at != end:
            return False
    return True


def _good_length(read: SegmentFile, found: list[Found], good: list[Found]) -> int:
    """Return where the last fragment ends that is whole, or where the first torn one's boxes begin."""
    if len(good) == len(found):
        return read.good_length
    torn = found[len(good)]
    before = [one.offset + one.length for one in read.fragments if one.offset < torn.offset]
    return max(before, default=read.head_length)


def _force(path: Path, disk: Disk) -> None:
    disk.force(path)
    disk.force_folder(path.parent)


def _cut(path: Path, good_size: int, disk: Disk) -> int:
    size = path.stat().st_size
    if not good_size or size <= good_size:
        return 0
    disk.truncate(path, good_size)
    return size - good_size
