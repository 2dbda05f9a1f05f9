"""What a shopper answers to a hint is a fact like any other: judged live and in replay alike."""

from __future__ import annotations

import itertools
import random

import pytest

from findings.story import LaneStory
from tenban.base.errors import BadInput
from tenban.findings.judge import Judge
from tenban.findings.reading import read_fact
from tenban.findings.settings import RulesSettings, parse_rules

ALONE = parse_rules({"scan_omission": {"on": False}})


def answered(lane: LaneStory, second: float, answer: str, move: str) -> None:
    about = f"item_not_registered:{lane.register}:{lane.sale}:{move}"
    lane.event(second, "hint_answered", answer=answer, about=about)


def test_put_back_withdraws_the_finding_it_is_about() -> None:
    """The shopper's word takes the one finding back that the hint named, and no other."""
    lane = LaneStory()
    first, _second = lane.move(2), lane.move(30)
    answered(lane, 12, "put_back", first)
    replayed = lane.replay(ALONE)
    assert [finding.at for finding in replayed.findings] == [lane.facts[2].at]
    assert [one.reason for one in replayed.withdrawn] == ["shopper_put_back"]


def test_the_shoppers_word_counts_only_so_often() -> None:
    """The third "I put it back" of a sale withdraws nothing; the setting says from when on."""
    lane = LaneStory()
    for n in range(3):
        answered(lane, 12 + 20 * n, "put_back", lane.move(2 + 20 * n))
    assert lane.told(ALONE) == ["item_not_registered 42"]
    never = parse_rules({"scan_omission": {"on": False}, "sale": {"self_answers": 0}})
    assert len(lane.told(never)) == 3


def test_a_scan_after_the_answer_withdraws_long_after_the_usual_time() -> None:
    """Whoever says "I will scan it now" has a minute for it; without the answer ten seconds are over."""
    lane = LaneStory()
    move = lane.move(2)
    lane.scan(25)
    assert lane.told(ALONE) == ["item_not_registered 2"]
    lane = LaneStory()
    move = lane.move(2)
    answered(lane, 10, "scan", move)
    lane.scan(25)
    replayed = lane.replay(ALONE)
    assert replayed.findings == ()
    assert [one.reason for one in replayed.withdrawn] == ["registered_late"]


def test_an_answer_alone_is_no_scan() -> None:
    """Saying "I will scan it now" and not doing so leaves the finding standing."""
    lane = LaneStory()
    answered(lane, 10, "scan", lane.move(2))
    assert lane.told(ALONE) == ["item_not_registered 2"]


def test_what_was_put_back_does_not_take_a_neighbours_scan() -> None:
    """The registration near an item that was put back stays with the item it belongs to."""
    lane = LaneStory()
    lane.scan(1)
    first, second = lane.move(2), lane.move(2.5)
    assert len(lane.told(ALONE)) == 1
    answered(lane, 8, "put_back", second)
    assert lane.told(ALONE) == []
    assert first != second


def test_the_count_at_payment_knows_what_was_put_back() -> None:
    """Put back by word counts once, whether or not a camera saw it come out of the bag."""
    for seen in (False, True):
        lane = LaneStory()
        lane.scan(1)
        lane.move(2)
        move = lane.move(20)
        if seen:
            lane.back(26)
        answered(lane, 28, "put_back", move)
        lane.pay(40)
        assert lane.told() == [], seen
    lane = LaneStory()
    answered(lane, 12, "put_back", lane.move(2))
    lane.move(20)
    lane.pay(40)
    assert lane.told() == ["item_not_registered 20"]


def test_the_order_of_arrival_decides_nothing() -> None:
    """What stands in the end is the same in whatever order the facts came, and as in replay."""
    lane = LaneStory()
    first, second, third = lane.move(2), lane.move(20), lane.move(40)
    answered(lane, 12, "put_back", first)
    answered(lane, 30, "scan", second)
    lane.scan(36)
    answered(lane, 50, "put_back", third)
    lane.pay(60)
    expected = [finding.key for finding in lane.replay(ALONE).findings]
    shuffler = random.Random(7)  # noqa: S311  # repeatable order, no secret
    for _ in range(20):
        facts = list(lane.facts)
        shuffler.shuffle(facts)
        judge = Judge(ALONE)
        now_at = max(fact.received_at for fact in facts) + 120_000_000
        for fact in facts:
            judge.feed([fact], now_at)
        assert [finding.key for finding in judge.standing] == expected


def test_answers_are_read_from_a_file() -> None:
    """A line as a till posts it carries answer and finding; another answer is named as a mistake."""
    line = (
        '{"type": "hint_answered", "register": "lane-1", "sale": "s1", "seq": 2, "answer": "%s", '
        '"about": "x", "rung_at": "2026-11-22T12:00:00+09:00"}'
    )
    fact = read_fact(line % "put_back", where="f:1")
    assert (fact.answer, fact.about) == ("put_back", "x")  # type: ignore[union-attr]
    with pytest.raises(BadInput, match="answer"):
        read_fact(line % "maybe", where="f:1")


def test_settings_name_themselves() -> None:
    """A setting out of its limits is told with what was expected."""
    assert isinstance(parse_rules({"sale": {"hold_after": 3, "hint_shows": "clip"}}), RulesSettings)
    for key, value in itertools.product(("self_answers", "hold_after"), (-1, 101)):
        with pytest.raises(BadInput, match=key):
            parse_rules({"sale": {key: value}})
