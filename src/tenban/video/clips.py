"""Clips: cuts of footage, exact to the frame, never re-encoded, readable from any byte on.

A plan is made from the index alone. The pictures from the keyframe before the cut are carried along and
hidden by an edit list, so they can be recovered from the file: never rely on a cut to hide anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from tenban.base.clock import Instant
from tenban.base.errors import NotFound
from tenban.base.span import Span
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.footage import Footage, Piece
from tenban.video.model import FragmentRow, Segment
from tenban.video.mp4 import clip_head
from tenban.video.packets import SoundCoding, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.samples import Sample, leading, unpack_samples
from tenban.video.sound_clip import Heard, lay_sound
from tenban.video.timeline import JOIN_US, Cut, TimeLine


class NoFootage(NotFound):
    """There is no footage of the span; the text says why."""

    code = "no_footage"


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of the asked span of which there is no footage; the clip holds the last picture meanwhile."""

    span: Span
    why: str


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """A clip before a byte of footage is read.

    Attributes:
        camera: the camera's id.
        asked: the span that was asked for.
        span: what the clip shows: from the beginning of its first picture to the end of its last.
        info: how the pictures are coded.
        frames: pictures shown.
        gaps: parts of ``asked`` without footage; those inside ``span`` show the last picture before them,
            so that the clip's time stays the wall's.
        note: what else the viewer should know, such as a change of the camera's settings; mostly None.
        head: everything that stands before the pictures.
        pieces: where the pictures lie, below the footage folder.
        length_bytes: of the whole clip.
        sound: how the sound that is in it is coded; None: there is none in it.
        has_sound: there is sound of the span, whether it is in the clip or not.
    """

    camera: str
    asked: Span
    span: Span
    info: StreamInfo
    frames: int
    gaps: tuple[Gap, ...]
    note: str | None
    head: bytes
    pieces: tuple[Piece, ...]
    length_bytes: int
    sound: SoundCoding | None = None
    has_sound: bool = False


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A fragment with its sample table unpacked.

    Attributes:
        row: where it lies.
        segment: the file it lies in.
        samples: its pictures, without those that are left out.
        left_out: pictures behind the first that cannot be decoded, since what was before is missing.
        left_out_bytes: how long they are.
    """

    row: FragmentRow
    segment: Segment
    samples: list[Sample]
    left_out: int = 0
    left_out_bytes: int = 0

    @classmethod
    def of(cls, row: FragmentRow, segment: Segment) -> _Loaded:
        return cls(row, segment, unpack_samples(row.samples))

    def after_hole(self) -> _Loaded:
        """Return the fragment as it can be decoded where nothing was recorded before it."""
        count = leading(self.samples)
        if not count:
            return self
        first, out = self.samples[0], self.samples[1 : 1 + count]
        longer = first.duration + sum(one.duration for one in out)
        return _Loaded(
            self.row,
            self.segment,
            [first._replace(duration=longer), *self.samples[1 + count :]],
            count,
            sum(one.size for one in out),
        )

    @property
    def end_dts(self) -> int:
        return self.row.start_dts + sum([one.duration for one in self.samples])


def plan_clip(
    index: FootageIndex, camera: str, asked: Span, *, around: Instant | None = None, sound: bool = False
) -> ClipPlan:
    """Plan the cut of a camera's footage.

    Args:
        index: what footage there is.
        camera: the camera's id.
        asked: the span to show; its ends are moved outwards to the pictures they fall into.
        around: the moment that matters most; where the camera changed its coding within the span, the
            part that holds this moment is shown. The middle of the span if None.
        sound: the sound is in the clip, where there is any.

    Raises:
        NoFootage: there is nothing to show.
    """
    moment = around if around is not None else (asked.start_at + asked.end_at) // 2
    loaded = _playable(index.for_span(camera, asked))
    part, note = _of_one_coding(loaded, moment)
    line = TimeLine.of([(one.row.start_at, one.samples) for one in part])
    cut = line.cut(asked)
    if cut is None:
        raise NoFootage(f"camera {camera}: {_why(index.states_of(camera, asked), asked)}")
    info = part[0].segment.info
    pieces, chunks = _pieces(part, cut.keep_from, cut.keep_to)
    laid = lay_sound(_heard(part, line, cut), cut.shown_ticks) if sound else None
    head = clip_head(
        info,
        line.samples(cut),
        chunks,
        start_at=cut.span.start_at,
        skip_ticks=cut.skip_ticks,
        shown_ticks=cut.shown_ticks,
        sound=None if laid is None else partial(laid[0].trak, cut.span.start_at),
        sound_length=0 if laid is None else laid[0].length,
    )
    if laid is not None:
        head, pieces = head + laid[1], laid[2] + pieces
    states = index.states_of(camera, asked) if cut.gaps else []
    return ClipPlan(
        camera,
        asked,
        cut.span,
        info,
        cut.frames,
        tuple(Gap(gap, _why(states, gap)) for gap in cut.gaps),
        note,
        head,
        pieces,
        len(head) + sum(one.length for one in pieces),
        None if laid is None else laid[0].coding,
        any(one.row.sound_length for one in part),
    )


def read_range(plan: ClipPlan, footage: Footage, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Yield the clip's bytes ``[start, stop)``; the head comes at once, footage in parts of up to 1 MiB.

    Args:
        plan: the clip.
        footage: the footage folder.
        start: first byte.
        stop: one past the last byte; the clip's end if None.

    Raises:
        FootageGone: a file of footage is missing or too short.
        Damaged: a part of it is not as it was sealed.
        KeyMissing: the key to it is not here.
    """
    stop = plan.length_bytes if stop is None else min(stop, plan.length_bytes)
    if start < min(stop, len(plan.head)):
        yield plan.head[start : min(stop, len(plan.head))]
    at = len(plan.head)
    wanted: list[Piece] = []
    for piece in plan.pieces:
        end = at + piece.length
        if at < stop and end > start:
            skip = max(0, start - at)
            wanted.append(Piece(piece.path, piece.offset + skip, min(end, stop) - at - skip))
        at = end
    yield from footage.read(wanted)


def write_clip(plan: ClipPlan, footage: Footage, to: Path) -> None:
    """Write the clip to a file, which is there whole or not at all.

    Raises:
        FootageGone, Damaged, KeyMissing: as :func:`read_range`.
        OSError: the clip's own file cannot be written.
    """
    partial = to.with_name(f"{to.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            for data in read_range(plan, footage):
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)


def _playable(rows: Sequence[tuple[FragmentRow, Segment]]) -> list[_Loaded]:
    """Leave out what cannot be decoded: pictures whose keyframe is missing, footage of a repeated hour.

    Where the wall clock was set back, two runs claim the same time; the index returns the later one.
    """
    kept: list[_Loaded] = []
    for row, segment in rows:
        one = _Loaded.of(row, segment)
        if kept:
            before = kept[-1]
            same_run = before.segment.info.run == segment.info.run
            follows = same_run and row.start_dts == before.end_dts
            if not follows and (not row.is_keyframe or row.start_at < before.row.end_at - JOIN_US):
                continue
            one = one if follows else one.after_hole()
        elif not row.is_keyframe:
            continue
        else:
            one = one.after_hole()
        kept.append(one)
    return kept


def _of_one_coding(loaded: list[_Loaded], moment: Instant) -> tuple[list[_Loaded], str | None]:
    parts = [
        list(part)
        for _, part in groupby(loaded, key=lambda one: (one.segment.info.avcc, one.segment.info.width))
    ]
    if not parts:
        return [], None
    chosen = next((part for part in parts if moment < part[-1].row.end_at), parts[-1])
    if len(parts) == 1:
        return chosen, None
    info = chosen[0].segment.info
    return chosen, f"the camera's settings changed; only the part in {info.width}x{info.height} is shown"


def _heard(part: list[_Loaded], line: TimeLine, cut: Cut) -> list[Heard]:
    """Return the fragments with sound, and where each stands from the first picture that is shown."""
    zero = line.decoded_at(cut.keep_from) + cut.skip_ticks
    heard, number = [], 0
    for one in part:
        coding = one.segment.info.sound
        if one.row.sound_length and coding is not None:
            heard.append(Heard(one.row, one.segment.path, coding, line.decoded_at(number) - zero))
        number += len(one.samples)
    return heard


def _pieces(
    part: list[_Loaded], keep_from: int, keep_to: int
) -> tuple[tuple[Piece, ...], list[tuple[int, int]]]:
    pieces: list[Piece] = []
    chunks: list[tuple[int, int]] = []
    number = 0
    for one in part:
        first = max(0, keep_from - number)
        last = min(len(one.samples), keep_to - number)
        number += len(one.samples)
        # Where pictures behind the first are left out, the fragment is copied in two pieces.
        parts = ((first, min(last, 1)), (max(first, 1), last)) if one.left_out else ((first, last),)
        for begin, end in parts:
            if begin >= end:
                continue
            before = sum(sample.size for sample in one.samples[:begin])
            before += one.left_out_bytes if begin else 0
            length = sum(sample.size for sample in one.samples[begin:end])
            pieces.append(Piece(one.segment.path, one.row.offset + before, length))
            chunks.append((end - begin, length))
    return tuple(pieces), chunks


def _why(states: Sequence[CameraState], missing: Span) -> str:
    """Say why there is no footage of a span: what first went wrong in it, or had gone wrong before."""
    told = [
        one
        for one in states
        if one.status in (CameraStatus.LOST, CameraStatus.PAUSED) and one.since_at < missing.end_at
    ]
    during = [one for one in told if one.since_at >= missing.start_at - JOIN_US]
    cause = during[0] if during else told[-1] if told else None
    return "there is no footage of this time" if cause is None or cause.why is None else cause.why
