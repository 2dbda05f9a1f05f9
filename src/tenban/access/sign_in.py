"""Signing in with name and password: the one way, for pages, for the API and at registers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.guesses import count_try, remember_browser, take_back
from tenban.access.limits import Limits
from tenban.access.model import Actor, system_actor
from tenban.access.people import (
    Areas,
    Source,
    close_session,
    folded,
    open_session,
    password_hash_of,
    person_named,
    replace_hash,
    session_of,
)
from tenban.access.pins import unlock_pin
from tenban.access.second_factor import (
    SecondFactorNeeded,
    WrongCode,
    check_code,
    halfway,
    has_second_factor,
    name_of_halfway,
)
from tenban.access.secrets import SHORTEST_PASSWORD, hash_password, is_outdated, password_fits
from tenban.access.vault import Vault
from tenban.base.clock import Clock
from tenban.base.errors import Forbidden, NotSignedIn
from tenban.db import Database
from tenban.sites.signing_in import Oidc, StepUp

# argon2 takes 64 MiB and 120 ms a check: two at a time leave the machine to the shop.
_CHECKS = asyncio.Semaphore(2)
WRONG = "name or password is wrong"


def _as_it_is(_kind: str, text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class House:
    """What signing in needs to know.

    Attributes:
        db: where people are.
        clock: what time it is.
        areas: of the company.
        limits: how long sessions live, by role, where it is not the default.
        step_up: what asks who it is once more.
        vault: under whose key people's shared secrets lie.
        oidc: the company's own identity provider; None: there is none.
        opened: opens a secret of the configuration, given what it is of; one that is not sealed it returns.
    """

    db: Database
    clock: Clock
    areas: Areas
    limits: Limits
    step_up: StepUp
    vault: Vault
    oidc: Oidc | None = None
    opened: Callable[[str, str], str] = _as_it_is


class PasswordsOff(Forbidden):
    """The company's own identity provider lets people in, and nothing else does."""

    code = "passwords_off"

    def __init__(self) -> None:
        super().__init__("expected to be let in by the company's own sign-in, which alone is switched on")
        self.told = {
            "ja": "ここでは会社のアカウントでサインインしてください。",
            "en": "Please sign in with the company's account here.",
        }


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a browser gets.

    Attributes:
        secret: of the session.
        browser: by which the browser is known from now on.
    """

    secret: str
    browser: str
    actor: Actor


async def checked(house: House, name: str, password: str, *, source: Source) -> Actor:
    """Return the person a name and password belong to.

    Args:
        house: the database and the clock.
        name: as typed.
        password: as typed.
        source: where they are typed; wrong ones are counted for it.

    Raises:
        NotSignedIn: they do not fit.
        SlowDown: too many wrong ones; these were not looked at.
    """
    await house.db.write(partial(count_try, name=name, source=source, now_at=house.clock.now()))
    known = await house.db.read(partial(password_hash_of, name=name))
    async with _CHECKS:
        fits = await asyncio.to_thread(password_fits, known, password)
        fresh = await asyncio.to_thread(_rehashed, known, password) if fits and known else None
    person = await house.db.read(partial(person_named, name=name, areas=house.areas)) if fits else None
    now_at = house.clock.now()

    def settle(connection: Connection) -> None:
        if person is None:
            told = {"place": source.place} if source.place else {}
            write_down(
                connection,
                AuditEvent.SIGN_IN_REFUSED,
                system_actor("web"),
                now_at,
                name[:100],
                address=source.address,
                **told,
            )
            return
        take_back(connection, name, source)
        if fresh is not None and known is not None:
            replace_hash(connection, person, known, fresh)

    await house.db.write(settle)
    if person is None:
        raise NotSignedIn(WRONG)
    return person


async def sign_in(
    house: House, name: str, password: str, *, source: Source, code: str | None = None
) -> SignedIn:
    """Check name and password, and the code of who has an authenticator app, and open a session.

    Raises:
        NotSignedIn: they do not fit.
        SecondFactorNeeded: they do, and the code is missing.
        WrongCode: the code does not fit.
        SlowDown: too many wrong ones; these were not looked at.
        PasswordsOff: the company's identity provider alone lets them in.
    """
    person = await checked(house, name, password, source=source)
    must_be_let_in_here(house, name)
    if await house.db.read(partial(has_second_factor, person_id=person.id.removeprefix("person:"))):
        if code is None:
            known = await house.db.read(partial(password_hash_of, name=name))
            raise SecondFactorNeeded(halfway(house.vault, name, known or "", house.clock.now()))
        return await _with_code(house, name, code, source)
    return await house.db.write(partial(let_in, house=house, name=name, source=source))


def must_be_let_in_here(house: House, name: str) -> None:
    """Refuse whoever the company's identity provider alone lets in, once they are known to be who they say.

    Raises:
        PasswordsOff: it does, and this is not the administrator who gets in without it.
    """
    if house.oidc is not None and house.oidc.only and folded(name) != folded(house.oidc.break_glass):
        raise PasswordsOff


async def finish(house: House, token: str, code: str, *, source: Source) -> SignedIn:
    """Open a session for somebody whose password was found to fit a moment ago, by their code.

    Raises:
        NotSignedIn: it was too long ago, or the password is another one by now.
        WrongCode: the code does not fit.
        SlowDown: too many wrong ones.
        Unavailable: the token is none of ours.
    """
    half = name_of_halfway(house.vault, token, house.clock.now())
    known = None if half is None else await house.db.read(partial(password_hash_of, name=half[0]))
    if half is None or known is None or not known.endswith(half[1]):
        raise NotSignedIn("expected the password a moment ago; please sign in anew")
    return await _with_code(house, half[0], code, source)


async def _with_code(house: House, name: str, code: str, source: Source) -> SignedIn:
    counted = f"code of {folded(name)}"
    await house.db.write(partial(count_try, name=counted, source=source, now_at=house.clock.now()))
    person = await house.db.read(partial(person_named, name=name, areas=house.areas))
    if person is None:
        raise NotSignedIn(WRONG)
    person_id, now_at = person.id.removeprefix("person:"), house.clock.now()

    def run(connection: Connection) -> SignedIn | None:
        try:
            which = check_code(connection, person_id, code, now_at, house.vault)
        except WrongCode:
            # Policy: written down in a transaction that stays, then told.
            write_down(
                connection,
                AuditEvent.SECOND_FACTOR_REFUSED,
                person,
                now_at,
                person_id,
                address=source.address,
            )
            return None
        if which == "recovery":
            write_down(connection, AuditEvent.RECOVERY_CODE_USED, person, now_at, person_id)
        take_back(connection, counted, source)
        return let_in(connection, house, name, replace(source, two_factors=True))

    done = await house.db.write(run)
    if done is None:
        raise WrongCode
    return done


def let_in(connection: Connection, house: House, name: str, source: Source) -> SignedIn:
    """Open a session for somebody who was found to be who they say; the browser's present one ends."""
    now_at = house.clock.now()
    before = None if source.session is None else session_of(connection, source.session, now_at, house.areas)
    if before is not None and source.session is not None:
        close_session(connection, before.actor, source.session, now_at)
    secret, actor = open_session(
        connection, name, now_at, source=source, areas=house.areas, limits=house.limits
    )
    person_id = actor.id.removeprefix("person:")
    unlock_pin(connection, person_id)
    browser = remember_browser(connection, source, person_id, now_at)
    return SignedIn(secret, browser, actor)


def _rehashed(known: str, password: str) -> str | None:
    return hash_password(password) if is_outdated(known) and len(password) >= SHORTEST_PASSWORD else None
