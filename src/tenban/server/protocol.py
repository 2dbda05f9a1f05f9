"""HTTP on the wire, bounded before a request is whole: its head may be neither long nor slow.

An answer leaves in one piece, head and body: each piece costs a call of the system here and wakes up whoever
waits for it once more.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 96 * 1024
"""Address and headers; the guard says what is too long with an answer, this only bounds memory."""
HEAD_PATIENCE_S = 20.0
"""A connection whose request's head is not there by then is closed."""


class Joined:
    """A transport that keeps what is written until more comes, or until the event loop's next turn.

    Args:
        transport: the connection's own.
        loop: its event loop.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._kept: bytes | None = None

    def write(self, data: bytes) -> None:
        """Write, at the latest in the next turn."""
        if self._kept is None:
            self._kept = data
            self._loop.call_soon(self._let_go)
        else:
            kept, self._kept = self._kept, None
            self._transport.writelines([kept, data])

    def is_closing(self) -> bool:
        """Tell whether nothing can be written any more."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Close once all has left."""
        self._let_go()
        self._transport.close()

    def _let_go(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None and not self._transport.is_closing():
            self._transport.write(kept)


class BoundedHttp(HttpToolsProtocol):
    """Closes a connection whose request's head grows or takes too long; joins what it answers."""

    _joined: Joined

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._head_bytes = 0
        self._in_head = True
        self._had_head = False
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._joined = Joined(transport, self.loop)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless it is more head than any request has."""
        was_in_head, self._had_head = self._in_head, False
        super().data_received(data)
        # A head's own bytes are those that began in it and did not end it: what came with its end is its
        # body, and so is what ended with the body.
        if not was_in_head or self._had_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES:
            self.transport.close()
        elif self._late is None:
            self._wait()  # half a head, on a connection that was kept open

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._had_head = True
        self._head_bytes = 0
        self._stop_waiting()
        super().on_headers_complete()
        if self.cycle is not None:  # none yet where the first request becomes a WebSocket
            self.cycle.transport = self._joined  # type: ignore[assignment]  # all of it that an answer uses

    def on_message_complete(self) -> None:
        """The next head may begin."""
        self._in_head = True
        super().on_message_complete()

    def _wait(self) -> None:
        self._late = self.loop.call_later(HEAD_PATIENCE_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
