"""The small stream is watched, the large one recorded and shown: both by one clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from tenban.base.clock import SECOND, SystemClock
from tenban.base.errors import NotFound
from tenban.simulator.barcode import read_stamp
from tenban.simulator.cameras import TestCamera
from tenban.video.camera_state import CameraStatus
from tenban.video.decoder import PacketDecoder
from tenban.video.frames import Frame
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import read_camera
from tenban.video.ring import FrameRing
from tenban.video.settings import CameraSettings
from tenban.video.sharp import PacketRing
from tenban.video.subscribe import subscribe


def number_of(frame: Frame) -> int:
    stamp = read_stamp(frame.bgr())
    assert stamp is not None
    return stamp.frame


@pytest.mark.parametrize("b_frames", [0, 2])
def test_any_moment_of_the_large_stream_is_shown_to_the_frame(
    film: Callable[..., Any], b_frames: int
) -> None:
    """The picture nearest to an instant is decoded from the keyframe before it, also with B-frames."""
    camera = CameraSettings("cam", str(film(gop=30, b_frames=b_frames).path), speed="fast")
    ring = PacketRing(FrameRing(), length_s=60)
    packets: dict[int, int] = {}
    for item in read_camera(camera, clock=SystemClock(), stop=threading.Event()):
        if isinstance(item, StreamInfo):
            ring.begin(item)
        else:
            ring.add(item)
            packets[item.pts] = item.captured_at
    times = [packets[pts] for pts in sorted(packets)]
    for number in (0, 17, 29, 30, 44, 59):
        found = ring.nearest(times[number] + 10_000)
        assert (number_of(found), found.captured_at) == (number, times[number])
    with pytest.raises(NotFound):
        ring.nearest(times[0] - SECOND)


def test_where_the_large_stream_has_nothing_the_small_one_answers() -> None:
    """An empty ring asks the small pictures; neither has one, and that is told."""
    with pytest.raises(NotFound):
        PacketRing(FrameRing()).still(0)


def _first(messages: Iterator[Any], count: int) -> list[Any]:
    found: list[Any] = []
    with closing(messages):  # type: ignore[type-var]  # a generator
        for message in messages:
            found.append(message)
            if sum(isinstance(one, MediaPacket) for one in found) == count:
                break
    return found


def test_both_streams_of_a_camera_keep_one_time(
    rtsp: tuple[Any, str], record: Callable[..., Any], index: FootageIndex
) -> None:
    """Pictures of the large and the small stream taken at once say so; the small one is never kept."""
    server, address = rtsp
    with (
        TestCamera(server, "lane", width=640, height=360),
        TestCamera(server, "lane-small", width=320, height=180),
    ):
        recording = record(
            CameraSettings("lane", f"{address}/lane"),
            CameraSettings("lane.sub", f"{address}/lane-small", keep=False),
        )
        recording.wait_for(lambda: index.recorded_until("lane"))
        stop = threading.Event()
        small = _first(subscribe(recording.socket_path, "lane.sub", stop), 20)
        ring = PacketRing(FrameRing())
        large = _first(subscribe(recording.socket_path, "lane", stop), 20)
        decoder = PacketDecoder()
        frames = [
            frame
            for one in small
            for frame in (decoder.begin(one) if isinstance(one, StreamInfo) else decoder.decode(one))
        ]
        for one in large:
            (ring.begin if isinstance(one, StreamInfo) else ring.add)(one)
        sharp = ring.nearest(large[-1].captured_at)
        assert (sharp.width, frames[-1].width) == (640, 320)
        for frame in (sharp, frames[-1]):
            stamp = read_stamp(frame.bgr())
            assert stamp is not None
            assert abs(stamp.captured_at - frame.captured_at) < SECOND // 5
        states = recording.counters.states
        assert states["lane.sub"].status is CameraStatus.RECORDING
        assert recording.counters.health["lane.sub"].info.width == 320
        server.cut("lane-small")
        recording.wait_for(lambda: states["lane.sub"].status is CameraStatus.LOST)
        assert states["lane"].status is CameraStatus.RECORDING
        server.restore("lane-small")
        recording.wait_for(lambda: recording.counters.health["lane.sub"].connections > 1)
    recording.end()
    assert index.recorded_until("lane.sub") is None
    assert not (recording.root / "lane.sub").exists()
    assert set(index.states()) == {"lane"}
