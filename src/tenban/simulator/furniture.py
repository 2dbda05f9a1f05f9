"""What stands on a counter and changes from sale to sale: baskets, bags, the register's screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.simulator.paint import (
    FINE,
    Colour,
    Rng,
    blank,
    dim,
    ellipse,
    gleam,
    lay,
    lighten,
    model,
    noise,
    polygon,
    rounded,
    vary,
    vivid,
    words,
)
from tenban.simulator.sprites import Sprite, make_sprite

_F = FINE


@dataclass(frozen=True, slots=True)
class Holder:
    """A basket or a bag: what lies below its contents, and the rim above them."""

    below: Sprite
    rim: Sprite


def make_basket(rng: Rng, scale: float) -> Holder:
    """Paint a shopping basket, seen into from above."""
    height, width = 196 * _F, 268 * _F
    colours: list[Colour] = [
        (40, 40, 190),
        (150, 90, 30),
        (60, 140, 60),
        (40, 150, 230),
        (110, 110, 112),
        (60, 56, 56),
    ]
    colour = vary(rng, colours[rng.integers(len(colours))], 10)
    outer = rounded(height, width, (4, 4, width - 4, height - 4), 22 * _F)
    inner = rounded(height, width, (13 * _F, 13 * _F, width - 13 * _F, height - 13 * _F), 16 * _F)
    floor = rounded(height, width, (34 * _F, 30 * _F, width - 34 * _F, height - 30 * _F), 10 * _F)
    below = blank(height, width)
    lay(below, outer, dim(colour, 0.5))
    rows, columns = np.mgrid[0:height, 0:width]
    lattice = ((rows % (13 * _F)) < 5 * _F) | ((columns % (13 * _F)) < 5 * _F)
    lay(below, inner * lattice, dim(colour, 0.66))
    lay(below, floor, dim(colour, 0.42))
    lay(below, floor * lattice, dim(colour, 0.58))
    depth = cv2.GaussianBlur(floor, (0, 0), 8 * _F)
    lighten(below, 0.72 + 0.3 * depth)
    rim = blank(height, width)
    lay(rim, np.clip(outer - inner, 0, 1), colour)
    model(rim, 6 * _F, gloss=0.35)
    for x in (width * 0.2, width * 0.8):  # handles folded down
        handle = rounded(height, width, (x - 4 * _F, 8 * _F, x + 4 * _F, height - 8 * _F), 4 * _F)
        beside = np.clip(handle - inner, 0, 1)
        lay(rim, beside, (60, 60, 62))
    return Holder(make_sprite(below, scale=scale, shadow_blur_px=9), make_sprite(rim, scale=scale))


def make_bag(rng: Rng, scale: float) -> Holder:
    """Paint an open bag: thin plastic, paper or cloth."""
    height, width = 206 * _F, 246 * _F
    kind = rng.integers(3)
    colours: tuple[Colour, ...] = ((232, 234, 234), (110, 156, 188), vivid(rng))
    colour = colours[kind]
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    wobble = np.array([1.0, 1.0]) * (1 + rng.normal(0, 0.018, 40)[:, np.newaxis])
    squareness = 2.6 if kind else 3.4

    def ring(rx: float, ry: float) -> NDArray[Any]:
        cos, sin = np.cos(turn), np.sin(turn)
        xs = np.sign(cos) * np.abs(cos) ** (2 / squareness) * rx
        ys = np.sign(sin) * np.abs(sin) ** (2 / squareness) * ry
        points: NDArray[Any] = np.stack([xs, ys], axis=1) * wobble + np.array([width / 2, height / 2])
        return points

    outer = polygon(height, width, ring(width / 2 - 10, height / 2 - 10))
    mouth = polygon(height, width, ring(width / 2 - 24 * _F, height / 2 - 22 * _F))
    folds = noise(rng, height, width, 30 * _F, 4)
    below = blank(height, width)
    lay(below, outer, colour, 0.86 if kind == 0 else 1.0)
    model(below, 12 * _F, bumps=folds * (5 * _F), gloss=0.3 if kind == 0 else 0.03)
    inside = cv2.GaussianBlur(mouth, (0, 0), 5 * _F)
    lay(below, mouth, dim(colour, 0.36))
    lay(below, mouth * inside * np.clip(folds + 0.3, 0, 1), dim(colour, 0.55), 0.7)
    rim = blank(height, width)
    lay(rim, np.clip(cv2.dilate(mouth, np.ones((9 * _F, 9 * _F))) - mouth, 0, 1), colour, 0.92)
    model(rim, 5 * _F, bumps=folds * (3 * _F), gloss=0.3 if kind == 0 else 0.03)
    for side in (-1, 1):  # handles
        y = height / 2 + side * 64 * _F
        loop = ellipse(height, width, (width / 2, y), (40 * _F, 20 * _F)) - ellipse(
            height, width, (width / 2, y), (32 * _F, 13 * _F)
        )
        lay(rim, np.clip(loop, 0, 1), dim(colour, 0.82), 0.9)
    return Holder(make_sprite(below, scale=scale, shadow_blur_px=10), make_sprite(rim, scale=scale))


def paint_screen(lines: int, state: str, scale: float) -> Sprite:
    """Paint the register's screen.

    Args:
        lines: items on the list.
        state: ``idle``, ``scanning``, ``paying`` or ``thanks``.
        scale: picture width over 960.
    """
    height, width = 92 * _F, 184 * _F
    painting = blank(height, width)
    lay(painting, rounded(height, width, (0, 0, width, height), 6 * _F), (236, 232, 226))
    bar: dict[str, Colour] = {
        "idle": (150, 96, 40),
        "scanning": (120, 130, 30),
        "paying": (40, 110, 210),
        "thanks": (80, 150, 60),
    }
    lay(painting, rounded(height, width, (0, 0, width, 20 * _F), 6 * _F), bar[state])
    titles = {"idle": "WELCOME", "scanning": "SCAN ITEMS", "paying": "PAYMENT", "thanks": "THANK YOU"}
    words(painting, titles[state], (8 * _F, 15 * _F), 9 * _F, (250, 250, 250))
    if state == "idle":
        lay(painting, rounded(height, width, (44 * _F, 40 * _F, 140 * _F, 72 * _F), 8 * _F), (60, 160, 240))
        words(painting, "START", (64 * _F, 61 * _F), 11 * _F, (255, 255, 255))
    for row in range(min(lines, 5)):
        y = (26 + row * 12) * _F
        lay(
            painting,
            rounded(height, width, (8 * _F, y, (70 + (row * 37 + lines * 11) % 40) * _F, y + 5 * _F), 2),
            (90, 86, 84),
        )
        lay(painting, rounded(height, width, (134 * _F, y, 158 * _F, y + 5 * _F), 2), (70, 66, 64))
    if state != "idle":
        lay(painting, rounded(height, width, (164 * _F, 62 * _F, 180 * _F, 84 * _F), 3 * _F), bar[state])
    gleam(
        painting,
        polygon(height, width, [(0, 0), (width * 0.5, 0), (width * 0.2, height), (0, height)]) * 0.05,
    )
    return make_sprite(painting, scale=scale)
