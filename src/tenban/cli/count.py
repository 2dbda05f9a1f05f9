"""``tenban count``: count what was brought in on a video, and compare it with what was registered."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenban.base.clock import SECOND
from tenban.base.errors import BadInput

if TYPE_CHECKING:
    from tenban.video.frames import Frame
    from tenban.vision.annotate import Judgement, Tally
    from tenban.vision.model import Observation
    from tenban.vision.track import Track


def count(
    video: Annotated[Path, typer.Argument(help="Video file or animated GIF.", show_default=False)],
    zones: Annotated[Path, typer.Option(help="Zones file (JSON), corners in 0–1 of the picture.")],
    registered: Annotated[int | None, typer.Option(help="How many items were registered.", min=0)] = None,
    sale: Annotated[Path | None, typer.Option(help="The sale's events, one JSON object per line.")] = None,
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
    moves = _watch(video, zones, detector=detector, annotated=annotated, registered=rung)
    brought_in = sum(1 if one.kind == "item_moved" else -1 for one in moves)
    judgement = judge(rung, brought_in)
    if as_json:
        report = {
            "registered": rung,
            "brought_in": brought_in,
            "judgement": judgement,
            "moves": [_move(one) for one in moves],
        }
        print(json.dumps(report))  # noqa: T201  # the report
        return
    from tenban.vision.annotate import Tally  # heavy

    for line in Tally(rung, brought_in, judgement).lines():
        print(line)  # noqa: T201  # the report
    for one in moves:
        move = _move(one)
        print(f"  {move['at_s']:8.2f} s  {move['from']} → {move['to']}  ({move['confidence']:.2f})")  # noqa: T201  # the report


def judge(registered: int | None, brought_in: int) -> Judgement | None:
    """Return the judgement: detected where more was brought in than registered, None where nobody said."""
    if registered is None:
        return None
    return "detected" if brought_in > registered else "not_detected"


def read_registered(path: Path) -> int:
    """Return how many items a sale's events registered and did not void.

    A weighed item counts 1. A line that is no such event is reported on standard error with its number
    and set aside; an event that comes twice counts once.

    Raises:
        BadInput: the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            str(path), expected="sale events, one JSON object per line (UTF-8)", came=error
        ) from error
    total = 0
    known: set[str] = set()
    weighed: set[tuple[Any, Any]] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            total += _items_in(line, known, weighed)
        except ValueError as error:
            print(f"{path}: line {number} set aside: {error}", file=sys.stderr)  # noqa: T201  # the command's voice
    return total


def _items_in(line: str, known: set[str], weighed: set[tuple[Any, Any]]) -> int:
    event = json.loads(line)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError('expected a sale event with a "type"')  # noqa: TRY004  # one kind of bad line
    if event["type"] not in {"item_registered", "item_voided"}:
        return 0
    item = event.get("item")
    if not isinstance(item, dict):
        raise ValueError(f'expected {event["type"]} to carry an "item", got {item!r}')  # noqa: TRY004  # as above
    name = event.get("event_id")
    if isinstance(name, str) and name in known:
        return 0
    line_key = (event.get("sale"), item.get("line"))
    quantity = item.get("quantity", 1)
    if event["type"] == "item_registered" and item.get("weight_g") is not None:
        weighed.add(line_key)
    if quantity is None or line_key in weighed:
        quantity = 1
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        raise ValueError(f"expected a quantity of 1 or more, got {quantity!r}")
    if isinstance(name, str):
        known.add(name)
    return quantity if event["type"] == "item_registered" else -quantity


def _watch(
    video: Path, zones_file: Path, *, detector: str, annotated: Path | None, registered: int | None
) -> list[Observation]:
    from contextlib import ExitStack  # heavy

    from tenban.cli.progress import watched  # heavy
    from tenban.vision.annotate import AnnotatedVideo  # heavy
    from tenban.vision.detectors import load_detector  # heavy
    from tenban.vision.transfer import TransferCounter  # heavy
    from tenban.vision.zones import read_zones  # heavy

    zones = read_zones(zones_file)
    if not {"bagging", "exit"} & {zone.role for zone in zones}:
        came = ", ".join(zone.role for zone in zones)
        raise BadInput(str(zones_file), expected='a zone with the role "bagging"', came=came)
    counter = TransferCounter(zones, camera=video.name, detector=load_detector(detector))
    moves: list[Observation] = []
    with ExitStack() as stack:
        out = stack.enter_context(AnnotatedVideo(annotated, zones)) if annotated else None
        last: tuple[Frame, list[Track], list[Observation]] | None = None
        for frame in watched(video):
            if out is not None and last is not None:
                out.add(*last, _tally(registered, counter.brought_in))
            seen = _items(counter.see(frame))
            moves += seen
            last = (frame, list(counter.tracks), seen)
        ending = _items(counter.finish())
        moves += ending
        if out is not None and last is not None:
            frame, tracks, seen = last
            out.add(frame, tracks, [*seen, *ending], _tally(registered, counter.brought_in))
    return sorted(moves, key=lambda one: one.at)


def _items(seen: list[Observation]) -> list[Observation]:
    return [one for one in seen if one.kind in {"item_moved", "item_returned"}]


def _tally(registered: int | None, brought_in: int) -> Tally:
    from tenban.vision.annotate import Tally  # heavy

    return Tally(registered, brought_in, judge(registered, brought_in))


def _move(one: Observation) -> dict[str, Any]:
    return {
        "at_s": round(one.at / SECOND, 3),
        "from": one.from_zone,
        "to": one.to_zone,
        "track": one.track,
        "confidence": one.confidence,
    }
