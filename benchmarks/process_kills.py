"""A whole server under load, and one of its processes killed with SIGKILL, again and again.

``tenban serve`` records and watches a few lanes over RTSP. Tills post sale events (and send again what was not
answered), items go into bags unregistered so that incidents, briefs and clips are made, an attendant listens for
notices, and somebody looks at a camera live. Then one process is chosen at random (web, recorder, watcher, jobs;
now and then the parent, and with it all) and killed at a random moment.

After each kill:

    back        until the part does its work again: the web process answers, every camera's index grows, the
                watcher gives a picture taken after the kill, the jobs process takes requests
    lost        footage from the end of what is left to the kill, per camera; what was not recorded while the
                recorder was away is shown apart (``away``: kill to next picture)
    missing     fragments the index had announced just before: rows that are gone, files too short
    events      sale events that were answered (stored or duplicate) and are not there

At the end every announced brief must be there with its clip, every answered event exactly once, every answered
viewing in the audit log; no camera may have a hole that no kill explains; ``tenban audit verify`` and ``tenban
check --deep`` have the last word.

Run: PYTHONPATH=tests python benchmarks/process_kills.py [--kills 100] [--lanes 3] [--database URL] [--write]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
import sqlalchemy as sa
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from stories.running_shop import children_of, free_port, part_of
from tenban.access.tables import audit
from tenban.base.clock import SECOND, Instant, SystemClock
from tenban.base.errors import TenbanError
from tenban.db.database import Database
from tenban.incidents.tables import incidents
from tenban.pos.tables import sale_events
from tenban.server.audit import prove_database
from tenban.server.settings import ServeSettings
from tenban.simulator.barcode import Stamp
from tenban.simulator.cameras import FileCamera
from tenban.simulator.encoder import stamped_picture
from tenban.simulator.rtsp import RtspServer
from tenban.video.queries import FootageIndex
from tenban.video.stills import ask_still
from tenban.video.tables import fragments, segments
from tenban.vision.model import Observation
from tenban.vision.queries import add_observations
from tills import event, item

RESULTS = Path(__file__).parent / "results" / "process-kills.md"
PARTS = ("web", "recorder", "watcher", "jobs")
PASSWORD = "benchmark-password"
TOKEN = "tnb_register_kills_{}"
PATIENCE_S = 180.0
HOLE_US = SECOND // 5
"""Pictures further apart than this are a hole in the footage."""


def make_film(path: Path) -> None:
    """Write ten seconds of a stamped picture, a keyframe each second."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = Fraction(1, 15)
        limits = "keyint=15:min-keyint=15:scenecut=0:threads=1"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "23", "x264-params": limits}
        for number in range(150):
            picture = stamped_picture(320, 180, Stamp(number, 0))
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def written_down(rtsp: int, lanes: int, *, sealed: bool) -> str:
    shop = f"""
[company]
name = "Kills"

[network]
allow = ["127.0.0.1"]

[[shop]]
id = "demo"
name = "Kills"
timezone = "Asia/Tokyo"
sealing.footage = {str(sealed).lower()}

[[shop.group]]
id = "front"
name = "Front"
"""
    lane = """
[[shop.camera]]
id = "cam-{n}"
name = "Lane {n}"
url = "rtsp://127.0.0.1:{rtsp}/lane-{n}"

[[shop.register]]
id = "lane-{n}"
name = "{n}"
kind = "self"
group = "front"

[[shop.register.view]]
camera = "cam-{n}"
detector = "motion"

[[shop.register.view.zone]]
role = "basket"
polygon = [[0.0, 0.2], [0.3, 0.2], [0.3, 0.9], [0.0, 0.9]]

[[shop.register.view.zone]]
role = "bagging"
polygon = [[0.6, 0.2], [1.0, 0.2], [1.0, 0.9], [0.6, 0.9]]
"""
    return shop + "".join(lane.format(n=n, rtsp=rtsp) for n in range(1, lanes + 1))


@dataclass
class Server:
    """``tenban serve`` in a folder of its own."""

    folder: Path
    port: int
    database_url: str | None
    process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> ServeSettings:
        return ServeSettings(self.folder / "tenban.toml", self.folder / "data", self.database_url)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def where(self) -> list[str]:
        given = ["--data", str(self.folder / "data")]
        return given + (["--database", self.database_url] if self.database_url else [])

    def start(self) -> None:
        command = [sys.executable, "-m", "tenban", "serve", "--config", str(self.folder / "tenban.toml")]
        command += [
            *self.where,
            "--port",
            str(self.port),
            "--demo-accounts",
            str(self.folder / "accounts.json"),
        ]
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log)

    def pids(self) -> dict[str, int]:
        assert self.process is not None
        found = {}
        with suppress(OSError):
            for pid in children_of(self.process.pid):
                with suppress(OSError):
                    found[part_of(pid)] = pid
        return found

    def kill(self, part: str) -> Instant:
        """Kill a part, or the parent; return when."""
        assert self.process is not None
        if part == "parent":
            left = list(self.pids().values())
            killed_at = SystemClock().now()
            self.process.kill()
            self.process.wait()
            wait_for("its parts to end", lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))
            self.start()
            return killed_at
        pid = self.pids()[part]
        killed_at = SystemClock().now()
        os.kill(pid, signal.SIGKILL)
        wait_for("the kill", lambda: self.pids().get(part) != pid)
        return killed_at

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False


def wait_for(what: str, condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    give_up_s = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > give_up_s:
            raise TimeoutError(f"{what} did not come within {patience_s:.0f} s")
        time.sleep(0.02)


@dataclass
class Load:
    """What people, tills and hands do meanwhile, on threads; and what they were told."""

    server: Server
    database: Database
    lanes: int
    closing: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    answered: set[str] = field(default_factory=set)
    sent_again: int = 0
    briefs: set[str] = field(default_factory=set)
    notices: Counter[str] = field(default_factory=Counter)
    viewings: int = 0
    pictures: int = 0
    faults: list[str] = field(default_factory=list)

    def start(self) -> None:
        jobs = [self._listen, self._look, *(lambda n=n: self._ring(n) for n in range(1, self.lanes + 1))]
        for job in jobs:
            threading.Thread(target=self._guard, args=(job,), daemon=True).start()

    def _guard(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {error}")
            raise

    def _ring(self, lane: int) -> None:
        """Ring sale after sale; into each second bag goes something that was not registered."""
        client = httpx.Client(base_url=self.server.url, timeout=5)
        client.headers["Authorization"] = f"Bearer {TOKEN.format(lane)}"
        number = 0
        while not self.closing.wait(0.5):
            number += 1
            now_at = SystemClock().now()
            sale = f"{lane}-{now_at}"
            steps: list[tuple[str, dict[str, Any]]] = [("sale_started", {})]
            steps += [("item_registered", {"item": item("1")})] if number % 2 else []
            steps += [("payment_started", {"total": 198}), ("paid", {"total": 198, "payments": []})]
            for seq, (kind, more) in enumerate(steps, 1):
                told = event(
                    kind,
                    register=f"lane-{lane}",
                    sale=sale,
                    seq=seq,
                    rung_at=SystemClock().now(),
                    **more,
                )
                self._post(client, told)
                if kind == "sale_started" and number % 2 == 0:
                    self._move(lane)
                if self.closing.wait(0.4):
                    return

    def _post(self, client: httpx.Client, told: dict[str, Any]) -> None:
        while not self.stop.is_set():
            try:
                answer = client.post("/api/v1/sale-events", json=[told])
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code == 200:
                result = answer.json()["results"][0]
                if result["status"] in {"stored", "duplicate"}:
                    self.answered.add(told["event_id"])
                else:
                    self.faults.append(f"a sale event was refused: {result}")
                return
            self.sent_again += 1
            self.stop.wait(0.2)

    def _move(self, lane: int) -> None:
        """Write down, as the watcher would, that an item went into the bag just now."""
        now_at = SystemClock().now()
        seen = Observation(
            kind="item_moved",
            camera=f"cam-{lane}",
            started_at=now_at - 2 * SECOND,
            at=now_at,
            proven_at=now_at,
            confidence=0.9,
            from_zone="basket",
            to_zone="bagging",
            box=(0.7, 0.3, 0.8, 0.4),
            left_box=(0.1, 0.3, 0.2, 0.4),
        )
        self.database.write_now(lambda c: add_observations(c, f"lane-{lane}", [seen], now_at))

    def signed_in(self) -> httpx.Client | None:
        client = httpx.Client(base_url=self.server.url, timeout=10)
        with suppress(httpx.HTTPError):
            answer = client.post("/api/v1/session", json={"name": "attendant", "password": PASSWORD})
            if answer.status_code == 204:
                return client
        client.close()
        return None

    def _person(self) -> httpx.Client | None:
        while not self.stop.wait(0.2):
            client = self.signed_in()
            if client is not None:
                return client
        return None

    def _listen(self) -> None:
        """Hear every notice, going on after the last one that was heard."""
        client, last = self._person(), ""
        while client is not None and not self.stop.wait(0.1):
            headers = {"Last-Event-ID": last} if last else {}
            with (
                suppress(httpx.HTTPError),
                client.stream("GET", "/api/v1/watch/stream", headers=headers, timeout=30) as lines,
            ):
                for line in lines.iter_lines():
                    if line.startswith("id: "):
                        last = line[4:]
                    elif line.startswith("data: "):
                        self._heard(json.loads(line[6:]))
                    if self.stop.is_set():
                        return

    def _heard(self, told: dict[str, Any]) -> None:
        kind = told.get("kind")
        if kind is None:
            return
        self.notices[kind] += 1
        if kind == "brief":
            self.briefs.add(told["incident"]["id"])

    def _look(self) -> None:
        """Look at one camera after the other, live."""
        client, number = self._person(), 0
        while client is not None and not self.stop.wait(0.3):
            number += 1
            camera = f"cam-{number % self.lanes + 1}"
            with suppress(httpx.HTTPError, WebSocketException, OSError, TimeoutError):
                begun = client.post(f"/api/v1/live/cameras/{camera}")
                if begun.status_code >= 300:
                    continue
                self.viewings += 1
                self._watch(client, begun.json()["viewing"], camera)
                client.delete(f"/api/v1/live/{begun.json()['viewing']}")

    def _watch(self, client: httpx.Client, viewing: str, camera: str) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        address = f"{self.server.url.replace('http', 'ws')}/api/v1/live/{viewing}/stream?camera={camera}"
        headers = {"cookie": cookie, "origin": self.server.url}
        with connect(address, additional_headers=headers, max_size=None) as link:
            until_s = time.monotonic() + 8
            while time.monotonic() < until_s and not self.stop.is_set():
                message = link.recv(timeout=5)
                if isinstance(message, bytes):
                    self.pictures += 1
                    link.send(json.dumps({"have": int.from_bytes(message[4:8], "big")}))


@dataclass
class Kill:
    part: str
    at: Instant
    back_s: float = 0.0
    lost_s: list[float] = field(default_factory=list)
    missing: int = 0
    events: int = 0


@dataclass
class Judge:
    """Looks into the database and the files, as nobody of the product."""

    server: Server
    database: Database
    cameras: list[str]

    def announced(self) -> set[tuple[str, int, int]]:
        query = sa.select(fragments.c.segment, fragments.c.offset, fragments.c.length)
        return self.database.read_now(lambda c: {tuple(row) for row in c.execute(query)})

    def missing(self, told: set[tuple[str, int, int]]) -> int:
        """Count announced fragments that have no row, or whose file is too short."""
        gone = told - self.announced()
        ends: dict[str, int] = defaultdict(int)
        for segment, offset, length in told - gone:
            ends[segment] = max(ends[segment], offset + length)
        query = sa.select(segments.c.id, segments.c.path)
        paths = dict(self.database.read_now(lambda c: [tuple(row) for row in c.execute(query)]))
        root = self.server.folder / "data" / "footage"
        short = [
            one
            for one, end in ends.items()
            if not (f := root / paths[one]).exists() or f.stat().st_size < end
        ]
        return len(gone) + len(short)

    def events(self) -> Counter[str]:
        query = sa.select(sale_events.c.event_id)
        return self.database.read_now(lambda c: Counter(c.scalars(query)))

    def spans(self, camera: str) -> list[tuple[Instant, Instant]]:
        query = sa.select(fragments.c.start_at, fragments.c.end_at).where(fragments.c.camera == camera)
        ordered = query.order_by(fragments.c.start_at)
        return self.database.read_now(lambda c: [(row[0], row[1]) for row in c.execute(ordered)])

    def lost_s(self, camera: str, killed_at: Instant) -> float:
        """Return the seconds from the end of what is left from before a kill to the kill."""
        before = [end_at for start_at, end_at in self.spans(camera) if start_at < killed_at]
        return max(0.0, (killed_at - max(before, default=killed_at)) / SECOND)

    def holes(self, camera: str) -> list[tuple[Instant, Instant]]:
        found, until_at = [], None
        for start_at, end_at in self.spans(camera):
            if until_at is not None and start_at - until_at > HOLE_US:
                found.append((until_at, start_at))
            until_at = end_at if until_at is None else max(until_at, end_at)
        return found

    def is_back(self, part: str, killed_at: Instant) -> bool:
        if part == "web":
            return self.server.answers()
        if part == "recorder":
            index = FootageIndex(self.database)
            return all((index.recorded_until(one) or 0) > killed_at for one in self.cameras)
        if part == "watcher":
            return all(self._seen_at(one) > killed_at for one in self.cameras)
        if part == "jobs":
            with socket.socket(socket.AF_UNIX) as link:
                return link.connect_ex(str(self.server.settings.pictures_socket)) == 0
        return all(self.is_back(one, killed_at) for one in PARTS)

    def _seen_at(self, camera: str) -> Instant:
        try:
            still = asyncio.run(ask_still(self.server.settings.stills_socket, camera, SystemClock().now()))
        except TenbanError:
            return 0
        return still.captured_at


def a_kill(server: Server, judge: Judge, load: Load, part: str) -> Kill:
    told, answered = judge.announced(), set(load.answered)
    began_s = time.monotonic()
    kill = Kill(part, server.kill(part))
    wait_for(f"{part} after kill -9", lambda: judge.is_back(part, kill.at))
    kill.back_s = time.monotonic() - began_s
    if part in {"recorder", "parent"}:
        kill.lost_s = [judge.lost_s(camera, kill.at) for camera in judge.cameras]
    kill.missing = judge.missing(told)
    kill.events = len(answered - judge.events().keys())
    return kill


def explained(hole: tuple[Instant, Instant], kills: list[Kill]) -> Kill | None:
    inside = (one for one in kills if hole[0] - HOLE_US <= one.at <= hole[1])
    return next((one for one in inside if one.part in {"recorder", "parent"}), None)


def last_words(server: Server, judge: Judge, load: Load, kills: list[Kill]) -> tuple[list[str], list[str]]:
    """Return what is to be said at the end, and what is wrong."""
    said, wrong = [], list(load.faults)
    there = judge.events()
    doubled = sum(count > 1 for count in there.values())
    lost = len(load.answered - there.keys())
    said.append(f"{len(load.answered)} sale events answered ({load.sent_again} times sent again)")
    wrong += [f"{lost} answered sale events are missing"] if lost else []
    wrong += [f"{doubled} sale events are there more than once"] if doubled else []
    cards = clips_of(server, load)
    query = sa.select(incidents.c.id)
    known = judge.database.read_now(lambda c: set(c.scalars(query)))
    unheard = len(known - load.briefs)
    gone = len(load.briefs - known)
    states = Counter(card["clip"]["state"] if card else "gone" for card in cards.values())
    said.append(f"{len(load.briefs)} briefs announced ({dict(load.notices)} heard), clips {dict(states)}")
    wrong += [f"{gone} announced briefs are missing"] if gone else []
    wrong += [f"{unheard} incidents were never heard of"] if unheard else []
    wrong += [f"{count} clips are {state}" for state, count in states.items() if state != "ready"]
    opened = sa.select(sa.func.count()).where(audit.c.event == "media:live:opened")
    rows = judge.database.read_now(lambda c: c.scalar(opened)) or 0
    said.append(f"{load.viewings} viewings answered, {rows} written down, {load.pictures} pictures seen")
    wrong += [f"{load.viewings - rows} viewings were not written down"] if rows < load.viewings else []
    away: list[float] = []
    for camera in judge.cameras:
        for hole in judge.holes(camera):
            kill = explained(hole, kills)
            if kill is None:
                wrong.append(f"{camera} has a hole of {(hole[1] - hole[0]) / SECOND:.2f} s no kill explains")
            else:
                away.append((hole[1] - kill.at) / SECOND)
    away.sort()
    if away:
        said.append(
            f"not recorded while the recorder was away: {away[len(away) // 2]:.2f} s median, {away[-1]:.2f} s most"
        )
    return said, wrong


def clips_of(server: Server, load: Load) -> dict[str, Any]:
    """Wait until no clip is pending any more; return the cards of all announced briefs."""
    client = load.signed_in()
    assert client is not None
    cards: dict[str, Any] = {}

    def settled() -> bool:
        for one in load.briefs:
            if one not in cards or cards[one]["clip"]["state"] == "pending":
                answer = client.get(f"/api/v1/incidents/{one}")
                cards[one] = answer.json() if answer.status_code == 200 else None
        return all(card is None or card["clip"]["state"] != "pending" for card in cards.values())

    with suppress(TimeoutError):
        wait_for("the clips", settled, 120)
    return cards


def verdicts(server: Server) -> tuple[list[str], list[str]]:
    """Return what ``tenban audit verify`` and ``tenban check --deep`` say, and what is wrong of it."""
    said, wrong = [], []
    config = ["--config", str(server.folder / "tenban.toml")]
    for command in (["audit", "verify", *server.where], ["check", *config, *server.where, "--deep"]):
        done = subprocess.run(
            [sys.executable, "-m", "tenban", *command], capture_output=True, text=True, check=False
        )
        last = (done.stdout.strip() or done.stderr.strip()).splitlines()[-1]
        said.append(f"tenban {command[0]} {'verify' if command[0] == 'audit' else '--deep'}: {last}")
        wrong += [f"{command[0]}: {done.stdout or done.stderr}"] if done.returncode else []
    return said, wrong


def table(kills: list[Kill]) -> list[str]:
    lines = [
        "| killed | times | back s, median | most | footage lost s, median | p99 | most | announced and missing | events missing |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for part in (*PARTS, "parent"):
        of_part = [one for one in kills if one.part == part]
        if not of_part:
            continue
        back = sorted(one.back_s for one in of_part)
        lost = sorted(s for one in of_part for s in one.lost_s)
        text = "0 | 0 | 0"
        if lost:
            text = f"{lost[len(lost) // 2]:.2f} | {lost[int(len(lost) * 0.99)]:.2f} | {lost[-1]:.2f}"
        lines.append(
            f"| {part} | {len(of_part)} | {back[len(back) // 2]:.2f} | {back[-1]:.2f} | {text} "
            f"| {sum(one.missing for one in of_part)} | {sum(one.events for one in of_part)} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--lanes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sealed", action="store_true", help="footage is sealed")
    parser.add_argument("--database", help="URL of an empty PostgreSQL database; SQLite if left out")
    parser.add_argument("--keep", type=Path, help="leave everything in this folder")
    parser.add_argument("--write", action="store_true", help="write the results page")
    given = parser.parse_args()
    chance = random.Random(given.seed)  # noqa: S311  # the same parts each time
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        film = folder / "film.mp4"
        make_film(film)
        rtsp = RtspServer()
        port = rtsp.start()
        cameras = [FileCamera(rtsp, f"lane-{n}", film) for n in range(1, given.lanes + 1)]
        for camera in cameras:
            camera.start()
        (folder / "tenban.toml").write_text(written_down(port, given.lanes, sealed=given.sealed))
        tokens = [
            {"kind": "register", "register": f"lane-{n}", "shop": "demo", "token": TOKEN.format(n)}
            for n in range(1, given.lanes + 1)
        ]
        person = {"name": "attendant", "password": PASSWORD, "roles": ["attendant"], "shop": "demo"}
        (folder / "accounts.json").write_text(json.dumps({"people": [person], "tokens": tokens}))
        server = Server(folder, free_port(), given.database)
        server.start()
        try:
            lines = run(server, [f"cam-{n}" for n in range(1, given.lanes + 1)], given.kills, chance)
        finally:
            if server.process is not None:
                server.process.terminate()
                server.process.wait(30)
            for camera in cameras:
                camera.stop()
            rtsp.stop()
    head = (
        f"{given.lanes} lanes of 15 pictures a second, a keyframe each second, "
        f"{'PostgreSQL' if given.database else 'SQLite'}, footage {'sealed' if given.sealed else 'plain'}; "
        f"{os.cpu_count()} cores, load average {os.getloadavg()[1]:.1f} with whatever else the machine did"
    )
    print("\n".join([head, "", *lines]))
    if given.write:
        text = f"# Processes killed under load\n\n{__doc__}\n{head}.\n\n" + "\n".join(lines) + "\n"
        RESULTS.write_text(text, encoding="utf-8")


def run(server: Server, cameras: list[str], count: int, chance: random.Random) -> list[str]:
    wait_for("the server", server.answers)
    database = Database(server.settings.database_url)
    judge = Judge(server, database, cameras)
    wait_for("all parts", lambda: judge.is_back("parent", 0))
    load = Load(server, database, len(cameras))
    load.start()
    time.sleep(10)
    kills: list[Kill] = []
    wrong: list[str] = []
    for number in range(1, count + 1):
        time.sleep(chance.uniform(0.2, 4.0))
        part = chance.choice([*PARTS * 3, "parent"])
        kills.append(a_kill(server, judge, load, part))
        if number % 10 == 0 or number == count:
            fault = prove_database(server.settings, []).fault
            wrong += [f"the audit log after {number} kills: {fault.what}"] if fault else []
            longest = max((s for one in kills for s in one.lost_s), default=0)
            print(f"{number} kills, longest loss {longest:.2f} s", file=sys.stderr, flush=True)
    # The tills close first, so that whatever they set going is heard of.
    load.closing.set()
    time.sleep(10)
    load.stop.set()
    said, faults = last_words(server, judge, load, kills)
    database.close()
    more, bad = verdicts(server)
    wrong += faults + bad
    return [
        *table(kills),
        "",
        *(f"- {one}" for one in said + more),
        *(f"- **wrong: {one}**" for one in wrong),
    ]


if __name__ == "__main__":
    main()
