"""Signing in and out over HTTP."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import system_actor
from tenban.access.people import SESSION_S, close_session, open_session, password_hash_of
from tenban.access.secrets import password_fits
from tenban.api.context import SESSION_COOKIE, AnActor, TheServer
from tenban.base.errors import NotSignedIn

router = APIRouter(prefix="/api/v1/session", tags=["session"])


class SignIn(BaseModel):
    """Who signs in."""

    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1000)]


@router.post("", status_code=204, summary="Sign in; sets the session cookie")
async def sign_in(sign_in: SignIn, request: Request, response: Response, here: TheServer) -> None:
    """Check name and password and open a session of twelve hours."""
    password_hash = await here.db.read(lambda connection: password_hash_of(connection, sign_in.name))
    now_at = here.clock.now()
    if not await asyncio.to_thread(password_fits, password_hash, sign_in.password):
        await here.db.write(
            lambda connection: write_down(
                connection, AuditEvent.SIGN_IN_REFUSED, system_actor("web"), now_at, sign_in.name[:100]
            )
        )
        raise NotSignedIn("name or password is wrong")
    secret, _ = await here.db.write(lambda connection: open_session(connection, sign_in.name, now_at))
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=SESSION_S,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )


@router.delete("", status_code=204, summary="Sign out")
async def sign_out(request: Request, response: Response, here: TheServer, actor: AnActor) -> None:
    """End the session and forget its cookie."""
    secret = request.cookies.get(SESSION_COOKIE, "")
    here.known.pop(secret, None)
    now_at = here.clock.now()
    await here.db.write(lambda connection: close_session(connection, actor, secret, now_at))
    response.delete_cookie(SESSION_COOKIE, path="/")


@router.get("", summary="Who is signed in")
async def who(actor: AnActor) -> dict[str, object]:
    """Return the actor behind the cookie or token."""
    return {
        "id": actor.id,
        "name": actor.name,
        "kind": actor.kind,
        "shop": actor.shop,
        "functions": sorted(actor.functions),
    }
