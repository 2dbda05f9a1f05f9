"""Room is made before it is needed: the oldest footage goes, what is held stays, and people are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from keeping.conftest import Store
from tenban.access.tables import audit
from tenban.base.errors import BadInput
from tenban.keeping import queries
from tenban.keeping.room import Outlook, Room, outlook
from tenban.keeping.tables import deletions
from tenban.sites.config import load_sites
from tenban.sites.model import Camera
from tenban.video.tables import segments

MINUTE = 1 / 1440
SIZE = 600
"""Of a file of a minute: ten bytes a second, so that a camera's next file is foreseen to have 2700."""
NEXT = 2700


class SmallDisk:
    """A disk that holds so many bytes, measured by what lies on it."""

    def __init__(self, store: Store, capacity: int) -> None:
        self.store, self.capacity = store, capacity

    def __call__(self, folder: Path) -> int:
        return self.capacity - sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())

    def room(self) -> Room:
        return Room(self.store.db, self.store.clock, self.store.folder / "footage", self, min_free_bytes=100)


def test_nothing_goes_while_there_is_room(store: Store) -> None:
    """Twice the next files fit beside what must stay free."""
    for minute in range(10):
        store.film((20 - minute) * MINUTE, size=SIZE)
    assert SmallDisk(store, 10 * SIZE + 100 + 2 * NEXT).room().make(store.sites) == []


def test_the_oldest_goes_before_the_disk_is_full(store: Store) -> None:
    """Enough for twice two files, oldest first, of whichever camera; a growing file is never taken."""
    files = [store.film((20 - minute) * MINUTE, size=SIZE) for minute in range(15)]
    growing = store.film(30 * MINUTE, ended=False, size=SIZE)
    other = store.film(25 * MINUTE, camera="gone-cam", size=SIZE)
    disk = SmallDisk(store, 17 * SIZE + 100 + 2 * NEXT - 1)
    told = disk.room().make(store.sites)
    needed = 2 * NEXT + 1
    count = -(-needed // SIZE)
    assert sum(one.count for one in told) == count
    assert {one.shop for one in told} == {"s", ""}
    assert {one.why for one in told} == {"room"}
    assert not other.exists()
    assert growing.exists()
    assert [file.exists() for file in files] == [False] * (count - 1) + [True] * (16 - count)
    assert disk.room().make(store.sites) == []
    assert store.count(deletions) == 2
    kinds = store.db.read_now(lambda c: list(c.execute(sa.select(audit.c.event)).scalars()))
    assert kinds.count("keeping:data:destroyed") == 2


def test_held_footage_is_never_taken(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing else is left, the shortage is told once and nothing is deleted."""
    files = [store.film((20 - minute) * MINUTE, size=SIZE) for minute in range(5)]
    lock = store.ago(21 * MINUTE), store.ago(0)
    store.db.write_now(lambda c: queries.lock_footage(c, "hold:x", ["cam"], *lock))
    room = SmallDisk(store, 5 * SIZE + 200).room()
    assert room.make(store.sites) == []
    assert room.short > 0
    assert all(file.exists() for file in files)
    store.db.write_now(lambda c: queries.unlock_footage(c, "hold:x"))
    assert sum(one.count for one in room.make(store.sites)) == 5


def test_how_long_recording_can_go_on_is_told(store: Store) -> None:
    """Room; room that runs out because the rest is held; none; and none that footage is to blame for."""
    for minute in range(5):
        store.film((20 - minute) * MINUTE, size=SIZE)

    def seen(free: int) -> Outlook:
        return store.db.read_now(lambda c: outlook(c, store.sites, free=free, min_free=100))

    assert (seen(10**10).state, seen(200).state, seen(100).state) == ("ok", "ok", "full")
    lock = store.ago(21 * MINUTE), store.ago(0)
    store.db.write_now(lambda c: queries.lock_footage(c, "hold:x", ["cam"], *lock))
    assert (seen(10**10).state, seen(200).state, seen(100).state) == ("ok", "held", "full")
    assert (seen(1100).left_s, seen(50).left_s) == (1000 // seen(1100).a_second, 0)
    assert seen(100).is_held


def test_a_file_with_one_held_second_stays_whole(store: Store) -> None:
    """A hold of a fragment holds the file it lies in; those around it go."""
    files = [store.film((20 - minute) * MINUTE, size=SIZE) for minute in range(3)]
    second = store.ago(19 * MINUTE) + 1_000_000
    store.db.write_now(lambda c: queries.lock_footage(c, "incident:1", ["cam"], second, second + 1))
    SmallDisk(store, 3 * SIZE + 200).room().make(store.sites)
    assert [file.exists() for file in files] == [False, True, False]


def test_a_camera_keeps_no_more_than_its_share(store: Store) -> None:
    """With max_gb its own oldest goes, in time for the file to come; other cameras are not touched."""
    limit = (10 * SIZE + NEXT) / 1e9
    store.cameras = (replace(store.cameras[0], max_gb=limit), Camera("big", "s", "big", "rtsp://127.0.0.1/y"))
    mine = [store.film((20 - minute) * MINUTE, size=SIZE) for minute in range(12)]
    others = [store.film((20 - minute) * MINUTE, camera="big", size=SIZE) for minute in range(12)]
    (told,) = SmallDisk(store, 1 << 30).room().make(store.sites)
    assert (told.count, told.size, told.why) == (2, 2 * SIZE, "share")
    assert [file.exists() for file in mine] == [False] * 2 + [True] * 10
    assert all(file.exists() for file in others)


def test_a_camera_may_keep_shorter_than_its_shop(store: Store) -> None:
    """``keep_days`` of a camera ends its footage before the shop's period does."""
    store.cameras = (replace(store.cameras[0], keep_days=3), Camera("big", "s", "big", "rtsp://127.0.0.1/y"))
    old, young = store.film(4), store.film(2)
    other = store.film(4, camera="big")
    assert store.sweep() == {"footage": 1}
    assert [file.exists() for file in (old, young, other)] == [False, True, True]
    assert store.count(segments) == 2


def test_a_camera_keeps_no_longer_than_its_shop_says_at_the_door(tmp_path: Path) -> None:
    """``keep_days`` beyond the shop's own period is refused; below it and ``max_gb`` are read."""
    text = """
[company]
name = "T"
[[shop]]
id = "s"
name = "S"
retention = { footage = 10 }
[[shop.camera]]
id = "cam"
name = "1"
url = "rtsp://192.0.2.1/x"
keep_days = DAYS
max_gb = 2.5
"""
    file = tmp_path / "tenban.toml"
    file.write_text(text.replace("DAYS", "7"), encoding="utf-8")
    (camera,) = load_sites(file).cameras
    assert (camera.keep_days, camera.max_gb) == (7, 2.5)
    file.write_text(text.replace("DAYS", "11"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"keep_days.*at most 10"):
        load_sites(file)
