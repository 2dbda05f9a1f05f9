"""``/login`` and ``/logout``: plain forms, so that signing in needs no script."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, system_actor
from tenban.access.people import SESSION_S, close_session, open_session, password_hash_of
from tenban.access.secrets import password_fits
from tenban.web.context import SESSION_COOKIE, Here, here_of, visitor_of
from tenban.web.page import render
from tenban.web.words import language_of, translator

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303
# argon2 takes 64 MiB and 120 ms a check: two at a time leave the machine to the shop.
_CHECKS = asyncio.Semaphore(2)


def to_sign_in(request: Request) -> RedirectResponse:
    """Send a visitor who is not signed in to the form, and back here afterwards."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='/')}", _SEE_OTHER)


def local_path(wanted: str) -> str:
    """Return where to go after signing in: a path of this server, never another one's."""
    if not wanted.startswith("/") or wanted.startswith(("//", "/\\")) or not wanted.isprintable():
        return "/"
    return wanted


def from_this_site(request: Request) -> bool:
    """Tell whether a form was sent by one of our own pages (Origin, RFC 6454).

    A client that names no origin carries no cookie of somebody else's browser and is let through.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}
    return urlsplit(origin).netloc == request.headers.get("host")


@router.get("/login")
async def show_form(request: Request, wanted: str = "") -> Response:
    """Show the form, or go on where the visitor is signed in already."""
    wanted = local_path(request.query_params.get("next", wanted))
    if await visitor_of(request) is not None:
        return RedirectResponse(wanted, _SEE_OTHER)
    return render(request, "login.html", wanted=wanted, name="", trouble=None)


@router.post("/login")
async def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    wanted: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Check name and password and open a session."""
    here = here_of(request)
    _ = translator(language_of(request))
    wanted = local_path(wanted)

    def again(status: int, trouble: str) -> Response:
        return render(request, "login.html", status=status, wanted=wanted, name=name, trouble=trouble)

    if not from_this_site(request):
        return again(403, _("This form was sent from another site. Please sign in here."))
    if not name.strip() or not password:
        return again(400, _("Please enter both your name and your password."))
    actor, secret = await _checked(here, name, password)
    if actor is None:
        return again(
            401,
            _(
                "Name and password do not fit together. Check capital letters and the input mode, "
                "or ask your administrator for a new password."
            ),
        )
    response = RedirectResponse(wanted, _SEE_OTHER)
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=SESSION_S,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )
    return response


async def _checked(here: Here, name: str, password: str) -> tuple[Actor | None, str]:
    password_hash = await here.db.read(lambda connection: password_hash_of(connection, name))
    async with _CHECKS:
        fits = await asyncio.to_thread(password_fits, password_hash, password)
    now_at = here.clock.now()
    if not fits:
        await here.db.write(
            lambda connection: write_down(
                connection, AuditEvent.SIGN_IN_REFUSED, system_actor("web"), now_at, name[:100]
            )
        )
        return None, ""
    secret, actor = await here.db.write(lambda connection: open_session(connection, name, now_at))
    return actor, secret


@router.post("/logout")
async def sign_out(request: Request) -> Response:
    """End the session and forget its cookie."""
    response = RedirectResponse("/login", _SEE_OTHER)
    actor = await visitor_of(request)
    if actor is None or not from_this_site(request):
        return response
    here = here_of(request)
    secret = request.cookies[SESSION_COOKIE]
    here.known.pop(secret, None)
    now_at = here.clock.now()
    await here.db.write(lambda connection: close_session(connection, actor, secret, now_at))
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response
