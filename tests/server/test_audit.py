"""Sealing by the hour, and proving a log as an auditor would."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tenban.access import queries
from tenban.access.audit import AuditEvent, seal, write_down
from tenban.access.keys import sealing_key
from tenban.access.model import system_actor
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.db.migrate import upgrade
from tenban.server.audit import SEAL_EVERY_S, Sealer

ACTOR = system_actor("test")


def note(database: Database, subject: str) -> None:
    database.write_now(lambda c: write_down(c, AuditEvent.MEDIA_VIEWED, ACTOR, 7, subject, looked="at it"))


def audit_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "tenban", "audit", *arguments]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A data folder with five rows, of which the first four are sealed."""
    data = tmp_path / "data"
    data.mkdir()
    url = sqlite_url(data / "tenban.db")
    upgrade(url)
    database = Database(url)
    for n in range(4):
        note(database, f"still {n}")
    key = sealing_key(data / "keys")
    database.write_now(lambda c: seal(c, key, 9))
    note(database, "still 4")
    database.close()
    return data


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


def test_a_whole_log_is_proven_offline(kept: Path, tmp_path: Path) -> None:
    """The command says how many rows hold and how far they are signed, of the database and of a file."""
    report = json.loads(audit_command("verify", "--data", str(kept), "--json").stdout)
    assert (report["whole"], report["rows"], report["seals"], report["sealed_to"]) == (True, 5, 1, 4)
    out = tmp_path / "log.jsonl"
    assert audit_command("export", str(out), "--data", str(kept)).returncode == 0
    alone = audit_command("verify", str(out), "--key", str(kept / "keys" / "audit.pub.pem"))
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
def test_what_somebody_did_to_the_file_is_named(kept: Path, tamper: str, row: int) -> None:
    """Whoever takes the locks off and changes, breaks or cuts rows is found, with the first bad row."""
    file = sqlite3.connect(kept / "tenban.db")
    file.executescript(f"DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; {tamper};")
    file.close()
    done = audit_command("verify", "--data", str(kept), "--json")
    assert (done.returncode, json.loads(done.stdout)["first_bad_row"]) == (1, row)
    told = audit_command("verify", "--data", str(kept))
    assert told.stdout.startswith("NOT WHOLE: ")
    assert told.stderr == ""


def test_a_file_that_is_no_log_is_bad_input(tmp_path: Path, kept: Path) -> None:
    """One sentence names the file and what was expected."""
    (tmp_path / "x").write_text("hello\n")
    for path in (tmp_path / "x", tmp_path / "none"):
        done = audit_command("verify", str(path), "--data", str(kept))
        assert done.returncode == 2
        assert str(path) in done.stderr
        assert "Traceback" not in done.stderr
