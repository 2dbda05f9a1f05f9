"""The judge: what is told when, and to which sale an observation belongs."""

from __future__ import annotations

from findings.story import LaneStory, at, spoken
from tenban.findings.facts import Fact
from tenban.findings.judge import Judge
from tenban.findings.model import Changes
from tenban.findings.settings import RulesSettings, parse_rules


def feed(judge: Judge, facts: list[Fact]) -> Changes:
    """Feed facts one by one at the time they were received, ticking whenever the judge asks."""
    changes = Changes()
    for fact in sorted(facts, key=lambda fact: (fact.received_at, fact.id)):
        while judge.due_at is not None and judge.due_at < fact.received_at:
            changes += judge.tick(judge.due_at)
        changes += judge.feed([fact], fact.received_at)
    return changes


def test_tells_once_and_asks_to_be_woken() -> None:
    """A finding is opened at the instant the judge asked for, and not again."""
    lane = LaneStory()
    lane.move(10)
    judge = Judge(RulesSettings())
    assert not feed(judge, lane.facts)
    assert judge.due_at == at(13.3)
    assert [spoken(finding) for finding in judge.tick(at(13.3)).opened] == ["item_not_registered 10"]
    assert not judge.tick(at(14))
    assert [spoken(finding) for finding in judge.standing] == ["item_not_registered 10"]


def test_the_same_fact_twice_changes_nothing() -> None:
    """A fact that comes again is known by its id."""
    lane = LaneStory()
    lane.scan(1)
    lane.move(2)
    lane.move(20)
    judge = Judge(RulesSettings())
    feed(judge, lane.facts)
    judge.tick(at(60))
    before = judge.standing
    assert not judge.feed(lane.facts, at(61))
    assert judge.standing == before


def test_withdraws_with_the_reason() -> None:
    """When the facts that come clear a finding, it is withdrawn and the reason said."""
    lane = LaneStory()
    lane.move(10)
    judge = Judge(RulesSettings())
    feed(judge, lane.facts)
    judge.tick(at(13.3))
    lane.event(20, "sale_cancelled")
    changes = judge.feed(lane.facts, at(20.1))
    assert [(spoken(w.finding), w.reason, w.at) for w in changes.withdrawn] == [
        ("item_not_registered 10", "sale_cancelled", at(20.1))
    ]
    assert judge.standing == ()


def test_lanes_do_not_mix() -> None:
    """A registration at one register accounts for nothing at another."""
    one, other = LaneStory("lane-1"), LaneStory("lane-2")
    one.scan(9)
    other.move(10)
    judge = Judge(RulesSettings())
    feed(judge, [*one.facts, *other.facts])
    judge.tick(at(60))
    assert [finding.register for finding in judge.standing] == ["lane-2"]


def test_each_lane_has_its_settings() -> None:
    """What a register has of its own is in force there and nowhere else."""
    one, other = LaneStory("lane-1"), LaneStory("lane-2")
    one.move(10)
    other.move(10)
    judge = Judge(parse_rules({}, {"lane-2": {"item_not_registered": {"on": False}}}))
    feed(judge, [*one.facts, *other.facts])
    judge.tick(at(60))
    assert [finding.register for finding in judge.standing] == ["lane-1"]


def test_staff_at_an_idle_lane_raise_nothing() -> None:
    """Moves with no sale near them belong to nobody."""
    lane = LaneStory(sale=None)
    lane.move(10)
    lane.move(20)
    lane.back(25)
    assert lane.told() == []
    lane.start(100, "s1")
    lane.scan(101)
    lane.move(102)
    assert lane.told() == []


def test_a_move_just_before_the_sale_belongs_to_it() -> None:
    """Who bags first and then starts the sale is judged by that sale."""
    lane = LaneStory(sale=None)
    lane.move(10)
    lane.start(12, "s1")
    lane.scan(12.5)
    lane.pay(30)
    assert lane.told() == []


def test_two_sales_in_a_row() -> None:
    """Each sale answers for its own items, and what lies between goes to the nearer one."""
    lane = LaneStory()
    lane.scan(1)
    lane.move(2)
    lane.pay(10, done=12)
    lane.start(20, "s2")
    lane.move(17)
    lane.move(25)
    replayed = lane.replay(parse_rules({"scan_omission": {"on": False}}))
    assert [(finding.sale, spoken(finding)) for finding in replayed.findings] == [
        ("s2", "item_not_registered 17"),
        ("s2", "item_not_registered 25"),
    ]


def test_a_move_after_payment_waits_for_a_next_sale() -> None:
    """What goes into the bag right after payment is not told while it may be the next shopper's."""
    lane = LaneStory()
    lane.scan(1)
    lane.move(2)
    lane.pay(10, done=12)
    lane.move(15.5)
    lane.start(18, "s2")
    lane.scan(18.2)
    lane.pay(30)
    replayed = lane.replay()
    assert replayed.findings == ()
    assert replayed.withdrawn == ()


def test_a_suspended_sale_leaves_the_lane_to_others() -> None:
    """While a sale is suspended another one runs, and each keeps its own items."""
    lane = LaneStory()
    lane.scan(1)
    lane.move(2)
    lane.event(10, "sale_suspended")
    lane.start(20, "s2")
    lane.scan(21)
    lane.move(22)
    lane.pay(30, done=32)
    lane.sale = "s1"
    lane.event(60, "sale_resumed")
    lane.move(65)
    lane.scan(66, plu="2")
    lane.pay(80)
    assert lane.told() == []


def test_forgets_what_is_over_and_counts_what_comes_too_late() -> None:
    """A fact about a sale long forgotten is set aside and counted, and judged by no other sale."""
    lane = LaneStory()
    lane.scan(1)
    lane.move(2)
    lane.pay(10)
    judge = Judge(RulesSettings(), keep_s=60)
    feed(judge, lane.facts)
    judge.tick(at(200))
    late = lane.event(5, "item_voided")
    assert not judge.feed([late], at(201))
    assert judge.set_aside == 1
    assert judge.due_at is None


def test_a_void_of_another_sale_number_is_about_the_sale() -> None:
    """A sale voided under a number of its own clears the sale it names."""
    lane = LaneStory()
    lane.move(10)
    lane.pay(20)
    lane.event(50, "sale_voided", sale="v1", seq=1, of_sale="s1")
    assert lane.told() == []


def test_folds_by_sale_and_rule() -> None:
    """Findings of one rule in one sale share their fold, and have keys of their own."""
    lane = LaneStory()
    lane.move(10)
    lane.move(30)
    first, second = lane.replay().findings
    assert first.fold == second.fold == "item_not_registered:lane-1:s1"
    assert first.key != second.key


def test_staff_called_within_the_sale() -> None:
    """A call for staff that carries the sale's number clears like one that carries none."""
    lane = LaneStory()
    lane.move(10)
    lane.event(20, "assist_requested")
    assert lane.told() == []
