"""Showing once more that it is oneself: for a privileged function, and to take over a shared tablet.

What is shown is a passkey, the PIN, or the password. It holds for a few minutes, for the session it
was shown in, which gets a new secret (ASVS 5.0, 7.2.4). Whoever has just signed in has just shown it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.account_rows import account_row, person_of
from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function, Role, system_actor
from tenban.access.passkey_sign_in import shown_passkey
from tenban.access.passwords import is_mighty
from tenban.access.people import OpenSession, Source, actor_of_person, folded
from tenban.access.pins import WrongPin, count_pin_try, unlock_pin
from tenban.access.relying_party import RelyingParty
from tenban.access.secrets import hash_secret, new_secret
from tenban.access.sign_in import House, SignedIn, checked, let_in
from tenban.base.clock import Instant, seconds
from tenban.base.errors import NotSignedIn
from tenban.sites.signing_in import StepUp

_FUNCTIONS: Final[dict[str, frozenset[Function]]] = {
    "people": frozenset({Function.PEOPLE_MANAGE}),
    "audit": frozenset({Function.AUDIT_TAKE}),
    "keeping": frozenset({Function.HOLDS_MANAGE, Function.PERSONAL_ERASE}),
    "evidence": frozenset({Function.CASES_EXPORT}),
    "settings": frozenset({Function.SETTINGS_EDIT, Function.COMPANY_EDIT}),
    "rules": frozenset({Function.RULES_EDIT}),
    "pictures": frozenset({Function.MEDIA_UNMASKED}),
}
_VERIFIER: Final = PasswordHasher()
_CHECKS = asyncio.Semaphore(2)
_NOBODY: Final = system_actor("web")


class WrongProof(WrongPin):
    """The password shown is another one."""

    code = "wrong_password"


class PasskeyRefused(WrongPin):
    """The passkey shown is another one, or was asked for too long ago."""

    code = "wrong_passkey"


def privileged(policy: StepUp) -> frozenset[Function]:
    """Return the functions that ask who it is once more."""
    chosen = [functions for name, functions in _FUNCTIONS.items() if getattr(policy, name)]
    return frozenset().union(*chosen)


def needs_app(roles: Collection[str], policy: StepUp) -> bool:
    """Tell whether somebody with these roles has to show an authenticator app or a passkey."""
    return not policy.app_roles.isdisjoint(roles)


def asked_again(session: OpenSession, policy: StepUp, now_at: Instant) -> Actor:
    """Return who a session is of, with what they have to prove themselves for at this moment.

    Whose role needs an authenticator app or a passkey may do nothing but set one up, or show it.
    """
    if needs_app(session.roles, policy) and not (session.has_app or session.two_factors):
        return replace(session.actor, functions=frozenset())
    proven = session.proven_at is not None and now_at - session.proven_at < seconds(policy.minutes * 60)
    return session.actor if proven else replace(session.actor, unproven=privileged(policy))


async def prove(
    house: House,
    actor: Actor,
    secret: str,
    *,
    source: Source,
    what: str,
    pin: str | None = None,
    password: str | None = None,
    passkey: tuple[RelyingParty, dict[str, Any]] | None = None,
) -> str:
    """Let somebody show that it is them; return the session's new secret.

    Args:
        house: the database and the clock.
        actor: who is signed in.
        secret: of the session.
        source: where.
        what: it is for, as it is written down.
        pin: as typed; one of the three is given.
        password: as typed.
        passkey: what the browser brought, and at which name of this server.

    Raises:
        WrongPin: it does not fit, or there is none.
        WrongProof: the password does not fit, or the passkey.
        PinLocked: too many wrong ones.
        SlowDown: too many wrong passwords or passkeys.
        BadInput: the passkey is none.
    """
    row = await house.db.read(partial(account_row, actor=actor))
    try:
        if passkey is not None:
            await shown_passkey(house, actor, *passkey, source=source)
        elif pin is not None:
            await pin_checked(house, str(row["id"]), pin)
        else:
            await checked(house, str(row["name"]), password or "", source=source)
    except (WrongPin, NotSignedIn) as error:
        await house.db.write(partial(_refused, actor=actor, at=house.clock.now(), what=what))
        if passkey is not None:
            raise PasskeyRefused(str(error)) from error
        if isinstance(error, NotSignedIn):
            raise WrongProof("the password is another one") from error
        raise
    fresh, now_at = new_secret("session"), house.clock.now()
    more = {} if passkey is None else {"two_factors": True}

    def passed(connection: Connection) -> None:
        if not queries.prove_session(connection, hash_secret(secret), hash_secret(fresh), now_at, **more):
            raise NotSignedIn("expected a session, and it has ended")
        if pin is None:
            unlock_pin(connection, person_of(actor))
        how = "passkey" if passkey is not None else "password" if pin is None else "pin"
        write_down(connection, AuditEvent.PROVEN, actor, now_at, what[:100], how=how)

    await house.db.write(passed)
    return fresh


async def pin_checked(house: House, person_id: str, pin: str) -> None:
    """Hold a PIN against somebody's.

    Raises:
        WrongPin: it does not fit, or there is none.
        PinLocked: too many wrong ones.
    """
    known = await house.db.write(partial(count_pin_try, person_id=person_id))
    async with _CHECKS:
        fits = await asyncio.to_thread(_pin_fits, known, pin)
    if not fits:
        raise WrongPin("the PIN is another one")
    await house.db.write(partial(unlock_pin, person_id=person_id))


async def person_by_pin(house: House, name: str, pin: str, *, source: Source) -> Actor:
    """Return the person a name and PIN belong to, such as a supervisor who approves at a register.

    Raises:
        WrongPin: they do not fit.
        PinLocked: too many wrong ones.
    """
    row = await house.db.read(lambda connection: queries.person_by_name(connection, folded(name)))
    try:
        await pin_checked(house, "" if row is None else str(row["id"]), pin)
    except WrongPin:
        told = {"name": name[:100], "place": source.place, "address": source.address}
        await house.db.write(partial(_pin_refused, at=house.clock.now(), told=told))
        raise
    assert row is not None  # noqa: S101  # nobody has no PIN
    return actor_of_person(row, house.areas)


def people_here(connection: Connection, house: House, browser: str) -> list[tuple[str, str]]:
    """Return (id, name) of whoever may take this browser over by PIN: signed in here lately, and has one.

    Administrators and installers are not among them: they sign in whole.
    """
    since_at = house.clock.now() - seconds(house.step_up.switch_h * 3600)
    return [
        (row["id"], row["display_name"])
        for row in queries.people_of_browser(connection, hash_secret(browser), since_at)
        if row["pin_hash"] is not None and not is_mighty(Role(role) for role in row["roles"])
    ]


async def switch(house: House, person_id: str, pin: str, *, source: Source) -> SignedIn:
    """Open a session of somebody else's in this browser, and end the one of before.

    Raises:
        WrongPin: it does not fit, or they have not signed in here lately.
        PinLocked: too many wrong ones.
    """
    browser = source.browser or ""
    known = await house.db.read(partial(people_here, house=house, browser=browser))
    try:
        await pin_checked(house, person_id if person_id in {one for one, _ in known} else "", pin)
    except WrongPin:
        told = {"person": person_id[:40], "address": source.address}
        await house.db.write(partial(_pin_refused, at=house.clock.now(), told=told))
        raise

    def run(connection: Connection) -> SignedIn:
        (row,) = queries.people_by_ids(connection, [person_id])
        return let_in(connection, house, str(row["name"]), replace(source, how="pin"))

    return await house.db.write(run)


def _refused(connection: Connection, actor: Actor, at: Instant, what: str) -> None:
    write_down(connection, AuditEvent.PROOF_REFUSED, actor, at, what[:100])


def _pin_refused(connection: Connection, at: Instant, told: dict[str, str | None]) -> None:
    write_down(connection, AuditEvent.PIN_REFUSED, _NOBODY, at, "pin", **told)


def _pin_fits(known: str, pin: str) -> bool:
    try:
        return _VERIFIER.verify(known, pin[:64])
    except (VerificationError, InvalidHashError):
        return False  # Policy: what cannot be checked is refused.
