"""``tenban presence``: when somebody was at the operator position of a video."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenban.base.clock import SECOND

if TYPE_CHECKING:
    from tenban.vision.model import Observation


def presence(
    video: Annotated[Path, typer.Argument(help="Video file or animated GIF.", show_default=False)],
    zones: Annotated[Path, typer.Option(help="Zones file (JSON) with an operator zone.")],
    detector: Annotated[
        str, typer.Option(help="motion, or onnx:PATH of a model that knows people.")
    ] = "motion",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Print the spans in which somebody is at the operator position."""
    from tenban.cli.progress import watched  # heavy
    from tenban.vision.detectors import load_detector  # heavy
    from tenban.vision.presence import PresenceWatch  # heavy
    from tenban.vision.zones import read_zones  # heavy

    watch = PresenceWatch(read_zones(zones), camera=video.name, detector=load_detector(detector))
    seen: list[Observation] = []
    for frame in watched(video):
        seen += watch.see(frame)
    seen += watch.finish()
    spans = spans_of(seen)
    if as_json:
        print(json.dumps({"spans": spans}))  # noqa: T201  # the report
        return
    if not spans:
        print("nobody at the operator position")  # noqa: T201  # the report
    for span in spans:
        print(f"{span['from_s']:8.2f} s to {span['to_s']:8.2f} s")  # noqa: T201  # the report


def spans_of(seen: list[Observation]) -> list[dict[str, float]]:
    """Pair arrivals with leavings, in the order in which they were seen."""
    arrived = [one.at for one in seen if one.kind == "operator_arrived"]
    left = [one.at for one in seen if one.kind == "operator_left"]
    return [
        {"from_s": round(start / SECOND, 3), "to_s": round(end / SECOND, 3)}
        for start, end in zip(arrived, left, strict=True)
    ]
