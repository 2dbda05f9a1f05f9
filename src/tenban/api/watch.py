"""The live channel of attendants: server-sent events out of the durable outbox.

Each event carries the notice's number as its id. A tablet that was asleep reconnects with the last
number it showed and gets what it missed, in order, once (WHATWG HTML, section 9.2, "Last-Event-ID").
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from tenban.access.model import Actor, Function
from tenban.api.cards import card_for
from tenban.api.context import AnActor, Here, TheServer, find_actor
from tenban.base.clock import to_rfc3339
from tenban.base.errors import BadInput, NotFound
from tenban.db import Connection
from tenban.incidents import engine
from tenban.incidents.duty import HANDED_OVER
from tenban.incidents.model import Incident
from tenban.notify.outbox import PAGE, Notice, newest, notices_after
from tenban.pos.holds import PAYMENT

router = APIRouter(prefix="/api/v1/watch", tags=["watch"])

HEARTBEAT_S = 10.0


@router.get("/stream", summary="Notices as server-sent events")
async def stream(
    request: Request,
    here: TheServer,
    actor: AnActor,
    after: Annotated[int | None, Query(description="the last notice shown; now when left out")] = None,
    last_event_id: Annotated[str | None, Header()] = None,
    register: Annotated[str | None, Query(description="only this register's")] = None,
) -> StreamingResponse:
    """Send every notice after the given one, then each new one as it is committed."""
    only = actor.place_of(Function.INCIDENTS_READ)
    if only is not None and register not in {None, only}:
        raise NotFound(f"there is no register {str(register)[:60]!r}")
    start = after
    if last_event_id:
        if not last_event_id.isdecimal():
            raise BadInput("Last-Event-ID", expected="a notice's number", came=repr(last_event_id)[:40])
        start = int(last_event_id)
    if start is None:
        start = await here.db.read(lambda connection: newest(connection, actor))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        _events(request, here, actor, start, register), media_type="text/event-stream", headers=headers
    )


async def _events(
    request: Request, here: Here, actor: Actor, last: int, register: str | None
) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    spoke_s = here.clock.monotonic_s()
    while not await request.is_disconnected():
        seen = here.board.seen
        told = await here.db.read(partial(_told_after, actor=actor, after=last))
        for notice, incident in told:
            last = notice.n
            if register is None or _place_of(notice, incident) == register:
                yield _event(here, actor, notice, incident)
        if told:
            spoke_s = here.clock.monotonic_s()
        if len(told) == PAGE:
            continue
        await here.board.wait(seen, patience_s=HEARTBEAT_S)
        if here.clock.monotonic_s() - spoke_s >= HEARTBEAT_S:
            now = await find_actor(request)
            if now is None or not now.functions >= actor.functions:
                return  # signed out, unpaired, or another role; the browser comes back as what it is now
            spoke_s = here.clock.monotonic_s()
            yield b": still here\n\n"


def _told_after(connection: Connection, actor: Actor, after: int) -> list[tuple[Notice, Incident | None]]:
    notices = notices_after(connection, actor, after)
    return [(notice, _told_of(connection, actor, notice)) for notice in notices]


def _told_of(connection: Connection, actor: Actor, notice: Notice) -> Incident | None:
    return None if notice.kind in {HANDED_OVER, PAYMENT} else engine.get(connection, actor, notice.subject)


def _place_of(notice: Notice, incident: Incident | None) -> str | None:
    if notice.kind == PAYMENT:
        return notice.subject
    return None if incident is None else incident.place


def _event(here: Here, actor: Actor, notice: Notice, incident: Incident | None) -> bytes:
    document = {
        "notice_id": notice.n,
        "kind": notice.kind,
        "at": to_rfc3339(notice.at),
        "sent_at": to_rfc3339(here.clock.now()),
        "subject": notice.subject,
        "body": notice.body,
        "incident": card_for(actor, incident, here.sites) if incident else None,
    }
    return b"id: %d\nevent: notice\ndata: %s\n\n" % (notice.n, orjson.dumps(document))
