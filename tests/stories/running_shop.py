"""A shop that really runs: simulated cameras over RTSP, ``tenban serve`` in processes, HTTP from outside."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tenban.base.clock import SECOND, Instant, SystemClock
from tenban.simulator.cameras import FileCamera
from tenban.simulator.clip import START_AT, Studio
from tenban.simulator.rtp import VideoPacket
from tenban.simulator.rtsp import RtspServer
from tenban.simulator.sale_events import sale_events
from tenban.vision.model import Observation

TILL_TOKEN = "tnb_register_story"
PASSWORD = "story-password"
START_PATIENCE_S = 180


class SceneCamera(FileCamera):
    """A camera that shows the film's first second over and over, until the scene begins; then the film."""

    def __init__(self, server: RtspServer, name: str, path: Path) -> None:
        super().__init__(server, name, path)
        keyframes = [number for number, unit in enumerate(self._units) if unit[3]]
        self._opening = self._units[: keyframes[1]]
        self._opening_us = self._units[keyframes[1]][0]
        self._begins = threading.Event()
        self._began = threading.Event()
        self._began_at = 0

    def begin(self) -> int:
        """Begin the scene; return the instant of the film's first picture."""
        self._begins.set()
        assert self._began.wait(60)
        return self._began_at

    def _run(self) -> None:
        start_at = self._clock.now()
        while not self._begins.is_set():
            if not self._play(self._opening, start_at):
                return
            start_at += self._opening_us
        self._began_at = start_at
        self._began.set()
        while self._play(self._units, start_at):
            start_at += self._length_us

    def _play(self, units: list[tuple[int, int, bytes, bool]], start_at: int) -> bool:
        for sent_us, shown_us, data, keyframe in units:
            if not self._wait_until(start_at + sent_us):
                return False
            self._server.push(self._name, VideoPacket(data, start_at + shown_us, keyframe))
        return True


@dataclass
class RunningShop:
    """One lane, one camera, one attendant.

    Attributes:
        base_url: of the web process.
        data_dir: where the product keeps everything.
        camera: shows an empty lane until the story lets the scene begin.
    """

    folder: Path
    data_dir: Path
    base_url: str
    camera: SceneCamera
    cameras: RtspServer
    process: subprocess.Popen[bytes] | None = None
    arguments: list[str] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)
    signed_in: httpx.Client | None = None

    def start(self) -> None:
        """Start the product and wait until it answers."""
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tenban", "serve", *self.arguments], stderr=log, stdout=log
            )
        give_up_s = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < give_up_s:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.base_url}/healthz", timeout=1).status_code == 200:
                    return
            assert self.process.poll() is None, (self.folder / "serve.log").read_text()
            time.sleep(0.1)
        raise AssertionError((self.folder / "serve.log").read_text())

    def stop(self) -> None:
        """Stop the product as a person would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(20) == 0, (self.folder / "serve.log").read_text()
            self.process = None

    def kill(self) -> None:
        """Kill the product without warning; returns once its parts have noticed and nobody answers."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(httpx.ConnectError):
            while httpx.get(f"{self.base_url}/healthz", timeout=1):
                time.sleep(0.1)

    def kill_part(self, name: str) -> None:
        """Kill one part without warning; the supervisor starts it again."""
        assert self.process is not None
        for pid in children_of(self.process.pid):
            if part_of(pid) == name:
                os.kill(pid, signal.SIGKILL)

    def anybody(self) -> httpx.Client:
        """Return the client of the attendant who signed in first."""
        return self.signed_in or self.attendant()

    def attendant(self) -> httpx.Client:
        """Return a client that is signed in as the attendant."""
        client = self._client()
        answer = client.post("/api/v1/session", json={"name": "attendant", "password": PASSWORD})
        assert answer.status_code == 204, answer.text
        self.signed_in = self.signed_in or client
        return client

    def till(self) -> httpx.Client:
        """Return a client that speaks for lane-1's till."""
        return self._client({"Authorization": f"Bearer {TILL_TOKEN}"})

    def stranger(self) -> httpx.Client:
        """Return a client that nobody knows."""
        return self._client()

    def _client(self, headers: dict[str, str] | None = None) -> httpx.Client:
        client = httpx.Client(base_url=self.base_url, headers=headers, timeout=20)
        self.clients.append(client)
        return client

    def wait_until(self, what: str, condition: Any, *, patience_s: float = 90.0) -> Any:
        """Return what the condition returns, as soon as that is true."""
        give_up_s = time.monotonic() + patience_s
        while time.monotonic() < give_up_s:
            found = condition()
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"{what} did not come\n" + (self.folder / "serve.log").read_text()[-4000:])


def part_of(pid: int) -> str:
    """Return which part of the server a process runs."""
    return Path(f"/proc/{pid}/comm").read_text().strip().removeprefix("tenban-")


def children_of(pid: int) -> list[int]:
    """Return the pids of a process's children."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_move(camera: str, at: Instant) -> Observation:
    """What the watcher would write down when an item goes into the bag just now."""
    return Observation(
        kind="item_moved",
        camera=camera,
        started_at=at - 2 * SECOND,
        at=at,
        proven_at=at,
        confidence=0.9,
        from_zone="basket",
        to_zone="bagging",
        box=(0.7, 0.3, 0.8, 0.4),
        left_box=(0.1, 0.3, 0.2, 0.4),
    )


def film(folder: Path, *, seed: int, behaviours: tuple[str, ...]) -> tuple[Path, Any, Any]:
    """Film a sale and return the film, its script and its truth."""
    studio = Studio(width=640, height=360, fps=15)
    path = folder / "sale.mp4"
    truth = studio.render_clip(seed=seed, path=path, behaviours=behaviours)
    return path, studio.sale(seed, behaviours=behaviours).script, truth


@contextlib.contextmanager
def running_shop(
    folder: Path,
    movie: Path,
    *,
    database: str | None = None,
    detector: str = "motion",
    sealed: bool = False,
    small: bool = False,
) -> Iterator[RunningShop]:
    """Set the shop up, its camera showing an empty lane, and start the product.

    ``small``: the camera has a second stream, which is watched; it shows the empty lane only.
    """
    cameras = RtspServer()
    rtsp_port = cameras.start()
    camera = SceneCamera(cameras, "lane-1", movie)
    second = [SceneCamera(cameras, "lane-1-small", movie)] if small else []
    zones = json.loads(movie.with_suffix(".zones.json").read_text())["zones"]
    config = folder / "tenban.toml"
    config.write_text(_toml(rtsp_port, zones, detector, sealed=sealed, small=small), encoding="utf-8")
    accounts = folder / "accounts.json"
    accounts.write_text(
        json.dumps(
            {
                "people": [
                    {"name": "attendant", "password": PASSWORD, "roles": ["attendant"], "shop": "demo"}
                ],
                "tokens": [{"kind": "register", "register": "lane-1", "shop": "demo", "token": TILL_TOKEN}],
            }
        )
    )
    port = free_port()
    arguments = ["--config", str(config), "--data", str(folder / "data"), "--port", str(port)]
    arguments += ["--demo-accounts", str(accounts)]
    if database:
        arguments += ["--database", database]
    shop = RunningShop(
        folder, folder / "data", f"http://127.0.0.1:{port}", camera, cameras, arguments=arguments
    )
    for one in [camera, *second]:
        one.start()
    try:
        shop.start()
        yield shop
        shop.stop()
    finally:
        for client in shop.clients:
            client.close()
        if shop.process is not None:
            shop.process.kill()
            shop.process.wait()
        for one in [camera, *second]:
            one.stop()
        cameras.stop()


def post_as_rung(till: httpx.Client, script: Any, *, start_at: int, until_s: float = 1e9) -> None:
    """Post the events of a sale at the moments at which they are rung."""
    clock = SystemClock()
    events = sale_events(script, register="lane-1", sale="story-1", start_at=start_at)
    for event, planned in zip(events, script.events, strict=True):
        if planned.at_s > until_s:
            return
        wait_s = (start_at - clock.now()) / 1e6 + planned.at_s
        if wait_s > 0:
            time.sleep(wait_s)
        answer = till.post("/api/v1/sale-events", json=[event])
        assert answer.status_code == 200, answer.text
        assert answer.json()["results"][0]["status"] == "stored", answer.text


def _toml(rtsp_port: int, zones: list[dict[str, Any]], detector: str, *, sealed: bool, small: bool) -> str:
    sub = f'sub = "rtsp://127.0.0.1:{rtsp_port}/lane-1-small"' if small else ""
    drawn = "\n".join(
        f'[[shop.register.view.zone]]\nrole = "{zone["role"]}"\npolygon = {zone["polygon"]}' for zone in zones
    )
    return f"""
[company]
name = "Story"

[network]
allow = ["127.0.0.1"]

[[shop]]
id = "demo"
name = "Story shop"
timezone = "Asia/Tokyo"
sealing.footage = {str(sealed).lower()}

[[shop.group]]
id = "front"
name = "Front"

[[shop.camera]]
id = "cam-1"
name = "Lane 1"
url = "rtsp://127.0.0.1:{rtsp_port}/lane-1"
{sub}

[[shop.register]]
id = "lane-1"
name = "1"
kind = "self"
group = "front"

[[shop.register.view]]
camera = "cam-1"
detector = "{detector}"
{drawn}
"""


__all__ = ["START_AT", "RunningShop", "film", "free_port", "post_as_rung", "running_shop"]
