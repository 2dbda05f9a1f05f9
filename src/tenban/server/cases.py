"""The jobs process's work on packages of cases: one at a time, begun anew when killed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tenban.access.model import Actor, system_actor
from tenban.base.clock import Clock
from tenban.base.errors import TenbanError
from tenban.base.log import get_log
from tenban.cases import queries, work
from tenban.cases.files import PackageFiles
from tenban.cases.gathering import Gathering
from tenban.cases.model import Case, Item, Package
from tenban.cases.packing import Key, NoRoom, make_package
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.db.wake import Listener
from tenban.server.rounds import one_after_another
from tenban.sites.model import Sites
from tenban.video.footage import Footage

log = get_log(__name__)

RENEW_S = 1.0
SWEEP_S = 600.0


class _Stopped(Exception):  # noqa: N818  # reads as what happened
    """The process ends, or somebody took the package back."""


@dataclass(slots=True)
class PackageMaker:
    """Makes packages until told to stop.

    Attributes:
        sites: the configuration as it is now.
        made: packages made.
        failed: packages that could not be made; why is told with each.
    """

    db: Database
    clock: Clock
    blobs: BlobStore
    footage: Footage
    files: PackageFiles
    key: Key
    sites: Callable[[], Sites]
    actor: Actor = field(default_factory=lambda: system_actor("jobs"))
    made: int = 0
    failed: int = 0
    _swept_s: float = float("-inf")

    async def run(self, listener: Listener, stop: threading.Event) -> None:
        """Take one after the other; wake at each commit."""
        await one_after_another(self, listener, stop, "package failed")

    async def step(self, stop: threading.Event | None = None) -> bool:
        """Make one package; False where none waits."""
        now_at = self.clock.now()
        if await self.db.read(lambda connection: queries.next_package(connection, now_at)) is None:
            return False
        taken = await self.db.write(lambda connection: work.claim(connection, now_at))
        if taken is not None:
            await asyncio.to_thread(self._make, *taken, stop or threading.Event())
        return True

    async def sweep(self) -> None:
        """Destroy files of packages that are not kept; now and then."""
        now_s = self.clock.monotonic_s()
        if now_s - self._swept_s < SWEEP_S:
            return
        self._swept_s = now_s
        kept = await self.db.read(queries.kept_packages)
        gone = await asyncio.to_thread(self.files.sweep, kept)
        if gone:
            log.info("leftovers of packages destroyed", count=gone)

    def _make(self, case: Case, items: list[Item], package: Package, stop: threading.Event) -> None:
        held = _Held(self, package, stop)
        try:
            scratch = self.files.work(package.id)
            gathering = Gathering(
                self.db,
                self.blobs,
                self.footage,
                self.sites(),
                case,
                package,
                self.actor,
                scratch,
                told=lambda: held.renew(held.share),
            )
            found = make_package(gathering, items, self.files, self.key, self.clock.now(), held.renew)
        except _Stopped:
            self.db.write_now(lambda c: work.release(c, package, held.at))
            return
        except (TenbanError, OSError) as error:
            self.failed += 1
            log.warning("package not made", case=case.id, package=package.id, why=str(error))
            why = _why(error)
            self.db.write_now(lambda c: work.failed(c, package, held.at, why))
            return
        finally:
            self.files.clear(package.id)
        now_at = self.clock.now()
        if self.db.write_now(lambda c: work.finished(c, self.actor, now_at, case, package, held.at, found)):
            self.made += 1
        else:
            self.files.remove(case.id, package.id)


@dataclass(slots=True)
class _Held:
    """The lease of the package being made, renewed as it goes on."""

    maker: PackageMaker
    package: Package
    stop: threading.Event
    share: float = 0.0
    at: int = 0
    _renewed_s: float = float("-inf")

    def __post_init__(self) -> None:
        assert self.package.lease_at is not None, "claimed just now"  # noqa: S101
        self.at = self.package.lease_at

    def renew(self, share: float) -> None:
        """Hold it on, at most once a second; raises _Stopped."""
        self.share = share
        if self.stop.is_set():
            raise _Stopped
        now_s = self.maker.clock.monotonic_s()
        if now_s - self._renewed_s < RENEW_S:
            return
        self._renewed_s = now_s
        now_at = self.maker.clock.now()
        lease_at = self.maker.db.write_now(lambda c: work.renew(c, self.package, self.at, now_at, share))
        if lease_at is None:
            raise _Stopped
        self.at = lease_at


def _why(error: Exception) -> dict[str, str]:
    if isinstance(error, NoRoom):
        return {
            "ja": "ディスクの空きが足りません。録画に必要な分を残すため、作成を中止しました。",
            "en": "The disk has too little room left beside what recording needs.",
        }
    return {"ja": f"読み取れないものがあります（{error}）", "en": f"Something cannot be read: {error}"}
