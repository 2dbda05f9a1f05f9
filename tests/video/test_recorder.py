"""Recording survives what shops do to it: unplugged cameras, full disks, killed processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import pytest

from tenban.base.clock import SECOND, SystemClock
from tenban.base.errors import Conflict
from tenban.base.span import Span
from tenban.simulator.barcode import read_stamp
from tenban.simulator.cameras import TestCamera
from tenban.video.camera_state import CameraStatus
from tenban.video.clips import plan_clip, write_clip
from tenban.video.disk import Disk
from tenban.video.queries import FootageIndex
from tenban.video.recorder import CameraGroup, Counters, run_recorder
from tenban.video.settings import CameraSettings, RecordingSettings
from waiting import until

Rtsp = tuple[Any, str]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_clip_of_a_live_camera_holds_the_frames_taken_in_its_span(
    transport: str, rtsp: Rtsp, record: Callable[..., Any], index: FootageIndex, tmp_path: Path
) -> None:
    """Wall-clock times of an RTSP camera's frames come out right: to two frames, with none missing."""
    server, address = rtsp
    with TestCamera(server, "lane", width=320, height=180):
        recording = record(CameraSettings("lane", f"{address}/lane", transport=transport, read_timeout_s=1))
        recording.wait_for(lambda: index.recorded_until("lane"))
        start_at = SystemClock().now()
        threading.Event().wait(2.5)
        span = Span(start_at + SECOND // 2, start_at + 2 * SECOND)
        recording.wait_for(lambda: (index.recorded_until("lane") or 0) >= span.end_at)
    plan = plan_clip(index, "lane", span)
    write_clip(plan, recording.footage, tmp_path / "clip.mp4")
    stamps = []
    with av.open(str(tmp_path / "clip.mp4")) as clip:
        for frame in clip.decode(video=0):
            stamp = read_stamp(frame.to_ndarray(format="gray"))
            assert stamp is not None
            stamps.append(stamp)
    assert [stamp.frame for stamp in stamps] == list(range(stamps[0].frame, stamps[0].frame + len(stamps)))
    assert abs(stamps[0].captured_at - span.start_at) < SECOND // 7
    assert abs(stamps[-1].captured_at - span.end_at) < SECOND // 7
    assert plan.gaps == ()


def test_a_camera_unplugged_amid_a_clip_leaves_a_gap_that_is_told(
    rtsp: Rtsp, record: Callable[..., Any], index: FootageIndex, tmp_path: Path
) -> None:
    """The clip keeps the wall's time across the gap, and says why pictures are missing."""
    server, address = rtsp
    with TestCamera(server, "lane", width=320, height=180):
        recording = record(CameraSettings("lane", f"{address}/lane", read_timeout_s=1))
        recording.wait_for(lambda: index.recorded_until("lane"))
        start_at = index.recorded_until("lane")
        server.cut("lane")
        recording.wait_for(lambda: index.states()["lane"].status is CameraStatus.LOST)
        server.restore("lane")
        recording.wait_for(lambda: index.states()["lane"].status is CameraStatus.RECORDING)
        end_at = SystemClock().now()
        recording.wait_for(lambda: index.recorded_until("lane") > end_at)
    plan = plan_clip(index, "lane", Span(start_at - SECOND // 2, end_at))
    assert len(plan.gaps) == 1
    assert "ended its stream" in plan.gaps[0].why
    write_clip(plan, recording.footage, tmp_path / "clip.mp4")
    with av.open(str(tmp_path / "clip.mp4")) as clip:
        assert clip.duration == pytest.approx(plan.span.end_at - plan.span.start_at, abs=1000)


def test_a_silent_camera_counts_as_lost(rtsp: Rtsp, record: Callable[..., Any], index: FootageIndex) -> None:
    """A camera that keeps its connection but sends nothing is lost after the read timeout."""
    server, address = rtsp
    with TestCamera(server, "lane", width=320, height=180):
        recording = record(CameraSettings("lane", f"{address}/lane", read_timeout_s=1))
        recording.wait_for(lambda: index.recorded_until("lane"))
        server.cut("lane", silently=True)
        recording.wait_for(lambda: index.states()["lane"].status is CameraStatus.LOST)
    whys = [state.why or "" for state in index.states_of("lane", Span(0, SystemClock().now()))]
    assert any("was lost: it was silent for 1 s" in why for why in whys)


def test_the_wrong_codec_is_refused_with_what_to_set(
    film: Callable[..., Any], record: Callable[..., Any], index: FootageIndex
) -> None:
    """A camera of another coding is told what to be set to, and other cameras go on."""
    wrong = film("wrong.mkv", codec="mpeg4", frames=20)
    right = film("right.mp4", frames=20)
    recording = record(
        CameraSettings("wrong", str(wrong.path)), CameraSettings("right", str(right.path), speed="fast")
    )
    recording.wait_for(lambda: (index.states().get("wrong")) and index.states()["wrong"].why)
    recording.wait_for(lambda: index.recorded_until("right"))
    assert index.states()["wrong"].status is CameraStatus.LOST
    assert "set the camera's video encoding to one of them), got MPEG-4 part 2" in (
        index.states()["wrong"].why or ""
    )


def test_a_full_disk_pauses_recording_and_room_resumes_it(
    film: Callable[..., Any], record: Callable[..., Any], index: FootageIndex
) -> None:
    """Below the limit nothing is written and the state says why; with room again recording goes on."""
    left = [1 << 40]
    recording = record(CameraSettings("cam", str(film().path), loop=True), free=lambda folder: left[0])
    recording.wait_for(lambda: index.recorded_until("cam"))
    left[0] = 0
    recording.wait_for(lambda: index.states()["cam"].status is CameraStatus.PAUSED)
    assert "the disk is full: 0 MiB are free" in (index.states()["cam"].why or "")
    recording.wait_for(lambda: recording.counters.cameras["cam"].fragments_not_kept >= 1)
    left[0] = 1 << 40
    recording.wait_for(lambda: index.states()["cam"].status is CameraStatus.RECORDING)


def test_a_disk_that_fills_up_unforeseen_costs_no_sound_footage(
    film: Callable[..., Any], record: Callable[..., Any], index: FootageIndex, first_at: Callable[[str], int]
) -> None:
    """A write that is refused half-way is cut off; what was indexed stays playable and recording resumes."""
    refusals = [0]
    written = [0]

    class Full(Disk):
        def write(self, file: int, parts: Sequence[bytes]) -> int:
            written[0] += 1
            if written[0] in {4, 5}:
                refusals[0] += 1
                super().write(file, [part[: len(part) // 2] for part in parts])
                raise OSError(28, "No space left on device")
            return super().write(file, parts)

    recording = record(CameraSettings("cam", str(film().path), loop=True), disk=Full())
    recording.wait_for(lambda: refusals[0] == 2)
    recording.wait_for(lambda: index.states()["cam"].status is CameraStatus.RECORDING)
    recording.end()
    assert recording.counters.cameras["cam"].fragments_not_kept >= 1
    for file in recording.root.rglob("*.mp4"):
        with av.open(str(file)) as segment:
            assert sum(1 for _ in segment.decode(video=0)) > 0


def test_two_recorders_cannot_write_one_cameras_footage(
    film: Callable[..., Any], record: Callable[..., Any], index: FootageIndex
) -> None:
    """The second recorder of a camera is refused."""
    camera = CameraSettings("cam", str(film().path), loop=True)
    recording = record(camera)
    recording.wait_for(lambda: index.recorded_until("cam"))
    with pytest.raises(Conflict, match="another process"):
        run_recorder(
            [camera], recording.data_dir, index, SystemClock(), threading.Event(), counters=Counters()
        )


def test_a_camera_changed_again_and_again_loses_nothing_it_had_written(
    film: Callable[..., Any], index: FootageIndex, tmp_path: Path
) -> None:
    """Begun anew before the facts of its last file are committed, it keeps them, and doubles none."""
    counters = Counters()
    group = CameraGroup(
        tmp_path / "data",
        index,
        SystemClock(),
        recording=RecordingSettings(min_free_mib=1, batch_s=0.7),
        counters=counters,
    )
    films = [str(film(name).path) for name in ("one.mp4", "two.mp4")]
    for turn in range(4):
        group.follow([CameraSettings("cam", films[turn % 2], loop=True)])
        enough = counters.cameras["cam"].fragments + 2
        until(lambda enough=enough: counters.cameras["cam"].fragments >= enough)  # type: ignore[misc]
    group.close()
    assert len(index.for_span("cam", Span(0, 1 << 62))) == counters.cameras["cam"].fragments


def test_a_file_that_breaks_off_is_recorded_as_far_as_it_goes(
    film: Callable[..., Any], record: Callable[..., Any], index: FootageIndex, tmp_path: Path
) -> None:
    """A truncated video costs only what is missing."""
    whole = film("whole.ts").path.read_bytes()
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole[: len(whole) // 2])
    recording = record(CameraSettings("cam", str(cut), speed="fast"), wait=True)
    assert 10 < recording.counters.cameras["cam"].packets < 60
    assert index.states()["cam"].status is CameraStatus.ENDED


CHILD = """
import sys, threading
from pathlib import Path
from tenban.base.clock import SystemClock
from tenban.db.database import Database
from tenban.db.keyring import open_keyring
from tenban.db.vault import Vault
from tenban.video.disk import Disk
from tenban.video.queries import FootageIndex
from tenban.video.recorder import run_recorder
from tenban.video.settings import CameraSettings, RecordingSettings
url, film, data, keys, sealed = sys.argv[1:]
database = Database(url)
vault = Vault(database, open_keyring(Path(keys), {}), SystemClock())
camera = CameraSettings("cam", film, loop=True, sealed=bool(sealed))
run_recorder([camera], Path(data), FootageIndex(database), SystemClock(), threading.Event(),
             recording=RecordingSettings(min_free_mib=1), vault=vault)
"""


@pytest.mark.parametrize("sealed", ["", "sealed"])
def test_a_killed_recorder_loses_nothing_it_had_written(
    sealed: str,
    film: Callable[..., Any],
    record: Callable[..., Any],
    index: FootageIndex,
    database: Any,
    tmp_path: Path,
    numbers: Callable[[Path], list[int]],
) -> None:
    """After kill -9 the next start finds everything that was written; index and files agree."""
    made = film()
    data = tmp_path / "data"
    arguments = [sys.executable, "-c", CHILD, database.url, str(made.path), str(data)]
    arguments += [str(tmp_path / "keys"), sealed]
    child = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
    try:
        until(lambda: index.recorded_until("cam") and len(index.unended_segments("cam")))
        threading.Event().wait(2.3)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    killed_at = SystemClock().now()
    (left,) = list((data / "footage").rglob("*.sealed" if sealed else "*.mp4"))
    with left.open("ab") as file:
        file.write(b"\x00\x00\x01\x00moofhalf a fragment")
    restarted = record(CameraSettings("cam", str(made.path), speed="fast"), wait=True)
    segment = next(iter(index.for_span("cam", Span(killed_at - 60 * SECOND, killed_at))))[1]
    rows = index.fragments_of(segment.id)
    with restarted.footage.open(segment.path) as file:
        assert file.stored(rows[-1].offset + rows[-1].length) == left.stat().st_size
    assert not [one for one in index.unended_segments("cam") if one.id == segment.id]
    plan = plan_clip(index, "cam", Span(rows[0].start_at, rows[-1].end_at))
    write_clip(plan, restarted.footage, tmp_path / "clip.mp4")
    assert numbers(tmp_path / "clip.mp4") == [number % 60 for number in range(plan.frames)]
