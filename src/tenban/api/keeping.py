"""Holds, destruction on request, and what was destroyed, over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from tenban.access.model import Actor, Function
from tenban.api.cards import card_of
from tenban.api.context import AnActor, TheServer
from tenban.base.clock import to_rfc3339
from tenban.base.errors import NotFound
from tenban.db import Connection
from tenban.incidents import engine
from tenban.keeping import copies, holds
from tenban.keeping.erase import erase_pictures
from tenban.keeping.model import Hold
from tenban.keeping.reading import deletions, pictures_end
from tenban.sites.model import Sites

router = APIRouter(prefix="/api/v1", tags=["keeping"])


class AskedHold(BaseModel):
    """Who answers for a hold, and why there is one."""

    owner: Annotated[str, Field(max_length=200)]
    reason: Annotated[str, Field(max_length=1000)]


class Reason(BaseModel):
    """Why."""

    reason: Annotated[str, Field(max_length=1000)]


@router.get("/incidents/{incident_id}/keeping", summary="An incident's holds, and the end of its pictures")
async def keeping_of(incident_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return holds, released ones too, newest first, and when and why its pictures were destroyed."""
    found = await here.db.read(partial(holds.of_incident, actor=actor, incident_id=incident_id))
    end = await here.db.read(partial(pictures_end, incident_id=incident_id))
    return {
        "holds": [_hold(one) for one in found],
        "pictures": None if end is None else {"destroyed_at": to_rfc3339(end[0]), "why": end[1]},
    }


@router.get("/incidents/{incident_id}/copy", summary="The copy of its clip with people blurred")
async def copy(incident_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return how far it is, and once it is ready, where."""
    sites = here.sites
    found = await here.db.read(lambda connection: copies.copy_of(connection, actor, sites, incident_id))
    blob = (found.ref or "").removeprefix("blob:")
    url = f"/api/v1/incidents/{incident_id}/media/{blob}" if blob else None
    return {"state": found.state, "progress": found.progress, "url": url, "can": found.can}


@router.post("/incidents/{incident_id}/copy", status_code=202, summary="Have such a copy made")
async def make_copy(incident_id: str, here: TheServer, actor: AnActor) -> dict[str, str]:
    """Copy the newest clip with people and zones blurred; the clip itself stays as it is."""
    now_at, sites = here.clock.now(), here.sites
    await here.db.write(lambda connection: copies.order_copy(connection, actor, now_at, sites, incident_id))
    return {"state": "pending"}


@router.post("/incidents/{incident_id}/holds", status_code=201, summary="Keep an incident beyond its period")
async def place(incident_id: str, asked: AskedHold, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Hold its pictures and the footage around it until the hold is released."""
    now_at, sites = here.clock.now(), here.sites
    hold = await here.db.write(
        lambda c: holds.place(c, actor, now_at, sites, incident_id, owner=asked.owner, reason=asked.reason)
    )
    return _hold(hold)


@router.get("/holds", summary="What is held now")
async def in_force(
    here: TheServer, actor: AnActor, shop: Annotated[str | None, Query(max_length=64)] = None
) -> list[dict[str, Any]]:
    """Return holds in force, longest first; ``about`` says what is held: where, what and when."""
    sites = here.sites

    def read(connection: Connection) -> list[dict[str, Any]]:
        found = holds.in_force(connection, actor=actor, shop=shop)
        return [{**_hold(one), "about": _about(connection, actor, sites, one)} for one in found]

    return await here.db.read(read)


@router.post("/holds/{hold_id}/release", summary="Let a hold go")
async def release(hold_id: str, why: Reason, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Release a hold, with the reason."""
    now_at = here.clock.now()
    return _hold(await here.db.write(lambda c: holds.release(c, actor, now_at, hold_id, reason=why.reason)))


@router.post("/incidents/{incident_id}/erase", summary="Destroy an incident's pictures for good")
async def erase(incident_id: str, why: Reason, here: TheServer, actor: AnActor) -> dict[str, int]:
    """Destroy its stills and clips on request; what was written of it stays."""
    now_at = here.clock.now()
    names = await here.db.write(lambda c: erase_pictures(c, actor, now_at, incident_id, reason=why.reason))
    await asyncio.to_thread(here.blobs.destroy, names)
    return {"destroyed": len(names)}


@router.get("/retention/deletions", summary="What was destroyed, newest first")
async def list_deletions(
    here: TheServer,
    actor: AnActor,
    shop: Annotated[str | None, Query(max_length=64)] = None,
    before: Annotated[int | None, Query(description="the number of a row")] = None,
) -> list[dict[str, Any]]:
    """Return fifty rows: kind, count, bytes, span, period or reason."""
    rows = await here.db.read(partial(deletions, actor=actor, shop=shop, before=before))
    return [{**row, **{key: to_rfc3339(row[key]) for key in ("at", "from_at", "to_at")}} for row in rows]


def _about(connection: Connection, actor: Actor, sites: Sites, hold: Hold) -> dict[str, Any] | None:
    try:
        incident = engine.get(connection, actor, hold.incident, Function.HOLDS_MANAGE)
    except NotFound:
        return None  # Policy: what is held is not destroyed; one that is gone all the same is a hold alone.
    card = card_of(incident, sites)
    return {key: card[key] for key in ("register_name", "title", "occurred_at", "footage")}


def _hold(hold: Hold) -> dict[str, Any]:
    released_at = None if hold.released_at is None else to_rfc3339(hold.released_at)
    return {**asdict(hold), "placed_at": to_rfc3339(hold.placed_at), "released_at": released_at}
