"""商品未登録, told in seconds."""

from __future__ import annotations

import pytest
from findings.story import LaneStory, at

from tenban.findings.settings import parse_rules

NAME = "item_not_registered"


def lane_of(*steps: tuple) -> LaneStory:
    lane = LaneStory()
    for what, *how in steps:
        getattr(lane, what)(*how)
    return lane


TABLE = [
    ("scanned, then bagged", [("scan", 1), ("move", 2)], []),
    ("bagged, then scanned", [("move", 2), ("scan", 4)], []),
    ("never scanned", [("scan", 1), ("move", 2), ("move", 20)], ["item_not_registered 20"]),
    ("two at once, one scan", [("scan", 9), ("move", 10), ("move", 10.2)], ["item_not_registered 10.2"]),
    ("the scan is too early", [("scan", 1), ("move", 6)], ["item_not_registered 6"]),
    ("quantity three", [("scan", 1, 3), ("move", 2), ("move", 4.5), ("move", 7)], []),
    ("quantity two for three", [("scan", 1, 2), ("move", 2), ("move", 3), ("move", 4)], ["item_not_registered 4"]),
    ("voided and left in the bag", [("scan", 1), ("move", 2), ("void", 8, "1")], ["item_not_registered 2"]),
    ("voided and taken out", [("scan", 1), ("move", 2), ("void", 8, "1"), ("back", 10)], []),
    ("taken out, then voided", [("scan", 1), ("move", 2), ("back", 5), ("void", 8, "1")], []),
    ("unscanned and taken out", [("move", 2), ("back", 12)], []),
    ("taken out, scanned, put in", [("move", 2), ("back", 12), ("scan", 13), ("move", 14)], []),
    ("taken out and put in again", [("scan", 1), ("move", 2), ("back", 9), ("move", 12)], []),
    ("unscanned, out and in again", [("move", 2), ("back", 9), ("move", 12)], ["item_not_registered 12"]),
    ("double scan put right", [("scan", 1), ("scan", 1.5), ("move", 2), ("void", 4, "1")], []),
    ("registered late", [("move", 2), ("scan", 9)], []),
    ("registered far too late", [("move", 2), ("scan", 30)], ["item_not_registered 2"]),
    ("uncertain alone", [("move", 2, 0.3)], []),
    ("uncertain beside certain", [("move", 2, 0.3), ("move", 20)], ["item_not_registered 2", "item_not_registered 20"]),
    ("an uncertain one takes no scan", [("scan", 1), ("move", 1.2, 0.2), ("move", 2)], []),
    ("cancelled", [("move", 2), ("event", 20, "sale_cancelled")], []),
    ("staff signed on soon", [("move", 2), ("staff", 20)], []),
    ("staff called", [("move", 2), ("staff", 20, "assist_requested")], []),
    ("staff came too late", [("move", 2), ("staff", 60)], ["item_not_registered 2"]),
    ("staff signed off before", [("staff", -60), ("staff", -50, "cashier_signed_off"), ("move", 2)], ["item_not_registered 2"]),
    ("bagged after paying", [("scan", 1), ("pay", 10), ("move", 13)], []),
    ("one more bagged after paying", [("scan", 1), ("move", 2), ("pay", 10), ("move", 13)], ["item_not_registered 13"]),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "told"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_stories(steps, told):
    """Each short story ends with the findings beside it."""
    settings = parse_rules({"scan_omission": {"on": False}})
    assert lane_of(*steps).told(settings) == told


def test_waits_for_the_window_and_the_till():
    """Without other facts the finding comes once the window and the till's delay are over, not before."""
    lane = lane_of(("move", 10))
    assert lane.verdict(NAME, 13.29).findings == ()
    assert lane.verdict(NAME, 13.29).due_at == at(13.3)
    assert lane.verdict(NAME, 13.3).findings[0].decidable_at == at(13.3)


def test_a_later_event_without_a_gap_ends_the_waiting():
    """The till numbers its events: one from after the window proves that none is on its way."""
    lane = lane_of(("move", 10), ("scan", 13.1))
    assert lane.verdict(NAME, 13.1).findings[0].decidable_at == at(13.1)


def test_a_gap_keeps_waiting():
    """When a number is missing, the registration may be the one that is missing."""
    lane = LaneStory()
    lane.move(10)
    lane.scan(13.1, seq=3)
    assert lane.verdict(NAME, 13.15).findings == ()


def test_payment_ends_the_waiting():
    """Nothing is registered once the payment has begun: told at once."""
    lane = lane_of(("scan", 9), ("move", 10), ("move", 10.5), ("event", 11, "payment_started"))
    finding = lane.verdict(NAME, 11).findings[0]
    assert (finding.at, finding.decidable_at) == (at(10.5), at(11))
    assert finding.phrase.key == "item_not_registered.payment.taken"


def test_leaving_ends_the_waiting():
    """Nothing is registered by somebody who left."""
    lane = lane_of(("move", 10), ("leave", 10.6))
    assert lane.verdict(NAME, 11).findings[0].decidable_at == at(11)


def test_the_next_scan_takes_nothing_back():
    """A registration whose own item is still to come withdraws nothing that was told."""
    lane = lane_of(("move", 2), ("scan", 6), ("scan", 8), ("move", 7), ("move", 9))
    replayed = lane.replay(parse_rules({"scan_omission": {"on": False}}))
    assert len(replayed.findings) == 1
    assert replayed.withdrawn == ()


def test_a_chain_of_shifts_hides_no_gap():
    """One surplus registration at the end doesn't account for an item forgotten long before."""
    lane = LaneStory()
    lane.move(1.5)
    for n in range(12):
        lane.scan(3 + 3 * n)
        lane.move(4 + 3 * n)
    lane.scan(3 + 36)
    settings = parse_rules({"scan_omission": {"on": False}})
    assert lane.told(settings) == ["item_not_registered 1.5"]


def test_says_why_it_was_withdrawn():
    """A late registration, a return, a cancel and staff each give their reason."""
    reasons = []
    for step in (("scan", 9), ("back", 12), ("event", 20, "sale_cancelled"), ("staff", 20)):
        replayed = lane_of(("move", 2), step).replay()
        reasons.append([withdrawal.reason for withdrawal in replayed.withdrawn])
    assert reasons == [["registered_late"], ["put_back"], ["sale_cancelled"], ["staff_assisted"]]


def test_carrier_bags_register_nothing():
    """A code that is nothing in the hand accounts for no item."""
    lane = LaneStory()
    lane.scan(1.5, plu="bag")
    lane.move(2)
    assert lane.told(parse_rules({"sale": {"skip_plu": ["bag"]}})) == ["item_not_registered 2"]


def test_asks_for_the_moments_that_show_it():
    """The stills show the item entering the bag, cropped to its box, and leaving the basket."""
    lane = LaneStory()
    lane.move(10, box=(0.6, 0.4, 0.7, 0.5), left_box=(0.1, 0.4, 0.2, 0.5), camera="cam-1")
    finding = lane.replay().findings[0]
    entering, leaving = finding.stills
    assert (entering.label, entering.at, entering.crop) == ("enters_bagging", at(10), (0.6, 0.4, 0.7, 0.5))
    assert (leaving.label, leaving.at, leaving.crop) == ("left_basket", at(9.2), (0.1, 0.4, 0.2, 0.5))
    assert finding.clip.start_at < at(9.2) < at(10) < finding.clip.end_at
