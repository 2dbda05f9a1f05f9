"""How long it takes to open a sale's video out of 30 days of 16 cameras, beside a plain SQL lookup.

The index holds 30 days × 16 cameras of fragments and the sales of 16 registers: synthetic rows, all of them
pointing at places of one real recorded file, so that bytes can be read and the disk stays bounded. Then sales
are opened at random, from the page's link to the video's first byte, as the API does it in one process:

    resolve         the sale's event -> its register, and its moment by the till's clock seen afterwards
    plan            the cut of a minute around it, of the register's camera, from the index
    first byte      the head of the MP4 and the first bytes of footage
    all             the three together; what the network and the audit row add is not in it
    plain SQL       the least possible: the event by its id, and the one fragment its time falls into
    a month         which days of the month have footage, for the calendar, all 16 cameras
    a day           coverage of one camera's day, with its gaps
    journal         forty minutes of a register's journal

Run: python benchmarks/open_sale_video.py [--days 30] [--cameras 16] [--rounds 200] [--write]
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from recording import machine, make_film
from tenban.access.model import system_actor
from tenban.base.clock import SECOND, Instant, SystemClock
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.db.engine import sqlite_url
from tenban.db.migrate import upgrade
from tenban.pos.journal import journal, moment_of_event
from tenban.sites.model import Register
from tenban.video.footage import Footage
from tenban.video.fragments import FragmentBuilder
from tenban.video.model import FragmentRow, IndexBatch, Segment
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.playback import Playback
from tenban.video.reader import read_camera
from tenban.video.segments import SegmentWriter
from tenban.video.settings import CameraSettings

RESULTS = Path(__file__).parent / "results" / "open-sale-video.md"
ACTOR = system_actor("benchmark")
DAY_S = 86_400
START: Instant = 1_793_000_000 * SECOND
SALE_EVERY_S = 300
SALES_A_DAY = 14 * 3600 // SALE_EVERY_S
ZONE_DAYS = 30


def record(folder: Path) -> tuple[Segment, list[FragmentRow]]:
    """Record a minute once; return its file and fragments, for all rows to point at."""
    import threading

    film = folder / "film.mp4"
    make_film(film)
    writer = SegmentWriter(Footage(folder / "footage"), "cam")
    stop, facts = threading.Event(), IndexBatch()
    builder: FragmentBuilder | None = None
    settings = CameraSettings("cam", str(film), speed="fast", loop=True)
    first_at = 0
    for item in read_camera(settings, clock=SystemClock(), stop=stop):
        if isinstance(item, StreamInfo):
            facts.take(writer.begin(item))
            builder = FragmentBuilder("cam", item.run, most_s=2.0)
            continue
        assert isinstance(item, MediaPacket)
        assert builder is not None
        first_at = first_at or item.captured_at
        if (fragment := builder.add(item)) is not None:
            facts.take(writer.add(fragment))
        if item.captured_at - first_at > 62 * SECOND:
            stop.set()
    facts.take(writer.close())
    return facts.segments[0], [one for one in facts.fragments if one.segment == facts.segments[0].id]


def another_way(number: int) -> str:
    """Return the beginning of a path that leads to the same file: each stands once in the index."""
    return "".join(".//" if number >> bit & 1 else "./" for bit in range(25))


_LOOSE = {
    "ix_fragments_camera_start_at": "fragments (camera, start_at)",
    "ix_fragments_segment_offset": 'fragments (segment, "offset")',
    "ix_sale_events_register_occurred_at": "sale_events (register, occurred_at)",
    "ix_sale_events_register_sale_seq": "sale_events (register, sale, seq)",
}
_FILES = """
WITH RECURSIVE camera(c) AS (SELECT 0 UNION ALL SELECT c + 1 FROM camera WHERE c + 1 < :cameras),
    minute(m) AS (SELECT 0 UNION ALL SELECT m + 1 FROM minute WHERE m + 1 < :files)
INSERT INTO footage_segments
    (id, camera, run, path, started_at, start_dts, ended_at, codec, width, height, avcc)
SELECT c || '-' || m, 'cam-' || c, 'run-' || c, another_way((c << 20) | m) || :path, :start + m * :length,
       m * :ticks, :start + (m + 1) * :length, 'h264', :width, :height, :avcc
FROM camera CROSS JOIN minute
"""
_RUNS = """
WITH RECURSIVE camera(c) AS (SELECT 0 UNION ALL SELECT c + 1 FROM camera WHERE c + 1 < :cameras)
INSERT INTO footage_runs (id, camera, began_at, monotonic_us, boot, why, step_us)
SELECT 'run-' || c, 'cam-' || c, :start, 0, 'boot', 'filled', 0 FROM camera
"""
_FRAGMENTS = """
INSERT INTO fragments
    (camera, segment, start_at, end_at, start_dts, is_keyframe, "offset", length, samples)
SELECT s.camera, s.id, s.started_at + p.at, s.started_at + p.until_at, s.start_dts + p.dts,
       p.is_key, p.place, p.size, p.samples
FROM footage_segments AS s CROSS JOIN pattern AS p
"""
_SALES = """
WITH RECURSIVE till(c) AS (SELECT 0 UNION ALL SELECT c + 1 FROM till WHERE c + 1 < :cameras),
    day(d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM day WHERE d + 1 < :days),
    sale(s) AS (SELECT 0 UNION ALL SELECT s + 1 FROM sale WHERE s + 1 < :sales),
    told AS (SELECT c, d, s, k.step, k.kind,
                    :start + (d * 86400 + 28800 + s * :every + k.step * 3) * 1000000 AS at
             FROM till CROSS JOIN day CROSS JOIN sale CROSS JOIN kind AS k)
INSERT INTO sale_events (event_id, shop, register, sale, seq, type, rung_at, received_at, occurred_at,
                         offset_us, clock_doubted, body)
SELECT c || '-' || d || '-' || s || '-' || step, 's', 'lane-' || c, d || '-' || s, step + 1, kind,
       at + 3200000, at + 5000 + abs(random() % 85000), at + 5000, -3195000, 0,
       CASE WHEN kind LIKE 'item%' THEN '{"item": {"line": "1", "name": "x", "amount": 198}}' ELSE '{}' END
FROM told
"""
_KINDS = ["sale_started", *["item_registered"] * 8, "item_voided", "payment_started", "paid"]


def fill(
    path: Path, days: int, cameras: int, segment: Segment, pattern: list[FragmentRow]
) -> tuple[int, int]:
    """Write the rows: of each camera one run that never breaks, in files of a minute, and tills 3.2 s ahead.

    Returns:
        how many fragments and sale events there are.
    """
    first, length = pattern[0], pattern[-1].end_at - pattern[0].start_at
    connection = sqlite3.connect(path, isolation_level=None)
    connection.create_function("another_way", 1, another_way, deterministic=True)
    for pragma in ("synchronous = OFF", "temp_store = MEMORY", "cache_size = -400000", "foreign_keys = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    for name in _LOOSE:
        connection.execute(f"DROP INDEX {name}")
    connection.execute("CREATE TEMP TABLE pattern (at, until_at, dts, is_key, place, size, samples)")
    connection.execute("CREATE TEMP TABLE kind (step, kind)")
    connection.executemany("INSERT INTO kind VALUES (?, ?)", list(enumerate(_KINDS)))
    connection.executemany(
        "INSERT INTO pattern VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                one.start_at - first.start_at,
                one.end_at - first.start_at,
                one.start_dts - first.start_dts,
                one.is_keyframe,
                one.offset,
                one.length,
                one.samples,
            )
            for one in pattern
        ],
    )
    told = {
        "cameras": cameras,
        "days": days,
        "files": days * DAY_S * SECOND // length,
        "path": segment.path,
        "start": START,
        "length": length,
        "ticks": length * 9 // 100,
        "width": segment.info.width,
        "height": segment.info.height,
        "avcc": segment.info.avcc,
        "sales": SALES_A_DAY,
        "every": SALE_EVERY_S,
    }
    for what, statement in (
        ("runs", _RUNS),
        ("files", _FILES),
        ("fragments", _FRAGMENTS),
        ("sales", _SALES),
    ):
        sys.stderr.write(f"{what} … ")
        sys.stderr.flush()
        connection.execute("BEGIN")
        connection.execute(statement, {} if statement is _FRAGMENTS else told)
        connection.execute("COMMIT")
    sys.stderr.write("indexes\n")
    for name, what in _LOOSE.items():
        connection.execute(f"CREATE INDEX {name} ON {what}")
    footage = connection.execute("SELECT max(n) FROM fragments").fetchone()[0]
    events = connection.execute("SELECT max(n) FROM sale_events").fetchone()[0]
    connection.close()
    return footage, events


def rank(values: list[float], part: float) -> float:
    """Return a percentile in milliseconds."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] * 1000


def main() -> None:
    """Fill, measure, print and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--write", action="store_true", help="write the results page")
    given = parser.parse_args()
    chance, clock = random.Random(3), SystemClock()  # noqa: S311  # sales to open, no secrets
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = sqlite_url(folder / "index.db")
        upgrade(url)
        footage, events = fill(folder / "index.db", given.days, given.cameras, *record(folder))
        database = Database.open(url, str(folder))
        playback = Playback(database, Footage(folder / "footage"))
        taken: dict[str, list[float]] = {}

        def timed(what: str, run: Callable[[], Any]) -> Any:
            began_s = clock.monotonic_s()
            found = run()
            taken.setdefault(what, []).append(clock.monotonic_s() - began_s)
            return found

        for _ in range(given.rounds):
            number, day = chance.randrange(given.cameras), chance.randrange(given.days)
            event = f"{number}-{day}-{chance.randrange(SALES_A_DAY)}-{chance.randrange(12)}"
            began_s = clock.monotonic_s()
            moment = timed(
                "resolve",
                lambda event=event: database.read_now(lambda c: moment_of_event(c, ACTOR, event)),
            )
            span = Span(moment.at - 5 * SECOND, moment.at + 55 * SECOND)
            camera = f"cam-{number}"
            plan = timed("plan", lambda camera=camera, span=span: playback.plan(camera, span))
            parts = list(
                zip(range(2), timed("first byte", lambda plan=plan: _first(playback, plan)), strict=False)
            )
            assert len(parts) == 2
            taken.setdefault("all", []).append(clock.monotonic_s() - began_s)
            timed("plain SQL", lambda event=event, camera=camera: plain(database, event, camera))
        register = Register("lane-3", "s", "3", "self")
        for _ in range(20):
            day_at = START + chance.randrange(given.days - 1) * DAY_S * SECOND
            month = [
                Span(START + n * DAY_S * SECOND, START + (n + 1) * DAY_S * SECOND) for n in range(ZONE_DAYS)
            ]
            timed(
                "a month",
                lambda month=month: [playback.filmed_in(f"cam-{n}", month) for n in range(given.cameras)],
            )
            day_span = Span(day_at, day_at + DAY_S * SECOND)
            timed("a day", lambda span=day_span: playback.coverage("cam-3", span, clock.now()))
            at = day_at + 12 * 3600 * SECOND
            around = Span(at - 1200 * SECOND, at + 1200 * SECOND)
            timed(
                "journal",
                lambda span=around: database.read_now(lambda c: journal(c, ACTOR, register, span)),
            )
        size_mib = sum(path.stat().st_size for path in folder.glob("index.db*")) / 2**20
        database.close()
    lines = [
        f"{footage:,} fragments, {events:,} sale events, {size_mib:,.0f} MiB of database.",
        "",
        "| | p50 ms | p99 ms | p50 ratio to plain SQL |",
        "|---|---|---|---|",
    ]
    base = rank(taken["plain SQL"], 0.5)
    for what, values in taken.items():
        middle = rank(values, 0.5)
        lines.append(f"| {what} | {middle:.2f} | {rank(values, 0.99):.2f} | {middle / base:.1f} |")
    print("\n".join(lines))
    if given.write:
        RESULTS.write_text(
            f"# How fast a sale's video opens\n\n{__doc__}\n{given.rounds} sales; {machine()}.\n\n"
            + "\n".join(lines)
            + "\n"
        )


def _first(playback: Playback, plan: Any) -> list[bytes]:
    """Return the head and the first megabyte of footage."""
    parts = playback.read(plan)
    found = [next(parts), next(parts)]
    parts.close()  # type: ignore[attr-defined]  # a generator
    return found


def plain(database: Database, event: str, camera: str) -> None:
    """Do the least that finds the place of a sale's video, with no clock, no cut and nobody's rights."""

    def read(connection: sa.Connection) -> None:
        at = connection.exec_driver_sql(
            "SELECT occurred_at FROM sale_events WHERE event_id = ?", (event,)
        ).scalar_one()
        connection.exec_driver_sql(
            "SELECT segment, offset FROM fragments WHERE camera = ? AND start_at <= ?"
            " ORDER BY start_at DESC LIMIT 1",
            (camera, at),
        ).one()

    database.read_now(read)


if __name__ == "__main__":
    main()
