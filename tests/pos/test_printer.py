"""Bytes to a printer over TCP, and what is said when they do not arrive."""

from __future__ import annotations

import asyncio

import pytest

from tenban.base.errors import Unavailable
from tenban.pos.printer import send
from tenban.sites.model import Printer
from tenban.sites.reach import Reach

HERE = Reach("printer", ("127.0.0.1",))


async def test_all_bytes_arrive_at_a_real_listener() -> None:
    """The listener gets everything, then the end of the stream."""
    got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.set_result(await reader.read())
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await send(Printer("127.0.0.1", port), b"receipt" * 10_000, HERE)
    assert await got == b"receipt" * 10_000
    server.close()


async def test_a_printer_that_is_off_is_told_as_such() -> None:
    """A refused connection names the address and what to look at."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(Unavailable, match=rf"printer 127\.0\.0\.1:{port}: expected a printer, got a refusal"):
        await send(Printer("127.0.0.1", port), b"x", HERE)


async def test_a_printer_that_does_not_read_is_given_up() -> None:
    """A printer out of paper takes the connection and reads nothing: after the patience it is told."""
    stopped = asyncio.Event()

    async def ignore(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stopped.wait()
        writer.close()

    server = await asyncio.start_server(ignore, "127.0.0.1", 0, limit=1)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Unavailable, match="got none"):
        await send(Printer("127.0.0.1", port), b"x" * 50_000_000, HERE, patience_s=0.3)
    stopped.set()
    server.close()


async def test_an_unknown_host_is_told_as_such() -> None:
    """A name that cannot be looked up is an error of the configuration, and says so."""
    with pytest.raises(Unavailable, match=r"printer no-such-printer\.invalid:9100"):
        await send(Printer("no-such-printer.invalid"), b"x", HERE)


async def test_a_printer_on_this_machine_has_to_be_allowed() -> None:
    """Nothing is sent, and it is said what to write where."""
    with pytest.raises(Unavailable, match=r'this machine itself|add "127\.0\.0\.1" to allow'):
        await send(Printer("127.0.0.1", 1), b"x", Reach("printer"))
