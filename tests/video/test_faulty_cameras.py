"""Cameras as they should not be, over real RTSP, all at once: each costs itself what it must, and no more."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import pytest

from tenban.base.clock import SECOND, SystemClock
from tenban.base.span import Span
from tenban.simulator.cameras import _read_units
from tenban.simulator.rtp import StreamInfo, VideoPacket
from tenban.simulator.rtsp import RtspServer
from tenban.video.camera_state import CameraStatus
from tenban.video.check import Report, check_camera
from tenban.video.clips import plan_clip, write_clip
from tenban.video.queries import FootageIndex
from tenban.video.settings import CameraSettings

Unit = tuple[int, int, bytes, bool]
"""Sent after, stamped, Annex B, keyframe; in µs from the beginning."""

ALWAYS = Span(0, 4_000_000_000_000_000)


class Player(threading.Thread):
    """Sends units when they are due, with whatever stamps they carry."""

    def __init__(self, server: RtspServer, name: str, units: Sequence[Unit]) -> None:
        super().__init__(daemon=True)
        self._server, self._camera, self._units = server, name, units
        self._pause = threading.Event()
        server.add_stream(name, StreamInfo.of_keyframe(units[0][2], fps=15))

    def run(self) -> None:
        while not self._server.viewers(self._camera):
            self._pause.wait(0.01)
        clock = SystemClock()
        start_at = clock.now()
        for sent_us, stamp_us, data, is_key in self._units:
            self._pause.wait(max(0.0, (start_at + sent_us - clock.now()) / SECOND))
            self._server.push(self._camera, VideoPacket(data, start_at + stamp_us, is_key))


def after(first: Sequence[Unit], second: Sequence[Unit]) -> list[Unit]:
    shift = first[-1][0] + SECOND // 15
    return [*first, *((sent + shift, stamp + shift, data, key) for sent, stamp, data, key in second)]


def garbage(units: Sequence[Unit]) -> list[Unit]:
    """The second second is noise: NAL units of any type, broken slices, nothing at all."""
    chance = random.Random(7)  # noqa: S311  # the same noise each time
    made: list[Unit] = []
    for sent, stamp, data, key in units:
        noise = data
        if SECOND < sent < 2 * SECOND:
            noise = b"\0\0\0\1" + bytes([chance.randrange(256)]) + chance.randbytes(chance.randrange(1, 3000))
        made.append((sent, stamp, noise, key))
    return made


def misstamped(units: Sequence[Unit]) -> list[Unit]:
    """A camera's clock that runs a fiftieth fast, and is set back by a minute after two seconds."""
    return [
        (sent, stamp + stamp // 50 - (60 * SECOND if sent >= 2 * SECOND else 0), data, key)
        for sent, stamp, data, key in units
    ]


@pytest.fixture
def played(
    film: Callable[..., Any], rtsp: tuple[RtspServer, str], record: Callable[..., Any], index: FootageIndex
) -> Any:
    """Four cameras of four seconds, recorded to their end."""
    server, address = rtsp
    plain, _, _ = _read_units(film("plain.mp4", frames=60).path)
    small, _, _ = _read_units(film("small.mp4", frames=30, size=(256, 144), first=30).path)
    folded, _, _ = _read_units(film("folded.mp4", frames=60, b_frames=2).path)
    least_us = min(stamp for _, stamp, _, _ in folded)
    scripts = {
        "resized": after(plain[:30], small),
        "b-frames": [(sent, stamp - least_us, data, key) for sent, stamp, data, key in folded],
        "garbage": garbage(plain),
        "stamps": misstamped(plain),
    }
    players = [Player(server, name, units) for name, units in scripts.items()]
    recording = record(*(CameraSettings(name, f"{address}/{name}", read_timeout_s=1) for name in scripts))
    for player in players:
        player.start()
    for player in players:
        player.join(60)
    recording.wait_for(lambda: all(index.states()[name].status is CameraStatus.LOST for name in scripts))
    recording.wait_for(lambda: all(index.recorded_until(name) for name in scripts))
    recording.end()
    return recording


def shown(index: FootageIndex, recording: Any, camera: str, numbers: Any, folder: Path) -> list[int]:
    rows = [row for row, _ in index.for_span(camera, ALWAYS)]
    plan = plan_clip(index, camera, Span(rows[0].start_at, max(row.end_at for row in rows)))
    write_clip(plan, recording.footage, folder / f"{camera}.mp4")
    found: list[int] = numbers(folder / f"{camera}.mp4")
    return found


def test_what_faulty_cameras_cost(
    played: Any, index: FootageIndex, numbers: Callable[[Path], list[int]], tmp_path: Path
) -> None:
    """Every good picture after a keyframe is kept, in order, in right files; runs say what happened."""
    runs = {name: index.runs(name, ALWAYS) for name in ("resized", "b-frames", "garbage", "stamps")}
    # The picture's size: another file and run, nothing lost on either side.
    files = [segment for segment, _ in index.files_of("resized")]
    assert [(one.info.width, one.info.height) for one in files] == [(320, 180), (256, 144)]
    assert runs["resized"][1].why == "the camera changed its parameter sets"
    pictures = sum(_count(played.root / one.path) for one in files)
    assert pictures == 60
    # B-frames: decoded in one order, shown in another; each is there.
    assert len(runs["b-frames"]) == 1
    assert shown(index, played, "b-frames", numbers, tmp_path) == list(range(60))
    # Garbage: what came before and after it is whole, and recording did not end.
    good = {
        number for number in _numbers_of(played, index, "garbage", numbers, tmp_path) if number is not None
    }
    assert {*range(15), *range(30, 60)} <= good
    # Stamps: a run more, times by our clock.
    whys = [one.why for one in runs["stamps"]]
    assert len(whys) == 2
    assert whys[1] in {"stream time went back", "stream time fell behind"}
    assert [one.step_us for one in runs["stamps"]] == [0, 0]
    rows = [row for row, _ in index.for_span("stamps", ALWAYS)]
    length_s = (rows[-1].end_at - rows[0].start_at) / SECOND
    assert length_s == pytest.approx(4, abs=0.5)
    for name in ("resized", "b-frames", "stamps"):
        assert check_camera(index, played.footage, name, Report(), clock=SystemClock(), deep=True) == []


def _count(path: Path) -> int:
    with av.open(str(path)) as video:
        return sum(1 for _ in video.decode(video=0))


def _numbers_of(recording: Any, index: FootageIndex, camera: str, numbers: Any, folder: Path) -> list[Any]:
    from tenban.simulator.barcode import read_stamp

    found: list[Any] = []
    for segment, _ in index.files_of(camera):
        with av.open(str(recording.root / segment.path)) as video:
            for packet in video.demux(video=0):
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    continue
                stamps = [read_stamp(frame.to_ndarray(format="gray")) for frame in frames]
                found += [None if stamp is None else stamp.frame for stamp in stamps]
    return found
