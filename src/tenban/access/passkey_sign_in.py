"""Signing in by passkey, and showing one: each answer once, wrong ones slowed down like wrong passwords."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from tenban.access import passkeys
from tenban.access.audit import AuditEvent, write_down
from tenban.access.guesses import count_try, take_back
from tenban.access.model import Actor, system_actor
from tenban.access.passkeys import Passkey, WrongPasskey
from tenban.access.people import Source
from tenban.access.queries import Row
from tenban.access.relying_party import RelyingParty
from tenban.access.sign_in import House, SignedIn, let_in, must_be_let_in_here

_NOBODY: Final = system_actor("web")


async def make_passkey(
    house: House, actor: Actor, party: RelyingParty, *, name: str, answer: dict[str, Any], session: str | None
) -> Passkey:
    """Keep the passkey that a browser made.

    Raises:
        BadInput: no name, or no passkey.
        ChallengeGone: it was not asked for (any more).
        Conflict: it is kept already.
    """
    now_at, person_id = house.clock.now(), actor.id.removeprefix("person:")
    await house.db.write(
        partial(passkeys.take, answer=answer, purpose="passkey:make", at=now_at, person_id=person_id)
    )
    return await house.db.write(
        partial(
            passkeys.finish_making,
            actor=actor,
            at=now_at,
            party=party,
            name=name,
            answer=answer,
            session=session,
        )
    )


async def sign_in_by_passkey(
    house: House, party: RelyingParty, answer: dict[str, Any], *, source: Source
) -> SignedIn:
    """Open a session for whoever shows a passkey; it counts as both factors, so no code is asked for.

    Raises:
        BadInput: it is no answer of a browser.
        ChallengeGone: it was not asked for (any more).
        WrongPasskey: it is nobody's, or does not show what it should.
        SlowDown: too many wrong ones; this one was not looked at.
        PasswordsOff: the company's identity provider alone lets them in.
    """
    now_at = house.clock.now()
    await house.db.write(partial(passkeys.take, answer=answer, purpose="passkey:sign-in", at=now_at))
    person = await _checked(house, party, answer, source, None)
    must_be_let_in_here(house, str(person["name"]))
    source = replace(source, how="passkey", two_factors=True)
    return await house.db.write(partial(let_in, house=house, name=str(person["name"]), source=source))


async def shown_passkey(
    house: House, actor: Actor, party: RelyingParty, answer: dict[str, Any], *, source: Source
) -> None:
    """Hold a passkey against whoever is signed in.

    Raises:
        BadInput: it is no answer of a browser.
        ChallengeGone: it was not asked for (any more).
        WrongPasskey: it is not theirs, or does not show what it should.
        SlowDown: too many wrong ones; this one was not looked at.
    """
    now_at, person_id = house.clock.now(), actor.id.removeprefix("person:")
    await house.db.write(
        partial(passkeys.take, answer=answer, purpose="passkey:prove", at=now_at, person_id=person_id)
    )
    await _checked(house, party, answer, source, person_id)


async def _checked(
    house: House, party: RelyingParty, answer: dict[str, Any], source: Source, person_id: str | None
) -> Row:
    """Return the row of whoever a passkey is of; what does not fit is counted and written down."""
    now_at = house.clock.now()
    claimed = await house.db.read(partial(passkeys.owner_of, answer=answer))
    counted = f"passkey of {'' if claimed is None else claimed['name']}"
    await house.db.write(partial(count_try, name=counted, source=source, now_at=now_at))

    def run(connection: Connection) -> str | WrongPasskey:
        try:
            found = passkeys.check_answer(connection, now_at, party, answer, person_id=person_id)
        except WrongPasskey as wrong:
            # Policy: written down in a transaction that stays, then told.
            whose = "nobody" if claimed is None else str(claimed["id"])
            told = {"why": wrong.why, "address": source.address}
            write_down(connection, AuditEvent.PASSKEY_REFUSED, _NOBODY, now_at, whose, **told)
            return wrong
        take_back(connection, counted, source)
        return found

    found = await house.db.write(run)
    if isinstance(found, WrongPasskey):
        raise found
    if claimed is None or found != claimed["id"]:
        raise WrongPasskey("it is not kept here")
    return claimed
