"""Whoever a detector finds is covered by the head, and stays so where it misses them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.errors import BadInput
from tenban.video.frames import Picture, read_frames
from tenban.vision.detection import Detection
from tenban.vision.heads import HOLD_S, Sightings, follow_heads, heads, load_people_detector
from tenban.vision.masking import mask_clip

FPS = 10


def found(*boxes: tuple[float, float, float, float], score: float = 0.9) -> Detection:
    """People at these places."""
    count = len(boxes)
    array = np.array(boxes, dtype=np.float32).reshape(-1, 4)
    return Detection(array, np.full(count, score, np.float32), np.zeros(count, np.int64))


class Fixed:
    """Finds the same person in every picture but some."""

    def __init__(self, *missed: int) -> None:
        self.missed, self.number = missed, -1

    def people(self, picture: Picture) -> Detection:
        """Return them."""
        del picture
        self.number += 1
        return found() if self.number in self.missed else found((0.4, 0.2, 0.6, 1.0))


def inside(polygons: list[tuple[tuple[float, float], ...]], x: float, y: float) -> bool:
    """Tell whether a point is covered by one of these rectangles."""
    return any(one[0][0] <= x <= one[2][0] and one[0][1] <= y <= one[2][1] for one in polygons)


def test_the_head_is_the_upper_part_of_a_person() -> None:
    """Head and shoulders of who stands; nearly all of who is seen from the chest up."""
    picture = np.zeros((400, 400, 3), np.uint8)
    (standing,) = heads(picture, Fixed())
    assert standing[0] == pytest.approx((0.38, 0.152), abs=0.01)
    assert standing[2] == pytest.approx((0.62, 0.48), abs=0.01)

    class Close:
        def people(self, picture: Picture) -> Detection:
            del picture
            return found((0.2, 0.5, 0.8, 1.0))

    (close,) = heads(picture, Close())
    assert close[2][1] == pytest.approx(0.92, abs=0.01)


@given(st.sets(st.integers(1, 39)), st.floats(-0.004, 0.004))
def test_nobody_is_uncovered_for_a_picture_in_which_they_were_missed(missed: set[int], step: float) -> None:
    """Between two sightings up to two seconds apart, and half a second around each, they are covered."""
    seen = [n for n in range(40) if n not in missed]
    sightings = Sightings()
    for number in range(40):
        x = 0.4 + step * number
        sightings.add(number / FPS, found((x, 0.2, x + 0.2, 0.5)) if number in seen else found())
    covers = sightings.covered()
    gaps = [(one, other) for one, other in pairwise(seen) if other - one <= 2 * FPS]
    due = {n for one, other in gaps for n in range(one, other)}
    due |= {n for one in seen for n in range(40) if abs(n - one) / FPS < HOLD_S - 0.01}
    for number in due:
        assert inside(covers[number], 0.5 + step * number, 0.3), number


def test_an_unsure_sighting_that_fits_nobody_is_covered_too() -> None:
    """One thing blurred too many costs less than one face too few."""
    sightings = Sightings()
    sightings.add(0.0, found((0.1, 0.1, 0.2, 0.3), score=0.25))
    sightings.add(1.0, found())
    assert inside(sightings.covered()[0], 0.15, 0.2)
    assert sightings.covered()[1] == []


def film(path: Path, pictures: int) -> Path:
    """A film of noise, ten pictures a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width = stream.height = 160
        stream.pix_fmt = "yuv420p"
        noise = np.random.default_rng(1).integers(0, 255, (160, 160, 3), np.uint8)
        for _ in range(pictures):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="bgr24")))
        container.mux(stream.encode())
    return path


def test_a_clip_is_covered_in_every_picture(tmp_path: Path) -> None:
    """Also in those in which nobody was found; the rest of the picture and the times stay."""
    clip, to = film(tmp_path / "clip.mp4", 20), tmp_path / "blurred.mp4"
    told: list[float] = []
    covers = follow_heads(clip, Fixed(3, 4, 5, 12), told.append)
    assert [len(one) for one in covers] == [1] * 20
    assert told == sorted(told)
    mask_clip(clip, [], to, of_picture=covers, told=told.append)
    before, after = list(read_frames(clip)), list(read_frames(to))
    assert [one.captured_at for one in before] == [one.captured_at for one in after]
    for one, other in zip(before, after, strict=True):
        change = np.abs(one.bgr().astype(int) - other.bgr().astype(int)).mean(axis=2)
        assert change[40:70, 70:90].mean() > 3 * change[120:150, 5:40].mean()


def test_a_model_that_is_none_is_refused() -> None:
    """The built-in detector finds things that move, not people."""
    with pytest.raises(BadInput, match="onnx"):
        load_people_detector("motion")
    with pytest.raises(BadInput):
        load_people_detector("onnx:/nowhere.onnx")
