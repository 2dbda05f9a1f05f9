"""The journal of one sale, worked out from its events.

Pure: the same events give the same sale, in whatever order and however often they came. ``seq`` decides the
order, not the clocks. A sale is told by one register; when another register takes over a suspended sale,
that is a sale of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection

from tenban.base.clock import Instant
from tenban.pos import queries
from tenban.pos.model import Entered, Item, SaleEvent, SaleEventType


class SaleState(StrEnum):
    """Where a sale stands; ``abandoned``: never ended, and the register went on to another one."""

    STARTED = "started"
    PAYING = "paying"
    PAID = "paid"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    ABANDONED = "abandoned"


ENDED = frozenset({SaleState.PAID, SaleState.CANCELLED})

_STATE_AFTER = {
    SaleEventType.SALE_STARTED: SaleState.STARTED,
    SaleEventType.ITEM_REGISTERED: SaleState.STARTED,  # from paying: the shopper went back to scanning
    SaleEventType.ITEM_VOIDED: SaleState.STARTED,
    SaleEventType.PAYMENT_STARTED: SaleState.PAYING,
    SaleEventType.PAID: SaleState.PAID,
    SaleEventType.SALE_CANCELLED: SaleState.CANCELLED,
    SaleEventType.SALE_SUSPENDED: SaleState.SUSPENDED,
    SaleEventType.SALE_RESUMED: SaleState.STARTED,
}


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line; ``amount`` is what was registered in all, before voids."""

    line: str | None
    plu: str | None
    name: str | None
    unit_price: int | None
    entered: Entered | None
    registered: int
    voided: int
    weight_g: int | None
    amount: int | None
    seq: int
    registered_at: Instant

    @property
    def quantity(self) -> int:
        """Pieces that count, after voids."""
        return self.registered - self.voided

    @property
    def net_amount(self) -> int:
        """What the line costs after voids."""
        return (self.amount or 0) * self.quantity // self.registered if self.registered else 0


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale as far as its events are known.

    Attributes:
        total: as the till told it last; the sum of the lines where it told none.
        voided: a finished sale was undone.
        refunded: money given back, in minor units.
        gaps: missing ``seq``, each as first and last; events may still be under way.
        clashes: ``seq`` that more than one event claims.
        unmatched_voids: ids of voids that found nothing to take back.
        events: by ``seq``, without repeats; those that undo the sale from elsewhere come last.
    """

    shop: str
    register: str
    sale: str | None
    state: SaleState
    lines: tuple[SaleLine, ...]
    total: int
    started_at: Instant
    ended_at: Instant | None
    cashier: str | None
    voided: bool
    refunded: int
    gaps: tuple[tuple[int, int], ...]
    clashes: tuple[int, ...]
    unmatched_voids: tuple[str, ...]
    events: tuple[SaleEvent, ...]

    @property
    def registered_count(self) -> int:
        """Pieces registered and not voided; a weighed item is one."""
        return sum(line.quantity for line in self.lines)


def sale_of(events: Iterable[SaleEvent], *, next_started_at: Instant | None = None) -> Sale:
    """Return the sale that these events tell.

    Args:
        events: those of one sale of one register, and those that undo it (``of_sale``), in any order.
        next_started_at: when the register started its next sale; one that never ended is then abandoned.

    Raises:
        ValueError: no events.
    """
    unique = {event.event_id: event for event in events}
    if not unique:
        raise ValueError("expected at least one event of a sale, got none")
    ordered = sorted(unique.values(), key=_by_seq)
    first = next((event for event in ordered if event.of_sale in {None, event.sale}), ordered[0])
    own = [event for event in ordered if (event.register, event.sale) == (first.register, first.sale)]
    undoing = [event for event in ordered if event.of_sale == first.sale and event not in own]
    lines, unmatched = _lines_of(own)
    state, ended_at = _state_of(own)
    if next_started_at is not None and state in {SaleState.STARTED, SaleState.PAYING}:
        state = SaleState.ABANDONED
    totals = [event.total for event in own if event.total is not None]
    return Sale(
        shop=first.shop,
        register=first.register,
        sale=first.sale,
        state=state,
        lines=tuple(lines),
        total=totals[-1] if totals else sum(line.net_amount for line in lines),
        started_at=min(event.occurred_at for event in own),
        ended_at=ended_at,
        cashier=next((event.cashier for event in own if event.cashier is not None), None),
        voided=any(event.type is SaleEventType.SALE_VOIDED for event in _undone_by(own, undoing)),
        refunded=sum(
            event.amount or 0 for event in _undone_by(own, undoing) if event.type is SaleEventType.REFUNDED
        ),
        gaps=_gaps_of(own),
        clashes=tuple(sorted({a.seq for a, b in itertools.pairwise(own) if a.seq == b.seq})),
        unmatched_voids=tuple(unmatched),
        events=(*own, *undoing),
    )


def sale(connection: Connection, register: str, number: str) -> Sale | None:
    """Return a sale of a register by its number, or None."""
    events = queries.sale_events_of(connection, register, number)
    if not events:
        return None
    last_at = max(event.occurred_at for event in events if event.register == register)
    return sale_of(events, next_started_at=queries.first_started_after(connection, register, number, last_at))


def current_sale(connection: Connection, register: str) -> Sale | None:
    """Return the sale that a register told of last, whatever its state, or None."""
    last = queries.last_event_of(connection, register, in_a_sale=True)
    return None if last is None or last.sale is None else sale(connection, register, last.sale)


def _by_seq(event: SaleEvent) -> tuple[int, Instant, str]:
    return event.seq, event.occurred_at, event.event_id


def _undone_by(own: list[SaleEvent], undoing: list[SaleEvent]) -> list[SaleEvent]:
    """Return what undoes this sale; an event of this sale that names another one undoes that one."""
    return undoing + [event for event in own if event.of_sale in {None, event.sale}]


def _state_of(own: list[SaleEvent]) -> tuple[SaleState, Instant | None]:
    state, ended_at = SaleState.STARTED, None
    for event in own:
        after = _STATE_AFTER.get(event.type)
        if after is not None and state not in ENDED:
            state = after
            ended_at = event.occurred_at if after in ENDED else None
    return state, ended_at


def _gaps_of(own: list[SaleEvent]) -> tuple[tuple[int, int], ...]:
    gaps, expected = [], 1
    for event in own:
        if event.seq > expected:
            gaps.append((expected, event.seq - 1))
        expected = max(expected, event.seq + 1)
    return tuple(gaps)


def _lines_of(own: list[SaleEvent]) -> tuple[list[SaleLine], list[str]]:
    lines: list[SaleLine] = []
    unmatched: list[str] = []
    for event in own:
        if event.item is None:
            continue
        if event.type is SaleEventType.ITEM_REGISTERED:
            _register(lines, event, event.item)
        elif event.type is SaleEventType.ITEM_VOIDED and not _void(lines, event.item):
            unmatched.append(event.event_id)
    return lines, unmatched


def _register(lines: list[SaleLine], event: SaleEvent, item: Item) -> None:
    pieces = 1 if item.quantity is None else item.quantity
    for at, line in enumerate(lines):
        if item.line is not None and (line.line, line.plu) == (item.line, item.plu):
            lines[at] = replace(
                line,
                registered=line.registered + pieces,
                amount=_sum(line.amount, item.amount),
                weight_g=_sum(line.weight_g, item.weight_g),
            )
            return
    lines.append(
        SaleLine(
            line=item.line,
            plu=item.plu,
            name=item.name,
            unit_price=item.unit_price,
            entered=item.entered,
            registered=pieces,
            voided=0,
            weight_g=item.weight_g,
            amount=item.amount,
            seq=event.seq,
            registered_at=event.occurred_at,
        )
    )


def _void(lines: list[SaleLine], item: Item) -> bool:
    """Take pieces back, from the line named, else from the article's latest; tell whether all were found."""
    wanted = item.quantity
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        same = line.line == item.line if item.line is not None else line.plu == item.plu
        if not same or line.quantity == 0:
            continue
        taken = line.quantity if wanted is None else min(wanted, line.quantity)
        lines[at] = replace(line, voided=line.voided + taken)
        if wanted is None or wanted == taken:
            return True
        wanted -= taken
    return False


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)
