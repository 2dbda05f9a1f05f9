"""The painted lane."""

from __future__ import annotations

import numpy as np
import pytest

from tenban.simulator.clip import Studio
from tenban.simulator.script import BAG
from tenban.simulator.truth import inside


@pytest.fixture(scope="module")
def studio() -> Studio:
    return Studio(width=320, height=180, articles=12, variety=2)


def test_the_same_seed_gives_the_same_pixels(studio: Studio) -> None:
    """Two studios film the same sale to the same bytes, whichever frame is drawn first."""
    other = Studio(width=320, height=180, articles=12, variety=2)
    sale = studio.sale(4)
    forwards = [studio.scene(4).film(sale.script, at_s, lane_s=at_s, frame=9) for at_s in (2.0, 9.0, 15.0)]
    backwards = [other.scene(4).film(sale.script, at_s, lane_s=at_s, frame=9) for at_s in (15.0, 9.0, 2.0)]
    for one, two in zip(forwards, reversed(backwards), strict=True):
        assert np.array_equal(one, two)


def test_a_lane_empties(studio: Studio) -> None:
    """After a sale's end the lane looks as it did before, but for the screen."""
    sale = studio.sale(4)
    scene = studio.scene(4)
    before = scene.picture(sale.script, -5.0, lane_s=3.0)
    after = scene.picture(sale.script, sale.script.length_s, lane_s=3.0)
    differing = np.mean(np.any(before != after, axis=2))
    assert differing < 0.05


def test_an_item_that_moves_is_seen_to_move(studio: Studio) -> None:
    """Where an item lies in the basket, the picture changes once it has been lifted."""
    sale = studio.sale(4)
    scene = studio.scene(4)
    move = sale.truth.moves[-1]
    matrix = scene.view.matrix()
    spot, _ = sale.script.where(move.item, move.picked_at_s - 0.01) or ((0.0, 0.0), 0.0)
    x, y = (matrix @ (*spot, 1.0)).astype(int)
    part = np.s_[y - 3 : y + 4, x - 3 : x + 4]
    before = scene.picture(sale.script, sale.truth.arrived_at_s + 1.8, lane_s=3.0)[part]
    after = scene.picture(sale.script, sale.truth.taken_at_s, lane_s=3.0)[part]
    assert np.abs(before.astype(int) - after.astype(int)).mean() > 3


def test_zones_hold_what_they_are_for(studio: Studio) -> None:
    """The bag stands in the bagging zone, and every polygon lies within the picture."""
    sale = studio.sale(4)
    where = sale.script.where(BAG, sale.truth.taken_at_s - 0.5)
    assert where is None or inside(where[0], "bagging")
    for zone in studio.scene(4).view.zones():
        polygon = np.array(zone["polygon"])
        assert polygon.shape == (4, 2)
        assert polygon.min() >= 0
        assert polygon.max() <= 1


def test_light_changes_and_noise_differ_by_frame(studio: Studio) -> None:
    """Two frames of a lane in which nothing moves are not the same picture."""
    sale = studio.sale(4)
    scene = studio.scene(4)
    one = scene.film(sale.script, -5.0, lane_s=3.0, frame=1)
    two = scene.film(sale.script, -5.0, lane_s=3.0, frame=2)
    assert 0.2 < np.abs(one.astype(int) - two.astype(int)).mean() < 6
