"""Original footage: the bytes of whole fragments as they were recorded, with the beginning of their file.

A file of footage, sealed on the disk or not, is its beginning (``ftyp``, ``moov`` and a note) and fragments
after one another, see ``design/footage.md``. The beginning and any fragments of it are a video again, so
what is given away of a file is those bytes, in the same order, and where in the file they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tenban.base.errors import BadInput
from tenban.base.span import Span
from tenban.video.footage import Footage, Piece
from tenban.video.model import FragmentRow, Segment
from tenban.video.queries import FootageIndex

_FRAGMENT_BOXES = frozenset({b"prft", b"styp", b"moof"})
_LONG = 1


@dataclass(frozen=True, slots=True)
class Original:
    """Parts of one file of footage.

    Attributes:
        path: of the file, below the footage folder.
        ranges: first byte and one past the last of each part, in the file as recorded.
        span: from the beginning of its first fragment to the end of its last.
    """

    camera: str
    path: str
    ranges: tuple[tuple[int, int], ...]
    span: Span

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(stop - start for start, stop in self.ranges)

    def read(self, footage: Footage) -> Iterator[bytes]:
        """Yield the bytes; raises FootageGone, or Damaged where it is not as it was sealed."""
        return footage.read([Piece(self.path, start, stop - start) for start, stop in self.ranges])


def originals(
    index: FootageIndex, footage: Footage, camera: str, spans: Sequence[Span], *, sound: bool = False
) -> list[Original]:
    """Return what holds a camera's footage of some spans, by file; each fragment once.

    Sound lies in boxes of its own before each fragment's pictures; without it those are left out.

    A span begins with the last fragment at or before it that begins with a keyframe, as a clip of it does.

    Raises:
        FootageGone: the index knows a file that is missing.
    """
    files: dict[str, Segment] = {}
    wanted: dict[str, dict[int, FragmentRow]] = {}
    for span in spans:
        found_rows = index.for_span(camera, span)
        before = [row.start_at for row, _ in found_rows if row.is_keyframe and row.start_at <= span.start_at]
        for row, segment in found_rows:
            if row.end_at <= span.start_at and row.start_at < max(before, default=span.start_at):
                continue  # of a group of pictures that ended before
            files[segment.id] = segment
            wanted.setdefault(segment.id, {})[row.offset] = row
    found = []
    for its_id, segment in sorted(files.items(), key=lambda one: one[1].started_at):
        rows = wanted[its_id]
        ranges = _ranges(
            index.fragments_of(its_id), set(rows), _beginning(footage, segment.path), sound=sound
        )
        span = Span(min(one.start_at for one in rows.values()), max(one.end_at for one in rows.values()))
        found.append(Original(camera, segment.path, ranges, span))
    return found


def _ranges(
    fragments: Sequence[FragmentRow], wanted: set[int], beginning: int, *, sound: bool
) -> tuple[tuple[int, int], ...]:
    ranges = [(0, beginning)]
    at = beginning
    for one in fragments:
        end = one.offset + one.length
        if not sound and one.sound_offset is not None and one.sound_length is not None:
            at = one.sound_offset + one.sound_length
        if one.offset in wanted:
            if ranges[-1][1] == at:
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((at, end))
        at = end
    return tuple(ranges)


def _beginning(footage: Footage, path: str) -> int:
    """Return where a file's first fragment begins: after the boxes of its beginning."""
    at = 0
    while True:
        head = b"".join(footage.read([Piece(path, at, 8)]))
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind in _FRAGMENT_BOXES:
            return at
        if length <= max(_LONG, 7):
            raise BadInput(path, expected="the boxes of a file of footage", came=f"{head!r} at {at}")
        at += length
