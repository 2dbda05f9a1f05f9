"""A real small disk that recording would fill several times over is never full, and refuses nothing."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tenban.base.clock import SystemClock
from tenban.base.span import Span
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.keeping.room import Room
from tenban.sites.model import Camera, Shop, Sites
from tenban.video.check import Report, check_camera
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex
from tenban.video.recorder import CameraGroup, Counters
from tenban.video.room import free_bytes
from tenban.video.settings import CameraSettings, RecordingSettings
from video.conftest import film as film  # noqa: PLC0414  # the fixture

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MiB; skipped loudly where this process may not mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["/bin/mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"NOT RUN: a small disk cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["/bin/umount", str(place)], check=True)


def test_a_small_disk_is_never_full(
    small_disk: Path, film: Callable[..., Any], migrated_sqlite: Path, tmp_path: Path
) -> None:
    """Three times its size is recorded; the oldest goes in time, what is held stays, the index is right."""
    copy = tmp_path / "tenban.db"
    copy.write_bytes(migrated_sqlite.read_bytes())
    db = Database(sqlite_url(copy))
    index, counters = FootageIndex(db), Counters()
    source = CameraSettings("cam", str(film().path), speed="fast", loop=True)
    camera = Camera("cam", "s", "cam", source.url)
    sites = Sites("C", (Shop("s", "S", ZoneInfo("Asia/Tokyo"), "JPY", (), (camera,), ()),))
    recording = RecordingSettings(min_free_mib=1, batch_s=0.02, segment_s=20)
    group = CameraGroup(small_disk, index, SystemClock(), recording=recording, counters=counters)
    room = Room(db, SystemClock(), small_disk / "footage", free_bytes, MIB, file_s=60)
    pause = threading.Event()
    group.follow([source])
    first = None
    gone = 0
    try:
        for _ in range(3000):
            gone += sum(one.size for one in room.make(sites))
            if first is None and len(index.files_of("cam")) > 1:
                first = index.files_of("cam")[0][0]
                index.lock("cam", Span(first.started_at + 1, first.started_at + 2), "hold:1")
            if counters.cameras["cam"].bytes > 36 * MIB:
                break
            pause.wait(0.02)
    finally:
        group.close()
    assert counters.cameras["cam"].bytes > 36 * MIB
    assert counters.cameras["cam"].fragments_not_kept == 0
    assert gone > 20 * MIB
    assert first is not None
    assert (small_disk / "footage" / first.path).exists()
    assert check_camera(index, Footage(small_disk / "footage"), "cam", Report(), clock=SystemClock()) == []
    db.close()
