"""Who is at the operator position, on a drawn floor and on the shared clip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tenban.base.clock import SECOND, seconds
from tenban.base.errors import BadInput
from tenban.video.frames import Frame, read_frames
from tenban.vision.presence import PresenceWatch
from vision.table import rectangle

DATA = Path(os.environ.get("TENBAN_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
CLIP = DATA / "video" / "people" / "intel_one-by-one-person.mp4"
PLACE = rectangle("operator", 0.35, 0.2, 0.65, 0.95)


def floor(way: list[tuple[float, float]], length_s: float) -> Iterator[Frame]:
    """Film a person whose place (0–1 across) at a second is given; nobody outside these seconds."""
    rng = np.random.default_rng(2)
    empty = cv2.GaussianBlur(rng.integers(120, 200, (180, 320, 3), dtype=np.uint8), (0, 0), 3)
    times, places = [at_s for at_s, _ in way], [320 * x for _, x in way]
    for number in range(round(length_s * 10)):
        at_s = number / 10
        picture = empty.copy()
        if times[0] <= at_s <= times[-1]:
            x = round(np.interp(at_s, times, places))
            cv2.ellipse(picture, (x, 110), (24, 60), 0, 0, 360, (60, 40, 30), -1)
            cv2.circle(picture, (x, 40), 15, (120, 150, 210), -1)
        noisy = np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
        yield Frame("test", seconds(at_s), av.VideoFrame.from_ndarray(noisy, format="bgr24"))


def spans(frames: Iterator[Frame]) -> list[tuple[float, float]]:
    watch = PresenceWatch([PLACE], camera="test")
    seen = [one for frame in frames for one in watch.see(frame)] + watch.finish()
    starts = [one.at / SECOND for one in seen if one.kind == "operator_arrived"]
    ends = [one.at / SECOND for one in seen if one.kind == "operator_left"]
    return list(zip(starts, ends, strict=True))


def test_somebody_who_stands_still_is_there_until_they_leave() -> None:
    """Half a minute without a movement does not make a person furniture."""
    ((start_s, end_s),) = spans(floor([(2, -0.1), (3.5, 0.5), (33, 0.5), (34.5, 1.1)], 38))
    assert 2.4 < start_s < 4.5
    assert 32.8 < end_s < 34.6


def test_somebody_who_walks_through_was_never_there() -> None:
    """Passing by is no visit."""
    assert spans(floor([(2, -0.1), (4.5, 1.1)], 7)) == []


def test_somebody_who_is_still_there_at_the_end_leaves_with_the_video() -> None:
    """An open visit ends with the last picture."""
    ((_, end_s),) = spans(floor([(2, -0.1), (3.5, 0.5), (60, 0.5)], 8))
    assert end_s == pytest.approx(7.9, abs=0.11)


def test_zones_without_an_operator_position_are_bad_input() -> None:
    """The error says which zones there are."""
    with pytest.raises(BadInput, match="bagging"):
        PresenceWatch([rectangle("bagging", 0, 0, 1, 1)], camera="test")


@pytest.mark.data
@pytest.mark.skipif(not CLIP.exists(), reason=f"no shared clip at {CLIP}")
def test_six_visits_are_six_spans() -> None:
    """Six people come to a table, stand for up to 25 s, and leave."""
    watch = PresenceWatch([rectangle("operator", 0.25, 0.05, 0.85, 1)], camera="clip")
    seen = [one for frame in read_frames(CLIP) for one in watch.see(frame)] + watch.finish()
    starts = [one.at / SECOND for one in seen if one.kind == "operator_arrived"]
    ends = [one.at / SECOND for one in seen if one.kind == "operator_left"]
    truth = [(7.4, 18.4, 19.8), (24.0, 43.5, 45.1), (51.7, 68.2, 70.0)]
    truth += [(76.2, 85.1, 86.9), (93.9, 118.1, 120.0), (125.0, 134.4, 136.0)]
    assert len(starts) == len(ends) == 6
    for start_s, end_s, (arrive, leave, gone) in zip(starts, ends, truth, strict=True):
        assert abs(start_s - arrive) < 1.0
        assert leave - 0.3 <= end_s <= gone + 0.6
