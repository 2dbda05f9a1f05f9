"""Precision from people's labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.access.model import Actor, Function, system_actor
from tenban.base.clock import SECOND
from tenban.base.errors import Forbidden
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.incidents import engine
from tenban.incidents.labels import Labels, labels_in, wilson
from tenban.incidents.model import Cause

JUDGE = system_actor("judge")


@given(st.integers(1, 500).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))))
def test_an_interval_holds_its_share_and_stays_a_share(counts: tuple[int, int]) -> None:
    """For every base the interval lies within 0–1 and around the share."""
    hits, base = counts
    low, high = wilson(hits, base)
    assert 0 <= low <= hits / base <= high <= 1
    assert low < high


def test_the_interval_is_wilsons() -> None:
    """Values of the literature: 8 of 10 lie between 0.490 and 0.943; certainty is never claimed."""
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert round(wilson(3, 3)[0], 3) == 0.439
    with pytest.raises(ValueError, match="0 of 0"):
        wilson(0, 0)


def test_without_a_label_nothing_is_known() -> None:
    """No label, no precision; unclear ones are no label for it."""
    assert Labels("rule", "lane-1", told=3, unclear=2).precision is None
    assert Labels("rule", "lane-1", told=3, unclear=2).interval is None


def test_labels_are_counted_by_rule_and_lane_in_a_span(database: Database, clock: FakeClock) -> None:
    """Only incidents opened in the span count; withdrawn and unlabelled ones are told apart."""
    opened = clock.now()

    def open_one(n: int, lane: str, at: int, outcome: str | None) -> None:
        cause = Cause(f"k{n}", at, at, {"ja": "", "en": ""}, {"ja": "", "en": ""})
        opening = engine.Opening(
            shop="s", group=None, kind="rule", place=lane, about=None, fold_key=f"f{n}", cause=cause
        )
        incident = database.write_now(lambda c: engine.open_incident(c, JUDGE, at, opening))
        if outcome:
            database.write_now(
                lambda c: engine.set_state(c, JUDGE, at, incident.id, state="resolved", outcome=outcome)
            )

    for n, outcome in enumerate(["true", "true", "false_alarm", "unclear", None]):
        open_one(n, "lane-1", opened, outcome)
    open_one(10, "lane-2", opened, "true")
    open_one(11, "lane-1", opened - 10 * SECOND, "true")
    why = {"ja": "", "en": ""}
    database.write_now(lambda c: engine.withdraw(c, JUDGE, opened, fold_key="f4", cause="k4", why=why))
    found = database.read_now(lambda c: labels_in(c, JUDGE, opened, opened + SECOND))
    assert found == [
        Labels("rule", "lane-1", told=5, true=2, false_alarm=1, unclear=1, withdrawn=1),
        Labels("rule", "lane-2", told=1, true=1),
    ]
    both = found[0] + found[1]
    assert (both.place, both.told, both.base, both.precision) == ("", 6, 4, 0.75)
    other = Actor("person", "p", "p", "elsewhere", frozenset({Function.INCIDENTS_READ}))
    assert database.read_now(lambda c: labels_in(c, other, opened, opened + SECOND)) == []
    nobody = Actor("person", "p", "p", None, frozenset())
    with pytest.raises(Forbidden):
        database.read_now(lambda c: labels_in(c, nobody, opened, opened + SECOND))
