"""Making parts of pictures unrecognisable: a coarse mosaic, for whoever may not see what is below.

Each zone becomes at most six cells along its longer side, each of one mean colour. A blur can be undone where
it is known, and small cells leave enough to read digits by; six cells across a PIN pad leave mean colours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from tenban.base.clock import SECOND
from tenban.base.errors import BadInput
from tenban.video.film import Film
from tenban.video.frames import Picture, read_frames

Polygon: TypeAlias = Sequence[tuple[float, float]]
"""Corners in 0–1 of the picture."""
Box: TypeAlias = tuple[float, float, float, float]

CELLS = 6
_LEAST_CELL = 1 / 40
"""Of the picture's width: a cell is no smaller, however small the zone."""
_GROW = 0.01
"""A zone is widened by this much of the picture: cameras move a little in the wind of a door."""
_QUALITY = 85
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


def pixelate(picture: Picture, polygons: Sequence[Polygon]) -> Picture:
    """Return the picture with a mosaic over each polygon; what lies outside is untouched.

    Args:
        picture: BGR, shape (height, width, 3).
        polygons: in 0–1 of the picture; parts outside it are ignored.
    """
    shown = picture.copy()
    for polygon in polygons:
        _over(shown, polygon)
    return shown


def mask_jpeg(
    jpeg: bytes,
    polygons: Sequence[Polygon],
    *,
    part: Box = WHOLE,
    find: Callable[[Picture], Sequence[Polygon]] = lambda _picture: (),
) -> bytes:
    """Return a JPEG with a mosaic over each polygon.

    Args:
        jpeg: a picture, or a part that was cut out of one.
        polygons: in 0–1 of the whole picture.
        part: which part of the whole the JPEG shows.
        find: finds what else is to be blurred, in 0–1 of the JPEG itself.

    Raises:
        BadInput: it is no picture.
    """
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise BadInput("still", expected="a JPEG", came=f"{len(jpeg)} bytes of something else")
    x0, y0, x1, y1 = part
    moved = [[((x - x0) / (x1 - x0), (y - y0) / (y1 - y0)) for x, y in polygon] for polygon in polygons]
    whole = np.asarray(picture, np.uint8)
    masked = pixelate(whole, [*moved, *find(whole)])
    done, encoded = cv2.imencode(".jpg", masked, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise BadInput("still", expected="a picture that can be encoded", came=f"{masked.shape}")
    return encoded.tobytes()


def mask_clip(
    clip: Path,
    polygons: Sequence[Polygon],
    to: Path,
    *,
    of_picture: Sequence[Sequence[Polygon]] = (),
    told: Callable[[float], None] = lambda _at_s: None,
) -> None:
    """Write a clip anew with a mosaic over each polygon: H.264 in MP4, the same times, no hidden pictures.

    Args:
        clip: the video.
        polygons: what is blurred throughout.
        to: where it is written.
        of_picture: what else is blurred in each picture, in the order they are shown.
        told: how many seconds of it are done.

    Raises:
        BadInput: it is no video.
    """
    with Film(to, threads=1) as film:
        for number, frame in enumerate(read_frames(clip)):
            more = of_picture[number] if number < len(of_picture) else ()
            masked = pixelate(frame.bgr(), [*polygons, *more])
            told(frame.captured_at / SECOND)
            film.add(frame.captured_at, masked)


def _over(picture: Picture, polygon: Polygon) -> None:
    height, width = picture.shape[:2]
    corners = np.array(polygon, dtype=np.float64) * (width, height)
    grow = max(1, round(_GROW * width))
    left, top = np.floor(corners.min(axis=0)).astype(int) - grow
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + grow
    left, top, right, bottom = max(0, left), max(0, top), min(width, right), min(height, bottom)
    if right <= left or bottom <= top:
        return
    mask = np.zeros((height, width), dtype=np.uint8)
    points = [np.round(corners).astype(np.int32)]
    cv2.fillPoly(mask, points, 255)
    cv2.polylines(mask, points, isClosed=True, color=255, thickness=2 * grow)
    inside = picture[top:bottom, left:right]
    cell = max((max(right - left, bottom - top)) / CELLS, _LEAST_CELL * width, 1.0)
    across, down = max(1, round((right - left) / cell)), max(1, round((bottom - top) / cell))
    coarse = cv2.resize(inside, (across, down), interpolation=cv2.INTER_AREA)
    mosaic = cv2.resize(coarse, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST)
    np.copyto(inside, mosaic, where=mask[top:bottom, left:right, None] > 0)
