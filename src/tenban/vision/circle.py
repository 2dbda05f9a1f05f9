"""Finding the image circle of a fisheye picture: what is lit, and the circle around it."""

from __future__ import annotations

import cv2
import numpy as np

from tenban.base.errors import BadInput, NotFound
from tenban.video.frames import Picture

_WIDTH = 480
_DARK = 18
"""Brightness below which a pixel may lie outside the circle; video black is 16, and sensors are noisy."""
_EDGE = 2
_LEAST_POINTS = 40
_MOST_OFF = 0.01
"""Of the radius: an edge point farther off than this is no part of the circle (a dark corner of the room)."""


class NoCircle(NotFound):
    """The picture shows no edge of a circle; it has to be given."""

    code = "no_circle"


def find_circle(picture: Picture) -> tuple[float, float, float]:
    """Return the circle's centre (shares of width and height) and radius (share of the width).

    The edge between dark and lit is followed around; a circle is fitted through random threes of its
    points, and anew through all that agree with the best one (Fischler and Bolles, RANSAC, 1981; Kåsa, 1976).

    Args:
        picture: BGR, shape (height, width, 3); parts of the circle may lie outside.

    Raises:
        NoCircle: there are too few points of an edge.
    """
    height, width = picture.shape[:2]
    small = cv2.resize(
        picture, (_WIDTH, max(2, round(height * _WIDTH / width))), interpolation=cv2.INTER_AREA
    )
    lit = (cv2.GaussianBlur(small.max(axis=2), (5, 5), 0) > _DARK).astype(np.uint8)
    outlines, _ = cv2.findContours(lit, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        raise NoCircle("the picture is dark")
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea), returnPoints=True)
    mask = np.zeros_like(lit)
    cv2.fillConvexPoly(mask, hull, 1)
    outline = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0].reshape(-1, 2)
    inner = (outline >= _EDGE).all(axis=1) & (outline < [mask.shape[1] - _EDGE, mask.shape[0] - _EDGE]).all(
        axis=1
    )
    points = outline[inner].astype(np.float64) + 0.5
    if len(points) < _LEAST_POINTS:
        raise NoCircle("the picture shows no dark edge around a circle")
    agreed = _agreed(points)
    if agreed.sum() < max(_LEAST_POINTS, 0.3 * len(points)):
        raise NoCircle("the dark edge of the picture is no circle")
    x, y, r = _fit(points[agreed])
    return x / small.shape[1], y / small.shape[0], r / small.shape[1]


def find_circle_in(jpeg: bytes) -> tuple[float, float, float]:
    """Return the circle of a JPEG; as :func:`find_circle`, and BadInput for what is no picture."""
    picture = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    if picture is None:
        raise BadInput("picture", expected="a JPEG", came=f"{len(jpeg)} bytes of something else")
    return find_circle(np.asarray(picture, dtype=np.uint8))


def _agreed(points: np.ndarray) -> np.ndarray:
    chance = np.random.default_rng(0)
    best = np.zeros(len(points), dtype=bool)
    for _ in range(200):
        x, y, r = _fit(points[chance.choice(len(points), 3, replace=False)])
        if not 0.2 * _WIDTH < r < 2 * _WIDTH:
            continue
        off = np.abs(np.hypot(points[:, 0] - x, points[:, 1] - y) - r)
        agreed = off < max(1.5, _MOST_OFF * r)
        if agreed.sum() > best.sum():
            best = agreed
    return best


def _fit(points: np.ndarray) -> tuple[float, float, float]:
    equations = np.column_stack([points, np.ones(len(points))])
    found = np.linalg.lstsq(equations, (points**2).sum(axis=1), rcond=None)[0]
    x, y = found[0] / 2, found[1] / 2
    return float(x), float(y), float(np.sqrt(max(found[2] + x * x + y * y, 0.0)))
