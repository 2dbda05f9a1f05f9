"""Where files of tries lie, and what does not get there."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from tenban.base.clock import SystemClock, seconds
from tenban.base.errors import NotFound, TooLarge, Unavailable
from tenban.base.ids import new_id
from tenban.db import Database
from tenban.tries.files import ANNOTATED, VIDEO, TryFiles
from vaults import sealed_blobs


@pytest.fixture
def files(tmp_path: Path) -> TryFiles:
    return TryFiles(tmp_path / "tries", reserve_bytes=0)


def test_a_file_comes_in_parts_and_is_kept_under_a_name_of_ours(files: TryFiles) -> None:
    """Size and hash are those of what came."""
    try_id = new_id(SystemClock().now())
    incoming = files.begin(try_id, most_mb=1)
    for part in (b"abc", b"def"):
        incoming.add(part)
    incoming.finish()
    files.keep(incoming, try_id)
    assert (incoming.size, incoming.sha256) == (6, hashlib.sha256(b"abcdef").hexdigest())
    assert files.open(try_id, VIDEO).all() == b"abcdef"
    files.remove(try_id)
    assert not files.of(try_id).exists()


def test_more_than_the_limit_is_refused_while_it_comes(files: TryFiles) -> None:
    """A client that lies about the length is stopped at the limit, and nothing is left."""
    incoming = files.begin(new_id(SystemClock().now()), most_mb=1)
    incoming.add(bytes(900_000))
    with pytest.raises(TooLarge) as refused:
        incoming.add(bytes(200_000))
    assert refused.value.told is not None
    assert "1 MB" in refused.value.told["ja"]
    incoming.drop()
    assert list((files.folder / "incoming").iterdir()) == []


def test_a_full_disk_is_told_in_words(files: TryFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk that fills while a file comes, and the one that is full before."""
    incoming = files.begin(new_id(SystemClock().now()), most_mb=1)
    incoming.add(b"abc")

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable) as refused:
        incoming.finish()
    assert "no room" in (refused.value.told or {})["en"]
    incoming.drop()
    with pytest.raises(Unavailable):
        TryFiles(files.folder, reserve_bytes=10**18).check_room(1)


@pytest.mark.parametrize("try_id", ["../../etc", "", ".", "a/b", "samples", "0" * 36, "x" * 36])
def test_what_is_no_id_becomes_no_path(files: TryFiles, try_id: str) -> None:
    """Only ids that we gave lead to a folder."""
    with pytest.raises(NotFound):
        files.of(try_id)


def test_leftovers_are_swept_and_what_is_kept_is_not(files: TryFiles) -> None:
    """Old folders without a try and uploads that broke off go; samples and young ones stay."""
    now_at = SystemClock().now()
    kept, gone = new_id(now_at), new_id(now_at)
    for try_id in (kept, gone):
        files.of(try_id).mkdir(parents=True)
    files.samples.mkdir()
    incoming: Any = files.begin(new_id(SystemClock().now()), most_mb=1)
    assert files.sweep({kept}, now_at) == []
    swept = files.sweep({kept}, now_at + seconds(3700))
    assert set(swept) == {gone, incoming.path.name}
    assert files.of(kept).exists()
    assert files.samples.exists()
    incoming.drop()


def test_a_video_lies_open_only_while_somebody_works_on_it(database: Database, tmp_path: Path) -> None:
    """It comes sealed, is laid out for the child, and what the child makes of it is sealed again."""
    vault = sealed_blobs(database, tmp_path).vault
    assert vault is not None
    files, try_id = TryFiles(tmp_path / "tries", 0, vault), new_id(1)
    incoming = files.begin(try_id, most_mb=1)
    for _ in range(9):
        incoming.add(b"film" * 20_000)
    assert b"film" not in incoming.path.read_bytes()
    incoming.finish()
    files.keep(incoming, try_id)
    assert files.open(try_id, VIDEO).all() == b"film" * 180_000
    for count in (b"first count", b"second count"):
        work = files.lay_out(try_id)
        assert (work / VIDEO).read_bytes() == b"film" * 180_000
        (work / ANNOTATED).write_bytes(count)
        files.take_back(try_id)
        assert not work.exists()
        assert files.open(try_id, ANNOTATED).all() == count
    assert files.remove(try_id) > 720_000
    assert vault.counts() == {}
