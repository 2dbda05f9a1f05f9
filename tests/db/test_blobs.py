"""Blobs."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tenban.base.errors import NotFound
from tenban.db.blobs import BlobStore


def test_a_blob_is_named_by_what_it_holds(tmp_path: Path) -> None:
    """The same bytes get the same name, the SHA-256 of them, and are kept once."""
    store = BlobStore(tmp_path)
    name = store.put(b"picture", "jpg")
    assert name == hashlib.sha256(b"picture").hexdigest() + ".jpg"
    assert store.put(b"picture", "jpg") == name
    assert store.path(name).read_bytes() == b"picture"


def test_threads_that_put_the_same_bytes_do_not_meet(tmp_path: Path) -> None:
    """The same picture put by many threads at once is kept once, and no put fails."""
    store = BlobStore(tmp_path)
    for picture in (b"one" * 9999, b"two" * 9999):
        with ThreadPoolExecutor(8) as pool:
            names = list(pool.map(lambda _, data=picture: store.put(data, "jpg"), range(32)))  # type: ignore[misc]
        assert len(set(names)) == 1
    assert not list(tmp_path.rglob("*.part"))


def test_a_finished_file_is_taken_over(tmp_path: Path) -> None:
    """A clip is moved into the store, not copied."""
    store, clip = BlobStore(tmp_path / "blobs"), tmp_path / "clip.mp4"
    clip.write_bytes(b"film")
    name = store.adopt(clip, "mp4")
    assert not clip.exists()
    assert store.path(name).read_bytes() == b"film"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a.jpg", "0" * 64 + ".exe", "0" * 64 + ".jpg"])
def test_other_names_open_nothing(tmp_path: Path, name: str) -> None:
    """A name that the store never gave, or whose blob is gone, is not found; no path is walked."""
    with pytest.raises(NotFound):
        BlobStore(tmp_path).path(name)
