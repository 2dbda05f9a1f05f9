"""Tracks keep their numbers."""

from __future__ import annotations

import numpy as np

from tenban.vision.detection import Detection
from tenban.vision.track import Tracker


def seen(*boxes: tuple[float, float, float, float], score: float = 0.9) -> Detection:
    count = len(boxes)
    return Detection(
        np.array(boxes, dtype=np.float32).reshape(-1, 4),
        np.full(count, score, dtype=np.float32),
        np.zeros(count, dtype=np.int64),
    )


def test_two_that_cross_keep_their_numbers() -> None:
    """Constant velocity carries two things past each other."""
    tracker = Tracker()
    for step in range(20):
        x = step / 25
        found = tracker.update(seen((x, 0.2, x + 0.1, 0.3), (0.8 - x, 0.26, 0.9 - x, 0.36)), step / 10)
    assert [track.number for track in found if track] == [1, 2]


def test_an_unsure_detection_keeps_a_track_but_begins_none() -> None:
    """A weak score continues what is known and starts nothing new."""
    tracker = Tracker()
    tracker.update(seen((0.1, 0.1, 0.2, 0.2)), 0.0)
    (kept,) = tracker.update(seen((0.11, 0.1, 0.21, 0.2), score=0.2), 0.1)
    assert kept is not None
    assert kept.number == 1
    assert tracker.update(seen((0.7, 0.7, 0.8, 0.8), score=0.2), 0.2) == [None]


def test_a_track_that_is_lost_for_long_ends() -> None:
    """What comes back after the patience is over has a new number."""
    tracker = Tracker(lost_s=1.0)
    tracker.update(seen((0.1, 0.1, 0.2, 0.2)), 0.0)
    tracker.update(seen(), 2.0)
    (again,) = tracker.update(seen((0.1, 0.1, 0.2, 0.2)), 2.1)
    assert again is not None
    assert again.number == 2
