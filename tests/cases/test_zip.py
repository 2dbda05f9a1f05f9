"""ZIP files that are known before they are written."""

from __future__ import annotations

import io
import zipfile
import zlib
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.cases.zip import Changed, Entry, zip_length, zip_parts

AT = 1_795_312_800_000_000


def entry(path: str, data: bytes) -> Entry:
    return Entry(path, len(data), zlib.crc32(data), partial(iter, [data[:3], data[3:]]))


files = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_characters="/\\\0:"), min_size=1, max_size=12),
    st.binary(max_size=300),
    max_size=6,
)


@given(files, st.sampled_from([0xFFFFFFFF, 200, 40, 1]))
def test_any_reader_finds_what_was_put_in(given_files: dict[str, bytes], large: int) -> None:
    """Names, bytes and checksums come back, also where the fields for sizes beyond 4 GiB are used."""
    entries = [entry(path, data) for path, data in given_files.items()]
    made = b"".join(zip_parts(entries, AT, large=large))
    assert len(made) == zip_length(entries, large=large)
    with zipfile.ZipFile(io.BytesIO(made)) as found:
        assert found.testzip() is None
        assert {one: found.read(one) for one in found.namelist()} == given_files


@pytest.mark.parametrize("now", [b"other", b"longer", b"shor"])
def test_a_file_that_changes_meanwhile_is_not_packed(now: bytes) -> None:
    """Measured as one thing and read as another: refused, and never longer than it was said to be."""
    one = Entry("a", 5, zlib.crc32(b"first"), lambda: iter([now]))
    out: list[bytes] = []
    with pytest.raises(Changed, match="expected the 5 bytes measured before"):
        out.extend(zip_parts([one], AT))
    assert sum(map(len, out)) <= 30 + 1 + 5
