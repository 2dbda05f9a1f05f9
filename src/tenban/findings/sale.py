"""All facts of one sale at one register, put in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from tenban.base.clock import seconds
from tenban.findings.facts import STAFF_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tenban.base.clock import Instant
    from tenban.findings.facts import Item, Observation, SaleEvent
    from tenban.findings.settings import SaleSettings

Undone: TypeAlias = Literal["sale_cancelled", "sale_voided"]


@dataclass(frozen=True, slots=True)
class Registration:
    """One registered line, and what was taken back of it.

    Attributes:
        quantity: pieces as registered.
        voids: (instant, pieces) of each time pieces were taken back.
    """

    event: SaleEvent
    quantity: int
    voids: tuple[tuple[Instant, int], ...] = ()

    def standing(self, at: Instant | None = None) -> int:
        """Return the pieces left after the voids up to ``at`` (all voids when None)."""
        return self.quantity - sum(pieces for void_at, pieces in self.voids if at is None or void_at <= at)


@dataclass(frozen=True)
class SaleFacts:
    """The facts of one sale; rules read nothing else.

    Attributes:
        events: the sale's own, and later ones about it, in the till's order.
        staff: what the register told of staff while no sale's, by time.
        observations: those whose time falls to this sale, by time.
        next_sale_at: when the register's next sale started, once it has.
    """

    register: str
    sale: str
    events: tuple[SaleEvent, ...] = ()
    observations: tuple[Observation, ...] = ()
    staff: tuple[SaleEvent, ...] = ()
    next_sale_at: Instant | None = None

    @classmethod
    def of(
        cls,
        register: str,
        sale: str,
        *,
        events: Iterable[SaleEvent] = (),
        observations: Iterable[Observation] = (),
        staff: Iterable[SaleEvent] = (),
        next_sale_at: Instant | None = None,
    ) -> SaleFacts:
        """Put facts that came in any order into theirs."""
        return cls(
            register,
            sale,
            tuple(sorted(events, key=lambda e: (e.sale != sale, e.seq, e.occurred_at, e.id))),
            tuple(sorted(observations, key=lambda o: (o.at, o.id))),
            tuple(sorted(staff, key=lambda e: (e.occurred_at, e.seq, e.id))),
            next_sale_at,
        )

    def as_of(self, at: Instant) -> SaleFacts:
        """Return what could be known at an instant."""
        later = self.next_sale_at is None or self.next_sale_at > at
        return replace(
            self,
            events=tuple(event for event in self.events if event.known_at <= at),
            observations=tuple(seen for seen in self.observations if seen.known_at <= at),
            staff=tuple(event for event in self.staff if event.known_at <= at),
            next_sale_at=None if later else self.next_sale_at,
        )

    @cached_property
    def moves(self) -> tuple[Observation, ...]:
        """Items that entered the bagging zone from elsewhere."""
        return tuple(
            seen
            for seen in self.observations
            if seen.kind == "item_moved" and seen.to_zone == "bagging" and seen.from_zone != "bagging"
        )

    @cached_property
    def returns(self) -> tuple[Observation, ...]:
        """Things taken out of the bagging zone again."""
        return tuple(
            seen
            for seen in self.observations
            if seen.kind == "item_returned"
            or (seen.kind == "item_moved" and seen.from_zone == "bagging" and seen.to_zone != "bagging")
        )

    def registrations(self, skip_plu: Iterable[str] = ()) -> tuple[Registration, ...]:
        """Return the registered lines in the till's order, without the codes that are nothing in the hand."""
        skipped = frozenset(skip_plu)
        lines: list[Registration] = []
        for event in self.events:
            if event.item is None or event.sale != self.sale:
                continue
            if event.type == "item_registered":
                pieces = 1 if event.item.quantity is None else event.item.quantity
                if pieces > 0:
                    lines.append(Registration(event, pieces))
            elif event.type == "item_voided":
                _take_back(lines, event.item, event.occurred_at)
        return tuple(line for line in lines if line.event.item and line.event.item.plu not in skipped)

    def answers(self, settings: SaleSettings) -> tuple[SaleEvent, ...]:
        """Return the shopper's answers that count: of those that claim and prove nothing, only the first."""
        counted: list[SaleEvent] = []
        claims = 0
        for event in self.events:
            if event.type != "hint_answered" or event.sale != self.sale:
                continue
            claims += event.answer == "put_back"
            if event.answer == "scan" or claims <= settings.self_answers:
                counted.append(event)
        return tuple(counted)

    def put_back_unseen(self, settings: SaleSettings) -> int:
        """Return how often the shopper put something back by their own word and no camera saw it."""
        returned_at = [seen.at for seen in self.returns]
        unseen = 0
        for event in self.answers(settings):
            if event.answer == "put_back":
                near = [at for at in returned_at if abs(at - event.occurred_at) <= seconds(settings.assist_s)]
                if near:
                    returned_at.remove(near[0])
                else:
                    unseen += 1
        return unseen

    @cached_property
    def payment(self) -> SaleEvent | None:
        """The event that began the payment; none when items were registered or voided after it."""
        first: SaleEvent | None = None
        for event in self.events:
            if event.type in {"payment_started", "paid"} and first is None:
                first = event
            elif event.type in {"item_registered", "item_voided"}:
                first = None
        return first

    @cached_property
    def paid(self) -> SaleEvent | None:
        """The event that ended the payment."""
        return self._first("paid")

    @cached_property
    def undone(self) -> tuple[Undone, Instant] | None:
        """Whether and when the whole sale was cancelled or voided."""
        voided = self._first("sale_voided")
        if voided is not None:
            return "sale_voided", voided.occurred_at
        cancelled = self._first("sale_cancelled")
        return None if cancelled is None else ("sale_cancelled", cancelled.occurred_at)

    @cached_property
    def suspended(self) -> bool:
        """Whether the sale is suspended."""
        steps = [e.type for e in self.events if e.type in {"sale_suspended", "sale_resumed"}]
        return bool(steps) and steps[-1] == "sale_suspended"

    @cached_property
    def told_gapless(self) -> tuple[Instant, ...]:
        """Times of the till's events up to the first gap in their numbers."""
        times: list[Instant] = []
        for event in self.events:
            if event.sale != self.sale or event.seq > len(times) + 1:
                break
            if event.seq == len(times) + 1:
                times.append(event.occurred_at)
        return tuple(times)

    def certain_at(self, seen: Observation, settings: SaleSettings) -> Instant:
        """Return from when on an observation is sure to be this sale's.

        One from after the payment may be the next shopper's until that shopper had time to start a sale.
        """
        after = self.paid is not None and seen.at > self.paid.occurred_at and self.next_sale_at is None
        return max(seen.known_at, seen.at + seconds(settings.lead_in_s) if after else 0)

    def staffed(self, at: Instant, settings: SaleSettings) -> bool:
        """Tell whether staff were signed on at an instant, or asked for or signed on around it."""
        if not settings.staff_clears:
            return False
        near = seconds(settings.assist_s)
        steps = sorted(
            (*self.staff, *(event for event in self.events if event.type in STAFF_TYPES)),
            key=lambda e: (e.occurred_at, e.seq, e.id),
        )
        signed_on = False
        for event in steps:
            if event.type == "assist_requested":
                if abs(event.occurred_at - at) <= near:
                    return True
            elif event.occurred_at <= at:
                signed_on = event.type == "cashier_signed_on"
            elif event.type == "cashier_signed_on" and event.occurred_at - at <= near:
                return True
        return signed_on

    def _first(self, kind: str) -> SaleEvent | None:
        return next((event for event in self.events if event.type == kind), None)


def _take_back(lines: list[Registration], item: Item, void_at: Instant) -> None:
    """Take pieces back from the line that is named, else from the last lines of the product."""
    pieces = item.quantity
    for place in range(len(lines) - 1, -1, -1):
        line = lines[place]
        own = line.event.item
        if own is None or (pieces is not None and pieces <= 0):
            continue
        named = own.line == item.line if item.line is not None else item.plu in {None, own.plu}
        taken = line.standing() if pieces is None else min(pieces, line.standing())
        if named and taken > 0:
            lines[place] = replace(line, voids=(*line.voids, (void_at, taken)))
            pieces = 0 if pieces is None else pieces - taken
