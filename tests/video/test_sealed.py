"""Sealed footage reads like plain footage, tells what was done to it, and does not lose its keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenban.base.clock import SECOND, SystemClock
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.db.keyring import LocalKeyring
from tenban.db.sealing import Damaged
from tenban.db.tables import blob_keys
from tenban.db.vault import Vault
from tenban.video.clips import plan_clip, read_range
from tenban.video.footage import Footage, key_name
from tenban.video.queries import FootageIndex
from tenban.video.recovery import recover
from tenban.video.sealed import HEAD, FootageGone, RecordSealer, SealedFootage
from tenban.video.settings import CameraSettings, RecordingSettings
from tenban.video.tables import fragments, segments

KEY = AESGCM.generate_key(256)
FILE = "cam/20261122/120000-01a20193-9e16-7e2d-a508-0178ad411991.sealed"


def sealed_file(file: Path, parts: list[bytes], *, key: bytes = KEY, path: str = FILE) -> Path:
    """Write a file of these records."""
    sealer = RecordSealer(key, path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(sealer.seal([one]) for one in parts))
    return file


@given(
    parts=st.lists(st.binary(min_size=1, max_size=90), min_size=1, max_size=6),
    offset=st.integers(0, 600),
    length=st.integers(0, 600),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_range_reads_as_of_the_plain_file(
    parts: list[bytes], offset: int, length: int, tmp_path: Path
) -> None:
    """Offsets are those of the plain file, whatever records the bytes lie in."""
    plain = b"".join(parts)
    with SealedFootage(sealed_file(tmp_path / "f", parts), KEY, FILE) as file:
        assert file.length == len(plain)
        assert file.at(offset, length) == plain[offset : offset + length]
        assert file.stored(len(plain)) == file.size
        if offset + length <= len(plain):
            assert b"".join(file.read(offset, length)) == plain[offset : offset + length]
        else:
            with pytest.raises(FootageGone):
                list(file.read(offset, length))


@given(place=st.integers(0, 399), flip=st.integers(1, 255))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flipped_byte_is_found(place: int, flip: int, tmp_path: Path) -> None:
    """Head, length, content or tag: what is read afterwards is genuine, and what is not is told."""
    parts = [bytes([n]) * 78 for n in range(4)]
    file = sealed_file(tmp_path / "f", parts)
    data = bytearray(file.read_bytes())
    place = min(place, len(data) - 1)
    data[place] ^= flip
    file.write_bytes(data)
    with pytest.raises((Damaged, FootageGone)), SealedFootage(file, KEY, FILE) as opened:
        assert b"".join(opened.read(0, 4 * 78)) == b"".join(parts)
    if place >= len(HEAD) + 98:
        with SealedFootage(file, KEY, FILE) as opened:
            assert opened.at(0, 78) == parts[0]


def test_records_cannot_be_left_out_moved_or_taken_from_elsewhere(tmp_path: Path) -> None:
    """A record is bound to its number, its place, its file and its key."""
    parts = [b"a" * 50, b"b" * 50, b"c" * 50]
    whole = sealed_file(tmp_path / "f", parts).read_bytes()
    records = [whole[8 + n * 70 : 8 + (n + 1) * 70] for n in range(3)]
    other = sealed_file(tmp_path / "g", parts, path=FILE.replace("cam", "another")).read_bytes()
    for forged in (
        HEAD + records[1] + records[2],
        HEAD + records[0] + records[2] + records[1],
        HEAD + records[0] + records[0] + records[2],
        other,
    ):
        (tmp_path / "f").write_bytes(forged)
        with pytest.raises(Damaged), SealedFootage(tmp_path / "f", KEY, FILE) as file:
            file.verify()
    (tmp_path / "f").write_bytes(whole)
    with pytest.raises(Damaged), SealedFootage(tmp_path / "f", AESGCM.generate_key(256), FILE) as file:
        file.verify()


def test_a_file_can_be_read_while_it_grows(tmp_path: Path) -> None:
    """What is whole is there; half a record is not."""
    sealer = RecordSealer(KEY, FILE)
    first, second = sealer.seal([b"first"]), sealer.seal([b"sec", b"ond"])
    for length in range(len(first), len(first) + len(second)):
        (tmp_path / "f").write_bytes((first + second)[:length])
        with SealedFootage(tmp_path / "f", KEY, FILE) as file:
            assert (file.length, file.at(0, 99)) == (5, b"first")
    (tmp_path / "f").write_bytes(first + second)
    with SealedFootage(tmp_path / "f", KEY, FILE) as file:
        assert file.at(0, 99) == b"firstsecond"


@pytest.fixture
def recorded(
    film: Callable[..., Any], record: Callable[..., Any], first_at: Callable[[str], int]
) -> tuple[Any, Path, int]:
    """Four seconds of sealed footage: the recording, its one file, and when it begins."""
    camera = CameraSettings("cam", str(film().path), speed="fast", sealed=True)
    recording = record(camera, wait=True)
    (file,) = recording.root.rglob("*.sealed")
    return recording, file, first_at("cam")


def test_nothing_of_a_sealed_file_lies_open(recorded: tuple[Any, Path, int]) -> None:
    """No box, no parameter set and no start of a picture is on the disk, and no key beside the file."""
    recording, file, _ = recorded
    kept = file.read_bytes()
    assert not any(word in kept for word in (b"moov", b"moof", b"mdat", b"avcC", b"cam"))
    assert not list(recording.root.rglob("*.mp4"))
    assert not list(recording.root.rglob("*.key"))


def test_a_clip_opens_only_the_records_it_needs(recorded: tuple[Any, Path, int], index: FootageIndex) -> None:
    """Damage elsewhere in the file costs nothing; damage within is told, after what was genuine."""
    recording, file, t0 = recorded
    plan = plan_clip(index, "cam", Span(t0 + 100_000, t0 + SECOND))
    whole = b"".join(read_range(plan, recording.footage))
    data = bytearray(file.read_bytes())
    data[-20] ^= 1
    file.write_bytes(data)
    assert b"".join(read_range(plan, recording.footage)) == whole
    late = plan_clip(index, "cam", Span(t0 + 100_000, t0 + 4 * SECOND))
    footage = recording.footage
    got: list[bytes] = []
    with pytest.raises(Damaged):
        got.extend(read_range(late, footage))
    assert len(late.head) < sum(map(len, got)) < late.length_bytes
    assert footage.damaged == 1


def test_a_key_lies_beside_its_file_until_the_database_keeps_it(
    recorded: tuple[Any, Path, int], index: FootageIndex, database: Database
) -> None:
    """A recorder killed before its first commit loses nothing: the next start brings key and rows in."""
    recording, file, t0 = recorded
    span = Span(t0, t0 + 4 * SECOND)
    path = file.relative_to(recording.root).as_posix()
    before = [row for row, _ in index.for_span("cam", span)]
    row = database.read_now(lambda c: c.execute(sa.select(blob_keys)).one())
    assert row.name == key_name(path)
    footage = recording.footage
    sealer, left = footage.begin(f"{Path(path).parent}/120000-x.sealed", 5)
    assert sealer is not None
    wrapped = left.beside.read_bytes()
    left.kept()
    assert not left.beside.exists()

    def forget(connection: sa.Connection) -> None:
        for table in (fragments, segments, blob_keys):
            connection.execute(sa.delete(table))

    database.write_now(forget)
    recover(index, footage, "cam")
    assert file.exists(), "a file whose key is gone is left alone"
    assert index.for_span("cam", span) == []
    beside = file.with_name(f"{file.name}.key")
    beside.write_bytes(wrapped)
    recover(index, footage, "cam")
    assert index.for_span("cam", span) == [], "another file's key opens nothing"
    text = {"version": row.version, "wrapped": base64.b64encode(row.wrapped).decode(), "made_at": 1}
    beside.write_text(json.dumps(text))
    assert footage.waiting() == 1
    assert recover(index, footage, "cam").indexed == 8
    assert [row for row, _ in index.for_span("cam", span)] == before
    assert not beside.exists()


def test_damage_before_a_restart_is_neither_cut_off_nor_forgotten(
    recorded: tuple[Any, Path, int], index: FootageIndex, database: Database
) -> None:
    """Whoever changed a file does not get the rest of it taken away as a torn end."""
    recording, file, t0 = recorded
    rows = [row for row, _ in index.for_span("cam", Span(t0, t0 + 4 * SECOND))]
    whole = file.read_bytes()
    with recording.footage.open(file.relative_to(recording.root).as_posix()) as opened:
        second = opened.stored(rows[0].offset + rows[0].length)
    for place in (second, second + 1, second + 100):
        data = bytearray(whole)
        data[place] ^= 1
        file.write_bytes(data)
        database.write_now(lambda c: c.execute(segments.update().values(ended_at=None)))
        recover(index, recording.footage, "cam")
        assert file.stat().st_size == len(whole)
        assert [row for row, _ in index.for_span("cam", Span(t0, t0 + 4 * SECOND))] == rows


def test_without_any_key_footage_is_kept_in_the_clear_and_that_is_told(
    film: Callable[..., Any], record: Callable[..., Any], database: Database, index: FootageIndex
) -> None:
    """A key-management service that is away costs no footage, only its sealing, file by file."""
    away = Vault(database, LocalKeyring({}), SystemClock())
    camera = CameraSettings("cam", str(film().path), speed="fast", sealed=True)
    recording = record(camera, wait=True, vault=away, recording=RecordingSettings(min_free_mib=1))
    assert len(list(recording.root.rglob("*.mp4"))) == 1
    assert "not sealed" in (index.states_of("cam", Span(0, 1 << 60))[-2].why or "")


def test_a_key_file_that_went_away_is_replaced_by_a_new_one(
    film: Callable[..., Any], record: Callable[..., Any], vault: Vault, tmp_path: Path
) -> None:
    """Recording goes on sealed, with a key of a number that was never used."""
    (tmp_path / "keys" / "sealing-1.key").unlink()
    recording = record(CameraSettings("cam", str(film().path), speed="fast", sealed=True), wait=True)
    (file,) = recording.root.rglob("*.sealed")
    assert vault.ring.versions() == (2,)
    with recording.footage.open(file.relative_to(recording.root).as_posix()) as opened:
        opened.verify()


def test_rotation_reaches_footage_and_destroying_the_row_destroys_it(
    recorded: tuple[Any, Path, int], vault: Vault, index: FootageIndex
) -> None:
    """The same file opens by a newly wrapped key, and by none once that is gone."""
    recording, file, t0 = recorded
    path = file.relative_to(recording.root).as_posix()
    vault.ring.renew()
    assert vault.rewrap() == 1
    assert vault.counts() == {2: 1}
    plan = plan_clip(index, "cam", Span(t0, t0 + SECOND))
    assert len(b"".join(read_range(plan, recording.footage))) == plan.length_bytes
    vault.destroy([key_name(path)])
    with pytest.raises(FootageGone, match="no key"):
        list(read_range(plan, Footage(recording.root, vault)))[1:]
