"""``tenban demo``: a whole shop that does not exist, with the product running in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the pages.")] = 8080,
    lanes: Annotated[int, typer.Option(min=1, max=24, help="How many self-checkouts.")] = 6,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Run this long, report, stop; until Ctrl-C otherwise.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same shoppers.")] = 1,
    data: Annotated[
        Path | None, typer.Option("--data", "-d", help="Keep the data here; a temporary folder otherwise.")
    ] = None,
    as_json: Annotated[  # noqa: FBT002  # a flag
        bool, typer.Option("--json", help="Print the report as JSON, and nothing else.")
    ] = False,
) -> None:
    """Run a simulated shop: lanes with cameras, tills and shoppers, honest and not; keep the score."""
    from tenban.simulator.demo import DemoSettings, run_demo

    report = run_demo(
        DemoSettings(port=port, lanes=lanes, seconds=seconds, seed=seed, data=data, quiet=as_json)
    )
    typer.echo(json.dumps(report, ensure_ascii=False) if as_json else _in_words(report))


def _in_words(report: dict[str, Any]) -> str:
    brief, clip = report["brief_ms"], report["clip_ready_s"]
    found = f"{report['true']} true, {report['false']} false, {report['missed']} missed"
    lines = [f"sales {report['sales']}, findings {report['findings']}: {found}"]
    lines.append(f"precision {_number(report['precision'])}, recall {_number(report['recall'])}")
    lines.append(f"brief p50 {_number(brief['p50'], ' ms')}, p99 {_number(brief['p99'], ' ms')}")
    lines.append(f"clip ready p50 {_number(clip['p50'], ' s')}, p99 {_number(clip['p99'], ' s')}")
    for rule, figures in report["by_rule"].items():
        lines.append(
            f"  {rule}: {figures['true']} true, {figures['false']} false, {figures['missed']} missed"
        )
    for kind in ("misses", "falses"):
        for one in report[kind]:
            did = ", ".join(one["behaviours"] or ["nothing known"]) or "an honest sale"
            lines.append(
                f"  {'missed' if kind == 'misses' else 'false'}: {one['rule']}, {one['sale']} ({did})"
            )
    return "\n".join(lines)


def _number(value: float | None, unit: str = "") -> str:
    return "unknown" if value is None else f"{value:g}{unit}"
