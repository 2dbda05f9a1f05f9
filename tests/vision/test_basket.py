"""Whether products remain in the basket zone."""

from __future__ import annotations

from tenban.vision.transfer import TransferCounter
from vision.table import BAGGING_ZONE, BASKET_ZONE, BLUE, Item, carry, film


def test_the_basket_is_empty_after_its_last_item() -> None:
    """With one of two items gone the basket still holds something; with both gone it does not."""
    spots = [(70, 90), (110, 150)]
    items = [Item(spots[0]), Item(spots[1], BLUE)]
    hands = [carry(n, 1.5 + 3.5 * n, spots[n], (370 + 40 * n, 90 + 60 * n)) for n in range(2)]
    counter = TransferCounter([BASKET_ZONE, BAGGING_ZONE], camera="test")
    seen = [one for frame in film(items, hands, length_s=9.5) for one in counter.see(frame)]
    assert [one.remains for one in seen if one.kind == "basket_state"] == [True, False]


def test_what_lay_under_the_first_item_is_not_taken_for_the_bottom() -> None:
    """Taking one item off another bares that one, and it remains."""
    items = [Item((90, 130), BLUE, (60, 40)), Item((90, 120), size=(44, 34))]
    counter = TransferCounter([BASKET_ZONE, BAGGING_ZONE], camera="test")
    hands = [carry(1, 1.5, (90, 120), (370, 90))]
    seen = [one for frame in film(items, hands, length_s=6.5) for one in counter.see(frame)]
    assert [one.remains for one in seen if one.kind == "basket_state"] == [True]
