"""Data keys: kept, destroyed, wrapped anew, and what becomes of a file without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenban.base.fakes import FakeClock
from tenban.db import Database, queries
from tenban.db.blobs import BlobStore
from tenban.db.keyring import FileKeyring, KeyMissing
from tenban.db.sealing import Damaged, Gone
from tenban.db.vault import Vault

PICTURE = b"\xff\xd8" + b"picture" * 20_000


@pytest.fixture
def vault(database: Database, clock: FakeClock, tmp_path: Path) -> Vault:
    ring = FileKeyring(tmp_path / "keys")
    ring.ensure()
    return Vault(database, ring, clock)


@pytest.fixture
def store(vault: Vault, tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs", vault)


def file_of(store: BlobStore, name: str) -> Path:
    return store._sealed(name)


def test_destroying_the_key_destroys_the_picture(store: BlobStore, vault: Vault) -> None:
    """With the file still there nothing opens it; with a copy of the file neither."""
    name = store.put(PICTURE, "jpg")
    assert vault.destroy([name]) == [(name, len(PICTURE))]
    assert file_of(store, name).exists()
    with pytest.raises(Gone, match="key was destroyed"):
        store.open(name)
    assert vault.destroy([name]) == []


def test_a_rotation_touches_no_file_and_everything_still_opens(
    store: BlobStore, vault: Vault, tmp_path: Path
) -> None:
    """The keys are wrapped anew, in batches that are told; afterwards the old key can be lost."""
    names = [store.put(PICTURE + bytes([n]), "jpg") for n in range(5)]
    before = [file_of(store, name).read_bytes() for name in names]
    vault.ring.renew()
    told: list[int] = []
    assert vault.rewrap(told.append) == 5
    assert told[-1] == 5
    assert vault.rewrap() == 0
    assert vault.counts() == {2: 5}
    (tmp_path / "keys" / "sealing-1.key").unlink()
    assert [store.open(name).all()[-1] for name in names] == list(range(5))
    assert [file_of(store, name).read_bytes() for name in names] == before


def test_a_rotation_leaves_what_was_destroyed_meanwhile_destroyed(store: BlobStore, vault: Vault) -> None:
    """A key that goes between reading and writing of a rotation does not come back."""
    name = store.put(PICTURE, "jpg")
    known = vault.db.read_now(lambda c: queries.key_of(c, name))
    assert known is not None
    vault.destroy([name])
    wrapped = vault.ring.wrap(b"x" * 32, b"")
    assert not vault.db.write_now(lambda c: queries.rewrap(c, known, wrapped))
    assert vault.counts() == {}


def test_a_lost_key_is_told_for_each_file_and_counted(store: BlobStore, vault: Vault, tmp_path: Path) -> None:
    """What the lost key sealed says which key to put back; new pictures are sealed all the same."""
    name = store.put(PICTURE, "jpg")
    vault.ring.renew()
    (tmp_path / "keys" / "sealing-1.key").unlink()
    with pytest.raises(KeyMissing, match=rf"{name}.*sealing key 1.*put it back"):
        store.open(name)
    assert vault.missing() == {1: 1}
    assert store.open(store.put(PICTURE, "jpg")).all() == PICTURE


def test_swapped_pictures_and_swapped_keys_are_damaged(store: BlobStore, vault: Vault) -> None:
    """A picture or a key row put in another's place opens nothing; both are counted."""
    one, other = store.put(PICTURE, "jpg"), store.put(PICTURE[::-1], "jpg")
    file_of(store, one).write_bytes(file_of(store, other).read_bytes())
    with pytest.raises(Damaged, match=one):
        store.open(one).all()
    stolen = vault.db.read_now(lambda c: queries.key_of(c, other))
    assert stolen is not None
    moved = queries.DataKey(one, stolen.wrapped, stolen.size)
    vault.db.write_now(lambda c: queries.add_key(c, moved, 1))
    with pytest.raises(Damaged, match=f"{one}: its key"):
        store.open(one)
    assert vault.damaged == 2


def test_a_picture_in_the_clear_does_not_replace_a_sealed_one(store: BlobStore) -> None:
    """Whoever can write files cannot pass a picture of their own off as one from before sealing."""
    name = store.put(PICTURE, "jpg")
    file_of(store, name).unlink()
    file_of(store, name).with_name(name).write_bytes(b"another picture")
    with pytest.raises(Gone):
        store.open(name)


def test_a_file_that_cannot_be_written_leaves_no_key(store: BlobStore, vault: Vault, tmp_path: Path) -> None:
    """A full disk costs the picture, and nothing stays behind."""

    def fails(_part: int) -> bytes:
        raise OSError(28, "no space")

    with pytest.raises(OSError, match="no space"):
        vault.seal(tmp_path / "x", "x", map(fails, [1]), 5)
    assert vault.counts() == {}
    assert not list(tmp_path.glob("x*"))
