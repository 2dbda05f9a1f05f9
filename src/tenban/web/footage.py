"""``/footage``: any day's footage with the till's journal; and the way from a sale to its video."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tenban.access.model import Actor, Function, OtherShop
from tenban.base.clock import SECOND, to_rfc3339
from tenban.base.errors import NotFound, TenbanError
from tenban.findings.sightings import seen_at
from tenban.pos.journal import Moment, moment_of_event, moment_of_sale
from tenban.sites.model import Shop
from tenban.web.context import Here, here_of, shop_of, visitor_of
from tenban.web.page import render
from tenban.web.rooms import rooms_of
from tenban.web.sign_in import to_sign_in
from tenban.web.words import language_of, script_words

router = APIRouter(include_in_schema=False)

_BEFORE_US = 5 * SECOND


@router.get("/footage")
async def footage(request: Request) -> Response:
    """Show the room; what it shows of which moment stands in the address."""
    actor = await visitor_of(request)
    if actor is None:
        return to_sign_in(request)
    here = here_of(request)
    if not actor.may(Function.MEDIA_VIEW):
        return render(request, "not_yours.html", status=403)
    shop = _shop(request, here, actor)
    if shop is None:
        return render(request, "no_moment.html", status=404)
    may = {
        "sales": actor.may(Function.SALES_READ, shop=shop.id),
        "incidents": actor.may(Function.INCIDENTS_READ, shop=shop.id),
        "take": actor.may(Function.MEDIA_TAKE, shop=shop.id),
        "hear": actor.may(Function.MEDIA_HEAR, shop=shop.id),
        "flag": actor.may(Function.FLAGS_SET, shop=shop.id),
        "case": actor.may(Function.CASES_EDIT, shop=shop.id),
        "room": actor.may(Function.HOLDS_MANAGE, shop=shop.id),
        "watch": actor.may(Function.INCIDENTS_READ),
    }
    data = {
        "language": language_of(request),
        "words": script_words(),
        "me": {"id": actor.id, "name": actor.name},
        "rooms": rooms_of(actor),
        "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key, "currency": shop.currency},
        "shops": [{"id": one.id, "name": one.name} for one in here.sites.shops if actor.reaches(one.id)],
        "cameras": _cameras(here, shop, actor),
        "registers": _registers(shop, actor),
        "may": may,
    }
    return render(request, "footage.html", data=data, shop=shop)


@router.get("/footage/open")
async def open_moment(request: Request) -> Response:
    """Go to the video of a sale event (``event``), or of a sale (``register`` and ``sale``)."""
    asked, sites = request.query_params, here_of(request).sites

    def find(connection: Any, actor: Actor) -> Moment:
        event = asked.get("event")
        if event is not None:
            return moment_of_event(connection, actor, event, look=seen_at)
        register = sites.register(asked.get("register", ""))
        return moment_of_sale(connection, actor, register, asked.get("sale", ""), look=seen_at)

    return await _go(request, find)


async def _go(request: Request, find: Any) -> Response:
    actor = await visitor_of(request)
    if actor is None:
        return to_sign_in(request)
    here = here_of(request)
    try:
        moment: Moment = await here.db.read(lambda connection: find(connection, actor))
        _must_watch(here, actor, moment.register)
    except OtherShop:
        raise  # it is written down who asked
    except NotFound:
        return render(request, "no_moment.html", status=404)
    except TenbanError:
        # Policy: who may not read sales is told so on a page of ours.
        return render(request, "not_yours.html", status=403)
    at = to_rfc3339(moment.at - _BEFORE_US)
    query = urlencode({"register": moment.register, "event": moment.event.event_id, "at": at, "play": 1})
    return RedirectResponse(f"/footage?{query}", 303)


def _must_watch(here: Here, actor: Actor, register_id: str) -> None:
    register = here.sites.register(register_id)
    if actor.groups and register.group not in actor.groups:
        raise NotFound(f"there is no register {register_id[:60]!r}")


def _shop(request: Request, here: Here, actor: Actor) -> Shop | None:
    """Return the shop that the address names, itself or by a register or camera; None where there is none."""
    asked = request.query_params
    cameras = (asked.get("cameras") or "").split(",")
    for shop in here.sites.shops:
        if not actor.reaches(shop.id):
            continue
        if shop.id == asked.get("shop"):
            return shop
        if any(one.id == asked.get("register") for one in shop.registers):
            return shop
        if any(one.id in cameras for whole in shop.cameras for one in (whole, *whole.presets())):
            return shop
    if any(asked.get(name) for name in ("shop", "register", "cameras")):
        return None
    return shop_of(here, actor)


def _cameras(here: Here, shop: Shop, actor: Actor) -> list[dict[str, Any]]:
    theirs = {one["id"] for one in _registers(shop, actor)}
    found = []
    for camera in (one for whole in shop.cameras for one in (whole, *whole.presets())):
        seen = here.sites.seen_by(camera.id)
        direct = [one.id for one in shop.registers if any(view.camera == camera.id for view in one.views)]
        if actor.groups and not theirs.intersection(seen):
            continue
        registers = [one for one in direct or seen if one in theirs]
        found.append({"id": camera.id, "name": camera.name, "registers": registers})
    return found


def _registers(shop: Shop, actor: Actor) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "name": one.name, "cameras": [view.camera for view in one.views]}
        for one in shop.registers
        if not actor.groups or one.group in actor.groups
    ]
