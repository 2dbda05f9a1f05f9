"""Name and password typed at a register: checked off the event loop, and slowed down for whoever guesses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tenban.access.model import Actor
from tenban.access.pins import WrongPin
from tenban.access.sign_in import WRONG, checked
from tenban.access.step_up import person_by_pin
from tenban.access.throttle import Throttle
from tenban.api.context import here_of, source_of
from tenban.base.errors import BadInput, Forbidden, NotSignedIn


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
    source = replace(source_of(request), place=place)
    try:
        person = await checked(here.house, name, password, source=source)
    except NotSignedIn as error:
        throttle.failed(place, here.clock.now())
        raise Forbidden(WRONG) from error
    throttle.passed(place)
    return person


async def person_by(request: Any, place: str, name: str, password: str | None, pin: str | None) -> Actor:
    """Return the person a name and a password, or a name and a PIN, belong to.

    Raises:
        BadInput: both or neither.
        TooMany: too many wrong ones at this place.
        Forbidden: they do not fit.
    """
    if (password is None) == (pin is None):
        raise BadInput("proof", expected="a password or a PIN", came="both or neither")
    if pin is None:
        return await person_by_password(request, place, name, password or "")
    here, throttle = here_of(request), throttle_of(request.app)
    throttle.check(place, here.clock.now())
    source = replace(source_of(request), place=place)
    try:
        person = await person_by_pin(here.house, name, pin, source=source)
    except WrongPin:
        throttle.failed(place, here.clock.now())
        raise
    throttle.passed(place)
    return person
