"""Wake-ups: "something was committed", told to every process that listens; losing one costs a second.

With SQLite a datagram goes to each socket in the run folder. With PostgreSQL every writing transaction ends
with a notification (:data:`tenban.db.engine.TAKE_TURN`), which goes to all machines, too. A wake-up carries
nothing: the facts are in the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from pathlib import Path
from typing import Protocol, Self

import psycopg

from tenban.base.log import get_log

CHANNEL = "tenban_commit"
_SUFFIX = ".wake"

log = get_log(__name__)


class Waker(Protocol):
    """Tells others that something was committed."""

    lost: int

    def wake(self) -> None:
        """Tell; never blocks, never fails."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


class SocketWaker:
    """Sends one datagram to each listening socket of the folder."""

    def __init__(self, run_dir: str) -> None:
        self._folder = Path(run_dir)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self.lost = 0

    def wake(self) -> None:
        """Tell every listener; a full queue means that it will wake anyway."""
        try:
            names = os.listdir(self._folder)  # noqa: PTH208  # at every commit: a glob costs ten times as much
        except FileNotFoundError:
            return  # Policy: without a folder nobody listens.
        for name in names:
            if not name.endswith(_SUFFIX):
                continue
            path = f"{self._folder}/{name}"
            try:
                self._socket.sendto(b"w", path)
            except BlockingIOError:
                continue
            except (ConnectionRefusedError, FileNotFoundError):
                # Policy: the listener died; its socket is swept away, its next start makes a new one.
                with contextlib.suppress(FileNotFoundError):
                    Path(path).unlink()
            except OSError:
                self.lost += 1

    def close(self) -> None:
        """Close the sending socket."""
        self._socket.close()


def open_waker(url: str, run_dir: str) -> Waker | None:
    """Return the waker that fits the database; PostgreSQL's writers tell by their transactions."""
    return None if url.startswith("postgresql") else SocketWaker(run_dir)


class Listener:
    """Waits for wake-ups in an event loop; also returns when nothing came for a while.

    Args:
        url: the database's URL.
        run_dir: the folder of the wake-up sockets (SQLite).
        name: which process listens; part of the socket's name.
        patience_s: the longest wait; a fact whose wake-up was lost is found after it.
    """

    def __init__(self, url: str, run_dir: str, name: str, *, patience_s: float = 1.0) -> None:
        self._url = url
        self._patience_s = patience_s
        self._path = Path(run_dir) / f"{name}-{os.getpid()}{_SUFFIX}"
        self._event = asyncio.Event()
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        if self._url.startswith("postgresql"):
            self._task = loop.create_task(self._listen())
            return self
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(str(self._path))
        loop.add_reader(self._socket, self._drain)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._path.unlink(missing_ok=True)

    async def wait(self) -> None:
        """Return at the next wake-up, or after the patience has run out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience_s):
                await self._event.wait()
        self._event.clear()

    def _drain(self) -> None:
        assert self._socket is not None  # noqa: S101  # the reader is registered after the bind
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(16):
                pass
        self._event.set()

    async def _listen(self) -> None:
        dsn = self._url.replace("postgresql+psycopg://", "postgresql://")
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for _ in connection.notifies():
                        self._event.set()
            except psycopg.Error as error:
                # Policy: without wake-ups the reader polls; the connection is tried again.
                log.warning("wake-ups not heard", error=str(error))
                await asyncio.sleep(self._patience_s)
