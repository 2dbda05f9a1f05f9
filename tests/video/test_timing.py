"""Times come out right: growing, close to the truth, and begun anew where a clock jumps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import MILLISECOND, SECOND
from tenban.video.packets import TICKS_PER_S, ticks_to_us, us_to_ticks
from tenban.video.timing import Arrival, CaptureClock, JumpWatch, StampFiller

T0 = 1_795_312_800 * SECOND
STEP = TICKS_PER_S // 15

delays = st.lists(st.integers(0, 300_000), min_size=50, max_size=200)


@given(delays, st.integers(0, 1 << 40))
def test_capture_times_grow_and_lie_before_the_arrivals_once_settled(delay_us: list[int], base: int) -> None:
    """However much packets are delayed, pictures stay in order, and none is taken after it came."""
    clock = CaptureClock()
    last_at = None
    for number, delay in enumerate(delay_us):
        pts = base + number * STEP
        clock.learn(pts, T0 + ticks_to_us(number * STEP) + delay)
        captured_at = clock.captured_at(pts)
        assert last_at is None or captured_at > last_at
        last_at = captured_at


def test_a_drifting_camera_is_followed() -> None:
    """A camera whose crystal is 100 ppm fast stays within two milliseconds over an hour."""
    clock = CaptureClock()
    for number in range(0, 15 * 3600, 5):
        true_us = number * SECOND // 15
        pts = us_to_ticks(true_us + true_us // 10_000)
        clock.learn(pts, T0 + true_us + 20 * MILLISECOND)
        captured_at = clock.captured_at(pts)
        assert abs(captured_at - (T0 + true_us + 20 * MILLISECOND)) < 5 * MILLISECOND


def test_a_late_burst_does_not_move_the_clock() -> None:
    """A network that stalls for three seconds and then delivers everything changes nothing."""
    clock, jumps = CaptureClock(), JumpWatch()
    for number in range(300):
        pts = number * STEP
        due_us = ticks_to_us(pts)
        came_us = max(due_us, 13 * SECOND) if due_us > 10 * SECOND else due_us
        assert jumps.why_new_run(pts, Arrival(T0 + came_us, came_us)) is None
        clock.learn(pts, T0 + came_us)
        assert abs(clock.captured_at(pts) - (T0 + due_us)) < 20 * MILLISECOND


def test_each_kind_of_jump_begins_a_new_run() -> None:
    """Stream time going back or ahead, and a wall clock that is set, are told apart."""
    cases = {
        "stream time went back": (-60 * TICKS_PER_S, 0),
        "stream time jumped ahead": (60 * TICKS_PER_S, 0),
        "the wall clock was set": (0, 3600 * SECOND),
    }
    for why, (ticks, wall_us) in cases.items():
        jumps = JumpWatch()
        for number in range(30):
            at = number * SECOND // 15
            assert jumps.why_new_run(1_000_000_000 + number * STEP, Arrival(T0 + at, at)) is None
        at = 2 * SECOND
        arrival = Arrival(T0 + at + wall_us, at)
        assert jumps.why_new_run(1_000_000_000 + 30 * STEP + ticks, arrival) == why
        again = Arrival(arrival.wall_at + SECOND // 15, at + SECOND // 15)
        assert jumps.why_new_run(1_000_000_000 + 31 * STEP + ticks, again) is None


@given(
    st.integers(0, 3),
    st.lists(st.integers(1, 5), min_size=5, max_size=30),
    st.integers(0, 2),
)
def test_decoding_times_grow_and_never_lie_after_the_showing(
    reorder: int, steps: list[int], unstamped: int
) -> None:
    """With any reordering the filled-in decoding times grow, and no picture is shown before it is decoded."""
    shown = [0]
    for step in steps:
        shown.append(shown[-1] + step * 3000)
    group = reorder + 1
    decoded = [shown[0]]
    for start in range(1, len(shown), group):
        part = shown[start : start + group]
        decoded += [part[-1], *part[:-1]]
    filler = StampFiller(1 if reorder else 0)
    ready: list[tuple[int, int]] = []
    for number, pts in enumerate(decoded):
        ready += filler.add(None if number < unstamped else pts, None)
    dts = [one for _, one in ready]
    assert dts == sorted(set(dts))
    if not unstamped:
        assert all(pts >= one for pts, one in ready)
        assert [pts for pts, _ in ready] == decoded[: len(ready)]


def test_the_first_packet_of_rtsp_is_given_the_time_before_the_second() -> None:
    """A packet that came without any stamp is counted back from the two after it."""
    filler = StampFiller()
    assert filler.add(None, None) == []
    assert filler.add(12_000, None) == []
    assert filler.add(18_000, None) == [(6000, 6000), (12_000, 12_000), (18_000, 18_000)]
    assert filler.add(24_000, None) == [(24_000, 24_000)]
