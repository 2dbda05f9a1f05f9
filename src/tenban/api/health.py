"""Is the web process up, and does its database answer?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from tenban import __version__
from tenban.access.model import Function, system_actor
from tenban.access.rates import refusals_of
from tenban.api.context import AnActor, TheServer
from tenban.notify.outbox import newest

router = APIRouter(tags=["health"])

_ACTOR = system_actor("health")


@router.get("/api/v1/health", summary="What this process has refused since it began, by why")
async def health(request: Request, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return the version and the counts; for whoever looks after the server."""
    actor.must(Function.SETTINGS_EDIT)
    await here.db.read(lambda connection: newest(connection, _ACTOR))
    return {"status": "ok", "version": __version__, "refused": dict(refusals_of(request.app).counts)}


@router.get("/healthz", summary="Up, and the database answers")
async def healthz(here: TheServer) -> dict[str, str]:
    """Answer 200 once a query has been answered; tells nothing about the shop."""
    await here.db.read(lambda connection: newest(connection, _ACTOR))
    return {"status": "ok", "version": __version__}
