"""``tenban keys``."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from tenban.base.clock import SystemClock
from tenban.cli import app
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.server.sealing import open_vault
from tenban.server.settings import ServeSettings


def run(data: Path, *arguments: str, **more: bool) -> Result:
    return CliRunner().invoke(app, ["keys", *arguments, "--data", str(data)], **more)  # type: ignore[arg-type]


def test_keys_are_shown_renewed_and_forgotten(migrated_sqlite: Path, tmp_path: Path) -> None:
    """A rotation wraps all anew; only a key that seals nothing can be destroyed; a lost one is told."""
    (tmp_path / "tenban.db").write_bytes(migrated_sqlite.read_bytes())
    settings = ServeSettings(Path("tenban.toml"), tmp_path)
    database = Database(settings.database_url)
    store = BlobStore(settings.blobs_dir, open_vault(settings, database, SystemClock()))
    name = store.put(b"picture", "jpg")
    assert "1 files\tnewest" in run(tmp_path, "status").stdout
    assert run(tmp_path, "forget", "1").exit_code != 0
    assert "Key 2 wraps from now on; 1 data keys" in run(tmp_path, "rotate").stdout
    state = json.loads(run(tmp_path, "status", "--json").stdout)
    assert state["keys"] == [
        {"version": 1, "files": 0, "here": True},
        {"version": 2, "files": 1, "here": True},
    ]
    assert run(tmp_path, "forget", "1").exit_code == 0
    assert store.open(name).all() == b"picture"
    (tmp_path / "keys" / "sealing-2.key").unlink()
    lost = run(tmp_path, "status")
    assert lost.exit_code == 1
    assert "MISSING: put it back" in lost.stdout
    assert list((tmp_path / "keys").iterdir()) == []
    database.close()
