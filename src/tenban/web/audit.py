"""``/audit``: what was written down, for auditors; and for everybody, who looked at what concerns them."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tenban.access.model import Function
from tenban.web.context import here_of, shop_of, visitor_of
from tenban.web.page import render
from tenban.web.rooms import rooms_of
from tenban.web.sign_in import to_sign_in
from tenban.web.words import language_of, script_words

router = APIRouter(include_in_schema=False)


@router.get("/audit")
async def log(request: Request) -> Response:
    """Search the log, prove it, take it away."""
    return await _room(request, "log")


@router.get("/audit/mine")
async def mine(request: Request) -> Response:
    """What others did that concerns the visitor."""
    return await _room(request, "mine")


async def _room(request: Request, name: str) -> Response:
    actor = await visitor_of(request)
    if actor is None:
        return to_sign_in(request)
    may_read = actor.may(Function.AUDIT_READ)
    allowed = may_read or name == "mine"
    shop = shop_of(here_of(request), actor)
    data = {
        "language": language_of(request),
        "words": script_words(),
        "me": {"id": actor.id, "name": actor.name},
        "rooms": rooms_of(actor),
        "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key, "currency": shop.currency},
        "shops": {
            one.id: one.name
            for one in here_of(request).sites.shops
            if actor.may(Function.AUDIT_READ, shop=one.id)
        },
        "registers": {
            one.id: one.name for one in here_of(request).sites.registers if actor.reaches(one.shop)
        },
        "room": name,
        "allowed": allowed,
        "may": {
            "audit": may_read,
            "whole": actor.may(Function.AUDIT_TAKE),
            "cases": actor.may(Function.CASES_PROVE),
            "footage": actor.may(Function.MEDIA_VIEW) and actor.may(Function.SALES_READ),
            "watch": actor.may(Function.INCIDENTS_READ),
        },
    }
    return render(request, "audit.html", status=200 if allowed else 403, data=data, shop=shop)
