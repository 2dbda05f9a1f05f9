"""A whole server with tills, hands, an attendant and a viewer, for ``benchmarks/process_kills.py``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from stories.running_shop import a_move, children_of, part_of
from tenban.base.clock import Instant, SystemClock
from tenban.db.database import Database
from tenban.server.settings import ServeSettings
from tenban.simulator.barcode import Stamp
from tenban.simulator.encoder import stamped_picture
from tenban.vision.queries import add_observations
from tills import event, item

PASSWORD = "benchmark-password"  # of a server that lives some minutes
TOKEN = "tnb_register_kills_{}"  # as above
PATIENCE_S = 180.0


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
        """What its processes share."""
        return ServeSettings(self.folder / "tenban.toml", self.folder / "data", self.database_url)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def where(self) -> list[str]:
        """Options that tell a command where its data are."""
        given = ["--data", str(self.folder / "data")]
        return given + (["--database", self.database_url] if self.database_url else [])

    def start(self) -> None:
        """Start it, and wait for nothing."""
        command = [sys.executable, "-m", "tenban", "serve", "--config", str(self.folder / "tenban.toml")]
        accounts = str(self.folder / "accounts.json")
        command += [*self.where, "--port", str(self.port), "--demo-accounts", accounts]
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log)

    def pids(self) -> dict[str, int]:
        """Return the processes of its parts."""
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
        """Tell whether the web process answers."""
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
    listening: threading.Event = field(default_factory=threading.Event)
    answered: set[str] = field(default_factory=set)
    sent_again: int = 0
    briefs: set[str] = field(default_factory=set)
    notices: Counter[str] = field(default_factory=Counter)
    viewings: int = 0
    pictures: int = 0
    faults: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Let everybody come, whoever listens first."""
        jobs = [self._listen, self._look, *(lambda n=n: self._ring(n) for n in range(1, self.lanes + 1))]
        for job in jobs:
            threading.Thread(target=self._guard, args=(job,), daemon=True).start()
            assert self.listening.wait(60)

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
                # A sale that has begun is paid: an open one would have findings as long as the film goes on.
                if self.stop.wait(0.4):
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
        seen = a_move(f"cam-{lane}", now_at)
        self.database.write_now(lambda c: add_observations(c, f"lane-{lane}", [seen], now_at))

    def signed_in(self) -> httpx.Client | None:
        """Return a client that is signed in as the attendant, or None where that fails just now."""
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
                self.listening.set()
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
