"""スキャン漏れ: counted at payment."""

from __future__ import annotations

from findings.story import LaneStory, at
from tenban.findings.settings import RulesSettings, parse_rules

ALONE = parse_rules({"item_not_registered": {"on": False}})
"""Only the count is judged."""


def two_moves_one_scan() -> LaneStory:
    lane = LaneStory()
    lane.scan(1)
    lane.move(2)
    lane.move(12)
    return lane


def test_more_brought_in_than_registered() -> None:
    """Two items went into the bag and one was registered: told when the payment has begun."""
    lane = two_moves_one_scan()
    lane.pay(20)
    finding = lane.replay(ALONE).findings[0]
    assert finding.rule == "scan_omission"
    assert (finding.at, finding.decidable_at) == (at(20), at(21.5))
    assert finding.phrase.params["brought_in"] == 2
    assert finding.phrase.params["registered"] == 1
    assert [(wish.label, wish.at) for wish in finding.stills] == [("last_move", at(12))]


def test_nothing_before_payment() -> None:
    """Before the payment nothing is counted."""
    assert two_moves_one_scan().told(ALONE) == []


def test_not_told_again() -> None:
    """An item that was told as not registered is not told again by the count."""
    lane = two_moves_one_scan()
    lane.pay(20)
    assert lane.told() == ["item_not_registered 12"]


def test_told_again_where_the_setting_says_so() -> None:
    """With ``once`` off the count is told beside it."""
    lane = two_moves_one_scan()
    lane.pay(20)
    settings = parse_rules({"scan_omission": {"once": False}})
    assert lane.told(settings) == ["item_not_registered 12", "scan_omission 20"]


def test_uncertain_moves_count_together() -> None:
    """A move too uncertain to be told alone still counts."""
    lane = LaneStory()
    lane.scan(1)
    lane.move(2)
    lane.move(12, 0.45)
    lane.pay(20)
    assert lane.told() == ["scan_omission 20"]


def test_quantities_and_voids_count() -> None:
    """Three pieces on one line cover three items; a voided piece covers none."""
    lane = LaneStory()
    line = lane.scan(1, 3)
    for second in (2, 4, 6):
        lane.move(second)
    lane.pay(20)
    assert lane.told(ALONE) == []
    lane.void(15, line)
    assert lane.told(ALONE) == []  # a void after the payment began takes the payment back
    lane.event(22, "payment_started")
    assert lane.told(ALONE) == ["scan_omission 22"]


def test_what_came_out_of_the_bag_is_not_counted() -> None:
    """An item taken out again was not brought in."""
    lane = two_moves_one_scan()
    lane.back(15)
    lane.pay(20)
    assert lane.told(ALONE) == []


def test_scanning_on_withdraws_it() -> None:
    """Who goes back from the payment and registers the rest clears it."""
    lane = two_moves_one_scan()
    lane.event(20, "payment_started")
    lane.scan(25)
    lane.pay(30)
    replayed = lane.replay(ALONE)
    assert replayed.findings == ()
    assert len(replayed.withdrawn) == 1


def test_voided_sale_withdraws_it() -> None:
    """A sale voided afterwards leaves nothing standing, and says so."""
    lane = two_moves_one_scan()
    lane.pay(20)
    lane.event(60, "sale_voided", sale="s2", seq=1, of_sale="s1")
    replayed = lane.replay(ALONE)
    assert replayed.findings == ()
    assert [withdrawal.reason for withdrawal in replayed.withdrawn] == ["sale_voided"]


def test_a_few_may_be_allowed() -> None:
    """Only from ``least_missing`` on is it told."""
    lane = two_moves_one_scan()
    lane.pay(20)
    rules = {"item_not_registered": {"on": False}, "scan_omission": {"least_missing": 2}}
    assert lane.told(parse_rules(rules)) == []
    assert isinstance(parse_rules(rules), RulesSettings)
