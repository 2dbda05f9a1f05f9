"""Where a camera's address leads: to the number that was checked, and to nothing a camera names besides."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

import av
import numpy as np
import pytest

from tenban.base.clock import SystemClock
from tenban.sites.reach import Reach
from tenban.video.packets import MediaPacket
from tenban.video.reader import CameraLost, CameraRefused, read_camera
from tenban.video.settings import CameraSettings

ALLOWED = Reach("camera", ("127.0.0.0/8",))


@dataclass
class Server:
    """A web server that answers each path as it is told, and keeps what it was asked."""

    answers: dict[str, tuple[int, dict[str, str], bytes]]
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0


@contextmanager
def serving(answers: dict[str, tuple[int, dict[str, str], bytes]]) -> Iterator[Server]:
    known = Server(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append((self.path, self.headers["host"]))
            status, headers, body = known.answers[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def film() -> bytes:
    """A second of H.264 in an MPEG transport stream."""
    out = BytesIO()
    with av.open(out, "w", format="mpegts") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "g": "5"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))))
        container.mux(stream.encode())
    return out.getvalue()


def read(url: str, reach: Reach = ALLOWED, **more: Any) -> int:
    """How many packets came until the camera ended its stream."""
    camera = CameraSettings("cam", url, open_timeout_s=2.0, read_timeout_s=2.0, reach=reach, **more)
    count = 0
    try:
        for item in read_camera(camera, clock=SystemClock(), stop=threading.Event()):
            count += isinstance(item, MediaPacket)
    except CameraLost:
        if not count:
            raise
    return count


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A name that leads to this machine when it is asked for the first time, and nowhere later."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if host != "cam.example":
            return real(host, port, *args, **more)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "192.0.2.9", port, *args, **more)

    monkeypatch.setitem(Reach.addresses.__kwdefaults__, "resolve", resolve)
    return asked


def test_an_http_camera_is_asked_at_the_number_that_was_checked(film: bytes, named: list[str]) -> None:
    """The name is looked up once; the server hears which name was meant."""
    with serving({"/live.ts": (200, {"content-type": "video/mp2t"}, film)}) as server:
        assert read(f"http://cam.example:{server.port}/live.ts") == 10
    assert server.asked == [("/live.ts", f"cam.example:{server.port}")]
    assert named == ["cam.example"]


def test_a_redirect_of_an_http_camera_is_not_followed(film: bytes) -> None:
    """Whatever it names is never asked."""
    with serving({"/secret.ts": (200, {}, film)}) as inside:
        away = {"location": f"http://127.0.0.1:{inside.port}/secret.ts"}
        with serving({"/live.ts": (302, away, b"")}) as server, pytest.raises(CameraLost):
            read(f"http://127.0.0.1:{server.port}/live.ts")
    assert inside.asked == []
    assert server.asked


def test_a_playlist_is_no_camera(film: bytes) -> None:
    """What it names is never asked, whatever type the server says it is."""
    with serving({"/secret.ts": (200, {}, film)}) as inside:
        text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:{inside.port}/secret.ts\n"
        kind = {"content-type": "application/vnd.apple.mpegurl"}
        with (
            serving({"/live.m3u8": (200, kind, text.encode())}) as server,
            pytest.raises((CameraLost, CameraRefused)),
        ):
            read(f"http://127.0.0.1:{server.port}/live.m3u8")
    assert inside.asked == []


def redirecting(answered: Callable[[bytes], bytes]) -> tuple[socket.socket, threading.Thread, list[bytes]]:
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def talk() -> None:
        try:
            while True:
                accepted, _ = listener.accept()
                with accepted:
                    while data := accepted.recv(4096):
                        heard.append(data)
                        accepted.sendall(answered(data))
        except OSError:
            return  # the test is over

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    return listener, thread, heard


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_redirect_of_an_rtsp_camera_is_refused(transport: str) -> None:
    """By either way of reading; and it is said what to type instead."""
    inside, _, asked = redirecting(lambda _data: b"")

    def answered(data: bytes) -> bytes:
        sequence = next(line for line in data.split(b"\r\n") if line.lower().startswith(b"cseq"))
        if data.startswith(b"OPTIONS"):
            return b"RTSP/1.0 200 OK\r\n" + sequence + b"\r\nPublic: DESCRIBE\r\n\r\n"
        to = f"rtsp://127.0.0.1:{inside.getsockname()[1]}/x".encode()
        return b"RTSP/1.0 302 Moved\r\n" + sequence + b"\r\nLocation: " + to + b"\r\n\r\n"

    camera, _, _ = redirecting(answered)
    with closing(camera), closing(inside), pytest.raises((CameraLost, CameraRefused), match="302"):
        read(f"rtsp://127.0.0.1:{camera.getsockname()[1]}/cam", transport=transport)
    assert asked == []
