"""The image circle is found where it is, and not made up where there is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tenban.vision.circle import NoCircle, find_circle


def lit(
    centre: tuple[float, float], radius: float, *, size: tuple[int, int] = (960, 720), noise: float = 6.0
) -> NDArray[np.uint8]:
    """Draw a circle full of things on a dark, noisy ground; in pixels."""
    chance = np.random.default_rng(3)
    picture = np.full((size[1], size[0], 3), 8.0)
    room = cv2.resize(chance.uniform(20, 220, (24, 32, 3)), size, interpolation=cv2.INTER_LINEAR)
    mask = np.zeros((size[1], size[0]), np.uint8)
    cv2.circle(mask, (round(centre[0]), round(centre[1])), round(radius), 1, -1)
    picture[mask > 0] = room[mask > 0]
    return np.clip(picture + chance.normal(0, noise / 3, picture.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("centre", "radius"),
    [((480, 360), 340), ((430, 380), 320), ((480, 360), 450)],
    ids=["whole", "off centre", "cut off above and below"],
)
def test_a_circle_is_found(centre: tuple[float, float], radius: float) -> None:
    """Its centre and radius are within half a per cent of the picture's width."""
    x, y, r = find_circle(lit(centre, radius))
    assert x * 960 == pytest.approx(centre[0], abs=5)
    assert y * 720 == pytest.approx(centre[1], abs=5)
    assert r * 960 == pytest.approx(radius, abs=5)


def test_a_dark_corner_of_the_room_does_not_move_it() -> None:
    """A black thing at the edge is not taken for the edge."""
    picture = lit((480, 360), 340)
    picture[250:420, 120:260] = 5
    assert find_circle(picture) == pytest.approx((0.5, 0.5, 340 / 960), abs=0.006)


@pytest.mark.parametrize("shade", [0, 120])
def test_no_circle_is_made_up(shade: int) -> None:
    """A dark picture and one that is lit to its edges have none."""
    with pytest.raises(NoCircle):
        find_circle(np.full((300, 400, 3), shade, np.uint8))
