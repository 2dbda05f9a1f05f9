"""Item transfer on clips drawn here: what has to count."""

from __future__ import annotations

import pytest

from tenban.base.clock import SECOND
from vision.table import (
    BAGGING,
    BAGGING_ZONE,
    BASKET,
    BASKET_ZONE,
    BLUE,
    RED,
    WHITE,
    Item,
    carry,
    count,
    film,
    kinds,
    rectangle,
)

BOTH = [BASKET_ZONE, BAGGING_ZONE]


@pytest.mark.parametrize("fps", [6, 15, 30])
def test_an_item_carried_to_bagging_counts_once(fps: int) -> None:
    """One item, one move, from the basket to bagging, at any frame rate."""
    seen = count(film([Item(BASKET)], [carry(0, 1.5, BASKET, BAGGING)], length_s=6.5, fps=fps), BOTH)
    assert [(one.kind, one.from_zone, one.to_zone) for one in seen] == [("item_moved", "basket", "bagging")]


def test_the_proof_comes_within_a_second_and_a_half_of_letting_go() -> None:
    """An observation says when the item came to rest and which picture proved it."""
    (one,) = count(film([Item(BASKET)], [carry(0, 1.5, BASKET, BAGGING)], length_s=7), BOTH)
    assert 3.2 <= one.at / SECOND <= 4.3
    assert one.at < one.proven_at <= one.at + 1.5 * SECOND
    assert one.started_at <= one.at
    assert one.box is not None
    x0, y0, x1, y1 = one.box
    assert x0 < BAGGING[0] / 480 < x1
    assert y0 < BAGGING[1] / 270 < y1


@pytest.mark.parametrize("colour", [RED, BLUE, WHITE, (30, 30, 30)])
def test_any_product_counts(colour: tuple[int, int, int]) -> None:
    """Dark, bright and coloured products count alike."""
    seen = count(film([Item(BASKET, colour)], [carry(0, 1.5, BASKET, BAGGING)], length_s=6.5), BOTH)
    assert kinds(seen) == ["item_moved"]


def test_without_a_basket_zone_an_item_from_outside_counts() -> None:
    """Where no basket is drawn, what comes from outside and stays is a move."""
    seen = count(film([Item(BASKET)], [carry(0, 1.5, BASKET, BAGGING)], length_s=6.5), [BAGGING_ZONE])
    assert [(one.kind, one.from_zone) for one in seen] == [("item_moved", "outside")]


def test_an_item_that_comes_through_scan_says_so() -> None:
    """A move that passed the scan zone names it as its origin."""
    zones = [rectangle("scan", 0.4, 0.15, 0.6, 0.75), BAGGING_ZONE]
    seen = count(film([Item(BASKET)], [carry(0, 1.5, BASKET, BAGGING)], length_s=6.5), zones)
    assert [(one.kind, one.from_zone) for one in seen] == [("item_moved", "scan")]


def test_two_items_carried_at_once_count_twice() -> None:
    """One hand that sets down two things beside each other brought two."""
    both = carry(0, 1.5, BASKET, BAGGING)
    both.carries[1] = both.carries[0]
    items = [Item((60, 120)), Item((120, 120), BLUE)]
    assert kinds(count(film(items, [both], length_s=6.5), BOTH)) == ["item_moved", "item_moved"]


def test_one_after_the_other_counts_each() -> None:
    """Three items in a row are three moves."""
    spots = [(60, 90), (60, 150), (110, 120)]
    goals = [(350, 80), (350, 150), (420, 110)]
    items = [Item(spot, colour) for spot, colour in zip(spots, (RED, BLUE, WHITE), strict=True)]
    hands = [carry(n, 1.5 + 3.2 * n, spots[n], goals[n]) for n in range(3)]
    assert kinds(count(film(items, hands, length_s=13), BOTH)) == ["item_moved"] * 3
