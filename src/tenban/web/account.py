"""``/account``: one's own password, and where one is signed in. The page is a frame; all comes by the API."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tenban.web.context import here_of, shop_of, visitor_of
from tenban.web.page import render
from tenban.web.settings import may_of
from tenban.web.sign_in import to_sign_in
from tenban.web.words import language_of, script_words

router = APIRouter(include_in_schema=False)


@router.get("/account")
async def account(request: Request) -> Response:
    """Show one's own account; every role has one."""
    actor = await visitor_of(request)
    if actor is None:
        return to_sign_in(request)
    shop = shop_of(here_of(request), actor)
    data = {
        "language": language_of(request),
        "words": script_words(),
        "me": {"id": actor.id, "name": actor.name},
        "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key, "currency": shop.currency},
        "several_shops": False,
        "room": "account",
        "may": may_of(actor, here_of(request).sites),
        "allowed": True,
    }
    return render(request, "settings.html", data=data, shop=shop, actor=actor, name="account")
