"""Writes what was seen onto the video: zones, tracks, moves, the counts and the judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from tenban.base.clock import SECOND
from tenban.video.film import Film

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from tenban.sites.zone import Zone
    from tenban.video.frames import Frame, Picture
    from tenban.vision.model import Observation
    from tenban.vision.track import Track

Judgement = Literal["detected", "not_detected"]

_COLOURS = {
    "basket": (60, 180, 250),
    "scan": (220, 200, 60),
    "bagging": (90, 210, 90),
    "operator": (230, 120, 200),
    "customer": (200, 160, 120),
    "exit": (110, 110, 240),
    "mask": (150, 150, 150),
}
_SHOWN_S = 1.5


@dataclass(frozen=True, slots=True)
class Tally:
    """The three lines of the overlay.

    Attributes:
        registered: items the till registered, None where nobody said.
        brought_in: items brought in, as counted so far.
        judgement: None where nothing is known of the till.
    """

    registered: int | None
    brought_in: int
    judgement: Judgement | None

    def lines(self) -> list[str]:
        """Return the overlay's lines."""
        registered = "-" if self.registered is None else str(self.registered)
        return [
            f"Number of scanned items: {registered}",
            f"Number of items brought in (estimated): {self.brought_in}",
            f"Judgement of fraud: {self.judgement or '-'}",
        ]


class AnnotatedVideo:
    """A video of the input's size and timing with the overlay on it."""

    def __init__(self, path: Path, zones: Sequence[Zone]) -> None:
        self._zones = zones
        self._film = Film(path)
        self._recent: list[Observation] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._film.__exit__(kind, error, trace)

    def add(self, frame: Frame, tracks: Sequence[Track], seen: Sequence[Observation], tally: Tally) -> None:
        """Write one picture."""
        picture = np.ascontiguousarray(frame.bgr())
        self._recent = [
            one for one in [*self._recent, *seen] if frame.captured_at - one.proven_at < _SHOWN_S * SECOND
        ]
        draw_overlay(picture, self._zones, tracks, self._recent, tally, at_s=frame.captured_at / SECOND)
        self._film.add(frame.captured_at, picture)


def draw_overlay(
    picture: Picture,
    zones: Sequence[Zone],
    tracks: Sequence[Track],
    recent: Sequence[Observation],
    tally: Tally,
    *,
    at_s: float,
) -> None:
    """Draw zones, tracks, recent moves and the tally onto a BGR picture, in place."""
    height, width = picture.shape[:2]
    unit = max(height / 360, 0.5)
    thin = max(1, round(unit))
    scale = np.array([width, height])
    for zone in zones:
        corners = (np.array(zone.polygon) * scale).astype(np.int32)
        colour = _COLOURS[zone.role]
        cv2.polylines(
            picture, [corners], isClosed=True, color=colour, thickness=2 * thin, lineType=cv2.LINE_AA
        )
        left, top = corners[:, 0].min(), corners[:, 1].max()
        _write(picture, zone.role, (int(left) + 3 * thin, int(top) - 4 * thin), 0.42 * unit, colour)
    for track in tracks:
        if at_s - track.seen_s > 0.3:
            continue
        x0, y0, x1, y1 = (int(v) for v in track.box * np.tile(scale, 2))
        cv2.rectangle(picture, (x0, y0), (x1, y1), (255, 255, 255), thin)
        path = np.array([((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for _, b in track.path[-30:]])
        cv2.polylines(
            picture, [(path * scale).astype(np.int32)], isClosed=False, color=(255, 255, 255), thickness=thin
        )
        _write(picture, f"#{track.number}", (x0 + 2, max(y0 - 3, 12)), 0.42 * unit, (255, 255, 255))
    for one in recent:
        box = one.box or one.left_box
        if box is None:
            continue
        x0, y0, x1, y1 = (int(v) for v in np.array(box) * np.tile(scale, 2))
        sign, colour = ("+1", (80, 220, 80)) if one.kind == "item_moved" else ("-1", (60, 140, 255))
        cv2.rectangle(picture, (x0, y0), (x1, y1), colour, 3 * thin)
        _write(picture, sign, (x0, max(y0 - 4, 14)), 0.7 * unit, colour)
    _tally(picture, tally, unit)


def _tally(picture: Picture, tally: Tally, unit: float) -> None:
    size, gap = 0.5 * unit, round(20 * unit)
    lines = tally.lines()
    font = cv2.FONT_HERSHEY_SIMPLEX
    heavy = max(1, round(1.2 * unit))
    widest = max(cv2.getTextSize(line, font, size, heavy)[0][0] for line in lines)
    room = picture.shape[1] - round(16 * unit)
    if widest > room:
        size, gap, widest = size * room / widest, round(gap * room / widest), room
    right, bottom = widest + round(16 * unit), gap * len(lines) + round(8 * unit)
    panel = picture[:bottom, :right]
    panel[:] = (panel * 0.25).astype(np.uint8)
    for number, line in enumerate(lines):
        alarming = number == 2 and tally.judgement == "detected"
        colour = (90, 110, 255) if alarming else (255, 255, 255)
        where = (round(8 * unit), gap * (number + 1))
        cv2.putText(picture, line, where, font, size, colour, heavy, cv2.LINE_AA)


def _write(
    picture: Picture, text: str, where: tuple[int, int], size: float, colour: tuple[int, int, int]
) -> None:
    font = cv2.FONT_HERSHEY_SIMPLEX
    heavy = max(1, round(2 * size))
    cv2.putText(picture, text, where, font, size, (0, 0, 0), heavy + 2, cv2.LINE_AA)
    cv2.putText(picture, text, where, font, size, colour, heavy, cv2.LINE_AA)
