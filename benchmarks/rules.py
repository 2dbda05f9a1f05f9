"""How well the rules tell unregistered items, by their settings and by how well vision sees.

Runs the judge over simulated facts (``tests/findings/shoppers.py``); no video. Prints Markdown tables.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from findings.shoppers import Habits, Shopping, Sight, go_shopping
from findings.story import START_AT
from tenban.findings import coverage
from tenban.findings.replay import replay_all
from tenban.findings.settings import parse_rules

SALES = 200
SEED = 23
NEAR_S = 1.5


@dataclass(frozen=True, slots=True)
class Score:
    """Shares over items unless said otherwise; ``wait_s`` is from the move to the telling."""

    sales_precision: float
    sales_recall: float
    precision: float
    recall: float
    told: float
    false_sales: float
    withdrawn: int
    wait_p50_s: float
    wait_p90_s: float


def score(shopping: Shopping, rules: dict[str, dict[str, Any]] | None = None) -> Score:
    replayed = replay_all(shopping.facts, parse_rules(rules or {}))
    standing = [f for f in replayed.findings if f.rule == "item_not_registered"]
    taken_back = [w.finding for w in replayed.withdrawn if w.finding.rule == "item_not_registered"]

    def right(finding: Any) -> bool:
        second = (finding.at - START_AT) / 1e6
        return any(abs(second - skipped) <= NEAR_S for skipped in shopping.skipped[finding.sale])

    def found(findings: list[Any]) -> int:
        return sum(
            any(f.sale == sale and abs((f.at - START_AT) / 1e6 - second) <= NEAR_S for f in findings)
            for sale, seconds in shopping.skipped.items()
            for second in seconds
        )

    skipped = sum(len(seconds) for seconds in shopping.skipped.values())
    honest = [sale for sale, seconds in shopping.skipped.items() if not seconds]
    waits = [(f.decidable_at - f.at) / 1e6 for f in standing if right(f)] or [float("nan")]
    dishonest = {sale for sale, seconds in shopping.skipped.items() if seconds}
    flagged = {f.sale for f in standing}
    return Score(
        len(flagged & dishonest) / max(len(flagged), 1),
        len(flagged & dishonest) / max(len(dishonest), 1),
        sum(map(right, standing)) / max(len(standing), 1),
        found(standing) / max(skipped, 1),
        found(standing + taken_back) / max(skipped, 1),
        len({f.sale for f in standing if f.sale in honest}) / max(len(honest), 1),
        len(taken_back),
        float(np.percentile(waits, 50)),
        float(np.percentile(waits, 90)),
    )


COLUMNS = {
    "sales: precision": "{0.sales_precision:.3f}",
    "recall": "{0.sales_recall:.3f}",
    "items: precision": "{0.precision:.3f}",
    "recall ": "{0.recall:.3f}",
    "recall incl. withdrawn": "{0.told:.3f}",
    "honest sales with a finding": "{0.false_sales:.3f}",
    "withdrawn": "{0.withdrawn}",
    "wait p50 s": "{0.wait_p50_s:.2f}",
    "p90 s": "{0.wait_p90_s:.2f}",
}


def table(name: str, rows: list[tuple[str, Score]]) -> None:
    print(f"\n| {name} | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
    for label, row in rows:
        print(f"| {label} | {' | '.join(form.format(row) for form in COLUMNS.values())} |")


def with_(**settings: float) -> dict[str, dict[str, Any]]:
    return {"item_not_registered": settings}


def main() -> None:
    shopping = go_shopping(SALES, seed=SEED)
    begun = time.process_time()
    base = score(shopping)
    took = time.process_time() - begun
    skipped = sum(map(len, shopping.skipped.values()))
    print(
        f"{SALES} sales, {shopping.items} items, {skipped} not registered, {len(shopping.facts)} facts; "
        f"{took / len(shopping.facts) * 1e3:.2f} ms of processor time per fact"
    )
    table("defaults", [("", base)])
    table("before_s", [(f"{b:g}", score(shopping, with_(before_s=b))) for b in (2.0, 4.0, 5.0, 8.0)])
    table("after_s", [(f"{a:g}", score(shopping, with_(after_s=a))) for a in (1.0, 2.0, 4.0)])
    table("late_s", [(f"{a:g}", score(shopping, with_(late_s=a))) for a in (0.0, 20.0, 60.0)])
    table(
        "min_confidence",
        [(f"{c:g}", score(shopping, with_(min_confidence=c))) for c in (0.3, 0.6, 0.7)],
    )
    prices = []
    for price in (2.0, 1000.0):
        coverage.ALONE = price  # type: ignore[misc]
        prices.append((f"{price:g}", score(shopping)))
    coverage.ALONE = 1.6  # type: ignore[misc]
    table("price of an item alone", prices)
    table(
        "moves missed",
        [(f"{m:.0%}", score(go_shopping(SALES, seed=SEED, sight=Sight(missed=m)))) for m in (0.0, 0.1, 0.2)],
    )
    table(
        "false moves per sale",
        [(f"{f:g}", score(go_shopping(SALES, seed=SEED, sight=Sight(false=f)))) for f in (0.0, 0.3, 1.0)],
    )
    plain = Habits(late=0, held=0, paired=0, several=0, changed=0)
    perfect = Sight(missed=0, false=0)
    table(
        "seen perfectly",
        [
            ("plain habits", score(go_shopping(SALES, seed=SEED, sight=perfect, habits=plain))),
            ("all habits", score(go_shopping(SALES, seed=SEED, sight=perfect))),
        ],
    )


if __name__ == "__main__":
    main()
