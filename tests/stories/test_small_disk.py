"""Real small disks: one that recording would fill several times over, and one that others fill up."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tenban.base.clock import SystemClock
from tenban.base.errors import Unavailable
from tenban.base.span import Span
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.keeping.room import Room
from tenban.sites.model import Camera, Shop, Sites
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.check import Report, check_camera
from tenban.video.footage import Footage
from tenban.video.index_writer import IndexWriter
from tenban.video.model import IndexBatch
from tenban.video.queries import FootageIndex
from tenban.video.recorder import CameraGroup, Counters
from tenban.video.room import free_bytes
from tenban.video.settings import CameraSettings, RecordingSettings
from video.conftest import film as film  # noqa: PLC0414  # the fixture
from waiting import until

MIB = 1 << 20
ALWAYS = Span(0, 4_000_000_000_000_000)


@pytest.fixture
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MiB, or of the size asked for; skipped loudly where this process may not mount one."""
    size = f"size={getattr(request, 'param', 12)}m"
    place = tmp_path / "disk"
    place.mkdir()
    command = ["/bin/mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"NOT RUN: a small disk cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["/bin/umount", "-l", str(place)], check=True)


def test_a_small_disk_is_never_full(
    small_disk: Path, film: Callable[..., Any], migrated_sqlite: Path, tmp_path: Path
) -> None:
    """Three times its size is recorded; the oldest goes in time, what is held stays, the index is right."""
    copy = tmp_path / "tenban.db"
    copy.write_bytes(migrated_sqlite.read_bytes())
    db = Database(sqlite_url(copy))
    index, counters = FootageIndex(db), Counters()
    source = CameraSettings("cam", str(film().path), speed="fast", loop=True)
    recording = RecordingSettings(min_free_mib=1, batch_s=0.02, segment_s=20)
    group = CameraGroup(small_disk, index, SystemClock(), recording=recording, counters=counters)
    room = Room(db, SystemClock(), small_disk / "footage", free_bytes, MIB, file_s=60)
    group.follow([source])
    first = None
    gone = 0
    try:
        for _ in range(3000):
            gone += sum(one.size for one in room.make(_sites(source)))
            if first is None and len(index.files_of("cam")) > 1:
                first = index.files_of("cam")[0][0]
                index.lock("cam", Span(first.started_at + 1, first.started_at + 2), "hold:1")
            if counters.cameras["cam"].bytes > 36 * MIB:
                break
            time.sleep(0.02)
    finally:
        group.close()
    assert counters.cameras["cam"].bytes > 36 * MIB
    assert counters.cameras["cam"].fragments_not_kept == 0
    assert gone > 20 * MIB
    assert first is not None
    assert (small_disk / "footage" / first.path).exists()
    assert check_camera(index, Footage(small_disk / "footage"), "cam", Report(), clock=SystemClock()) == []
    db.close()


@pytest.mark.parametrize("small_disk", [24], indirect=True)
def test_a_disk_filled_by_others_takes_nothing_back(
    small_disk: Path, film: Callable[..., Any], migrated_sqlite: Path
) -> None:
    """Footage and database on one full disk: both wait, say why, and go on; nothing announced is missing."""
    copy = small_disk / "tenban.db"
    copy.write_bytes(migrated_sqlite.read_bytes())
    db = Database(sqlite_url(copy))
    index, counters = FootageIndex(db), Counters()
    index.lock("cam", ALWAYS, "hold:1")
    source = CameraSettings("cam", str(film().path), speed="fast", loop=True)
    recording = RecordingSettings(min_free_mib=1, batch_s=0.02, segment_s=20)
    group = CameraGroup(small_disk, index, SystemClock(), recording=recording, counters=counters)
    writer = IndexWriter(index, batch_s=0.02, retry_s=0.05)

    def is_now(status: CameraStatus) -> bool:
        return "cam" in counters.states and counters.states["cam"].status is status

    try:
        group.follow([source])
        until(lambda: index.recorded_until("cam"))
        others = _fill(small_disk)
        until(lambda: is_now(CameraStatus.PAUSED))
        assert re.search("disk is full|No space left", counters.states["cam"].why or "")
        told = _announced(index)
        fact = IndexBatch(states=[CameraState("other", CameraStatus.LOST, 1, "x" * 6 * MIB)])
        with pytest.raises(Unavailable, match="full"):
            index.add(fact)
        writer.put(fact)
        until(lambda: writer.failures)
        assert _announced(index) >= told
        others.unlink()
        until(lambda: writer.commits)
        assert len(index.states()["other"].why or "") == 6 * MIB
        until(lambda: _announced(index) > told)
        # It runs full by itself, and all there is is held: it pauses again until something is let go.
        until(lambda: is_now(CameraStatus.PAUSED) and "is held" in (counters.states["cam"].why or ""))
        room = Room(db, SystemClock(), small_disk / "footage", free_bytes, 2 * MIB, file_s=10)
        assert room.make(_sites(source)) == []
        told = _announced(index)
        assert all((small_disk / "footage" / path).exists() for path, _ in told)
        index.unlock("hold:1")
        until(lambda: room.make(_sites(source)) and is_now(CameraStatus.RECORDING))
    finally:
        group.close()
        writer.close()
    found = check_camera(
        index, Footage(small_disk / "footage"), "cam", Report(), clock=SystemClock(), deep=True
    )
    assert found == []
    db.close()


def _sites(source: CameraSettings) -> Sites:
    camera = Camera("cam", "s", "cam", source.url)
    return Sites("C", (Shop("s", "S", ZoneInfo("Asia/Tokyo"), "JPY", (), (camera,), ()),))


def _fill(disk: Path) -> Path:
    """Write until the disk takes no byte more; return the file that did it."""
    others = disk / "others"
    with others.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(MIB)):
            pass
    return others


def _announced(index: FootageIndex) -> set[tuple[str, int]]:
    return {(segment.path, row.offset) for row, segment in index.for_span("cam", ALWAYS)}
