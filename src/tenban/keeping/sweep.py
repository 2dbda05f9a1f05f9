"""Destroying what is past its period and not held; every step writes down what it destroyed.

Keys of sealed pictures go in the transaction that says so; their files, which nothing opens now, after it.
Footage need not be sealed, so its files go first: what was said to be destroyed is. Keys of sealed footage go
in the transaction that says so.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, system_actor
from tenban.base.clock import Clock, Instant, seconds, to_rfc3339
from tenban.base.ids import new_id
from tenban.db import Database
from tenban.db import queries as key_queries
from tenban.db.blobs import BlobStore
from tenban.keeping import queries
from tenban.keeping.model import Destroyed, pictures_of
from tenban.sites.model import Camera, Sites
from tenban.sites.retention import DEFAULT_RETENTION, Retention
from tenban.video.footage import beside

DAY_S = 86_400
_SEGMENTS, _INCIDENTS, _FACTS = 200, 100, 2000
_ALL = 1_000_000_000
_ORPHAN_DAYS = 2
"""Older than the longest period of pictures by this much, a picture that nothing refers to is left over."""
_DAYS_OF_SIGNING_IN = {"known_browsers": 180, "sign_in_failures": 1, "challenges": 1}
"""A browser nobody signed in with for so long is strange again; the others count for less than a day."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What belongs to one shop: that of the file, or of one that is no longer in it."""

    shop: str
    retention: Retention
    cameras: tuple[Camera, ...]
    registers: tuple[str, ...]


@dataclass(slots=True)
class Sweep:
    """One run over everything.

    Attributes:
        dry: only tell what would be destroyed.
        stopped: asked between steps; a run that is stopped goes on at the next.
    """

    db: Database
    clock: Clock
    blobs: BlobStore
    footage_dir: Path
    dry: bool = False
    stopped: Callable[[], bool] = lambda: False
    actor: Actor = field(default_factory=lambda: system_actor("keeping"))
    _run: str = ""

    def run(self, sites: Sites) -> list[Destroyed]:
        """Destroy what is past its period; return what went, or would go."""
        now_at = self.clock.now()
        self._run = new_id(now_at)
        found: list[Destroyed] = []
        steps = (
            self._footage,
            self._sale_stills,
            self._pictures,
            self._incidents,
            self._sales,
            self._flags,
        )
        for scope in self._scopes(sites):
            for step in steps:
                for one in step(scope, now_at):
                    found.append(one)
                    if self.stopped():
                        return found
        found += self._sign_ins(sites, now_at)
        found += self._orphans(sites, now_at)
        return found

    def _scopes(self, sites: Sites) -> list[Scope]:
        """Return the shops of the file, and what is of none of them under the default periods."""
        scopes = [
            Scope(
                shop.id,
                shop.retention,
                shop.cameras,
                tuple(register.id for register in shop.registers),
            )
            for shop in sites.shops
        ]
        read = self.db.read_now
        gone = read(queries.shops_with_incidents) - {shop.id for shop in sites.shops}
        cameras = read(queries.cameras_with_footage) - {camera.id for camera in sites.cameras}
        registers = read(queries.registers_with_facts) - {register.id for register in sites.registers}
        if cameras or registers:
            left = tuple(Camera(one, "", one, "") for one in sorted(cameras))
            scopes.append(Scope("", DEFAULT_RETENTION, left, tuple(sorted(registers))))
        return scopes + [Scope(shop, DEFAULT_RETENTION, (), ()) for shop in sorted(gone)]

    def _footage(self, scope: Scope, now_at: Instant) -> Iterator[Destroyed]:
        for one_camera in scope.cameras:
            camera = one_camera.id
            days = one_camera.keep_days or scope.retention.footage
            before_at = now_at - seconds(days * DAY_S)
            while True:
                limit = _ALL if self.dry else _SEGMENTS
                some = self.db.read_now(
                    lambda c, camera=camera, before_at=before_at, limit=limit: queries.old_segments(  # type: ignore[misc]
                        c, [camera], before_at, limit
                    )
                )
                if not some:
                    break
                size = sum(file_gone(self.footage_dir, one.path, dry=self.dry) for one in some)
                ids = [one.id for one in some]
                told = Destroyed(
                    scope.shop, "footage", len(some), size, some[0].started_at, some[-1].ended_at, days
                )
                self._write(told, lambda c, ids=ids: queries.drop_segments(c, ids))  # type: ignore[misc]
                yield told
                if self.dry or len(some) < _SEGMENTS or self.stopped():
                    break

    def _sale_stills(self, scope: Scope, now_at: Instant) -> Iterator[Destroyed]:
        days = scope.retention.sale_stills
        before_at = now_at - seconds(days * DAY_S)
        for register in scope.registers:
            some = self.db.read_now(
                lambda c, one=register: queries.old_sale_stills(c, one, before_at, _ALL)  # type: ignore[misc]
            )
            if not some:
                continue
            names = [blob for _, blob, _ in some if blob]
            sales = [sale for sale, _, _ in some]
            yield from self._blobs_gone(
                scope.shop,
                "sale_stills",
                days,
                names,
                (some[0][2], some[-1][2]),
                lambda c, one=register, sales=sales: queries.drop_sale_stills(c, one, sales),  # type: ignore[misc]
            )

    def _pictures(self, scope: Scope, now_at: Instant) -> Iterator[Destroyed]:
        days = scope.retention.pictures
        before_at = now_at - seconds(days * DAY_S)
        while True:
            limit = _ALL if self.dry else _INCIDENTS
            some = self.db.read_now(
                lambda c, limit=limit: queries.over(c, scope.shop, before_at, limit, with_pictures=True)  # type: ignore[misc]
            )
            if not some:
                return
            ids = [one.id for one in some]
            # Blobs from before sealing were named by their content: two incidents could show the same one.
            beside = self.db.read_now(
                lambda c, at=some[-1].opened_at: queries.kept_beside(c, scope.shop, at, at + seconds(DAY_S))  # type: ignore[misc]
            )
            names = sorted(pictures_of(some) - pictures_of([one for one in beside if one.id not in ids]))
            yield from self._blobs_gone(
                scope.shop,
                "pictures",
                days,
                names,
                (some[0].opened_at, some[-1].opened_at),
                lambda c, ids=ids: queries.mark_pictures_gone(c, ids, now_at, "period"),  # type: ignore[misc]
            )
            if self.dry or len(some) < _INCIDENTS or self.stopped():
                return

    def _incidents(self, scope: Scope, now_at: Instant) -> Iterator[Destroyed]:
        days = scope.retention.incidents
        before_at = now_at - seconds(days * DAY_S)
        while True:
            limit = _ALL if self.dry else _INCIDENTS
            some = self.db.read_now(
                lambda c, limit=limit: queries.over(c, scope.shop, before_at, limit, with_pictures=False)  # type: ignore[misc]
            )
            if not some:
                return
            ids = [one.id for one in some]

            def drop(connection: Connection, ids: list[str] = ids) -> None:
                queries.drop_incidents(connection, ids)
                for register in scope.registers:
                    queries.drop_findings(connection, register, before_at)

            span = some[0].opened_at, some[-1].opened_at
            told = Destroyed(scope.shop, "incidents", len(some), 0, *span, days)
            self._write(told, drop)
            yield told
            if self.dry or len(some) < _INCIDENTS or self.stopped():
                return

    def _sales(self, scope: Scope, now_at: Instant) -> Iterator[Destroyed]:
        days = scope.retention.sales
        before_at = now_at - seconds(days * DAY_S)
        for register in scope.registers:
            count, oldest_at = self.db.read_now(
                lambda c, one=register: queries.count_facts(c, one, before_at)  # type: ignore[misc]
            )
            if not count:
                continue

            while count > 0:
                # Some thousand at a time: who writes a sale event meanwhile waits for no more than that.
                part = count if self.dry else min(count, _FACTS)
                told = Destroyed(scope.shop, "sales", part, 0, oldest_at, before_at, days)
                self._write(told, lambda c, one=register: queries.drop_facts(c, one, before_at, _FACTS))  # type: ignore[misc]
                yield told
                count -= part

    def _flags(self, scope: Scope, now_at: Instant) -> Iterator[Destroyed]:
        """Destroy what people wrote beside moments when the sales they are about go."""
        days = scope.retention.sales
        before_at = now_at - seconds(days * DAY_S)
        count, oldest_at = self.db.read_now(lambda c: queries.count_flags(c, scope.shop, before_at))
        if count:
            told = Destroyed(scope.shop, "flags", count, 0, oldest_at, before_at, days)
            self._write(told, lambda c: queries.drop_flags(c, scope.shop, before_at))
            yield told

    def _sign_ins(self, sites: Sites, now_at: Instant) -> Iterator[Destroyed]:
        # A person may work in several shops: the longest period holds.
        days = max(shop.retention.sessions for shop in sites.shops)
        for kind, period in {"sessions": days, "invitations": days, **_DAYS_OF_SIGNING_IN}.items():
            before_at = now_at - seconds(period * DAY_S)
            count, oldest_at = self.db.read_now(
                lambda c, kind=kind, at=before_at: queries.count_sign_ins(c, kind, at)  # type: ignore[misc]
            )
            if count:
                told = Destroyed("", kind, count, 0, oldest_at, before_at, period)
                self._write(told, lambda c, kind=kind, at=before_at: queries.drop_sign_ins(c, kind, at))  # type: ignore[misc]
                yield told

    def _orphans(self, sites: Sites, now_at: Instant) -> Iterator[Destroyed]:
        """Destroy pictures that a crash left without anything that refers to them."""
        periods = [(shop.retention.pictures, shop.retention.sale_stills) for shop in sites.shops]
        days = max(max(both) for both in periods) + _ORPHAN_DAYS
        before_at = now_at - seconds(days * DAY_S)
        # What belongs to a try or to footage has its own time, and its own sweep.
        names = set(self.db.read_now(lambda c: key_queries.names_made_before(c, before_at, 10_000)))
        if names:
            names -= pictures_of(self.db.read_now(queries.shown_pictures))
        if names:
            yield from self._blobs_gone(
                "", "orphans", days, sorted(names), (before_at, before_at), lambda _c: None
            )

    def _blobs_gone(
        self,
        shop: str,
        kind: str,
        days: int,
        names: list[str],
        span: tuple[Instant, Instant],
        more: Callable[[Connection], object],
    ) -> Iterator[Destroyed]:
        sizes = self.blobs.sizes(names)
        told = Destroyed(shop, kind, len(sizes), sum(sizes.values()), *span, days)
        if not self.dry:
            self.blobs.destroy_plain(names)

        def write(connection: Connection) -> None:
            key_queries.drop_keys(connection, names)
            more(connection)

        self._write(told, write)
        if not self.dry:
            self.blobs.destroy(names)
        if told.count:
            yield told

    def _write(self, told: Destroyed, destroy: Callable[[Connection], object]) -> None:
        if self.dry:
            return

        def write(connection: Connection) -> None:
            destroy(connection)
            if told.count:
                report(connection, self.actor, self.clock.now(), self._run, told)

        self.db.write_now(write)


def file_gone(footage_dir: Path, path: str, *, dry: bool = False) -> int:
    """Delete a file of footage and return its size; 0 where it is gone already."""
    file = footage_dir / path
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        return 0
    if not dry:
        file.unlink(missing_ok=True)
        beside(footage_dir, path).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # Policy: the day's folder goes with its last file.
            file.parent.rmdir()
    return size


def report(connection: Connection, actor: Actor, at: Instant, run: str, told: Destroyed) -> None:
    """Write down what was destroyed, in the table of deletions and in the audit log."""
    number = queries.add_deletion(connection, run, at, told, actor.id)
    write_down(
        connection,
        AuditEvent.DATA_DESTROYED,
        actor,
        at,
        told.shop or "company",
        shop=told.shop or None,
        deletion=number,
        run=run,
        kind=told.kind,
        count=told.count,
        bytes=told.size,
        from_at=to_rfc3339(told.from_at),
        to_at=to_rfc3339(told.to_at),
        period_days=told.period_days,
    )
