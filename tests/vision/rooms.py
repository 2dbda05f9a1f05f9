"""Rooms with checkerboards, seen through fisheye lenses; drawn from the lens's formula, not by our code."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FORMULAS: dict[str, Callable[[Floats], Floats]] = {
    "equidistant": lambda a: a,
    "equisolid": lambda a: np.asarray(2 * np.sin(a / 2)),
    "stereographic": lambda a: np.asarray(2 * np.tan(a / 2)),
    "orthographic": lambda a: np.asarray(np.sin(a)),
    "polynomial": lambda a: np.asarray(a - 0.06 * a**3 + 0.004 * a**5),
}
POLYNOMIAL = (-0.06, 0.004)


@dataclass(frozen=True)
class Board:
    """A checkerboard in a plane: its middle, the steps to the next square across and down, in metres.

    Coordinates are the camera's: x right, y down, z ahead. A white rim of one square stands around it.
    """

    middle: tuple[float, float, float]
    across: tuple[float, float, float]
    down: tuple[float, float, float]
    squares: tuple[int, int] = (9, 6)

    def corners(self) -> Floats:
        """Return the inner corners, row by row, shape (n, 3)."""
        across, down = self.squares
        found = [
            np.asarray(self.middle)
            + (i - across / 2) * np.asarray(self.across)
            + (j - down / 2) * np.asarray(self.down)
            for j in range(1, down)
            for i in range(1, across)
        ]
        return np.asarray(found)

    def shades(self, rays: Floats) -> Floats:
        """Return 0 to 255 for each ray that meets the board, NaN for the others."""
        middle, across, down = (np.asarray(v) for v in (self.middle, self.across, self.down))
        normal = np.cross(across, down)
        with np.errstate(divide="ignore", invalid="ignore"):
            far = (middle @ normal) / (rays @ normal)
            hit = rays * far[..., np.newaxis] - middle
            i = hit @ across / (across @ across) + self.squares[0] / 2
            j = hit @ down / (down @ down) + self.squares[1] / 2
            on = (far > 0) & (i > -1) & (i < self.squares[0] + 1) & (j > -1) & (j < self.squares[1] + 1)
            rim = (i < 0) | (i >= self.squares[0]) | (j < 0) | (j >= self.squares[1])
            dark = ((np.floor(i) + np.floor(j)) % 2 == 0) & ~rim
        return np.where(on, np.where(dark, 10.0, 240.0), np.nan)


def render(
    boards: list[Board],
    *,
    side: int,
    lens: str,
    fov_deg: float,
    centre: tuple[float, float] = (0.5, 0.5),
    radius: float = 0.5,
    turned_deg: float = 0.0,
    finer: int = 2,
) -> NDArray[np.uint8]:
    """Return a square grey picture, BGR; around boards each pixel is the mean of ``finer``² rays."""
    angles = np.linspace(0, math.radians(fov_deg) / 2, 20_000)
    reached = FORMULAS[lens](angles)
    turn = math.radians(turned_deg)

    def shades(xs: Floats, ys: Floats) -> Floats:
        x, y = np.meshgrid(xs - centre[0] * side, ys - centre[1] * side)
        x, y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        far = np.hypot(x, y)
        theta = np.interp(far / (radius * side), reached / reached[-1], angles)
        flat = np.sin(theta) / np.maximum(far, 1e-12)
        rays = np.stack([x * flat, y * flat, np.cos(theta)], axis=-1)
        shade = np.full(far.shape, 128.0)
        for board in boards:
            drawn = board.shades(rays)
            shade = np.where(np.isnan(drawn), shade, drawn)
        shade[far > radius * side] = 0
        return shade

    step = 8
    coarse = shades(*[np.arange(step / 2, side, step)] * 2)
    grey = np.repeat(np.repeat(coarse, step, axis=0), step, axis=1)[:side, :side]
    rows, columns = np.nonzero((coarse != 128) & (coarse != 0))
    top, left = max(rows.min() - 2, 0) * step, max(columns.min() - 2, 0) * step
    low, right = min((rows.max() + 3) * step, side), min((columns.max() + 3) * step, side)
    fine = shades(
        (np.arange(left * finer, right * finer) + 0.5) / finer,
        (np.arange(top * finer, low * finer) + 0.5) / finer,
    )
    grey[top:low, left:right] = fine.reshape(low - top, finer, right - left, finer).mean(axis=(1, 3))
    return np.repeat(np.rint(grey).astype(np.uint8)[..., np.newaxis], 3, axis=-1)
