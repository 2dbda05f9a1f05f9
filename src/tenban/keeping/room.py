"""Room for the footage to come: the oldest goes before the disk is full, or before a camera has too much.

Foreseen is what the cameras will write next, at the rate they wrote last: their running files and one more
each, with as much again to spare. So the recorder's own limit (``min_free_mib``), at which it pauses, is met
only when nothing is left that may go. What is held is never taken, nor is a file of which a fragment is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from tenban.access.model import Actor, system_actor
from tenban.base.clock import Clock
from tenban.base.ids import new_id
from tenban.base.log import get_log
from tenban.db import Database
from tenban.keeping import queries
from tenban.keeping.model import Destroyed
from tenban.keeping.sweep import file_gone, report
from tenban.sites.model import Sites

FILE_S = 270.0
"""The longest a file of footage grows where keyframes come as they should: one and a half times 180 s."""
FORESEEN_FILES = 2
SPARE_FILES = 2
"""What is made beyond what is needed, so that room is made every few minutes and not every few seconds."""
_UNKNOWN_RATE = 500_000.0
"""Bytes a second of a camera that has not ended a file yet: 4 Mbit/s."""
_RATE_FILES = 5
_AT_ONCE = 200
ROOM, SHARE = "room", "share"
"""Why it went: the disk would have been full; the camera would have had more than its ``max_gb``."""
_GB = 1_000_000_000

log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Outlook:
    """How long recording can go on.

    Attributes:
        free: bytes on the footage's disk.
        foreseen: bytes that have to be free for what is written next.
        a_second: bytes all cameras write in one.
        min_free: below so many recording pauses.
        is_held: what is left of old footage is held, so that none of it goes.
    """

    free: int
    foreseen: int
    a_second: int
    min_free: int
    is_held: bool

    @property
    def state(self) -> str:
        """``ok``; ``held``: recording goes on into what is free, and no further; ``full``: it has paused."""
        if self.free <= self.min_free:
            return "full"
        return "held" if self.is_held else "ok"

    @property
    def left_s(self) -> int:
        """How long what is free lasts."""
        return max(0, self.free - self.min_free) // max(1, self.a_second)


def outlook(connection: Connection, sites: Sites, *, free: int, min_free: int) -> Outlook:
    """Return how long recording can go on; whether all is held is asked only where it matters."""
    recorded = [camera.id for camera in sites.cameras if camera.record]
    rates = queries.newest_rates(connection, recorded, _RATE_FILES)
    a_second = round(sum(rates.get(camera, _UNKNOWN_RATE) for camera in recorded))
    foreseen = min_free + round(FORESEEN_FILES * a_second * FILE_S)
    is_held = False
    if free < foreseen:
        cameras = queries.cameras_with_footage(connection)
        is_held = bool(cameras) and not queries.old_segments(connection, sorted(cameras), None, 1)
    return Outlook(free, foreseen, a_second, min_free, is_held)


@dataclass(slots=True)
class Room:
    """Makes room, some time ahead.

    Attributes:
        free: asks how many bytes of the footage's disk are free.
        min_free_bytes: what the recorder never goes below.
        file_s: the longest a file of footage grows.
        short: how many bytes could not be made free because only held footage is left; 0: none.
        over: cameras that hold more than they may, because what they hold is held for something.
    """

    db: Database
    clock: Clock
    footage_dir: Path
    free: Callable[[Path], int]
    min_free_bytes: int
    file_s: float = FILE_S
    actor: Actor = field(default_factory=lambda: system_actor("keeping"))
    short: int = 0
    over: set[str] = field(default_factory=set)

    def make(self, sites: Sites) -> list[Destroyed]:
        """Make room where it will be needed; return what went."""
        if not self.footage_dir.is_dir():
            return []
        self._weigh()
        recorded = [camera for camera in sites.cameras if camera.record]
        rates = self.db.read_now(
            lambda c: queries.newest_rates(c, [camera.id for camera in recorded], _RATE_FILES)
        )
        next_bytes = {camera.id: rates.get(camera.id, _UNKNOWN_RATE) * self.file_s for camera in recorded}
        gone = list(self._quotas(sites, next_bytes))
        gone += self._disk(sites, sum(next_bytes.values()))
        return gone

    def _quotas(self, sites: Sites, next_bytes: dict[str, float]) -> Iterator[Destroyed]:
        limited = [camera for camera in sites.cameras if camera.max_gb is not None]
        if not limited:
            return
        held = self.db.read_now(lambda c: queries.footage_bytes(c, [camera.id for camera in limited]))
        for camera in limited:
            coming = next_bytes.get(camera.id, 0.0)
            need = held.get(camera.id, 0) + coming - (camera.max_gb or 0.0) * _GB
            if need <= 0:
                self.over.discard(camera.id)
                continue
            made, told = self._destroy(sites, [camera.id], round(need), SHARE)
            yield from told
            if made >= need:
                self.over.discard(camera.id)
            elif camera.id not in self.over:
                self.over.add(camera.id)
                log.warning("a camera keeps more than max_gb, because it is held", camera=camera.id)

    def _disk(self, sites: Sites, next_bytes: float) -> list[Destroyed]:
        free = self.free(self.footage_dir)
        foreseen = self.min_free_bytes + FORESEEN_FILES * next_bytes
        if free >= foreseen:
            self.short = 0
            return []
        cameras = sorted(self.db.read_now(queries.cameras_with_footage))
        need = round(foreseen + SPARE_FILES * next_bytes - free)
        made, told = self._destroy(sites, cameras, need, ROOM)
        short = max(0, round(foreseen - free - made))
        if short and not self.short:
            log.error("no footage left that may go", free=free, short=short)
        self.short = short
        return told

    def _destroy(
        self, sites: Sites, cameras: Sequence[str], need: int, why: str
    ) -> tuple[int, list[Destroyed]]:
        """Destroy the oldest files of cameras that are not held, until so many bytes are free."""
        shops = {camera.id: camera.shop for camera in sites.cameras}
        run = new_id(self.clock.now())
        made = 0
        told: list[Destroyed] = []
        while made < need:
            some = self.db.read_now(lambda c: queries.old_segments(c, cameras, None, _AT_ONCE))
            taken: dict[str, list[queries.OldSegment]] = {}
            sizes: dict[str, int] = {}
            for one in some:
                if made >= need:
                    break
                shop = shops.get(one.camera, "")
                size = file_gone(self.footage_dir, one.path)
                made += size
                taken.setdefault(shop, []).append(one)
                sizes[shop] = sizes.get(shop, 0) + size
            for shop, files in taken.items():
                span = files[0].started_at, max(one.ended_at for one in files)
                gone = Destroyed(shop, "footage", len(files), sizes[shop], *span, None, why)
                self._write(run, gone, [one.id for one in files])
                told.append(gone)
            if len(some) < _AT_ONCE:
                break
        return made, told

    def _write(self, run: str, told: Destroyed, ids: Sequence[str]) -> None:
        def write(connection: Connection) -> None:
            queries.drop_segments(connection, ids)
            report(connection, self.actor, self.clock.now(), run, told)

        self.db.write_now(write)

    def _weigh(self) -> None:
        """Look at files whose size the recorder did not tell: those of a version before."""
        some = self.db.read_now(lambda c: queries.unweighed_segments(c, 5 * _AT_ONCE))
        if not some:
            return
        sizes = {}
        for segment, path in some:
            try:
                sizes[segment] = (self.footage_dir / path).stat().st_size
            except OSError:
                sizes[segment] = 0  # Policy: what is not there takes no room.
        self.db.write_now(lambda c: queries.weigh_segments(c, sizes))
