"""Heads that never end and heads that never come, on the wire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from pages.shop import free_port
from tenban.server import protocol
from tenban.server.protocol import BoundedHttp


async def answer(scope: dict[str, object], receive: object, send: object) -> None:
    while (await receive()).get("more_body"):  # type: ignore[operator]
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
    await send({"type": "http.response.body"})  # type: ignore[operator]


class _Wire(asyncio.Transport):
    """Keeps what is written; a connection that is closed takes no more, as a socket."""

    def __init__(self, written: list[bytes]) -> None:
        super().__init__({"peername": ("192.0.2.1", 1), "sockname": ("192.0.2.2", 2)})
        self.written, self.closed = written, False

    def write(self, data: bytes) -> None:  # type: ignore[override]  # as its parent, of bytes only
        if not self.closed:
            self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


@pytest.fixture
async def port() -> AsyncIterator[int]:
    port = free_port()
    config = uvicorn.Config(answer, port=port, http=BoundedHttp, log_level="critical", lifespan="off")  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110  # it has no event for it
        await asyncio.sleep(0.01)
    yield port
    server.should_exit = True
    await task


async def test_a_head_without_end_is_cut_off(port: int) -> None:
    """It is closed long before the memory is full; whole requests on one connection go through."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 60_000 + b"\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n")
    with contextlib.suppress(ConnectionError):
        for _ in range(100):
            writer.write(b"x: " + b"y" * 10_000 + b"\r\n")
            await writer.drain()
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()


async def test_a_body_that_comes_with_its_head_is_no_head(port: int) -> None:
    """An upload is taken, however much of it comes at once, and so is the next one on that connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 250000\r\n\r\n" + b"y" * 250_000)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
    writer.close()


async def test_a_body_that_ends_in_one_large_piece_is_no_head(port: int) -> None:
    """The last piece of an upload, however large, neither cuts it off nor starts a clock."""
    loop = asyncio.get_running_loop()
    config = uvicorn.Config(answer, http=BoundedHttp, log_level="critical", lifespan="off")  # type: ignore[arg-type]
    config.load()
    state = uvicorn.Server(config).server_state
    wire = BoundedHttp(config=config, server_state=state, app_state={}, _loop=loop)
    written: list[bytes] = []
    wire.connection_made(_Wire(written))
    wire.data_received(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n")
    await asyncio.sleep(0)
    wire.data_received(b"y" * 50_000)
    wire.data_received(b"y" * 250_000)
    for _ in range(10):
        await asyncio.sleep(0)
    assert b"".join(written).startswith(b"HTTP/1.1 204")
    assert wire._late is None
    wire.connection_lost(None)


@pytest.mark.parametrize(("method", "body"), [("GET", b"Good."), ("HEAD", b"")])
async def test_an_answer_leaves_in_one_piece(method: str, body: bytes) -> None:
    """Head and body are one write, and a head without a body leaves just so; the next answer, too."""

    async def told(_scope: object, _receive: object, send: Any) -> None:
        headers = [(b"content-length", b"5")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"Good."})

    config = uvicorn.Config(told, http=BoundedHttp, log_level="critical", lifespan="off")  # type: ignore[arg-type]
    config.load()
    state = uvicorn.Server(config).server_state
    wire = BoundedHttp(config=config, server_state=state, app_state={}, _loop=asyncio.get_running_loop())
    written: list[bytes] = []
    wire.connection_made(_Wire(written))
    for answers in (1, 2):
        wire.data_received(f"{method} / HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(written) == answers
        assert written[-1].startswith(b"HTTP/1.1 200")
        assert written[-1].endswith(b"\r\n\r\n" + body)
    wire.connection_lost(None)


async def test_a_head_that_never_comes_is_given_up(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that dribbles does not stay."""
    monkeypatch.setattr(protocol, "HEAD_PATIENCE_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HT")
    assert await reader.read() == b""
    writer.close()
