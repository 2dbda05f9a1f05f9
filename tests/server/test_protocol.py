"""Heads that never end and heads that never come, on the wire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

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


async def test_a_head_that_never_comes_is_given_up(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that dribbles does not stay."""
    monkeypatch.setattr(protocol, "HEAD_PATIENCE_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HT")
    assert await reader.read() == b""
    writer.close()
