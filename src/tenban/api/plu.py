"""``GET /api/v1/plu``: the PLU master for tills, whole or as a delta, with ETag."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Response

from tenban.access.model import Actor
from tenban.api.context import AnActor, TheServer
from tenban.base.errors import BadInput
from tenban.pos.plu import plu_delta, plu_master, plu_version

router = APIRouter(prefix="/api/v1", tags=["PLU master"])

_EXAMPLE = {
    "version": 7,
    "items": [
        {
            "code": "4901234567894",
            "name": "緑茶 500ml",
            "unit_price": 198,
            "unit": "piece",
            "category": "飲料",
        }
    ],
}


@router.get(
    "/plu",
    summary="The PLU master, or what changed since a version",
    responses={
        200: {
            "description": "The whole master; with `since`, `{version, changed, removed}`.",
            "content": {"application/json": {"example": _EXAMPLE}},
        },
        304: {"description": "The version in If-None-Match is the newest."},
    },
)
async def get_plu(
    here: TheServer,
    actor: AnActor,
    shop: Annotated[str | None, Query(description="needed where the token is not of one shop")] = None,
    since: Annotated[int | None, Query(description="the version the till has", ge=0)] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Answer with what the till lacks; nothing (304) where it has the newest version."""
    shop_id = here.sites.shop(_shop(actor, shop)).id
    version = await here.db.read(partial(plu_version, actor=actor, shop=shop_id))
    headers = {"ETag": f'"{shop_id}-{version}"', "Cache-Control": "private, no-cache"}
    known = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if since is not None:
        delta = await here.db.read(partial(plu_delta, actor=actor, shop=shop_id, since=since))
        headers["ETag"] = f'"{shop_id}-{delta.version}"'
        return _json({"version": delta.version, "changed": delta.changed, "removed": delta.removed}, headers)
    newest, items = await here.db.read(partial(plu_master, actor=actor, shop=shop_id))
    headers["ETag"] = f'"{shop_id}-{newest}"'
    return _json({"version": newest, "items": [asdict(item) for item in items]}, headers)


def _shop(actor: Actor, asked: str | None) -> str:
    shop = asked or actor.shop
    if shop is None:
        raise BadInput("shop", expected="the shop's id, because you may see several", came="nothing")
    return shop


def _json(document: dict[str, object], headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(document), media_type="application/json", headers=headers)
