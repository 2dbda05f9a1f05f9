"""Instants and the clock they come from.

An instant is an integer: microseconds since 1970-01-01T00:00:00Z. It compares, subtracts and stores
without surprises in SQLite and PostgreSQL alike. A name ending in ``_at`` holds an instant; a length of
time carries its unit (``gap_ms``, ``grace_s``).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias

Instant: TypeAlias = int

MICROSECOND: Instant = 1
MILLISECOND: Instant = 1_000
SECOND: Instant = 1_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Where the time comes from; passed in, never reached for."""

    def now(self) -> Instant:
        """Return the present instant (wall clock)."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds from an arbitrary start, never going back."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> Instant:
        """Return the present instant (wall clock)."""
        return time.time_ns() // 1_000

    def monotonic_s(self) -> float:
        """Return seconds from an arbitrary start, never going back."""
        return time.monotonic()


def seconds(length_s: float) -> Instant:
    """Return a length of time in instants' unit, rounded to the microsecond."""
    return round(length_s * SECOND)


def to_rfc3339(at: Instant) -> str:
    """Return the instant as RFC 3339 text in UTC with microseconds, as the API writes it."""
    moment = _EPOCH + timedelta(microseconds=at)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_rfc3339(text: str) -> Instant:
    """Return the instant an RFC 3339 text names.

    Raises:
        ValueError: the text is no RFC 3339 time, or carries no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"expected a time with an offset such as 2026-11-22T12:05:57+09:00, got {text!r}")
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def to_datetime(at: Instant) -> datetime:
    """Return the instant as an aware UTC datetime, for formatting in a shop's time zone."""
    return _EPOCH + timedelta(microseconds=at)
