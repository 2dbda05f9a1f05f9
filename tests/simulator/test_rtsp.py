"""The simulator's camera server, as PyAV and as a bare socket see it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from av.container import InputContainer

from tenban.base.clock import SystemClock
from tenban.simulator.barcode import Stamp, read_stamp
from tenban.simulator.cameras import FileCamera, TestCamera
from tenban.simulator.encoder import write_stamped_video
from tenban.simulator.rtsp import RtspServer


@pytest.fixture
def server() -> Iterator[RtspServer]:
    server = RtspServer()
    yield server
    server.stop()


def watch(url: str, transport: str = "tcp") -> InputContainer:
    options = {"rtsp_transport": transport, "analyzeduration": "0", "probesize": "32"}
    return av.open(url, options=options, timeout=(10, 10))


def read_stamps(url: str, count: int, *, transport: str) -> list[Stamp]:
    stamps: list[Stamp] = []
    with watch(url, transport) as container:
        for frame in container.decode(video=0):
            stamp = read_stamp(frame.to_ndarray(format="bgr24"))
            assert stamp is not None
            stamps.append(stamp)
            if len(stamps) == count:
                break
    return stamps


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_every_frame_arrives_once_and_in_order(server: RtspServer, transport: str) -> None:
    """PyAV decodes consecutive frame numbers over TCP and over UDP."""
    port = server.start()
    with TestCamera(server, "lane-1", fps=30, gop=15):
        stamps = read_stamps(f"rtsp://127.0.0.1:{port}/lane-1", 40, transport=transport)
    numbers = [stamp.frame for stamp in stamps]
    assert numbers == list(range(numbers[0], numbers[0] + 40))
    assert numbers[0] % 15 == 0


def test_stream_time_follows_capture_time(server: RtspServer) -> None:
    """The distance between two frames' time stamps is the distance between their captures."""
    port = server.start()
    pairs: list[tuple[float, int]] = []
    with (
        TestCamera(server, "cam", fps=30),
        watch(f"rtsp://127.0.0.1:{port}/cam") as container,
    ):
        for frame in container.decode(video=0):
            stamp = read_stamp(frame.to_ndarray(format="bgr24"))
            assert stamp is not None
            if frame.time is None:  # FFmpeg names no time for the first pictures of an RTSP stream
                continue
            pairs.append((frame.time, stamp.captured_at))
            if len(pairs) == 20:
                break
    stream_s = pairs[-1][0] - pairs[0][0]
    captured_s = (pairs[-1][1] - pairs[0][1]) / 1e6
    assert stream_s == pytest.approx(captured_s, abs=0.001)


def test_several_clients_watch_one_camera(server: RtspServer) -> None:
    """Two clients of one stream each get their own unbroken run of frames."""
    port = server.start()
    results: list[list[Stamp]] = []

    def take_ten() -> None:
        results.append(read_stamps(f"rtsp://127.0.0.1:{port}/cam", 10, transport="tcp"))

    with TestCamera(server, "cam", fps=30, gop=15):
        threads = [threading.Thread(target=take_ten) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert len(results) == 2
    for stamps in results:
        assert np.all(np.diff([stamp.frame for stamp in stamps]) == 1)


def test_a_late_joiner_may_get_the_running_group(server: RtspServer) -> None:
    """With replay_gop the first frame is the last keyframe, even when the next is far away."""
    port = server.start()
    with TestCamera(server, "cam", fps=30, gop=100_000, replay_gop=True):
        stamps = read_stamps(f"rtsp://127.0.0.1:{port}/cam", 3, transport="tcp")
    assert [stamp.frame for stamp in stamps] == [0, 1, 2]


def test_an_unplugged_camera_ends_the_stream_and_comes_back(server: RtspServer) -> None:
    """A cut ends demuxing, a new client is refused, and after the restore frames flow again."""
    port = server.start()
    url = f"rtsp://127.0.0.1:{port}/cam"
    with TestCamera(server, "cam", fps=30, gop=10):
        with watch(url) as container:
            seen = 0
            for _frame in container.decode(video=0):
                seen += 1
                if seen == 5:
                    server.cut("cam")
        with pytest.raises(av.FFmpegError):
            watch(url)
        server.restore("cam")
        assert len(read_stamps(url, 3, transport="tcp")) == 3
    assert seen >= 5


def test_a_client_that_never_reads_is_dropped(server: RtspServer) -> None:
    """What a slow client does not take is not kept for ever: the client is dropped and counted."""
    port = server.start()
    camera = TestCamera(server, "cam")
    with socket.create_connection(("127.0.0.1", port)) as sock:
        ask(sock, "SETUP", "cam", "Transport: RTP/AVP/TCP;interleaved=0-1")
        session = ask(sock, "SETUP", "cam", "Transport: RTP/AVP/TCP;interleaved=0-1")[1]["session"]
        assert ask(sock, "PLAY", "cam", f"Session: {session.partition(';')[0]}")[0] == 200
        unit = camera._first
        big = type(unit)(
            unit.data + b"\x00\x00\x01\x65" + b"\x55" * 1_000_000, unit.captured_at, keyframe=True
        )
        for _ in range(40):
            server.push("cam", big)
        server._call(lambda: None)
    assert server.slow_clients_dropped == 1
    assert server.viewers("cam") == 0


def ask(sock: socket.socket, method: str, stream: str, *headers: str) -> tuple[int, dict[str, str]]:
    lines = [f"{method} rtsp://127.0.0.1/{stream} RTSP/1.0", "CSeq: 7", *headers]
    return send(sock, ("\r\n".join(lines) + "\r\n\r\n").encode())


def send(sock: socket.socket, request: bytes) -> tuple[int, dict[str, str]]:
    sock.settimeout(60)
    sock.sendall(request)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        got = sock.recv(1)
        assert got, f"the server hung up after {head!r}"
        head += got
    first, *lines = head.decode().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines if line)
    named = {name.lower(): value for name, value in fields.items()}
    remaining = int(named.get("content-length", 0))
    while remaining:
        remaining -= len(sock.recv(remaining))
    return int(first.split(" ")[1]), named


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"\xff\xfe\r\n\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\n\r\n", 400),
        (b"OPTIONS rtsp://x/cam RTSP/2.0\r\nCSeq: 7\r\n\r\n", 505),
        (b"DESCRIBE rtsp://x/cam RTSP/1.0\r\nCSeq 7\r\n\r\n", 400),
        (b"DESCRIBE rtsp://x/cam RTSP/1.0\r\nContent-Length: lots\r\n\r\n", 400),
        (b"DESCRIBE rtsp://x/nothing RTSP/1.0\r\nCSeq: 7\r\n\r\n", 404),
        (b"DESCRIBE rtsp://x/cam RTSP/1.0\r\nCSeq: 7\r\nAccept: text/html\r\n\r\n", 406),
        (b"PLAY rtsp://x/cam RTSP/1.0\r\nCSeq: 7\r\nSession: 1\r\n\r\n", 454),
        (b"PLAY rtsp://x/cam RTSP/1.0\r\nCSeq: 7\r\n\r\n", 454),
        (b"SETUP rtsp://x/cam RTSP/1.0\r\nCSeq: 7\r\n\r\n", 461),
        (b"SETUP rtsp://x/cam RTSP/1.0\r\nCSeq: 7\r\nTransport: RTP/AVP;multicast\r\n\r\n", 461),
        (b"SETUP rtsp://x/cam RTSP/1.0\r\nCSeq: 7\r\nTransport: RTP/SAVP;client_port=9-1x\r\n\r\n", 461),
        (b"RECORD rtsp://x/cam RTSP/1.0\r\nCSeq: 7\r\n\r\n", 501),
        (b"OPTIONS rtsp://x/cam RTSP/1.0\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", 400),
        (b"OPTIONS rtsp://x/cam RTSP/1.0\r\nCSeq: 7\r\n\r\n", 200),
        (b"GET_PARAMETER rtsp://x/cam RTSP/1.0\r\nCSeq: 7\r\n\r\n", 200),
    ],
)
def test_bad_requests_are_answered(server: RtspServer, request_bytes: bytes, status: int) -> None:
    """Each malformed or impossible request gets its status, and the server goes on serving others."""
    port = server.start()
    TestCamera(server, "cam")
    with socket.create_connection(("127.0.0.1", port)) as sock:
        assert send(sock, request_bytes)[0] == status
    with socket.create_connection(("127.0.0.1", port)) as sock:
        assert ask(sock, "DESCRIBE", "cam")[0] == 200


def test_a_refused_request_leaves_the_connection_usable(server: RtspServer) -> None:
    """After a 404 the same connection may ask for a stream that exists."""
    port = server.start()
    TestCamera(server, "cam")
    with socket.create_connection(("127.0.0.1", port)) as sock:
        assert ask(sock, "DESCRIBE", "nothing")[0] == 404
        assert ask(sock, "DESCRIBE", "cam")[0] == 200
        sock.sendall(b"$\x01\x00\x04abcd")
        assert ask(sock, "OPTIONS", "cam")[0] == 200


def test_a_camera_with_a_password_refuses_strangers() -> None:
    """Without the right Basic credentials DESCRIBE answers 401; with them the stream plays."""
    server = RtspServer(credentials=("viewer", "secret"))
    port = server.start()
    try:
        with TestCamera(server, "cam", fps=30, gop=10):
            with socket.create_connection(("127.0.0.1", port)) as sock:
                status, headers = ask(sock, "DESCRIBE", "cam")
            assert (status, headers["www-authenticate"]) == (401, 'Basic realm="camera"')
            url = f"rtsp://viewer:secret@127.0.0.1:{port}/cam"
            assert len(read_stamps(url, 2, transport="tcp")) == 2
    finally:
        server.stop()


def test_a_file_loops_without_a_break(server: RtspServer, tmp_path: Path) -> None:
    """A looped file gives its frames in order, again and again, with stream time going on."""
    path = tmp_path / "loop.mp4"
    write_stamped_video(path, frames=20, fps=30, gop=10)
    port = server.start()
    with FileCamera(server, "cam", path):
        stamps = read_stamps(f"rtsp://127.0.0.1:{port}/cam", 45, transport="tcp")
    numbers = [stamp.frame for stamp in stamps]
    assert numbers == [(numbers[0] + i) % 20 for i in range(45)]


def test_latency_can_be_read_from_a_frame(server: RtspServer) -> None:
    """A frame's stamp lies in the past by the time it took to arrive."""
    port = server.start()
    with TestCamera(server, "cam", fps=30, gop=10):
        stamp = read_stamps(f"rtsp://127.0.0.1:{port}/cam", 1, transport="tcp")[0]
    assert stamp.captured_at < SystemClock().now()
