"""Sealing at work: a data folder's vault, blobs from before sealed, leftovers swept, keys renewed."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tenban.base.clock import SECOND, Clock, SystemClock
from tenban.base.errors import BadInput, Conflict, TenbanError
from tenban.base.log import get_log
from tenban.db import Database, queries
from tenban.db.blobs import BlobStore
from tenban.db.key_command import open_told_keyring
from tenban.db.keyring import FileKeyring
from tenban.db.vault import Vault
from tenban.server.accounts import open_database
from tenban.server.rounds import hourly
from tenban.server.settings import ServeSettings
from tenban.video.footage import Footage

log = get_log(__name__)

LEFTOVER_S = 24 * 3600
"""A sealed file without a key is swept once it is this old: its key may be on its way."""
_PAUSE_S = 0.02
"""Between two blobs that are sealed afterwards: whoever waits for a clip goes first."""


def open_vault(
    settings: ServeSettings, db: Database, clock: Clock | None = None, *, make: bool = True
) -> Vault:
    """Return the vault of a data folder, whose first key is made if need be (unless ``make`` is False).

    A first key never gets the number of one that sealed something and is missing.
    """
    used = db.read_now(queries.counts_by_version)
    clock = clock or SystemClock()
    at_least = max(used, default=0) + 1
    return Vault(
        db, open_told_keyring(settings.keys_dir, os.environ, clock, at_least=at_least, make=make), clock
    )


@dataclass(slots=True)
class BlobKeeper:
    """Seals the blobs that lie there from before, and sweeps what was destroyed or broke off halfway.

    Attributes:
        sealed: blobs sealed afterwards.
        swept: leftovers taken away.
        failed: blobs that could not be sealed; each is tried again with the next round.
    """

    blobs: BlobStore
    clock: Clock
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    sealed: int = 0
    swept: int = 0
    failed: int = 0

    async def run(self, stop: threading.Event) -> None:
        """Look once an hour, until told to stop."""
        await hourly(lambda: self.step(stop), self.clock, self.sleep, stop)

    async def step(self, stop: threading.Event | None = None) -> None:
        """Seal what is unsealed, then sweep."""
        for name in await asyncio.to_thread(lambda: list(self.blobs.unsealed())):
            if stop is not None and stop.is_set():
                return
            try:
                await asyncio.to_thread(self.blobs.seal_one, name)
                self.sealed += 1
            except FileNotFoundError:
                continue  # Policy: it was destroyed meanwhile.
            except (TenbanError, OSError) as error:
                # Policy: it stays as it is and can be read; the next round tries again.
                self.failed += 1
                log.warning("blob not sealed", blob=name, why=str(error), failed=self.failed)
            await self.sleep(_PAUSE_S)
        before_s = self.clock.now() / SECOND - LEFTOVER_S
        for path in await asyncio.to_thread(lambda: list(self.blobs.leftovers(before_s))):
            path.unlink(missing_ok=True)
            self.swept += 1
        if self.sealed or self.swept:
            log.info("blobs kept", sealed=self.sealed, swept=self.swept, failed=self.failed)


def key_state(settings: ServeSettings) -> dict[str, Any]:
    """Return which keys there are, how many files each seals, which are missing, and what lies unsealed."""
    with open_database(settings) as db:
        vault = open_vault(settings, db, make=False)
        unsealed = sum(1 for _ in BlobStore(settings.blobs_dir, vault).unsealed())
        counts, here = vault.counts(), vault.ring.versions()
        return {
            "newest": max(here, default=None),
            "keys": [
                {"version": version, "files": counts.get(version, 0), "here": version in here}
                for version in sorted({*counts, *here})
            ],
            "unsealed": unsealed,
            "where": vault.ring.where,
        }


def rotate(settings: ServeSettings, told: Callable[[int, int], None]) -> tuple[int, int]:
    """Make another key version and wrap every data key with it; files are not touched.

    With keys in the environment the newest there is what is rotated to. What was interrupted goes on at the
    next call without another version.

    Args:
        settings: which data folder.
        told: how many of how many are done.

    Returns:
        the newest version, and how many data keys were wrapped anew.
    """
    with open_database(settings) as db:
        vault = open_vault(settings, db)
        counts = vault.counts()
        newest = vault.ring.newest()
        unfinished = any(count for version, count in counts.items() if version != newest)
        if isinstance(vault.ring, FileKeyring) and not unfinished:
            newest = vault.ring.renew()
        total = sum(count for version, count in vault.counts().items() if version != newest)
        return newest, vault.rewrap(lambda done: told(done, total))


def forget_key(settings: ServeSettings, version: int) -> None:
    """Destroy a key file that seals nothing any more.

    Raises:
        BadInput: there is no such key here.
        Conflict: it is the newest, or still wraps data keys.
    """
    with open_database(settings) as db:
        vault = open_vault(settings, db)
        if not isinstance(vault.ring, FileKeyring) or version not in vault.ring.versions():
            raise BadInput("version", expected="the number of a key file in the data folder", came=version)
        count = vault.counts().get(version, 0)
        if Footage(settings.data_dir / "footage").waiting():
            raise Conflict(
                "expected the keys of all footage in the database, got some that a killed recorder left: "
                "start the server once, then try again"
            )
        if version == vault.ring.newest() or count:
            raise Conflict(f"key {version}: expected one that seals nothing, got one in use ({count} files)")
        vault.ring.forget(version)
