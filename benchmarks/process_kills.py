"""A whole server under load, and one of its processes killed with SIGKILL, again and again.

``tenban serve`` records and watches a few lanes over RTSP. Tills post sale events (and send again what was
not answered), items go into bags unregistered so that incidents, briefs and clips are made, an attendant
listens for notices, and somebody looks at a camera live. Then one process is chosen at random (web, recorder,
watcher, jobs; now and then the parent, and with it all) and killed at a random moment.

After each kill:

    back        until the part does its work again: the web process answers, every camera's index grows, the
                watcher gives a picture taken after the kill, the jobs process takes requests
    lost        footage from the end of what is left to the kill, per camera; what was not recorded while the
                recorder was away is told apart. Parts whose parent is killed end in order and keep all.
    missing     fragments the index had announced just before: rows that are gone, files too short
    events      sale events that were answered (stored or duplicate) and are not there

At the end every announced brief must be there with its clip, every answered event exactly once, every
answered viewing in the audit log; no camera may have a hole that no kill explains; ``tenban audit verify``
and ``tenban check --deep`` have the last word.

Run: PYTHONPATH=tests python benchmarks/process_kills.py [--kills 100] [--lanes 3] [--database URL] [--write]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from stories.loaded_shop import PASSWORD, TOKEN, Load, Server, make_film, wait_for, written_down
from stories.running_shop import free_port
from tenban.access.tables import audit
from tenban.base.clock import SECOND, Instant, SystemClock
from tenban.base.errors import TenbanError
from tenban.db.database import Database
from tenban.incidents.tables import incidents
from tenban.pos.tables import sale_events
from tenban.server.audit import prove_database
from tenban.simulator.cameras import FileCamera
from tenban.simulator.rtsp import RtspServer
from tenban.video.queries import FootageIndex
from tenban.video.stills import ask_still
from tenban.video.tables import fragments, segments

RESULTS = Path(__file__).parent / "results" / "process-kills.md"
PARTS = ("web", "recorder", "watcher", "jobs")
HOLE_US = SECOND // 5
"""Pictures further apart than this are a hole in the footage."""


@dataclass
class Kill:
    """One kill and what it cost."""

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
        """Return every fragment the index tells of."""
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
        files = {root / paths[one]: end for one, end in ends.items()}
        short = [one for one, end in files.items() if not one.exists() or one.stat().st_size < end]
        return len(gone) + len(short)

    def events(self) -> Counter[str]:
        """Count the sale events by id."""
        query = sa.select(sale_events.c.event_id)
        return self.database.read_now(lambda c: Counter(c.scalars(query)))

    def spans(self, camera: str) -> list[tuple[Instant, Instant]]:
        """Return what each fragment of a camera shows, in order."""
        query = sa.select(fragments.c.start_at, fragments.c.end_at).where(fragments.c.camera == camera)
        ordered = query.order_by(fragments.c.start_at)
        return self.database.read_now(lambda c: [(row[0], row[1]) for row in c.execute(ordered)])

    def lost_s(self, camera: str, killed_at: Instant) -> float:
        """Return the seconds from the end of what is left from before a kill to the kill."""
        before = [end_at for start_at, end_at in self.spans(camera) if start_at < killed_at]
        return max(0.0, (killed_at - max(before, default=killed_at)) / SECOND)

    def holes(self, camera: str) -> list[tuple[Instant, Instant]]:
        """Return what is missing between a camera's fragments."""
        found, until_at = [], None
        for start_at, end_at in self.spans(camera):
            if until_at is not None and start_at - until_at > HOLE_US:
                found.append((until_at, start_at))
            until_at = end_at if until_at is None else max(until_at, end_at)
        return found

    def is_back(self, part: str, killed_at: Instant) -> bool:
        """Tell whether a part does its work again."""
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


def last_words(judge: Judge, load: Load, kills: list[Kill]) -> tuple[list[str], list[str]]:
    """Return what is to be said at the end, and what is wrong."""
    said, wrong = [], list(load.faults)
    there = judge.events()
    doubled = sum(count > 1 for count in there.values())
    lost = len(load.answered - there.keys())
    said.append(f"{len(load.answered)} sale events answered ({load.sent_again} times sent again)")
    wrong += [f"{lost} answered sale events are missing"] if lost else []
    wrong += [f"{doubled} sale events are there more than once"] if doubled else []
    cards = clips_of(load)
    query = sa.select(incidents.c.id)
    known = judge.database.read_now(lambda c: set(c.scalars(query)))
    unheard = len(known - load.briefs)
    gone = len(load.briefs - known)
    states = Counter(card["clip"]["state"] if card else "gone" for card in cards.values())
    said.append(f"{len(load.briefs)} briefs announced ({dict(load.notices)} heard), clips {dict(states)}")
    wrong += [f"{gone} announced briefs are missing"] if gone else []
    wrong += [f"{unheard} incidents were never heard of"] if unheard else []
    wrong += [f"{count} clips are {state}" for state, count in states.items() if state != "ready"]
    wrong += [f"not ready: {one}" for one, card in cards.items() if card and card["clip"]["state"] != "ready"]
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
        middle = away[len(away) // 2]
        said.append(f"kill to the first picture after it: {middle:.2f} s median, {away[-1]:.2f} s most")
    return said, wrong


def clips_of(load: Load) -> dict[str, Any]:
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
        (
            "| killed | times | back s, median | most | footage lost s, median | p99 | most "
            "| announced and missing | events missing |"
        ),
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
    if any("**wrong" in line for line in lines):
        raise SystemExit(1)


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
    bag: list[str] = []
    for number in range(1, count + 1):
        time.sleep(chance.uniform(0.2, 4.0))
        if not bag:
            bag = [*PARTS * 3, "parent"]
            chance.shuffle(bag)
        part = bag.pop()
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
    said, faults = last_words(judge, load, kills)
    database.close()
    more, bad = verdicts(server)
    wrong += faults + bad
    told = [f"- {one}" for one in said + more] + [f"- **wrong: {one}**" for one in wrong]
    return [*table(kills), "", *told]


if __name__ == "__main__":
    main()
