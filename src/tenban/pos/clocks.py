"""The offset of each till's clock from ours, found from nothing but the events themselves.

An event rung at ``rung_at`` (till's clock) arrives at ``received_at`` (ours). The difference is the clock's
offset plus a delay, and a delay is never negative: so the *smallest* recent difference is the best estimate
(the minimum filter of NTP, RFC 5905 section 10). A queue of old events only ever gives larger differences and
cannot spoil it. A till whose clock is set anew shows a run of events that agree with each other, not with the
estimate, and come as they happen; then the estimate follows.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from tenban.base.clock import MILLISECOND, SECOND, Instant

BAND = 2 * SECOND  # a difference this near to the estimate is the same clock, sooner or later delivered
FLOOR_OF = 32  # recent differences within the band, of which the smallest counts
SETTLED_BY = 4  # so many of them, and one lower difference alone no longer moves the estimate
STEP_EVENTS = 3  # so many events that agree with each other ...
STEP_TIGHT = 1 * SECOND  # ... this closely ...
STEP_SPAN = 2 * SECOND  # ... and were rung over this long, came as they happened: not out of a queue
LEAST_ERROR_US = 50 * MILLISECOND  # the quickest delivery takes a while, too: nobody can tell how long
LONGEST_QUEUE = 30 * 24 * 3600 * SECOND


class Placed(NamedTuple):
    """When an event occurred by our clock, and whether the till's time made no sense."""

    occurred_at: Instant
    doubted: bool


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What is known of one till's clock; ``offset_us``: ours minus the till's, give or take ``error_us``."""

    register: str
    shop: str
    offset_us: int
    observed_at: Instant
    stepped_at: Instant | None
    doubted: int
    error_us: int | None = None


class RegisterClock:
    """The clock of one till.

    Args:
        offset_us: what was known before, if anything.
        stepped_at: when the clock was last seen to be set anew.
        doubted: how many events had a time that made no sense.
    """

    def __init__(
        self, offset_us: int | None = None, *, stepped_at: Instant | None = None, doubted: int = 0
    ) -> None:
        self.stepped_at = stepped_at
        self.doubted = doubted
        self.observed_at: Instant = 0
        self._offset_us = offset_us
        self._near: deque[int] = deque([] if offset_us is None else [offset_us] * SETTLED_BY, FLOOR_OF)
        self._apart: deque[tuple[Instant, int]] = deque(maxlen=STEP_EVENTS)

    @property
    def offset_us(self) -> int:
        """Our clock minus the till's; 0 before the first event."""
        return self._offset_us or 0

    @property
    def error_us(self) -> int:
        """How far off that may be: what deliveries usually take beyond the quickest."""
        return (
            max(LEAST_ERROR_US, round(median(self._near)) - self.offset_us) if self._near else LEAST_ERROR_US
        )

    def observe(self, rung_at: Instant, received_at: Instant) -> None:
        """Learn from one arrival; of a batch, from its newest event (the others only waited longer)."""
        self.observed_at = received_at
        difference = received_at - rung_at
        if self._offset_us is None:
            self._restart([difference])
        elif abs(difference - self._offset_us) <= BAND:
            self._near.append(difference)
            self._apart.clear()
            self._offset_us = min(self._near)
        elif difference < self._offset_us and len(self._near) < SETTLED_BY:
            self._restart([difference])
        else:
            self._apart.append((rung_at, difference))
            self._follow_a_step(received_at)

    def place(self, rung_at: Instant, received_at: Instant) -> Placed:
        """Return when an event occurred: never after it was received."""
        occurred_at = rung_at + self.offset_us
        if occurred_at > received_at:
            doubted = occurred_at > received_at + BAND
        else:
            doubted = received_at - occurred_at > LONGEST_QUEUE
            if not doubted:
                return Placed(occurred_at, doubted=False)
        self.doubted += doubted
        return Placed(received_at, doubted)

    def _follow_a_step(self, received_at: Instant) -> None:
        if len(self._apart) < STEP_EVENTS:
            return
        rung = [rung_at for rung_at, _ in self._apart]
        differences = [difference for _, difference in self._apart]
        if max(differences) - min(differences) <= STEP_TIGHT and max(rung) - min(rung) >= STEP_SPAN:
            self._restart(differences)
            self.stepped_at = received_at

    def _restart(self, differences: list[int]) -> None:
        self._near.clear()
        self._near.extend(differences)
        self._apart.clear()
        self._offset_us = min(differences)


class Clocks:
    """The clocks of all tills that this process hears; says which readings are due to be kept."""

    def __init__(self, known: list[ClockReading]) -> None:
        self._clocks = {
            one.register: RegisterClock(one.offset_us, stepped_at=one.stepped_at, doubted=one.doubted)
            for one in known
        }
        self._kept: dict[str, ClockReading] = {}

    def of(self, register: str) -> RegisterClock:
        """Return the clock of a till."""
        clock = self._clocks.get(register)
        if clock is None:
            clock = self._clocks[register] = RegisterClock()
        return clock

    def due(self, register: str, shop: str) -> ClockReading | None:
        """Return the reading where it is worth keeping: changed and a second old, or 5 seconds old."""
        clock = self.of(register)
        kept = self._kept.get(register)
        if kept is not None:
            age = clock.observed_at - kept.observed_at
            same = abs(kept.offset_us - clock.offset_us) < MILLISECOND and kept.doubted == clock.doubted
            if age < SECOND or (same and age < 5 * SECOND):
                return None
        reading = ClockReading(
            register,
            shop,
            clock.offset_us,
            clock.observed_at,
            clock.stepped_at,
            clock.doubted,
            clock.error_us,
        )
        self._kept[register] = reading
        return reading
