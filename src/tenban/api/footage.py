"""Playback of footage: the days there are, a day's timeline, the till's journal beside it, moments.

Times are RFC 3339; the pictures themselves are given by :mod:`tenban.api.footage_media`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from tenban.access.model import Actor, Function
from tenban.api.cards import BEFORE_US
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.filmed import From, Until, camera_of, cameras_of, footage_of, span_of
from tenban.api.flags import flag_told
from tenban.base.clock import MILLISECOND, SECOND, Instant, to_rfc3339
from tenban.base.errors import BadInput, NotFound
from tenban.base.span import Span
from tenban.db import Connection
from tenban.findings.sightings import seen_at
from tenban.findings.told import Found, findings_of
from tenban.incidents import engine
from tenban.incidents.model import Incident
from tenban.keeping.room import outlook
from tenban.pos import flags as pos_flags
from tenban.pos import journal as pos_journal
from tenban.pos.clock_history import Offset
from tenban.pos.journal import Bar, Line, Moment, Tick
from tenban.pos.model import Item
from tenban.pos.sales import Sale
from tenban.sites.model import Register, Sites
from tenban.video.coverage import Coverage
from tenban.video.reason_words import told_reason
from tenban.video.room import free_bytes
from tenban.video.settings import RecordingSettings

router = APIRouter(prefix="/api/v1/footage", tags=["footage"])

LONGEST_S = 26 * 3600
"""The longest timeline of one request: a day in which clocks are set back has 25 hours."""
MOST_CAMERAS = 16
MIB = 2**20

Ids = Annotated[list[str], Query(max_length=MOST_CAMERAS)]


@router.get("/days", summary="The days of a month of which there is footage")
async def days(
    here: TheServer,
    actor: AnActor,
    shop: Annotated[str, Query(max_length=64)],
    month: Annotated[str, Query(max_length=7, examples=["2026-11"])],
) -> dict[str, Any]:
    """Return for each day of the shop's calendar the cameras that filmed on it."""
    actor.must(Function.MEDIA_VIEW, shop=shop)
    cameras = cameras_of(here.sites, actor, shop)
    named = _days_of(month, here.sites.shop(shop).timezone)
    footage = footage_of(here)
    spans = list(named.values())

    def look() -> dict[str, list[bool]]:
        return {camera.id: footage.filmed_in(camera.source, spans) for camera in cameras}

    filmed = await asyncio.to_thread(look)
    return {
        "shop": shop,
        "days": {
            day: [camera for camera, on in filmed.items() if on[place]] for place, day in enumerate(named)
        },
    }


@router.get("/room", summary="Whether there is room for what is recorded next")
async def room(here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return ``state``: ``ok``; ``held``: what is left is held, recording will pause; ``full``: it has."""
    actor.must(Function.HOLDS_MANAGE)
    folder, sites = here.data_dir, here.sites
    free = await asyncio.to_thread(free_bytes, folder)
    least = round(RecordingSettings().min_free_mib * MIB)
    found = await here.db.read(lambda c: outlook(c, sites, free=free, min_free=least))
    told = {"free_bytes": found.free, "left_s": found.left_s, "is_held": found.is_held}
    return {"state": found.state, **told}


@router.get("/timeline", summary="Footage, gaps, sales, flags, findings and incidents of a span")
async def timeline(
    here: TheServer,
    actor: AnActor,
    camera: Ids,
    from_at: From,
    until_at: Until,
    register: Annotated[list[str] | None, Query(max_length=MOST_CAMERAS)] = None,
) -> dict[str, Any]:
    """Return what there is; what the actor may not read (sales, incidents) is named in ``without``.

    Registers are those that the cameras look at, unless some are named.
    """
    cameras = [camera_of(here.sites, actor, one) for one in dict.fromkeys(camera)]
    shops = {one.shop for one in cameras}
    if len(shops) != 1:
        raise BadInput("camera", expected="cameras of one shop", came=f"those of {len(shops)}")
    shop = shops.pop()
    span = span_of(from_at, until_at, LONGEST_S)
    registers = _registers(here.sites, actor, shop, [one.id for one in cameras], register)
    kept, now_at = footage_of(here), here.clock.now()
    may_sales = actor.may(Function.SALES_READ, shop=shop)
    may_incidents = actor.may(Function.INCIDENTS_READ, shop=shop)

    def footage() -> list[tuple[str, Coverage]]:
        return [(one.id, kept.coverage(one.source, span, now_at)) for one in cameras]

    def facts(connection: Connection) -> dict[str, Any]:
        bars: list[Bar] = []
        ticks: list[Tick] = []
        for one in registers if may_sales else []:
            more_bars, more_ticks = pos_journal.timeline(connection, actor, one, span, look=seen_at)
            bars += more_bars
            ticks += more_ticks
        places = [one.id for one in registers]
        found = findings_of(connection, actor, registers, span) if may_incidents else []
        opened = engine.occurred(connection, actor, span, places) if may_incidents else []
        own = pos_flags.flags_of(
            connection, actor, shop, span, registers=places, cameras=[one.id for one in cameras]
        )
        return {
            "sales": [_bar(one) for one in bars],
            "flags": sorted([*map(_tick, ticks), *map(flag_told, own)], key=lambda one: str(one["at"])),
            "findings": [_found(one) for one in found],
            "incidents": [_incident(one) for one in opened],
        }

    covered = await asyncio.to_thread(footage)
    told = await here.db.read(facts)
    allowed = {"sales": may_sales, "incidents": may_incidents}
    return {
        "from": to_rfc3339(span.start_at),
        "to": to_rfc3339(span.end_at),
        "now": to_rfc3339(now_at),
        "cameras": [_coverage(*one) for one in covered],
        "registers": [one.id for one in registers],
        "without": [what for what, may in allowed.items() if not may],
        **told,
    }


@router.get("/journal", summary="What a register told of a span, each line at its moment")
async def journal(
    here: TheServer,
    actor: AnActor,
    register: Annotated[str, Query(max_length=64)],
    from_at: From,
    until_at: Until,
) -> dict[str, Any]:
    """Return lines, their sales, and how the till's clock stands to ours."""
    known = here.sites.register(register)
    actor.must(Function.SALES_READ, shop=known.shop)
    _must_watch(actor, known)
    span = span_of(from_at, until_at, LONGEST_S)
    found = await here.db.read(
        lambda connection: pos_journal.journal(connection, actor, known, span, look=seen_at)
    )
    return {
        "register": known.id,
        "lines": [_line(one, found.sales.get(one.event.sale or "")) for one in found.lines],
        "sales": {number: _sale(one) for number, one in found.sales.items()},
        "clock": None if found.clock is None else _clock(found.clock),
        "next": None if found.next_at is None else to_rfc3339(found.next_at),
    }


@router.get("/moment", summary="Where the video of a sale, or of one step of it, is")
async def moment(
    here: TheServer,
    actor: AnActor,
    event: Annotated[str | None, Query(max_length=64, description="a sale event's id")] = None,
    register: Annotated[str | None, Query(max_length=64)] = None,
    sale: Annotated[str | None, Query(max_length=64, description="its number at the register")] = None,
    seq: Annotated[int | None, Query(ge=0, le=2**53, description="one step of the sale")] = None,
) -> dict[str, Any]:
    """Return the register's cameras, the moment, and the page that shows it."""
    if event is not None:
        found = await here.db.read(
            partial(pos_journal.moment_of_event, actor=actor, event_id=event, look=seen_at)
        )
    elif register is not None and sale is not None:
        till = here.sites.register(register)
        actor.must(Function.SALES_READ, shop=till.shop)
        _must_watch(actor, till)
        find = partial(
            pos_journal.moment_of_sale, actor=actor, register=till, number=sale, seq=seq, look=seen_at
        )
        found = await here.db.read(find)
    else:
        raise BadInput("moment", expected="event, or register and sale", came="neither")
    return _moment(here, actor, found)


def _registers(
    sites: Sites, actor: Actor, shop: str, cameras: Sequence[str], named: Sequence[str] | None
) -> list[Register]:
    if named is not None:
        registers = [sites.register(one) for one in dict.fromkeys(named)]
        if any(one.shop != shop for one in registers):
            raise NotFound(f"shop {shop[:60]!r} has no such register")
    else:
        registers = [
            one for one in sites.shop(shop).registers if any(view.camera in cameras for view in one.views)
        ] or [sites.register(one) for one in sites.seen_by(*cameras)]
    return [one for one in registers if not actor.groups or one.group in actor.groups]


def _must_watch(actor: Actor, register: Register) -> None:
    if actor.groups and register.group not in actor.groups:
        raise NotFound(f"there is no register {register.id[:60]!r}")


def _days_of(month: str, zone: ZoneInfo) -> dict[str, Span]:
    """Return each day of a month with its span: 23 or 25 hours where clocks change."""
    if not re.fullmatch(r"\d{4}-\d{2}", month):
        raise BadInput("month", expected="a month such as 2026-11", came=repr(month))
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise BadInput("month", expected="a month such as 2026-11", came=repr(month)) from error
    found, day = {}, first
    while day.month == first.month:
        found[day.isoformat()] = Span(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))
        day += timedelta(days=1)
    return found


def _midnight(day: date, zone: ZoneInfo) -> Instant:
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * SECOND


def _moment(here: Here, actor: Actor, moment: Moment) -> dict[str, Any]:
    register = here.sites.register(moment.register)
    actor.must(Function.MEDIA_VIEW, shop=register.shop)
    _must_watch(actor, register)
    cameras = [view.camera for view in register.views]
    play_at = moment.at - BEFORE_US
    return {
        "register": register.id,
        "cameras": cameras,
        "sale": moment.sale,
        "event": moment.event.event_id,
        "type": moment.event.type.value,
        "at": to_rfc3339(moment.at),
        "until": to_rfc3339(moment.end_at),
        "play_from": to_rfc3339(play_at),
        "clock": _clock(moment.clock),
        "page": page_of(register.id, moment.event.event_id, play_at),
    }


def page_of(register: str, event: str, play_at: Instant) -> str:
    """Return the address of the page that opens a register's cameras at a moment."""
    query = urlencode({"register": register, "event": event, "at": to_rfc3339(play_at), "play": 1})
    return f"/footage?{query}"


def _clock(offset: Offset) -> dict[str, Any]:
    """Return the till's clock; ``offset_ms`` is ours minus the till's: below zero where the till is ahead."""
    return {
        "offset_ms": round(offset.offset_us / MILLISECOND),
        "error_ms": round(offset.error_us / MILLISECOND),
        "how": offset.how,
        "count": offset.number,
        "stepped_at": None if offset.stepped_at is None else to_rfc3339(offset.stepped_at),
    }


def _coverage(camera: str, found: Coverage) -> dict[str, Any]:
    return {
        "id": camera,
        "filmed": [[to_rfc3339(span.start_at), to_rfc3339(span.end_at)] for span in found.filmed],
        "gaps": [
            {
                "from": to_rfc3339(hole.span.start_at),
                "to": to_rfc3339(hole.span.end_at),
                "cause": hole.cause,
                "why": hole.why,
                "reason": told_reason(hole.why),
            }
            for hole in found.holes
        ],
        "from_at": None if found.from_at is None else to_rfc3339(found.from_at),
        "until_at": None if found.until_at is None else to_rfc3339(found.until_at),
    }


def _bar(bar: Bar) -> dict[str, Any]:
    return {
        "register": bar.register,
        "sale": bar.sale,
        "from": to_rfc3339(bar.start_at),
        "to": None if bar.end_at is None else to_rfc3339(bar.end_at),
        "state": bar.state,
        "total": bar.total,
    }


def _tick(tick: Tick) -> dict[str, Any]:
    return {
        "id": tick.event_id,
        "by": "till",
        "kind": tick.mark.value,
        "at": to_rfc3339(tick.at),
        "register": tick.register,
        "sale": tick.sale,
        "amount": tick.amount,
    }


def _found(found: Found) -> dict[str, Any]:
    return {
        "id": found.key,
        "rule": found.rule,
        "title": found.title,
        "register": found.register,
        "sale": found.sale,
        "at": to_rfc3339(found.at),
        "stands": found.stands,
    }


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "kind": incident.kind,
        "title": incident.latest.title,
        "sentence": incident.latest.sentence,
        "register": incident.place,
        "at": to_rfc3339(incident.occurred_at),
        "state": incident.state.value,
        "outcome": incident.outcome.value if incident.outcome else None,
    }


def _line(line: Line, sale: Sale | None) -> dict[str, Any]:
    event = line.event
    item = event.item
    if item is not None and item.name is None and sale is not None:
        # A void names a line; people know it by what was on it.
        named = (one for one in sale.lines if item.line is not None and one.line == item.line)
        item = replace(item, name=next((one.name for one in named), None))
    return {
        "id": event.event_id,
        "at": to_rfc3339(line.at),
        "type": event.type.value,
        "sale": event.sale,
        "seq": event.seq,
        "struck": line.is_struck,
        "mark": line.mark.value if line.mark else None,
        "item": None if item is None else _item(item),
        "total": event.total,
        "amount": event.amount,
        "payments": [
            {"method": one.method, "amount": one.amount, "card": one.card} for one in event.payments
        ],
        "of_sale": event.of_sale,
        "cashier": event.cashier,
        "reason": event.reason,
        "note": event.note,
        "waited_ms": round((event.received_at - line.at) / MILLISECOND),
    }


def _item(item: Item) -> dict[str, Any]:
    how: Literal["scan", "key", "image"] | None = item.entered.value if item.entered else None
    return {
        "line": item.line,
        "plu": item.plu,
        "name": item.name,
        "quantity": item.quantity,
        "weight_g": item.weight_g,
        "amount": item.amount,
        "entered": how,
    }


def _sale(sale: Sale) -> dict[str, Any]:
    return {
        "state": sale.state.value,
        "total": sale.total,
        "voided": sale.voided,
        "refunded": sale.refunded,
        "cashier": sale.cashier,
        "count": sale.registered_count,
    }
