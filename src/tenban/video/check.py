"""Footage compared with its index: what is missing, short, torn, changed or unknown; and set right.

It only reads, so it may run beside the recorder: files that grow are looked at as far as the index had come
before. Setting right is done per camera, and only while nobody records it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Literal, TypeAlias

import av

from tenban.base.clock import SECOND, Clock
from tenban.base.errors import Conflict, TenbanError
from tenban.db.sealing import Damaged
from tenban.video.claim import claim, is_claimed
from tenban.video.disk import DISK, Disk
from tenban.video.footage import Footage, FootageFile, is_sealed
from tenban.video.model import FragmentRow, Segment
from tenban.video.packets import SoundCoding
from tenban.video.queries import FootageIndex
from tenban.video.recovery import Found, adds_up, learn, read_segment, set_right, unknown_files
from tenban.video.samples import leading, unpack_samples
from tenban.video.sealed import FootageGone, SealedFootage
from tenban.video.sound_decoder import SoundDecoder

Kind: TypeAlias = Literal[
    "missing", "short", "torn", "misplaced", "unindexed", "unknown", "damaged", "locked_away", "undecodable"
]
_MOST_LEADING = 4
"""So many fragments at most hold what leans on the file before."""
YOUNG_US = 120 * SECOND
"""A file without a row is a mistake only when it is older than its row can be late."""
_MOST_MISSING = 0.5

WORDS: dict[Kind, str] = {
    "missing": "the file is gone",
    "short": "the file ends before what the index names",
    "torn": "after the last whole fragment there are bytes of half a one",
    "misplaced": "the index names bytes where no fragment lies",
    "unindexed": "the file holds fragments the index does not know",
    "unknown": "the index does not know the file",
    "damaged": "it is not as it was sealed",
    "locked_away": "the key to it is missing",
    "undecodable": "pictures or sound in it cannot be decoded",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it must be.

    Attributes:
        kind: what, see :data:`WORDS`.
        camera: whose footage.
        path: below the footage folder.
        fragments: so many rows or fragments of the file are concerned.
        detail: what exactly was expected and came; may be empty.
        repaired: it has been set right.
    """

    kind: Kind
    camera: str
    path: str
    fragments: int
    detail: str = ""
    repaired: bool = False


@dataclass(slots=True)
class Report:
    """What a check found.

    Attributes:
        files: looked at.
        fragments: rows looked at.
        growing: files that were being written meanwhile.
        problems: what is wrong.
        refused: cameras that could not be set right, and why.
    """

    files: int = 0
    fragments: int = 0
    growing: int = 0
    problems: list[Problem] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong any more."""
        return all(one.repaired for one in self.problems)


def check_camera(
    index: FootageIndex,
    footage: Footage,
    camera: str,
    report: Report,
    *,
    clock: Clock,
    deep: bool = False,
    on_file: Callable[[], None] = lambda: None,
) -> list[Problem]:
    """Compare a camera's files with the index; add what is wrong to the report and return it.

    Args:
        index: the index.
        footage: the footage folder.
        camera: the camera's id.
        report: counted into.
        clock: tells young files from forgotten ones.
        deep: read every byte: sealed records are opened, pictures decoded.
        on_file: called after each file.
    """
    found: list[Problem] = []
    # Read first: what is recorded from now on is in no list, and in no file that is in it and has ended.
    known = index.files_of(camera)
    is_recorded = is_claimed(footage.root, camera)
    for segment, ended_at in known:
        has_ended = ended_at is not None or not is_recorded
        rows = index.fragments_of(segment.id)
        report.files += 1
        report.fragments += len(rows)
        report.growing += not has_ended
        some = list(_check_file(footage, segment, rows, has_ended=has_ended, deep=deep))
        # What retention has taken meanwhile is no mistake.
        found += some if not some or index.has_segment(segment.path) else []
        on_file()
    young_at = clock.now() - YOUNG_US
    for path in unknown_files(index, footage.root, camera):
        if (footage.root / path).stat().st_mtime * SECOND < young_at:
            found.append(Problem("unknown", camera, path, 0))
    report.problems += found
    return found


def repair_camera(
    index: FootageIndex,
    footage: Footage,
    camera: str,
    problems: Sequence[Problem],
    report: Report,
    *,
    disk: Disk = DISK,
) -> None:
    """Set right what the start-up repair would, wherever it is; nobody may be recording the camera.

    What is damaged or cannot be opened is left as it is: it is evidence, or its key may be put back.
    """
    files = {segment.path: segment for segment, _ in index.files_of(camera)}
    missing = sum(one.kind == "missing" for one in problems)
    if missing > 1 and missing > len(files) * _MOST_MISSING:
        report.refused[camera] = f"{missing} of {len(files)} files are missing: is the disk there?"
        return
    try:
        lock = claim(footage.root, camera)
    except Conflict as error:
        report.refused[camera] = str(error)
        return
    with lock:
        for one in problems:
            try:
                done = _repair(index, footage, camera, one, files, disk)
            except (TenbanError, OSError) as error:
                report.refused[camera] = f"{one.path}: {error}"  # Policy: the others are set right.
                continue
            if done:
                report.problems[report.problems.index(one)] = replace(one, repaired=True)


def _repair(
    index: FootageIndex,
    footage: Footage,
    camera: str,
    one: Problem,
    files: dict[str, Segment],
    disk: Disk,
) -> bool:
    if one.kind == "unknown":
        facts, _ = learn(footage, camera, one.path, disk)
        if facts is None:
            return False  # Nothing of use is in it; a start of the recorder removes it.
        index.add(facts)
        return True
    if one.kind == "missing":
        index.forget_file(files[one.path].id)
        return True
    if one.kind in {"short", "torn", "unindexed"}:
        set_right(index, footage, files[one.path], disk)
        return True
    return False


def _check_file(
    footage: Footage, segment: Segment, rows: Sequence[FragmentRow], *, has_ended: bool, deep: bool
) -> Iterator[Problem]:
    def wrong(kind: Kind, fragments: int, detail: str = "") -> Problem:
        return Problem(kind, segment.info.camera, segment.path, fragments, detail)

    if not (footage.root / segment.path).exists():
        if rows or has_ended:
            yield wrong("missing", len(rows))
        return
    try:
        with footage.open(segment.path) as file:
            yield from _check_open(file, rows, wrong, has_ended=has_ended, deep=deep)
            if deep and not isinstance(file, SealedFootage):
                yield from _decode(file, rows, wrong)
                yield from _decode_sound(file, segment.info.sound, rows, wrong)
    except Damaged as error:
        yield wrong("damaged", len(rows), str(error))
    except FootageGone as error:
        yield wrong("missing" if not is_sealed(segment.path) else "locked_away", len(rows), str(error))
    except TenbanError as error:
        yield wrong("locked_away", len(rows), str(error))


def _check_open(
    file: FootageFile,
    rows: Sequence[FragmentRow],
    wrong: Callable[..., Problem],
    *,
    has_ended: bool,
    deep: bool,
) -> Iterator[Problem]:
    beyond = [row for row in rows if row.offset + row.length > file.length]
    if beyond:
        end = max(row.offset + row.length for row in beyond)
        yield wrong("short", len(beyond), f"expected {end} bytes, got {file.length}")
    if isinstance(file, SealedFootage) and has_ended and not beyond and file.size > file.stored(file.length):
        yield wrong("torn", 0, f"{file.size - file.stored(file.length)} bytes")
    if isinstance(file, SealedFootage) and not deep:
        return  # Its boxes lie within the records: to see them is to open them all.
    if isinstance(file, SealedFootage):
        file.verify()
    read = read_segment(file)
    lie = {one.offset: one for one in read.fragments}
    within = [row for row in rows if row.offset + row.length <= file.length]
    misplaced = [row for row in within if not _lies(row, lie.get(row.offset))]
    if misplaced:
        yield wrong("misplaced", len(misplaced), f"first at byte {misplaced[0].offset}")
    if not has_ended:
        return
    known = {row.offset for row in rows}
    unindexed = sum(one.offset not in known for one in read.fragments)
    if unindexed:
        yield wrong("unindexed", unindexed)
    if 0 < read.good_length < file.length and not beyond and not misplaced:
        yield wrong("torn", 0, f"{file.length - read.good_length} bytes")


def _lies(row: FragmentRow, found: Found | None) -> bool:
    """Tell whether a fragment lies where its row says, and its sound, if the row names any."""
    if found is None or found.length != row.length:
        return False
    if row.sound_offset is None:
        return True
    sound = found.sound
    return sound is not None and (sound.offset, sound.length) == (row.sound_offset, row.sound_length)


def _decode_sound(
    file: FootageFile, coding: SoundCoding | None, rows: Sequence[FragmentRow], wrong: Callable[..., Problem]
) -> Iterator[Problem]:
    if coding is None:
        return
    decoder = SoundDecoder(coding)
    broken = 0
    for row in rows:
        if row.sound_samples is None or row.sound_offset is None:
            continue
        at, whole = row.sound_offset, True
        for one in unpack_samples(row.sound_samples):
            whole = decoder.takes(file.at(at, one.size)) and whole
            at += one.size
        broken += not whole
    if broken:
        yield wrong("undecodable", broken, "the sound")


def _decode(
    file: FootageFile, rows: Sequence[FragmentRow], wrong: Callable[..., Problem]
) -> Iterator[Problem]:
    read = read_segment(file)
    known = {row.offset: row for row in rows}
    broken = [one for one in read.fragments if one.offset in known and not adds_up(file, one)]
    tables = [unpack_samples(row.samples) for row in rows]
    if not tables:
        return
    # What leans on the file before this one can be decoded with that one only.
    expected = sum(map(len, tables)) - leading(list(chain.from_iterable(tables[:_MOST_LEADING])))
    shown, why = 0, ""
    try:
        with av.open(io.BytesIO(b"".join(file.read(0, read.good_length))), "r") as video:
            video.streams.video[0].codec_context.thread_count = 1
            for frame in video.decode(video=0):
                shown += not frame.is_corrupt
    except (av.error.FFmpegError, IndexError) as error:
        why = str(error)
    if broken or why or shown < expected:
        yield wrong("undecodable", len(broken), why or f"expected {expected} pictures, got {shown}")
