"""Watching one view."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tenban.base.clock import SECOND
from tenban.base.errors import BadInput
from tenban.sites.model import View
from tenban.sites.zone import Zone
from tenban.video.frames import Frame
from tenban.vision.watch import ViewWatch

BAGGING = Zone("bagging", ((0.5, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.9)))
OPERATOR = Zone("operator", ((0.1, 0.5), (0.4, 0.5), (0.4, 0.9), (0.1, 0.9)))


def _frame(captured_at: int, width: int = 320) -> Frame:
    picture = np.full((180, width, 3), 90, dtype=np.uint8)
    return Frame("cam-1", captured_at, av.VideoFrame.from_ndarray(picture, format="bgr24"))


def test_a_frame_that_is_too_old_is_left_out_and_counted() -> None:
    """To keep up, frames older than 0.7 s are not analysed; how many is known."""
    watch = ViewWatch(View("cam-1", (BAGGING, OPERATOR)))
    watch.see(_frame(10 * SECOND), 10 * SECOND)
    watch.see(_frame(11 * SECOND), 12 * SECOND)
    assert (watch.seen, watch.skipped) == (1, 1)


def test_a_camera_that_changes_its_size_is_watched_anew() -> None:
    """Another picture size begins the analysis afresh instead of breaking it."""
    watch = ViewWatch(View("cam-1", (BAGGING, OPERATOR)))
    watch.see(_frame(SECOND), SECOND)
    assert watch.see(_frame(2 * SECOND, width=640), 2 * SECOND) == []
    assert watch.seen == 2


def test_a_view_without_zones_sees_nothing() -> None:
    """Without bagging or operator zone there is nothing to watch, and nothing breaks."""
    assert ViewWatch(View("cam-1", ())).see(_frame(SECOND), SECOND) == []


def test_a_detector_that_cannot_load_says_what_to_do(tmp_path: Path) -> None:
    """A corrupt detector file is refused when watching begins, with the file's name."""
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    with pytest.raises(BadInput, match=r"broken\.onnx"):
        ViewWatch(View("cam-1", (BAGGING,), detector=f"onnx:{broken}"))
