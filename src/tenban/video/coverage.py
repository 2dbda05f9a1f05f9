"""What there is of a camera's footage in a span, what is missing, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tenban.base.clock import Instant
from tenban.base.span import Span
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.packets import ticks_to_us
from tenban.video.queries import FootageIndex
from tenban.video.samples import unpack_samples
from tenban.video.timeline import JOIN_US

LATEST_US = 3_000_000
"""What was filmed this short a while ago may not be in the index yet: no hole."""
_SLACK_US = 2_000_000
"""A camera's state changes a little after its pictures have stopped."""

Cause = Literal["lost", "paused", "off", "not_kept"]


@dataclass(frozen=True, slots=True)
class Hole:
    """A part of a span without footage.

    Attributes:
        cause: ``lost``: the camera did not answer; ``paused``: the disk took no more; ``off``: nothing
            recorded it; ``not_kept``: older than the oldest footage that is kept.
        why: what went wrong, in the recorder's words; None where nothing was written down.
    """

    span: Span
    cause: Cause
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What there is of one camera in a span.

    Attributes:
        from_at: where the camera's kept footage begins; None where there is none at all.
        until_at: where its newest footage ends.
    """

    camera: str
    filmed: tuple[Span, ...]
    holes: tuple[Hole, ...]
    from_at: Instant | None
    until_at: Instant | None


def coverage(index: FootageIndex, camera: str, span: Span, now_at: Instant) -> Coverage:
    """Return what there is of a camera in a span; what is still to come is no hole."""
    filmed = joined(index.filmed(camera, span), span)
    oldest_at = index.recorded_from(camera)
    past = Span(span.start_at, max(span.start_at, min(span.end_at, now_at - LATEST_US)))
    missing = between(filmed, past)
    states = index.states_of(camera, past) if missing else []
    holes = [part for hole in missing for part in _told(hole, states, oldest_at)]
    return Coverage(camera, tuple(filmed), tuple(holes), oldest_at, index.recorded_until(camera))


def joined(spans: Iterable[Span], within: Span) -> list[Span]:
    """Return spans in order, those that meet or follow each other as one, cut to ``within``. Pure."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start_at):
        start_at, end_at = max(span.start_at, within.start_at), min(span.end_at, within.end_at)
        if start_at >= end_at:
            continue
        if found and start_at - found[-1].end_at <= JOIN_US:
            found[-1] = Span(found[-1].start_at, max(found[-1].end_at, end_at))
        else:
            found.append(Span(start_at, end_at))
    return found


def between(filmed: Sequence[Span], within: Span) -> list[Span]:
    """Return what is missing of a span, given what is there in order. Pure."""
    missing, at = [], within.start_at
    for span in filmed:
        if span.start_at - at > JOIN_US:
            missing.append(Span(at, min(span.start_at, within.end_at)))
        at = max(at, span.end_at)
    if within.end_at - at > JOIN_US:
        missing.append(Span(at, within.end_at))
    return [span for span in missing if span.length_s > 0]


def pictures(index: FootageIndex, camera: str, span: Span) -> list[Instant]:
    """Return when each picture of a span was taken, in order: for stepping from one to the next."""
    found: set[Instant] = set()
    for row, _segment in index.for_span(camera, span):
        samples = unpack_samples(row.samples)
        dts, first = 0, samples[0].offset
        for one in samples:
            found.add(row.start_at + ticks_to_us(dts + one.offset - first))
            dts += one.duration
    return sorted(at for at in found if span.holds(at))


def _told(hole: Span, states: Sequence[CameraState], oldest_at: Instant | None) -> list[Hole]:
    if oldest_at is None:
        return [_because(hole, states)]
    if hole.end_at <= oldest_at:
        return [Hole(hole, "not_kept")]
    if hole.start_at < oldest_at:
        return [
            Hole(Span(hole.start_at, oldest_at), "not_kept"),
            _because(Span(oldest_at, hole.end_at), states),
        ]
    return [_because(hole, states)]


def _because(hole: Span, states: Sequence[CameraState]) -> Hole:
    """Say what first went wrong in a hole, or had gone wrong before it."""
    before = [one for one in states if one.since_at < hole.end_at]
    during = [one for one in before if one.since_at >= hole.start_at - _SLACK_US]
    wrong = [one for one in during if one.status in _WRONG]
    cause = wrong[0] if wrong else before[-1] if before and not during else None
    if cause is None or cause.status not in _WRONG:
        return Hole(hole, "off")
    return Hole(hole, _WRONG[cause.status], cause.why)


_WRONG: dict[CameraStatus, Cause] = {CameraStatus.LOST: "lost", CameraStatus.PAUSED: "paused"}
