"""Webhooks over HTTP: added, tried, changed, taken away. A secret is told once."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from tenban.access.model import Function
from tenban.access.sealed_text import TextSealer, sealer_of
from tenban.api.context import AnActor, Here, TheServer
from tenban.base.clock import to_rfc3339
from tenban.base.errors import BadInput, NotFound
from tenban.notify import webhooks

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])

_TIMES = ("created_at", "delivered_at", "failing_since_at", "previous_until_at")


class NewWebhook(BaseModel):
    """Where to send what."""

    name: Annotated[str, Field(max_length=100)]
    url: Annotated[str, Field(max_length=2000)]
    events: Annotated[list[str], Field(max_length=20)]
    shop: Annotated[str | None, Field(max_length=64)] = None


class ChangedWebhook(BaseModel):
    """What is to be otherwise; what is left out stays."""

    name: Annotated[str | None, Field(max_length=100)] = None
    url: Annotated[str | None, Field(max_length=2000)] = None
    events: Annotated[list[str] | None, Field(max_length=20)] = None
    on: bool | None = None


class NewSecret(BaseModel):
    """How long the old secret signs beside the new one."""

    overlap_h: Annotated[float, Field(ge=0, le=720)] = 24


def sealer_here(here: Here) -> TextSealer:
    """Return what seals the secrets of this server's webhooks."""
    return sealer_of(here.data_dir / "keys")


@router.get("", summary="Webhooks, and how they do")
async def list_webhooks(
    here: TheServer, actor: AnActor, shop: Annotated[str | None, Query(max_length=64)] = None
) -> dict[str, Any]:
    """Return webhooks without their secrets, and which events there are."""
    found = await here.db.read(partial(webhooks.listed, actor=actor, shop=shop))
    shops = {one.id: one.name for one in here.sites.shops}
    return {
        "webhooks": [_told(one, shops) for one in found],
        "events": list(webhooks.EVENTS),
    }


@router.post("", status_code=201, summary="Add a webhook; its secret is in the answer, and nowhere else")
async def add(new: NewWebhook, here: TheServer, actor: AnActor) -> dict[str, str]:
    """Return the id and the secret (``whsec_…``) that signs."""
    actor.must(Function.PEOPLE_MANAGE)
    shop = new.shop or actor.shop or (here.sites.shops[0].id if len(here.sites.shops) == 1 else None)
    if shop is None:
        raise BadInput("shop", expected="the shop whose incidents are told", came="nothing")
    if shop not in {one.id for one in here.sites.shops}:
        raise NotFound(f"there is no shop {shop!r}")
    now_at, reach = here.clock.now(), here.sites.webhook_reach
    made = await here.db.write(
        lambda c: webhooks.add(
            c,
            actor,
            now_at,
            sealer_here(here),
            reach,
            shop=shop,
            name=new.name,
            url=new.url,
            events=new.events,
        )
    )
    return {"id": made.id, "secret": made.secret}


@router.patch("/{webhook_id}", status_code=204, summary="Change a webhook, or switch it on or off")
async def change(webhook_id: str, changed: ChangedWebhook, here: TheServer, actor: AnActor) -> None:
    """Change what is given."""
    now_at, reach = here.clock.now(), here.sites.webhook_reach
    values = changed.model_dump()
    await here.db.write(lambda c: webhooks.change(c, actor, now_at, reach, webhook_id, **values))


@router.post(
    "/{webhook_id}/secret", status_code=201, summary="Make a new secret; the old one signs on beside it"
)
async def rotate(webhook_id: str, wanted: NewSecret, here: TheServer, actor: AnActor) -> dict[str, str]:
    """Return the new secret."""
    now_at = here.clock.now()
    made = await here.db.write(
        lambda c: webhooks.rotate_secret(
            c, actor, now_at, sealer_here(here), webhook_id, overlap_s=wanted.overlap_h * 3600
        )
    )
    return {"id": made.id, "secret": made.secret}


@router.post("/{webhook_id}/ping", status_code=202, summary="Send a message that says nothing else")
async def ping(webhook_id: str, here: TheServer, actor: AnActor) -> dict[str, str]:
    """Return the message's id."""
    now_at = here.clock.now()
    return {"id": await here.db.write(lambda c: webhooks.ping(c, actor, now_at, webhook_id))}


@router.post("/messages/{message_id}/again", status_code=202, summary="Send again what was given up")
async def send_again(message_id: str, here: TheServer, actor: AnActor) -> None:
    """Send it at once."""
    now_at = here.clock.now()
    await here.db.write(lambda c: webhooks.send_again(c, actor, now_at, message_id))


@router.delete("/{webhook_id}", status_code=204, summary="Take a webhook away")
async def remove(webhook_id: str, here: TheServer, actor: AnActor) -> None:
    """Take it away, with what was to be sent to it."""
    now_at = here.clock.now()
    await here.db.write(lambda c: webhooks.remove(c, actor, now_at, webhook_id))


def _told(one: dict[str, Any], shops: dict[str, str]) -> dict[str, Any]:
    told = {key: value for key, value in one.items() if key not in _TIMES}
    told |= {key: None if one[key] is None else to_rfc3339(one[key]) for key in _TIMES}
    told["shop_name"] = shops.get(one["shop"], one["shop"])
    told["unsent"] = [
        {**row, **{key: None if row[key] is None else to_rfc3339(row[key]) for key in ("next_at", "last_at")}}
        for row in one["unsent"]
    ]
    return told
