"""Fakes of the edge of the world, shipped so that every test and story uses the same ones."""

from __future__ import annotations

from tenban.base.clock import Instant, seconds


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now_at: Instant = 1_795_312_800_000_000) -> None:
        self._now_at = now_at
        self._monotonic_s = 0.0

    def now(self) -> Instant:
        """Return the instant the clock was moved to."""
        return self._now_at

    def monotonic_s(self) -> float:
        """Return the seconds by which the clock was moved forward."""
        return self._monotonic_s

    def fast_forward(self, *, minutes: float = 0, length_s: float = 0) -> None:
        """Move the clock forward."""
        total_s = minutes * 60 + length_s
        self._now_at += seconds(total_s)
        self._monotonic_s += total_s

    def step_to(self, at: Instant) -> None:
        """Set the wall clock, as an administrator or NTP would; the monotonic clock does not move."""
        self._now_at = at
