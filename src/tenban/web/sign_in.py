"""``/login`` and ``/logout``: plain forms, so that signing in needs no script."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tenban.access.cookies import SESSION_COOKIE, cookie_name, given
from tenban.access.guesses import SlowDown
from tenban.access.people import close_session
from tenban.access.pins import PinLocked, WrongPin
from tenban.access.relying_party import RelyingParty, WhyNot, relying_party
from tenban.access.second_factor import SecondFactorNeeded, WrongCode
from tenban.access.sign_in import PasswordsOff, SignedIn, finish
from tenban.access.sign_in import sign_in as open_by_password
from tenban.access.step_up import people_here, switch
from tenban.base.errors import NotSignedIn, Unavailable
from tenban.web.context import Here, here_of, session_secret, source_of, visitor_of
from tenban.web.page import render
from tenban.web.words import language_of, translator

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303


def to_sign_in(request: Request) -> RedirectResponse:
    """Send a visitor who is not signed in to the form, and back here afterwards."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='/')}", _SEE_OTHER)


def local_path(wanted: str) -> str:
    """Return where to go after signing in: a path of this server, never another one's."""
    if not wanted.startswith("/") or wanted.startswith(("//", "/\\")) or not wanted.isprintable():
        return "/"
    return wanted


@router.get("/login")
async def show_form(request: Request, wanted: str = "") -> Response:
    """Show the form, or go on where the visitor is signed in already."""
    wanted = local_path(request.query_params.get("next", wanted))
    if await visitor_of(request) is not None and "switch" not in request.query_params:
        return RedirectResponse(wanted, _SEE_OTHER)
    return await login_form(request, wanted)


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

    async def again(status: int, trouble: str) -> Response:
        return await login_form(request, wanted, status=status, name=name, trouble=trouble)

    if not name.strip() or not password:
        return await again(400, _("Please enter both your name and your password."))
    try:
        done = await open_by_password(here.house, name, password, source=source_of(request))
    except SecondFactorNeeded as more:
        return render(request, "code.html", wanted=wanted, halfway=more.halfway, trouble=None)
    except PasswordsOff:
        # Policy: told to whom the password belongs; everybody else hears that it does not fit.
        text = _("Passwords are switched off here. Please sign in with the company's account.")
        return await again(403, text)
    except SlowDown as slow:
        # Policy: the form comes again and says how long to wait; nothing was looked at.
        wait = _("Too many wrong tries. Please wait {n} seconds, then try again.")
        return await again(429, wait.replace("{n}", str(slow.wait_s)))
    except NotSignedIn:
        # Policy: a wrong name and a wrong password get the same answer, on the form.
        return await again(
            401,
            _(
                "Name and password do not fit together. Check capital letters and the input mode, "
                "or ask your administrator for a new password."
            ),
        )
    response = RedirectResponse(wanted, _SEE_OTHER)
    return signed_in(request, response, done)


@router.post("/login/code")
async def sign_in_by_code(
    request: Request,
    halfway: Annotated[str, Form(max_length=2000)] = "",
    code: Annotated[str, Form(max_length=64)] = "",
    wanted: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Let somebody in whose password was found to fit a moment ago, by the code of their app."""
    here = here_of(request)
    _ = translator(language_of(request))
    wanted = local_path(wanted)

    def again(status: int, trouble: str) -> Response:
        return render(request, "code.html", status=status, wanted=wanted, halfway=halfway, trouble=trouble)

    try:
        done = await finish(here.house, halfway, code, source=source_of(request))
    except WrongCode:
        return again(401, _("This is not the code, or it was used already. Wait for the next one."))
    except SlowDown as slow:
        wait = _("Too many wrong tries. Please wait {n} seconds, then try again.")
        return again(429, wait.replace("{n}", str(slow.wait_s)))
    except (NotSignedIn, Unavailable):
        # Policy: what came is too old or none of ours; signing in begins anew.
        text = _("That took too long. Please sign in once more.")
        return await login_form(request, wanted, status=401, trouble=text)
    return signed_in(request, RedirectResponse(wanted, _SEE_OTHER), done)


@router.post("/login/pin")
async def take_over(
    request: Request,
    person: Annotated[str, Form(max_length=64)] = "",
    pin: Annotated[str, Form(max_length=64)] = "",
    wanted: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Let somebody who signed in with this browser lately take it over by PIN; the session of before ends."""
    here = here_of(request)
    _ = translator(language_of(request))
    wanted = local_path(wanted)
    try:
        done = await switch(here.house, person, pin, source=source_of(request, "pin"))
    except PinLocked:
        text = _("This PIN is locked after five wrong tries. Sign in with your password to unlock it.")
        return await login_form(request, wanted, status=403, chosen=person, trouble=text)
    except WrongPin:
        text = _("This is not the PIN. Choose your name, then try again.")
        return await login_form(request, wanted, status=401, chosen=person, trouble=text)
    here.forget()
    return signed_in(request, RedirectResponse(wanted, _SEE_OTHER), done)


async def login_form(
    request: Request,
    wanted: str,
    *,
    status: int = 200,
    name: str = "",
    trouble: str | None = None,
    chosen: str = "",
) -> Response:
    """Return the form to sign in by, with what went wrong."""
    here, browser = here_of(request), source_of(request).browser
    people = await here.db.read(partial(people_here, house=here.house, browser=browser)) if browser else []
    return render(
        request,
        "login.html",
        status=status,
        wanted=wanted,
        name=name,
        trouble=trouble,
        people=people,
        chosen=chosen,
        passkeys=isinstance(party_of(request), RelyingParty),
        company=company_label(here, language_of(request)),
        only=here.sites.oidc is not None and here.sites.oidc.only,
        language_href=f"/login?{urlencode({'next': wanted, 'lang': ''})}",
    )


def company_label(here: Here, language: str) -> str | None:
    """Return what the button of the company's own sign-in says; None: there is no such sign-in."""
    oidc = here.sites.oidc
    if oidc is None:
        return None
    written = oidc.label_ja if language == "ja" else oidc.label_en
    return written or translator("ja" if language == "ja" else "en")("the company's account")


def party_of(request: Request) -> RelyingParty | WhyNot:
    """Return as what this server asks for passkeys at the address the browser used, or why it cannot."""
    return relying_party(request.url.scheme, request.headers.get("host", ""))


def signed_in(request: Request, response: Response, done: SignedIn) -> Response:
    """Give the browser its session instead of the one of before, and return the response."""
    here_of(request).known.pop(session_secret(request) or "", None)
    for cookie in given(done.secret, done.browser, request.url.scheme):
        response.set_cookie(**cookie)
    return response


@router.post("/logout")
async def sign_out(request: Request) -> Response:
    """End the session and forget its cookie."""
    response = RedirectResponse("/login", _SEE_OTHER)
    actor = await visitor_of(request)
    if actor is None:
        return response
    here = here_of(request)
    secret = session_secret(request) or ""
    here.known.pop(secret, None)
    now_at = here.clock.now()
    await here.db.write(lambda connection: close_session(connection, actor, secret, now_at))
    scheme = request.url.scheme
    response.delete_cookie(
        cookie_name(SESSION_COOKIE, scheme), path="/", secure=scheme == "https", httponly=True
    )
    return response
