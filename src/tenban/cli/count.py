"""``tenban count``: count what was brought in on a video, and compare it with what was registered."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from tenban.base.errors import BadInput


def count(
    video: Annotated[Path, typer.Argument(help="Video file or animated GIF.", show_default=False)],
    zones: Annotated[Path, typer.Option(help="Zones file (JSON), corners in 0–1 of the picture.")],
    registered: Annotated[int | None, typer.Option(help="How many items were registered.", min=0)] = None,
    sale: Annotated[
        Path | None, typer.Option(help="The sale's events: one JSON object per line, or CSV.")
    ] = None,
    detector: Annotated[str, typer.Option(help="motion, or onnx:PATH (or onnx:URL#sha256=…).")] = "motion",
    annotated: Annotated[
        Path | None, typer.Option(help="Write the video with the overlay here (MP4).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Count the items brought to bagging on a video.

    An item taken out of bagging again counts back: it is a move from bagging, and one less brought in.
    """
    if registered is not None and sale is not None:
        raise BadInput("--registered, --sale", expected="one of the two", came="both")
    rung = read_registered(sale) if sale is not None else registered
    from tenban.cli.progress import watched  # heavy
    from tenban.vision.counting import count_moves, report, tally  # heavy
    from tenban.vision.detectors import load_detector  # heavy
    from tenban.vision.zones import read_zones  # heavy

    moves = count_moves(
        watched(video),
        read_zones(zones),
        name=video.name,
        where=str(zones),
        detector=load_detector(detector),
        annotated=annotated,
        registered=rung,
    )
    found = report(rung, moves)
    if as_json:
        print(json.dumps(found))  # noqa: T201  # the report
        return
    for line in tally(rung, found["brought_in"]).lines():
        print(line)  # noqa: T201  # the report
    for move in found["moves"]:
        print(f"  {move['at_s']:8.2f} s  {move['from']} → {move['to']}  ({move['confidence']:.2f})")  # noqa: T201  # the report


def read_registered(path: Path) -> int:
    """Return how many items a sale's events registered and did not void (see ``pos.registered``).

    A line that is no such event is reported on standard error with its number and set aside.

    Raises:
        BadInput: the file cannot be read.
    """
    from tenban.pos.registered import count_registered

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            str(path), expected="sale events, one JSON object per line or CSV (UTF-8)", came=error
        ) from error
    total, set_aside = count_registered(text)
    for number, why in set_aside:
        print(f"{path}: line {number} set aside: {why}", file=sys.stderr)  # noqa: T201  # the command's voice
    return total
