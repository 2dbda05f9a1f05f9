"""``WS /api/v1/registers/{id}/link``: commands to a till, each acknowledged.

Server → till: ``{"command_id", "type": "lamp" | "hint" | "hold_payment" | "release" | "plu_changed", …}``.
Till → server: ``{"ack": command_id, "result": "done" | "refused", "reason"?}``, or ``{"ping": anything}``,
which is answered ``{"pong": the same}`` (browsers cannot send ping frames; the server's own pings are
protocol frames). A message that cannot be read is answered ``{"error": {"code", "message"}}``.

A till proves itself by ``Authorization: Bearer TOKEN``; a browser, which cannot set headers, offers the
subprotocols ``tenban.link.v1, bearer.TOKEN``. One connection per register: the newest wins, the older is
closed with 4001. One whose pairing or token was ended is closed with 4003.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from tenban.access.model import Actor, Function
from tenban.api.context import Here, find_actor, websocket_here
from tenban.api.errors import answer
from tenban.base.clock import Instant
from tenban.base.errors import BadInput, Forbidden, NotFound, NotSignedIn, TenbanError
from tenban.base.log import get_log
from tenban.pos.link import Command, acknowledge, mark_sent, read_ack, waiting_commands

log = get_log(__name__)

SUBPROTOCOL = "tenban.link.v1"
REPLACED = 4001
UNPAIRED = 4003
TOO_BIG = 1009
LONGEST_MESSAGE = 65_536
PATIENCE_S = 1.0  # a command whose wake-up was lost is found after it
LOOK_EVERY_S = 0.005  # commits of any kind wake the links; so many at once cost one look

router = APIRouter(prefix="/api/v1")


@dataclass(frozen=True, slots=True)
class LinkState:
    """A till's open link: since when, and when it last said anything."""

    connected_at: Instant
    heard_at: Instant


@dataclass(eq=False, slots=True)
class _Link:
    register: str
    connected_at: Instant
    heard_at: Instant
    waiting: asyncio.Queue[Command] = field(default_factory=asyncio.Queue)
    offered: set[str] = field(default_factory=set)
    replaced: asyncio.Event = field(default_factory=asyncio.Event)
    doubted: asyncio.Event = field(default_factory=asyncio.Event)


class Links:
    """The open links of this process, and the one look that serves them all."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._open: dict[str, _Link] = {}
        self._looking: asyncio.Task[None] | None = None

    def state(self, register: str) -> LinkState | None:
        """Return a till's open link, or None."""
        link = self._open.get(register)
        return None if link is None else LinkState(link.connected_at, link.heard_at)

    def doubt(self, register: str) -> None:
        """Let the register's link prove itself anew: a pairing has ended."""
        link = self._open.get(register)
        if link is not None:
            link.doubted.set()

    async def open(self, register: str) -> _Link:
        """Open a link; an older one of the same register ends."""
        now_at = self._here.clock.now()
        link = _Link(register, now_at, now_at)
        older = self._open.get(register)
        if older is not None:
            older.replaced.set()
        self._open[register] = link
        await self._look([register])
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._keep_looking(), name="register-links")
        return link

    def close(self, link: _Link) -> None:
        """Forget a link that has ended."""
        if self._open.get(link.register) is link:
            del self._open[link.register]

    async def _keep_looking(self) -> None:
        board, clock = self._here.board, self._here.clock
        seen = -1
        while self._open:
            looked_s = clock.monotonic_s()
            seen = board.seen
            try:
                await self._look(list(self._open))
            except TenbanError as error:
                # Policy: commands wait in the database; the next look finds them.
                log.warning("register links: looking failed", error=str(error))
            await board.wait(seen, patience_s=PATIENCE_S)
            since_s = clock.monotonic_s() - looked_s
            if since_s < LOOK_EVERY_S:
                await asyncio.sleep(LOOK_EVERY_S - since_s)

    async def _look(self, registers: list[str]) -> None:
        now_at = self._here.clock.now()
        found = await self._here.db.read(partial(waiting_commands, registers=registers, now_at=now_at))
        self._offer(found)

    def _offer(self, commands: Iterable[Command]) -> None:
        for command in commands:
            link = self._open.get(command.register)
            if link is not None and command.id not in link.offered:
                link.offered.add(command.id)
                link.waiting.put_nowait(command)


def links_of(app: Any) -> Links:
    """Return this process's open links, made at their first use."""
    links: Links | None = getattr(app.state, "links", None)
    if links is None:
        links = app.state.links = Links(app.state.here)
    return links


@router.websocket("/registers/{register}/link")
async def register_link(websocket: WebSocket, register: str) -> None:
    """Send a till its commands as they are issued; take its acknowledgements."""
    here = websocket_here(websocket)
    try:
        actor = await _till(websocket, here, register)
    except NotSignedIn as error:
        await websocket.send_denial_response(answer(401, error.code, str(error)))
        return
    except (NotFound, Forbidden) as error:
        status = 404 if isinstance(error, NotFound) else 403
        await websocket.send_denial_response(answer(status, error.code, str(error)))
        return
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in _offered(websocket) else None)
    links = links_of(websocket.app)
    link = await links.open(register)
    ends = [
        asyncio.create_task(_send(websocket, here, link)),
        asyncio.create_task(_receive(websocket, here, actor, link)),
        asyncio.create_task(link.replaced.wait()),
        asyncio.create_task(_until_unpaired(websocket, here, link)),
    ]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        links.close(link)
        for end in ends:
            end.cancel()
        outcomes = await asyncio.gather(*ends, return_exceptions=True)
    if link.replaced.is_set():
        with contextlib.suppress(RuntimeError):  # Policy: a connection that is gone needs no goodbye.
            await websocket.close(REPLACED, "a newer connection took over")
    elif ends[3].done() and not ends[3].cancelled():
        with contextlib.suppress(RuntimeError):  # Policy: as above.
            await websocket.close(UNPAIRED, "no longer paired")
    for outcome in outcomes:
        ended = (asyncio.CancelledError, WebSocketDisconnect, RuntimeError)
        if isinstance(outcome, BaseException) and not isinstance(outcome, ended):
            raise outcome


async def _until_unpaired(websocket: WebSocket, here: Here, link: _Link) -> None:
    """Return once whoever is linked is the register no longer; looked at when doubted, and at every ping."""
    while True:
        await link.doubted.wait()
        link.doubted.clear()
        try:
            await _till(websocket, here, link.register)
        except (NotSignedIn, Forbidden, NotFound):
            return  # Policy: what cannot be shown to be the register is not told its commands.


async def _till(websocket: WebSocket, here: Here, register: str) -> Actor:
    """Return the till that asks.

    Raises:
        NotSignedIn: no token, or an unknown one.
        NotFound: no such register.
        Forbidden: another register's token.
    """
    bearer = next((one for one in _offered(websocket) if one.startswith("bearer.")), None)
    if bearer is None:
        actor = await find_actor(websocket)
    else:
        actor = await here.actor_by_secret(bearer.removeprefix("bearer."), session=False)
    if actor is None:
        raise NotSignedIn("expected a register's bearer token, got none that is known")
    actor.must(Function.REGISTER_LINK, shop=here.sites.register(register).shop, register=register)
    return actor


def _offered(websocket: WebSocket) -> list[str]:
    header = websocket.headers.get("sec-websocket-protocol", "")
    return [one.strip() for one in header.split(",") if one.strip()]


async def _send(websocket: WebSocket, here: Here, link: _Link) -> None:
    while True:
        commands = [await link.waiting.get()]
        while not link.waiting.empty():
            commands.append(link.waiting.get_nowait())
        now_at = here.clock.now()
        fresh = [command for command in commands if command.expires_at > now_at]
        for command in fresh:
            await websocket.send_text(orjson.dumps(command.message()).decode())
        if fresh:
            await here.db.write(
                partial(mark_sent, command_ids=[command.id for command in fresh], now_at=now_at)
            )


async def _receive(websocket: WebSocket, here: Here, actor: Actor, link: _Link) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        link.heard_at = here.clock.now()
        data = message.get("text") or message.get("bytes") or ""
        if len(data) > LONGEST_MESSAGE:
            await websocket.close(TOO_BIG, f"expected messages of at most {LONGEST_MESSAGE} bytes")
            return
        try:
            reply = await _hear(here, actor, link, data)
        except TenbanError as error:
            reply = {"error": {"code": error.code, "message": str(error)}}
        if reply is not None:
            await websocket.send_text(orjson.dumps(reply).decode())


async def _hear(here: Here, actor: Actor, link: _Link, data: str | bytes) -> dict[str, Any] | None:
    try:
        message = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadInput(
            f"message, line {error.lineno} column {error.colno}", expected="JSON", came=error.msg
        ) from error
    if isinstance(message, dict) and "ping" in message:
        link.doubted.set()
        return {"pong": message["ping"]}
    ack = read_ack(message)
    if ack is None:
        raise BadInput("message", expected='{"ack": …} or {"ping": …}', came="something else")
    command_id, result, reason = ack
    await here.db.write(
        partial(
            acknowledge,
            actor=actor,
            register=link.register,
            command_id=command_id,
            result=result,
            now_at=here.clock.now(),
            reason=reason,
        )
    )
    return None
