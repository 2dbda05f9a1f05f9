"""The currency of vision checks its shapes."""

from __future__ import annotations

import numpy as np
import pytest

from tenban.vision.detection import Detection, box_iou


def test_wrong_shapes_are_named() -> None:
    """The message names what was expected and what came."""
    with pytest.raises(ValueError, match=r"expected shape \(N, 4\), got \(2, 3\)"):
        Detection(boxes=np.zeros((2, 3), dtype=np.float32))
    with pytest.raises(ValueError, match=r"scores: expected shape \(2,\), got \(0,\)"):
        Detection(boxes=np.zeros((2, 4), dtype=np.float32))


def test_overlap_is_intersection_over_union() -> None:
    """Equal boxes overlap by 1, halves by a third, strangers by 0."""
    one = np.array([[0, 0, 1, 1]], dtype=np.float32)
    others = np.array([[0, 0, 1, 1], [0.5, 0, 1.5, 1], [2, 2, 3, 3]], dtype=np.float32)
    assert np.allclose(box_iou(one, others), [[1, 1 / 3, 0]])


def test_choosing_keeps_rows_together() -> None:
    """A mask picks boxes, scores and classes of the same things."""
    found = Detection(
        np.eye(4, dtype=np.float32), np.arange(4, dtype=np.float32), np.arange(4, dtype=np.int64)
    )
    chosen = found[found.scores > 1]
    assert len(chosen) == 2
    assert chosen.classes.tolist() == [2, 3]
