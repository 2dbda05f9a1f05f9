"""A camera that shakes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenban.vision.settled import Small
from tenban.vision.steady import Steady

WIDTH, HEIGHT = 320, 180
_RNG = np.random.default_rng(11)
# Twice as wide as what is analysed, so that a shift is seen as a lens shows it, and not as an interpolation.
_COUNTER = cv2.GaussianBlur(
    cv2.resize(_RNG.integers(30, 220, (45, 80, 3)).astype(np.uint8), (2 * WIDTH, 2 * HEIGHT)), (5, 5), 0
)


def counter(right: float = 0.0, down: float = 0.0, *, noise: float = 0.0, light: float = 1.0) -> Small:
    """Return a counter seen by a camera that is off by some pixels of the analysed picture."""
    off = np.array([[1.0, 0.0, 2 * right], [0.0, 1.0, 2 * down]])
    large = cv2.warpAffine(
        _COUNTER, off, (2 * WIDTH, 2 * HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    seen = cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) * light
    return np.clip(seen + _RNG.normal(0, noise, seen.shape), 0, 255).astype(np.uint8)


def off_by(one: Small, other: Small) -> float:
    """Return the mean difference away from the border, in grey levels."""
    inner = np.s_[16:-16, 16:-16]
    return float(np.abs(one[inner].astype(float) - other[inner].astype(float)).mean())


shifts = st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))


@settings(max_examples=40)
@given(shift=shifts, noise=st.floats(0, 4), light=st.floats(0.8, 1.2))
def test_a_shaken_picture_is_put_back(shift: tuple[float, float], noise: float, light: float) -> None:
    """To a tenth of a pixel, in noise and in another light; less than half a pixel does it no harm."""
    steady = Steady()
    steady.put_back(counter())
    seen, straight = counter(*shift, noise=noise, light=light), counter(light=light)
    put_back = steady.put_back(seen)
    assert off_by(put_back, straight) < off_by(seen, straight) + 0.5
    if max(abs(one) for one in shift) > 0.5:
        assert steady.shift == pytest.approx(shift, abs=0.1)
        assert off_by(put_back, straight) < 2.0 + noise


@given(noise=st.floats(0, 8), light=st.floats(0.7, 1.3))
@settings(max_examples=40)
def test_a_camera_that_stands_still_gives_the_very_pictures_it_took(noise: float, light: float) -> None:
    """Noise and light move nothing."""
    steady = Steady()
    steady.put_back(counter())
    for _ in range(5):
        seen = counter(noise=noise, light=light)
        assert steady.put_back(seen) is seen


@settings(max_examples=30)
@given(at=st.integers(0, 220), step=st.integers(1, 14), colour=st.integers(0, 255))
def test_an_arm_that_crosses_the_picture_is_no_shake(at: int, step: int, colour: int) -> None:
    """A third of the picture moves: the counter is where it was."""
    steady = Steady()
    steady.put_back(counter())
    for number in range(8):
        seen = counter(noise=1.0)
        x = at + number * step - 60
        seen[:, max(x, 0) : max(x + 100, 0)] = colour
        assert steady.put_back(seen) is seen


def test_a_shake_is_followed_once_it_is_known() -> None:
    """A camera that swings by several pixels is put back picture by picture."""
    steady = Steady()
    steady.put_back(counter())
    for number in range(60):
        swing = (4 * np.sin(number / 6), 2 * np.sin(number / 5))
        steady.put_back(counter(*swing, noise=1.0))
    assert steady.shift == pytest.approx(swing, abs=0.2)


def test_an_arm_and_a_shake_are_told_apart() -> None:
    """What the counter shows around an arm is put back all the same."""
    steady = Steady()
    steady.put_back(counter())
    seen = counter(1.5, -0.8)
    seen[40:, 130:190] = (60, 90, 150)
    steady.put_back(seen)
    assert steady.shift == pytest.approx((1.5, -0.8), abs=0.1)


def test_a_camera_that_was_turned_away_is_not_followed() -> None:
    """Another view is no shake: its pictures are left as they are."""
    steady = Steady()
    steady.put_back(counter())
    seen = counter(60.0, 25.0)
    assert steady.put_back(seen) is seen


@pytest.mark.parametrize("shape", [(180, 320, 3), (90, 160, 3)])
def test_a_wall_without_edges_moves_nothing(shape: tuple[int, int, int]) -> None:
    """Where nothing tells a displacement there is none."""
    steady = Steady()
    steady.put_back(np.full(shape, 128, np.uint8))
    seen = np.clip(128 + _RNG.normal(0, 4, shape), 0, 255).astype(np.uint8)
    assert steady.put_back(seen) is seen
    assert steady.shift == (0.0, 0.0)
