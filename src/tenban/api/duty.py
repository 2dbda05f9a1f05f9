"""Colleagues, and handing everything one has over to one of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from tenban.access.people import colleague, colleagues
from tenban.api.cards import card_of
from tenban.api.context import AnActor, TheServer
from tenban.incidents.duty import hand_over

router = APIRouter(prefix="/api/v1/duty", tags=["duty"])


class Handing(BaseModel):
    """To whom everything goes."""

    to: Annotated[str, Field(max_length=100, examples=["person:0199…"])]


@router.get("/colleagues", summary="Who else handles incidents in this shop")
async def list_colleagues(here: TheServer, actor: AnActor) -> list[dict[str, Any]]:
    """Return colleagues by name, and whether they are signed in."""
    now_at, areas = here.clock.now(), here.sites.areas
    found = await here.db.read(lambda connection: colleagues(connection, actor, now_at, areas))
    return [
        {"id": other.id, "name": other.name, "groups": sorted(other.groups), "signed_in": signed_in}
        for other, signed_in in found
    ]


@router.post("/hand-over", summary="Hand all open incidents and lanes over to a colleague")
async def post_hand_over(handing: Handing, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Give everything to a colleague, who is told once; return what went."""
    now_at, areas = here.clock.now(), here.sites.areas
    to = await here.db.read(lambda connection: colleague(connection, actor, now_at, handing.to, areas))
    done = await here.db.write(lambda connection: hand_over(connection, actor, now_at, to))
    return {
        "to": {"id": to.id, "name": to.name},
        "incidents": [card_of(incident, here.sites) for incident in done.incidents],
        "lanes": list(done.places),
    }
