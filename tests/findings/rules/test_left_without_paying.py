"""未会計退出: the operator left while registered items are unpaid."""

from __future__ import annotations

from typing import Any

import pytest

from findings.story import LaneStory, at
from tenban.findings.settings import parse_rules

LEFT = ["left_without_paying 20"]


def lane_of(*steps: tuple[Any, ...]) -> LaneStory:
    lane = LaneStory()
    lane.arrive(-2)
    lane.scan(5)
    lane.move(6)
    for what, *how in steps:
        getattr(lane, what)(*how)
    return lane


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("leave", 20)], LEFT),
        ([("leave", 20), ("arrive", 26)], []),
        ([("leave", 20), ("arrive", 40)], LEFT),
        ([("leave", 20), ("arrive", 26), ("leave", 35)], ["left_without_paying 35"]),
        ([("leave", 20), ("scan", 40)], []),
        ([("leave", 20), ("pay", 40)], []),
        ([("pay", 10), ("leave", 20)], []),
        ([("event", 15, "sale_suspended"), ("leave", 20)], []),
        ([("leave", 20), ("event", 50, "sale_suspended")], []),
        ([("event", 15, "sale_cancelled"), ("leave", 20)], []),
        ([("leave", 20), ("event", 60, "sale_cancelled")], []),
        ([("leave", 20), ("event", 600, "sale_cancelled")], LEFT),
        ([("leave", 20), ("staff", 40)], []),
        ([("leave", 20), ("staff", 18, "assist_requested")], []),
        ([("void", 10, "1"), ("leave", 20)], []),
        ([("leave", 20), ("arrive", 26), ("start", 29, "s2")], LEFT),
    ],
    ids=[
        "left", "back in time", "back too late", "left twice", "scanned on", "paid later", "paid before",
        "suspended before", "suspended after", "cancelled before", "cancelled soon", "cancelled late",
        "staff soon", "staff called", "nothing to pay", "the next shopper came",
    ],
)  # fmt: skip
def test_stories(steps: list[tuple[Any, ...]], expected: list[str]) -> None:
    """Each short story ends with the findings beside it."""
    assert lane_of(*steps).told(parse_rules({"item_not_registered": {"on": False}})) == expected


def test_left_before_anything_was_registered() -> None:
    """Who leaves with nothing registered owes nothing."""
    lane = LaneStory()
    lane.leave(3)
    assert lane.told() == []


def test_waits_for_the_grace() -> None:
    """It is decidable when the time given to come back is over; with stills of both moments."""
    lane = lane_of(("leave", 20))
    assert lane.verdict("left_without_paying", 29.9).due_at == at(30)
    finding = lane.verdict("left_without_paying", 30).findings[0]
    assert finding.decidable_at == at(30)
    assert [(wish.label, wish.at) for wish in finding.stills] == [
        ("leaving", at(19.2)),
        ("empty_position", at(20)),
    ]


def test_says_why_it_was_withdrawn() -> None:
    """Payment, suspension, cancel and staff each give their reason."""
    reasons = []
    for step in (
        ("event", 40, "paid"),
        ("event", 40, "sale_suspended"),
        ("event", 40, "sale_cancelled"),
        ("staff", 40),
    ):
        replayed = lane_of(("leave", 20), step).replay()
        reasons += [withdrawal.reason for withdrawal in replayed.withdrawn]
    assert reasons == ["paid", "sale_suspended", "sale_cancelled", "staff_assisted"]
