"""The demo's live panel in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from tenban.simulator.lanes import LaneSchedule, register_id
from tenban.simulator.till import Till


def draw(
    report: Mapping[str, Any],
    *,
    tills: Mapping[int, Till],
    schedules: Mapping[int, LaneSchedule],
    lane_s: float,
    address: str,
) -> Group:
    """Return the panel: one row per lane, the score below."""
    lanes = Table(
        "lane", "sale", "shopper", "events", "lamp", title=f"Tenban demo · {address}", title_justify="left"
    )
    for lane, till in tills.items():
        planned = schedules[lane].at(lane_s)
        present = 0 <= lane_s - planned.start_s <= planned.sale.truth.left_at_s
        doing = ", ".join(planned.sale.truth.behaviours).replace("_", " ") or "just shopping"
        sent = till.counts["stored"] + till.counts["duplicate"]
        lanes.add_row(
            register_id(lane),
            str(planned.number + 1),
            doing if present else "-",
            str(sent),
            Text(till.lamp, style=till.lamp if till.lamp in {"red", "green", "blue"} else "yellow")
            if till.lamp != "off"
            else Text("off", style="dim"),
        )
    brief, clip = report["brief_ms"], report["clip_ready_s"]
    score = (
        f"sales {report['sales']}   findings {report['findings']}   true {report['true']}   "
        f"false {report['false']}   missed {report['missed']}   "
        f"precision {_number(report['precision'])}   recall {_number(report['recall'])}\n"
        f"brief p50 {_number(brief['p50'])} ms, p99 {_number(brief['p99'])} ms   "
        f"clip ready p50 {_number(clip['p50'])} s, p99 {_number(clip['p99'])} s"
    )
    return Group(lanes, Text(score))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
