"""The group-commit writer."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from tenban.base.errors import BadInput, Unavailable
from tenban.db import Connection, Database


def _count(connection: Connection) -> int:
    return int(connection.execute(sa.text("SELECT count(*) FROM footage_locks")).scalar_one())


def _add(connection: Connection, subject: str) -> str:
    connection.execute(
        sa.text(
            "INSERT INTO footage_locks (camera, start_at, end_at, held_for) VALUES (:subject, 1, 2, 'a')"
        ),
        {"subject": subject},
    )
    return subject


def test_a_write_is_seen_by_a_read_after_it(database: Database) -> None:
    """A write that has returned is seen by every later read."""
    assert database.write_now(lambda connection: _add(connection, "one")) == "one"
    assert database.read_now(_count) == 1


def test_failing_work_costs_its_neighbours_nothing(database: Database) -> None:
    """Work that fails is rolled back alone, though its group commits."""

    def breaks(connection: Connection) -> None:
        _add(connection, "lost")
        raise KeyError("on purpose")

    held = threading.Event()
    first = database.writer.submit(lambda _: held.wait(60))
    works = [
        database.writer.submit(lambda connection: _add(connection, "before")),
        database.writer.submit(breaks),
        database.writer.submit(lambda connection: _add(connection, "after")),
    ]
    held.set()
    first.result()
    assert works[0].result() == "before"
    assert works[2].result() == "after"
    with pytest.raises(KeyError, match="on purpose"):
        works[1].result()
    assert database.read_now(_count) == 2


def test_merged_items_share_one_call(database: Database) -> None:
    """Items that wait for the same merge function reach it together, in order."""
    calls: list[list[int]] = []

    def merge(_connection: Connection, items: list[int]) -> list[int]:
        calls.append(list(items))
        return [item * 2 for item in items]

    held = threading.Event()
    first = database.writer.submit(lambda _: held.wait(60))
    results = [database.writer.submit_merged(merge, item) for item in range(5)]
    held.set()
    first.result()
    assert [result.result() for result in results] == [0, 2, 4, 6, 8]
    assert calls == [[0, 1, 2, 3, 4]]


def test_a_merge_that_fails_is_tried_item_by_item(database: Database) -> None:
    """One bad item of a merged call does not spoil the others."""

    def merge(_connection: Connection, items: list[int]) -> list[int]:
        if 3 in items:
            raise ValueError("three")
        return items

    held = threading.Event()
    first = database.writer.submit(lambda _: held.wait(60))
    results = [database.writer.submit_merged(merge, item) for item in (2, 3, 4)]
    held.set()
    first.result()
    assert results[0].result() == 2
    assert results[2].result() == 4
    with pytest.raises(ValueError, match="three"):
        results[1].result()


def test_work_that_fails_alone_leaves_nothing(database: Database) -> None:
    """Work that fails as the only one of its group is rolled back, and the writer goes on."""

    def breaks(connection: Connection) -> None:
        _add(connection, "lost")
        raise KeyError("on purpose")

    with pytest.raises(KeyError, match="on purpose"):
        database.write_now(breaks)
    assert database.write_now(lambda connection: _add(connection, "after")) == "after"
    assert database.read_now(_count) == 1


def test_a_lost_connection_fails_one_group(database: Database) -> None:
    """When the server ends the writer's connection, that group is told so; the next one finds a new one."""
    if not database.url.startswith("postgresql"):
        pytest.skip("SQLite has no connection to lose")
    writers_pid = database.write_now(
        lambda c: int(c.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
    )
    database.read_now(lambda c: c.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": writers_pid}))
    with pytest.raises(Unavailable, match="expected the database to commit"):
        database.write_now(lambda connection: _add(connection, "lost"))
    assert database.write_now(lambda connection: _add(connection, "after")) == "after"
    assert database.writer.groups_failed == 1


def test_a_closed_writer_refuses(database: Database) -> None:
    """What cannot be made durable is refused."""
    database.close()
    with pytest.raises(Unavailable, match="closed"):
        database.writer.submit(lambda _: None)


def test_a_text_that_postgresql_cannot_hold_is_the_senders_mistake(database: Database) -> None:
    """NUL is refused as bad input, read or written; nobody's error page, and no value in the message."""
    if not database.url.startswith("postgresql"):
        pytest.skip("SQLite holds NUL")
    query = sa.text("SELECT CAST(:value AS text)")
    for run in (database.read_now, database.write_now):
        with pytest.raises(BadInput, match="text without NUL") as refused:
            run(lambda c: c.execute(query, {"value": "tnb_x\x00"}).scalar_one())
        assert "tnb_x" not in str(refused.value)
        assert "tnb_x" not in str(refused.value.__cause__)
