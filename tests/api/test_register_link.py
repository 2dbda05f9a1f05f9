"""The link to a till, over a real WebSocket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tenban.access.model import system_actor
from tenban.access.tokens import make_token
from tenban.api import errors, register_link
from tenban.api.context import Here
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.notify.board import Board
from tenban.pos import command_queries
from tenban.pos.link import issue_command
from tenban.pos.tables import register_commands
from tenban.sites.model import Register, Shop, Sites
from waiting import until_async

SYSTEM = system_actor("test")


class BoardWaker:
    """Tells the board of this process at each commit."""

    lost = 0

    def __init__(self, board: Board) -> None:
        self._board = board

    def wake(self) -> None:
        self._board.changed_from_thread()

    def close(self) -> None:
        pass


@dataclass
class Server:
    database: Database
    clock: FakeClock
    app: FastAPI
    port: int

    def link(self, register: str = "lane-1", token: str = "token-lane-1") -> connect:  # noqa: S107  # a test's token
        return connect(
            f"ws://127.0.0.1:{self.port}/api/v1/registers/{register}/link",
            additional_headers={"authorization": f"Bearer {token}"},
        )

    async def issue(self, type_: str, register: str = "lane-1", **body: Any) -> str:
        return await self.database.write(
            partial(
                issue_command,
                register=register,
                type_=type_,
                body=body,
                now_at=self.clock.now(),
                actor=SYSTEM,
            )
        )

    async def row(self, command_id: str) -> Any:
        query = register_commands.select().where(register_commands.c.id == command_id)
        return await self.database.read(lambda connection: connection.execute(query).mappings().one())


async def heard(till: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = orjson.loads(await asyncio.wait_for(till.recv(), 60))
    return message


@pytest.fixture
async def server(database_url: str, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Server]:
    board = Board()
    board.attach(asyncio.get_running_loop())
    database = Database(database_url, waker=BoardWaker(board))
    registers = tuple(Register(one, "ebisu", one, "self") for one in ("lane-1", "lane-2"))
    sites = Sites("Example", (Shop("ebisu", "Ebisu", ZoneInfo("Asia/Tokyo"), "JPY", (), (), registers),))
    app = FastAPI()
    errors.install(app)
    app.include_router(register_link.router)
    app.state.here = Here(database, clock, sites, board, BlobStore(tmp_path), tmp_path)
    for one in ("lane-1", "lane-2"):
        await database.write(
            partial(
                make_token,
                actor=SYSTEM,
                at=clock.now(),
                kind="register",
                subject=one,
                shop="ebisu",
                secret=f"token-{one}",
            )
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = uvicorn.Server(
        uvicorn.Config(
            app,
            port=port,
            log_level="warning",
            lifespan="off",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
    )
    running = asyncio.create_task(served.serve())

    async def started() -> bool:
        return served.started

    await until_async(started)
    yield Server(database, clock, app, port)
    served.should_exit = True
    await running
    database.close()


async def test_a_command_reaches_the_till_and_is_acknowledged(server: Server) -> None:
    """A lamp command arrives over the open link; the till's done is written down."""
    async with server.link() as till:
        command_id = await server.issue("lamp", colour="red", blink=True)
        assert await heard(till) == {"command_id": command_id, "type": "lamp", "colour": "red", "blink": True}
        await till.send(orjson.dumps({"ack": command_id, "result": "done"}).decode())

        async def acknowledged() -> bool:
            return (await server.row(command_id))["acked_at"] is not None

        await until_async(acknowledged)
    row = await server.row(command_id)
    assert (row["result"], row["sent_at"]) == ("done", server.clock.now())


async def test_what_was_not_acknowledged_comes_again(server: Server) -> None:
    """A till that was away gets its commands at the next connection, in order, unless they have expired."""
    hint = {"text": {"ja": "ご確認ください", "en": "Please check"}}
    await server.issue("hint", **hint)
    server.clock.fast_forward(minutes=5)
    hold, lamp = await server.issue("hold_payment"), await server.issue("lamp", colour="amber")
    for _ in range(2):
        async with server.link() as till:
            assert [(await heard(till))["command_id"] for _ in range(2)] == [hold, lamp]


async def test_the_newest_connection_wins(server: Server) -> None:
    """A second connection of a register takes over; the first is closed and told why."""
    async with server.link() as first, server.link() as second:
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(first.recv(), 60)
        assert first.close_code == register_link.REPLACED
        command_id = await server.issue("lamp", colour="blue")
        assert (await heard(second))["command_id"] == command_id
    assert first.close_reason == "a newer connection took over"


async def test_commands_go_to_their_register_only(server: Server) -> None:
    """Each till hears its own commands."""
    async with server.link() as one, server.link("lane-2", "token-lane-2") as two:
        for_two = await server.issue("lamp", register="lane-2", colour="red")
        for_one = await server.issue("lamp", colour="green")
        assert (await heard(one))["command_id"] == for_one
        assert (await heard(two))["command_id"] == for_two


async def test_a_browser_signs_in_by_subprotocol(server: Server) -> None:
    """A token may come as the subprotocol bearer.TOKEN; the server chooses tenban.link.v1."""
    url = f"ws://127.0.0.1:{server.port}/api/v1/registers/lane-1/link"
    async with connect(url, subprotocols=["tenban.link.v1", "bearer.token-lane-1"]) as till:  # type: ignore[list-item]
        assert till.subprotocol == "tenban.link.v1"
        await till.send('{"ping": 7}')
        assert await heard(till) == {"pong": 7}


@pytest.mark.parametrize(
    ("register", "token", "status", "code"),
    [
        ("lane-1", "nonsense", 401, "not_signed_in"),
        ("lane-2", "token-lane-1", 403, "forbidden"),
        ("lane-7", "token-lane-1", 404, "not_found"),
    ],
)
async def test_strangers_are_refused(
    server: Server, register: str, token: str, status: int, code: str
) -> None:
    """No token, another register's token and an unknown register are refused before the upgrade."""
    with pytest.raises(InvalidStatus) as refused:
        await server.link(register, token).__aenter__()
    assert refused.value.response.status_code == status
    assert orjson.loads(refused.value.response.body or b"")["error"]["code"] == code


async def test_a_message_that_cannot_be_read_is_answered(server: Server) -> None:
    """Bad messages get an error and cost nothing else; the link stays open."""
    async with server.link() as till:
        for message, code, beginning in [
            ('{"ack": ', "bad_input", "message, line 1 column 9: expected JSON"),
            ("[]", "bad_input", 'message: expected {"ack": …}'),
            ('{"ack": "unknown"}', "not_found", "register 'lane-1' has no command 'unknown'"),
            ('{"ack": "x", "result": "maybe"}', "bad_input", "result: expected done | refused"),
        ]:
            await till.send(message)
            error = (await heard(till))["error"]
            assert (error["code"], error["message"][: len(beginning)]) == (code, beginning)
        await till.send(b'{"ping": "still here"}')
        assert await heard(till) == {"pong": "still here"}


async def test_a_message_too_long_ends_the_link(server: Server) -> None:
    """A till that sends more than it may is cut off, with the reason."""
    async with server.link() as till:
        await till.send("x" * (register_link.LONGEST_MESSAGE + 1))
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(till.recv(), 60)
        assert till.close_code == register_link.TOO_BIG


async def test_the_state_of_a_link_is_known(server: Server) -> None:
    """While a till is connected the process knows since when and when it was last heard."""
    links = register_link.links_of(server.app)
    assert links.state("lane-1") is None
    connected_at = server.clock.now()
    async with server.link() as till:
        server.clock.fast_forward(length_s=7)
        await till.send('{"ping": 1}')
        await heard(till)
        state = links.state("lane-1")
        assert state is not None
        assert (state.connected_at, state.heard_at) == (connected_at, server.clock.now())

    async def gone() -> bool:
        return links.state("lane-1") is None

    await until_async(gone)


async def test_numbers_of_commands_only_grow(server: Server) -> None:
    """The log of commands knows its newest number."""
    assert await server.database.read(command_queries.last_number) == 0
    await server.issue("lamp", colour="red")
    assert await server.database.read(command_queries.last_number) > 0
