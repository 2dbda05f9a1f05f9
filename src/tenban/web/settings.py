"""``/settings``: what an installer and a supervisor set up. The pages are frames; all comes by the API."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tenban.access.model import Actor, Function
from tenban.web.context import here_of, shop_of, visitor_of
from tenban.web.page import render
from tenban.web.sign_in import to_sign_in
from tenban.web.words import language_of, script_words

router = APIRouter(include_in_schema=False)


@router.get("/settings")
async def overview(request: Request) -> Response:
    """Shops, groups, cameras, registers."""
    return await _room(request, "overview")


@router.get("/settings/zones/{register}/{place}")
async def zones(request: Request, register: str, place: int) -> Response:
    """The zones of one view, drawn on its picture."""
    return await _room(request, "zones", register=register, place=place)


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
    allowed = actor.may(function)
    shop = shop_of(here_of(request), actor)
    data = {
        "language": language_of(request),
        "words": script_words(),
        "me": {"id": actor.id, "name": actor.name},
        "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key, "currency": shop.currency},
        "room": name,
        "may": _may(actor),
        "allowed": allowed,
        **more,
    }
    return render(
        request, "settings.html", status=200 if allowed else 403, data=data, shop=shop, actor=actor, name=name
    )


def _may(actor: Actor) -> dict[str, bool]:
    return {
        "settings": actor.may(Function.SETTINGS_EDIT),
        "rules": actor.may(Function.RULES_EDIT),
        "pairings": actor.may(Function.REGISTER_PAIR),
        "watch": actor.may(Function.INCIDENTS_READ),
    }
