"""Stills: from the ring for one encoding, over a socket, or from footage where the ring has moved on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tenban.base.clock import MILLISECOND, SECOND
from tenban.base.errors import BadInput, NotFound
from tenban.simulator.barcode import read_stamp
from tenban.simulator.cameras import TestCamera
from tenban.video.decoder import PacketDecoder
from tenban.video.packets import StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.ring import FrameRing, Still
from tenban.video.settings import CameraSettings
from tenban.video.stills import NoWatcher, StillServer, ask_still, still_from_footage
from tenban.video.subscribe import subscribe
from tenban.video.wire import Skipped


def number_in(still: Still) -> int:
    picture = cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert picture.shape == (still.height, still.width)
    stamp = read_stamp(np.asarray(picture, dtype=np.uint8))
    assert stamp is not None
    return stamp.frame


@pytest.fixture
def watched(
    film: Callable[..., Any], record: Callable[..., Any], index: FootageIndex, first_at: Callable[[str], int]
) -> tuple[Any, FrameRing, int]:
    """A recording of 60 frames, and a ring that has followed it."""
    recording = record(CameraSettings("cam", str(film().path), speed="real"))
    ring = FrameRing(length_s=2)
    decoder = PacketDecoder()
    stop = threading.Event()
    while not recording.socket_path.exists():
        threading.Event().wait(0.01)
    seen = 0
    for message in subscribe(recording.socket_path, "cam", stop):
        if isinstance(message, StreamInfo):
            frames = decoder.begin(message)
        elif isinstance(message, Skipped):
            decoder.skip()
            continue
        else:
            frames = decoder.decode(message)
        for frame in frames:
            ring.add(frame)
        seen += len(frames)
        if seen == 60:
            break
    recording.end()
    return recording, ring, first_at("cam")


def test_packets_of_the_fan_out_decode_to_the_frames_that_were_recorded(
    watched: tuple[Any, FrameRing, int], index: FootageIndex
) -> None:
    """The ring and the footage give the same frame for the same instant."""
    recording, ring, t0 = watched
    for number in (31, 45, 59):
        at = t0 + number * SECOND // 15 + 3 * MILLISECOND
        assert number_in(ring.still(at)) == number
        assert number_in(still_from_footage(index, recording.footage, "cam", at)) == number


def test_footage_gives_stills_of_moments_the_ring_has_forgotten(
    watched: tuple[Any, FrameRing, int], index: FootageIndex
) -> None:
    """The ring refuses what is too old; footage still has it, cropped and scaled as asked."""
    recording, ring, t0 = watched
    at = t0 + 5 * SECOND // 15
    with pytest.raises(NotFound, match="the ring begins"):
        ring.still(at)
    assert number_in(still_from_footage(index, recording.footage, "cam", at)) == 5
    part = still_from_footage(index, recording.footage, "cam", at, box=(0.5, 0.5, 1.0, 1.0), width=80)
    assert (part.width, part.height) == (80, 45)
    with pytest.raises(NotFound, match="no footage of this moment"):
        still_from_footage(index, recording.footage, "cam", t0 + 60 * SECOND)


@pytest.fixture
def served(watched: tuple[Any, FrameRing, int], tmp_path: Path) -> Iterator[tuple[Path, int]]:
    _, ring, t0 = watched
    server = StillServer(tmp_path / "stills.sock", {"cam": ring})
    yield tmp_path / "stills.sock", t0
    server.close()


async def test_another_process_gets_the_still_it_asks_for(served: tuple[Path, int]) -> None:
    """A still over the socket is the frame of the moment, whole or cropped with a margin."""
    path, t0 = served
    at = t0 + 50 * SECOND // 15
    whole = await ask_still(path, "cam", at)
    assert number_in(whole) == 50
    assert abs(whole.captured_at - at) < MILLISECOND
    part = await ask_still(path, "cam", at, box=(0.25, 0.5, 0.5, 0.75), margin=0.1)
    assert (part.width, part.height) == (96, 61)


async def test_what_cannot_be_given_is_a_typed_error(served: tuple[Path, int], tmp_path: Path) -> None:
    """Unknown camera, forgotten moment, empty box and absent watcher can be told apart."""
    path, t0 = served
    with pytest.raises(NotFound, match="not watched here"):
        await ask_still(path, "other", t0)
    with pytest.raises(NotFound, match="the ring begins"):
        await ask_still(path, "cam", t0)
    with pytest.raises(BadInput, match="left < right"):
        await ask_still(path, "cam", t0 + 4 * SECOND, box=(0.5, 0.5, 0.5, 0.9))
    with pytest.raises(NoWatcher):
        await ask_still(tmp_path / "nobody.sock", "cam", t0)


def test_a_live_camera_is_decoded_at_the_analysis_rate(
    rtsp: tuple[Any, str], record: Callable[..., Any], index: FootageIndex
) -> None:
    """Of fifteen pictures a second ten are handed over, evenly, each with its own number."""
    server, address = rtsp
    numbers: list[int] = []
    times: list[int] = []
    decoder = PacketDecoder(fps=10)
    with TestCamera(server, "lane", width=320, height=180):
        recording = record(CameraSettings("lane", f"{address}/lane", read_timeout_s=1))
        while not recording.socket_path.exists():
            threading.Event().wait(0.01)
        for message in subscribe(recording.socket_path, "lane", threading.Event()):
            if isinstance(message, StreamInfo):
                decoder.begin(message)
                continue
            assert not isinstance(message, Skipped)
            for frame in decoder.decode(message):
                stamp = read_stamp(frame.picture.to_ndarray(format="gray"))
                assert stamp is not None
                numbers.append(stamp.frame)
                times.append(frame.captured_at)
                assert abs(stamp.captured_at - frame.captured_at) < SECOND // 10
            if len(numbers) >= 20:
                break
    assert times == sorted(times)
    assert 0.6 <= len(numbers) / (numbers[-1] - numbers[0] + 1) <= 0.75
