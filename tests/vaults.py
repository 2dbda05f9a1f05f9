"""A vault beside a database, as the server has one."""

from __future__ import annotations

from pathlib import Path

from tenban.base.clock import SystemClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.db.keyring import open_keyring
from tenban.db.vault import Vault


def sealed_blobs(database: Database, folder: Path) -> BlobStore:
    """A store whose blobs are sealed; its keys lie beside it."""
    return BlobStore(folder / "blobs", Vault(database, open_keyring(folder / "keys", {}), SystemClock()))
