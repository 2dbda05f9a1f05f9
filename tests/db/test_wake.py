"""Wake-ups between processes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa

from tenban.db import Database
from tenban.db.wake import Listener, SocketWaker


async def test_a_commit_wakes_the_listener(database_url: str, tmp_path: Path) -> None:
    """A commit in one database object wakes a listener of another, by socket or by NOTIFY."""
    database = Database.open(database_url, str(tmp_path / "run"))
    async with Listener(database_url, str(tmp_path / "run"), "test", patience_s=600) as listener:
        woken = asyncio.create_task(listener.wait())
        while not woken.done():  # it may take a while until it listens
            await database.write(lambda c: c.execute(sa.text("DELETE FROM footage_locks")))
            await asyncio.wait([woken], timeout=0.05)
    database.close()


async def test_a_lost_wake_up_costs_patience_only(tmp_path: Path) -> None:
    """Without any wake-up the listener looks by itself after its patience has run out."""
    async with Listener("sqlite+pysqlite:///x", str(tmp_path), "test", patience_s=0.05) as listener:
        async with asyncio.timeout(5):
            await listener.wait()


def test_the_socket_of_a_dead_listener_is_swept_away(tmp_path: Path) -> None:
    """Waking goes on when a listener was killed; its socket is removed."""
    import socket

    dead = tmp_path / "dead-1.wake"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(dead))
    listener.close()
    waker = SocketWaker(str(tmp_path))
    waker.wake()
    waker.close()
    assert not dead.exists()
    assert waker.lost == 0
