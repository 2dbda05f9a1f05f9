"""Name and password typed at a register: checked off the event loop, and slowed down for whoever guesses."""

from __future__ import annotations

import asyncio
from typing import Any

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, system_actor
from tenban.access.people import password_hash_of, person_named
from tenban.access.secrets import password_fits
from tenban.access.throttle import Throttle
from tenban.api.context import here_of
from tenban.base.errors import Forbidden

# argon2 takes 64 MiB and 120 ms a check: two at a time leave the machine to the shop.
_CHECKS = asyncio.Semaphore(2)


def throttle_of(app: Any) -> Throttle:
    """Return this process's count of wrong passwords at registers, made at its first use."""
    throttle: Throttle | None = getattr(app.state, "till_throttle", None)
    if throttle is None:
        throttle = app.state.till_throttle = Throttle()
    return throttle


async def person_by_password(request: Any, place: str, name: str, password: str) -> Actor:
    """Return the person a name and password belong to.

    Args:
        request: of the page that asks.
        place: what wrong passwords are counted for, such as a register.
        name: as typed.
        password: as typed.

    Raises:
        TooMany: too many wrong ones at this place.
        Forbidden: they do not fit.
    """
    here = here_of(request)
    throttle = throttle_of(request.app)
    throttle.check(place, here.clock.now())
    password_hash = await here.db.read(lambda connection: password_hash_of(connection, name))
    async with _CHECKS:
        fits = await asyncio.to_thread(password_fits, password_hash, password)
    now_at, areas = here.clock.now(), here.sites.areas
    person = await here.db.read(lambda connection: person_named(connection, name, areas)) if fits else None
    if person is None:
        throttle.failed(place, now_at)
        await here.db.write(
            lambda connection: write_down(
                connection, AuditEvent.SIGN_IN_REFUSED, system_actor("web"), now_at, name[:100], place=place
            )
        )
        raise Forbidden("name or password is wrong")
    throttle.passed(place)
    return person
