"""What every request finds: the database, the clock, the sites, and who is asking."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Protocol, TypeAlias
from urllib.parse import urlsplit

from fastapi import Depends, Request, WebSocket
from starlette.requests import HTTPConnection

from tenban.access.asking import session_secret, source_of
from tenban.access.audit import AuditEvent, write_down
from tenban.access.keys import KEYS
from tenban.access.model import FUNCTIONS_OF_ATTENDED_REGISTER, Actor, OtherShop
from tenban.access.people import saw_session, session_of
from tenban.access.sign_in import House
from tenban.access.step_up import asked_again
from tenban.access.tokens import actor_of_token, saw_token
from tenban.access.vault import vault
from tenban.base.clock import SECOND, Clock, Instant
from tenban.base.errors import Forbidden, NotSignedIn
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.notify.board import Board
from tenban.settings.desk import SettingsDesk
from tenban.sites.model import ATTENDED, Broker, Sites
from tenban.video.ring import Still

# Taken from here by whoever handles a request, with what is its own.
__all__ = ["session_secret", "source_of"]

TILL_COOKIE = "tenban_till_"
"""Followed by the register's id: the cookie of a browser that serves as this register."""
REGISTER_HEADER = "x-tenban-register"
"""Says that the page of a register is asking, and of which."""
_REMEMBER_S = 5
_SEEN_EVERY_S = 60
_REFUSED_EVERY_S = 600

StillAsker: TypeAlias = Callable[..., Awaitable[Still]]


class BrokerLink(Protocol):
    """The connection to the broker of the lamps, as pages see it; see :mod:`tenban.api.mqtt`.

    Attributes:
        broker: the one it speaks to, or tries to.
        connected: the broker is there, and acknowledgements are heard.
        trouble: what went wrong last, in one word; None while nothing did.
        detail: the same in the words of whatever failed.
    """

    broker: Broker
    connected: bool
    trouble: str | None
    detail: str


@dataclass(slots=True)
class Here:
    """The running server, as handlers see it; one per process, made by the composition root.

    Attributes:
        board: told at each commit of any process; live channels wait on it.
        known: actors seen in the last seconds by secret, so that a till's thousand posts do not cost a
            thousand look-ups; a revoked token works for at most that long.
        desk: where settings are changed; None where there is no file to change.
        run_dir: where the other parts' sockets are.
        refused: when it was last written down that somebody asked for another shop's, by actor and shop.
        looked: when it was last written down that somebody looks at a camera, by actor and camera.
        seen: when it was last written down that a token was used, by its secret.
        ask_still: asks the watcher for a camera's picture nearest to an instant; None: there is no watcher.
        sleep: waits for a number of seconds.
        link: the connection to the broker of the lamps; None: there is none.
    """

    db: Database
    clock: Clock
    sites: Sites
    board: Board
    blobs: BlobStore
    data_dir: Path
    known: dict[str, tuple[Instant, Actor]] = field(default_factory=dict)
    desk: SettingsDesk | None = None
    run_dir: Path = Path()
    looked: dict[str, Instant] = field(default_factory=dict)
    refused: dict[tuple[str, str], Instant] = field(default_factory=dict)
    seen: dict[str, Instant] = field(default_factory=dict)
    ask_still: StillAsker | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    link: BrokerLink | None = None
    _forgotten: int = 0

    @property
    def house(self) -> House:
        """What signing in needs to know."""
        sites, vault_of_secrets = self.sites, self.blobs.vault
        opened = {} if vault_of_secrets is None else {"opened": vault_of_secrets.secret}
        return House(
            self.db,
            self.clock,
            sites.areas,
            sites.sessions,
            sites.step_up,
            vault(self.data_dir / KEYS),
            sites.oidc,
            **opened,
        )

    def remembered(self, authorization: bytes) -> Actor | None:
        """Return who was found behind the value of an ``Authorization`` header in the last seconds."""
        if not authorization.startswith(b"Bearer "):
            return None
        return self._remembered(authorization[7:].decode("latin-1"), self.clock.now())

    def _remembered(self, secret: str, now_at: Instant) -> Actor | None:
        found = self.known.get(secret)
        return found[1] if found is not None and now_at - found[0] < _REMEMBER_S * SECOND else None

    def forget(self) -> None:
        """Look everybody up anew, since something was revoked: it holds at once, in this process."""
        self.known.clear()
        self._forgotten += 1

    async def actor_by_secret(self, secret: str, *, session: bool) -> Actor | None:
        """Return who stands behind a session's or token's secret."""
        now_at = self.clock.now()
        remembered = self._remembered(secret, now_at)
        if remembered is not None:
            return remembered
        forgotten = self._forgotten
        if session:
            areas = self.sites.areas
            found = await self.db.read(lambda connection: session_of(connection, secret, now_at, areas))
            actor = None if found is None else asked_again(found, self.sites.step_up, now_at)
            if found is not None and now_at - found.seen_at >= _SEEN_EVERY_S * SECOND:
                await self.db.write(partial(saw_session, secret=secret, at=now_at))
        else:
            actor = await self.db.read(lambda connection: actor_of_token(connection, secret, now_at))
        if actor is not None and not session:
            await self._saw(secret, now_at)
        if forgotten != self._forgotten:
            return actor  # looked up before something was revoked: not to be remembered
        if len(self.known) > 10_000:
            self.known.clear()
        if actor is None:
            self.known.pop(secret, None)
        else:
            self.known[secret] = (now_at, actor)
        return actor

    async def write_down_refused(self, error: OtherShop) -> None:
        """Write down that somebody asked for what is of another shop; of one shop once in ten minutes."""
        now_at, key = self.clock.now(), (error.actor.id, error.shop)
        if now_at - self.refused.get(key, -_REFUSED_EVERY_S * SECOND) < _REFUSED_EVERY_S * SECOND:
            return
        if len(self.refused) > 10_000:
            self.refused.clear()
        self.refused[key] = now_at
        await self.db.write(
            lambda connection: write_down(
                connection,
                AuditEvent.OTHER_SHOP_REFUSED,
                error.actor,
                now_at,
                error.shop[:64],
                shop=error.shop[:64],
            )
        )

    async def paired(self, register: str, secret: str) -> Actor | None:
        """Return the register a browser's cookie stands for; where staff look at it, it may watch itself."""
        actor = await self.actor_by_secret(secret, session=False)
        if actor is None or actor.register != register:
            return None
        attended = any(one.id == register and one.kind in ATTENDED for one in self.sites.registers)
        return replace(actor, functions=FUNCTIONS_OF_ATTENDED_REGISTER) if attended else actor

    async def _saw(self, secret: str, now_at: Instant) -> None:
        """Write down, once a minute, that a token was used."""
        if now_at - self.seen.get(secret, 0) >= _SEEN_EVERY_S * SECOND:
            if len(self.seen) > 10_000:
                self.seen.clear()
            self.seen[secret] = now_at
            await self.db.write(partial(saw_token, at=now_at, secret=secret))


def here_of(connection: HTTPConnection) -> Here:
    """Return the running server of a request or WebSocket."""
    here: Here = connection.app.state.here
    return here


async def find_actor(connection: HTTPConnection) -> Actor | None:
    """Return who is asking: a bearer token, a browser that serves as a register, or a session cookie.

    Raises:
        Forbidden: a register's cookie came with a request of another site's page.
    """
    here = here_of(connection)
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret:
        return await here.actor_by_secret(secret.strip(), session=False)
    register = connection.headers.get(REGISTER_HEADER)
    if register is not None:
        return await _paired(connection, here, register)
    if connection.scope["type"] == "websocket" and "register" in connection.path_params:
        paired = await _paired(connection, here, str(connection.path_params["register"]))
        if paired is not None:
            return paired
    cookie = session_secret(connection)
    if cookie:
        return await here.actor_by_secret(cookie, session=True)
    return None


async def paired_register(connection: HTTPConnection, register: str) -> Actor:
    """Return the register that the browser serves as: for pictures, whose requests cannot carry our header.

    Only for reading. The cookie is ``SameSite=Strict``: another site's page does not bring it along.

    Raises:
        NotSignedIn: the browser is not paired with it.
        Forbidden: somebody else asks.
    """
    actor = await _paired(connection, here_of(connection), register)
    if actor is None and await find_actor(connection) is not None:
        raise Forbidden("expected a browser that is paired with this register, got somebody else")
    if actor is None:
        raise NotSignedIn("expected a browser that is paired with this register, got another one")
    return actor


async def _paired(connection: HTTPConnection, here: Here, register: str) -> Actor | None:
    """Return the register that the browser serves as; a register's page never acts as a person."""
    secret = connection.cookies.get(TILL_COOKIE + register)
    if not secret:
        return None
    if not from_own_page(connection):
        raise Forbidden("expected a request of this server's own page (Origin), got another one's")
    return await here.paired(register, secret)


def from_own_page(connection: HTTPConnection) -> bool:
    """Tell whether a page of this server asks (Origin, RFC 6454); reading is left to the browser's rules."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.scope["type"] == "http" and connection.scope["method"] in {"GET", "HEAD"}
    return urlsplit(origin).netloc == connection.headers.get("host")


async def actor_of(request: Request) -> Actor:
    """Return who is asking.

    Raises:
        NotSignedIn: nobody, or nobody known.
    """
    actor = await find_actor(request)
    if actor is None:
        raise NotSignedIn("expected a session or a bearer token, got neither")
    return actor


def _here(request: Request) -> Here:
    return here_of(request)


def websocket_here(websocket: WebSocket) -> Here:
    """Return the running server of a WebSocket."""
    return here_of(websocket)


AnActor = Annotated[Actor, Depends(actor_of)]
TheServer = Annotated[Here, Depends(_here)]
