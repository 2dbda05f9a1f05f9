"""Tokens of tills, devices and services over HTTP: made, rotated, ended. A secret is told once."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from tenban.access import tokens
from tenban.access.model import Function
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.register_link import links_of
from tenban.base.clock import seconds, to_rfc3339
from tenban.base.errors import BadInput, NotFound

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])

_DAY_S = 24 * 3600


class NewToken(BaseModel):
    """A token to make."""

    kind: Literal["register", "device", "service"]
    subject: Annotated[str, Field(max_length=64, description="the register, or the service's own id")]
    shop: Annotated[str | None, Field(max_length=64, description="of a service: its only shop")] = None
    name: Annotated[str | None, Field(max_length=100)] = None
    functions: Annotated[list[str] | None, Field(max_length=50)] = None
    expires_days: Annotated[int | None, Field(ge=1, le=3650)] = None


class Rotation(BaseModel):
    """How long the old token works beside its successor."""

    overlap_h: Annotated[float, Field(ge=0, le=720)] = 24


@router.get("", summary="The tokens that work, and those that ended in the last days")
async def list_tokens(
    here: TheServer, actor: AnActor, shop: Annotated[str | None, Query(max_length=64)] = None
) -> dict[str, Any]:
    """Return tokens without their secrets, and what each kind may be given."""
    now_at = here.clock.now()
    found = await here.db.read(partial(tokens.tokens_in_force, actor=actor, at=now_at, shop=shop))
    return {
        "tokens": [_told(here, one) for one in found],
        "functions": {kind: sorted(functions) for kind, functions in tokens.KINDS.items()},
        "registers": [
            {"id": one.id, "name": one.name, "shop": one.shop}
            for one in here.sites.registers
            if (shop is None or one.shop == shop) and actor.may(Function.PEOPLE_MANAGE, shop=one.shop)
        ],
    }


@router.post("", status_code=201, summary="Make a token; its secret is in the answer, and nowhere else")
async def make(new: NewToken, here: TheServer, actor: AnActor) -> dict[str, str]:
    """Return the id and the secret."""
    actor.must(Function.PEOPLE_MANAGE)
    shop = _shop_of(here, new, actor.shop)
    now_at = here.clock.now()
    expires_at = None if new.expires_days is None else now_at + seconds(new.expires_days * _DAY_S)
    issued = await here.db.write(
        lambda connection: tokens.issue(
            connection,
            actor,
            now_at,
            kind=new.kind,
            subject=new.subject,
            shop=shop,
            name=new.name,
            functions=new.functions,
            expires_at=expires_at,
        )
    )
    return {"id": issued.id, "secret": issued.secret}


@router.post("/{token_id}/rotate", status_code=201, summary="Make a successor; the old one works on")
async def rotate(token_id: str, rotation: Rotation, here: TheServer, actor: AnActor) -> dict[str, str]:
    """Return the successor's id and secret."""
    now_at = here.clock.now()
    issued = await here.db.write(
        lambda connection: tokens.rotate(
            connection, actor, now_at, token_id, overlap_s=rotation.overlap_h * 3600
        )
    )
    here.forget()
    return {"id": issued.id, "secret": issued.secret}


@router.delete("/{token_id}", status_code=204, summary="End a token at once")
async def revoke(token_id: str, request: Request, here: TheServer, actor: AnActor) -> None:
    """End it; an open link of its register has to prove itself anew."""
    now_at = here.clock.now()
    ended = await here.db.write(partial(tokens.revoke, actor=actor, at=now_at, token_id=token_id))
    here.forget()
    links_of(request.app).doubt(ended.subject)


def _shop_of(here: Here, new: NewToken, own: str | None) -> str:
    if new.kind != tokens.SERVICE:
        return here.sites.register(new.subject).shop
    shop = new.shop or own or (here.sites.shops[0].id if len(here.sites.shops) == 1 else None)
    if shop is None:
        raise BadInput("shop", expected="the service's only shop", came="nothing")
    if shop not in {one.id for one in here.sites.shops}:
        raise NotFound(f"there is no shop {shop!r}")
    return shop


def _told(here: Here, one: tokens.Token) -> dict[str, Any]:
    names = {register.id: register.name for register in here.sites.registers}
    shops = {shop.id: shop.name for shop in here.sites.shops}
    times = {key: getattr(one, key) for key in ("created_at", "expires_at", "seen_at")}
    return {
        "id": one.id,
        "kind": one.kind,
        "subject": one.subject,
        "subject_name": names.get(one.subject, one.subject),
        "shop": one.shop,
        "shop_name": shops.get(one.shop, one.shop),
        "name": one.name,
        "functions": list(one.functions),
        "by_name": one.made_by_name,
        "follows": one.follows,
        **{key: None if at is None else to_rfc3339(at) for key, at in times.items()},
    }
