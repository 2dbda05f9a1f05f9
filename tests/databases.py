"""PostgreSQL for tests: one server, and one database that is put back to its beginning after each test.

To make a database costs a third of a second of processor time, to put one back a few milliseconds.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg import sql

from tenban.db.migrate import upgrade

# What a test may change of a schema: tables, indexes, columns, checks and keys, triggers, functions.
_SHAPE: LiteralString = """
SELECT md5(string_agg(what, ' ' ORDER BY what)) FROM (
  SELECT concat('c', c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname = 'public'
  UNION ALL SELECT concat('a', attrelid, '.', attnum, attname, atttypid, attnotnull, attisdropped)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname = 'public'
  UNION ALL SELECT concat('k', k.oid) FROM pg_constraint k JOIN pg_namespace n ON n.oid = connamespace
    WHERE nspname = 'public'
  UNION ALL SELECT concat('t', oid, tgenabled) FROM pg_trigger
  UNION ALL SELECT concat('p', p.oid, p.xmin) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
    WHERE nspname = 'public'
) AS all_of_it(what)
"""
_TABLES: LiteralString = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_SEQUENCES: LiteralString = (
    "SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public'"
)
_END_CONNECTIONS: LiteralString = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
)


def renamed(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def need_not_survive_power_cuts(server: str) -> None:
    """Have a server that lives for one run of tests not wait for its disk."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("ALTER SYSTEM SET full_page_writes = off")
        admin.execute("SELECT pg_reload_conf()")


class PutBack:
    """A migrated database that each test finds as the migrations left it, by a name of its own."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._make()

    def _make(self) -> None:
        self._name = _new_name()
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self._name)))
        upgrade(renamed(self._server, self._name))
        with self._open() as inside:
            self._shape = _one(inside, _SHAPE)
            self._tables = [sql.Identifier(name) for (name,) in inside.execute(_TABLES).fetchall()]
            self._kept = {
                table.as_string(): _rows_of(inside, table) for table in _filled(inside, self._tables)
            }
            self._sequences = _sequences(inside)

    def drop(self) -> None:
        """Take the database away for good."""
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self._name)))

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend the database to a test; yield its URL, which nobody reaches afterwards."""
        yield renamed(self._server, self._name)
        before, self._name = self._name, _new_name()
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(_END_CONNECTIONS, [before])
            admin.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(before), sql.Identifier(self._name)
                )
            )
        with self._open() as inside:
            as_it_was = _one(inside, _SHAPE) == self._shape
            if as_it_was:
                self._put_back(inside)
        if not as_it_was:
            self.drop()
            self._make()

    def _put_back(self, inside: psycopg.Connection) -> None:
        with inside.transaction():
            inside.execute("SET LOCAL session_replication_role = replica")  # triggers and keys stand aside
            for table in _filled(inside, self._tables):
                inside.execute(sql.SQL("DELETE FROM {}").format(table))
            for name, rows in self._kept.items():
                with inside.cursor().copy(f"COPY {name} FROM STDIN".encode()) as into:
                    into.write(rows)
            for name, (start, last) in _sequences(inside).items():
                kept = self._sequences[name][1]
                if last != kept:
                    told = [f'public."{name}"', start if kept is None else kept, kept is not None]
                    inside.execute("SELECT setval(%s, %s, %s)", told)

    def _open(self) -> psycopg.Connection:
        return psycopg.connect(renamed(self._server, self._name), autocommit=True)


def _new_name() -> str:
    return f"tenban_{uuid.uuid4().hex[:12]}"


def _one(inside: psycopg.Connection, statement: LiteralString) -> str:
    found = inside.execute(statement).fetchone()
    assert found is not None
    return str(found[0])


def _filled(inside: psycopg.Connection, tables: list[sql.Identifier]) -> list[sql.Identifier]:
    """Those of the tables that have rows."""
    asked = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(number), table)
        for number, table in enumerate(tables)
    )
    return [tables[number] for (number,) in inside.execute(asked).fetchall()]


def _rows_of(inside: psycopg.Connection, table: sql.Identifier) -> bytes:
    with inside.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(table)) as out_of:
        return b"".join(bytes(part) for part in out_of)


def _sequences(inside: psycopg.Connection) -> dict[str, tuple[int, int | None]]:
    return {name: (start, last) for name, start, last in inside.execute(_SEQUENCES).fetchall()}
