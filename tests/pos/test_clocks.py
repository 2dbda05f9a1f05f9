"""Finding the offset of a till's clock."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import MILLISECOND, SECOND
from tenban.pos.clocks import BAND, SETTLED_BY, STEP_EVENTS, Clocks, RegisterClock

NOW = 1_795_312_800 * SECOND
offsets = st.integers(-40 * 365 * 86_400, 56 * 365 * 86_400).map(lambda length_s: length_s * SECOND)
delays = st.integers(5 * MILLISECOND, 900 * MILLISECOND)


def ring(clock: RegisterClock, offset: int, delay: int, occurred_at: int) -> int:
    """One event that occurred at an instant of ours; return where it was placed."""
    rung_at, received_at = occurred_at - offset, occurred_at + delay
    clock.observe(rung_at, received_at)
    return clock.place(rung_at, received_at).occurred_at


@given(offset=offsets, late=st.lists(delays, min_size=1, max_size=60))
def test_the_offset_is_off_by_the_shortest_delay(offset: int, late: list[int]) -> None:
    """Whatever the offset, the estimate is wrong by no more than the quickest recent delivery took."""
    clock = RegisterClock()
    for n, delay in enumerate(late):
        ring(clock, offset, delay, NOW + n * SECOND)
    assert clock.offset_us == offset + min(late[-32:])


@given(
    offset=offsets,
    late=st.lists(delays, min_size=8, max_size=20),
    queued_s=st.lists(st.integers(3, 86_400), max_size=30),
)
def test_a_queue_does_not_spoil_the_estimate(offset: int, late: list[int], queued_s: list[int]) -> None:
    """Old events that arrive at once after an outage change nothing, and are placed when they occurred."""
    clock = RegisterClock()
    for n, delay in enumerate(late):
        ring(clock, offset, delay, NOW + n * SECOND)
    known = clock.offset_us
    back_at = NOW + 90_000 * SECOND
    for n, waited_s in enumerate(sorted(queued_s, reverse=True)):
        occurred_at = back_at - waited_s * SECOND
        received_at = back_at + n * MILLISECOND
        clock.observe(occurred_at - offset, received_at)
        placed = clock.place(occurred_at - offset, received_at)
        assert abs(placed.occurred_at - occurred_at) <= SECOND
        assert not placed.doubted
    assert clock.offset_us == known


@given(
    offset=offsets, queued_s=st.integers(3, 86_400), late=st.lists(delays, min_size=SETTLED_BY, max_size=10)
)
def test_a_first_event_out_of_a_queue_is_forgotten(offset: int, queued_s: int, late: list[int]) -> None:
    """A till whose first event is old gives a wrong first estimate; the next live event puts it right."""
    clock = RegisterClock()
    ring(clock, offset, queued_s * SECOND, NOW - queued_s * SECOND)
    for n, delay in enumerate(late):
        ring(clock, offset, delay, NOW + n * SECOND)
    assert offset <= clock.offset_us <= offset + BAND + SECOND


@given(
    offset=offsets,
    step_s=st.integers(-40 * 86_400, 40 * 86_400).filter(lambda one: abs(one) > 4),
    late=st.lists(st.integers(5 * MILLISECOND, 400 * MILLISECOND), min_size=12, max_size=20),
)
def test_a_clock_set_anew_is_followed(offset: int, step_s: int, late: list[int]) -> None:
    """After three live events that agree the estimate has followed, forward or back."""
    clock = RegisterClock()
    for n, delay in enumerate(late):
        ring(clock, offset, delay, NOW + n * SECOND)
    assert clock.stepped_at is None
    for n in range(STEP_EVENTS):
        ring(clock, offset + step_s * SECOND, 20 * MILLISECOND, NOW + (60 + 2 * n) * SECOND)
    assert clock.stepped_at is not None
    assert clock.offset_us == (offset + step_s * SECOND) + 20 * MILLISECOND
    occurred_at = NOW + 80 * SECOND
    assert abs(ring(clock, offset + step_s * SECOND, 20 * MILLISECOND, occurred_at) - occurred_at) <= SECOND


@given(st.lists(st.tuples(st.integers(0, 7 * 10**15), st.integers(0, 10**9)), max_size=40))
def test_nothing_occurs_after_it_was_received(events: list[tuple[int, int]]) -> None:
    """However mad the times, an event is placed no later than its receipt."""
    clock = RegisterClock()
    received_at = NOW
    for rung_at, pause in events:
        received_at += pause
        clock.observe(rung_at, received_at)
        assert clock.place(rung_at, received_at).occurred_at <= received_at


def test_one_time_from_the_future_moves_nothing() -> None:
    """A settled clock stays as it is; the odd event is placed at its receipt and counted."""
    clock = RegisterClock()
    for n in range(10):
        ring(clock, 0, 20 * MILLISECOND, NOW + n * SECOND)
    known, received_at = clock.offset_us, NOW + 20 * SECOND
    clock.observe(received_at + 86_400 * SECOND, received_at)
    assert clock.place(received_at + 86_400 * SECOND, received_at) == (received_at, True)
    assert (clock.offset_us, clock.doubted) == (known, 1)


def test_a_month_in_a_queue_is_not_believed() -> None:
    """A time more than thirty days back is doubted and placed at the receipt."""
    clock = RegisterClock()
    for n in range(10):
        ring(clock, 0, 20 * MILLISECOND, NOW + n * SECOND)
    received_at = NOW + 20 * SECOND
    assert clock.place(received_at - 31 * 86_400 * SECOND, received_at) == (received_at, True)


def test_readings_are_kept_when_they_are_worth_it() -> None:
    """The first reading is due at once, the same again after five seconds, a changed one after one."""
    clocks = Clocks([])

    def due(after_s: int, delay_ms: int) -> bool:
        at = NOW + after_s * SECOND
        clocks.of("lane-1").observe(at - delay_ms * MILLISECOND, at)
        return clocks.due("lane-1", "ebisu") is not None

    assert [due(0, 50), due(2, 50), due(5, 50), due(5, 20), due(6, 20)] == [True, False, True, False, True]
