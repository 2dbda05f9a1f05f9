"""A power cut at any moment: nothing announced is missing, nothing torn shown, little lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tenban.base.clock import SECOND, SystemClock
from tenban.base.fakes import FakeClock
from tenban.db.database import Database
from tenban.db.engine import open_engine
from tenban.db.keyring import open_keyring
from tenban.db.schema import metadata
from tenban.db.vault import Vault
from tenban.video.check import Report, check_camera
from tenban.video.disk import Disk
from tenban.video.footage import Footage
from tenban.video.forcing import LONGEST_S, Forcer, wait_s
from tenban.video.fragments import FragmentBuilder
from tenban.video.index_writer import IndexWriter
from tenban.video.model import FragmentRow, IndexBatch
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import read_camera
from tenban.video.recovery import Recovered, recover
from tenban.video.segments import SegmentWriter
from tenban.video.settings import CameraSettings
from tenban.video.tables import fragments
from video.power import JournalDisk, JournalIndex, Step, cut_power

CAMERAS = ("plain", "sealed")


@pytest.fixture
def journal(
    film: Callable[..., Any], database: Database, vault: Vault, tmp_path: Path
) -> tuple[JournalDisk, Path]:
    """Eleven seconds of two cameras in files of four, rows committed as late as the recorder ever does it."""
    root = tmp_path / "data" / "footage"
    root.mkdir(parents=True)
    disk = JournalDisk(root)
    index = JournalIndex(database, disk)
    folder = Footage(root, vault)
    made = film(frames=165)
    streams = {}
    for camera in CAMERAS:
        settings = CameraSettings(camera, str(made.path), speed="fast")
        streams[camera] = list(read_camera(settings, clock=FakeClock(), stop=threading.Event()))
    # Its own thread never comes to a round: here they are made by hand, half a second of footage apart.
    writer = IndexWriter(index, forcer=Forcer(root, disk, FakeClock()), batch_s=3600)
    segments = {
        one: SegmentWriter(folder, one, sealed=one == "sealed", segment_s=4, disk=disk) for one in CAMERAS
    }
    builders: dict[str, FragmentBuilder] = {}
    round_at: int | None = None
    for together in zip(*streams.values(), strict=True):
        for camera, one in zip(CAMERAS, together, strict=True):
            if isinstance(one, StreamInfo):
                builders[camera] = FragmentBuilder(camera, one.run)
                writer.put(segments[camera].begin(one))
                continue
            assert isinstance(one, MediaPacket)
            disk.note(Step("packet", camera, at=one.captured_at))
            done = builders[camera].add(one)
            if done is not None:
                writer.put(segments[camera].add(done))
            # Each round comes just before a fragment is whole, so that every fragment waits for the next.
            round_at = one.captured_at - SECOND // 6 if round_at is None else round_at
            if one.captured_at - round_at >= LONGEST_S * SECOND:
                round_at = one.captured_at
                writer.round()
    writer.close()
    return disk, root


def rows(index: FootageIndex, database: Database) -> list[FragmentRow]:
    columns = [column for column in fragments.c if column.name != "n"]
    query = sa.select(*columns).order_by(fragments.c.camera, fragments.c.start_at)
    return database.read_now(lambda c: [FragmentRow(*row) for row in c.execute(query)])


def test_a_power_cut_loses_a_second_and_a_half_and_nothing_announced(
    journal: tuple[JournalDisk, Path], tmp_path: Path
) -> None:
    """Whatever of the unforced bytes is left, files and index agree after the next start; every row stays."""
    disk, root = journal
    chance = random.Random(20261122)  # noqa: S311  # the same cuts each time
    whole = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    cuts = chance.sample(range(len(disk.steps) // 8, len(disk.steps)), 24)
    longest = 0
    for number, step in enumerate(cuts):
        steps = disk.steps[:step]
        folder = tmp_path / f"cut-{number}"
        url = f"sqlite:///{folder}.db"
        engine = open_engine(url, writes=True)
        metadata.create_all(engine)
        engine.dispose()
        database = Database(url)
        index = FootageIndex(database)
        left = Footage(folder, Vault(database, open_keyring(tmp_path / "keys", {}), SystemClock()))
        committed = cut_power(steps, folder, chance)
        index.add(IndexBatch(committed.segments, committed.fragments, committed.ended, keys=committed.keys))
        for camera in CAMERAS:
            recover(index, left, camera)
            assert recover(index, left, camera) == Recovered()
            assert check_camera(index, left, camera, Report(), clock=FakeClock(), deep=True) == []
        found = rows(index, database)
        assert {(one.segment, one.offset) for one in committed.fragments} <= {
            (one.segment, one.offset) for one in found
        }
        paths = {one.id: one.path for c in CAMERAS for one in _segments(index, c)}
        for one in found:
            path = paths[one.segment]
            with left.open(path) as file, Footage(root, left.vault).open(path) as original:
                assert whole[path].exists()
                assert file.at(one.offset, one.length) == original.at(one.offset, one.length)
        for camera in CAMERAS:
            taken = [one.at for one in steps if one.kind == "packet" and one.path == camera]
            kept = [one.end_at for one in found if one.camera == camera]
            longest = max(longest, taken[-1] - max(kept, default=taken[0]))
        database.close()
    assert SECOND // 2 < longest <= 3 * SECOND // 2


def _segments(index: FootageIndex, camera: str) -> list[Any]:
    from tenban.base.span import Span

    return [segment for _, segment in index.for_span(camera, Span(0, 4_000_000_000_000_000))]


def test_a_row_waits_for_its_bytes_and_its_names(journal: tuple[JournalDisk, Path]) -> None:
    """Key, bytes, folder, row: in this order for every file, in every round."""
    disk, _ = journal
    forced: dict[str, int] = {}
    folders: set[str] = set()
    for step in disk.steps:
        if step.kind == "force":
            forced[step.path] = len(step.data)
        elif step.kind == "folder":
            folders.add(step.path)
        elif step.kind == "commit":
            assert step.batch is not None
            for segment in step.batch.segments:
                assert {segment.path.rpartition("/")[0], segment.info.camera, "."} <= folders
                assert not segment.path.endswith(".sealed") or f"{segment.path}.key" in forced
            for row in step.batch.fragments:
                assert forced[step.batch.written[row.segment]] >= row.offset + row.length


class BrokenDisk(Disk):
    """It refuses to force one file; all else is as the machine's."""

    def __init__(self) -> None:
        self.refuses = ""

    def force(self, path: Path) -> None:
        if path.name == self.refuses:
            raise OSError(5, "Input/output error")
        super().force(path)


def test_a_file_that_is_not_forced_is_not_announced(tmp_path: Path) -> None:
    """Its rows are held back and the reason told; files of others go in."""
    (tmp_path / "cam/20261122").mkdir(parents=True)
    good, bad = tmp_path / "cam/20261122/good.mp4", tmp_path / "cam/20261122/bad.mp4"
    good.touch()
    bad.touch()
    told: list[str] = []
    disk = BrokenDisk()
    forcer = Forcer(tmp_path, disk, FakeClock(), told.append)
    batch = IndexBatch(written={"a": "cam/20261122/good.mp4", "b": "cam/20261122/bad.mp4"})
    assert forcer.force(batch) == set()
    disk.refuses = "bad.mp4"
    assert forcer.force(batch) == {"b"}
    good.unlink()
    assert forcer.force(batch) == {"a", "b"}
    assert told == ["Input/output error", "No such file or directory", "Input/output error"]
    assert forcer.failures == 3
    forcer.close()


def test_rows_wait_longer_on_a_slow_disk_and_never_more_than_half_a_second() -> None:
    """The disk is left alone four times as long as it took."""
    assert [wait_s(0.1, took) for took in (0.0, 0.05, 0.2, 5.0)] == [0.1, 0.2, 0.5, 0.5]


def test_index_rows_of_a_file_that_was_not_forced_come_back_with_the_next_start(
    film: Callable[..., Any], index: FootageIndex, vault: Vault, tmp_path: Path
) -> None:
    """What a broken disk kept after all is found by the repair."""
    root = tmp_path / "footage"
    root.mkdir()
    disk = BrokenDisk()
    writer = IndexWriter(index, forcer=Forcer(root, disk, FakeClock()), batch_s=3600)
    segments = SegmentWriter(Footage(root, vault), "cam", disk=disk)
    packets = read_camera(
        CameraSettings("cam", str(film().path), speed="fast"), clock=FakeClock(), stop=threading.Event()
    )
    info = next(packets)
    assert isinstance(info, StreamInfo)
    builder = FragmentBuilder("cam", info.run)
    writer.put(segments.begin(info))
    for one in packets:
        assert isinstance(one, MediaPacket)
        done = builder.add(one)
        if done is not None:
            writer.put(segments.add(done))
            disk.refuses = next(root.rglob("*.mp4")).name
            writer.round()
    assert index.recorded_until("cam") is None
    assert writer.is_incomplete(segments.segment_id)
    writer.put(segments.close())
    writer.close()
    assert recover(index, Footage(root, vault), "cam").indexed == 7
    assert index.recorded_until("cam") is not None


def test_a_refusal_of_the_disk_is_told_and_lasts(tmp_path: Path) -> None:
    """The camera's state says what the disk said; it is tried again when the wait is over."""
    from tenban.video.room import DiskGuard

    clock = FakeClock()
    room = DiskGuard(tmp_path, min_free_mib=1, clock=clock, free=lambda _folder: 1 << 30)
    assert room.why_not() is None
    room.was_refused("Input/output error", wait_s=9)
    clock.fast_forward(length_s=9)
    assert "Input/output error" in (room.why_not() or "")
    clock.fast_forward(length_s=2)
    assert room.why_not() is None
