"""Trying a camera: what it sends, or in one word what is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import av
import pytest

from tenban.base.clock import SystemClock
from tenban.simulator.cameras import TestCamera
from tenban.simulator.rtsp import RtspServer
from tenban.sites.reach import Reach
from tenban.video.probe import probe
from tenban.video.settings import CameraSettings
from tenban.video.trial import Trial, try_camera


@pytest.fixture(scope="module")
def camera() -> Iterator[str]:
    """The address of a camera that wants a name and a password, without them."""
    server = RtspServer(credentials=("admin", "p@ss"))
    port = server.start()
    with TestCamera(server, "cam", fps=10, gop=10):
        yield f"127.0.0.1:{port}"
    server.stop()


def tried(url: str) -> Trial:
    camera = CameraSettings("tried", url, open_timeout_s=1.0, read_timeout_s=1.0)
    return probe(camera, SystemClock())


def test_a_page_leads_to_no_camera_on_this_machine() -> None:
    """What a page may try is limited in the child as well, and told in a word of its own."""
    trial = asyncio.run(try_camera("rtsp://127.0.0.1:1/cam", "tcp", reach=Reach("camera")))
    assert trial.trouble == "not_allowed"
    assert "tenban.toml" in trial.detail
    allowed = Reach("camera", ("127.0.0.0/8",))
    assert asyncio.run(try_camera("rtsp://127.0.0.1:1/cam", "tcp", reach=allowed)).trouble == "refused"


def test_a_camera_that_works_is_measured_and_shown(camera: str) -> None:
    """Size, codec, rates, and a picture; from the child process that the web process asks."""
    trial = asyncio.run(try_camera(f"rtsp://admin:p%40ss@{camera}/cam", "tcp"))
    assert (trial.trouble, trial.codec, trial.width, trial.height) == (None, "H.264", 640, 360)
    assert trial.fps is not None
    assert abs(trial.fps - 10) < 2
    assert trial.keyframe_s is not None
    assert trial.jpeg is not None
    assert trial.jpeg[:2] == b"\xff\xd8"


def test_a_camera_of_h265_is_told_by_its_name() -> None:
    """Its picture is decoded as any other's."""
    if "libx265" not in av.codecs_available:
        pytest.skip("PyAV here has no libx265: trying an H.265 camera is NOT tested")
    server = RtspServer()
    port = server.start()
    with TestCamera(server, "cam", width=320, height=180, fps=10, gop=3, codec="libx265"):
        trial = tried(f"rtsp://127.0.0.1:{port}/cam")
    server.stop()
    assert (trial.trouble, trial.codec, trial.width) == (None, "H.265", 320)
    assert trial.jpeg is not None


def test_what_is_wrong_is_told_in_one_word(camera: str) -> None:
    """Wrong password, wrong path, no such name, nobody there, refused, and no camera at all."""
    assert tried(f"rtsp://admin:nein@{camera}/cam").trouble == "password"
    assert tried(f"rtsp://admin:p%40ss@{camera}/other").trouble == "path"
    assert tried("rtsp://127.0.0.1:1/cam").trouble == "refused"
    assert tried("rtsp://nowhere.invalid/cam").trouble == "no_name"


def test_no_secret_is_in_what_is_told(camera: str) -> None:
    """The sentence of a refusal holds no password."""
    trial = tried(f"rtsp://admin:geheim@{camera}/cam")
    assert "geheim" not in trial.detail
    assert trial.as_json()["jpeg"] is None


def test_something_else_at_the_port_is_told_apart() -> None:
    """A service that speaks no RTSP is no camera; one that says nothing is silent."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        # The listener is closed when the trial is over, the other end whenever it has heard enough.
        with contextlib.suppress(OSError):
            for _ in range(3):
                accepted, _ = listener.accept()
                with accepted:
                    accepted.recv(1024)
                    accepted.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    trial = tried(f"rtsp://127.0.0.1:{listener.getsockname()[1]}/cam")
    listener.close()
    assert trial.trouble in {"not_rtsp", "broken"}


def test_a_child_that_takes_too_long_is_ended(camera: str) -> None:
    """Patience has an end; the child goes with it."""
    trial = asyncio.run(try_camera(f"rtsp://admin:p%40ss@{camera}/cam", "tcp", patience_s=0.05))
    assert trial.trouble == "late"
