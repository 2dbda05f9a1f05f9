"""商品未登録, told in seconds."""

from __future__ import annotations

from typing import Any

import pytest

from findings.story import LaneStory, at
from tenban.findings.settings import parse_rules

NAME = "item_not_registered"


def lane_of(*steps: tuple[Any, ...]) -> LaneStory:
    lane = LaneStory()
    for what, *how in steps:
        getattr(lane, what)(*how)
    return lane


def told(*seconds: float) -> list[str]:
    return [f"{NAME} {second:g}" for second in seconds]


TABLE = [
    ("scanned, then bagged", [("scan", 1), ("move", 2)], told()),
    ("bagged, then scanned", [("move", 2), ("scan", 4)], told()),
    ("never scanned", [("scan", 1), ("move", 2), ("move", 20)], told(20)),
    ("two at once, one scan", [("scan", 9), ("move", 10), ("move", 10.2)], told(10.2)),
    ("the scan is too early", [("scan", 1), ("move", 8)], told(8)),
    ("quantity three", [("scan", 1, 3), ("move", 2), ("move", 4.5), ("move", 7)], told()),
    ("quantity two for three", [("scan", 1, 2), ("move", 2), ("move", 3), ("move", 4)], told(4)),
    ("voided and left in the bag", [("scan", 1), ("move", 2), ("void", 8, "1")], told(2)),
    ("voided and taken out", [("scan", 1), ("move", 2), ("void", 8, "1"), ("back", 10)], told()),
    ("taken out, then voided", [("scan", 1), ("move", 2), ("back", 5), ("void", 8, "1")], told()),
    ("unscanned and taken out", [("move", 2), ("back", 12)], told()),
    ("taken out, scanned, put in", [("move", 2), ("back", 12), ("scan", 13), ("move", 14)], told()),
    ("taken out and put in again", [("scan", 1), ("move", 2), ("back", 9), ("move", 12)], told()),
    ("unscanned, out and in again", [("move", 2), ("back", 9), ("move", 12)], told(12)),
    ("double scan put right", [("scan", 1), ("scan", 1.5), ("move", 2), ("void", 4, "1")], told()),
    ("registered late", [("move", 2), ("scan", 9)], told()),
    ("registered far too late", [("move", 2), ("scan", 30)], told(2)),
    ("uncertain alone", [("move", 2, 0.3)], told()),
    ("uncertain beside certain", [("move", 2, 0.3), ("move", 20)], told(2, 20)),
    ("an uncertain one takes no scan", [("scan", 1), ("move", 1.2, 0.2), ("move", 2)], told()),
    ("cancelled", [("move", 2), ("event", 20, "sale_cancelled")], told()),
    ("staff signed on soon", [("move", 2), ("staff", 20)], told()),
    ("staff called", [("move", 2), ("staff", 20, "assist_requested")], told()),
    ("staff came too late", [("move", 2), ("staff", 60)], told(2)),
    ("staff signed off before", [("staff", -60), ("staff", -50, "cashier_signed_off"), ("move", 2)], told(2)),
    ("bagged after paying", [("scan", 1), ("pay", 10), ("move", 13)], told()),
    ("one more bagged after paying", [("scan", 1), ("move", 2), ("pay", 10), ("move", 13)], told(13)),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_stories(steps: list[tuple[Any, ...]], expected: list[str]) -> None:
    """Each short story ends with the findings beside it."""
    settings = parse_rules({"scan_omission": {"on": False}})
    assert lane_of(*steps).told(settings) == expected


def test_waits_for_the_window_and_the_till() -> None:
    """Without other facts the finding comes once the window and the till's delay are over, not before."""
    lane = lane_of(("move", 10))
    assert lane.verdict(NAME, 13.29).findings == ()
    assert lane.verdict(NAME, 13.29).due_at == at(13.3)
    assert lane.verdict(NAME, 13.3).findings[0].decidable_at == at(13.3)


def test_a_later_event_without_a_gap_ends_the_waiting() -> None:
    """The till numbers its events: one from after the window proves that none is on its way."""
    lane = lane_of(("move", 10), ("scan", 13.1))
    assert lane.verdict(NAME, 13.1).findings[0].decidable_at == at(13.1)


def test_a_registration_left_over_may_explain_a_move() -> None:
    """Where the shop says so, a move is told only once more items were brought in than registered."""
    settings = parse_rules({"item_not_registered": {"spare_explains": True}, "scan_omission": {"on": False}})
    assert lane_of(("scan", 1), ("move", 8)).told(settings) == told()
    assert lane_of(("scan", 1), ("move", 8), ("move", 9)).told(settings) == told(9)


def test_a_gap_keeps_waiting() -> None:
    """When a number is missing, the registration may be the one that is missing."""
    lane = LaneStory()
    lane.move(10)
    lane.scan(13.1, seq=3)
    assert lane.verdict(NAME, 13.15).findings == ()


def test_payment_ends_the_waiting() -> None:
    """Nothing is registered once the payment has begun: told at once."""
    lane = lane_of(("scan", 9), ("move", 10), ("move", 10.5), ("event", 11, "payment_started"))
    finding = lane.verdict(NAME, 11).findings[0]
    assert (finding.at, finding.decidable_at) == (at(10.5), at(11))
    assert finding.phrase.key == "item_not_registered.payment.taken"


def test_leaving_ends_the_waiting() -> None:
    """Nothing is registered by somebody who left."""
    lane = lane_of(("move", 10), ("leave", 10.6))
    assert lane.verdict(NAME, 11).findings[0].decidable_at == at(11)


def test_the_next_scan_takes_nothing_back() -> None:
    """A registration whose own item is still to come withdraws nothing that was told."""
    lane = lane_of(("move", 2), ("scan", 6), ("scan", 8), ("move", 7), ("move", 9))
    replayed = lane.replay(parse_rules({"scan_omission": {"on": False}}))
    assert len(replayed.findings) == 1
    assert replayed.withdrawn == ()


def test_a_chain_of_shifts_hides_no_gap() -> None:
    """One surplus registration at the end doesn't account for an item forgotten long before."""
    lane = LaneStory()
    lane.move(1.5)
    for n in range(12):
        lane.scan(3 + 3 * n)
        lane.move(4 + 3 * n)
    lane.scan(3 + 36)
    settings = parse_rules({"scan_omission": {"on": False}})
    assert lane.told(settings) == told(1.5)


def test_says_why_it_was_withdrawn() -> None:
    """A late registration, a return, a cancel and staff each give their reason."""
    reasons = []
    for step in (("scan", 9), ("back", 12), ("event", 20, "sale_cancelled"), ("staff", 20)):
        replayed = lane_of(("move", 2), step).replay()
        reasons.append([withdrawal.reason for withdrawal in replayed.withdrawn])
    assert reasons == [["registered_late"], ["put_back"], ["sale_cancelled"], ["staff_assisted"]]


def test_carrier_bags_register_nothing() -> None:
    """A code that is nothing in the hand accounts for no item."""
    lane = LaneStory()
    lane.scan(1.5, plu="bag")
    lane.move(2)
    assert lane.told(parse_rules({"sale": {"skip_plu": ["bag"]}})) == told(2)


def test_asks_for_the_moments_that_show_it() -> None:
    """The stills show the item entering the bag, cropped to its box, and leaving the basket."""
    lane = LaneStory()
    lane.move(10, box=(0.6, 0.4, 0.7, 0.5), left_box=(0.1, 0.4, 0.2, 0.5), camera="cam-1")
    finding = lane.replay().findings[0]
    entering, leaving = finding.stills
    assert (entering.label, entering.at, entering.crop) == ("enters_bagging", at(10), (0.6, 0.4, 0.7, 0.5))
    assert (leaving.label, leaving.at, leaving.crop) == ("left_basket", at(9.2), (0.1, 0.4, 0.2, 0.5))
    assert finding.clip.start_at < at(9.2) < at(10) < finding.clip.end_at
