"""The audit log over HTTP: searched, proven and written out by auditors; one's own part by everybody."""

from __future__ import annotations

import asyncio
import csv
import dataclasses
import io
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from tenban.access.audit import AuditEvent, write_down
from tenban.access.chain import AuditRow, key_id
from tenban.access.keys import KEYS, PUBLIC, public_key
from tenban.access.model import Actor, Function
from tenban.access.proof import lines_of, prove_log
from tenban.access.search import MOST_ROWS, AuditSearch, reach, search, what_concerns
from tenban.access.stamps import authorities_of
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.looks import presences_of
from tenban.base.clock import Instant, from_rfc3339, to_datetime, to_rfc3339
from tenban.base.errors import BadInput, Unavailable
from tenban.db import Connection

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

# A proof reads every row: one at a time, so that it takes no more than one thread from the shop.
_PROOFS = asyncio.Semaphore(1)
_HEAD = ["n", "at", "actor", "name", "event", "subject", "shop", "detail", "hash"]


def _asked(
    from_at: Annotated[str | None, Query(alias="from", max_length=40, description="RFC 3339")] = None,
    until_at: Annotated[str | None, Query(alias="until", max_length=40, description="RFC 3339")] = None,
    who: Annotated[str | None, Query(max_length=100, description="part of a name or actor id")] = None,
    event: Annotated[str | None, Query(max_length=64, description="an event, or how it begins")] = None,
    about: Annotated[str | None, Query(max_length=200, description="subject, name or detail")] = None,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="rows of smaller number")] = None,
) -> AuditSearch:
    return AuditSearch(
        from_at=_instant("from", from_at),
        until_at=_instant("until", until_at),
        who=who,
        event=event,
        about=about,
        before_n=before,
    )


def _instant(name: str, text: str | None) -> Instant | None:
    if text is None:
        return None
    try:
        return from_rfc3339(text)
    except ValueError as error:
        raise BadInput(name, expected="a time such as 2026-11-22T12:00:00+09:00", came=repr(text)) from error


Asked = Annotated[AuditSearch, Depends(_asked)]


@router.get("", summary="Rows of the audit log, newest first")
async def find(
    asked: Asked, here: TheServer, actor: AnActor, limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100
) -> dict[str, Any]:
    """Return what fits; ``next`` is the number to go on before, null at the end."""
    rows, names = await here.db.read(partial(search, actor=actor, asked=asked, most=limit))
    known = await here.db.read(partial(reach, actor=actor))
    sealed, stamp = known.seal, known.stamp
    return {
        **_page(rows, names, limit),
        "log": {
            "last_n": known.last_n,
            "sealed_n": sealed.upto_n if sealed else 0,
            "sealed_at": to_rfc3339(sealed.at) if sealed else None,
            "key_id": sealed.key_id if sealed else None,
            "stamping": here.sites.stamping is not None,
            "stamped_n": stamp.upto_n if stamp else 0,
            "stamped_at": to_rfc3339(stamp.at) if stamp else None,
            "unstamped": known.unstamped if here.sites.stamping is not None else 0,
        },
    }


@router.get("/mine", summary="What others did that concerns the person who asks")
async def mine(
    here: TheServer,
    actor: AnActor,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
) -> dict[str, Any]:
    """Return who looked, changed or asked, newest first."""

    def find(connection: Connection) -> tuple[list[AuditRow], dict[str, str]]:
        there = presences_of(connection, actor)
        return what_concerns(connection, actor, there, before_n=before, most=limit)

    return _page(*await here.db.read(find), limit)


@router.post("/proof", summary="Prove the whole log")
async def prove_now(here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Check every row and seal with the server's public key; says the first fault where there is one."""
    actor.must(Function.AUDIT_READ)
    if _PROOFS.locked():
        raise Unavailable("the log is being proven right now: please ask again in a moment")
    async with _PROOFS:
        key = public_key(here.data_dir / KEYS / PUBLIC)
        stamping = here.sites.stamping
        folder = here.desk.path.parent if here.desk is not None else Path()
        check = None if stamping is None else authorities_of(stamping, folder).fault
        proof = await asyncio.to_thread(prove_log, here.db.read_now, {key_id(key): key}, check)
    now_at = here.clock.now()
    whole = proof.fault is None
    await here.db.write(
        lambda c: write_down(c, AuditEvent.LOG_PROVEN, actor, now_at, str(proof.last_n), whole=whole)
    )
    return {
        "whole": whole,
        "rows": proof.rows,
        "seals": proof.seals,
        "sealed_n": proof.sealed_n,
        "stamps": proof.stamps,
        "stamped_n": proof.stamped_n,
        "stamped_at": None if proof.stamped_at is None else to_rfc3339(proof.stamped_at),
        "unchecked": proof.unchecked,
        "head": proof.head,
        "fault": proof.fault.what if proof.fault else None,
        "proven_at": to_rfc3339(now_at),
    }


@router.get("/export.csv", summary="The rows that fit, as a table")
async def export_table(asked: Asked, here: TheServer, actor: AnActor) -> StreamingResponse:
    """Send every row that fits, newest first; that it was exported is written down before the first byte."""
    await _exporting(here, actor, "csv", asked)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    table = _table(here, actor, asked)
    return StreamingResponse(table, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/export.jsonl", summary="The whole log with its seals, for a proof elsewhere")
async def export_log(here: TheServer, actor: AnActor) -> StreamingResponse:
    """Send what ``tenban audit verify`` proves; only for who may read every shop's rows."""
    actor.must(Function.AUDIT_TAKE)
    await _exporting(here, actor, "jsonl", AuditSearch())
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"', "Cache-Control": "no-store"}
    lines = iterate_in_threadpool(_in_pieces(lines_of(here.db.read_now)))
    return StreamingResponse(lines, media_type="application/jsonl", headers=headers)


async def _exporting(here: Here, actor: Actor, kind: str, asked: AuditSearch) -> None:
    actor.must(Function.AUDIT_READ)
    actor.must_prove(Function.AUDIT_TAKE)
    now_at = here.clock.now()
    sought = {name: value for name, value in dataclasses.asdict(asked).items() if value is not None}
    await here.db.write(lambda c: write_down(c, AuditEvent.LOG_EXPORTED, actor, now_at, kind, sought=sought))


async def _table(here: Here, actor: Actor, asked: AuditSearch) -> AsyncIterator[bytes]:
    # The mark lets Excel read Japanese names.
    yield "\ufeff".encode() + _csv([_HEAD])
    # In the shop's time, with its offset: as the page shows it; what is of no shop, in the first one's.
    zones = {shop.id: shop.timezone for shop in here.sites.shops}
    usual = next(iter(zones.values()), UTC)
    while True:
        rows, names = await here.db.read(partial(search, actor=actor, asked=asked, most=MOST_ROWS))
        if not rows:
            return
        yield _csv([_cells(row, names, zones.get(row.shop or "", usual)) for row in rows])
        asked = dataclasses.replace(asked, before_n=rows[-1].n)


def _cells(row: AuditRow, names: dict[str, str], zone: tzinfo) -> list[object]:
    name = names.get(row.actor, "")
    at = to_datetime(row.at).astimezone(zone).isoformat(timespec="microseconds")
    told = [row.n, at, row.actor, name, row.event, row.subject, row.shop, row.detail]
    return [*map(_harmless, told), row.hash]


def _harmless(cell: object) -> object:
    """Keep a spreadsheet from taking what somebody typed for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _csv(lines: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def _in_pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    piece = bytearray()
    for line in lines:
        piece += line
        if len(piece) > 1 << 16:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def _page(rows: list[AuditRow], names: dict[str, str], limit: int) -> dict[str, Any]:
    return {
        "rows": [_row(row, names) for row in rows],
        "next": rows[-1].n if len(rows) == limit else None,
    }


def _row(row: AuditRow, names: dict[str, str]) -> dict[str, Any]:
    return {
        "n": row.n,
        "at": to_rfc3339(row.at),
        "actor": {"id": row.actor, "name": names.get(row.actor)},
        "event": row.event,
        "subject": {"id": row.subject, "name": names.get(f"person:{row.subject}") or names.get(row.subject)},
        "shop": row.shop,
        "detail": orjson.loads(row.detail),
        "hash": row.hash,
    }
