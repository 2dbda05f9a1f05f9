"""Opening SQLite (WAL) and PostgreSQL so that both keep the same promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event

from tenban.base.errors import BadInput

BUSY_TIMEOUT_MS = 10_000


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
    """Open an engine; the writing one takes SQLite's write lock when a transaction begins.

    ``synchronous=FULL`` with WAL: a committed transaction survives a power cut (SQLite documentation,
    "PRAGMA synchronous"). Taking the lock at BEGIN avoids the upgrade from reader to writer, which
    SQLite refuses at once instead of waiting.
    """
    url = normalise_url(url)
    if url.startswith("postgresql"):
        return sa.create_engine(url, pool_pre_ping=True, pool_size=4 if writes else 8)
    engine = sa.create_engine(
        url, connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000}
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


def take_turn(connection: Connection, log_number: int) -> None:
    """Make writers of one log take turns, so that its numbers appear in the order of commit.

    SQLite has one writer at a time anyway; PostgreSQL takes an advisory lock until the end of the
    transaction. Without it a reader that remembers the last number could pass over a smaller one.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": 7_420_000 + log_number})
