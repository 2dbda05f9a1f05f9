"""The demo's books."""

from __future__ import annotations

from tenban.base.clock import seconds, to_rfc3339
from tenban.simulator.attendant import Watch
from tenban.simulator.lanes import Shop
from tenban.simulator.sale_events import sale_name
from tenban.simulator.scoring import Found
from tenban.simulator.tally import SETTLE_S, Books

OPENS_AT = 1_795_000_000_000_000


def test_books_join_sales_and_findings() -> None:
    """A finding of an ended sale is judged by that sale's truth, one of a running sale waits."""
    schedule = Shop(seed=2, lanes=1).schedule(1)
    watch = Watch()
    books = Books({1: schedule}, OPENS_AT, watch)
    first = schedule.sale(0)
    name = sale_name("lane-1", 0, OPENS_AT)
    rule = "item_not_registered"
    card = {
        "id": "i",
        "rule": rule,
        "register": "lane-1",
        "sale": name,
        "state": "unconfirmed",
        "decidable_at": to_rfc3339(OPENS_AT),
        "clip": None,
    }
    watch.take({"kind": "brief", "incident": card}, arrived_at=OPENS_AT + 30_000)
    during_at = OPENS_AT + seconds(first.end_s - 1)
    after_at = OPENS_AT + seconds(first.end_s + SETTLE_S + 0.1)
    found = Found("lane-1", name, rule)
    assert books.outcome(found, during_at) is None
    assert books.report(during_at)["sales"] == 0
    report = books.report(after_at)
    right = rule in first.sale.truth.expected
    assert books.outcome(found, after_at) == ("true" if right else "false_alarm")
    assert report["sales"] == 1
    assert (report["true"], report["false"]) == ((1, 0) if right else (0, 1))
    assert report["brief_ms"] == {"p50": 30.0, "p99": 30.0}
