"""Compares what the product found with what really happened. Pure.

How findings and truth are matched:

- The product folds repeats into one incident per sale and rule, so does the truth: the unit is
  (register, sale, rule).
- Only sales that have ended count. Incidents of a running sale, or of a sale the simulator did not play,
  are left out of the first and counted false in the second case.
- An expected unit that was found is ``true``, one that was not is ``missed``, a found unit that was not
  expected is ``false``.
- ``scan_omission`` is expected only where more was brought in than registered, the sale was paid, and the
  excess was not already told as ``item_not_registered``. Where it is found in a sale with an item that the
  till never registered (or registered and took back) it is true all the same.
- A withdrawn incident that was not expected counts neither way. One that was expected stays a miss: the
  product took back what was so.

Precision is true / (true + false), recall true / (true + missed); None where nothing can be said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tenban.simulator.script import Truth

Unit = tuple[str, str]  # register, sale


@dataclass(frozen=True, slots=True)
class Found:
    """An incident as the product shows it."""

    register: str
    sale: str | None
    rule: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """One unit after comparison; ``verdict`` is ``true``, ``false`` or ``missed``."""

    register: str
    sale: str | None
    rule: str
    verdict: str


def expected_rules(truth: Truth, found: set[str]) -> set[str]:
    """Return the rules that must have found something in a sale, given those that did."""
    expected = set(truth.expected)
    excess = truth.brought_in > truth.registered
    if excess and truth.paid_at_s is not None and "item_not_registered" not in found:
        expected.add("scan_omission")
    return expected


def is_true(truth: Truth, rule: str) -> bool:
    """Tell whether a rule's finding in a sale is right, expected or not."""
    if rule == "scan_omission":
        return truth.brought_in > truth.registered
    return rule in truth.expected


def judge(truths: Mapping[Unit, Truth], running: set[Unit], found: Iterable[Found]) -> list[Judged]:
    """Compare.

    Args:
        truths: of every sale that has ended.
        running: sales that have begun and not ended.
        found: all incidents, in any order.
    """
    live: set[tuple[str, str | None, str]] = set()
    for incident in found:
        unit = (incident.register, incident.sale or "")
        if unit not in running and not incident.withdrawn:
            live.add((incident.register, incident.sale, incident.rule))
    judged: list[Judged] = []
    for register, sale, rule in sorted(live, key=lambda key: (key[0], key[1] or "", key[2])):
        known = truths.get((register, sale or ""))
        right = known is not None and is_true(known, rule)
        judged.append(Judged(register, sale, rule, "true" if right else "false"))
    for (register, sale), truth in sorted(truths.items()):
        rules = {rule for place, name, rule in live if (place, name) == (register, sale)}
        missing = expected_rules(truth, rules) - rules
        judged += [Judged(register, sale, rule, "missed") for rule in sorted(missing)]
    return judged


def share(part: int, whole: int) -> float | None:
    """Return a share rounded to four places, or None of nothing."""
    return round(part / whole, 4) if whole else None


def tally(judged: Iterable[Judged]) -> dict[str, Any]:
    """Return counts, precision and recall, over all and by rule."""
    counts: dict[str, Counter[str]] = {}
    for one in judged:
        counts.setdefault(one.rule, Counter())[one.verdict] += 1
    total = sum(counts.values(), Counter())
    return {
        "findings": total["true"] + total["false"],
        **_figures(total),
        "by_rule": {rule: _figures(counted) for rule, counted in sorted(counts.items())},
    }


def _figures(counted: Counter[str]) -> dict[str, Any]:
    true, false, missed = counted["true"], counted["false"], counted["missed"]
    return {
        "true": true,
        "false": false,
        "missed": missed,
        "precision": share(true, true + false),
        "recall": share(true, true + missed),
    }


def percentiles(values: list[float], *, digits: int = 1) -> dict[str, float | None]:
    """Return the median and the 99th percentile (nearest rank), None of nothing."""
    if not values:
        return {"p50": None, "p99": None}
    ranked = sorted(values)
    last = len(ranked) - 1
    return {
        "p50": round(ranked[round(0.5 * last)], digits),
        "p99": round(ranked[min(last, round(0.99 * last))], digits),
    }
