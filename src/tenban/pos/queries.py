"""All SQL of sale events and register clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.db.engine import TAKE_TURN, execute_one
from tenban.pos.clocks import ClockReading
from tenban.pos.model import Answer, Entered, Item, Payment, SaleEvent, SaleEventType
from tenban.pos.tables import register_clocks, sale_events

IDS_PER_LOOK = 500


class EventRow(NamedTuple):
    """One row of ``sale_events``, in the order of its columns; ``body`` is JSON text."""

    event_id: str
    shop: str
    register: str
    sale: str | None
    seq: int
    type: str
    rung_at: int
    received_at: int
    occurred_at: int
    offset_us: int
    clock_doubted: bool
    plu: str | None
    quantity: int | None
    amount: int | None
    total: int | None
    of_sale: str | None
    cashier: str | None
    body: str


_COLUMNS = ", ".join(EventRow._fields)
_MARKS = f"({', '.join('?' * len(EventRow._fields))})"
# One statement for many rows: the driver lets go of the interpreter once per statement, not once per row,
# and each time it must wait for the busy event loop to get it back.
_ROWS_PER_STATEMENT = 256


@lru_cache(maxsize=_ROWS_PER_STATEMENT)
def _insert_sqlite(count: int) -> str:
    marks = ", ".join([_MARKS] * count)
    return f"INSERT INTO sale_events ({_COLUMNS}) VALUES {marks} ON CONFLICT (event_id) DO NOTHING"  # noqa: S608  # only our own names


# One text per column, its values between separators: the driver writes arrays value by value in Python,
# which costs ten times as much. No value holds a control character: parsing takes them out, JSON escapes
# them.
_BETWEEN, _NULL = "\x1f", "\x1e"
_NUMBERS = {"seq", "rung_at", "received_at", "occurred_at", "offset_us", "quantity", "amount", "total"}
_CASTS = {"clock_doubted": "::boolean[]", **dict.fromkeys(_NUMBERS, "::bigint[]")}
_ARRAYS = ", ".join(
    f"string_to_array(%s, E'\\x1f', E'\\x1e'){_CASTS.get(name, '')}" for name in EventRow._fields
)
_INSERT_POSTGRES = (
    f"WITH turn AS MATERIALIZED ({TAKE_TURN}) "  # noqa: S608  # only our own names
    f"INSERT INTO sale_events ({_COLUMNS}) SELECT {_COLUMNS} FROM turn, unnest({_ARRAYS}) "
    f"WITH ORDINALITY AS told ({_COLUMNS}, place) WHERE event_id IS NOT NULL ORDER BY place "
    "ON CONFLICT (event_id) DO NOTHING"
)


def add_new(connection: Connection, rows: Sequence[EventRow]) -> dict[str, str]:
    """Append, in their order, the rows whose ids are not kept yet.

    Where no transaction has begun and one statement holds the rows, they are durable when this returns.

    Returns:
        The bodies, as text, that are kept already, by id; empty where every row was new.
    """
    if not rows:
        return {}
    if connection.dialect.name == "sqlite":
        added = _add_to_sqlite(connection, rows)
    else:
        columns = [_as_text(column) for column in zip(*rows, strict=True)]
        added = execute_one(connection, _INSERT_POSTGRES, columns)
    if added == len(rows):
        return {}
    # Every id is kept now, and those just added have the last numbers of all.
    kept = _bodies_of(connection, [row.event_id for row in rows])
    return {event_id: body for _, event_id, body in sorted(kept)[: len(kept) - added]}


def _add_to_sqlite(connection: Connection, rows: Sequence[EventRow]) -> int:
    if len(rows) > _ROWS_PER_STATEMENT and not connection.in_transaction():
        connection.begin()
    added = 0
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        some = rows[start : start + _ROWS_PER_STATEMENT]
        values = tuple(chain.from_iterable(some))
        added += execute_one(connection, _insert_sqlite(len(some)), values)
    return added


def _as_text(column: Sequence[object]) -> str:
    # The NULL at the end makes a row that is left out: an array of one empty text would be an empty array.
    return _BETWEEN.join([_NULL if value is None else str(value) for value in column] + [_NULL])


def _bodies_of(connection: Connection, event_ids: Sequence[str]) -> list[tuple[int, str, str]]:
    """Return number, id and body of those events that are kept."""
    body = sa.type_coerce(sale_events.c.body, sa.Text)
    found: list[tuple[int, str, str]] = []
    for start in range(0, len(event_ids), IDS_PER_LOOK):
        some = sale_events.c.event_id.in_(event_ids[start : start + IDS_PER_LOOK])
        query = sa.select(sale_events.c.n, sale_events.c.event_id, body).where(some)
        found += [tuple(row) for row in connection.execute(query)]
    return found


def event_of(row: Mapping[str, Any]) -> SaleEvent:
    """Return the event a row holds."""
    body = row["body"]
    item = body.get("item")
    return SaleEvent(
        event_id=row["event_id"],
        shop=row["shop"],
        register=row["register"],
        sale=row["sale"],
        seq=row["seq"],
        type=SaleEventType(row["type"]),
        rung_at=row["rung_at"],
        received_at=row["received_at"],
        occurred_at=row["occurred_at"],
        item=None if item is None else _item_of(item),
        total=body.get("total"),
        amount=body.get("amount"),
        payments=tuple(
            Payment(one["method"], one.get("amount"), one.get("card")) for one in body.get("payments", ())
        ),
        of_sale=body.get("of_sale"),
        reason=body.get("reason"),
        cashier=body.get("cashier"),
        note=body.get("note"),
        answer=Answer(body["answer"]) if "answer" in body else None,
        about=body.get("about"),
        approval=body.get("approval"),
        n=row["n"],
        clock_doubted=bool(row["clock_doubted"]),
        extra=body.get("extra", {}),
    )


def _item_of(told: Mapping[str, Any]) -> Item:
    entered = told.get("entered")
    return Item(
        line=told.get("line"),
        plu=told.get("plu"),
        name=told.get("name"),
        quantity=told.get("quantity"),
        weight_g=told.get("weight_g"),
        unit_price=told.get("unit_price"),
        amount=told.get("amount"),
        entered=None if entered is None else Entered(entered),
    )


def events_since(connection: Connection, n: int, *, limit: int = 1_000) -> list[SaleEvent]:
    """Return the events after log number ``n``, in the order of commit."""
    return _events(
        connection, sa.select(sale_events).where(sale_events.c.n > n).order_by(sale_events.c.n).limit(limit)
    )


def last_number(connection: Connection) -> int:
    """Return the number of the newest event; 0 where there is none."""
    return int(connection.execute(sa.select(sa.func.max(sale_events.c.n))).scalar() or 0)


def first_number_from(connection: Connection, received_at: int) -> int:
    """Return the number before the first event received at or after an instant."""
    query = sa.select(sa.func.max(sale_events.c.n)).where(sale_events.c.received_at < received_at)
    return int(connection.execute(query).scalar() or 0)


def sale_events_of(connection: Connection, register: str, sale: str) -> list[SaleEvent]:
    """Return the events of one sale by ``seq``, then those anywhere in the shop that undo it later."""
    own = _events(
        connection,
        sa.select(sale_events)
        .where(sale_events.c.register == register, sale_events.c.sale == sale)
        .order_by(sale_events.c.seq, sale_events.c.n),
    )
    if not own:
        return []
    known = {event.event_id for event in own}
    later = _events(
        connection,
        sa.select(sale_events)
        .where(sale_events.c.of_sale == sale, sale_events.c.shop == own[0].shop)
        .order_by(sale_events.c.n),
    )
    return own + [event for event in later if event.event_id not in known]


def last_event_of(connection: Connection, register: str, *, in_a_sale: bool = False) -> SaleEvent | None:
    """Return what occurred last at a register."""
    query = sa.select(sale_events).where(sale_events.c.register == register)
    if in_a_sale:
        query = query.where(sale_events.c.sale.is_not(None))
    found = _events(
        connection,
        query.order_by(
            sale_events.c.occurred_at.desc(), sale_events.c.seq.desc(), sale_events.c.n.desc()
        ).limit(1),
    )
    return found[0] if found else None


_TURNS = (
    SaleEventType.SALE_STARTED,
    SaleEventType.SALE_RESUMED,
    SaleEventType.SALE_SUSPENDED,
    SaleEventType.SALE_CANCELLED,
    SaleEventType.PAID,
)


def sale_in_hand(connection: Connection, register: str) -> str | None:
    """Return the number of the sale that is being rung or paid at a register; None: nobody is buying."""
    own = sale_events.c.register == register
    last = connection.execute(
        sa.select(sale_events.c.sale)
        .where(own, sale_events.c.sale.is_not(None))
        .order_by(sale_events.c.occurred_at.desc(), sale_events.c.n.desc())
        .limit(1)
    ).scalar()
    if last is None:
        return None
    turn = connection.execute(
        sa.select(sale_events.c.type)
        .where(own, sale_events.c.sale == last, sale_events.c.type.in_([one.value for one in _TURNS]))
        .order_by(sale_events.c.seq.desc(), sale_events.c.n.desc())
        .limit(1)
    ).scalar()
    ended = turn in {SaleEventType.SALE_SUSPENDED, SaleEventType.SALE_CANCELLED, SaleEventType.PAID}
    return None if ended else str(last)


def first_started_after(connection: Connection, register: str, sale: str, at: int) -> int | None:
    """Return when the first other sale started at the register at or after an instant."""
    found = connection.execute(
        sa.select(sa.func.min(sale_events.c.occurred_at)).where(
            sale_events.c.register == register,
            sale_events.c.occurred_at >= at,
            sale_events.c.type == SaleEventType.SALE_STARTED.value,
            sale_events.c.sale != sale,
        )
    ).scalar()
    return None if found is None else int(found)


class Rung(NamedTuple):
    """What a timeline needs of an event."""

    n: int
    event_id: str
    sale: str | None
    seq: int
    type: str
    rung_at: int
    received_at: int
    occurred_at: int
    amount: int | None
    total: int | None


_RUNG = tuple(sale_events.c[name] for name in Rung._fields)


def rung_between(connection: Connection, register: str, start_at: int, end_at: int, limit: int) -> list[Rung]:
    """Return a register's events that were placed in a span when they came, in the order of receipt."""
    query = (
        sa.select(*_RUNG)
        .where(sale_events.c.register == register)
        .where(sale_events.c.occurred_at >= start_at, sale_events.c.occurred_at < end_at)
        .order_by(sale_events.c.occurred_at)
        .limit(limit)
    )
    return sorted(Rung(*row) for row in connection.execute(query))


def was_set(connection: Connection, register: str, start_at: int, end_at: int, band_us: int) -> bool:
    """Tell whether a till's clock looks as if it was set in a span: its offsets differ, or made no sense."""
    query = (
        sa.select(
            sa.func.max(sale_events.c.offset_us) - sa.func.min(sale_events.c.offset_us),
            sa.func.max(sa.cast(sale_events.c.clock_doubted, sa.Integer)),
        )
        .where(sale_events.c.register == register)
        .where(sale_events.c.occurred_at >= start_at, sale_events.c.occurred_at < end_at)
    )
    apart, doubted = connection.execute(query).one()
    return (apart or 0) > band_us or bool(doubted)


def events_numbered(connection: Connection, numbers: Sequence[int]) -> list[SaleEvent]:
    """Return the events of these log numbers."""
    found: list[SaleEvent] = []
    for start in range(0, len(numbers), IDS_PER_LOOK):
        some = sale_events.c.n.in_(numbers[start : start + IDS_PER_LOOK])
        found += _events(connection, sa.select(sale_events).where(some))
    return found


def event_by_id(connection: Connection, event_id: str) -> SaleEvent | None:
    """Return an event, or None."""
    found = _events(connection, sa.select(sale_events).where(sale_events.c.event_id == event_id))
    return found[0] if found else None


def _events(connection: Connection, query: sa.Select[Any]) -> list[SaleEvent]:
    return [event_of(dict(row)) for row in connection.execute(query).mappings()]


def save_clocks(connection: Connection, readings: Iterable[ClockReading]) -> None:
    """Keep the newest reading of each register."""
    newest = {one.register: one for one in readings}
    for one in newest.values():
        values = {
            "shop": one.shop,
            "offset_us": one.offset_us,
            "observed_at": one.observed_at,
            "stepped_at": one.stepped_at,
            "doubted": one.doubted,
            "error_us": one.error_us,
        }
        updated = connection.execute(
            sa.update(register_clocks).where(register_clocks.c.register == one.register).values(**values)
        )
        if updated.rowcount == 0:
            connection.execute(sa.insert(register_clocks).values(register=one.register, **values))


def clocks(connection: Connection) -> list[ClockReading]:
    """Return what is known of every register's clock."""
    return [ClockReading(**row) for row in connection.execute(sa.select(register_clocks)).mappings()]
