"""A member of staff's data, written out and erased."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from tenban.access import queries as access_queries
from tenban.access.chain import prove
from tenban.access.model import Actor, Function, Role
from tenban.access.people import actor_of_session, add_person, open_session, person_named
from tenban.base.clock import SystemClock
from tenban.base.errors import NotFound
from tenban.cli import app
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.incidents import engine
from tenban.incidents.duty import hand_over
from tenban.incidents.engine import Opening
from tenban.incidents.model import Cause
from tenban.keeping import people
from tenban.keeping.queries import destroyed

ADMIN = Actor("person", "person:admin", "Admin", "s", frozenset(Function))


@pytest.fixture
def data(tmp_path: Path, migrated_sqlite: Path) -> Path:
    (tmp_path / "tenban.db").write_bytes(migrated_sqlite.read_bytes())
    return tmp_path


def work(database: Database) -> tuple[Actor, str]:
    """Sato signs in, takes an incident and hands it to Mori; return Sato and the session's secret."""
    at = SystemClock().now()

    def begin(connection: sa.Connection) -> tuple[Actor, str]:
        for name, shown in (("sato", "佐藤 花子"), ("mori", "森")):
            add_person(
                connection,
                ADMIN,
                at,
                name=name,
                password_hash="-",
                roles=[Role.ATTENDANT],
                shop="s",
                display_name=shown,
            )
        sato, mori = person_named(connection, "sato"), person_named(connection, "mori")
        assert sato is not None
        assert mori is not None
        secret, _ = open_session(connection, "sato", at)
        words = {"ja": "x", "en": "x"}
        opening = Opening("s", None, "rule", "lane-1", None, "f", Cause("c", at, at, words, words))
        incident = engine.open_incident(connection, ADMIN, at, opening)
        engine.take(connection, sato, at, incident.id)
        hand_over(connection, sato, at, mori)
        return sato, secret

    return database.write_now(begin)


def test_a_name_goes_from_everywhere_it_can_and_the_chain_stays_whole(data: Path) -> None:
    """The person cannot sign in, screens show no name, and what they did stays under their id."""
    database = Database(sqlite_url(data / "tenban.db"))
    sato, secret = work(database)
    at = SystemClock().now()
    stranger = Actor("person", "person:x", "X", "other", frozenset(Function))
    with pytest.raises(NotFound):
        database.write_now(lambda c: people.erase(c, stranger, at, "sato", reason="x"))
    instead, _ = database.write_now(lambda c: people.erase(c, ADMIN, at, "sato", reason="Left and asked"))
    tables = database.read_now(lambda c: sa.inspect(c).get_table_names())
    for table in set(tables) - {"audit"}:
        rows = database.read_now(lambda c, table=table: c.execute(sa.text(f"SELECT * FROM {table}")).all())  # type: ignore[misc]  # noqa: S608
        assert "佐藤" not in str(rows), table
        assert "\\u4f50" not in str(rows), table
    history = database.read_now(
        lambda c: c.execute(sa.text("SELECT actor, actor_name FROM incident_history")).all()
    )
    assert (sato.id, instead) in [tuple(row) for row in history]
    assert database.read_now(lambda c: actor_of_session(c, secret, at)) is None
    assert database.read_now(lambda c: person_named(c, "sato")) is None
    assert prove(database.read_now(access_queries.audit_rows), [], {}).fault is None
    row = database.read_now(lambda c: destroyed(c, "s", 1))[0]
    assert (row["kind"], row["why"]) == ("person", "Left and asked")
    # What is written down from now on names nobody.
    told = database.read_now(lambda c: c.execute(sa.text("SELECT event, detail FROM audit")).all())
    assert [event for event, detail in told if "佐藤" in detail] == []
    database.close()


def test_everything_about_a_person_is_written_out(data: Path) -> None:
    """One zip with all rows that name them or are theirs, without secrets, and what is not in it."""
    database = Database(sqlite_url(data / "tenban.db"))
    sato, _ = work(database)
    out = data / "sato.zip"
    done = CliRunner().invoke(
        app, ["person", "export", "sato", str(out), "--data", str(data), "--json"], catch_exceptions=False
    )
    assert json.loads(done.stdout)["rows"].keys() >= {"people", "sessions", "incident_history", "audit"}
    with zipfile.ZipFile(out) as archive:
        told = json.loads(archive.read("data.json"))
    assert told["data"]["people"][0]["display_name"] == "佐藤 花子"
    assert {row["actor"] for row in told["data"]["incident_history"]} == {sato.id}
    assert any("audit" in line for line in told["not_in_it"])
    assert "hash" not in told["data"]["people"][0]
    assert "token_hash" not in told["data"]["sessions"][0]
    gone = CliRunner().invoke(
        app, ["person", "erase", "sato", "--reason", "asked", "--yes", "--data", str(data)]
    )
    assert "removed-" in gone.stdout
    assert CliRunner().invoke(app, ["person", "export", "sato", str(out), "--data", str(data)]).exit_code == 1
    database.close()
