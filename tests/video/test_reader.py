"""Cameras of every kind are read, and those that cannot be read say why."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from tenban.base.clock import SECOND, SystemClock
from tenban.base.errors import BadInput
from tenban.base.span import Span
from tenban.simulator.barcode import read_stamp
from tenban.simulator.cameras import FileCamera
from tenban.simulator.rtsp import RtspServer
from tenban.video.clips import plan_clip, write_clip
from tenban.video.decoder import PacketDecoder
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import CameraLost, CameraRefused, read_camera
from tenban.video.settings import CameraSettings


def numbers_of(camera: CameraSettings, *, most: int = 10_000) -> list[int]:
    """Decode what a camera sends and return the numbers in the pictures."""
    stop = threading.Event()
    decoder = PacketDecoder()
    frames = []
    for item in read_camera(camera, clock=SystemClock(), stop=stop):
        frames += decoder.begin(item) if isinstance(item, StreamInfo) else decoder.decode(item)
        if len(frames) >= most:
            stop.set()
    frames += decoder.flush()
    found = []
    for frame in frames:
        stamp = read_stamp(frame.picture.to_ndarray(format="gray"))
        assert stamp is not None
        found.append(stamp.frame)
    return found


@pytest.mark.parametrize("name", ["film.mp4", "film.ts", "film.mkv"])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_every_frame_of_a_file_is_read(name: str, b_frames: int, film: Callable[..., Any]) -> None:
    """MP4, MPEG-TS and Matroska give all their frames in order."""
    made = film(name, b_frames=b_frames, frames=45)
    assert numbers_of(CameraSettings("cam", str(made.path), speed="fast")) == list(range(45))


def test_a_looped_file_goes_on_without_a_break(film: Callable[..., Any]) -> None:
    """After its last frame a looped file begins again, in the same run, with growing times."""
    made = film(frames=20)
    stop = threading.Event()
    items = []
    for item in read_camera(
        CameraSettings("cam", str(made.path), speed="fast", loop=True), clock=SystemClock(), stop=stop
    ):
        items.append(item)
        if len(items) > 50:
            stop.set()
    packets = [item for item in items if isinstance(item, MediaPacket)]
    assert len(items) - len(packets) == 1
    assert {after.dts - before.dts for before, after in pairwise(packets)} == {6000}


def test_a_file_at_real_speed_takes_its_time(film: Callable[..., Any]) -> None:
    """Frames of a file played as a camera come no sooner than they are due."""
    made = film(frames=16)
    clock = SystemClock()
    late_us = [
        clock.now() - item.captured_at
        for item in read_camera(CameraSettings("cam", str(made.path)), clock=clock, stop=threading.Event())
        if isinstance(item, MediaPacket)
    ]
    assert min(late_us) > -SECOND // 100


def test_a_missing_file_and_one_that_is_no_video_are_named(tmp_path: Path) -> None:
    """Neither a missing file nor text opens."""
    with pytest.raises(BadInput, match="no such file"):
        list(read_camera(CameraSettings("cam", "/no/film.mp4"), clock=SystemClock(), stop=threading.Event()))
    text = tmp_path / "notes.mp4"
    text.write_text("no video " * 100)
    with pytest.raises(CameraLost, match="cannot be opened"):
        list(read_camera(CameraSettings("cam", str(text)), clock=SystemClock(), stop=threading.Event()))


def test_another_codec_is_refused_with_what_to_set(film: Callable[..., Any]) -> None:
    """The error says what the camera sends and what it should send."""
    made = film("film.mkv", codec="mpeg4", frames=5)
    with pytest.raises(CameraRefused, match=r"H\.264 or H\.265 .*got MPEG-4 part 2"):
        numbers_of(CameraSettings("cam", str(made.path), speed="fast"))


def test_a_camera_that_is_not_there_and_a_wrong_password_are_told_apart() -> None:
    """A refused connection, a wrong password and a wrong path each say what they are."""
    server = RtspServer(credentials=("admin", "right"))
    port = server.start()
    try:
        for address, said in (
            (f"rtsp://admin:wrong@127.0.0.1:{port}/cam", "another user name or password"),
            (f"rtsp://admin:right@127.0.0.1:{port}/nothing", "no stream of this path"),
            ("rtsp://127.0.0.1:9/cam", "cannot be opened: Connection refused"),
        ):
            with pytest.raises(CameraLost, match=said) as raised:
                numbers_of(CameraSettings("cam", address, open_timeout_s=2))
            assert "wrong" not in str(raised.value).replace("***", "")
    finally:
        server.stop()


def test_a_live_camera_with_b_frames_is_cut_exactly(
    film: Callable[..., Any],
    rtsp: tuple[RtspServer, str],
    record: Callable[..., Any],
    index: FootageIndex,
    tmp_path: Path,
) -> None:
    """RTP tells no decoding times; the clip of a reordered stream still shows every frame once, in order."""
    server, address = rtsp
    made = film(frames=60, gop=15, b_frames=2)
    camera = FileCamera(server, "lane", made.path)
    camera.start()
    recording = record(CameraSettings("lane", f"{address}/lane", read_timeout_s=1))
    recording.wait_for(lambda: index.recorded_until("lane"))
    start_at = index.recorded_until("lane") or 0
    recording.wait_for(lambda: (index.recorded_until("lane") or 0) > start_at + 3 * SECOND)
    camera.stop()
    plan = plan_clip(index, "lane", Span(start_at, start_at + 2 * SECOND))
    write_clip(plan, recording.footage, tmp_path / "clip.mp4")
    shown = []
    with av.open(str(tmp_path / "clip.mp4")) as clip:
        for frame in clip.decode(video=0):
            stamp = read_stamp(frame.to_ndarray(format="gray"))
            assert stamp is not None
            shown.append(stamp.frame)
    assert 29 <= len(shown) <= 32
    assert shown == [(shown[0] + number) % 60 for number in range(len(shown))]
