"""Signing in and out over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from tenban.access.cookies import SESSION_COOKIE, cookie_name, given
from tenban.access.people import close_session
from tenban.access.sign_in import sign_in as open_by_password
from tenban.access.step_up import prove
from tenban.api.context import (
    AnActor,
    TheServer,
    session_secret,
    source_of,
)
from tenban.base.errors import BadInput, Forbidden

router = APIRouter(prefix="/api/v1/session", tags=["session"])


class SignIn(BaseModel):
    """Who signs in."""

    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1000)]
    code: Annotated[str | None, Field(max_length=64, description="of the authenticator app")] = None


@router.post("", status_code=204, summary="Sign in; sets the session cookie")
async def sign_in(asked: SignIn, request: Request, response: Response, here: TheServer) -> None:
    """Check name and password and open a session, which ends unused or after the role's time."""
    done = await open_by_password(
        here.house, asked.name, asked.password, source=source_of(request), code=asked.code
    )
    here.known.pop(session_secret(request) or "", None)
    for cookie in given(done.secret, done.browser, request.url.scheme):
        response.set_cookie(**cookie)


class Proof(BaseModel):
    """The PIN or the password, and what for."""

    pin: Annotated[str | None, Field(max_length=64)] = None
    password: Annotated[str | None, Field(max_length=1000)] = None
    what: Annotated[str, Field(max_length=100, description="what it is for, as it is written down")] = ""


@router.post("/proof", status_code=204, summary="Show once more who you are; holds for some minutes")
async def prove_it(
    asked: Proof, request: Request, response: Response, here: TheServer, actor: AnActor
) -> None:
    """Check the PIN or password; the session goes on under a new secret.

    Raises:
        WrongPin: it does not fit.
        PinLocked: five were wrong; the password unlocks it.
    """
    secret = session_secret(request)
    if secret is None or actor.kind != "person":
        raise Forbidden("expected a session, got a token")
    if (asked.pin is None) == (asked.password is None):
        raise BadInput("proof", expected="a PIN or a password", came="both or neither")
    fresh = await prove(
        here.house,
        actor,
        secret,
        pin=asked.pin,
        password=asked.password,
        source=source_of(request),
        what=asked.what,
    )
    # What the page asked a moment before still comes under the old secret: remembered for some seconds.
    for cookie in given(fresh, None, request.url.scheme):
        response.set_cookie(**cookie)


@router.delete("", status_code=204, summary="Sign out")
async def sign_out(request: Request, response: Response, here: TheServer, actor: AnActor) -> None:
    """End the session and forget its cookie."""
    secret = session_secret(request) or ""
    here.known.pop(secret, None)
    now_at = here.clock.now()
    await here.db.write(lambda connection: close_session(connection, actor, secret, now_at))
    response.delete_cookie(
        cookie_name(SESSION_COOKIE, request.url.scheme),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
    )


@router.get("", summary="Who is signed in")
async def who(actor: AnActor) -> dict[str, object]:
    """Return the actor behind the cookie or token."""
    return {
        "id": actor.id,
        "name": actor.name,
        "kind": actor.kind,
        "shop": actor.shop,
        "area": actor.area,
        "functions": sorted(actor.functions),
        "unproven": sorted(actor.unproven),
    }
