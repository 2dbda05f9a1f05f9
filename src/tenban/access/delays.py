"""How long to wait after wrong passwords: longer and longer, and never because of what strangers do.

Counted by account and by where the tries come from. A browser in which this person signed in before, and a
paired register, are held to their own mistakes only. What all strangers together do to an account slows
strangers alone, and by a minute at most: an account cannot be locked from outside, and guessing stays
hopeless (1,440 guesses a day against a password that is not among the common ones).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tenban.base.clock import SECOND, Instant, seconds

FORGOTTEN_S: Final = 24 * 3600
"""Wrong tries count until there was none for so long."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the wait grows.

    Attributes:
        free: wrong tries before there is any.
        first_s: the first wait, in seconds.
        factor: each next one is longer by it; 1: longer by ``first_s``.
        longest_s: where it stops growing.
    """

    free: int
    first_s: float
    factor: float
    longest_s: float


KNOWN_BROWSER: Final = Pace(free=5, first_s=2, factor=2, longest_s=15 * 60)
ADDRESS: Final = Pace(free=4, first_s=2, factor=2, longest_s=3600)
ALL_STRANGERS: Final = Pace(free=20, first_s=1, factor=1, longest_s=60)


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong tries of one kind, and when the last one was."""

    failures: int = 0
    last_at: Instant = 0

    def counted(self, now_at: Instant) -> int:
        """Return how many still count."""
        return 0 if now_at - self.last_at >= seconds(FORGOTTEN_S) else self.failures

    def failed(self, now_at: Instant) -> Tries:
        """Return the state after one more."""
        return Tries(self.counted(now_at) + 1, now_at)

    def wait_s(self, pace: Pace, now_at: Instant) -> int:
        """Return for how many seconds no try is looked at; 0: now it is."""
        over = self.counted(now_at) - pace.free
        if over < 0:
            return 0
        grown = pace.first_s * (over + 1) if pace.factor == 1 else pace.first_s * pace.factor ** min(over, 60)
        left_us = self.last_at + seconds(min(grown, pace.longest_s)) - now_at
        return max(0, -(-left_us // SECOND))
