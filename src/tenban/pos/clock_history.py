"""A till's clock seen afterwards: which offset it had when, by its events' arrivals and by what cameras saw.

While events come in, :mod:`tenban.pos.clocks` has to decide at once, and needs three events to believe that
a clock was set anew: until then they are placed by the old offset, an hour off where the clock was set by an
hour. Whoever looks back has the events that came after, too:

1. *Live* events: some that follow one another, were rung over two seconds and more, and agree in "received -
   rung" within a second. A queue that is delivered at once does not: what was rung earlier waited longer.
2. *Stretches*: the smallest difference of the eight live events before a place, and of the eight from it on,
   are the offset there and a short delay. Where they differ by more than delays do, the clock was set anew.
3. Within a stretch the smallest difference of the nearest events, within ten minutes where there are enough,
   is the offset (the minimum filter of RFC 5905, section 10, on both sides instead of one). Ten minutes of a
   clock that is 100 parts in a million off are 60 ms.
4. *Sightings*: where registrations are matched with items that a camera saw
   (:mod:`tenban.pos.sightings`), the median of the nearest pairs is an offset, too. It is coarser, and counts
   only where it lies further below that of the receipts than twice its own error: then deliveries were late,
   and the receipts' offset is further off. So what cameras saw makes nothing worse than receipts alone, as
   long as its error is what it says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Literal, NamedTuple, TypeAlias

from tenban.base.clock import MILLISECOND, SECOND, Instant
from tenban.pos.clocks import BAND, LEAST_ERROR_US, STEP_EVENTS, STEP_SPAN, STEP_TIGHT

LOOK_BACK_US = 2 * 3600 * SECOND
"""How much further than a span one has to look to judge its events: events are misplaced by as much as
the clock was set, and a wrong hour is what clocks are set by."""
_LONGEST_LOOK = 6  # events within which two seconds of ringing have to be
_SIDE = 8  # events whose smallest difference stands for the offset there
_STEP_US = 300 * MILLISECOND  # less may be delays
_NEAR_US = 600 * SECOND
_MOST_NEAR, _LEAST_NEAR = 32, 8
_MOST_SEEN = 24
_LATE_SHARE = 0.2
_SEEN_STEP_US, _SEEN_BESIDE_US = 10 * SECOND, 60 * SECOND
_BACK_US, _LEAP_US = 2 * SECOND, 1200 * SECOND


class Arrival(NamedTuple):
    """When an event was rung by the till's clock, and received by ours; ``n`` is the order of receipt."""

    n: int
    rung_at: Instant
    received_at: Instant

    @property
    def difference(self) -> int:
        """The offset and a delay."""
        return self.received_at - self.rung_at


How: TypeAlias = Literal["receipts", "sightings"]


class Offset(NamedTuple):
    """The till's clock at one moment.

    Attributes:
        offset_us: our clock minus the till's.
        error_us: how far off that may be, either way: what deliveries usually take beyond the quickest.
        stepped_at: when the clock was set anew last, as far as is known here.
        how: by which it was estimated: ``receipts`` of events, or ``sightings`` of items.
        number: of how many of them.
    """

    offset_us: int
    error_us: int
    stepped_at: Instant | None
    how: How = "receipts"
    number: int = 0


class ClockHistory:
    """The offsets of one till's clock over a while.

    Args:
        arrivals: of its events, any order; none: the clocks are taken to agree.
        seen: for some of the events, by ``n``, when a camera saw what was rung, by our clock.
        hand_us: how far what is registered usually lies from the moment it is given as seen.
    """

    def __init__(
        self, arrivals: Sequence[Arrival], seen: Sequence[tuple[int, Instant]] = (), *, hand_us: int = 0
    ) -> None:
        self._all = sorted(arrivals)
        self._live = _live(self._all)
        slow = not self._live
        if slow:
            self._live = list(self._all)
        self._numbers = [one.n for one in self._live]
        self._starts = [0] if slow else _starts(self._live)
        self._known: dict[int, Offset] = {}
        self._seen = _Seen(self._all, seen, hand_us)

    def of(self, arrival: Arrival) -> Offset:
        """Return the offset by which one event is put right."""
        if not self._live:
            return Offset(0, 0, None)
        return self._seen.better(arrival, self._received(arrival))

    def _received(self, arrival: Arrival) -> Offset:
        """Return the offset by receipts alone."""
        place = min(bisect_left(self._numbers, arrival.n), len(self._live) - 1)
        own = self._offset(place)
        if arrival.difference - own.offset_us <= BAND or self._live[place].n == arrival.n:
            return own
        # It waited. Perhaps so long that the clock was set anew meanwhile: the shortest wait is believed.
        others = [self._offset(start, arrival.rung_at) for start in self._starts]
        # An offset holds the shortest delay seen: one that came quicker still waited less than nothing.
        return min(
            (one for one in others if arrival.difference - one.offset_us >= -one.error_us),
            key=lambda one: arrival.difference - one.offset_us,
            default=own,
        )

    @property
    def is_late(self) -> bool:
        """Whether so many events waited that their receipts tell little: then it is worth asking cameras."""
        waited = sum(one.received_at - self.place(one) > BAND for one in self._all)
        return waited > len(self._all) * _LATE_SHARE

    def place(self, arrival: Arrival) -> Instant:
        """Return when an event occurred by our clock: never after it was received."""
        return min(arrival.rung_at + self.of(arrival).offset_us, arrival.received_at)

    def now(self) -> Offset:
        """Return the offset at the newest event."""
        return (
            self._seen.better(self._all[-1], self._offset(len(self._live) - 1))
            if self._live
            else Offset(0, 0, None)
        )

    def _offset(self, place: int, rung_at: Instant | None = None) -> Offset:
        """Return the offset within the stretch of a live event, near it or near a time of the till."""
        stretch = bisect_left(self._starts, place + 1) - 1
        start = self._starts[stretch]
        stop = self._starts[stretch + 1] if stretch + 1 < len(self._starts) else len(self._live)
        if rung_at is not None:
            place = min(bisect_left(self._live, rung_at, start, stop, key=_rung_at), stop - 1)
        found = self._known.get(place)
        if found is None:
            found = self._known[place] = self._near(place, start, stop, is_first=stretch == 0)
        return found

    def _near(self, place: int, start: int, stop: int, *, is_first: bool) -> Offset:
        """Return what the live events around one of them tell, out of those from ``start`` to ``stop``."""
        at = self._live[place].rung_at
        around = self._live[max(start, place - _MOST_NEAR // 2) : min(stop, place + _MOST_NEAR // 2)]
        near = [one.difference for one in around if abs(one.rung_at - at) <= _NEAR_US]
        if len(near) < _LEAST_NEAR:
            nearest = sorted(around, key=lambda one: abs(one.rung_at - at))[:_LEAST_NEAR]
            near = [one.difference for one in nearest]
        least = min(near)
        error_us = max(LEAST_ERROR_US, round(median(near)) - least)
        return Offset(
            least, error_us, None if is_first else self._live[start].received_at, "receipts", len(near)
        )


def _rung_at(arrival: Arrival) -> Instant:
    return arrival.rung_at


def _live(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Return the events that came as they happened."""
    is_live = [False] * len(arrivals)
    for start, first in enumerate(arrivals):
        lowest = highest = first.difference
        earliest = latest = first.rung_at
        for stop in range(start + 1, min(start + _LONGEST_LOOK, len(arrivals))):
            one = arrivals[stop]
            lowest, highest = min(lowest, one.difference), max(highest, one.difference)
            if highest - lowest > STEP_TIGHT:
                break
            earliest, latest = min(earliest, one.rung_at), max(latest, one.rung_at)
            if stop - start + 1 >= STEP_EVENTS and latest - earliest >= STEP_SPAN:
                is_live[start : stop + 1] = [True] * (stop + 1 - start)
    return [one for one, live in zip(arrivals, is_live, strict=True) if live]


def _starts(live: Sequence[Arrival]) -> list[int]:
    """Return where each stretch begins: at the first event, and where the clock was set anew."""
    differences = [one.difference for one in live]
    spreads = [
        differences[place] - min(differences[max(0, place - _SIDE) : place + _SIDE])
        for place in range(len(differences))
    ]
    threshold = max(_STEP_US, 2 * round(median(spreads)))
    starts = [0]
    place = 1
    while place < len(differences):
        before = min(differences[max(starts[-1], place - _SIDE) : place])
        jump = min(differences[place : place + _SIDE]) - before
        if jump > threshold and len(differences) - place >= STEP_EVENTS:
            # Set back: nothing from here on is as quick as before.
            starts.append(place)
        elif differences[place] < before - threshold:
            # Set forward: quicker than the quickest can only be another clock.
            starts.append(place)
        place += 1
    return starts


def unbroken(arrivals: Iterable[Arrival]) -> list[list[Arrival]]:
    """Split where the till's own time goes back or leaps: nothing goes on across a clock that was set."""
    found: list[list[Arrival]] = []
    for one in arrivals:
        if not found or not -_BACK_US <= one.rung_at - found[-1][-1].rung_at <= _LEAP_US:
            found.append([])
        found[-1].append(one)
    return found


class _Pair(NamedTuple):
    """An event that a camera saw: its number, its time by the till, and the offset that says."""

    n: int
    rung_at: Instant
    difference: int


class _Seen:
    """The offset by what cameras saw, near an event; in stretches between settings of the clock."""

    def __init__(
        self, arrivals: Sequence[Arrival], seen: Sequence[tuple[int, Instant]], hand_us: int
    ) -> None:
        self._hand_us = hand_us
        self._stretches: list[tuple[int, list[_Pair]]] = []
        self._part_of: dict[int, int] = {}
        moments = dict(seen)
        for part, unbroken_part in enumerate(unbroken(arrivals) if moments else ()):
            self._part_of |= {one.n: part for one in unbroken_part}
            pairs = [
                _Pair(one.n, one.rung_at, moments[one.n] - one.rung_at)
                for one in unbroken_part
                if one.n in moments
            ]
            self._stretches += [(part, one) for one in _stretches(pairs) if len(one) >= _LEAST_NEAR]

    def better(self, arrival: Arrival, received: Offset) -> Offset:
        """Return the offset by sightings where it is surely nearer than that by receipts, else the latter."""
        part = self._part_of.get(arrival.n)
        own = next((pairs for of, pairs in self._stretches if of == part and _holds(pairs, arrival)), None)
        if own is None:
            return received
        place = bisect_left(own, arrival.n, key=lambda pair: pair.n)
        start = max(0, min(place - _MOST_SEEN // 2, len(own) - _MOST_SEEN))
        differences = [pair.difference for pair in own[start : start + _MOST_SEEN]]
        middle = round(median(differences))
        spread_us = round(median(abs(one - middle) for one in differences))
        error_us = max(LEAST_ERROR_US, spread_us + self._hand_us)
        if received.offset_us - middle <= 2 * error_us:
            return received
        before = any(pairs[0].n < own[0].n for _, pairs in self._stretches)
        stepped_at = own[0].rung_at + own[0].difference if before else received.stepped_at
        return Offset(middle, error_us, stepped_at, "sightings", len(differences))


def _holds(stretch: Sequence[_Pair], arrival: Arrival) -> bool:
    """Tell whether an event belongs to a stretch: within it, or right before or after it by the till."""
    first, last = stretch[0], stretch[-1]
    if first.n <= arrival.n <= last.n:
        return True
    edge = first if arrival.n < first.n else last
    return abs(edge.rung_at - arrival.rung_at) <= _SEEN_BESIDE_US


def _stretches(pairs: Sequence[_Pair]) -> list[list[_Pair]]:
    """Split where three in a row agree with each other and not with those before."""
    found: list[list[_Pair]] = []
    for place, one in enumerate(pairs):
        coming = [pair.difference for pair in pairs[place : place + 3]]
        before = [pair.difference for pair in found[-1][-3:]] if found else []
        agree = len(coming) == 3 and max(coming) - min(coming) <= 3 * STEP_TIGHT
        if not found or (agree and abs(median(coming) - median(before)) > _SEEN_STEP_US):
            found.append([])
        found[-1].append(one)
    return found
