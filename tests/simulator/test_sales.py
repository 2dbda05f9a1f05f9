"""Simulated sales: repeatable, and true to themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenban.simulator.products import make_assortment
from tenban.simulator.script import Sale
from tenban.simulator.shoppers import BEHAVIOURS, write_sale

ASSORTMENT = make_assortment(np.random.default_rng(5), 30)
SEEDS = st.integers(0, 2**31 - 1)
DISHONEST = {"forgotten_scan", "two_at_once", "void_and_keep"}


def net_registered(sale: Sale) -> int:
    units: dict[object, int] = {}
    for event in sale.script.events:
        item = event.fields.get("item")
        if not isinstance(item, dict):
            continue
        sign = 1 if event.type == "item_registered" else -1
        units[item["line"]] = units.get(item["line"], 0) + sign * item["quantity"]
    assert all(count >= 0 for count in units.values())
    return sum(units.values())


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_the_same_seed_writes_the_same_sale(seed: int) -> None:
    """Script, timings, events and truth follow from the seed alone."""
    assert write_sale(seed, ASSORTMENT) == write_sale(seed, ASSORTMENT)


@given(seed=SEEDS)
@settings(max_examples=80, deadline=None)
def test_moved_less_returned_is_in_the_bag(seed: int) -> None:
    """Items that came into bagging less those that left it again are those brought in."""
    truth = write_sale(seed, ASSORTMENT).truth
    came = sum(move.to_zone == "bagging" for move in truth.moves)
    left = sum(move.from_zone == "bagging" for move in truth.moves)
    assert came - left == truth.brought_in


@given(seed=SEEDS)
@settings(max_examples=80, deadline=None)
def test_the_till_tells_what_the_truth_says(seed: int) -> None:
    """Units registered less voided are the truth's, and an honest shopper's equal what was brought in."""
    sale = write_sale(seed, ASSORTMENT)
    assert net_registered(sale) == sale.truth.registered
    excess = sale.truth.brought_in - sale.truth.registered
    assert (excess > 0) == bool(DISHONEST & set(sale.truth.behaviours))


@given(seed=SEEDS)
@settings(max_examples=80, deadline=None)
def test_a_move_has_its_order(seed: int) -> None:
    """Lifted, then across the edge, then let go, all before the goods are taken away."""
    truth = write_sale(seed, ASSORTMENT).truth
    for move in truth.moves:
        assert move.picked_at_s < move.entered_at_s <= move.released_at_s <= truth.taken_at_s
    assert truth.arrived_at_s < truth.taken_at_s < truth.left_at_s


@given(seed=SEEDS)
@settings(max_examples=80, deadline=None)
def test_events_tell_a_sale_from_its_start_to_its_end(seed: int) -> None:
    """A sale starts first, ends last with paid or cancelled, and nothing is registered outside."""
    sale = write_sale(seed, ASSORTMENT)
    kinds = [event.type for event in sale.script.events]
    assert kinds[0] == "sale_started"
    assert kinds[-1] == ("sale_cancelled" if sale.truth.paid_at_s is None else "paid")
    times = [event.at_s for event in sale.script.events]
    assert times == sorted(times)
    assert times[-1] <= sale.script.length_s


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_nothing_jumps(seed: int) -> None:
    """Between two frames nothing that is held moves further than a quick hand can."""
    script = write_sale(seed, ASSORTMENT).script
    for item in range(len(script.items)):
        before = script.where(item, 0.0)
        for step in range(1, int(script.length_s * 15)):
            after = script.where(item, step / 15)
            if before is not None and after is not None:
                assert np.hypot(after[0][0] - before[0][0], after[0][1] - before[0][1]) < 170
            before = after


@pytest.mark.parametrize("behaviour", sorted(BEHAVIOURS))
def test_every_behaviour_can_be_asked_for(behaviour: str) -> None:
    """Each behaviour alone gives a sale whose expected rules are the behaviour's."""
    expected = {
        "forgotten_scan": {"item_not_registered"},
        "two_at_once": {"item_not_registered"},
        "left_in_basket": {"items_left_in_basket"},
        "walks_away": {"left_without_paying"},
    }
    for seed in range(6):
        truth = write_sale(seed, ASSORTMENT, behaviours=(behaviour,)).truth
        allowed = {"items_left_in_basket"} if behaviour == "void_and_return" else set()
        assert set(truth.expected) - allowed == expected.get(behaviour, set())


def test_a_late_scan_comes_within_two_seconds() -> None:
    """An item bagged before it is keyed is registered at most two seconds after it was let go."""
    for seed in range(20):
        truth = write_sale(seed, ASSORTMENT, behaviours=("late_scan",)).truth
        for move in truth.moves:
            assert move.registered_at_s is not None
            assert move.registered_at_s - move.released_at_s <= 2.0 + 1e-9


def test_three_keyed_are_three_moved() -> None:
    """A line of three pieces of one article goes with three moves of that article."""
    sale = write_sale(3, ASSORTMENT, behaviours=("quantity",))
    quantities = [
        event.fields["item"]["quantity"]  # type: ignore[index]
        for event in sale.script.events
        if event.type == "item_registered"
    ]
    assert 3 in quantities
    assert sale.script.items[0] == sale.script.items[1] == sale.script.items[2]


def test_article_numbers_check() -> None:
    """Every article number is an EAN-13 with a right check digit."""
    for product in ASSORTMENT:
        digits = [int(digit) for digit in product.plu]
        assert len(digits) == 13
        assert (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0
