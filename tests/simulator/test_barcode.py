"""Stamps in pictures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenban.simulator.barcode import Stamp, paint_stamp, read_stamp


@given(
    frame=st.integers(0, 2**32 - 1),
    captured_at=st.integers(0, 2**63),
    size=st.sampled_from([(360, 640), (720, 1280), (144, 256)]),
)
@settings(deadline=None)
def test_a_stamp_reads_back(frame: int, captured_at: int, size: tuple[int, int]) -> None:
    """Whatever was painted is read, in colour and in luma, even through noise."""
    picture = np.full((*size, 3), 120, dtype=np.uint8)
    paint_stamp(picture, Stamp(frame, captured_at))
    noise = np.random.default_rng(1).integers(0, 20, picture.shape, dtype=np.uint8)
    assert read_stamp(picture + noise) == Stamp(frame, captured_at)
    assert read_stamp(picture[:, :, 0]) == Stamp(frame, captured_at)


def test_a_damaged_stamp_is_no_stamp() -> None:
    """A picture without a stamp, or with one flipped cell, reads as None."""
    picture = np.full((360, 640), 120, dtype=np.uint8)
    assert read_stamp(picture) is None
    paint_stamp(picture, Stamp(5, 6))
    picture[:8, :20] = 255 - picture[:8, :20]
    assert read_stamp(picture) is None


def test_a_narrow_picture_is_refused() -> None:
    """Below 256 pixels the cells would not survive compression."""
    with pytest.raises(ValueError, match="at least 256"):
        paint_stamp(np.zeros((100, 200), dtype=np.uint8), Stamp(0, 0))
