"""After any end the next start makes files and index agree, and touches nothing that is not ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenban.base.clock import SECOND
from tenban.base.ids import new_id
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.db.sealing import Damaged
from tenban.video.clips import plan_clip, write_clip
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex
from tenban.video.recovery import Recovered, read_segment, recover
from tenban.video.settings import CameraSettings
from tenban.video.tables import fragments, segments


@pytest.fixture(params=["plain", "sealed"])
def footage(
    request: pytest.FixtureRequest,
    film: Callable[..., Any],
    record: Callable[..., Any],
    index: FootageIndex,
    first_at: Callable[[str], int],
) -> tuple[Footage, Path, int]:
    """Four seconds of footage, plain or sealed: the folder, the one file, and when it begins."""
    camera = CameraSettings("cam", str(film().path), speed="fast", sealed=request.param == "sealed")
    recording = record(camera, wait=True)
    (file,) = (path for path in recording.root.rglob("*") if path.suffix in {".mp4", ".sealed"})
    return recording.footage, file, first_at("cam")


def forget(database: Database, *, whole: bool) -> None:
    """Make the index forget: the whole file, or its end and the rows after the first."""

    def write(connection: sa.Connection) -> None:
        first = connection.scalar(sa.select(sa.func.min(fragments.c.n)))
        connection.execute(sa.delete(fragments).where(sa.true() if whole else fragments.c.n > first))
        connection.execute(sa.delete(segments) if whole else segments.update().values(ended_at=None))

    database.write_now(write)


@pytest.mark.parametrize("whole", [True, False])
def test_what_the_index_never_learnt_is_read_from_the_file(
    whole: bool,  # noqa: FBT001  # pytest's parameter
    footage: tuple[Footage, Path, int],
    index: FootageIndex,
    database: Database,
    tmp_path: Path,
    numbers: Callable[[Path], list[int]],
) -> None:
    """Rows come back as they were, and a clip of them shows every frame."""
    folder, file, t0 = footage
    span = Span(t0, t0 + 4 * SECOND)
    before = [row for row, _ in index.for_span("cam", span)]
    forget(database, whole=whole)
    assert recover(index, folder, "cam") == Recovered(indexed=8 if whole else 7)
    after = index.for_span("cam", span)
    assert [row for row, _ in after] == before
    assert (folder.root / after[0][1].path) == file
    write_clip(plan_clip(index, "cam", span), folder, tmp_path / "clip.mp4")
    assert numbers(tmp_path / "clip.mp4") == list(range(60))
    assert recover(index, folder, "cam") == Recovered()


def test_files_with_longer_names_from_before_come_back(
    film: Callable[..., Any], record: Callable[..., Any], index: FootageIndex, database: Database
) -> None:
    """A file that was named by a whole UUID is one of ours still."""
    recording = record(CameraSettings("cam", str(film().path), speed="fast"), wait=True)
    (file,) = recording.root.rglob("*.mp4")
    assert re.fullmatch(r"\d{6}-[0-9a-v]{13}\.mp4", file.name)
    before = file.with_name(f"{file.name[:6]}-{new_id(SECOND)}.mp4")
    file.rename(before)
    forget(database, whole=True)
    assert recover(index, recording.footage, "cam") == Recovered(indexed=8)
    assert recording.root / index.files_of("cam")[0][0].path == before


def test_a_half_written_fragment_is_cut_off_and_rows_without_bytes_are_removed(
    footage: tuple[Footage, Path, int], index: FootageIndex, database: Database
) -> None:
    """Wherever the file breaks off, every row has its bytes afterwards and every byte its row."""
    folder, file, t0 = footage
    whole, path = file.read_bytes(), file.relative_to(folder.root).as_posix()
    rows = [row for row, _ in index.for_span("cam", Span(t0, t0 + 4 * SECOND))]

    def reopen(connection: sa.Connection) -> None:
        connection.execute(segments.update().values(ended_at=None))

    with folder.open(path) as opened:
        ends = [opened.stored(row.offset + row.length) for row in rows]

    @given(st.integers(ends[0], len(whole)))
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def check(length: int) -> None:
        file.write_bytes(whole[:length])
        database.write_now(reopen)
        recover(index, folder, "cam")
        left = [row for row, _ in index.for_span("cam", Span(t0, t0 + 4 * SECOND))]
        assert left == [row for row, end in zip(rows, ends, strict=True) if end <= length]
        assert file.stat().st_size == ends[len(left) - 1]
        file.write_bytes(whole)
        database.write_now(reopen)
        recover(index, folder, "cam")

    check()


@given(place=st.integers(0, 20_000), junk=st.binary(min_size=1, max_size=64))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_up_to_the_damage(
    place: int, junk: bytes, footage: tuple[Footage, Path, int]
) -> None:
    """Garbage anywhere in a file never breaks the reading of it."""
    folder, file, _ = footage
    whole = file.read_bytes()
    data = bytearray(whole)
    data[place : place + len(junk)] = junk
    file.write_bytes(data)
    try:
        with folder.open(file.relative_to(folder.root).as_posix()) as opened:
            assert read_segment(opened).good_length <= opened.length <= len(data)
    except Damaged:
        assert bytes(data[:8]) != whole[:8]
    file.write_bytes(whole)


def test_files_of_others_are_left_alone(footage: tuple[Footage, Path, int], index: FootageIndex) -> None:
    """A file that no segment writer has named stays, and so does a file of ours that is indexed."""
    folder, file, _ = footage
    foreign = file.with_name("holiday.mp4")
    foreign.write_bytes(b"not ours")
    useless = file.with_name("235959-01a20193-9e16-7e2d-a508-0178ad411991.mp4")
    useless.write_bytes(b"\x00\x00\x00\x18ftypiso6")
    assert recover(index, folder, "cam") == Recovered(files_removed=1)
    assert foreign.exists()
    assert file.exists()
    assert not useless.exists()
