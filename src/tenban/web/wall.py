"""``/wall``: the cameras of a shop side by side, for a desk's monitor. A frame: all comes by the API."""

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


@router.get("/wall")
async def wall(request: Request) -> Response:
    """Show the wall of the shop that is asked for, or of the first one that the visitor may look into."""
    actor = await visitor_of(request)
    if actor is None:
        return to_sign_in(request)
    if not actor.may(Function.MEDIA_VIEW):
        return render(request, "not_yours.html", status=403)
    here = here_of(request)
    shops = [shop for shop in here.sites.shops if actor.may(Function.MEDIA_VIEW, shop=shop.id)]
    asked = request.query_params.get("shop")
    shop = next((one for one in shops if one.id == asked), None) or shop_of(here, actor)
    data = {
        "language": language_of(request),
        "words": script_words(),
        "me": {"id": actor.id, "name": actor.name},
        "rooms": rooms_of(actor),
        "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key, "currency": shop.currency},
        "shops": [{"id": one.id, "name": one.name} for one in shops],
        "may": {"room": actor.may(Function.HOLDS_MANAGE), "retention": actor.may(Function.RETENTION_EDIT)},
    }
    return render(request, "wall.html", data=data, shop=shop)
