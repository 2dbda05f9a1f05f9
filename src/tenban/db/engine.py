"""Opening SQLite (WAL) and PostgreSQL so that both keep the same promises."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event

from tenban.base.errors import BadInput
from tenban.db.wake import CHANNEL

BUSY_TIMEOUT_MS = 10_000
TAKE_TURN = f"SELECT pg_advisory_xact_lock(7420001), pg_notify('{CHANNEL}', '')"
"""PostgreSQL: take the write turn, and wake up whoever listens once what follows is committed."""


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite+pysqlite:///{path}"


def normalise_url(url: str) -> str:
    """Return the URL with the driver this product is tested with.

    Raises:
        BadInput: neither SQLite nor PostgreSQL.
    """
    if url.startswith(("postgres://", "postgresql://")):
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.startswith(("postgresql+psycopg://", "sqlite+pysqlite://")):
        return url
    if url.startswith("sqlite://"):
        return "sqlite+pysqlite://" + url.split("://", 1)[1]
    raise BadInput("database URL", expected="sqlite:///FILE or postgresql://…", came=url.split("://", 1)[0])


def open_engine(url: str, *, writes: bool) -> Engine:
    """Open an engine; the writing one takes the one write turn when a transaction begins.

    Writers take turns on both databases: SQLite has one writer at a time anyway, PostgreSQL takes an
    advisory lock until the end of the transaction. So numbers given within transactions appear in the
    order of commit, a reader that remembers the last number passes over none, and grouped transactions of
    several processes cannot deadlock. With SQLite, taking the lock at BEGIN also avoids the upgrade from
    reader to writer, which it refuses at once instead of waiting. ``synchronous=FULL`` with WAL: a
    committed transaction survives a power cut (SQLite documentation, "PRAGMA synchronous").
    """
    url = normalise_url(url)
    if url.startswith("postgresql"):
        return _open_postgres(url, writes=writes)
    return _open_sqlite(url, writes=writes)


def _open_postgres(url: str, *, writes: bool) -> Engine:
    # A writing connection that went stale fails its group, which is told so; asking first would cost every
    # group a round trip.
    engine = sa.create_engine(
        url, pool_pre_ping=not writes, pool_size=2 if writes else 8, hide_parameters=True
    )
    if writes:

        @event.listens_for(engine, "connect")
        def begin_by_ourselves(connection: Any, _record: Any) -> None:
            connection.autocommit = True  # the driver would send BEGIN alone, one more round trip per group

        @event.listens_for(engine, "begin")
        def take_turn(connection: Connection) -> None:
            connection.exec_driver_sql(f"BEGIN; {TAKE_TURN}")

    return engine


def execute_one(connection: Connection, statement: str, values: Sequence[object]) -> int:
    """Run one statement of a writing connection by the driver alone; return how many rows it changed.

    Where no transaction has begun it is one of its own, durable when this returns, and stays whatever comes
    after it. That spares the round trips around it and the layers in between, which cost several times what
    the statement does.

    Raises:
        sqlalchemy.exc.DBAPIError: it failed; outside a transaction the connection is given up.
    """
    if connection.in_transaction():
        return connection.exec_driver_sql(statement, tuple(values)).rowcount
    driver: Any = connection.connection.driver_connection
    try:
        changed: int = driver.execute(statement, values).rowcount
    except connection.dialect.loaded_dbapi.Error as error:
        connection.invalidate(error)
        raise sa.exc.DBAPIError(
            None, None, error, hide_parameters=True, connection_invalidated=True
        ) from error
    return changed


def _open_sqlite(url: str, *, writes: bool) -> Engine:
    engine = sa.create_engine(
        url,
        # An error is logged without the values it was about: they may be somebody's name or a secret's hash.
        hide_parameters=True,
        connect_args={
            "check_same_thread": False,
            "timeout": BUSY_TIMEOUT_MS / 1000,
            "cached_statements": 512,  # groups of 1 to 256 sale events each have a statement of their own
        },
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
