"""Where to cut: the pictures of some fragments on one line of time. Pure arithmetic.

Every fragment stands where the wall clock says, so a clip's time is the wall's even across gaps; within
a fragment the stream's own times hold.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tenban.base.clock import SECOND, Instant
from tenban.base.span import Span
from tenban.video.packets import ticks_to_us, us_to_ticks
from tenban.video.samples import Sample

JOIN_US = SECOND // 5
"""Pictures closer than this follow each other without a gap."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a time line; pictures are numbered in decoding order.

    Attributes:
        span: from the beginning of the first shown picture to the end of the last.
        keep_from: the first picture needed for decoding, a keyframe.
        keep_to: one past the last picture needed.
        frames: pictures shown.
        skip_ticks: from the decoding of the first needed picture to the first shown one.
        shown_ticks: length of what is shown.
        gaps: parts of the asked span without pictures.
    """

    span: Span
    keep_from: int
    keep_to: int
    frames: int
    skip_ticks: int
    shown_ticks: int
    gaps: tuple[Span, ...]


class TimeLine:
    """Pictures in decoding order with times in ticks from the first one's showing."""

    def __init__(self, origin_at: Instant) -> None:
        self._origin_at = origin_at
        self._samples: list[Sample] = []
        self._dts: list[int] = []
        self._pts: list[int] = []

    @classmethod
    def of(cls, fragments: Sequence[tuple[Instant, Sequence[Sample]]]) -> TimeLine:
        """Lay out fragments, each given by the instant of its first picture and its samples."""
        line = cls(fragments[0][0] if fragments else 0)
        for start_at, samples in fragments:
            line._append(start_at, samples)
        return line

    def cut(self, asked: Span) -> Cut | None:
        """Return the smallest cut that shows all pictures of a span, or None where there is none."""
        order = sorted(range(len(self._pts)), key=self._pts.__getitem__)
        shown = [self._pts[number] for number in order]
        ends = [shown[place] + self._samples[number].duration for place, number in enumerate(order)]
        start = us_to_ticks(asked.start_at - self._origin_at)
        stop = us_to_ticks(asked.end_at - self._origin_at)
        join = us_to_ticks(JOIN_US)
        first = max(0, bisect_right(shown, start) - 1)
        last = bisect_left(shown, stop) - 1
        if first <= last and ends[first] + join <= start:
            first += 1
        if first > last:
            return None
        for place in range(first, len(shown) - 1):
            if shown[place + 1] - ends[place] <= join:
                ends[place] = shown[place + 1]
        holes = [
            (ends[place], shown[place + 1]) for place in range(first, last) if ends[place] < shown[place + 1]
        ]
        if shown[first] > start + join:
            holes.insert(0, (start, shown[first]))
        if ends[last] < stop - join:
            holes.append((ends[last], stop))
        needed = order[first : last + 1]
        keep_from = max(
            (
                n
                for n in range(needed[0] + 1)
                if self._samples[n].is_keyframe and self._pts[n] <= shown[first]
            ),
            default=0,
        )
        return Cut(
            span=self._span(shown[first], ends[last]),
            keep_from=keep_from,
            keep_to=max(needed) + 1,
            frames=len(needed),
            skip_ticks=shown[first] - self._dts[keep_from],
            shown_ticks=ends[last] - shown[first],
            gaps=tuple(self._span(*hole) for hole in holes),
        )

    def samples(self, cut: Cut) -> list[Sample]:
        """Return the pictures a cut needs, each as long as it takes to the next one's decoding."""
        kept = self._samples[cut.keep_from : cut.keep_to]
        times = self._dts[cut.keep_from : cut.keep_to]
        end = times[0] + cut.skip_ticks + cut.shown_ticks
        steps = [
            after - before for before, after in zip(times, [*times[1:], max(end, times[-1] + 1)], strict=True)
        ]
        return [
            one if one.duration == step else Sample(one.size, step, one.offset, one.is_keyframe)
            for one, step in zip(kept, steps, strict=True)
        ]

    def decoded_at(self, number: int) -> int:
        """Return when a picture is decoded, in ticks of this line."""
        return self._dts[number]

    def _append(self, start_at: Instant, samples: Sequence[Sample]) -> None:
        dts = us_to_ticks(start_at - self._origin_at) - samples[0].offset
        if self._dts:
            # Slewing may set a fragment a few ticks too early; pictures are decoded one after the other.
            dts = max(dts, self._dts[-1] + 1)
        for one in samples:
            self._samples.append(one)
            self._dts.append(dts)
            self._pts.append(dts + one.offset)
            dts += one.duration

    def _span(self, start: int, end: int) -> Span:
        return Span(self._origin_at + ticks_to_us(start), self._origin_at + ticks_to_us(end))
