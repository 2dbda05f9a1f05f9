"""Which sale an observation belongs to, and what a lane lets go of."""

from __future__ import annotations

import pytest

from findings.story import LaneStory, at
from tenban.findings import lane as lane_module
from tenban.findings.facts import Observation
from tenban.findings.lane import Lane
from tenban.findings.settings import SaleSettings


def lane_of(story: LaneStory, *, now: float = 0, keep_s: float = 900) -> Lane:
    lane = Lane(story.register, SaleSettings(), keep_s=keep_s)
    for fact in reversed(story.facts):
        lane.take(fact, at(now))
    return lane


def seconds_of(lane: Lane, sale: str) -> list[float]:
    (facts,) = (facts for facts in lane.sales() if facts.sale == sale)
    return [(seen.at - at(0)) / 1e6 for seen in facts.observations]


@pytest.mark.parametrize(
    ("second", "kind", "sale"),
    [
        (-6, "item_moved", None),
        (-4, "item_moved", "s1"),
        (10, "item_moved", "s1"),
        (22, "item_moved", "s1"),
        (26, "item_moved", "s1"),
        (27, "item_moved", None),
        (36, "item_moved", "s2"),
        (38, "operator_left", "s1"),
        (38, "operator_arrived", "s2"),
        (30, "operator_arrived", None),
        (41, "operator_left", "s2"),
    ],
)
def test_belongs_to_the_sale_around_it(second: float, kind: str, sale: str | None) -> None:
    """A first sale runs from 0 to 20, a second from 40 on."""
    story = LaneStory()
    story.event(20, "paid")
    story.start(40, "s2")
    story.seen(second, kind, to_zone="bagging")
    found = [facts.sale for facts in lane_of(story).sales() if facts.observations]
    assert found == ([] if sale is None else [sale])


def test_a_new_sale_ends_one_that_was_left_behind() -> None:
    """A sale that never ended runs until the next one starts."""
    story = LaneStory()
    story.move(30)
    story.start(40, "s2")
    story.move(50)
    lane = lane_of(story)
    assert seconds_of(lane, "s1") == [30]
    assert seconds_of(lane, "s2") == [50]
    assert [facts.next_sale_at for facts in lane.sales()] == [at(40), None]


def test_the_last_sight_of_the_basket_is_carried_in() -> None:
    """A sale knows the basket's state from before it, and only the last."""
    story = LaneStory(sale=None)
    story.basket(-300, remains=False)
    story.basket(-200, remains=True)
    story.start(0, "s1")
    story.basket(10, remains=False)
    assert seconds_of(lane_of(story), "s1") == [-200, 10]


def test_what_comes_after_forgetting_is_counted() -> None:
    """A forgotten sale takes no more facts, and each that comes is counted."""
    story = LaneStory()
    story.event(20, "paid")
    lane = lane_of(story, keep_s=60)
    assert lane.forget(at(59)) == []
    assert lane.forget(at(61)) == ["s1"]
    assert not lane.take(story.event(10, "drawer_opened"), at(62))
    assert lane.too_late == 1
    assert lane.sales() == []


def test_an_unfinished_sale_is_kept_longer() -> None:
    """A running sale is not forgotten with the finished ones."""
    story = LaneStory()
    lane = lane_of(story, keep_s=60)
    assert lane.forget(at(3600)) == []
    assert lane.forget(at(13 * 3600)) == ["s1"]


def test_old_observations_of_nobody_go_but_the_basket_stays() -> None:
    """What belongs to no sale is let go, but for the last sight of the basket."""
    story = LaneStory(sale=None)
    story.basket(-10, remains=True)
    story.move(0)
    story.move(5)
    lane = lane_of(story, keep_s=60)
    lane.forget(at(100))
    assert [seen.kind for seen in lane._observations.values()] == ["basket_state"]


def test_too_much_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bounds the oldest observations and the last events go, and are counted."""
    monkeypatch.setattr(lane_module, "MOST_OBSERVATIONS", 3)
    monkeypatch.setattr(lane_module, "MOST_EVENTS", 2)
    story = LaneStory()
    for second in range(5):
        story.move(second)
    for second in range(3):
        story.scan(second)
    lane = Lane(story.register, SaleSettings(), keep_s=900)
    for fact in story.facts:
        lane.take(fact, at(0))
    assert lane.overflowed == 4
    assert seconds_of(lane, "s1") == [2, 3, 4]


def test_at_most_so_many_sales(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sale that was touched longest ago goes first."""
    monkeypatch.setattr(lane_module, "MOST_SALES", 2)
    lane = Lane("lane-1", SaleSettings(), keep_s=900)
    story = LaneStory()
    for number in (2, 3):
        story.start(number, f"s{number}")
    for place, fact in enumerate(story.facts):
        lane.take(fact, at(place))
    assert lane.forget(at(10)) == ["s1"]


def test_an_observation_from_long_ago_is_too_late() -> None:
    """What was seen more than half a day ago is not taken in."""
    story = LaneStory()
    seen = story.seen(-13 * 3600, "item_moved")
    assert isinstance(seen, Observation)
    lane = lane_of(story)
    assert lane.too_late == 1
