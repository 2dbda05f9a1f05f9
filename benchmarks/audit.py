"""What the audit log costs: a row beside a plain insert, a look at a still, a sale event, a question.

    python benchmarks/audit.py [--write]

The baseline is the same content inserted into a table of the same columns, without hash, chain and triggers.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenban.access.audit import AuditEvent, seal, write_down
from tenban.access.keys import SealingKey
from tenban.access.looks import Presence, Seen, write_look
from tenban.access.model import Actor, Function, system_actor
from tenban.access.proof import prove_log
from tenban.access.search import what_concerns
from tenban.access.tables import audit
from tenban.base.clock import seconds
from tenban.db import Connection, Database
from tenban.db.engine import open_engine, sqlite_url
from tenban.db.migrate import upgrade
from tenban.pos.queries import EventRow, add_new
from tenban.pos.shifts import shifts

RESULTS = Path(__file__).resolve().parent / "results" / "audit.md"
NOW = 1_795_312_800_000_000
HOUR = seconds(3600)
ACTOR, ME = system_actor("bench"), Actor("person", "person:me", "Me", "ebisu", frozenset())
DETAIL: dict[str, Any] = {"blob": "a" * 64 + ".jpg", "place": "lane-1"}
LOOKS, SIGNINGS = 30_000, 20_000


def timed(run: Callable[[], object], times: int) -> list[float]:
    """Milliseconds each of so many runs took."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        found.append((time.perf_counter() - began) * 1000)
    return found


def plain(connection: Connection, table: sa.Table) -> None:
    """Insert what a row holds, and nothing more."""
    connection.execute(
        table.insert().values(
            at=NOW, actor=ACTOR.id, event="media:picture:viewed", subject="x", detail="{}", shop="ebisu"
        )
    )


def row(connection: Connection) -> None:
    write_down(connection, AuditEvent.MEDIA_VIEWED, ACTOR, NOW, "incident", shop="ebisu", **DETAIL)


def look(connection: Connection, at: int = NOW, lane: int = 1) -> None:
    lanes = (f"lane-{lane}", f"lane-{lane + 1}")
    write_look(
        connection,
        AuditEvent.MEDIA_VIEWED,
        ACTOR,
        NOW,
        "incident",
        shop="ebisu",
        function=Function.MEDIA_VIEW,
        seen=Seen(lanes, at, at),
        **DETAIL,
    )


def event(n: int, kind: str = "item_registered", lane: int = 1, cashier: str | None = None) -> EventRow:
    at = NOW - n * HOUR // 8
    return EventRow(
        f"event-{n}-{kind}", "ebisu", f"lane-{lane}", None, n, kind, at, at, at, 0, False, None, None,
        None, None, None, cashier, "{}",
    )  # fmt: skip


def inside(database: Database, work: Callable[[Connection], object], times: int) -> float:
    """Milliseconds one run costs inside of a transaction, without its commit."""

    def run(connection: Connection) -> float:
        return statistics.median(timed(lambda: work(connection), times))

    return database.write_now(run)


def main() -> None:
    """Measure, print, and write the results where that is asked for."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--write", action="store_true", help="keep the results beside this file")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        url = sqlite_url(Path(name) / "tenban.db")
        upgrade(url)
        engine = open_engine(url, writes=True)
        table = sa.Table(
            "plain",
            sa.MetaData(),
            *(sa.Column(column.name, column.type, primary_key=column.name == "n") for column in PLAIN),
        )
        with engine.begin() as connection:
            table.create(connection)
        database = Database(url)
        lines = measured(database, table, engine)
        database.close()
        engine.dispose()
    text = "\n".join(
        [
            "# The audit log",
            "",
            "`python benchmarks/audit.py --write`: medians; SQLite, `synchronous=FULL`. The baseline is a",
            "table of the same columns without hash, chain and triggers. *Inside* is without the commit,",
            "which each of them needs.",
            "",
            "| what | plain | audit | more | ratio |",
            "|---|---|---|---|---|",
            *lines,
            "",
            f"Measured with a load of {load:.1f} on {os.cpu_count()} cores; waiting is part of it.",
            "",
        ]
    )
    print(text)
    if asked.parse_args().write:
        RESULTS.write_text(text, encoding="utf-8")


PLAIN = [column for column in audit.c if column.name != "hash"]


def measured(database: Database, table: sa.Table, engine: sa.Engine) -> list[str]:
    """Return the rows of the table."""

    def compared(what: str, base: float, cost: float) -> str:
        return f"| {what} | {base:.3f} ms | {cost:.3f} ms | {cost - base:+.3f} ms | {cost / base:.2f} |"

    def committed(work: Callable[[Connection], object]) -> tuple[float, float]:
        """In turn, so that a busy disk is busy for both."""
        pairs = [
            (
                timed(lambda: database.write_now(lambda c: plain(c, table)), 1)[0],
                timed(lambda: database.write_now(work), 1)[0],
            )
            for _ in range(120)
        ]
        return statistics.median(one for one, _ in pairs), statistics.median(other for _, other in pairs)

    lines = [
        compared(
            "a row, inside",
            inside(database, lambda c: plain(c, table), 1000),
            inside(database, row, 1000),
        ),
        compared("a row with its commit", *committed(row)),
        compared(
            "a look at a still (two registers on it), inside",
            inside(database, lambda c: plain(c, table), 1000),
            inside(database, look, 1000),
        ),
        compared("a look with its commit", *committed(look)),
    ]
    # Sale events write no row of the log; what they pay is the index of who was signed on.
    batch = iter(range(1_000_000, 9_000_000))

    def events(connection: Connection) -> None:
        add_new(connection, [event(next(batch)) for _ in range(100)])

    with_index = inside(database, events, 100) / 100
    with engine.begin() as connection:
        connection.execute(sa.text("DROP INDEX ix_sale_events_signed_on"))
    without = inside(database, events, 100) / 100
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE INDEX ix_sale_events_signed_on ON sale_events"
                " (shop, register, occurred_at, n, type, cashier)"
                " WHERE type IN ('cashier_signed_on', 'cashier_signed_off')"
            )
        )
    lines.append(compared("a sale event (of 100), with the index of who is signed on", without, with_index))

    def fill(connection: Connection) -> None:
        for n in range(LOOKS):
            look(connection, NOW - n * HOUR // 8, n % 10)
        for start in range(0, SIGNINGS, 500):
            kinds = ("cashier_signed_on", "cashier_signed_off")
            add_new(
                connection,
                [
                    event(n, kinds[n // 10 % 2], n % 10, f"{n // 20 % 30:03}")
                    for n in range(start, start + 500)
                ],
            )

    database.write_now(fill)
    key = SealingKey(Ed25519PrivateKey.generate())
    database.write_now(lambda c: seal(c, key, NOW))
    began = time.perf_counter()
    proof = prove_log(database.read_now, {key.key_id: key.public})
    rate = proof.rows / (time.perf_counter() - began)
    assert proof.fault is None
    presences: list[Presence] = []

    def signed_on(connection: Connection) -> None:
        presences[:] = [
            Presence("ebisu", one.register, one.from_at, one.to_at)
            for one in shifts(connection, "ebisu", "007")
        ]

    found = statistics.median(timed(lambda: database.read_now(signed_on), 20))
    concerning = statistics.median(
        timed(lambda: database.read_now(lambda c: what_concerns(c, ME, presences)), 20)
    )
    lines.append(f"| proving {proof.rows:,} rows | | {rate:,.0f} rows/s | | |")
    lines.append(f"| {len(presences)} shifts out of {SIGNINGS:,} signings | | {found:.1f} ms | | |")
    lines.append(f"| what concerns somebody, of {LOOKS:,} looks | | {concerning:.1f} ms | | |")
    return lines


if __name__ == "__main__":
    main()
