"""A person's data, for whoever sits at the machine: written out, or their name erased."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from tenban.access.model import system_actor
from tenban.base.clock import SystemClock, to_rfc3339
from tenban.base.errors import BadInput
from tenban.db.sealing import Gone
from tenban.keeping import people
from tenban.server.accounts import open_database
from tenban.server.sealing import open_vault
from tenban.server.settings import ServeSettings
from tenban.tries.files import KINDS, TryFiles

_ACTOR = system_actor("console")


def export(settings: ServeSettings, name: str, out: Path) -> dict[str, int]:
    """Write a zip of all that is kept about a person: ``data.json``, and the files they brought.

    Returns:
        how many rows of each table.

    Raises:
        NotFound: there is no such person.
        BadInput: the file cannot be written.
    """
    clock = SystemClock()
    now_at = clock.now()
    with open_database(settings) as db:
        found = db.write_now(lambda c: people.export(c, _ACTOR, now_at, name))
        files = TryFiles(settings.data_dir.resolve() / "tries", vault=open_vault(settings, db, clock))
        told = {
            "made_at": to_rfc3339(now_at),
            "times": "microseconds since 1970-01-01T00:00:00Z",
            "not_in_it": list(people.STAYS),
            "data": found,
        }
        try:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("data.json", json.dumps(told, ensure_ascii=False, indent=2, default=_plain))
                for try_id in people.tries_of(found):
                    _add_files(archive, files, try_id)
        except OSError as error:
            why = error.strerror or "none"
            raise BadInput(str(out), expected="a file that can be written", came=why) from error
    return {table: len(rows) for table, rows in found.items() if rows}


def erase(settings: ServeSettings, name: str, reason: str) -> str:
    """Take a person's name out of everything; return what stands in its place."""
    if not 1 <= len(reason.strip()) <= 500:
        raise BadInput("--reason", expected="1 to 500 characters", came=f"{len(reason.strip())}")
    clock = SystemClock()
    with open_database(settings) as db:
        instead, gone = db.write_now(
            lambda c: people.erase(c, _ACTOR, clock.now(), name, reason=reason.strip())
        )
        files = TryFiles(settings.data_dir.resolve() / "tries", vault=open_vault(settings, db, clock))
        for try_id in gone:
            files.remove(try_id)
    return instead


def _add_files(archive: zipfile.ZipFile, files: TryFiles, try_id: str) -> None:
    for kind in KINDS:
        try:
            blob = files.open(try_id, kind)
        except Gone:
            continue  # Policy: a try that was not counted has no annotated video.
        with archive.open(f"tries/{try_id}/{kind}", "w") as entry:
            for part in blob.read():
                entry.write(part)


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
