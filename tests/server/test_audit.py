"""Sealing the audit log by the hour."""

from __future__ import annotations

import threading
from pathlib import Path

from tenban.access import queries
from tenban.access.audit import AuditEvent, write_down
from tenban.access.keys import sealing_key
from tenban.access.model import system_actor
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.server.audit import SEAL_EVERY_S, Sealer

ACTOR = system_actor("test")


def note(database: Database, subject: str) -> None:
    database.write_now(lambda c: write_down(c, AuditEvent.MEDIA_VIEWED, ACTOR, 7, subject, looked="at it"))


async def test_the_log_is_sealed_each_hour_and_at_the_end(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    """Not before an hour has passed, not twice over the same row, and once more when the server stops."""
    stop = threading.Event()
    sealer = Sealer(database, clock, sealing_key(tmp_path))
    assert await sealer.step() is None
    note(database, "1")
    assert await sealer.step() is not None
    note(database, "2")
    assert await sealer.step() is None
    clock.fast_forward(length_s=SEAL_EVERY_S)
    assert await sealer.step() is not None
    note(database, "3")
    stop.set()
    await sealer.run(stop)
    assert [one.upto_n for one in database.read_now(queries.seals)] == [1, 2, 3]
