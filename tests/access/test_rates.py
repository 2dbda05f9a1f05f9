"""Token buckets: never more than burst plus what has flowed in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenban.access.rates import Buckets, Rate
from tenban.base.clock import SECOND, seconds


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60), st.floats(0.5, 20), st.integers(1, 10))
def test_no_more_goes_through_than_the_rate_allows(gaps_s: list[float], per_s: float, burst: int) -> None:
    """However requests are spaced, at most burst + rate x time are let through."""
    buckets, at, passed = Buckets(Rate(per_s, burst)), 0, 0
    for gap_s in gaps_s:
        at += seconds(gap_s)
        passed += buckets.take("a", at) == 0
    assert passed <= burst + per_s * at / SECOND + 1e-6


@given(st.floats(0.1, 20), st.integers(1, 10))
def test_waiting_as_long_as_was_said_helps(per_s: float, burst: int) -> None:
    """The wait that is told is enough."""
    buckets = Buckets(Rate(per_s, burst))
    for _ in range(burst):
        assert buckets.take("a", 0) == 0
    wait_s = buckets.take("a", 0)
    assert wait_s > 0
    assert buckets.take("a", seconds(wait_s) + 1) == 0


def test_memory_is_bounded_and_a_clock_set_back_gives_nothing_away() -> None:
    """Of too many keys the one asked for longest ago is forgotten; a step back neither fills nor empties."""
    buckets = Buckets(Rate(1, 1), most_keys=2)
    assert [buckets.take(key, 10 * SECOND) for key in "abc"] == [0, 0, 0]
    assert buckets.take("a", 10 * SECOND) == 0
    assert buckets.take("c", 2 * SECOND) > 0
