"""``/watch``: the attendant's screen. The page is a frame; incidents and lanes come by the API."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tenban.access.model import Actor, Function
from tenban.web.context import attended_till_of, here_of, shop_of, visitor_of
from tenban.web.page import render
from tenban.web.sign_in import to_sign_in
from tenban.web.words import language_of, script_words

router = APIRouter(include_in_schema=False)


@router.get("/")
async def front_door(request: Request) -> Response:
    """Go to the screen that shows what needs doing, or to one's account where one's role shows none."""
    visitor = await visitor_of(request)
    watches = visitor is None or visitor.may(Function.INCIDENTS_READ)
    return RedirectResponse("/watch" if watches else "/account", 303)


@router.get("/watch")
async def watch(request: Request) -> Response:
    """Show the attendant's screen, or its reduced form for one register's own screen.

    A browser that is paired with a register that staff look at shows the reduced form with nobody signed in.
    """
    asked = request.query_params.get("register")
    actor = await visitor_of(request) or await attended_till_of(request, asked)
    if actor is None:
        return to_sign_in(request)
    here = here_of(request)
    if not actor.may(Function.INCIDENTS_READ) and actor.register is None:
        return render(request, "not_yours.html", status=403)
    shop = shop_of(here, actor)
    register = request.query_params.get("register")
    known = next((one for one in shop.registers if one.id == register), None)
    if register is not None and known is None:
        return render(request, "no_lane.html", status=404, shop=shop, came=register[:60])
    data = {
        "language": language_of(request),
        "words": script_words(),
        "me": {"id": actor.id, "name": actor.name},
        "as_register": actor.register,
        "may_settings": actor.may(Function.SETTINGS_EDIT) or actor.may(Function.RULES_EDIT),
        "may_footage": actor.may(Function.MEDIA_VIEW) and actor.register is None,
        "may_try": actor.may(Function.TRIES_MAKE),
        "may_hold": actor.may(Function.HOLDS_MANAGE),
        "may_cases": _cases_of(actor),
        "may_erase": actor.may(Function.PERSONAL_ERASE),
        "register": {"id": known.id, "name": known.name} if known else None,
        "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key, "currency": shop.currency},
    }
    return render(request, "watch.html", data=data, shop=shop, actor=actor)


def _cases_of(actor: Actor) -> str | None:
    """Return what may be done with cases here: ``edit``, ``read``, or nothing."""
    if actor.register is not None or not actor.may(Function.CASES_READ):
        return None
    return "edit" if actor.may(Function.CASES_EDIT) else "read"
