"""Signing in with name and password: the one way, for pages, for the API and at registers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.limits import Limits
from tenban.access.model import Actor, system_actor
from tenban.access.people import Areas, Source, open_session, password_hash_of, person_named
from tenban.access.secrets import password_fits
from tenban.base.clock import Clock
from tenban.base.errors import NotSignedIn
from tenban.db import Database

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
    """

    db: Database
    clock: Clock
    areas: Areas
    limits: Limits


async def checked(house: House, name: str, password: str, *, source: Source, place: str = "") -> Actor:
    """Return the person a name and password belong to.

    Args:
        house: the database and the clock.
        name: as typed.
        password: as typed.
        source: where they are typed.
        place: written down with a refusal, such as the register.

    Raises:
        NotSignedIn: they do not fit.
    """
    known = await house.db.read(partial(password_hash_of, name=name))
    async with _CHECKS:
        fits = await asyncio.to_thread(password_fits, known, password)
    person = await house.db.read(partial(person_named, name=name, areas=house.areas)) if fits else None
    if person is None:
        now_at, who = house.clock.now(), system_actor("web")
        told = {"place": place, "address": source.address} if place else {"address": source.address}

        def refused(connection: Connection) -> None:
            write_down(connection, AuditEvent.SIGN_IN_REFUSED, who, now_at, name[:100], **told)

        await house.db.write(refused)
        raise NotSignedIn(WRONG)
    return person


async def sign_in(house: House, name: str, password: str, *, source: Source) -> tuple[str, Actor]:
    """Check name and password and open a session; return its secret and who it is of.

    Raises:
        NotSignedIn: they do not fit.
    """
    await checked(house, name, password, source=source)
    now_at = house.clock.now()
    return await house.db.write(
        partial(open_session, name=name, at=now_at, source=source, areas=house.areas, limits=house.limits)
    )
