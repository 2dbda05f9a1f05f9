"""Signing in with name and password: the one way, for pages, for the API and at registers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.guesses import count_try, remember_browser, take_back
from tenban.access.limits import Limits
from tenban.access.model import Actor, system_actor
from tenban.access.people import Areas, Source, open_session, password_hash_of, person_named, replace_hash
from tenban.access.pins import unlock_pin
from tenban.access.secrets import SHORTEST_PASSWORD, hash_password, is_outdated, password_fits
from tenban.base.clock import Clock
from tenban.base.errors import NotSignedIn
from tenban.db import Database
from tenban.sites.model import StepUp

# argon2 takes 64 MiB and 120 ms a check: two at a time leave the machine to the shop.
_CHECKS = asyncio.Semaphore(2)
WRONG = "name or password is wrong"


@dataclass(frozen=True, slots=True)
class House:
    """What signing in needs to know.

    Attributes:
        db: where people are.
        clock: what time it is.
        areas: of the company.
        limits: how long sessions live, by role, where it is not the default.
        step_up: what asks who it is once more.
    """

    db: Database
    clock: Clock
    areas: Areas
    limits: Limits
    step_up: StepUp


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


async def sign_in(house: House, name: str, password: str, *, source: Source) -> SignedIn:
    """Check name and password and open a session.

    Raises:
        NotSignedIn: they do not fit.
        SlowDown: too many wrong ones; these were not looked at.
    """
    await checked(house, name, password, source=source)
    return await house.db.write(partial(let_in, house=house, name=name, source=source))


def let_in(connection: Connection, house: House, name: str, source: Source) -> SignedIn:
    """Open a session for somebody who was found to be who they say, in a browser known from now on."""
    now_at = house.clock.now()
    secret, actor = open_session(
        connection, name, now_at, source=source, areas=house.areas, limits=house.limits
    )
    person_id = actor.id.removeprefix("person:")
    unlock_pin(connection, person_id)
    browser = remember_browser(connection, source, person_id, now_at)
    return SignedIn(secret, browser, actor)


def _rehashed(known: str, password: str) -> str | None:
    return hash_password(password) if is_outdated(known) and len(password) >= SHORTEST_PASSWORD else None
