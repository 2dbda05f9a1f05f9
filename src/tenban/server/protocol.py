"""HTTP on the wire, bounded before a request is whole: its head may be neither long nor slow."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 96 * 1024
"""Address and headers; the guard says what is too long with an answer, this only bounds memory."""
HEAD_PATIENCE_S = 20.0
"""A connection whose request's head is not there by then is closed."""


class BoundedHttp(HttpToolsProtocol):
    """Closes a connection whose request's head grows or takes too long."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._head_bytes = 0
        self._in_head = True
        self._had_head = False
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent
        """Begin to wait for a request."""
        super().connection_made(transport)
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
