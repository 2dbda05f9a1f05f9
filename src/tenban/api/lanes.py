"""The state of the lanes over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from tenban.access.model import Actor, Function
from tenban.api.context import AnActor, TheServer
from tenban.api.register_link import LinkState, links_of
from tenban.base.clock import Instant, to_rfc3339
from tenban.base.errors import NotFound
from tenban.findings.lanes import LaneState, lane_states
from tenban.incidents import duty
from tenban.pos.holds import PaymentState, payment_states
from tenban.sites.floor import arranged
from tenban.sites.model import Register, Sites
from tenban.video.reason_words import told_reason

router = APIRouter(prefix="/api/v1/lanes", tags=["lanes"])


class Kept(BaseModel):
    """Looking after a lane, or no longer."""

    take: bool


@router.get("", summary="Every lane: watched or not, its cameras, its till")
async def list_lanes(
    request: Request,
    here: TheServer,
    actor: AnActor,
    shop: Annotated[str | None, Query(description="only this shop's")] = None,
) -> list[dict[str, Any]]:
    """Return the lanes the actor may see, in the configuration's order."""
    links = links_of(request.app)
    now_at = here.clock.now()
    if actor.register is None:
        actor.must(Function.LANES_READ, shop=shop)
    else:
        actor.must_reach(shop)
    there = actor if shop is None else replace(actor, shop=shop)
    states = await here.db.read(lambda connection: lane_states(connection, there, here.sites, now_at))
    keepers = await here.db.read(lambda connection: duty.keepers(connection, actor))
    registers = [state.register for state in states]
    payments = await here.db.read(lambda connection: payment_states(connection, actor, registers, now_at))
    floors = {one.id: arranged(one.registers) for one in here.sites.shops if shop in {None, one.id}}
    return [
        {
            **_lane(state, links.state(state.register.id)),
            "at": floors[state.register.shop][state.register.id],
            "keeper": _keeper(keepers.get(state.register.id)),
            "payment": payment_told(payments[state.register.id]),
        }
        for state in states
    ]


@router.post("/{register_id}/keeper", summary="Look after a lane, or no longer")
async def set_keeper(register_id: str, kept: Kept, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Change who looks after the lane; everybody sees it."""
    register = lane_of(here.sites, actor, register_id)
    now_at = here.clock.now()
    await here.db.write(
        lambda connection: duty.keep_place(
            connection, actor, now_at, place=register.id, shop=register.shop, take=kept.take
        )
    )
    keepers = await here.db.read(lambda connection: duty.keepers(connection, actor))
    return {"id": register.id, "keeper": _keeper(keepers.get(register.id))}


def lane_of(sites: Sites, actor: Actor, register_id: str) -> Register:
    """Return a lane that the actor may see.

    Raises:
        NotFound: there is none, or it is another shop's or another group's.
    """
    register = sites.register(register_id)
    actor.must(Function.LANES_READ, shop=register.shop)
    if actor.groups and register.group not in actor.groups:
        raise NotFound(f"there is no register {register_id[:60]!r}")
    return register


def payment_told(payment: PaymentState) -> dict[str, Any]:
    """Return how payment stands at a register, as screens get it."""
    by = None if payment.by is None else {"id": payment.by, "name": payment.by_name}
    return {
        "state": payment.state.value,
        "sale": payment.sale,
        "by": by,
        "since_at": _time(payment.since_at),
    }


def _keeper(keeper: duty.Keeper | None) -> dict[str, Any] | None:
    if keeper is None:
        return None
    return {"id": keeper.id, "name": keeper.name, "since_at": _time(keeper.since_at)}


def _lane(state: LaneState, link: LinkState | None) -> dict[str, Any]:
    register = state.register
    return {
        "id": register.id,
        "name": register.name,
        "kind": register.kind,
        "group": register.group,
        "watched": state.watched,
        "why": state.why,
        "cameras": [
            {
                "id": camera.id,
                "name": camera.name,
                "state": camera.status,
                "why": camera.why,
                "reason": told_reason(camera.why),
                "since_at": _time(camera.since_at),
            }
            for camera in state.cameras
        ],
        "till": {
            "connected": link is not None,
            "heard_at": _time(link.heard_at if link else None),
            "clock_offset_ms": state.clock_offset_ms,
            "last_event_at": _time(state.last_event_at),
        },
    }


def _time(at: Instant | None) -> str | None:
    return None if at is None else to_rfc3339(at)
