"""Slowing down whoever guesses passwords: so many wrong ones in a while, then none is looked at."""

from __future__ import annotations

from collections import deque

from tenban.base.clock import Instant, seconds
from tenban.base.errors import TooMany

_MOST_KEYS = 10_000


class Throttle:
    """Counts failures by key, in memory: a restart forgets them.

    Args:
        most: failures within the window before further tries are refused.
        window_s: how long a failure counts.
    """

    def __init__(self, *, most: int = 5, window_s: float = 300.0) -> None:
        self._most = most
        self._window_s = window_s
        self._failed: dict[str, deque[Instant]] = {}

    def check(self, key: str, now_at: Instant) -> None:
        """Let a try through.

        Raises:
            TooMany: too many failures; says how long to wait.
        """
        failed = self._recent(key, now_at)
        if len(failed) >= self._most:
            wait_s = (failed[0] + seconds(self._window_s) - now_at) // seconds(1) + 1
            raise TooMany(f"expected fewer wrong passwords, got {len(failed)}; wait {wait_s} s")

    def failed(self, key: str, now_at: Instant) -> None:
        """Count a failure."""
        if key not in self._failed and len(self._failed) >= _MOST_KEYS:
            self._failed.clear()
        failed = self._recent(key, now_at)
        failed.append(now_at)
        self._failed[key] = failed

    def passed(self, key: str) -> None:
        """Forget the failures of a key."""
        self._failed.pop(key, None)

    def _recent(self, key: str, now_at: Instant) -> deque[Instant]:
        old_at = now_at - seconds(self._window_s)
        return deque(at for at in self._failed.get(key, ()) if at > old_at)
