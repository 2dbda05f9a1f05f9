"""Several cameras in one picture: the same moment on each, gaps shown as such. Pictures are coded anew."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import numpy as np

from tenban.base.clock import SECOND, Instant, to_datetime
from tenban.base.span import Span
from tenban.sites.fisheye import Aim
from tenban.video.clips import ClipPlan, NoFootage, plan_clip, write_clip
from tenban.video.film import Film
from tenban.video.footage import Footage
from tenban.video.frames import Picture, read_frames
from tenban.video.queries import FootageIndex
from tenban.vision.masking import Polygon, pixelate
from tenban.vision.turned import turn_frame

FPS = 15
_HIGH, _STRIP = 360, 28
_WIDE = 640
_GAP_COLOUR, _INK = (48, 40, 32), (235, 235, 235)


@dataclass(frozen=True, slots=True)
class Beside:
    """One camera of several.

    Attributes:
        label: what stands above its picture: ASCII, since OpenCV draws nothing else.
        masks: what is blurred on it, once it is turned.
        aim: how its picture is turned.
    """

    camera: str
    label: str
    masks: Sequence[Polygon] = ()
    aim: Aim | None = None


def write_side_by_side(
    index: FootageIndex,
    footage: Footage,
    cameras: Sequence[Beside],
    span: Span,
    to: Path,
    *,
    zone: ZoneInfo,
    scratch: Path,
    told: Callable[[float], None] = lambda _share: None,
) -> Span:
    """Write a video of several cameras in step, 15 pictures a second, each tile up to 640 by 360.

    Args:
        index: what footage there is.
        footage: the footage folder.
        cameras: from left to right, then down.
        span: what is shown.
        to: where the video goes.
        zone: of the times that stand on it.
        scratch: a folder for the cuts on the way; they are taken away again.
        told: how much of it is done, 0–1; may raise to stop.

    Returns:
        The span the video shows.

    Raises:
        NoFootage: none of the cameras has any.
        FootageGone: a file of footage is missing.
    """
    tiles = [_Tile(index, footage, one, span, scratch / f"{n}.mp4") for n, one in enumerate(cameras)]
    missing = [tile.missing for tile in tiles if tile.missing is not None]
    if len(missing) == len(tiles):
        raise missing[0]
    columns = math.ceil(math.sqrt(len(tiles)))
    rows = math.ceil(len(tiles) / columns)
    count = max(1, round(span.length_s * FPS))
    try:
        with Film(to, threads=1) as film:
            for n in range(count):
                at = span.start_at + n * SECOND // FPS
                whole = np.zeros((rows * (_HIGH + _STRIP), columns * _WIDE, 3), np.uint8)
                for place, tile in enumerate(tiles):
                    y, x = place // columns * (_HIGH + _STRIP), place % columns * _WIDE
                    whole[y : y + _HIGH + _STRIP, x : x + _WIDE] = tile.drawn(at, zone)
                film.add(n * SECOND // FPS, whole)
                if n % FPS == 0:
                    told(n / count)
    finally:
        for tile in tiles:
            tile.close()
    return Span(span.start_at, span.start_at + count * SECOND // FPS)


def gaps_of(index: FootageIndex, camera: str, span: Span) -> list[tuple[Span, str]]:
    """Return what is missing of a camera's footage of a span, and why."""
    return _planned(index, camera, span)[1]


def _planned(
    index: FootageIndex, camera: str, span: Span
) -> tuple[list[ClipPlan], list[tuple[Span, str]], NoFootage | None]:
    """Plan the cuts of a span: one, or one for each coding the camera had meanwhile."""
    plans: list[ClipPlan] = []
    gaps: list[tuple[Span, str]] = []
    at = span.start_at
    while at < span.end_at:
        try:
            plan = plan_clip(index, camera, Span(at, span.end_at), around=at)
        except NoFootage as error:
            gaps.append((Span(at, span.end_at), str(error)))
            return plans, gaps, None if plans else error
        plans.append(plan)
        more = plan.note is not None and plan.span.end_at > at
        # Where another coding follows, what lies behind the cut is not missing.
        gaps += [(gap.span, gap.why) for gap in plan.gaps if not more or gap.span.end_at <= plan.span.end_at]
        if not more:
            break
        at = plan.span.end_at
    return plans, gaps, None


class _Tile:
    """One camera's part of the picture: cuts of its footage decoded as time goes on."""

    def __init__(self, index: FootageIndex, footage: Footage, one: Beside, span: Span, cut: Path) -> None:
        self._one, self._cut, self._footage = one, cut, footage
        self._plans, gaps, self.missing = _planned(index, one.camera, span)
        self._gaps = [gap for gap, _ in gaps]
        self._frames = self._decoded()
        self._next = next(self._frames, None)
        self._shown: Picture = np.full((_HIGH, _WIDE, 3), _GAP_COLOUR, np.uint8)
        self._fresh: Picture | None = None

    def drawn(self, at: Instant, zone: ZoneInfo) -> Picture:
        while self._next is not None and self._next[0] <= at:
            self._fresh = self._next[1]
            self._next = next(self._frames, None)
        if self._fresh is not None:
            self._shown, self._fresh = _fitted(pixelate(self._fresh, self._one.masks)), None
        tile = np.zeros((_HIGH + _STRIP, _WIDE, 3), np.uint8)
        moment = to_datetime(at).astimezone(zone)
        text = f"{self._one.label}  {moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 100_000} {moment:%z}"
        _write(tile, text, (8, 20))
        if any(gap.holds(at) for gap in self._gaps) or not self._plans:
            tile[_STRIP:] = _GAP_COLOUR
            _write(tile, "no footage", (_WIDE // 2 - 50, _STRIP + _HIGH // 2))
        else:
            tile[_STRIP:] = self._shown
        return tile

    def close(self) -> None:
        self._frames.close()
        self._cut.unlink(missing_ok=True)

    def _decoded(self) -> Generator[tuple[Instant, Picture], None, None]:
        aim = self._one.aim
        for plan in self._plans:
            write_clip(plan, self._footage, self._cut)
            for frame in read_frames(self._cut):
                shown = frame if aim is None else turn_frame(frame, aim, frame.camera)
                yield plan.span.start_at + frame.captured_at, shown.bgr()


def _fitted(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    scale = min(_WIDE / width, _HIGH / height)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    tile = np.zeros((_HIGH, _WIDE, 3), np.uint8)
    y, x = (_HIGH - high) // 2, (_WIDE - wide) // 2
    tile[y : y + high, x : x + wide] = small
    return tile


def _write(tile: Picture, text: str, at: tuple[int, int]) -> None:
    cv2.putText(tile, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, _INK, 1, cv2.LINE_AA)
