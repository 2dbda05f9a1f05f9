"""The ledger: what changes in basket and bagging mean together."""

from __future__ import annotations

import numpy as np

from tenban.vision.change import Blob, Change, Verdict
from tenban.vision.ledger import Entry, Ledger
from tenban.vision.place import Settlement

ZONE = 8_000


def settled(
    verdict: Verdict, at_s: float, *, area: int = 400, polarity: float = 0.9, x: int = 10
) -> Settlement:
    """A change that came to rest at a moment and was proven 0.8 s later."""
    side = round(area**0.5)
    blob = Blob(x, 10, side, side, area, (x, 10), np.full((side, side), 255, np.uint8))
    signed = {"came": polarity, "went": -polarity}.get(verdict, 0.0)
    change = Change(blob, verdict, signed, 60.0, 80.0, np.zeros(216))
    return Settlement(change, at_s, at_s - 0.5, at_s + 0.8)


def to_bagging(
    ledger: Ledger,
    *settlements: Settlement,
    basket_seen_s: float,
    basket_quiet: bool = True,
    quiet: bool = True,
) -> list[Entry]:
    return ledger.bagging(
        settlements,
        zone_area=ZONE,
        basket_seen_s=basket_seen_s,
        basket_quiet=basket_quiet,
        scan_seen_s=0.0,
        quiet=quiet,
    )


def test_what_leaves_the_basket_later_pays_for_no_earlier_item() -> None:
    """An item whose leaving was never seen does not use up the proof of the next one."""
    ledger = Ledger(has_basket=True)
    first = to_bagging(ledger, settled("came", 7.0), basket_seen_s=6.0)
    ledger.basket([settled("went", 8.6)], zone_area=ZONE)
    second = to_bagging(ledger, settled("came", 11.0, polarity=0.25, x=60), basket_seen_s=8.4)
    assert [one.meaning for one in [*first, *second]] == ["item_moved", "item_moved"]


def test_what_left_the_basket_before_pays_for_the_item_that_was_proven_first() -> None:
    """One item whose two proofs come in the other order counts once."""
    ledger = Ledger(has_basket=True)
    assert to_bagging(ledger, settled("came", 7.0), basket_seen_s=7.5, basket_quiet=False)
    ledger.basket([settled("went", 6.0)], zone_area=ZONE)
    assert to_bagging(ledger, settled("unclear", 20.0, x=60), basket_seen_s=6.0) == []


def test_while_bagging_is_hidden_one_change_means_one_item() -> None:
    """Two items that left the basket and are proven one after the other under a busy hand are two."""
    ledger = Ledger(has_basket=True)
    ledger.basket([settled("went", 5.0, area=900), settled("went", 7.9)], zone_area=ZONE)
    first = to_bagging(ledger, settled("came", 12.0), basket_seen_s=10.0, quiet=False)
    second = to_bagging(ledger, settled("came", 13.0, area=900, x=60), basket_seen_s=10.0)
    assert [len(first), len(second)] == [1, 1]


def test_an_item_counted_ahead_of_its_own_change_is_not_counted_again() -> None:
    """What was awaited too long counts with what settles; its own change, coming later, adds nothing."""
    ledger = Ledger(has_basket=True)
    ledger.basket([settled("went", 5.0, area=900), settled("went", 7.0)], zone_area=ZONE)
    both = to_bagging(ledger, settled("came", 12.0), basket_seen_s=10.0)
    late = to_bagging(ledger, settled("came", 14.0, area=900, x=60), basket_seen_s=10.0)
    assert [len(both), len(late)] == [2, 0]


def test_a_sliver_that_goes_from_bagging_is_nothing_taken_out() -> None:
    """What is moved aside a little bares a strip; a thing taken out bares about as much as a thing covers."""
    ledger = Ledger(has_basket=True)
    ledger.basket([settled("went", 5.0)], zone_area=ZONE)
    to_bagging(ledger, settled("came", 7.0), basket_seen_s=5.5)
    assert to_bagging(ledger, settled("went", 20.0, area=100), basket_seen_s=5.5) == []
    (taken,) = to_bagging(ledger, settled("went", 21.0), basket_seen_s=5.5)
    assert taken.meaning == "item_returned"


def test_two_things_that_left_at_once_arrive_as_one_change_as_large_as_both() -> None:
    """Two items from one grab that touch in bagging are two."""
    ledger = Ledger(has_basket=True)
    ledger.basket([settled("went", 5.0, area=520), settled("went", 5.6, area=270)], zone_area=ZONE)
    assert len(to_bagging(ledger, settled("came", 7.0, area=730), basket_seen_s=5.5)) == 2
