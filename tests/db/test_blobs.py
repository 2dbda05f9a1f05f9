"""Blobs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tenban.base.errors import NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.db.engine import sqlite_url
from tenban.db.keyring import LocalKeyring
from tenban.db.vault import Vault
from tenban.server.sealing import BlobKeeper


@pytest.fixture
def vault(migrated_sqlite: Path, tmp_path: Path) -> Vault:
    file = tmp_path / "tenban.db"
    file.write_bytes(migrated_sqlite.read_bytes())
    return Vault(Database(sqlite_url(file)), LocalKeyring({1: bytes(32)}), FakeClock())


@pytest.mark.parametrize("sealed", [False, True])
def test_a_blob_is_read_as_it_was_put(tmp_path: Path, vault: Vault, *, sealed: bool) -> None:
    """Each put has a name of its own, which tells nothing of what it holds."""
    store = BlobStore(tmp_path / "blobs", vault if sealed else None)
    name, other = store.put(b"picture", "jpg"), store.put(b"picture", "jpg")
    assert name != other
    found = store.open(name)
    assert (found.size, found.all(), b"".join(found.read(2, 4))) == (7, b"picture", b"ct")
    in_the_clear = [path for path in (tmp_path / "blobs").rglob("*.*") if b"picture" in path.read_bytes()]
    assert bool(in_the_clear) is not sealed


def test_many_threads_put_at_once(tmp_path: Path, vault: Vault) -> None:
    """No put fails, all can be read, and nothing is left half written."""
    store = BlobStore(tmp_path / "blobs", vault)
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda n: store.put(b"%d" % n * 9999, "jpg"), range(32)))
    assert [store.open(name).all() for name in names] == [b"%d" % n * 9999 for n in range(32)]
    assert not list(tmp_path.rglob("*.part"))


def test_a_finished_file_is_taken_over(tmp_path: Path, vault: Vault) -> None:
    """A clip is sealed into the store; the open one is gone."""
    store, clip = BlobStore(tmp_path / "blobs", vault), tmp_path / "clip.mp4"
    clip.write_bytes(b"film" * 100_000)
    name = store.adopt(clip, "mp4")
    assert not clip.exists()
    assert store.open(name).all() == b"film" * 100_000


@pytest.mark.parametrize("name", ["../../etc/passwd", "a.jpg", "0" * 64 + ".exe", "0" * 64 + ".jpg"])
def test_other_names_open_nothing(tmp_path: Path, vault: Vault, name: str) -> None:
    """A name that the store never gave, or whose blob is gone, is not found; no path is walked."""
    for store in (BlobStore(tmp_path), BlobStore(tmp_path, vault)):
        with pytest.raises(NotFound):
            store.open(name)


async def test_blobs_from_before_are_read_as_they_are_and_sealed_in_the_background(
    tmp_path: Path, vault: Vault
) -> None:
    """After an upgrade every picture can be seen at every moment, and soon none lies in the clear."""
    before = BlobStore(tmp_path / "blobs")
    names = [before.put(b"picture %d" % n, "jpg") for n in range(3)]
    store = BlobStore(tmp_path / "blobs", vault)
    assert [store.open(name).all() for name in names] == [b"picture %d" % n for n in range(3)]
    # A run that was killed after writing a file and before keeping its key is done again.
    store._sealed(names[0]).write_bytes(b"half")

    async def no_wait(_length_s: float) -> None:
        return None

    keeper = BlobKeeper(store, FakeClock(), no_wait)
    await keeper.step()
    assert (keeper.sealed, keeper.failed) == (3, 0)
    assert [store.open(name).all() for name in names] == [b"picture %d" % n for n in range(3)]
    assert not [path for path in (tmp_path / "blobs").rglob("*.jpg*") if b"picture" in path.read_bytes()]
    assert list(store.unsealed()) == []


async def test_what_has_no_key_is_swept_a_day_later(tmp_path: Path, vault: Vault) -> None:
    """A destroyed picture's file and a broken-off one go; a young one may still get its key."""
    store = BlobStore(tmp_path / "blobs", vault)
    kept, gone = store.put(b"kept", "jpg"), store.put(b"gone", "jpg")
    vault.destroy([gone])
    half = store._sealed(kept).with_name("half.part")
    half.write_bytes(b"half")
    made_s = half.stat().st_mtime
    assert list(store.leftovers(made_s - 10)) == []
    assert {path.name for path in store.leftovers(made_s + 10)} == {store._sealed(gone).name, half.name}


def test_destroying_takes_key_and_file_and_tells_how_much(tmp_path: Path, vault: Vault) -> None:
    """Sealed or from before; what there never was counts for nothing."""
    plain = BlobStore(tmp_path / "blobs").put(b"12345", "jpg")
    store = BlobStore(tmp_path / "blobs", vault)
    sealed = store.put(b"123", "jpg")
    assert sorted(store.destroy([plain, sealed, "0" * 64 + ".jpg"])) == sorted([(plain, 5), (sealed, 3)])
    assert not list((tmp_path / "blobs").rglob("*.*"))
