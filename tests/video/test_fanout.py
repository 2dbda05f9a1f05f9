"""The fan-out starts readers at a keyframe, skips slow ones, and never waits."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tenban.base.errors import NotFound
from tenban.video.fanout import MOST_QUEUED_BYTES, FanOut
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.subscribe import subscribe
from tenban.video.wire import Skipped, hello, unpack

INFO = StreamInfo("cam", "run-1", "h264", 640, 360, b"\x01avcc")


def packet(number: int, *, every: int = 10, size: int = 1000) -> MediaPacket:
    data = number.to_bytes(4, "big") + bytes(size)
    return MediaPacket("cam", number * 1000, number, number, 1, number % every == 0, data)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fan.sock"


@pytest.fixture
def fan_out(path: Path) -> Iterator[FanOut]:
    fan_out = FanOut(path, ["cam"])
    yield fan_out
    fan_out.close()


def read(
    path: Path, count: int, stop: threading.Event | None = None
) -> list[StreamInfo | MediaPacket | Skipped]:
    messages = []
    for message in subscribe(path, "cam", stop or threading.Event()):
        messages.append(message)
        if len(messages) == count:
            break
    return messages


def test_a_late_reader_begins_at_the_latest_keyframe(fan_out: FanOut, path: Path) -> None:
    """Whoever comes late gets the stream's info and all packets since the last keyframe at once."""
    fan_out.begin(INFO)
    for number in range(25):
        fan_out.publish(packet(number))
    messages = read(path, 6)
    assert messages[0] == INFO
    assert messages[1:] == [packet(number) for number in range(20, 25)]


def test_an_early_reader_waits_for_the_first_run(fan_out: FanOut, path: Path) -> None:
    """Whoever comes before the camera gets everything from its first keyframe on."""
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.extend(read(path, 3)))
    thread.start()
    while not fan_out.readers_served:
        threading.Event().wait(0.01)
    fan_out.begin(INFO)
    for number in (9, 10, 11):
        fan_out.publish(packet(number))
    thread.join(5)
    assert got[0] == INFO
    assert [one for one in got if isinstance(one, MediaPacket)] == [packet(10)]


def test_a_slow_reader_is_skipped_to_a_keyframe_and_told(fan_out: FanOut, path: Path) -> None:
    """A reader that does not read costs the publisher nothing and loses whole packets only."""
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(path))
        slow.sendall(hello("cam"))
        while not fan_out.readers_served:
            threading.Event().wait(0.01)
        fan_out.begin(INFO)
        count = 3 * MOST_QUEUED_BYTES // 50_000
        for number in range(count):
            fan_out.publish(packet(number, size=50_000))
        assert fan_out.packets_skipped > 0
        after_skip = _drain(slow, fan_out, count)
    assert after_skip


def _drain(slow: socket.socket, fan_out: FanOut, count: int) -> bool:
    """Read on while more is published; check that a skip is followed by a keyframe."""
    slow.settimeout(60)
    following = count
    last_number = -1
    while True:
        # Whenever nothing waits to be read, the camera goes on.
        while not select.select([slow], [], [], 0.05)[0]:
            fan_out.publish(packet(following, size=10))
            following += 1
        message = _message(slow)
        if isinstance(message, MediaPacket):
            assert message.pts == last_number + 1
            last_number = message.pts
            fan_out.publish(packet(following, size=10))
            following += 1
        elif isinstance(message, Skipped):
            first = _message(slow)
            assert isinstance(first, MediaPacket)
            assert first.is_keyframe
            assert first.pts == last_number + 1 + message.packets
            return True


def _message(slow: socket.socket) -> object:
    length = int.from_bytes(_exactly(slow, 4), "big")
    return unpack("cam", _exactly(slow, length))


def _exactly(slow: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        data += slow.recv(length - len(data))
    return data


def test_an_unknown_camera_is_refused_with_what_is_offered(fan_out: FanOut, path: Path) -> None:
    """Asking for a camera that is not recorded here is an error that names those that are."""
    with pytest.raises(NotFound, match="expected one of cam, got 'nope'"):
        next(iter(subscribe(path, "nope", threading.Event())))


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"TBF\x09", b"\xff" * 400])
def test_whoever_speaks_otherwise_is_hung_up_on(fan_out: FanOut, path: Path, said: bytes) -> None:
    """Garbage ends one connection and nothing else."""
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(path))
        stranger.sendall(said)
        stranger.settimeout(60)
        answer = b""
        while data := stranger.recv(4096):
            answer += data
        assert b"expected b'TBF" in answer
    fan_out.begin(INFO)
    fan_out.publish(packet(0))
    assert read(path, 2) == [INFO, packet(0)]


def test_a_reader_survives_the_recorders_restart(path: Path) -> None:
    """After the recorder came back the reader goes on with the new run."""
    first = FanOut(path, ["cam"])
    first.begin(INFO)
    first.publish(packet(0))
    stop = threading.Event()
    messages = subscribe(path, "cam", stop)
    assert [next(messages), next(messages)] == [INFO, packet(0)]
    first.close()
    second = FanOut(path, ["cam"])
    again = StreamInfo("cam", "run-2", "h264", 640, 360, b"\x01avcc")
    second.begin(again)
    second.publish(packet(30))
    assert [next(messages), next(messages)] == [again, packet(30)]
    stop.set()
    assert list(messages) == []
    second.close()


def test_a_lost_cameras_pictures_are_not_given_out_as_new(fan_out: FanOut, path: Path) -> None:
    """After a camera was lost a new reader gets no packet until the next keyframe."""
    fan_out.begin(INFO)
    fan_out.publish(packet(0))
    fan_out.forget("cam")
    stream = subscribe(path, "cam", threading.Event())
    assert next(stream) == INFO
    fan_out.publish(packet(1))
    fan_out.publish(packet(10))
    received: Callable[[], object] = lambda: next(stream)  # noqa: E731  # read twice below
    first = received()
    assert (received() if isinstance(first, Skipped) else first) == packet(10)
