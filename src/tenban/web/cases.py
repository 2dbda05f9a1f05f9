"""``/cases``: evidence put together. The pages are frames; what is in them comes by the API."""

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


@router.get("/cases")
async def every(request: Request) -> Response:
    """List cases, and begin one."""
    return await _room(request, "list")


@router.get("/cases/{case_id}")
async def one(request: Request, case_id: str) -> Response:
    """Show one case; which, the script reads from the address."""
    del case_id
    return await _room(request, "case")


async def _room(request: Request, name: str) -> Response:
    actor = await visitor_of(request)
    if actor is None:
        return to_sign_in(request)
    allowed = actor.may(Function.CASES_READ) or actor.may(Function.CASES_PROVE)
    here = here_of(request)
    shop = shop_of(here, actor)
    data = {
        "language": language_of(request),
        "words": script_words(),
        "me": {"id": actor.id, "name": actor.name},
        "rooms": rooms_of(actor),
        "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key, "currency": shop.currency},
        "shops": {one.id: one.name for one in here.sites.shops if actor.reaches(one.id)},
        "cameras": [
            {"id": camera.id, "name": camera.name, "shop": camera.shop}
            for camera in here.sites.cameras
            if actor.reaches(camera.shop)
        ],
        "registers": [
            {"id": register.id, "name": register.name, "shop": register.shop}
            for register in here.sites.registers
            if actor.reaches(register.shop)
        ],
        "room": name,
        "allowed": allowed,
        "may": {
            "read": actor.may(Function.CASES_READ),
            "edit": actor.may(Function.CASES_EDIT),
            "watch": actor.may(Function.INCIDENTS_READ),
            "look": actor.may(Function.MEDIA_VIEW),
        },
    }
    return render(request, "cases.html", status=200 if allowed else 403, data=data, shop=shop)
