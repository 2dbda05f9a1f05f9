"""The journal of a register over a span, each line at the moment when it occurred by our clock.

Other than ``occurred_at``, which was worked out when an event came, the moment here also knows what came
after it: see :mod:`tenban.pos.clock_history`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection

from tenban.access.model import Actor, Function
from tenban.base.clock import SECOND, Instant
from tenban.base.errors import NotFound
from tenban.base.span import Span
from tenban.pos import queries
from tenban.pos.clock_history import LOOK_BACK_US, Arrival, ClockHistory, Offset
from tenban.pos.clocks import BAND
from tenban.pos.flags import MARK_OF, Mark
from tenban.pos.model import SaleEvent, SaleEventType
from tenban.pos.queries import Rung
from tenban.pos.sales import Sale, sale_of
from tenban.pos.sightings import HAND_US, Sighting, matched
from tenban.sites.model import Register

Look: TypeAlias = Callable[[Connection, str, Span], Sequence[Sighting]]
"""Asks what cameras saw leave the basket at a register in a span: asked only where a till tells late."""

MOST_LINES = 2_000
_MOST_RUNG = 100_000
_SALE_US, _NEAR_US = 3600 * SECOND, 900 * SECOND


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a journal.

    Attributes:
        at: when it occurred by our clock, as well as can be told.
        is_struck: what it registered was taken back later, all of it.
        mark: what it marks on the timeline, if anything.
    """

    event: SaleEvent
    at: Instant
    is_struck: bool
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Journal:
    """What a register told of a span.

    Attributes:
        lines: in the order of their moments; those of one sale in the till's own.
        sales: the sales they belong to, by number.
        clock: how the till's clock stood at the newest event around; None: nothing was told.
        next_at: where to go on when there were too many lines; None: that was all.
    """

    lines: tuple[Line, ...]
    sales: dict[str, Sale]
    clock: Offset | None
    next_at: Instant | None


@dataclass(frozen=True, slots=True)
class Tick:
    """A flag that a till's event makes."""

    event_id: str
    register: str
    sale: str | None
    mark: Mark
    at: Instant
    amount: int | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A sale as long as it took; ``end_at`` is None while it is not over, or its end lies beyond the span."""

    register: str
    sale: str
    start_at: Instant
    end_at: Instant | None
    state: str
    total: int | None


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the video of something that a till told is.

    Attributes:
        event: which it is; of a sale its first event.
        at: when, by our clock.
        end_at: when the sale it belongs to ended, or its last event until now.
    """

    register: str
    sale: str | None
    event: SaleEvent
    at: Instant
    end_at: Instant
    clock: Offset


def journal(
    connection: Connection,
    actor: Actor,
    register: Register,
    span: Span,
    *,
    look: Look | None = None,
    limit: int = MOST_LINES,
) -> Journal:
    """Return what a register told of a span.

    Raises:
        Forbidden: the actor may not read sales there.
    """
    actor.must(Function.SALES_READ, shop=register.shop, register=register.id)
    rung, history = _rung(connection, register.id, span, look)
    placed = sorted((history.place(_arrival(one)), one.seq, one) for one in rung)
    inside = [(at, one) for at, _, one in placed if span.holds(at)]
    next_at = inside[limit][0] if len(inside) > limit else None
    inside = inside[:limit]
    events = {one.n: one for one in queries.events_numbered(connection, [one.n for _, one in inside])}
    sales = _sales(connection, register.id, {one.sale for _, one in inside if one.sale is not None})
    struck = {
        (number, line.seq) for number, sale in sales.items() for line in sale.lines if line.quantity == 0
    }
    lines = [
        Line(events[one.n], at, (one.sale, one.seq) in struck, MARK_OF.get(events[one.n].type))
        for at, one in inside
        if one.n in events
    ]
    return Journal(tuple(lines), sales, history.now() if rung else None, next_at)


def timeline(
    connection: Connection, actor: Actor, register: Register, span: Span, *, look: Look | None = None
) -> tuple[list[Bar], list[Tick]]:
    """Return the sales of a span and the flags that the till's events make.

    Raises:
        Forbidden: the actor may not read sales there.
    """
    actor.must(Function.SALES_READ, shop=register.shop, register=register.id)
    wider = Span(span.start_at - _SALE_US, span.end_at)
    rung, history = _rung(connection, register.id, wider, look)
    by_sale: dict[str, list[tuple[Instant, Rung]]] = {}
    ticks = []
    for one in rung:
        at = history.place(_arrival(one))
        kind = SaleEventType(one.type)
        if kind in MARK_OF and span.holds(at):
            amount = one.total if one.total is not None else one.amount
            ticks.append(Tick(one.event_id, register.id, one.sale, MARK_OF[kind], at, amount))
        if one.sale is not None:
            by_sale.setdefault(one.sale, []).append((at, one))
    bars = [_bar(register.id, sale, placed) for sale, placed in by_sale.items()]
    seen = [
        bar for bar in bars if bar.start_at < span.end_at and (bar.end_at or bar.start_at) > span.start_at
    ]
    return sorted(seen, key=lambda bar: bar.start_at), sorted(ticks, key=lambda tick: tick.at)


def moment_of_sale(
    connection: Connection,
    actor: Actor,
    register: Register,
    number: str,
    *,
    seq: int | None = None,
    look: Look | None = None,
) -> Moment:
    """Return when a sale of a register was, or one step of it.

    Raises:
        NotFound: the register told of no such sale.
    """
    actor.must(Function.SALES_READ, shop=register.shop, register=register.id)
    own = [one for one in queries.sale_events_of(connection, register.id, number) if one.sale == number]
    found = next((one for one in own if seq is None or one.seq == seq), None)
    if found is None:
        raise NotFound(f"register {register.id!r} has no sale {number[:64]!r}")
    return _moment(connection, found, own, look)


def moment_of_event(
    connection: Connection, actor: Actor, event_id: str, *, look: Look | None = None
) -> Moment:
    """Return when a sale event was.

    Raises:
        NotFound: there is none, or it is another shop's.
    """
    found = queries.event_by_id(connection, event_id)
    if found is None:
        actor.must(Function.SALES_READ)
        raise NotFound(f"there is no sale event {event_id[:60]!r}")
    actor.must(Function.SALES_READ, shop=found.shop, register=found.register)
    own = [found]
    if found.sale is not None:
        own = queries.sale_events_of(connection, found.register, found.sale)
        own = [one for one in own if one.register == found.register and one.sale == found.sale]
    return _moment(connection, found, own, look)


def _moment(connection: Connection, event: SaleEvent, own: Sequence[SaleEvent], look: Look | None) -> Moment:
    around = Span(min(one.occurred_at for one in own), max(one.occurred_at for one in own) + 1)
    _, history = _rung(connection, event.register, around, look)

    def placed(one: SaleEvent) -> Instant:
        return history.place(Arrival(one.n, one.rung_at, one.received_at))

    clock = history.of(Arrival(event.n, event.rung_at, event.received_at))
    at = placed(event)
    return Moment(event.register, event.sale, event, at, max(at, *map(placed, own)), clock)


def _rung(
    connection: Connection, register: str, span: Span, look: Look | None
) -> tuple[list[Rung], ClockHistory]:
    """Return what may have occurred in a span, and the clock of the till around it."""
    start_at, end_at = span.start_at - LOOK_BACK_US, span.end_at + LOOK_BACK_US
    if not queries.was_set(connection, register, start_at, end_at, BAND):
        # As good as always: then the nearest events tell the offset.
        start_at, end_at = span.start_at - _NEAR_US, span.end_at + _NEAR_US
    rung = queries.rung_between(connection, register, start_at, end_at, _MOST_RUNG)
    history = ClockHistory([_arrival(one) for one in rung])
    if look is not None and history.is_late:
        registered = [_arrival(one) for one in rung if one.type == SaleEventType.ITEM_REGISTERED]
        pairs = matched(registered, look(connection, register, Span(start_at, end_at)))
        history = ClockHistory([_arrival(one) for one in rung], pairs, hand_us=HAND_US)
    return rung, history


def _arrival(one: Rung) -> Arrival:
    return Arrival(one.n, one.rung_at, one.received_at)


def _sales(connection: Connection, register: str, numbers: set[str]) -> dict[str, Sale]:
    found = {}
    for number in sorted(numbers):
        found[number] = sale_of(queries.sale_events_of(connection, register, number))
    return found


_ENDS = {
    SaleEventType.PAID: "paid",
    SaleEventType.SALE_CANCELLED: "cancelled",
    SaleEventType.SALE_SUSPENDED: "suspended",
}


def _bar(register: str, sale: str, placed: Sequence[tuple[Instant, Rung]]) -> Bar:
    ordered = sorted(placed, key=lambda pair: (pair[1].seq, pair[0]))
    state, end_at, total = "started", None, None
    for at, one in ordered:
        kind = SaleEventType(one.type)
        if kind is SaleEventType.SALE_RESUMED:
            state, end_at = "started", None
        elif kind in _ENDS:
            state, end_at = _ENDS[kind], at
        total = one.total if one.total is not None else total
    start_at = min(at for at, _ in placed)
    return Bar(
        register, sale, start_at, max(at for at, _ in placed) if end_at is None else end_at, state, total
    )
