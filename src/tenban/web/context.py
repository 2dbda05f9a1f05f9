"""What a page finds: the running server, and who is looking."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.requests import Request

from tenban.access.model import Actor, Function
from tenban.base.clock import Clock
from tenban.base.errors import NotFound
from tenban.db import Database
from tenban.notify.board import Board
from tenban.settings.desk import SettingsDesk
from tenban.sites.model import Shop, Sites

SESSION_COOKIE = "tenban_session"
TILL_COOKIE = "tenban_till_"


class Here(Protocol):
    """The running server, as pages see it; the composition root puts it at ``app.state.here``."""

    db: Database
    clock: Clock
    sites: Sites
    board: Board
    known: dict[str, Any]
    desk: SettingsDesk | None

    async def actor_by_secret(self, secret: str, *, session: bool) -> Actor | None:
        """Return who stands behind a session's secret."""
        ...

    async def paired(self, register: str, secret: str) -> Actor | None:
        """Return the register that a browser's cookie stands for."""
        ...


def here_of(request: Request) -> Here:
    """Return the running server."""
    here: Here = request.app.state.here
    return here


async def visitor_of(request: Request) -> Actor | None:
    """Return who is looking by the session cookie, or None for nobody known."""
    secret = request.cookies.get(SESSION_COOKIE)
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


def shop_of(here: Here, actor: Actor) -> Shop:
    """Return the shop whose times and money the pages of this actor show."""
    reached = next((shop for shop in here.sites.shops if actor.reaches(shop.id)), None)
    if reached is None:
        raise NotFound("there is no shop that you belong to (any more)")
    return reached
