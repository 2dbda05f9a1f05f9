"""How the demo stands: what was sold, what was found, what is true. Pure but for what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenban.base.clock import Instant
from tenban.simulator.attendant import Watch
from tenban.simulator.lanes import LaneSchedule, lane_time_s, register_id
from tenban.simulator.sale_events import sale_name
from tenban.simulator.scoring import Found, Judged, Unit, is_true, judge, percentiles, tally
from tenban.simulator.script import Truth

SETTLE_S = 2.0  # after a sale's end, until everything about it may be expected to be known


class Books:
    """Joins the lanes' schedules with what an attendant saw.

    Args:
        schedules: by lane number.
        opens_at: when the lanes' time began.
        watch: what the attendant saw.
    """

    def __init__(self, schedules: Mapping[int, LaneSchedule], opens_at: Instant, watch: Watch) -> None:
        self._schedules = schedules
        self._opens_at = opens_at
        self._watch = watch

    def truths(self, now_at: Instant) -> tuple[dict[Unit, Truth], set[Unit]]:
        """Return the truth of every sale that has ended, and the sales that run."""
        ended: dict[Unit, Truth] = {}
        running: set[Unit] = set()
        lane_s = lane_time_s(now_at, self._opens_at)
        for lane, schedule in self._schedules.items():
            for planned in schedule.begun(lane_s):
                unit = (register_id(lane), sale_name(register_id(lane), planned.number, self._opens_at))
                if planned.end_s + SETTLE_S <= lane_s:
                    ended[unit] = planned.sale.truth
                else:
                    running.add(unit)
        return ended, running

    def judged(self, now_at: Instant) -> list[Judged]:
        """Return every finding and every miss, compared with the truth."""
        ended, running = self.truths(now_at)
        return judge(ended, running, self._watch.found())

    def outcome(self, found: Found, now_at: Instant) -> str | None:
        """Return what a person who knows the truth would say of an incident; None while the sale runs."""
        ended, _ = self.truths(now_at)
        truth = ended.get((found.register, found.sale or ""))
        if truth is None:
            return None
        return "true" if is_true(truth, found.rule) else "false_alarm"

    def report(self, now_at: Instant) -> dict[str, Any]:
        """Return the demo's figures; ``misses`` and ``falses`` name the sales and what was done in them."""
        ended, _ = self.truths(now_at)
        judged = self.judged(now_at)
        return {
            "sales": len(ended),
            **tally(judged),
            "brief_ms": percentiles(self._watch.brief_ms()),
            "clip_ready_s": percentiles(self._watch.clip_ready_s(), digits=2),
            "misses": [_detail(one, ended) for one in judged if one.verdict == "missed"],
            "falses": [_detail(one, ended) for one in judged if one.verdict == "false"],
        }


def _detail(one: Judged, ended: Mapping[Unit, Truth]) -> dict[str, Any]:
    truth = ended.get((one.register, one.sale or ""))
    return {
        "register": one.register,
        "sale": one.sale,
        "rule": one.rule,
        "behaviours": list(truth.behaviours) if truth else None,
        "brought_in": truth.brought_in if truth else None,
        "registered": truth.registered if truth else None,
    }
