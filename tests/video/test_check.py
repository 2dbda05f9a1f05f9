"""What is wrong with footage is told; what can be set right is, and nothing else is touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tenban.base.clock import SystemClock
from tenban.db.database import Database
from tenban.video.check import Problem, Report, check_camera, repair_camera
from tenban.video.claim import claim, is_claimed
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex
from tenban.video.settings import CameraSettings, RecordingSettings
from tenban.video.tables import fragments, segments

Kinds = Callable[..., list[tuple[str, int]]]


@pytest.fixture(params=["plain", "sealed"])
def footage(request: pytest.FixtureRequest, film: Callable[..., Any], record: Callable[..., Any]) -> Footage:
    """Four seconds in three files, plain or sealed."""
    camera = CameraSettings("cam", str(film().path), speed="fast", sealed=request.param == "sealed")
    found: Footage = record(
        camera, wait=True, recording=RecordingSettings(min_free_mib=1, batch_s=0.02, segment_s=1.5)
    ).footage
    return found


@pytest.fixture
def kinds(footage: Footage, index: FootageIndex) -> Kinds:
    """Checks the camera; returns what is wrong: kind and count. With ``repair`` what is left of it."""

    def look(*, deep: bool = False, repair: bool = False) -> list[tuple[str, int]]:
        report = Report()
        found = check_camera(index, footage, "cam", report, clock=SystemClock(), deep=deep)
        if repair:
            repair_camera(index, footage, "cam", found, report)
            return [(one.kind, one.fragments) for one in report.problems if not one.repaired]
        return [(one.kind, one.fragments) for one in found]

    return look


def files(footage: Footage) -> list[Path]:
    return sorted(one for one in footage.root.rglob("*") if one.suffix in {".mp4", ".sealed"})


def test_sound_footage_is_found_sound(footage: Footage, kinds: Kinds) -> None:
    """Quick and deep, and again after a repair that had nothing to do."""
    assert len(files(footage)) >= 2
    assert kinds() == kinds(deep=True) == kinds(repair=True) == []


def test_a_missing_and_a_short_file_are_told_and_set_right(footage: Footage, kinds: Kinds) -> None:
    """Rows without bytes go, as after a power cut; the rest stays."""
    first, second = files(footage)[:2]
    first.unlink()
    os.truncate(second, second.stat().st_size - 10)
    assert [kind for kind, _ in kinds()] == ["missing", "short"]
    assert kinds(repair=True) == []
    assert kinds(deep=True) == []


def test_a_disk_that_is_not_there_costs_no_index(
    footage: Footage, index: FootageIndex, database: Database
) -> None:
    """Where most files are missing nothing is set right: it is not the files that are gone."""
    for one in files(footage):
        one.unlink()
    report = Report()
    found = check_camera(index, footage, "cam", report, clock=SystemClock())
    repair_camera(index, footage, "cam", found, report)
    assert "is the disk there?" in report.refused["cam"]
    assert database.read_now(lambda c: c.scalar(sa.select(sa.func.count()).select_from(fragments))) == 8


def test_torn_bytes_are_cut_off_and_what_is_whole_comes_back(
    footage: Footage, kinds: Kinds, database: Database
) -> None:
    """Half a fragment at a file's end, and fragments and files the index has lost."""
    first, second = files(footage)[:2]
    whole = second.stat().st_size
    with second.open("ab") as file:
        file.write(b"\0\0\1\0moofhalf a fragment")
    lost = first.relative_to(footage.root).as_posix()

    def forget(connection: sa.Connection) -> None:
        segment = connection.scalar(sa.select(segments.c.id).where(segments.c.path == lost))
        connection.execute(sa.delete(fragments).where(fragments.c.segment == segment))
        connection.execute(sa.delete(segments).where(segments.c.id == segment))

    database.write_now(forget)
    assert [kind for kind, _ in kinds(deep=True)] == ["torn"]
    os.utime(first, (1, 1))
    assert "unknown" in [kind for kind, _ in kinds()]
    kinds(deep=True, repair=True)
    assert kinds(deep=True) == []
    assert second.stat().st_size == whole


def test_changed_bytes_are_found_by_the_deep_check_and_left_as_evidence(
    footage: Footage, kinds: Kinds
) -> None:
    """One byte of a picture: a seal tells it; a plain file's decoder does, where it matters."""
    last = files(footage)[-1]
    data = bytearray(last.read_bytes())
    data[-400:-100] = bytes(300)
    last.write_bytes(data)
    kind = "damaged" if last.suffix == ".sealed" else "undecodable"
    assert [one for one, _ in kinds(deep=True)] == [kind]
    assert [one for one, _ in kinds(deep=True, repair=True)] == [kind]
    assert last.read_bytes() == bytes(data)


def test_a_camera_that_is_recorded_is_checked_and_not_set_right(
    footage: Footage, index: FootageIndex
) -> None:
    """The recorder's lock is seen without being taken, and respected."""
    report = Report()
    files(footage)[0].unlink()
    assert not is_claimed(footage.root, "cam")
    with claim(footage.root, "cam"):
        assert is_claimed(footage.root, "cam")
        found: list[Problem] = check_camera(index, footage, "cam", report, clock=SystemClock())
        assert [one.kind for one in found] == ["missing"]
        repair_camera(index, footage, "cam", found, report)
    assert "another process" in report.refused["cam"]
    assert not report.is_sound
