"""Sound is recorded beside the pictures and cut with them: what was heard with a picture is heard with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av
import pytest

from sounding import beeping_film, beeps_of, encoder_or_skip
from tenban.base.clock import SECOND, SystemClock
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.db.vault import Vault
from tenban.simulator.barcode import read_stamp
from tenban.simulator.cameras import TestCamera
from tenban.simulator.rtsp import RtspServer
from tenban.video.check import Report, check_camera
from tenban.video.clips import plan_clip, write_clip
from tenban.video.queries import FootageIndex
from tenban.video.recovery import recover
from tenban.video.settings import CameraSettings
from tenban.video.tables import fragments, segments

WITHIN_S = 0.04


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"codec": "aac"}, id="AAC"),
        pytest.param({"codec": "aac", "channels": 2, "rate": 44_100}, id="AAC in stereo at 44.1 kHz"),
        pytest.param({"codec": "aac", "rate": 16_000, "gop": 30}, id="AAC at 16 kHz, long groups"),
        pytest.param({"codec": "libopus"}, id="Opus"),
        pytest.param({"codec": "aac", "b_frames": 2}, id="AAC and B-frames"),
        pytest.param({"codec": "aac", "b_frames": 3, "video_codec": "libx265"}, id="AAC and H.265"),
    ],
)
def test_a_beep_is_heard_with_its_picture(
    how: dict[str, Any],
    record: Callable[..., Any],
    index: FootageIndex,
    numbers: Callable[[Path], list[int]],
    first_at: Callable[[str], int],
    tmp_path: Path,
) -> None:
    """Wherever a cut begins, each beep begins within 40 ms of the picture it began with."""
    path = beeping_film(tmp_path / "film.mp4", **how)
    recording = record(CameraSettings("cam", str(path), speed="fast", sound=True), wait=True)
    t0 = first_at("cam")
    for number, (start_s, end_s) in enumerate([(0, 6), (1.5, 4.7), (2.03, 3.9), (0.4, 5.0)]):
        plan = plan_clip(
            index, "cam", Span(t0 + round(start_s * SECOND), t0 + round(end_s * SECOND)), sound=True
        )
        assert plan.sound is not None
        out = tmp_path / f"{number}.mp4"
        write_clip(plan, recording.footage, out)
        shown = numbers(out)
        # The last frame reaches a little beyond the last picture; players leave that to the edit list.
        beeps = [at for at in beeps_of(out) if at < len(shown) / 15 - WITHIN_S]
        expected = [(n - shown[0]) / 15 for n in shown if n % 15 == 0]
        assert len(beeps) == len(expected)
        assert all(abs(one - other) < WITHIN_S for one, other in zip(beeps, expected, strict=True)), (
            beeps,
            expected,
        )
        with av.open(str(out)) as clip:
            assert abs(clip.duration / SECOND - len(shown) / 15) < 0.1


def test_a_cut_without_sound_has_not_a_byte_of_it(
    record: Callable[..., Any], index: FootageIndex, first_at: Callable[[str], int], tmp_path: Path
) -> None:
    """Unless it is asked for, a cut is what it would be had the camera no sound."""
    path = beeping_film(tmp_path / "film.mp4", seconds=3)
    recording = record(
        CameraSettings("cam", str(path), speed="fast", sound=True),
        CameraSettings("mute", str(path), speed="fast"),
        wait=True,
    )
    cuts = {}
    for camera in ("cam", "mute"):
        t0 = first_at(camera)
        plan = plan_clip(index, camera, Span(t0 + SECOND // 2, t0 + 2 * SECOND))
        write_clip(plan, recording.footage, tmp_path / f"{camera}.mp4")
        cuts[camera] = (tmp_path / f"{camera}.mp4").read_bytes()
        assert plan.has_sound is (camera == "cam")
        assert plan.sound is None
    # The movie's and the tracks' times of creation differ; nothing else does.
    assert len(cuts["cam"]) == len(cuts["mute"])
    assert cuts["cam"][-100_000:] == cuts["mute"][-100_000:]
    with av.open(str(tmp_path / "cam.mp4")) as clip:
        assert not clip.streams.audio


def test_sound_that_is_missing_in_the_middle_is_silence_and_nothing_moves(
    record: Callable[..., Any],
    index: FootageIndex,
    database: Database,
    first_at: Callable[[str], int],
    numbers: Callable[[Path], list[int]],
    tmp_path: Path,
) -> None:
    """A fragment whose sound was lost is silent; the beeps after it stay with their pictures."""
    path = beeping_film(tmp_path / "film.mp4", seconds=6)
    recording = record(CameraSettings("cam", str(path), speed="fast", sound=True), wait=True)
    t0 = first_at("cam")
    lost = (
        fragments.update()
        .where(fragments.c.start_at >= t0 + 2 * SECOND, fragments.c.start_at < t0 + 4 * SECOND)
        .values(sound_start=None, sound_offset=None, sound_length=None, sound_samples=None)
    )
    database.write_now(lambda connection: connection.execute(lost))
    plan = plan_clip(index, "cam", Span(t0 + SECOND // 2, t0 + 6 * SECOND), sound=True)
    out = tmp_path / "clip.mp4"
    write_clip(plan, recording.footage, out)
    first = numbers(out)[0]
    beeps = beeps_of(out)
    assert [round(at + first / 15, 1) for at in beeps] == [1.0, 4.0, 5.0]
    assert all(abs((at + first / 15) - round(at + first / 15)) < WITHIN_S for at in beeps)


@pytest.mark.parametrize(("sealed", "how"), [(False, {}), (True, {}), (True, {"video_codec": "libx265"})])
def test_a_start_finds_sound_the_index_does_not_know(
    record: Callable[..., Any],
    index: FootageIndex,
    database: Database,
    vault: Vault,
    tmp_path: Path,
    *,
    sealed: bool,
    how: dict[str, Any],
) -> None:
    """Rows a killed process never committed come back with sound; `tenban check` finds nothing amiss."""
    path = beeping_film(tmp_path / "film.mp4", seconds=4, codec="libopus", **how)
    recording = record(CameraSettings("cam", str(path), speed="fast", sound=True, sealed=sealed), wait=True)
    (file,) = index.files_of("cam")
    before = index.fragments_of(file[0].id)
    assert all(one.sound_length for one in before)
    for gone in (fragments.delete(), segments.update().values(ended_at=None)):
        database.write_now(lambda connection, gone=gone: connection.execute(gone))
    assert recover(index, recording.footage, "cam").indexed == len(before)
    assert [asdict(one) for one in index.fragments_of(file[0].id)] == [asdict(one) for one in before]
    database.write_now(lambda connection: connection.execute(fragments.delete()))
    database.write_now(lambda connection: connection.execute(segments.delete()))
    assert recover(index, recording.footage, "cam").indexed == len(before)
    assert index.files_of("cam")[0][0].info.sound == file[0].info.sound
    report = Report()
    assert check_camera(index, recording.footage, "cam", report, clock=SystemClock(), deep=True) == []


def test_a_file_of_footage_plays_by_itself_with_its_sound(
    record: Callable[..., Any], index: FootageIndex, numbers: Callable[[Path], list[int]], tmp_path: Path
) -> None:
    """Any player plays a file as it lies on the disk, pictures and sound together."""
    path = beeping_film(tmp_path / "film.mp4", seconds=4)
    recording = record(CameraSettings("cam", str(path), speed="fast", sound=True), wait=True)
    file = recording.root / index.files_of("cam")[0][0].path
    assert numbers(file) == list(range(60))
    beeps = beeps_of(file)
    assert len(beeps) >= 3  # libraries differ in whether they decode what begins before the first picture
    assert all(abs(at - round(at)) < WITHIN_S for at in beeps)


def test_a_break_in_a_file_s_sound_is_found(
    record: Callable[..., Any], index: FootageIndex, tmp_path: Path
) -> None:
    """`tenban check --deep` names a file whose sound does not decode; its pictures are as they were."""
    path = beeping_film(tmp_path / "film.mp4", seconds=2)
    recording = record(CameraSettings("cam", str(path), speed="fast", sound=True), wait=True)
    segment = index.files_of("cam")[0][0]
    row = index.fragments_of(segment.id)[1]
    assert row.sound_offset is not None
    assert row.sound_length is not None
    with (recording.root / segment.path).open("r+b") as file:
        file.seek(row.sound_offset)
        file.write(b"\xff" * row.sound_length)
    report = Report()
    found = check_camera(index, recording.footage, "cam", report, clock=SystemClock(), deep=True)
    assert [(one.kind, one.detail) for one in found] == [("undecodable", "the sound")]


def test_a_camera_s_beeps_are_recorded_with_its_pictures(
    record: Callable[..., Any],
    rtsp: tuple[RtspServer, str],
    index: FootageIndex,
    first_at: Callable[[str], int],
    tmp_path: Path,
) -> None:
    """Over RTSP, joined by sender reports, a beep stands within 40 ms of the picture it was made with."""
    encoder_or_skip("aac")
    server, url = rtsp
    with TestCamera(server, "cam", width=320, height=180, sound="aac"):
        recording = record(CameraSettings("cam", f"{url}/cam", sound=True))
        known = recording.counters.cameras
        recording.wait_for(lambda: "cam" in known and known["cam"].packets >= 65)
        recording.end()
    t0, until_at = first_at("cam"), index.recorded_until("cam")
    assert until_at is not None
    plan = plan_clip(index, "cam", Span(t0 + SECOND // 2, until_at), sound=True)
    out = tmp_path / "clip.mp4"
    write_clip(plan, recording.footage, out)
    painted = {}
    with av.open(str(out)) as clip:
        for frame in clip.decode(video=0):
            stamp = read_stamp(frame.to_ndarray(format="gray"))
            assert stamp is not None
            painted[stamp.frame] = float(frame.pts * frame.time_base)
    last = max(painted.values()) - 0.2
    beeps = [at for at in beeps_of(out) if at < last]
    expected = [at for n, at in painted.items() if n % 15 == 0 and at < last]
    assert len(expected) >= 2
    assert len(beeps) == len(expected)
    assert all(abs(one - other) < WITHIN_S for one, other in zip(beeps, expected, strict=True)), (
        beeps,
        expected,
    )
