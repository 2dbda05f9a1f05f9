"""What must not count wrong: empty hands, light, noise, arms at rest, what is taken out again."""

from __future__ import annotations

import pytest

from tenban.base.clock import SECOND
from tenban.vision.transfer import TransferCounter
from vision.table import (
    BAGGING,
    BAGGING_ZONE,
    BASKET,
    BASKET_ZONE,
    BLUE,
    FRONT,
    Hand,
    Item,
    carry,
    count,
    film,
    kinds,
)

BOTH = [BASKET_ZONE, BAGGING_ZONE]


@pytest.mark.parametrize("zones", [BOTH, [BAGGING_ZONE]], ids=["both", "bagging"])
def test_an_empty_hand_counts_nothing(zones: list) -> None:
    """A hand that reaches into basket and bagging and leaves empty moved nothing."""
    points = [(1.5, FRONT), (2.2, BASKET), (2.6, BASKET), (3.4, BAGGING), (3.8, BAGGING), (4.6, FRONT)]
    assert count(film([Item(BASKET), Item(BAGGING, BLUE)], [Hand(points)], length_s=7), zones) == []


def test_a_hand_that_rests_in_bagging_counts_nothing_in_the_end() -> None:
    """A hand that lies still in bagging is no item that stays, and with a basket zone none at all."""
    points = [(1.5, FRONT), (2.2, BAGGING), (5.2, BAGGING), (5.9, FRONT)]
    assert count(film([], [Hand(points)], length_s=8.5), BOTH) == []
    counter = TransferCounter([BAGGING_ZONE], camera="test")
    for frame in film([], [Hand(points)], length_s=8.5):
        counter.see(frame)
    assert counter.brought_in == 0


def test_an_item_lifted_and_put_back_counts_nothing() -> None:
    """What leaves the basket and returns to it never came to bagging."""
    seen = count(film([Item(BASKET)], [carry(0, 1.5, BASKET, (100, 110))], length_s=6.5), BOTH)
    assert seen == []


def test_arranging_inside_bagging_counts_nothing() -> None:
    """An item that only changes its spot inside bagging came from nowhere."""
    hand = carry(0, 1.5, (350, 90), (425, 150))
    assert count(film([Item((350, 90))], [hand], length_s=6.5), [BAGGING_ZONE]) == []


def test_an_item_taken_out_counts_back() -> None:
    """A thing taken out of bagging again is a return, and the count is what it was."""
    there, back = carry(0, 1.5, BASKET, BAGGING), carry(0, 6.0, BAGGING, (240, 120))
    counter = TransferCounter([BAGGING_ZONE], camera="test")
    for frame in film([Item(BASKET)], [there, back], length_s=12):
        counter.see(frame)
    counter.finish()
    assert counter.brought_in == 0


def test_an_item_that_rests_half_way_counts_when_it_arrives() -> None:
    """Resting between the zones is no move; going on is one."""
    hands = [carry(0, 1.5, BASKET, (240, 120)), carry(0, 6.0, (240, 120), BAGGING)]
    seen = count(film([Item(BASKET)], hands, length_s=11), BOTH)
    assert kinds(seen) == ["item_moved"]
    assert seen[0].at > 7 * SECOND


@pytest.mark.parametrize(
    "light",
    [
        lambda at_s: 1 - 0.02 * at_s,
        lambda at_s: 0.75 if at_s > 3 else 1.0,
        lambda at_s: 1 + 0.03 * (at_s > 2),
    ],
    ids=["fading", "switched", "blinking"],
)
def test_changing_light_counts_nothing(light) -> None:  # noqa: ANN001  # a function of seconds
    """Light that fades or is switched moves no item."""
    assert count(film([Item(BASKET), Item(BAGGING)], [], length_s=7, light=light), BOTH) == []


def test_a_dark_picture_hides_nothing() -> None:
    """A dull product counts where the camera shows less than half of the light, and nothing else does."""
    dull = Item(BASKET, (95, 105, 105))
    dark = film([dull], [carry(0, 1.5, BASKET, BAGGING)], length_s=6.5, noise=1.0, light=lambda _: 0.4)
    assert kinds(count(dark, BOTH)) == ["item_moved"]


def test_noise_counts_nothing_and_hides_nothing() -> None:
    """A noisy camera still counts one move, and no other."""
    seen = count(film([Item(BASKET)], [carry(0, 1.5, BASKET, BAGGING)], length_s=7, noise=9), BOTH)
    assert kinds(seen) == ["item_moved"]


def test_what_slides_through_on_a_belt_counts_by_its_path() -> None:
    """A thing that moves by itself into bagging and out of the picture was brought in."""
    belt = Hand([(1.5, (-40, 130)), (5.0, (540, 130))], {0: (1.5, 5.0)})
    belt.draw = lambda *_: None  # type: ignore[method-assign]  # nobody carries it
    seen = count(film([Item((-60, 130), size=(50, 40))], [belt], length_s=6), [BAGGING_ZONE])
    assert kinds(seen) == ["item_moved"]


def test_a_video_that_ends_while_the_hand_leaves_counts_what_lies_there() -> None:
    """The last pictures decide with what they show."""
    seen = count(film([Item(BASKET)], [carry(0, 1.5, BASKET, BAGGING)], length_s=4.25), [BAGGING_ZONE])
    assert kinds(seen) == ["item_moved"]


def test_an_arm_that_rests_over_bagging_after_a_visit_to_the_basket_counts_nothing() -> None:
    """Whoever touches the basket and then rests an arm over bagging, as when paying, moved nothing."""
    points = [
        (1.5, FRONT),
        (2.0, BASKET),
        (2.5, FRONT),
        (3.5, FRONT),
        (4.0, BAGGING),
        (6.5, BAGGING),
        (7.0, FRONT),
    ]
    assert count(film([Item(BASKET)], [Hand(points)], length_s=9), BOTH) == []


def test_an_item_under_a_resting_hand_counts_once_and_from_when_it_lay_there() -> None:
    """A hand that stays on what it brought delays the proof, not the time of the move."""
    points = [
        (1.5, FRONT),
        (2.1, BASKET),
        (2.4, BASKET),
        (3.3, BAGGING),
        (6.0, BAGGING),
        (6.5, FRONT),
    ]
    seen = count(film([Item(BASKET)], [Hand(points, {0: (2.3, 3.6)})], length_s=9), BOTH)
    assert kinds(seen) == ["item_moved"]
    assert 2.5 * SECOND < seen[0].at < 4.6 * SECOND < seen[0].proven_at


def test_what_comes_to_bagging_while_the_other_arm_rests_there_counts_at_once() -> None:
    """An arm at rest hides what lies under it, and nothing beside it."""
    resting = Hand([(2.6, FRONT), (3.2, (420, 150)), (7.0, (420, 150)), (7.5, FRONT)])
    seen = count(film([Item(BASKET)], [resting, carry(0, 3.2, BASKET, (340, 70))], length_s=9), BOTH)
    assert kinds(seen) == ["item_moved"]
    assert seen[0].proven_at < 7 * SECOND
