"""Migrations and the schema."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from conftest import import_all_tables
from tenban.access import queries
from tenban.access.chain import prove
from tenban.base.errors import BadInput, Unavailable
from tenban.db import Database
from tenban.db.engine import normalise_url, open_engine, sqlite_url
from tenban.db.migrate import upgrade
from tenban.db.schema import metadata


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url: str) -> None:
    """A migrated database holds every table and column that the code declares, and no others."""
    import_all_tables()
    engine = open_engine(database_url, writes=False)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    """A database of this version is left as it is."""
    upgrade(database_url)


def test_incidents_from_before_are_kept_and_never_go_on(tmp_path: Path) -> None:
    """What the first version wrote is there after the upgrade, and waits for nobody."""
    url = sqlite_url(tmp_path / "first.db")
    upgrade(url, to="0001")
    engine = open_engine(url, writes=True)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO incidents (id, shop, kind, place, fold_key, state, occurred_at, opened_at,"
                " changed_at, causes) VALUES ('i', 's', 'k', 'lane-1', 'f', 'unconfirmed', 1, 2, 3, '[]')"
            )
        )
        connection.execute(
            sa.text("INSERT INTO notices (at, shop, kind, subject, body) VALUES (1, 's', 'brief', 'i', '{}')")
        )
    upgrade(url)
    with engine.begin() as connection:
        kept = connection.execute(
            sa.text("SELECT id, state, pass_on_due_at, passed_on_at FROM incidents")
        ).one()
        assert tuple(kept) == ("i", "unconfirmed", None, None)
        assert connection.execute(sa.text("SELECT n, audience FROM notices")).one() == (1, None)
    engine.dispose()


def test_what_was_written_down_before_is_chained_as_it_stands(tmp_path: Path) -> None:
    """Rows of the first version are kept, numbered without gaps, and proven from the upgrade on."""
    url = sqlite_url(tmp_path / "first.db")
    upgrade(url, to="0001")
    engine = open_engine(url, writes=True)
    with engine.begin() as connection:
        for n in (2, 3, 7):
            row = {"n": n, "at": n, "actor": "a", "event": "x:y:z", "subject": f"s{n}", "detail": '{"b": 1}'}
            insert = "INSERT INTO audit (n, at, actor, event, subject, detail)"
            connection.execute(sa.text(f"{insert} VALUES (:n, :at, :actor, :event, :subject, :detail)"), row)
    engine.dispose()
    upgrade(url)
    database = Database(url)
    rows = database.read_now(queries.audit_rows)
    database.close()
    assert [(row.n, row.subject) for row in rows] == [(1, "s2"), (2, "s3"), (3, "s7")]
    assert prove(rows, [], {}).fault is None


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """A database that a newer version wrote is not touched, and the message says what to do."""
    url = sqlite_url(tmp_path / "newer.db")
    upgrade(url)
    engine = open_engine(url, writes=True)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Unavailable, match=r"revision 9999.*start that version"):
        upgrade(url)


def test_sqlite_keeps_what_it_committed(database_url: str) -> None:
    """SQLite runs in WAL with full synchronisation, so that a commit survives a power cut."""
    if not database_url.startswith("sqlite"):
        pytest.skip("SQLite's own settings")
    engine = open_engine(database_url, writes=True)
    with engine.begin() as connection:
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == 2
    engine.dispose()


def test_another_database_is_refused() -> None:
    """Only SQLite and PostgreSQL are supported, and the message says so."""
    with pytest.raises(BadInput, match="expected sqlite:///FILE or postgresql"):
        normalise_url("mysql://x/y")
