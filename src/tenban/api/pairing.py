"""A browser becomes a register: somebody with the right signs in once on that device.

The browser gets a cookie that no script can read, good for this register alone; the person is not signed in.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from tenban.access import tokens
from tenban.api.context import TILL_COOKIE, AnActor, Here, TheServer, from_own_page
from tenban.api.credentials import person_by_password
from tenban.api.register_link import links_of
from tenban.base.clock import to_rfc3339
from tenban.base.errors import Forbidden

router = APIRouter(prefix="/api/v1/registers/{register}", tags=["registers"])

all_registers = APIRouter(prefix="/api/v1/pairings", tags=["registers"])

_YEAR_S = 365 * 24 * 3600


class Credentials(BaseModel):
    """Who pairs."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]


@router.post("/pairing", status_code=204, summary="Let this browser serve as the register")
async def pair(
    register: str, credentials: Credentials, request: Request, response: Response, here: TheServer
) -> None:
    """Check who asks and set the register's cookie; supervisors and administrators may."""
    if not from_own_page(request):
        raise Forbidden("expected a request of this server's own page (Origin), got another one's")
    shop = here.sites.register(register).shop
    person = await person_by_password(request, f"pair:{register}", credentials.name, credentials.password)
    now_at = here.clock.now()
    device = request.headers.get("user-agent")
    secret = await here.db.write(
        partial(tokens.pair_browser, actor=person, at=now_at, register=register, shop=shop, device=device)
    )
    response.set_cookie(
        TILL_COOKIE + register,
        secret,
        max_age=_YEAR_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )


@router.delete("/pairing", status_code=204, summary="End the pairing of this browser")
async def unpair_this(
    register: str, request: Request, response: Response, here: TheServer, actor: AnActor
) -> None:
    """Forget the cookie and what it stood for."""
    secret = request.cookies.get(TILL_COOKIE + register, "")
    if actor.register != register:
        raise Forbidden("expected the register itself to ask; use the list of pairings instead")
    now_at = here.clock.now()
    await here.db.write(partial(tokens.unpair_this, actor=actor, at=now_at, secret=secret))
    here.forget()
    response.delete_cookie(TILL_COOKIE + register, path="/", httponly=True, samesite="strict")


@router.get("/pairing", status_code=204, summary="Whether this browser serves as the register")
async def still_paired(register: str, actor: AnActor) -> None:
    """Answer a browser that lost its link whether it is still the register."""
    if actor.register != register:
        raise Forbidden("expected the register itself to ask, got somebody else")


@router.get("/pairings", summary="The browsers that serve as the register")
async def list_pairings(register: str, here: TheServer, actor: AnActor) -> list[dict[str, Any]]:
    """Return the pairings in force, newest first."""
    shop = here.sites.register(register).shop
    found = await here.db.read(partial(tokens.pairings, actor=actor, register=register, shop=shop))
    return [_told(here, one) for one in found]


@router.delete("/pairings/{pairing}", status_code=204, summary="End a pairing from elsewhere")
async def unpair(register: str, pairing: str, request: Request, here: TheServer, actor: AnActor) -> None:
    """End the pairing of a device that was lost or moved; its screen asks to be set up again at once."""
    shop = here.sites.register(register).shop
    now_at = here.clock.now()
    await here.db.write(
        partial(tokens.unpair, actor=actor, at=now_at, pairing=pairing, register=register, shop=shop)
    )
    here.forget()
    links_of(request.app).doubt(register)


@all_registers.get("", summary="All browsers that serve as registers")
async def list_all_pairings(here: TheServer, actor: AnActor) -> list[dict[str, Any]]:
    """Return the pairings in force in the actor's shop, newest first."""
    found = await here.db.read(partial(tokens.pairings, actor=actor))
    return [_told(here, one) for one in found]


def _told(here: Here, one: tokens.Pairing) -> dict[str, Any]:
    names = {register.id: register.name for register in here.sites.registers}
    shops = {shop.id: shop.name for shop in here.sites.shops}
    return {
        "id": one.id,
        "register": one.register,
        "register_name": names.get(one.register, one.register),
        "shop_name": shops.get(one.shop, one.shop),
        "paired_at": to_rfc3339(one.paired_at),
        "by_name": one.by_name,
        "device": one.device,
        "seen_at": None if one.seen_at is None else to_rfc3339(one.seen_at),
    }
