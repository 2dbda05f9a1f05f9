"""One's own passkeys over HTTP: made, renamed, removed."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from tenban.access import passkeys
from tenban.access.account_rows import person_of
from tenban.access.passkey_sign_in import make_passkey
from tenban.access.passkeys import Passkey
from tenban.access.relying_party import RelyingParty, must_be_party
from tenban.api.context import AnActor, TheServer, session_secret
from tenban.api.sureness import Sure, must_be_sure
from tenban.base.clock import to_rfc3339

router = APIRouter(prefix="/api/v1/account/passkeys", tags=["account"])

_Name = Annotated[str, Field(max_length=200)]


class MadePasskey(BaseModel):
    """What the browser made (RegistrationResponseJSON of Web Authentication), and what you call it."""

    name: _Name
    credential: Annotated[dict[str, Any], Field(max_length=20)]


class Renamed(BaseModel):
    """What you call it."""

    name: _Name


def party_of(request: Request) -> RelyingParty:
    """Return as what this server asks for passkeys at the address the browser used; raises NoPasskeysHere."""
    return must_be_party(request.url.scheme, request.headers.get("host", ""))


def told(one: Passkey) -> dict[str, Any]:
    """Return a passkey as its owner sees it."""
    return {
        "id": one.id,
        "name": one.name,
        "host": one.rp_id,
        "synced": one.synced,
        "made_at": to_rfc3339(one.made_at),
        "used_at": None if one.used_at is None else to_rfc3339(one.used_at),
    }


@router.post("/options", summary="Begin with a passkey; asks for the password, unless you just signed in")
async def begin(asked: Sure, request: Request, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return what a browser makes a passkey by; good once, for five minutes.

    Raises:
        NoPasskeysHere: browsers make none at this address.
        PasswordNeeded: it was too long ago that you signed in.
    """
    await must_be_sure(asked.password, request, here, actor)
    party = party_of(request)
    company, now_at = here.sites.company, here.clock.now()
    return await here.db.write(
        partial(passkeys.begin_making, actor=actor, at=now_at, party=party, company=company)
    )


@router.post("", status_code=201, summary="Keep the passkey that the browser made")
async def finish(asked: MadePasskey, request: Request, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Check and keep it; from now on it lets you in.

    Raises:
        ChallengeGone: it was begun too long ago, or finished before.
    """
    person_of(actor)
    made = await make_passkey(
        here.house,
        actor,
        party_of(request),
        name=asked.name,
        answer=asked.credential,
        session=session_secret(request),
    )
    here.forget()
    return told(made)


@router.put("/{passkey_id}", status_code=204, summary="Call a passkey something else")
async def rename(passkey_id: str, asked: Renamed, here: TheServer, actor: AnActor) -> None:
    """Rename one of your own passkeys."""
    now_at = here.clock.now()
    await here.db.write(
        partial(passkeys.rename, actor=actor, at=now_at, passkey_id=passkey_id, name=asked.name)
    )


@router.post(
    "/{passkey_id}/remove", status_code=204, summary="Let a passkey in no more; asks as for a new one"
)
async def remove(passkey_id: str, asked: Sure, request: Request, here: TheServer, actor: AnActor) -> None:
    """Remove one of your own passkeys.

    Raises:
        LastFactor: your role asks for one, or nothing else lets you in.
        PasswordNeeded: it was too long ago that you signed in.
    """
    await must_be_sure(asked.password, request, here, actor)
    now_at, roles = here.clock.now(), here.sites.step_up.app_roles
    await here.db.write(
        partial(passkeys.remove, actor=actor, at=now_at, passkey_id=passkey_id, app_roles=roles)
    )
    here.forget()
