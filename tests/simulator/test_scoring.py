"""Scoring: findings against the truth."""

from __future__ import annotations

import pytest

from tenban.simulator.scoring import Found, judge, percentiles, tally
from tenban.simulator.script import Truth


def truth(*, excess: int = 0, paid: bool = True, expected: tuple[str, ...] = ()) -> Truth:
    return Truth(
        behaviours=(),
        moves=(),
        registered=3,
        brought_in=3 + excess,
        left_in_basket=0,
        arrived_at_s=1,
        left_at_s=30,
        paid_at_s=25 if paid else None,
        taken_at_s=27,
        expected=expected,
    )


HONEST = truth()
FORGOT = truth(excess=1, expected=("item_not_registered",))
KEPT = truth(excess=1)
AWAY = truth(paid=False, expected=("left_without_paying",))


def verdicts(known: Truth, *rules: str, withdrawn: tuple[str, ...] = ()) -> dict[str, str]:
    found = [Found("lane-1", "s", rule) for rule in rules]
    found += [Found("lane-1", "s", rule, withdrawn=True) for rule in withdrawn]
    judged = judge({("lane-1", "s"): known}, set(), found)
    return {one.rule: one.verdict for one in judged}


@pytest.mark.parametrize(
    ("known", "rules", "outcome"),
    [
        (HONEST, (), {}),
        (HONEST, ("item_not_registered",), {"item_not_registered": "false"}),
        (HONEST, ("scan_omission",), {"scan_omission": "false"}),
        (FORGOT, ("item_not_registered",), {"item_not_registered": "true"}),
        (
            FORGOT,
            ("item_not_registered", "scan_omission"),
            {"item_not_registered": "true", "scan_omission": "true"},
        ),
        (FORGOT, ("scan_omission",), {"item_not_registered": "missed", "scan_omission": "true"}),
        (FORGOT, (), {"item_not_registered": "missed", "scan_omission": "missed"}),
        (KEPT, (), {"scan_omission": "missed"}),
        (KEPT, ("scan_omission",), {"scan_omission": "true"}),
        (KEPT, ("item_not_registered",), {"item_not_registered": "false"}),
        (AWAY, ("left_without_paying",), {"left_without_paying": "true"}),
        (AWAY, (), {"left_without_paying": "missed"}),
    ],
)
def test_findings_are_held_against_the_truth(
    known: Truth, rules: tuple[str, ...], outcome: dict[str, str]
) -> None:
    """Each pair of truth and findings has its verdicts, as the module says."""
    assert verdicts(known, *rules) == outcome


def test_what_was_withdrawn_counts_neither_way_unless_it_was_so() -> None:
    """Taking back a mistake is no mistake; taking back what was so is a miss."""
    assert verdicts(HONEST, withdrawn=("item_not_registered",)) == {}
    assert verdicts(AWAY, withdrawn=("left_without_paying",)) == {"left_without_paying": "missed"}


def test_a_sale_that_still_runs_is_left_out() -> None:
    """Neither its findings nor its truth count."""
    found = [Found("lane-1", "s", "item_not_registered")]
    assert judge({}, {("lane-1", "s")}, found) == []


def test_a_finding_without_a_sale_is_false() -> None:
    """What cannot be matched to a sale that was played counts against the product."""
    found = [Found("lane-1", None, "item_not_registered"), Found("lane-1", "other", "scan_omission")]
    assert [one.verdict for one in judge({}, set(), found)] == ["false", "false"]


def test_repeats_count_once() -> None:
    """Two incidents of one sale and rule are one finding."""
    assert verdicts(FORGOT, "item_not_registered", "item_not_registered") == {"item_not_registered": "true"}


def test_figures_add_up() -> None:
    """Precision and recall come from the counts, over all and by rule; of nothing they are None."""
    judged = judge(
        {("lane-1", "a"): FORGOT, ("lane-2", "b"): AWAY, ("lane-3", "c"): HONEST},
        set(),
        [Found("lane-1", "a", "item_not_registered"), Found("lane-3", "c", "scan_omission")],
    )
    report = tally(judged)
    assert {key: report[key] for key in ("findings", "true", "false", "missed")} == {
        "findings": 2,
        "true": 1,
        "false": 1,
        "missed": 1,
    }
    assert (report["precision"], report["recall"]) == (0.5, 0.5)
    assert report["by_rule"]["left_without_paying"]["precision"] is None
    assert tally([])["recall"] is None


def test_percentiles_are_values_that_were_seen() -> None:
    """The nearest rank is taken; of nothing there is none."""
    assert percentiles([]) == {"p50": None, "p99": None}
    assert percentiles([5.0]) == {"p50": 5.0, "p99": 5.0}
    assert percentiles([float(n) for n in range(101)]) == {"p50": 50.0, "p99": 99.0}
