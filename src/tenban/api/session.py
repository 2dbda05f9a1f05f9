"""Signing in and out over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from tenban.access import passkeys
from tenban.access.account_rows import person_of
from tenban.access.cookies import SESSION_COOKIE, cookie_name, given
from tenban.access.passkey_sign_in import sign_in_by_passkey
from tenban.access.people import close_session
from tenban.access.sign_in import sign_in as open_by_password
from tenban.access.step_up import prove
from tenban.api.context import (
    AnActor,
    TheServer,
    session_secret,
    source_of,
)
from tenban.api.passkeys import party_of
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


class ShownPasskey(BaseModel):
    """What the browser brought (AuthenticationResponseJSON of Web Authentication)."""

    credential: Annotated[dict[str, Any], Field(max_length=20)]


@router.post(
    "/passkey/options", summary="What a browser is to show a passkey by; good once, for five minutes"
)
async def passkey_options(request: Request, here: TheServer) -> dict[str, Any]:
    """Return a challenge that any passkey made at this name may answer.

    Raises:
        NoPasskeysHere: browsers show none at this address.
    """
    party = party_of(request)
    return await here.db.write(partial(passkeys.begin_asking, at=here.clock.now(), party=party))


@router.post("/passkey", status_code=204, summary="Sign in by passkey; sets the session cookie")
async def sign_in_with_passkey(
    asked: ShownPasskey, request: Request, response: Response, here: TheServer
) -> None:
    """Check what the passkey shows and open a session; no code is asked for beside it.

    Raises:
        WrongPasskey: it is nobody's, or does not show what it should.
        ChallengeGone: it was asked for too long ago, or answered before.
    """
    done = await sign_in_by_passkey(
        here.house, party_of(request), asked.credential, source=source_of(request, "passkey")
    )
    here.known.pop(session_secret(request) or "", None)
    for cookie in given(done.secret, done.browser, request.url.scheme):
        response.set_cookie(**cookie)


class Proof(BaseModel):
    """The PIN, the password or a passkey, and what for."""

    credential: Annotated[dict[str, Any] | None, Field(max_length=20)] = None
    pin: Annotated[str | None, Field(max_length=64)] = None
    password: Annotated[str | None, Field(max_length=1000)] = None
    what: Annotated[str, Field(max_length=100, description="what it is for, as it is written down")] = ""


@router.post("/proof/options", summary="What a browser is to show one of your passkeys by")
async def proof_options(request: Request, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return a challenge for your own passkeys that were made at this name.

    Raises:
        NoPasskeysHere: browsers show none at this address.
    """
    person_id = person_of(actor)
    party = party_of(request)
    return await here.db.write(
        partial(passkeys.begin_asking, at=here.clock.now(), party=party, person_id=person_id)
    )


@router.post("/proof", status_code=204, summary="Show once more who you are; holds for some minutes")
async def prove_it(
    asked: Proof, request: Request, response: Response, here: TheServer, actor: AnActor
) -> None:
    """Check the PIN, password or passkey; the session goes on under a new secret.

    Raises:
        WrongPin: it does not fit.
        PinLocked: five were wrong; the password unlocks it.
    """
    secret = session_secret(request)
    if secret is None or actor.kind != "person":
        raise Forbidden("expected a session, got a token")
    if [asked.pin, asked.password, asked.credential].count(None) != 2:
        raise BadInput("proof", expected="a PIN, a password or a passkey", came="several or none")
    fresh = await prove(
        here.house,
        actor,
        secret,
        pin=asked.pin,
        password=asked.password,
        passkey=None if asked.credential is None else (party_of(request), asked.credential),
        source=source_of(request),
        what=asked.what,
    )
    if asked.credential is not None:
        here.forget()  # it counts as the second factor, which the role may ask for
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
