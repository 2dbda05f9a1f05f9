"""Keeping at work: what is past its period goes once an hour; reports, and a run by hand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from tenban.base.clock import Clock, SystemClock, to_rfc3339
from tenban.base.errors import TenbanError
from tenban.base.log import get_log
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.keeping import queries
from tenban.keeping.model import Destroyed
from tenban.keeping.room import Room
from tenban.keeping.sweep import Sweep
from tenban.server.accounts import open_database
from tenban.server.rounds import hourly
from tenban.server.sealing import open_vault
from tenban.server.settings import ServeSettings
from tenban.sites.config import load_sites

log = get_log(__name__)

ROOM_EVERY_S = 30.0
FIRST_AFTER_S = 60.0
"""A server that starts has other things to do first."""


@dataclass(slots=True)
class Keeping:
    """Destroys what is past its period.

    Attributes:
        config: the file that says the periods; while it does not check, nothing is destroyed.
        failed: runs that broke off; the next goes on where it stopped.
    """

    config: Path
    db: Database
    clock: Clock
    blobs: BlobStore
    footage_dir: Path
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    failed: int = 0
    room: Room | None = None

    async def run(self, stop: threading.Event) -> None:
        """Run once an hour, and look for room every half minute, until told to stop."""

        async def work() -> None:
            await asyncio.to_thread(self.step, stop)

        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_for_room(stop))
            await hourly(work, self.clock, self.sleep, stop, first_after_s=FIRST_AFTER_S)

    async def _look_for_room(self, stop: threading.Event) -> None:
        next_s = self.clock.monotonic_s()
        while not stop.is_set():
            if self.clock.monotonic_s() >= next_s:
                next_s = self.clock.monotonic_s() + ROOM_EVERY_S
                await asyncio.to_thread(self.make_room)
            await self.sleep(1.0)

    def make_room(self) -> None:
        """Let the oldest footage go where the disk or a camera's share would be full."""
        if self.room is None:
            return
        try:
            gone = self.room.make(load_sites(self.config))
        except (TenbanError, DBAPIError, OSError) as error:
            # Policy: the next look is half a minute away; at its own limit the recorder pauses, and says so.
            self.failed += 1
            log.warning("no room made", why=str(error).splitlines()[0], failed=self.failed)
            return
        for one in gone:
            log.info("destroyed", shop=one.shop, kind=one.kind, count=one.count, bytes=one.size, why=one.why)

    def step(self, stop: threading.Event) -> None:
        """Make one run."""
        sweep = Sweep(self.db, self.clock, self.blobs, self.footage_dir, stopped=stop.is_set)
        try:
            gone = sweep.run(load_sites(self.config))
        except (TenbanError, DBAPIError, OSError) as error:
            # Policy: what was not destroyed now is with the next run; what was is written down.
            self.failed += 1
            log.warning("keeping broke off", why=str(error).splitlines()[0], failed=self.failed)
            return
        for one in gone:
            log.info("destroyed", shop=one.shop, kind=one.kind, count=one.count, bytes=one.size)


def destroy_now(settings: ServeSettings, *, dry: bool) -> list[dict[str, Any]]:
    """Make a run by hand; return what went, or would go, summed by shop and kind."""
    sites = load_sites(settings.config)
    clock = SystemClock()
    with open_database(settings) as db:
        blobs = BlobStore(settings.blobs_dir, open_vault(settings, db, clock))
        sweep = Sweep(db, clock, blobs, settings.data_dir / "footage", dry=dry)
        return _summed(sweep.run(sites))


def destroyed(settings: ServeSettings, *, shop: str | None, limit: int) -> list[dict[str, Any]]:
    """Return what was destroyed, newest first."""
    with open_database(settings) as db:
        rows = db.read_now(
            lambda connection: queries.destroyed(connection, None if shop is None else {shop}, limit)
        )
    return [{**row, **{key: to_rfc3339(row[key]) for key in ("at", "from_at", "to_at")}} for row in rows]


def periods(settings: ServeSettings) -> list[dict[str, Any]]:
    """Return how many days each shop keeps what."""
    sites = load_sites(settings.config)
    return [{"shop": shop.id, **shop.retention.as_dict()} for shop in sites.shops]


def _summed(gone: Sequence[Destroyed]) -> list[dict[str, Any]]:
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for one in gone:
        row = sums.setdefault((one.shop, one.kind), {**asdict(one), "count": 0, "size": 0})
        row["count"] += one.count
        row["size"] += one.size
        row["from_at"], row["to_at"] = min(row["from_at"], one.from_at), max(row["to_at"], one.to_at)
    for row in sums.values():
        row["from_at"], row["to_at"] = to_rfc3339(row["from_at"]), to_rfc3339(row["to_at"])
    return list(sums.values())
