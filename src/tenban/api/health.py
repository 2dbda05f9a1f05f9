"""Is the web process up, and does its database answer?"""

from __future__ import annotations

from fastapi import APIRouter

from tenban import __version__
from tenban.access.model import system_actor
from tenban.api.context import TheServer
from tenban.notify.outbox import newest

router = APIRouter(tags=["health"])

_ACTOR = system_actor("health")


@router.get("/healthz", summary="Up, and the database answers")
async def healthz(here: TheServer) -> dict[str, str]:
    """Answer 200 once a query has been answered; tells nothing about the shop."""
    await here.db.read(lambda connection: newest(connection, _ACTOR))
    return {"status": "ok", "version": __version__}
