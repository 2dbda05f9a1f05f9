"""A till's clock, seen afterwards."""

from __future__ import annotations

from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenban.base.clock import MILLISECOND, SECOND, Instant
from tenban.pos.clock_history import Arrival, ClockHistory

NOW = 1_795_312_800 * SECOND
HOUR_S = 3600
NEAR_US = 100 * MILLISECOND

seeds = st.integers(0, 2**32)
drifts = st.floats(-100e-6, 100e-6)
offsets = st.integers(-40 * 86_400, 40 * 86_400).map(lambda length_s: length_s * SECOND)


def told(
    seed: int,
    *,
    offset: int,
    drift: float = 0.0,
    step_s: int = 0,
    length_s: int = 2 * HOUR_S,
    queued: int = 0,
) -> tuple[list[Arrival], list[Instant]]:
    """Two hours of sales at a till: what arrived, and when each event truly occurred.

    The clock is off by ``offset``, drifts, and is set by ``step_s`` in between; deliveries take 5 to 90 ms;
    ``queued`` events in a row, before the clock is set, wait for a line that was cut.
    """
    chance = Random(seed)  # noqa: S311  # delays, no secrets
    at, step_at = NOW, NOW + chance.randrange(length_s // 2, length_s * 3 // 4) * SECOND
    events: list[tuple[Instant, Instant, Instant]] = []
    while at < NOW + length_s * SECOND:
        for _ in range(chance.randrange(4, 16)):
            at += chance.randrange(600, 4000) * MILLISECOND
            off = offset + (step_s * SECOND if at >= step_at else 0) + round(drift * (at - NOW))
            events.append((at + chance.randrange(5_000, 90_000), at - off, at))
        at += chance.randrange(5, 120) * SECOND
    before = sum(1 for _, _, true_at in events if true_at < step_at)
    if queued:
        first = chance.randrange(20, before - queued - 20)
        back_at = events[first + queued][0]
        for place in range(first, first + queued):
            _, rung_at, true_at = events[place]
            events[place] = (back_at + place - first, rung_at, true_at)
    events.sort(key=lambda one: one[0])
    arrivals = [Arrival(n, rung_at, received_at) for n, (received_at, rung_at, _) in enumerate(events, 1)]
    return arrivals, [true_at for _, _, true_at in events]


@settings(max_examples=60)
@given(seed=seeds, offset=offsets, drift=drifts, back=st.booleans())
@example(seed=1448961, offset=0, drift=0.0, back=True)  # the last event before it came quicker than all
def test_a_step_of_an_hour_leaves_every_event_within_100_ms(
    seed: int, offset: int, drift: float, *, back: bool
) -> None:
    """Before the step, right after it and ever on, each event is placed where it was, drift or not."""
    arrivals, true_at = told(seed, offset=offset, drift=drift, step_s=-HOUR_S if back else HOUR_S)
    history = ClockHistory(arrivals)
    worst = max(abs(history.place(one) - at) for one, at in zip(arrivals, true_at, strict=True))
    assert worst <= NEAR_US
    assert history.now().stepped_at is not None


@settings(max_examples=40)
@given(seed=seeds, offset=offsets, drift=drifts, queued=st.integers(1, 30))
def test_what_waited_in_a_queue_is_placed_when_it_was_rung(
    seed: int, offset: int, drift: float, queued: int
) -> None:
    """A line that was cut spoils neither its own events nor the others."""
    arrivals, true_at = told(seed, offset=offset, drift=drift, queued=queued)
    history = ClockHistory(arrivals)
    worst = max(abs(history.place(one) - at) for one, at in zip(arrivals, true_at, strict=True))
    assert worst <= NEAR_US
    assert history.now().stepped_at is None


@settings(max_examples=30)
@given(seed=seeds, offset=offsets, queued=st.integers(1, 20))
def test_a_queue_before_a_step_stays_before_it(seed: int, offset: int, queued: int) -> None:
    """Events that waited, then a clock that is set: each keeps its own offset."""
    arrivals, true_at = told(seed, offset=offset, step_s=-HOUR_S, queued=queued)
    history = ClockHistory(arrivals)
    assert max(abs(history.place(one) - at) for one, at in zip(arrivals, true_at, strict=True)) <= NEAR_US


@given(st.lists(st.tuples(st.integers(0, 7 * 10**15), st.integers(0, 10**9)), max_size=40))
def test_nothing_is_placed_after_it_was_received(events: list[tuple[int, int]]) -> None:
    """However mad the times, a moment is no later than its receipt, and there is an error bound."""
    received_at, arrivals = NOW, []
    for n, (rung_at, pause) in enumerate(events):
        received_at += pause
        arrivals.append(Arrival(n, rung_at, received_at))
    history = ClockHistory(arrivals)
    assert all(history.place(one) <= one.received_at for one in arrivals)
    assert history.now().error_us >= 0


def test_a_single_event_is_placed_at_its_receipt() -> None:
    """Nothing else is known: the till's clock is taken to be off by all of the difference."""
    history = ClockHistory([Arrival(1, NOW - 5_000 * SECOND, NOW)])
    assert history.place(Arrival(1, NOW - 5_000 * SECOND, NOW)) == NOW


def test_cameras_help_where_every_delivery_is_late() -> None:
    """A till that hands over a sale at its end: what cameras saw tells the offset, strays and all."""
    chance = Random(4)  # noqa: S311  # delays, no secrets
    ahead_us, arrivals, seen = 7 * SECOND, [], []
    for n in range(40):
        true_at = NOW + n * 5 * SECOND
        arrivals.append(Arrival(n, true_at + ahead_us, NOW + 400 * SECOND + n))
        stray_us = 3 * SECOND if n % 9 == 0 else chance.randrange(-60_000, 60_000)
        seen.append((n, true_at + stray_us))
    history = ClockHistory(arrivals, seen)
    assert abs(history.now().offset_us + ahead_us) <= NEAR_US
    assert all(abs(history.place(one) - (NOW + n * 5 * SECOND)) <= NEAR_US for n, one in enumerate(arrivals))
