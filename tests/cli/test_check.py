"""``tenban check``."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from tenban.cli import app
from tenban.db import Database
from tenban.server.settings import ServeSettings
from tenban.video.model import FragmentRow, IndexBatch, Run, Segment
from tenban.video.packets import StreamInfo
from tenban.video.queries import FootageIndex


def check(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", "--data", str(data), *arguments])


def test_what_is_missing_is_said_and_set_right(migrated_sqlite: Path, tmp_path: Path) -> None:
    """Exit code 1 while something is wrong, 0 once it is not; an unknown camera is bad input."""
    (tmp_path / "tenban.db").write_bytes(migrated_sqlite.read_bytes())
    assert check(tmp_path).exit_code == 0
    database = Database(ServeSettings(Path("tenban.toml"), tmp_path).database_url)
    info = StreamInfo("cam", "run", "h264", 640, 360, b"\x01avcc")
    path = "cam/20261122/120000-gone.mp4"
    row = FragmentRow("cam", "seg", 0, 1_000_000, 0, True, 100, 10, b"")
    run = Run("run", "cam", 0, 0, "boot", "the connection was opened", 0)
    FootageIndex(database).add(
        IndexBatch([Segment("seg", info, path, 0, 0)], [row], [("seg", 1_000_000)], runs=[run])
    )
    database.close()
    wrong = check(tmp_path)
    assert wrong.exit_code == 1
    assert f"missing\t{path}\tthe file is gone; 1 fragments" in wrong.stdout
    told = json.loads(check(tmp_path, "--json", "--camera", "cam").stdout)
    assert (told["sound"], told["files"], told["problems"][0]["kind"]) == (False, 1, "missing")
    assert isinstance(check(tmp_path, "--camera", "cam-9").exception, Exception)
    assert "set right" in check(tmp_path, "--repair").stdout
    assert check(tmp_path).exit_code == 0
