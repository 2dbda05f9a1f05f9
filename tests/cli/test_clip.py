"""``tenban clip`` and ``tenban evidence``: footage into a file, and a package proven, at a console."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from cases.houses import CaseHouse, case_house
from cli.conftest import Command
from tenban.access.audit import AuditEvent
from tenban.base.clock import seconds, to_datetime, to_rfc3339
from tenban.simulator.barcode import Stamp, read_stamp

TOML = """
[company]
name = "T"
[[shop]]
id = "ebisu"
name = "Ebisu"
timezone = "Asia/Tokyo"
[[shop.camera]]
id = "cam-1"
name = "1"
url = "rtsp://127.0.0.1/1"
[[shop.camera]]
id = "cam-2"
name = "2"
url = "rtsp://127.0.0.1/2"
[shop.camera.fisheye]
mount = "ceiling"
circle = [0.5, 0.5, 0.5]
[[shop.camera.fisheye.view]]
id = "counter"
name = "Counter"
pan = 60
tilt = -45
zoom = 1.1
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[CaseHouse]:
    folder = tmp_path_factory.mktemp("clip")
    (folder / "tenban.toml").write_text(TOML, encoding="utf-8")
    with case_house(migrated_sqlite, folder) as house:
        yield house


@pytest.fixture
def where(house: CaseHouse) -> tuple[str, ...]:
    return "--config", str(house.folder / "tenban.toml"), "--data", str(house.folder)


def test_a_clip_shows_the_frames_of_the_span(
    house: CaseHouse, tenban: Command, where: tuple[str, ...], tmp_path: Path
) -> None:
    """Exact to the frame, nothing coded anew; RFC 3339 and the shop's own times give the same file."""
    span = house.span(1.0, 3.0)
    times = to_rfc3339(span.start_at), to_rfc3339(span.end_at)
    told = json.loads(tenban("clip", "cam-2", *times, "out.mp4", "--json", *where).stdout)
    assert (told["cameras"], told["coded_anew"], told["gaps"], told["note"]) == (["cam-2"], False, [], None)
    with av.open(str(tmp_path / "out.mp4")) as video:
        shown = [read_stamp(frame.to_ndarray(format="gray")) for frame in video.decode(video=0)]
    numbers = [one.frame for one in shown if one is not None]
    assert len(numbers) == told["frames"]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert abs(numbers[0] - 15) <= 1
    zone = ZoneInfo("Asia/Tokyo")
    local = [
        f"{to_datetime(at).astimezone(zone):%Y-%m-%d %H:%M:%S.%f}" for at in (span.start_at, span.end_at)
    ]
    assert tenban("clip", "cam-2", *local, "again.mp4", *where).returncode == 0
    assert (tmp_path / "again.mp4").read_bytes() == (tmp_path / "out.mp4").read_bytes()
    assert [row["subject"] for row in house.audit(AuditEvent.CLIP_EXPORTED)] == ["cam-2", "cam-2"]


def test_a_named_view_is_written_turned(
    house: CaseHouse, tenban: Command, where: tuple[str, ...], tmp_path: Path
) -> None:
    """Of its fisheye camera's footage, in the view's size, and it says that it was coded anew."""
    span = house.span(1.0, 2.0)
    times = to_rfc3339(span.start_at), to_rfc3339(span.end_at)
    told = json.loads(tenban("clip", "counter", *times, "turned.mp4", "--json", *where).stdout)
    assert (told["cameras"], told["coded_anew"], told["gaps"]) == (["counter"], True, [])
    with av.open(str(tmp_path / "turned.mp4")) as video:
        sizes = [(frame.width, frame.height) for frame in video.decode(video=0)]
    assert sizes == [(1280, 720)] * told["frames"]


def test_what_is_missing_is_said(house: CaseHouse, tenban: Command, where: tuple[str, ...]) -> None:
    """A span that goes on after the footage names the gap and its reason."""
    span = house.span(4.0, 9.0)
    done = tenban("clip", "cam-1", to_rfc3339(span.start_at), to_rfc3339(span.end_at), "out.mp4", *where)
    assert done.returncode == 0
    assert "no footage of cam-1" in done.stdout
    long_ago = to_rfc3339(span.start_at - seconds(3600)), to_rfc3339(span.start_at - seconds(3500))
    done = tenban("clip", "cam-1", *long_ago, "none.mp4", *where)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no footage of this time" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cam-1", "noon", "10:00", "out.mp4"), "FROM: expected 2026-11-22T10:15:00+09:00"),
        (("cam-1", "10:00:00", "09:00:00", "out.mp4"), "TO: expected a time after 10:00:00"),
        (("cam-9", "09:00", "10:00", "out.mp4"), "expected one of cam-1, cam-2, got cam-9"),
        (("cam-1", "cam-2", "09:00", "10:00", "out.mp4"), "or --side-by-side for several"),
        (("cam-1", "09:00", "10:00", "out.avi"), "ends in .mp4"),
        (("cam-1",), "expected CAMERA FROM TO OUT.mp4"),
    ],
)
def test_wrong_words_get_one_sentence(
    tenban: Command, where: tuple[str, ...], words: tuple[str, ...], said: str
) -> None:
    """Exit 2, and what would have been right."""
    done = tenban("clip", *words, *where)
    assert done.returncode == 2
    assert said in done.stderr


def test_sound_is_of_one_camera_and_told_when_there_is_none(
    house: CaseHouse, tenban: Command, where: tuple[str, ...]
) -> None:
    """Cameras in one picture have no sound; a camera that recorded none gives a cut without, and says so."""
    span = house.span(1.0, 3.0)
    times = to_rfc3339(span.start_at), to_rfc3339(span.end_at)
    refused = tenban("clip", "--side-by-side", "--sound", "cam-1", "cam-2", *times, "no.mp4", *where)
    assert refused.returncode == 2
    told = json.loads(tenban("clip", "--sound", "cam-1", *times, "one.mp4", "--json", *where).stdout)
    assert told["sound"] is False
    assert told["frames"] > 0


def test_cameras_side_by_side_are_in_step(
    house: CaseHouse, tenban: Command, where: tuple[str, ...], tmp_path: Path
) -> None:
    """Two cameras in one picture show the same moment; what neither has is said and shown."""
    span = house.span(1.0, 7.0)
    times = to_rfc3339(span.start_at), to_rfc3339(span.end_at)
    told = json.loads(
        tenban("clip", "--side-by-side", "cam-1", "cam-2", *times, "out.mp4", "--json", *where).stdout
    )
    assert (told["cameras"], told["coded_anew"], told["frames"]) == (["cam-1", "cam-2"], True, 90)
    assert {gap["camera"] for gap in told["gaps"]} == {"cam-1", "cam-2"}
    with av.open(str(tmp_path / "out.mp4")) as video:
        pictures = [frame.to_ndarray(format="gray") for frame in video.decode(video=0)]
    assert len(pictures) == 90
    assert pictures[0].shape == (388, 1280)
    for number in (0, 30, 60):
        left, right = (_stamp(pictures[number], x) for x in (0, 640))
        assert left is not None
        assert right is not None
        assert abs(left.frame - right.frame) <= 1
        assert abs(left.frame - 15 - number) <= 2
    assert _stamp(pictures[89], 0) is None


def test_a_package_is_proven_at_a_console(house: CaseHouse, tenban: Command, tmp_path: Path) -> None:
    """Whole with the shop's key and log; bent, the first bad file is named and the exit code is 1."""
    package, data = house.make(house.sealed())
    path = tmp_path / "package.zip"
    path.write_bytes(data)
    key, log = str(house.folder / "keys" / "audit.pub.pem"), str(tmp_path / "log.jsonl")
    assert tenban("audit", "export", log, "--data", str(house.folder)).returncode == 0
    words = "evidence", "verify", str(path), "--key", key, "--log", log
    told = json.loads(tenban(*words, "--json").stdout)
    assert (told["whole"], told["trusted"], told["in_the_log"]) == (True, True, True)
    assert (told["files"], told["manifest_sha256"]) == (package.files, package.manifest_sha256)
    assert "Whole:" in tenban("evidence", "verify", str(path)).stdout
    folder = tmp_path / "folder"
    with zipfile.ZipFile(path) as files:
        files.extractall(folder)
        name = next(one for one in files.namelist() if one.startswith("journal/"))
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    done = tenban("evidence", "verify", str(folder))
    assert done.returncode == 1
    assert f"NOT WHOLE: {name}" in done.stdout
    path.write_bytes(os.urandom(99))
    assert tenban("evidence", "verify", str(path)).returncode == 2


def _stamp(picture: NDArray[np.uint8], x: int) -> Stamp | None:
    """What a camera's tile says: below the line with its name, at twice the size."""
    return read_stamp(np.asarray(cv2.resize(picture[28:, x : x + 640], (320, 180)), np.uint8))
