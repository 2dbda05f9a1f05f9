"""``tenban audit``: proving a log as an auditor would."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from cli.conftest import Command
from tenban.access.audit import AuditEvent, seal, write_down
from tenban.access.keys import sealing_key
from tenban.access.model import system_actor
from tenban.db import Database
from tenban.db.engine import sqlite_url

ACTOR = system_actor("test")


def note(database: Database, subject: str) -> None:
    database.write_now(lambda c: write_down(c, AuditEvent.MEDIA_VIEWED, ACTOR, 7, subject, looked="at it"))


@pytest.fixture
def kept(tmp_path: Path, migrated_sqlite: Path) -> Path:
    """A data folder with five rows, of which the first four are sealed."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(migrated_sqlite, data / "tenban.db")
    database = Database(sqlite_url(data / "tenban.db"))
    for n in range(4):
        note(database, f"still {n}")
    key = sealing_key(data / "keys")
    database.write_now(lambda c: seal(c, key, 9))
    note(database, "still 4")
    database.close()
    return data


def test_a_whole_log_is_proven_offline(kept: Path, tmp_path: Path, tenban: Command) -> None:
    """The command says how many rows hold and how far they are signed, of the database and of a file."""
    report = json.loads(tenban("audit", "verify", "--data", str(kept), "--json").stdout)
    assert (report["whole"], report["rows"], report["seals"], report["sealed_to"]) == (True, 5, 1, 4)
    out = tmp_path / "log.jsonl"
    assert tenban("audit", "export", str(out), "--data", str(kept)).returncode == 0
    alone = tenban("audit", "verify", str(out), "--key", str(kept / "keys" / "audit.pub.pem"))
    assert alone.returncode == 0
    assert "Whole: 5 rows, 1 seals; signed up to row 4." in alone.stdout
    assert "1 rows came since the last seal" in alone.stdout


@pytest.mark.parametrize(
    ("tamper", "row"),
    [
        ("UPDATE audit SET subject = 'still 9' WHERE n = 3", 3),
        ("UPDATE audit SET detail = '{' WHERE n = 2", 2),
        ("UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE n = 4", 4),
        ("DELETE FROM audit WHERE n = 2", 2),
        ("DELETE FROM audit WHERE n >= 4", 4),
    ],
)
def test_what_somebody_did_to_the_file_is_named(kept: Path, tenban: Command, tamper: str, row: int) -> None:
    """Whoever takes the locks off and changes, breaks or cuts rows is found, with the first bad row."""
    file = sqlite3.connect(kept / "tenban.db")
    file.executescript(f"DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; {tamper};")
    file.close()
    done = tenban("audit", "verify", "--data", str(kept), "--json")
    assert (done.returncode, json.loads(done.stdout)["first_bad_row"]) == (1, row)
    told = tenban("audit", "verify", "--data", str(kept))
    assert told.stdout.startswith("NOT WHOLE: ")
    assert told.stderr == ""


def test_a_file_that_is_no_log_is_bad_input(tmp_path: Path, kept: Path, tenban: Command) -> None:
    """One sentence names the file and what was expected."""
    (tmp_path / "x").write_text("hello\n")
    for path in (tmp_path / "x", tmp_path / "none"):
        done = tenban("audit", "verify", str(path), "--data", str(kept))
        assert done.returncode == 2
        assert str(path) in done.stderr
        assert "Traceback" not in done.stderr
