"""A real server with two lanes and an installer, for the stories of its settings."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from stories.running_shop import PASSWORD, free_port, part_of
from tenban.simulator.cameras import FileCamera, TestCamera
from tenban.simulator.rtsp import RtspServer

CAMERA_USER, CAMERA_PASSWORD = "admin", "p@ss word"
START_PATIENCE_S = 180

_HEAD = """# Story shop
[company]
name = "Story"

[network]
allow = ["127.0.0.1"]

[[shop]]
id = "demo"
name = "Story shop"
timezone = "Asia/Tokyo"

[[shop.group]]
id = "front"
name = "Front"
"""

_LANE = """
# lane {n}
[[shop.camera]]
id = "cam-{n}"
name = "Camera {n}"
url = "rtsp://127.0.0.1:{port}/lane-{n}"

[[shop.register]]
id = "lane-{n}"
name = "{n}"
kind = "self"
group = "front"

[[shop.register.view]]
camera = "cam-{n}"
"""

_BAGGING = {"role": "bagging", "polygon": [[0.6, 0.2], [0.95, 0.2], [0.95, 0.8], [0.6, 0.8]]}


@dataclass
class SettingsStory:
    """The running server, its file and its cameras.

    Attributes:
        url: of the web process.
        spare: the address of a camera that no lane has; it wants a user name and a password.
    """

    folder: Path
    url: str
    config: Path
    process: subprocess.Popen[bytes]
    spare: str
    clients: list[httpx.Client] = field(default_factory=list)

    def person(self, name: str) -> httpx.Client:
        client = httpx.Client(base_url=self.url, timeout=30)
        self.clients.append(client)
        answer = client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 204, answer.text
        return client

    def wait_until(self, what: str, condition: Callable[[], Any], *, patience_s: float = 30) -> Any:
        give_up_s = time.monotonic() + patience_s
        while time.monotonic() < give_up_s:
            found = condition()
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"{what} did not come\n" + self.log[-4000:])

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text(encoding="utf-8")

    def parts(self) -> dict[str, int]:
        """The processes of the server by the part they run."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        found = {}
        for pid in children.split():
            # A killed one is there without words, and then not at all.
            with contextlib.suppress(FileNotFoundError):
                found[part_of(int(pid))] = int(pid)
        return found


@contextlib.contextmanager
def settings_story(folder: Path, *, film: Path | None = None) -> Iterator[SettingsStory]:
    """Start two cameras, a spare one, and the product; the first camera plays a film where one is given."""
    open_server, guarded = RtspServer(), RtspServer(credentials=(CAMERA_USER, CAMERA_PASSWORD))
    port, guarded_port = open_server.start(), guarded.start()
    first = FileCamera(open_server, "lane-1", film) if film else TestCamera(open_server, "lane-1")
    cameras = [first, TestCamera(open_server, "lane-2"), TestCamera(guarded, "spare")]
    for camera in cameras:
        camera.start()
    config = folder / "tenban.toml"
    filmed = json.loads(film.with_suffix(".zones.json").read_text())["zones"] if film else [_BAGGING]
    lanes = (_LANE.format(n=n, port=port) + _drawn(zones) for n, zones in ((1, filmed), (2, [_BAGGING])))
    config.write_text(_HEAD + "".join(lanes), encoding="utf-8")
    accounts = folder / "accounts.json"
    roles = {"admin": "administrator", "setup": "installer", "chief": "supervisor", "attendant": "attendant"}
    people = [{"name": n, "password": PASSWORD, "roles": [r], "shop": "demo"} for n, r in roles.items()]
    people.append({"name": "head", "password": PASSWORD, "roles": ["administrator"], "shop": None})
    accounts.write_text(json.dumps({"people": people}))
    web_port = free_port()
    arguments = ["--config", str(config), "--data", str(folder / "data"), "--port", str(web_port)]
    arguments += ["--demo-accounts", str(accounts)]
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tenban", "serve", *arguments], stderr=log, stdout=log, env=os.environ
        )
    story = SettingsStory(
        folder,
        f"http://127.0.0.1:{web_port}",
        config,
        process,
        f"rtsp://127.0.0.1:{guarded_port}/spare",
    )
    try:
        _wait_for_web(story)
        yield story
    finally:
        for client in story.clients:
            client.close()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        finally:
            process.kill()
            for camera in cameras:
                camera.stop()
            open_server.stop()
            guarded.stop()


def _drawn(zones: list[dict[str, Any]]) -> str:
    return "".join(
        f'\n[[shop.register.view.zone]]\nrole = "{zone["role"]}"\npolygon = {zone["polygon"]}\n'
        for zone in zones
    )


def _wait_for_web(story: SettingsStory) -> None:
    give_up_s = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < give_up_s:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{story.url}/healthz", timeout=1).status_code == 200:
                return
        assert story.process.poll() is None, story.log
        time.sleep(0.1)
    raise AssertionError(story.log)
