"""The sample table keeps every number, in few bytes, and refuses what it did not write."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from tenban.base.errors import BadInput
from tenban.video.samples import Sample, pack_samples, unpack_samples

samples = st.builds(
    Sample,
    size=st.integers(0, 1 << 30),
    duration=st.integers(0, 1 << 32),
    offset=st.integers(-(1 << 31), 1 << 31),
    is_keyframe=st.booleans(),
)


@given(st.lists(samples, max_size=40))
def test_what_is_packed_comes_out_again(table: list[Sample]) -> None:
    """Packing loses nothing."""
    assert unpack_samples(pack_samples(table)) == table


@given(st.binary(max_size=60))
def test_garbage_is_refused(data: bytes) -> None:
    """Any bytes are a table or a BadInput."""
    with contextlib.suppress(BadInput):
        unpack_samples(data)


def test_a_second_of_steady_video_takes_few_bytes() -> None:
    """Fifteen pictures with equal durations take at most four bytes each."""
    table = [Sample(4000 + 17 * number, 6000, 0, number == 0) for number in range(15)]
    assert len(pack_samples(table)) <= 4 * len(table)
