"""Sealed files: what is changed, cut or moved opens no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenban.db.sealing import (
    CHUNK_BYTES,
    HEADER_BYTES,
    TAG_BYTES,
    Damaged,
    Gone,
    SealedFile,
    seal_parts,
    sealed_length,
    write_sealed,
)

KEY, OTHER = bytes(range(32)), bytes(32)
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 17]


def content(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sealed") / "clip"
    write_sealed(path, KEY, "clip", [content(3 * CHUNK_BYTES + 17)])
    return path


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_as_it_was(tmp_path: Path, size: int) -> None:
    """Whatever the length, and in whatever parts it came; the file is as long as foretold."""
    data = content(size)
    write_sealed(tmp_path / "a", KEY, "a", [data[:7], data[7:100_000], data[100_000:]])
    assert (tmp_path / "a").stat().st_size == sealed_length(size)
    assert SealedFile(tmp_path / "a", KEY, "a", size).all() == data
    assert data[:64] not in (tmp_path / "a").read_bytes() or size < 8


@given(st.integers(0, 3 * CHUNK_BYTES + 17), st.integers(0, 3 * CHUNK_BYTES + 17))
@settings(max_examples=60, deadline=None)
def test_any_range_is_that_range(long: Path, start: int, stop: int) -> None:
    """A range gives the bytes of that range, and needs no others."""
    size = 3 * CHUNK_BYTES + 17
    found = b"".join(SealedFile(long, KEY, "clip", size).read(start, stop))
    assert found == content(size)[start:stop]


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_a_flipped_bit_anywhere_is_found(
    long: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """One bit of head, content or tag: nothing of that part is given out, and the error names the blob."""
    size = 3 * CHUNK_BYTES + 17
    sealed = bytearray(long.read_bytes())
    # Borders matter most: heads, tags and the ends of chunks.
    borders = [0, HEADER_BYTES, HEADER_BYTES + CHUNK_BYTES, HEADER_BYTES + CHUNK_BYTES + TAG_BYTES]
    near = st.sampled_from(borders).flatmap(lambda at: st.integers(max(0, at - 2), at + 20))
    at = data.draw(st.one_of(near, st.integers(0, len(sealed) - 1)))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.getbasetemp() / "flipped"
    path.write_bytes(sealed)
    told: list[Damaged] = []
    with pytest.raises(Damaged, match="blob clip"):
        SealedFile(path, KEY, "clip", size, told=told.append).all()
    assert len(told) == 1


def test_another_name_or_key_opens_nothing(long: Path) -> None:
    """A sealed file put in the place of another, or opened with another's key, is damaged."""
    size = 3 * CHUNK_BYTES + 17
    for key, name in ((OTHER, "clip"), (KEY, "other")):
        with pytest.raises(Damaged):
            SealedFile(long, key, name, size).all()


def test_parts_cut_off_moved_or_repeated_are_found(long: Path, tmp_path: Path) -> None:
    """Whole chunks left out at the end, swapped, repeated, or made to look like the end."""
    sealed, step = long.read_bytes(), CHUNK_BYTES + TAG_BYTES
    head, chunks = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
    a, b, c, d = (chunks[n * step : (n + 1) * step] for n in range(4))
    for size, parts in (
        (3 * CHUNK_BYTES, (a, b, c)),
        (3 * CHUNK_BYTES + 17, (b, a, c, d)),
        (3 * CHUNK_BYTES + 17, (a, a, c, d)),
        (2 * CHUNK_BYTES + 17, (a, b, d)),
    ):
        path = tmp_path / "cut"
        path.write_bytes(head + b"".join(parts))
        with pytest.raises(Damaged, match=r"part [0-3]"):
            SealedFile(path, KEY, "clip", size).all()


def test_a_length_that_is_not_the_one_kept_is_found_before_a_byte(long: Path, tmp_path: Path) -> None:
    """A file cut off or added to is refused when it is opened, be it only to show its beginning."""
    sealed = long.read_bytes()
    for changed in (sealed[:-1], sealed[: -(17 + TAG_BYTES)], sealed + b"x", b""):
        (tmp_path / "cut").write_bytes(changed)
        with pytest.raises(Damaged, match="expected 196"):
            SealedFile(tmp_path / "cut", KEY, "clip", 3 * CHUNK_BYTES + 17)
    with pytest.raises(Gone):
        SealedFile(tmp_path / "none", KEY, "clip", 1)


def test_the_same_bytes_never_look_the_same() -> None:
    """Two seals of one picture share no byte that tells that they do."""
    one, other = (b"".join(seal_parts(KEY, "a", [b"picture" * 99])) for _ in range(2))
    assert one[HEADER_BYTES:] != other[HEADER_BYTES:]
