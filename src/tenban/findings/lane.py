"""One register's facts, and which sale each observation belongs to."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from tenban.base.clock import seconds
from tenban.findings.facts import STAFF_TYPES, Fact, Observation, SaleEvent
from tenban.findings.sale import SaleFacts

if TYPE_CHECKING:
    from tenban.base.clock import Instant
    from tenban.findings.settings import SaleSettings

MOST_EVENTS = 5_000
"""Events kept of one sale, and sale-less events of one lane; further ones are counted in ``overflowed``."""

MOST_OBSERVATIONS = 5_000
"""Observations kept of one lane; the oldest go first and are counted in ``overflowed``."""

MOST_SALES = 64
"""Sales kept of one lane; the least recently touched goes first."""

UNFINISHED_KEEP_S = 12 * 3600.0
"""A running or suspended sale is kept this long without a new fact."""

_FORGOTTEN_NAMES = 1_000

_ABOUT_A_SALE = frozenset({"refunded", "sale_voided"})
_RUNS = frozenset({"sale_started", "sale_resumed"})
_RESTS = frozenset({"paid", "sale_cancelled", "sale_suspended"})


@dataclass(frozen=True, slots=True, order=True)
class _Run:
    """A stretch of time in which a sale runs; ``end_at`` None: still running."""

    start_at: Instant
    sale: str
    end_at: Instant | None = field(compare=False)


@dataclass(slots=True)
class _Kept:
    events: dict[str, SaleEvent] = field(default_factory=dict)
    touched_at: Instant = 0


class Lane:
    """The facts of one register that still matter.

    Args:
        register: its id.
        settings: how observations around a sale belong to it.
        keep_s: how long a finished sale and an observation are kept.
    """

    def __init__(self, register: str, settings: SaleSettings, *, keep_s: float) -> None:
        self.register = register
        self.too_late = 0
        self.overflowed = 0
        self.settings = settings
        self._keep_s = keep_s
        self._sales: dict[str, _Kept] = {}
        self._staff: dict[str, SaleEvent] = {}
        self._observations: dict[str, Observation] = {}
        self._forgotten: OrderedDict[str, None] = OrderedDict()
        self._known_runs: list[_Run] | None = None

    def take(self, fact: Fact, now: Instant) -> bool:
        """Keep a fact; False when it was known already, tells nothing here, or came too late."""
        if isinstance(fact, Observation):
            return self._take_observation(fact, now)
        if fact.type in STAFF_TYPES and fact.sale is None:
            return self._add(self._staff, fact)
        sale = fact.of_sale if fact.type in _ABOUT_A_SALE and fact.of_sale else fact.sale
        if sale is None:
            return False
        if sale in self._forgotten:
            self.too_late += 1
            return False
        self._known_runs = None
        kept = self._sales.setdefault(sale, _Kept())
        kept.touched_at = max(kept.touched_at, now)
        return self._add(kept.events, fact)

    def sales(self) -> list[SaleFacts]:
        """Return the facts of every sale in hand, the oldest first."""
        runs = self._runs()
        starts = {run.sale: run.start_at for run in reversed(runs)}
        order = sorted(starts, key=lambda sale: (starts[sale], sale))
        seen: dict[str, list[Observation]] = {sale: [] for sale in order}
        baskets: list[Observation] = []
        for observation in sorted(self._observations.values(), key=lambda o: (o.at, o.id)):
            sale = self._sale_of(observation, runs)
            if sale is not None:
                seen[sale].append(observation)
            if observation.kind == "basket_state":
                baskets.append(observation)
        latest = {run.sale: run.start_at for run in runs}
        facts = []
        for sale in order:
            following = next((r for r in runs if r.sale != sale and r.start_at >= latest[sale]), None)
            carried = [one for one in baskets if one.at < starts[sale] and one not in seen[sale]][-1:]
            facts.append(
                SaleFacts.of(
                    self.register,
                    sale,
                    events=self._sales[sale].events.values(),
                    observations=carried + seen[sale],
                    staff=self._staff_around(sale, starts[sale]),
                    next_sale_at=following.start_at if following is not None else None,
                )
            )
        return facts

    def forget(self, now: Instant) -> list[str]:
        """Let go of what is long over; return the sales that went."""
        old_at = now - seconds(self._keep_s)
        unfinished_old_at = now - seconds(max(self._keep_s, UNFINISHED_KEEP_S))
        latest = max(self._sales, key=lambda s: self._sales[s].touched_at, default=None)
        gone = [
            sale
            for sale, kept in self._sales.items()
            if kept.touched_at < (unfinished_old_at if self._unfinished(sale, sale == latest) else old_at)
        ]
        if len(self._sales) - len(gone) > MOST_SALES:
            left = sorted(set(self._sales) - set(gone), key=lambda s: (self._sales[s].touched_at, s))
            gone += left[: len(left) - MOST_SALES]
        if gone:
            self._known_runs = None
        for sale in gone:
            del self._sales[sale]
            self._forgotten[sale] = None
        while len(self._forgotten) > _FORGOTTEN_NAMES:
            self._forgotten.popitem(last=False)
        self._forget_observations(old_at)
        self._forget_staff(unfinished_old_at)
        return gone

    def _take_observation(self, seen: Observation, now: Instant) -> bool:
        if seen.at < now - seconds(UNFINISHED_KEEP_S):
            self.too_late += 1
            return False
        if seen.id in self._observations:
            return False
        self._observations[seen.id] = seen
        sale = self._sale_of(seen, self._runs())
        if sale is not None:
            self._sales[sale].touched_at = max(self._sales[sale].touched_at, now)
        if len(self._observations) > MOST_OBSERVATIONS:
            oldest = min(self._observations.values(), key=lambda o: (o.at, o.id))
            del self._observations[oldest.id]
            self.overflowed += 1
        return True

    def _add(self, events: dict[str, SaleEvent], event: SaleEvent) -> bool:
        if event.id in events:
            return False
        if len(events) >= MOST_EVENTS:
            self.overflowed += 1
            return False
        events[event.id] = event
        return True

    def _runs(self) -> list[_Run]:
        """Return the stretches in which a sale runs, by start; a start ends whatever ran before."""
        if self._known_runs is None:
            self._known_runs = self._find_runs()
        return self._known_runs

    def _find_runs(self) -> list[_Run]:
        stretches = [run for sale, kept in self._sales.items() for run in _own_runs(sale, kept)]
        stretches.sort()
        return [
            _Run(run.start_at, run.sale, _earlier(run.end_at, following.start_at if following else None))
            for run, following in zip_longest(stretches, stretches[1:])
        ]

    def _sale_of(self, seen: Observation, runs: list[_Run]) -> str | None:
        """Return the sale an observation belongs to: the one running, else the nearer one around it."""
        place = bisect_right(runs, seen.at, key=lambda run: run.start_at)
        before = runs[place - 1] if place > 0 else None
        after = runs[place] if place < len(runs) else None
        if before is not None and (before.end_at is None or seen.at < before.end_at):
            return before.sale
        tail, lead_in = seconds(self.settings.tail_s), seconds(self.settings.lead_in_s)
        since = tail + 1 if before is None or before.end_at is None else seen.at - before.end_at
        until = lead_in + 1 if after is None else after.start_at - seen.at
        if before is not None and seen.kind == "operator_left":
            return before.sale
        if after is not None and seen.kind == "operator_arrived" and until <= lead_in:
            return after.sale
        if before is not None and since <= tail and (until > lead_in or since <= until):
            return before.sale
        return after.sale if after is not None and until <= lead_in else None

    def _staff_around(self, sale: str, start_at: Instant) -> list[SaleEvent]:
        """Return the register's staff events from around a sale, and the last sign-on or -off before it."""
        if not self._staff:
            return []
        near = seconds(self.settings.assist_s + self.settings.lead_in_s)
        last_at = max(event.occurred_at for event in self._sales[sale].events.values())
        until_at = last_at + near + seconds(self.settings.tail_s)
        unfinished = self._unfinished(sale, latest=True)
        around = [
            event
            for event in self._staff.values()
            if start_at - near <= event.occurred_at and (unfinished or event.occurred_at <= until_at)
        ]
        earlier = [
            event
            for event in self._staff.values()
            if event.type != "assist_requested" and event.occurred_at < start_at - near
        ]
        return around + sorted(earlier, key=lambda e: (e.occurred_at, e.seq, e.id))[-1:]

    def _unfinished(self, sale: str, latest: bool) -> bool:  # noqa: FBT001  # reads as the question it answers
        kinds = [e.type for e in sorted(self._sales[sale].events.values(), key=lambda e: (e.seq, e.id))]
        steps = [kind for kind in kinds if kind in _RESTS or kind in _RUNS]
        if not steps:
            return latest
        return steps[-1] == "sale_suspended" or (latest and steps[-1] in _RUNS)

    def _forget_observations(self, old_at: Instant) -> None:
        old = [seen for seen in self._observations.values() if seen.at < old_at]
        if not old:
            return
        runs = self._runs()
        basket = max(
            (o for o in self._observations.values() if o.kind == "basket_state"),
            key=lambda o: (o.at, o.id),
            default=None,
        )
        for seen in old:
            if seen is not basket and self._sale_of(seen, runs) is None:
                del self._observations[seen.id]

    def _forget_staff(self, old_at: Instant) -> None:
        signed = [event for event in self._staff.values() if event.type != "assist_requested"]
        last = max(signed, key=lambda e: (e.occurred_at, e.seq, e.id), default=None)
        for event in [e for e in self._staff.values() if e.occurred_at < old_at and e is not last]:
            del self._staff[event.id]


def _own_runs(sale: str, kept: _Kept) -> list[_Run]:
    runs: list[_Run] = []
    start_at: Instant | None = None
    over = False
    for event in sorted(kept.events.values(), key=lambda e: (e.seq, e.occurred_at, e.id)):
        if event.type in _ABOUT_A_SALE or event.sale != sale:
            continue
        if start_at is None and (not over or event.type == "sale_resumed"):
            start_at = event.occurred_at
        if start_at is not None and event.type in _RESTS:
            runs.append(_Run(start_at, sale, max(event.occurred_at, start_at)))
            start_at, over = None, event.type != "sale_suspended"
    if start_at is not None:
        runs.append(_Run(start_at, sale, None))
    return runs


def _earlier(one: Instant | None, other: Instant | None) -> Instant | None:
    return min((at for at in (one, other) if at is not None), default=None)
