"""``/try``: the counting, tried on a video of one's own. The page is a frame; all comes by the API."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tenban.access.model import Function
from tenban.web.context import here_of, shop_of, visitor_of
from tenban.web.page import render
from tenban.web.sign_in import to_sign_in
from tenban.web.words import language_of, script_words

router = APIRouter(include_in_schema=False)


@router.get("/try")
@router.get("/try/{try_id}")
async def try_it(request: Request) -> Response:
    """Show the page; which try it is about, the script reads from the address."""
    actor = await visitor_of(request)
    if actor is None:
        return to_sign_in(request)
    allowed = actor.may(Function.TRIES_MAKE)
    shop = shop_of(here_of(request), actor)
    data = {
        "language": language_of(request),
        "words": script_words(),
        "me": {"id": actor.id, "name": actor.name},
        "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key, "currency": shop.currency},
        "may": {"watch": actor.may(Function.INCIDENTS_READ), "try": allowed},
    }
    return render(request, "try.html", status=200 if allowed else 403, data=data, shop=shop)
