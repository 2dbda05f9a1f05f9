"""かご内商品の残り: the basket after the payment."""

from __future__ import annotations

import pytest

from findings.story import LaneStory, at


def lane_with(*sights: tuple[float, bool]) -> LaneStory:
    lane = LaneStory()
    lane.scan(1)
    lane.move(2)
    for second, remains in sights:
        lane.basket(second, remains=remains)
    lane.pay(18, done=20)
    return lane


@pytest.mark.parametrize(
    ("sights", "expected"),
    [
        ([(0.5, True)], ["items_left_in_basket 20"]),
        ([(0.5, True), (10, False)], []),
        ([(0.5, True), (24, False)], []),
        ([(0.5, True), (40, False)], ["items_left_in_basket 20"]),
        ([(0.5, True), (10, False), (22, True)], []),
        ([(-60, True)], ["items_left_in_basket 20"]),
        ([], []),
    ],
    ids=[
        "remains",
        "emptied before",
        "emptied in time",
        "too late",
        "next basket",
        "old sight",
        "never seen",
    ],
)
def test_stories(sights: list[tuple[float, bool]], expected: list[str]) -> None:
    """What counts is the basket at payment, and until the grace is over."""
    assert lane_with(*sights).told() == expected


def test_waits_for_the_grace() -> None:
    """It is decidable when the time given to empty the basket is over."""
    lane = lane_with((0.5, True))
    assert lane.verdict("items_left_in_basket", 24.9).due_at == at(25)
    finding = lane.verdict("items_left_in_basket", 25).findings[0]
    assert finding.decidable_at == at(25)
    assert [(wish.label, wish.at) for wish in finding.stills] == [
        ("basket_at_payment", at(20)),
        ("basket_after_payment", at(25)),
    ]


def test_a_late_sight_withdraws_it() -> None:
    """A basket that was empty in time, but proven so later, withdraws the finding."""
    lane = lane_with((0.5, True))
    lane.basket(24, remains=False, proven=4)
    replayed = lane.replay()
    assert replayed.findings == ()
    assert [withdrawal.reason for withdrawal in replayed.withdrawn] == ["basket_emptied"]


def test_paying_the_rest_in_a_next_sale_clears_it() -> None:
    """Who goes on with another sale without leaving is paying for the rest."""
    lane = lane_with((0.5, True))
    lane.start(40, "s2")
    assert lane.told() == []


def test_a_next_sale_of_somebody_else_clears_nothing() -> None:
    """When the operator left in between, the next sale is another shopper's."""
    lane = lane_with((0.5, True))
    lane.leave(30)
    lane.start(40, "s2")
    assert lane.told() == ["items_left_in_basket 20"]


def test_an_unsure_sight_is_not_believed() -> None:
    """A sight below the confidence asked for tells nothing."""
    lane = lane_with()
    lane.basket(0.5, remains=True, confidence=0.2)
    assert lane.told() == []
