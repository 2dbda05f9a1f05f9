"""The state of the lanes over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from tenban.api.context import AnActor, TheServer
from tenban.api.register_link import LinkState, links_of
from tenban.base.clock import Instant, to_rfc3339
from tenban.findings.lanes import LaneState, lane_states

router = APIRouter(prefix="/api/v1/lanes", tags=["lanes"])


@router.get("", summary="Every lane: watched or not, its cameras, its till")
async def list_lanes(request: Request, here: TheServer, actor: AnActor) -> list[dict[str, Any]]:
    """Return the lanes the actor may see, in the configuration's order."""
    links = links_of(request.app)
    now_at = here.clock.now()
    states = await here.db.read(lambda connection: lane_states(connection, actor, here.sites, now_at))
    return [_lane(state, links.state(state.register.id)) for state in states]


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
