"""Slowing down whoever guesses."""

from __future__ import annotations

import pytest

from tenban.access.throttle import Throttle
from tenban.base.clock import seconds
from tenban.base.errors import TooMany


def test_after_so_many_failures_none_is_looked_at_for_a_while() -> None:
    """The error says how long to wait; another place is not affected; time heals."""
    throttle = Throttle(most=3, window_s=60)
    for n in range(3):
        throttle.check("lane-1", seconds(n))
        throttle.failed("lane-1", seconds(n))
    with pytest.raises(TooMany, match="wait 58 s"):
        throttle.check("lane-1", seconds(3))
    throttle.check("lane-2", seconds(3))
    throttle.check("lane-1", seconds(61))


def test_a_right_password_forgets_the_wrong_ones() -> None:
    """Failures before a success do not count."""
    throttle = Throttle(most=2)
    throttle.failed("lane-1", 0)
    throttle.passed("lane-1")
    throttle.failed("lane-1", 1)
    throttle.check("lane-1", 2)
