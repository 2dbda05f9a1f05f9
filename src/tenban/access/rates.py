"""How often one may ask: token buckets by actor and address, in this process's memory.

A bucket holds ``burst`` tokens and gains ``per_s`` each second; each request takes one. A restart fills all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from tenban.base.clock import SECOND, Instant

MOST_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests: ``per_s`` for as long as one likes, ``burst`` at once."""

    per_s: float
    burst: float


class Buckets:
    """The buckets of one rate, one for each key.

    Args:
        rate: of every bucket.
        most_keys: beyond so many, whoever came first begins with a full bucket again.
    """

    def __init__(self, rate: Rate, *, most_keys: int = MOST_KEYS) -> None:
        self._rate = rate
        self._most_keys = most_keys
        self._known: dict[Hashable, tuple[float, Instant]] = {}

    def take(self, key: Hashable, now_at: Instant) -> float:
        """Take a token; return 0, or the seconds until there will be one."""
        rate = self._rate
        level, since_at = self._known.pop(key, (rate.burst, now_at))
        # A clock that was set back neither fills nor empties a bucket.
        level = min(rate.burst, level + max(0, now_at - since_at) / SECOND * rate.per_s)
        wait_s = 0.0 if level >= 1 else (1 - level) / rate.per_s
        if wait_s == 0:
            level -= 1
        # Put in anew, so that those asked for longest ago come first.
        self._known[key] = (level, now_at)
        if len(self._known) > self._most_keys:
            del self._known[next(iter(self._known))]
        return wait_s


SALE_EVENTS = Rate(10_000, 20_000)
"""Requests of one till; more than a machine can commit, so that it bounds only what has gone mad."""


@dataclass(slots=True)
class Refusals:
    """What this process has refused since it began, by why; shown by ``/api/v1/health``.

    Attributes:
        counts: by kind, such as ``rate:sign_in``, ``size`` or ``foreign``.
        told_at: when each kind was logged last.
    """

    counts: Counter[str] = field(default_factory=Counter)
    told_at: dict[str, Instant] = field(default_factory=dict)

    def count(self, kind: str, now_at: Instant) -> bool:
        """Count one; tell whether it should be logged, which is once a minute for each kind."""
        self.counts[kind] += 1
        if now_at - self.told_at.get(kind, -60 * SECOND) < 60 * SECOND:
            return False
        self.told_at[kind] = now_at
        return True


def refusals_of(app: Any) -> Refusals:
    """Return this process's count, made at its first use."""
    found: Refusals | None = getattr(app.state, "refusals", None)
    if found is None:
        found = app.state.refusals = Refusals()
    return found


def buckets_of(app: Any, name: str, rate: Rate) -> Buckets:
    """Return this process's buckets of a name, made at their first use."""
    every: dict[str, Buckets] | None = getattr(app.state, "buckets", None)
    if every is None:
        every = app.state.buckets = {}
    found = every.get(name)
    if found is None:
        found = every[name] = Buckets(rate)
    return found
