"""What is measured of a stream: counts turned into rates, and a camera's clock out of its reports."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import SECOND
from tenban.base.fakes import FakeClock
from tenban.db.database import Database
from tenban.simulator.rtp import sender_report
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.health import Meters, StreamHealth
from tenban.video.measures import camera_now, files_kept, measured, save_measured
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.queries import FootageIndex

INFO = StreamInfo("cam", "run", "h264", 640, 360, b"\x01")


def picture(at: int, *, length: int = 1000, key: bool = False) -> MediaPacket:
    return MediaPacket("cam", at, 0, 0, 6000, key, bytes(length))


def report_of(at: int) -> bytes:
    return sender_report(ssrc=1, wall_at=at, packets=0, octets=0)


def test_rates_are_those_of_the_last_seconds() -> None:
    """Bitrate, pictures a second and the keyframes' distance; late and lost ones are counted."""
    clock = FakeClock()
    health = StreamHealth(connections=1)
    meters = Meters({"cam": health}, clock.now())
    states = {"cam": CameraState("cam", CameraStatus.RECORDING, clock.now())}
    [first] = meters.measure(states, lambda _: 0, clock.now())
    assert (first.state, first.kbit_s, first.codec, first.lost) == ("recording", None, None, None)
    source = SimpleNamespace(lost=3, damaged=1)
    health.attach(source, source)
    health.begin(INFO)
    for number in range(50):
        at = clock.now() + number * SECOND // 10
        health.take(picture(at, key=number % 20 == 0), at + (2 * SECOND if number == 7 else 0))
    clock.fast_forward(length_s=5)
    [now] = meters.measure(states, lambda _: 4, clock.now())
    assert (now.kbit_s, now.fps, now.keyframe_ms) == (80.0, 10.0, 2000)
    assert (now.lost, now.damaged, now.late, now.not_kept) == (3, 1, 1, 4)
    assert (now.width, now.height, now.packets, now.connections) == (640, 360, 50, 1)
    # A new connection counts from nothing; what was lost before stays counted.
    again = SimpleNamespace(lost=2, damaged=0)
    health.attach(again, again)
    clock.fast_forward(length_s=5)
    [later] = meters.measure({}, lambda _: 4, clock.now())
    assert (later.state, later.kbit_s, later.lost, later.damaged) == ("connecting", 0.0, 5, 1)


def test_a_sender_report_tells_the_cameras_clock() -> None:
    """Its offset from ours in microseconds; one that counts from its start has none."""
    clock = FakeClock()
    health = StreamHealth()
    ahead_at = clock.now() + 90 * SECOND
    health.report(report_of(ahead_at), clock.now())
    assert health.clock_off_us is not None
    assert abs(health.clock_off_us - 90 * SECOND) <= 1
    health.report(report_of(1000 * SECOND), clock.now())
    assert health.clock_off_us is None


@given(st.binary(max_size=60))
def test_no_report_breaks_the_counting(packet: bytes) -> None:
    """Whatever comes beside the pictures is a report or left out."""
    health = StreamHealth()
    health.report(packet, FakeClock().now())
    assert health.clock_off_us is None or isinstance(health.clock_off_us, int)


def test_the_last_measure_of_a_stream_is_kept(database: Database, index: FootageIndex) -> None:
    """Each writes over the one before; a stream that was never measured has none."""
    clock = FakeClock()
    meters = Meters({"cam": StreamHealth(), "cam.sub": StreamHealth()}, clock.now())
    for _ in range(2):
        clock.fast_forward(length_s=5)
        rows = meters.measure({}, lambda _: 0, clock.now())
        database.write_now(lambda connection, rows=rows: save_measured(connection, rows))
    found = database.read_now(lambda connection: measured(connection, ["cam", "cam.sub", "other"]))
    assert set(found) == {"cam", "cam.sub"}
    assert found["cam"].at == clock.now()
    now = database.read_now(lambda connection: camera_now(connection, "cam", ["cam"], clock.now()))
    assert (now.state, now.hour_kbit_s, now.losses, now.newest_at) == (None, None, 0, None)
    assert database.read_now(lambda connection: files_kept(connection, "cam")) == []
