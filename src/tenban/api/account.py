"""One's own account: where one is signed in, and one's own password."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from tenban.access import account, passkeys, pins, second_factor
from tenban.access.account_rows import account_row
from tenban.access.cookies import given
from tenban.access.model import Role
from tenban.access.oidc import is_linked
from tenban.access.passwords import chosen_password, shortest_for
from tenban.access.relying_party import relying_party
from tenban.access.step_up import needs_app
from tenban.api.context import AnActor, TheServer, session_secret, source_of
from tenban.api.passkeys import told
from tenban.api.sureness import Sure, must_be_sure, must_know_password
from tenban.base.clock import to_rfc3339

router = APIRouter(prefix="/api/v1/account", tags=["account"])


class NewPassword(BaseModel):
    """The password of before and the new one."""

    old: Annotated[str, Field(max_length=1000)]
    new: Annotated[str, Field(max_length=1000)]


class NewPin(BaseModel):
    """The password (none for five minutes after signing in), and the PIN; None takes it away."""

    password: Annotated[str | None, Field(max_length=1000)] = None
    pin: Annotated[str | None, Field(max_length=64)] = None


class Code(BaseModel):
    """A code of the app."""

    code: Annotated[str, Field(max_length=64)]


@router.get("", summary="Who you are, and where you are signed in")
async def read(request: Request, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return your own name, roles and sessions."""
    now_at, secret = here.clock.now(), session_secret(request) or ""
    row = await here.db.read(partial(account_row, actor=actor))
    found = await here.db.read(partial(account.own_sessions, actor=actor, at=now_at, secret=secret))
    shops = {shop.id: shop.name for shop in here.sites.shops}
    oidc = here.sites.oidc
    party = relying_party(request.url.scheme, request.headers.get("host", ""))
    return {
        "name": row["name"],
        "display_name": row["display_name"],
        "roles": row["roles"],
        "has_app": await here.db.read(partial(second_factor.has_second_factor, person_id=row["id"])),
        "needs_app": needs_app(row["roles"], here.sites.step_up),
        "has_password": bool(row["password_hash"]),
        "fresh": await here.db.read(partial(account.is_fresh, secret=secret, at=now_at)),
        "two_factors": await here.db.read(partial(account.shows_two_factors, secret=secret, at=now_at)),
        "passkeys": [told(one) for one in await here.db.read(partial(passkeys.listed, person_id=row["id"]))],
        "company": None if oidc is None else {"ja": oidc.label_ja, "en": oidc.label_en},
        "linked": await here.db.read(partial(is_linked, person_id=row["id"])),
        "passkeys_here": party if isinstance(party, str) else "yes",
        "host": request.url.hostname or "",
        "codes_left": await here.db.read(partial(second_factor.codes_left, person_id=row["id"])),
        "has_pin": row["pin_hash"] is not None,
        "pin_locked": row["pin_failures"] >= pins.MOST_TRIES,
        "shortest_password": shortest_for(Role(role) for role in row["roles"]),
        "shop": None if row["shop"] is None else shops.get(row["shop"], row["shop"]),
        "area": row["area"],
        "sessions": [
            {
                "id": one.id,
                "opened_at": to_rfc3339(one.opened_at),
                "seen_at": to_rfc3339(one.seen_at),
                "expires_at": to_rfc3339(one.expires_at),
                "address": one.address,
                "agent": one.agent,
                "how": one.how,
                "here": one.here,
            }
            for one in found
        ],
    }


@router.put("/pin", status_code=204, summary="Choose a PIN, or none; asks for the password")
async def set_pin(asked: NewPin, request: Request, here: TheServer, actor: AnActor) -> None:
    """Check the password and set the PIN.

    Raises:
        Forbidden: the password is another one.
        BadInput: not six digits, or among those that are tried first.
    """
    await must_be_sure(asked.password, request, here, actor)
    pin_hash = None if asked.pin is None else await asyncio.to_thread(pins.hash_pin, asked.pin)
    now_at = here.clock.now()
    await here.db.write(partial(pins.set_pin, actor=actor, at=now_at, pin_hash=pin_hash))


@router.post("/totp", summary="Begin with an authenticator app; asks for the password")
async def begin_totp(asked: Sure, request: Request, here: TheServer, actor: AnActor) -> dict[str, str]:
    """Make a secret and return it for the app, once, as text and as a QR code; a code then confirms it."""
    await must_be_sure(asked.password, request, here, actor)
    key, issuer = here.house.vault, f"Tenban {here.sites.company}"
    now_at = here.clock.now()
    begun = await here.db.write(
        partial(second_factor.begin, actor=actor, at=now_at, vault=key, issuer=issuer)
    )
    picture = segno.make(begun.uri, error="m").svg_data_uri(scale=5, dark="#000", light="#fff")
    return {"secret": begun.typed, "uri": begun.uri, "picture": picture}


@router.put("/totp", summary="Confirm the app by a code; returns the recovery codes, once")
async def confirm_totp(asked: Code, here: TheServer, actor: AnActor) -> dict[str, list[str]]:
    """Ask for codes from now on.

    Raises:
        BadInput: the code does not fit.
        Conflict: nothing was begun.
    """
    key, now_at = here.house.vault, here.clock.now()
    codes = await here.db.write(
        partial(second_factor.confirm, actor=actor, at=now_at, vault=key, code=asked.code)
    )
    here.forget()
    return {"recovery_codes": codes}


@router.post("/totp/off", status_code=204, summary="No authenticator app any more; asks for the password")
async def remove_totp(asked: Sure, request: Request, here: TheServer, actor: AnActor) -> None:
    """Ask for no codes any more; the recovery codes end with it."""
    await must_be_sure(asked.password, request, here, actor)
    now_at, roles = here.clock.now(), here.sites.step_up.app_roles
    await here.db.write(partial(second_factor.remove, actor=actor, at=now_at, app_roles=roles))
    here.forget()


@router.delete("/sessions/{session_id}", status_code=204, summary="End one of your sessions")
async def revoke(session_id: str, here: TheServer, actor: AnActor) -> None:
    """Sign out elsewhere."""
    now_at = here.clock.now()
    await here.db.write(partial(account.revoke, actor=actor, at=now_at, session_id=session_id))
    here.forget()


@router.delete("/sessions", summary="End all your sessions but this one")
async def revoke_others(request: Request, here: TheServer, actor: AnActor) -> dict[str, int]:
    """Sign out everywhere else; says how many sessions ended."""
    now_at, secret = here.clock.now(), session_secret(request) or ""
    ended = await here.db.write(partial(account.revoke_others, actor=actor, at=now_at, secret=secret))
    here.forget()
    return {"ended": ended}


@router.put("/password", status_code=204, summary="Choose another password; you stay signed in here only")
async def change_password(
    asked: NewPassword, request: Request, response: Response, here: TheServer, actor: AnActor
) -> None:
    """Check the password of before and set the new one.

    Raises:
        Forbidden: the password of before is another one.
    """
    house, source = here.house, source_of(request)
    row = await must_know_password(asked.old, request, here, actor)
    sites = here.sites
    password_hash = await asyncio.to_thread(
        chosen_password,
        asked.new,
        roles=[Role(role) for role in row["roles"]],
        about=[row["name"], row["display_name"], sites.company, *(shop.name for shop in sites.shops)],
    )
    done = await here.db.write(
        partial(
            account.change_password,
            actor=actor,
            at=here.clock.now(),
            password_hash=password_hash,
            house=house,
            source=source,
        )
    )
    here.forget()
    for cookie in given(done.secret, done.browser, request.url.scheme):
        response.set_cookie(**cookie)
