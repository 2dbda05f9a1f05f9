"""Replay and live give one answer, whatever way the facts came."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from findings.shoppers import Sight, go_shopping
from findings.story import LaneStory
from tenban.findings.facts import Fact
from tenban.findings.judge import Judge
from tenban.findings.model import Finding
from tenban.findings.replay import replay, replay_all
from tenban.findings.settings import RulesSettings

STEPS = st.one_of(
    st.tuples(st.just("scan"), st.floats(0, 60), st.integers(1, 3)),
    st.tuples(st.just("move"), st.floats(-8, 75), st.floats(0.2, 1)),
    st.tuples(st.just("back"), st.floats(0, 60)),
    st.tuples(st.just("void"), st.floats(0, 60), st.sampled_from(["1", "2", None])),
    st.tuples(st.just("arrive"), st.floats(-10, 90)),
    st.tuples(st.just("leave"), st.floats(0, 90)),
    st.tuples(st.just("staff"), st.floats(0, 90), st.sampled_from(["cashier_signed_on", "assist_requested"])),
)
ENDS = st.sampled_from(["paid", "sale_cancelled", "sale_suspended", None])


@st.composite
def lanes(draw: st.DrawFn) -> list[Fact]:
    """One or two sales with anything in them."""
    lane = LaneStory(sale=None)
    for number in range(draw(st.integers(1, 2))):
        base = 80.0 * number
        lane.start(base, f"s{number}")
        for what, second, *more in sorted(draw(st.lists(STEPS, max_size=12)), key=lambda step: step[1]):
            getattr(lane, what)(base + round(second, 2), *more)
        if (end := draw(ENDS)) is not None:
            lane.event(base + 62, end)
        if draw(st.booleans()):
            lane.basket(base + draw(st.floats(0, 70)), remains=draw(st.booleans()))
    return lane.facts


def as_they_came(facts: list[Fact], received: list[int]) -> list[Finding]:
    """Judge facts that arrive in a given order, a second apart, and wait to the end."""
    judge = Judge(RulesSettings(), keep_s=1e6)
    now = max(fact.known_at for fact in facts)
    for place in received:
        now += 1_000_000
        judge.feed([facts[place]], now)
    while judge.due_at is not None:
        now = max(now, judge.due_at)
        judge.tick(now)
    return list(judge.standing)


@settings(max_examples=60, deadline=None)
@given(lanes(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_answer(facts: list[Fact], dice: random.Random) -> None:
    """Whatever the order in which facts arrive, the same findings stand in the end."""
    order = list(range(len(facts)))
    dice.shuffle(order)
    assert as_they_came(facts, order) == replay(facts, RulesSettings())


@settings(max_examples=30, deadline=None)
@given(lanes())
def test_as_received_ends_the_same(facts: list[Fact]) -> None:
    """Time by arrival and time by occurrence end with the same findings."""
    assert replay_all(facts, RulesSettings(), as_received=True).findings == tuple(
        replay(facts, RulesSettings())
    )


def test_live_and_replay_agree_over_a_day() -> None:
    """The findings of forty sales, judged as they came in, are those of the replay."""
    shopping = go_shopping(40, seed=3)
    live = replay_all(shopping.facts, RulesSettings(), as_received=True)
    assert list(live.findings) == replay(shopping.facts, RulesSettings())
    assert live.findings


def test_every_unregistered_item_seen_well_is_told() -> None:
    """With perfect sight most unregistered items are told, and almost no honest sale is."""
    shopping = go_shopping(60, seed=5, sight=Sight(missed=0, false=0, jitter_s=0.05))
    told = {finding.sale for finding in replay(shopping.facts, RulesSettings())}
    dishonest = {sale for sale, seconds in shopping.skipped.items() if seconds}
    assert len(told & dishonest) >= 0.9 * len(dishonest)
    assert len(told - dishonest) <= 0.05 * (60 - len(dishonest))


def test_nothing_gives_nothing() -> None:
    """No facts, no findings."""
    assert replay([], RulesSettings()) == []
