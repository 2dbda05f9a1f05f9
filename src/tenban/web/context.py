"""What a page finds: the running server, and who is looking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from starlette.datastructures import Headers
from starlette.requests import Request

from tenban.access.asking import session_secret, source_of
from tenban.access.model import Actor, Function
from tenban.access.sign_in import House
from tenban.base.clock import Clock
from tenban.base.errors import NotFound
from tenban.db import Database
from tenban.notify.board import Board
from tenban.settings.desk import SettingsDesk
from tenban.sites.model import Shop, Sites

# Taken from here by whoever handles a request, with what is its own.
__all__ = ["session_secret", "source_of"]

TILL_COOKIE = "tenban_till_"


class Here(Protocol):
    """The running server, as pages see it; the composition root puts it at ``app.state.here``."""

    db: Database
    clock: Clock
    sites: Sites
    board: Board
    known: dict[str, Any]
    data_dir: Path
    desk: SettingsDesk | None

    @property
    def house(self) -> House:
        """What signing in needs to know."""
        ...

    def forget(self) -> None:
        """Look everybody up anew, since something was revoked."""
        ...

    async def actor_by_secret(self, secret: str, *, session: bool) -> Actor | None:
        """Return who stands behind a session's secret."""
        ...

    async def paired(self, register: str, secret: str) -> Actor | None:
        """Return the register that a browser's cookie stands for."""
        ...


_PREFIXES = ("__Host-", "__Secure-")


def cookies_named(headers: Headers, prefix: str) -> Iterator[str]:
    """Yield the values of the cookies whose name begins so, whatever guards a browser put before it."""
    for text in headers.getlist("cookie"):
        for part in text.split(";"):
            yield from value_named(part, prefix)


def value_named(cookie: str, prefix: str) -> Iterator[str]:
    """Yield the value of one cookie, with or without attributes, if its name begins so."""
    name, _, value = cookie.partition(";")[0].strip().partition("=")
    for guard in _PREFIXES:
        name = name.removeprefix(guard)
    if name.startswith(prefix):
        yield value


def here_of(request: Request) -> Here:
    """Return the running server."""
    here: Here = request.app.state.here
    return here


async def visitor_of(request: Request) -> Actor | None:
    """Return who is looking by the session cookie, or None for nobody known."""
    secret = session_secret(request)
    if not secret:
        return None
    return await here_of(request).actor_by_secret(secret, session=True)


async def attended_till_of(request: Request, register: str | None) -> Actor | None:
    """Return the register that this browser serves as, where staff look at its screen."""
    secret = request.cookies.get(TILL_COOKIE + register, "") if register else ""
    if not register or not secret:
        return None
    actor = await here_of(request).paired(register, secret)
    return actor if actor is not None and actor.may(Function.REGISTER_WATCH) else None


def names_of(sites: Sites) -> list[str]:
    """Return what company and shops are called: words that everybody would try as a password."""
    return [sites.company, *(shop.name for shop in sites.shops)]


def shop_of(here: Here, actor: Actor) -> Shop:
    """Return the shop whose times and money the pages of this actor show."""
    reached = next((shop for shop in here.sites.shops if actor.reaches(shop.id)), None)
    if reached is None:
        raise NotFound("there is no shop that you belong to (any more)")
    return reached
