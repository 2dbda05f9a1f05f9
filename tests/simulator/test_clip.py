"""Clips of simulated sales."""

from __future__ import annotations

import json
from pathlib import Path

import av

from tenban.base.clock import SECOND, from_rfc3339
from tenban.simulator.clip import START_AT, Studio


def test_a_clip_comes_with_zones_truth_and_events(tmp_path: Path) -> None:
    """The four files belong together: length, count and times agree."""
    studio = Studio(width=320, height=180, fps=10, articles=12, variety=2)
    path = tmp_path / "sale.mp4"
    truth = studio.render_clip(seed=2, path=path, behaviours=("forgotten_scan",), until_s=3.0)
    with av.open(str(path)) as container:
        frames = [frame.pts for frame in container.decode(video=0)]
    assert len(frames) == 30
    told = json.loads(path.with_suffix(".truth.json").read_text())
    assert told["brought_in"] == truth.brought_in == truth.registered + 1
    zones = json.loads(path.with_suffix(".zones.json").read_text())["zones"]
    assert {zone["role"] for zone in zones} == {"basket", "scan", "bagging", "operator"}
    events = [json.loads(line) for line in path.with_suffix(".events.jsonl").read_text().splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    paid_s = (from_rfc3339(events[-1]["rung_at"]) - START_AT) / SECOND
    assert truth.paid_at_s is not None
    assert abs(paid_s - truth.paid_at_s) < 0.001
