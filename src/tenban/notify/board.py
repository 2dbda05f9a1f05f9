"""The board: "something was committed", told inside one process to whoever waits in its event loop."""

from __future__ import annotations

import asyncio
import contextlib


class Board:
    """Counts changes; a waiter says which it has seen and wakes at the next.

    All methods run on the event loop's thread; :meth:`changed_from_thread` may be called from any.
    """

    def __init__(self) -> None:
        self.seen = 0
        self._next = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say which loop the waiters run on."""
        self._loop = loop

    def changed(self) -> None:
        """Wake everybody who waits."""
        self.seen += 1
        self._next.set()
        self._next = asyncio.Event()

    def changed_from_thread(self) -> None:
        """Wake everybody who waits, from another thread; without a running loop nobody waits."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # Policy: a loop that is closing has no waiters left.
                self._loop.call_soon_threadsafe(self.changed)

    async def wait(self, seen: int, *, patience_s: float = 15.0) -> int:
        """Return the count as soon as it differs from ``seen``, or after the patience has run out."""
        if self.seen == seen:
            event = self._next
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await event.wait()
        return self.seen
