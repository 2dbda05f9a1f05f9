"""Taking sale events in: judged one by one, kept all together, answered once durable."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from tenban.access.model import Actor, Function
from tenban.base.clock import Clock, Instant
from tenban.base.errors import BadInput, NotFound, TenbanError, Unavailable
from tenban.base.log import get_log
from tenban.db import Database
from tenban.pos import queries
from tenban.pos.clocks import ClockReading, Clocks
from tenban.pos.parse import MAX_EVENTS, Told, read_event, read_id, text_of
from tenban.pos.queries import EventRow
from tenban.sites.model import Sites

log = get_log(__name__)

STORED = "stored"
DUPLICATE = "duplicate"
REFUSED = "refused"


class Result(NamedTuple):
    """What became of one event; ``code`` and ``message`` say why it was refused."""

    event_id: str | None
    status: str
    code: str | None = None
    message: str | None = None


class Batch(NamedTuple):
    """What one request wants kept."""

    rows: list[EventRow]
    readings: list[ClockReading]


class Intake:
    """The door for sale events of one process. Its methods run on the event loop.

    Args:
        db: where the events go.
        clock: ours.
        sites: which registers there are.
    """

    def __init__(self, db: Database, clock: Clock, sites: Sites) -> None:
        self._db = db
        self._clock = clock
        self.know(sites)
        self._clocks: Clocks | None = None
        self._waiting: list[tuple[Batch, asyncio.Future[list[str]]]] = []
        self._keeper: asyncio.Task[None] | None = None

    def know(self, sites: Sites) -> None:
        """Take in which registers there are from now on."""
        self._shop_of = {register.id: register.shop for register in sites.registers}

    async def take_in(self, actor: Actor, events: Sequence[object]) -> list[Result]:
        """Keep events and return one result each, in their order; stored ones are durable.

        A repeated event is a ``duplicate``; the same id with other content, an unreadable event, an
        unknown register and one the actor may not speak for are ``refused``, and cost their
        neighbours nothing.

        Raises:
            BadInput: too many events.
            Unavailable: the database does not commit; nothing of this call was kept.
        """
        if len(events) > MAX_EVENTS:
            raise BadInput("sale events", expected=f"at most {MAX_EVENTS} at once", came=len(events))
        if self._clocks is None:
            self._clocks = Clocks(await self._db.read(queries.clocks))
        results: list[Result | None] = [None] * len(events)
        told: list[tuple[Told, str]] = []
        places: list[int] = []
        allowed: dict[str, TenbanError | None] = {}
        for place, raw in enumerate(events):
            try:
                one = read_event(raw)
                text = text_of(one)
                refusal = self._refusal(actor, one["register"], allowed)
            except BadInput as error:
                refusal = error
            if refusal is None:
                told.append((one, text))
                places.append(place)
            else:
                results[place] = _refused(_id_of(raw), refusal)
        if told:
            batch = self._placed(told, self._clocks)
            statuses = await self._kept(batch)
            for place, row, status in zip(places, batch.rows, statuses, strict=True):
                results[place] = (
                    Result(row.event_id, status)
                    if status is not REFUSED
                    else Result(row.event_id, REFUSED, "conflict", _CONFLICT)
                )
        return [result for result in results if result is not None]

    async def _kept(self, batch: Batch) -> list[str]:
        """Keep one batch together with all that arrive while the writer is busy.

        The writer would group them, too; grouping them here spares a hand-over between threads each.
        """
        done: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._waiting.append((batch, done))
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep_waiting())
        return await done

    async def _keep_waiting(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            batches = [batch for batch, _ in group]
            try:
                outcomes: Sequence[Any] = await self._db.write(partial(keep, batches=batches))
            except Exception as error:  # noqa: BLE001  # worker loop: whoever waits must hear of it
                # Policy: what spoilt the group is found by trying each request alone; that one is told so.
                log.warning("a group of sale events failed", requests=len(group), error=type(error).__name__)
                outcomes = await asyncio.gather(
                    *(self._db.write_merged(keep, batch) for batch in batches), return_exceptions=True
                )
            for (_, done), outcome in zip(group, outcomes, strict=True):
                if done.done():
                    continue  # the client went away; its events are kept all the same
                if isinstance(outcome, BaseException):
                    refusal = Unavailable("expected the database to keep the events, got a failure")
                    refusal.__cause__ = outcome
                    done.set_exception(refusal)
                else:
                    done.set_result(outcome)

    def _refusal(
        self, actor: Actor, register: str, allowed: dict[str, TenbanError | None]
    ) -> TenbanError | None:
        if register in allowed:
            return allowed[register]
        refusal: TenbanError | None = None
        shop = self._shop_of.get(register)
        if shop is None:
            refusal = NotFound(f"register: expected a register of this installation, got {register!r}")
        else:
            try:
                actor.must(Function.SALES_WRITE, shop=shop, register=register)
            except TenbanError as error:
                refusal = error
        allowed[register] = refusal
        return refusal

    def _placed(self, told: list[tuple[Told, str]], clocks: Clocks) -> Batch:
        received_at = self._clock.now()
        newest: dict[str, Instant] = {}
        for one, _ in told:
            register, rung_at = one["register"], one["rung_at"]
            if rung_at > newest.get(register, -1):
                newest[register] = rung_at
        for register, rung_at in newest.items():
            clocks.of(register).observe(rung_at, received_at)
        rows = [self._row(one, text, received_at, clocks) for one, text in told]
        due = [clocks.due(register, self._shop_of[register]) for register in newest]
        return Batch(rows, [reading for reading in due if reading is not None])

    def _row(self, told: Told, text: str, received_at: Instant, clocks: Clocks) -> EventRow:
        register, rung_at = told["register"], told["rung_at"]
        clock = clocks.of(register)
        occurred_at, doubted = clock.place(rung_at, received_at)
        get = told.get
        item: dict[str, Any] = get("item") or {}
        return EventRow(
            told["event_id"],
            self._shop_of[register],
            register,
            get("sale"),
            told["seq"],
            told["type"],
            rung_at,
            received_at,
            occurred_at,
            clock.offset_us,
            doubted,
            item.get("plu"),
            item.get("quantity"),
            item.get("amount", get("amount")),
            get("total"),
            get("of_sale"),
            get("cashier"),
            text,
        )


def keep(connection: Connection, batches: Sequence[Batch]) -> list[list[str]]:
    """Keep what several requests bring, in one transaction; one status per event of each."""
    readings = [reading for batch in batches for reading in batch.readings]
    if readings:  # first: they begin the transaction, and events alone need none around their statement
        queries.save_clocks(connection, readings)
    firsts: dict[str, EventRow] = {}
    for batch in batches:
        for row in batch.rows:
            firsts.setdefault(row.event_id, row)
    kept_before = queries.add_new(connection, list(firsts.values()))
    if not kept_before and len(firsts) == sum(len(batch.rows) for batch in batches):
        return [[STORED] * len(batch.rows) for batch in batches]
    return [[_status(row, firsts, kept_before) for row in batch.rows] for batch in batches]


def _status(row: EventRow, firsts: dict[str, EventRow], kept_before: dict[str, str]) -> str:
    first = firsts[row.event_id]
    if row is first and row.event_id not in kept_before:
        return STORED
    return DUPLICATE if row.body == kept_before.get(row.event_id, first.body) else REFUSED


_CONFLICT = "event_id: expected the same content as the event kept under this id, got other content"


def _refused(event_id: str | None, error: TenbanError) -> Result:
    return Result(event_id, REFUSED, error.code, str(error))


def _id_of(raw: object) -> str | None:
    """Return the id of an event that was refused, where it has one that may be repeated."""
    try:
        return read_id(raw)
    except BadInput:
        return None
