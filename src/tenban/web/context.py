"""What a page finds: the running server, and who is looking."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.requests import Request

from tenban.access.model import Actor
from tenban.base.clock import Clock
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


def shop_of(here: Here, actor: Actor) -> Shop:
    """Return the shop whose times and money the pages of this actor show."""
    return here.sites.shop(actor.shop) if actor.shop else here.sites.shops[0]
