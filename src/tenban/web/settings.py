"""``/settings``: what an installer and a supervisor set up. The pages are frames; all comes by the API."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tenban.access.model import Actor, Function
from tenban.base.errors import BadInput, NotFound, Unavailable
from tenban.settings.desk import may_change_shared
from tenban.settings.file import check
from tenban.sites.model import Shop, Sites
from tenban.web.context import Here, here_of, visitor_of
from tenban.web.page import YEAR_S, render
from tenban.web.rooms import rooms_of
from tenban.web.sign_in import to_sign_in
from tenban.web.words import language_of, script_words

router = APIRouter(include_in_schema=False)


SHOP_COOKIE = "tenban_shop"
"""The shop whose settings were looked at last, for who may see several."""


@router.get("/settings")
async def overview(request: Request) -> Response:
    """One shop's registers, cameras and groups."""
    return await _room(request, "overview")


@router.get("/settings/company")
async def company(request: Request) -> Response:
    """What is of all shops: the company's name, which shops there are, the lamps' broker."""
    return await _room(request, "company")


@router.get("/settings/signing-in")
async def signing_in(request: Request) -> Response:
    """What signing in asks for: step-up, second factors, sessions, the company's provider."""
    return await _room(request, "signing-in", function=Function.COMPANY_EDIT)


@router.get("/settings/zones/{register}/{place}")
async def zones(request: Request, register: str, place: int) -> Response:
    """The zones of one view, drawn on its picture."""
    return await _room(request, "zones", register=register, place=place)


@router.get("/settings/cameras/{camera}")
async def camera(request: Request, camera: str) -> Response:
    """How one camera does: its streams, its clock, its footage."""
    return await _room(request, "camera", camera=camera)


@router.get("/settings/cameras/{camera}/lens")
async def lens(request: Request, camera: str) -> Response:
    """How a fisheye camera pictures the world, and its named views."""
    return await _room(request, "lens", camera=camera)


@router.get("/settings/lanes/new")
async def new_lane(request: Request) -> Response:
    """From a camera's address to a lane that is watched."""
    return await _room(request, "wizard")


@router.get("/settings/rules")
async def rules(request: Request) -> Response:
    """How well each rule does on each lane, and what it is turned by."""
    return await _room(request, "rules", function=Function.RULES_EDIT)


@router.get("/settings/pairings")
async def pairings(request: Request) -> Response:
    """Which browsers serve as which register, and the end of that."""
    return await _room(request, "pairings", function=Function.REGISTER_PAIR)


@router.get("/settings/people")
async def people(request: Request) -> Response:
    """Who may do what where; inviting, changing and disabling."""
    return await _room(request, "people", function=Function.PEOPLE_MANAGE)


@router.get("/settings/devices")
async def devices(request: Request) -> Response:
    """Tokens of tills, devices and services, and who is told by webhook."""
    return await _room(request, "devices", function=Function.PEOPLE_MANAGE)


@router.get("/settings/retention")
async def retention(request: Request) -> Response:
    """How long what is kept, what is held, what was destroyed, and the notice about cameras."""
    return await _room(request, "retention", function=Function.RETENTION_EDIT)


@router.get("/settings/history")
async def history(request: Request) -> Response:
    """Who changed what and when, and the way back."""
    return await _room(request, "history", function=Function.RULES_EDIT)


async def _room(
    request: Request, name: str, *, function: Function = Function.SETTINGS_EDIT, **more: Any
) -> Response:
    actor = await visitor_of(request)
    if actor is None:
        return to_sign_in(request)
    sites = await _sites_now(here_of(request))
    shared = may_change_shared(actor, sites)
    allowed = actor.may(function) and (shared or name not in {"company", "signing-in"})
    things = sites.cameras if "camera" in more else sites.registers
    wanted = more.get("camera") or more.get("register") or request.query_params.get("register")
    owner = next((one.shop for one in things if one.id == wanted), None) if wanted else None
    shop = _shop_shown(request, actor, sites, owner)
    data = {
        "language": language_of(request),
        "words": script_words(),
        "me": {"id": actor.id, "name": actor.name},
        "rooms": rooms_of(actor),
        "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key, "currency": shop.currency},
        "several_shops": len([one for one in sites.shops if actor.reaches(one.id)]) > 1,
        "room": name,
        "may": may_of(actor, sites),
        "allowed": allowed,
        **more,
    }
    response = render(
        request, "settings.html", status=200 if allowed else 403, data=data, shop=shop, actor=actor, name=name
    )
    if data["several_shops"]:
        response.set_cookie(SHOP_COOKIE, shop.id, max_age=YEAR_S, samesite="lax", path="/settings")
    return response


async def _sites_now(here: Here) -> Sites:
    """Return what the file says: a shop that was added a moment ago has its pages at once."""
    if here.desk is None:
        return here.sites
    try:
        return check((await here.desk.look()).text)[0]
    except (BadInput, Unavailable):
        return here.sites  # Policy: while the file does not check, what runs is shown.


def _shop_shown(request: Request, actor: Actor, sites: Sites, owner: str | None) -> Shop:
    """Return the shop a page is about: that of what it shows, the one asked for, the last one, the first."""
    shops = {shop.id: shop for shop in sites.shops if actor.reaches(shop.id)}
    if not shops:
        raise NotFound("there is no shop that you belong to (any more)")
    wanted = [owner, request.query_params.get("shop"), request.cookies.get(SHOP_COOKIE)]
    return next((shops[one] for one in wanted if one in shops), next(iter(shops.values())))


def may_of(actor: Actor, sites: Sites) -> dict[str, bool]:
    """Return which ways of the settings pages are open."""
    shared = may_change_shared(actor, sites)
    return {
        "shared": shared,
        "company": shared and actor.may(Function.SETTINGS_EDIT),
        "people": actor.may(Function.PEOPLE_MANAGE),
        "settings": actor.may(Function.SETTINGS_EDIT),
        "rules": actor.may(Function.RULES_EDIT),
        "pairings": actor.may(Function.REGISTER_PAIR),
        "devices": actor.may(Function.PEOPLE_MANAGE),
        "retention": actor.may(Function.RETENTION_EDIT),
        "watch": actor.may(Function.INCIDENTS_READ),
        "room": actor.may(Function.HOLDS_MANAGE),
        "audit": actor.may(Function.AUDIT_READ),
        "signing_in": actor.may(Function.COMPANY_EDIT),
    }
