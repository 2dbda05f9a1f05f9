"""Shapes, textures and light from which sprites are painted. Slow and pretty: used once, before filming.

Masks are float32 (height, width) in 0 to 1; colours are (blue, green, red) in 0 to 255; a painting is float32
(height, width, 4), blue, green, red and opacity, not premultiplied, all in 0 to 255. Everything is painted
``FINE`` times larger than it will be seen and shrunk at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.floating[Any]]
Painting = NDArray[np.float32]
Colour = tuple[float, float, float]
Rng = np.random.Generator

FINE = 2
LIGHT = np.array([-0.42, -0.5, 0.76], dtype=np.float32)  # from the upper left, as in every shop picture here


def noise(rng: Rng, height: int, width: int, grain_px: float, octaves: int = 3) -> Mask:
    """Return smooth noise around 0, about -1 to 1, whose largest blobs are ``grain_px`` wide."""
    total = np.zeros((height, width), dtype=np.float32)
    weight = 1.0
    for _ in range(octaves):
        rows = max(2, int(height / grain_px) + 2)
        columns = max(2, int(width / grain_px) + 2)
        coarse = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
        total += weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        weight *= 0.5
        grain_px = max(1.5, grain_px / 2.2)
    return total / np.float32(1.6)


def polygon(
    height: int, width: int, points: NDArray[np.floating[Any]] | Sequence[tuple[float, float]]
) -> Mask:
    """Return the mask of a polygon given in pixels."""
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(mask, [np.round(np.asarray(points) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mask.astype(np.float32) / 255


def ellipse(height: int, width: int, centre: tuple[float, float], axes: tuple[float, float]) -> Mask:
    """Return the mask of an upright ellipse; ``axes`` are half lengths."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    points = np.stack([centre[0] + axes[0] * np.cos(turn), centre[1] + axes[1] * np.sin(turn)], axis=1)
    return polygon(height, width, points)


def rounded(height: int, width: int, box: tuple[float, float, float, float], radius: float) -> Mask:
    """Return the mask of a rectangle (x0, y0, x1, y1) with round corners."""
    x0, y0, x1, y1 = box
    radius = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    turn = np.linspace(0, np.pi / 2, 10)
    corners = [
        (x1 - radius, y0 + radius, -np.pi / 2),
        (x1 - radius, y1 - radius, 0.0),
        (x0 + radius, y1 - radius, np.pi / 2),
        (x0 + radius, y0 + radius, np.pi),
    ]
    points = [
        (cx + radius * np.cos(a + start), cy + radius * np.sin(a + start))
        for cx, cy, start in corners
        for a in turn
    ]
    return polygon(height, width, points)


def capsule(
    height: int,
    width: int,
    ends: tuple[tuple[float, float], tuple[float, float]],
    radii: tuple[float, float],
) -> Mask:
    """Return the mask of a limb: two circles and what lies between them."""
    (ax, ay), (bx, by) = ends
    along = np.arctan2(by - ay, bx - ax)
    turn = np.linspace(np.pi / 2, 3 * np.pi / 2, 16)
    first = [(ax + radii[0] * np.cos(along + a), ay + radii[0] * np.sin(along + a)) for a in turn]
    second = [
        (bx + radii[1] * np.cos(along + a + np.pi), by + radii[1] * np.sin(along + a + np.pi)) for a in turn
    ]
    return polygon(height, width, first + second)


def blank(height: int, width: int) -> Painting:
    """Return a painting with nothing on it."""
    return np.zeros((height, width, 4), dtype=np.float32)


def lay(painting: Painting, mask: Mask, colour: Colour | NDArray[np.float32], opacity: float = 1.0) -> None:
    """Paint a colour, or a picture (height, width, 3), where the mask is."""
    x, y, wide, high = cv2.boundingRect((mask > 0).astype(np.uint8))
    if wide == 0:
        return
    part = np.s_[y : y + high, x : x + wide]
    paint = np.asarray(colour, dtype=np.float32)
    if paint.ndim == 3:
        paint = paint[part]
    target = painting[part]
    alpha = (mask[part] * opacity).astype(np.float32)[..., np.newaxis]
    under = target[..., 3:] / 255 * (1 - alpha)
    out = alpha + under
    target[..., :3] = (paint * alpha + target[..., :3] * under) / np.maximum(out, 1e-4)
    target[..., 3:] = out * 255


def lighten(painting: Painting, amount: Mask | float) -> None:
    """Multiply colours: 1 leaves them, more lightens, less darkens."""
    factor = amount[..., np.newaxis] if isinstance(amount, np.ndarray) else amount
    painting[..., :3] = np.clip(painting[..., :3] * factor, 0, 255)


def gleam(painting: Painting, amount: Mask) -> None:
    """Add white light."""
    painting[..., :3] = np.clip(painting[..., :3] + amount[..., np.newaxis] * 255, 0, 255)


def relief(
    mask: Mask, round_px: float, *, bumps: Mask | None = None, gloss: float = 0.0
) -> tuple[Mask, Mask]:
    """Light a flat shape as if it were inflated.

    Args:
        mask: the shape.
        round_px: how far in from the edge the surface still curves.
        bumps: height in pixels to add, such as folds.
        gloss: 0 dull to 1 wet.

    Returns:
        The factor for ``lighten`` and the amount for ``gleam``.
    """
    inside = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    near = np.clip(inside / max(round_px, 1), 0, 1)
    height = np.sqrt(np.clip(1 - (1 - near) ** 2, 0, 1)) * np.float32(round_px)
    height = cv2.GaussianBlur(height, (0, 0), max(1.0, round_px * 0.12))
    if bumps is not None:
        height = height + bumps
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    facing = (-slope_x * LIGHT[0] - slope_y * LIGHT[1] + LIGHT[2]) / length
    shade = np.clip(0.42 + 0.76 * facing, 0.2, 1.25).astype(np.float32)
    half = LIGHT + np.array([0, 0, 1], dtype=np.float32)
    half /= np.linalg.norm(half)
    mirror = np.clip((-slope_x * half[0] - slope_y * half[1] + half[2]) / length, 0, 1)
    shine = (gloss * mirror ** np.float32(60) * mask).astype(np.float32)
    return shade, shine


def model(painting: Painting, round_px: float, *, bumps: Mask | None = None, gloss: float = 0.0) -> None:
    """Light the whole painting as one inflated body."""
    shade, shine = relief(painting[..., 3] / 255, round_px, bumps=bumps, gloss=gloss)
    lighten(painting, shade)
    gleam(painting, shine)


def words(painting: Painting, text: str, at: tuple[float, float], size: float, colour: Colour) -> None:
    """Write a word; ``size`` is the height of its capitals in pixels."""
    layer = np.zeros(painting.shape[:2], dtype=np.uint8)
    scale = size / 22
    thick = max(1, round(size / 7))
    origin = (round(at[0]), round(at[1]))
    cv2.putText(layer, text, origin, cv2.FONT_HERSHEY_DUPLEX, scale, 255, thick, cv2.LINE_AA)
    lay(painting, layer.astype(np.float32) / 255 * (painting[..., 3] / 255), colour)


def vary(rng: Rng, colour: Colour, spread: float) -> Colour:
    """Return a colour near this one: lighter or darker, and a little towards another hue."""
    together = rng.normal(0, spread)
    b, g, r = (float(np.clip(part + together + rng.normal(0, spread / 4), 0, 255)) for part in colour)
    return b, g, r


def dim(colour: Colour, factor: float) -> Colour:
    """Return a darker colour (``factor`` below 1)."""
    return colour[0] * factor, colour[1] * factor, colour[2] * factor


def vivid(rng: Rng) -> Colour:
    """Return a strong colour, as packages wear them."""
    hue, saturation, value = rng.uniform(0, 180), rng.uniform(130, 240), rng.uniform(90, 235)
    pixel = cv2.cvtColor(np.array([[[hue, saturation, value]]], np.uint8), cv2.COLOR_HSV2BGR)[0, 0]
    return float(pixel[0]), float(pixel[1]), float(pixel[2])
