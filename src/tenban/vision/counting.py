"""Counting a whole video: its moves, the figures beside what was registered, and the overlay where wanted."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from tenban.base.clock import SECOND
from tenban.base.errors import BadInput
from tenban.vision.annotate import AnnotatedVideo, Judgement, Tally
from tenban.vision.transfer import TransferCounter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tenban.sites.zone import Zone
    from tenban.video.frames import Frame
    from tenban.vision.detectors.onnx import OnnxDetector
    from tenban.vision.model import Observation
    from tenban.vision.track import Track


def count_moves(
    frames: Iterable[Frame],
    zones: Sequence[Zone],
    *,
    name: str,
    where: str,
    detector: OnnxDetector | None = None,
    annotated: Path | None = None,
    registered: int | None = None,
) -> list[Observation]:
    """Return every move into bagging and out of it, in the order they happened.

    Args:
        frames: of one video, from its beginning.
        zones: one of them where items are counted into.
        name: of the video, for the observations.
        where: what the zones come from, for the error's sentence.
        detector: a model whose boxes are followed; None for what moves.
        annotated: write the video with the overlay here (MP4).
        registered: how many items were registered, for the overlay.

    Raises:
        BadInput: no zone to count into, or the frames cannot be read.
    """
    if not {"bagging", "exit"} & {zone.role for zone in zones}:
        came = ", ".join(zone.role for zone in zones)
        raise BadInput(where, expected='a zone with the role "bagging"', came=came)
    counter = TransferCounter(zones, camera=name, detector=detector)
    moves: list[Observation] = []
    with ExitStack() as stack:
        out = stack.enter_context(AnnotatedVideo(annotated, zones)) if annotated else None
        last: tuple[Frame, list[Track], list[Observation]] | None = None
        for frame in frames:
            if out is not None and last is not None:
                out.add(*last, tally(registered, counter.brought_in))
            seen = _items(counter.see(frame))
            moves += seen
            last = (frame, list(counter.tracks), seen)
        ending = _items(counter.finish())
        moves += ending
        if out is not None and last is not None:
            frame, tracks, seen = last
            out.add(frame, tracks, [*seen, *ending], tally(registered, counter.brought_in))
    return sorted(moves, key=lambda one: one.at)


def report(registered: int | None, moves: Sequence[Observation]) -> dict[str, Any]:
    """Return the three figures and the moves, as ``tenban count --json`` prints them.

    An item taken out of bagging again counts back.
    """
    brought_in = sum(1 if one.kind == "item_moved" else -1 for one in moves)
    return {
        "registered": registered,
        "brought_in": brought_in,
        "judgement": judge(registered, brought_in),
        "moves": [_move(one) for one in moves],
    }


def judge(registered: int | None, brought_in: int) -> Judgement | None:
    """Return the judgement: detected where more was brought in than registered, None where nobody said."""
    if registered is None:
        return None
    return "detected" if brought_in > registered else "not_detected"


def tally(registered: int | None, brought_in: int) -> Tally:
    """Return the lines of the overlay."""
    return Tally(registered, brought_in, judge(registered, brought_in))


def _items(seen: list[Observation]) -> list[Observation]:
    return [one for one in seen if one.kind in {"item_moved", "item_returned"}]


def _move(one: Observation) -> dict[str, Any]:
    return {
        "at_s": round(one.at / SECOND, 3),
        "from": one.from_zone,
        "to": one.to_zone,
        "track": one.track,
        "confidence": one.confidence,
    }
