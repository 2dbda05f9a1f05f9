"""Fresh goods from above: fruit, greens, trays, bread. Each painter draws one article."""

from __future__ import annotations

import cv2
import numpy as np

from tenban.simulator.packages import BLACK, UNIT, WHITE, canvas, fine_print, label
from tenban.simulator.paint import (
    Colour,
    Painting,
    Rng,
    blank,
    capsule,
    dim,
    ellipse,
    gleam,
    lay,
    lighten,
    model,
    noise,
    polygon,
    relief,
    rounded,
    vary,
    vivid,
)


def paint_fruit(rng: Rng) -> Painting:
    """One fruit or vegetable."""
    skins: list[tuple[Colour, Colour, float]] = [
        ((38, 36, 190), (60, 120, 214), 7.5),  # apple
        ((70, 190, 150), (90, 214, 190), 7.5),  # green apple
        ((24, 138, 246), (40, 160, 250), 7.0),  # orange
        ((34, 44, 214), (40, 70, 226), 6.0),  # tomato
        ((60, 210, 236), (80, 226, 246), 5.8),  # lemon
        ((74, 128, 178), (84, 140, 190), 7.0),  # potato, kiwi
        ((120, 40, 74), (130, 60, 90), 7.0),  # aubergine, plum
    ]
    first, second, wide = skins[rng.integers(len(skins))]
    wide *= rng.uniform(0.9, 1.1)
    painting, height, width = canvas(wide, wide * rng.uniform(0.92, 1.2))
    body = ellipse(height, width, (width / 2, height / 2), (width / 2 - 4, height / 2 - 4))
    lay(painting, body, first)
    lay(painting, body * np.clip(noise(rng, height, width, 50) + 0.2, 0, 1), second)
    speckle = (noise(rng, height, width, 3, 1) > 0.62).astype(np.float32) * body
    lay(painting, speckle, dim(first, 0.8), 0.35)
    model(painting, width / 2, bumps=noise(rng, height, width, 4, 1) * 0.5, gloss=0.6)
    stem = ellipse(height, width, (width * 0.55, height * 0.42), (4, 5))
    lay(painting, stem, (40, 70, 70))
    return painting


def paint_bananas(rng: Rng) -> Painting:
    """A bunch of bananas."""
    painting, height, width = canvas(14, 19)
    turn = np.linspace(-1.05, 1.05, 24)
    for i in range(int(rng.integers(3, 5))):
        centre = (width * (0.78 - 0.02 * i), height / 2)
        radius = width * (0.62 - 0.16 * i) + 20
        half = (1.75 * UNIT) * np.cos(turn * 1.2) ** 0.5 * 0.5 + 5
        outer = [
            (centre[0] - (radius + h) * np.cos(a), centre[1] + (radius + h) * 1.25 * np.sin(a))
            for a, h in zip(turn, half, strict=True)
        ]
        inner = [
            (centre[0] - (radius - h) * np.cos(a), centre[1] + (radius - h) * 1.25 * np.sin(a))
            for a, h in zip(turn, half, strict=True)
        ]
        one = blank(height, width)
        lay(one, polygon(height, width, outer + inner[::-1]), vary(rng, (60, 206, 240), 8))
        spots = (noise(rng, height, width, 5, 1) > 0.8).astype(np.float32)
        lay(one, spots * one[..., 3] / 255, (30, 70, 90), 0.6)
        model(one, 0.9 * UNIT, gloss=0.15)
        lay(painting, one[..., 3] / 255, one[..., :3])
    return painting


def paint_greens(rng: Rng) -> Painting:
    """Leek, daikon or a bunch of greens: long, leafy at one end."""
    long = rng.uniform(26, 34)
    painting, height, width = canvas(9, long)
    stalks = int(rng.integers(1, 4))
    leaf = vary(rng, (52, 140, 70), 14)
    for i in range(stalks):
        x = width / 2 + (i - (stalks - 1) / 2) * 1.7 * UNIT
        one = blank(height, width)
        lay(
            one,
            capsule(height, width, ((x, height - 20), (x, height * 0.4)), (1.0 * UNIT, 0.8 * UNIT)),
            (206, 228, 226),
        )
        fade = np.clip((height * 0.62 - np.arange(height)) / (height * 0.25), 0, 1).astype(np.float32)
        lay(one, one[..., 3] / 255 * fade[:, np.newaxis], leaf)
        for _ in range(4):
            tip = (x + rng.normal(0, 1.7 * UNIT), rng.uniform(10, height * 0.2))
            tip = (float(np.clip(tip[0], 18, width - 18)), tip[1])
            lay(
                one,
                capsule(height, width, ((x, height * 0.45), tip), (0.8 * UNIT, 0.35 * UNIT)),
                vary(rng, leaf, 12),
            )
        model(one, 0.8 * UNIT, bumps=noise(rng, height, width, 12) * 1.6, gloss=0.12)
        lay(painting, one[..., 3] / 255, one[..., :3])
    return painting


def paint_tray(rng: Rng) -> Painting:
    """Meat, fish or a ready meal under film."""
    wide, high = rng.uniform(12, 15), rng.uniform(16, 20)
    painting, height, width = canvas(wide, high)
    dark = rng.random() < 0.4
    shell = rounded(height, width, (3, 3, width - 3, height - 3), 1.6 * UNIT)
    lay(painting, shell, BLACK if dark else WHITE)
    shade, _ = relief(shell, 1.2 * UNIT)
    lighten(painting, shade)
    well = rounded(
        height, width, (0.9 * UNIT, 0.9 * UNIT, width - 0.9 * UNIT, height - 0.9 * UNIT), 1.2 * UNIT
    )
    lay(painting, well, (58, 54, 54) if dark else (214, 218, 220))
    foods: list[Colour] = [(62, 58, 186), (96, 128, 232), (50, 74, 120), (150, 190, 224), (60, 160, 210)]
    food = foods[rng.integers(len(foods))]
    for _ in range(int(rng.integers(5, 11))):
        spot = (rng.uniform(2.5 * UNIT, width - 2.5 * UNIT), rng.uniform(2.5 * UNIT, height - 2.5 * UNIT))
        one = blank(height, width)
        lay(
            one,
            ellipse(height, width, spot, (rng.uniform(1.4, 3) * UNIT, rng.uniform(1.2, 2.6) * UNIT)) * well,
            vary(rng, food, 12),
        )
        fat = (noise(rng, height, width, 22) > 0.34).astype(np.float32)
        lay(one, fat * one[..., 3] / 255, (200, 208, 226), 0.55)
        model(one, 0.9 * UNIT, bumps=noise(rng, height, width, 9) * 1.2, gloss=0.25)
        lay(painting, one[..., 3] / 255, one[..., :3])
    film = np.clip(noise(rng, height, width, 60, 4) - 0.28, 0, 1) * shell
    gleam(painting, (film * 0.55).astype(np.float32))
    tag = rounded(height, width, (width * 0.5, height * 0.68, width - 1.0 * UNIT, height - 1.0 * UNIT), 3)
    lay(painting, tag, (244, 246, 246))
    fine_print(painting, rng, (width * 0.54, height * 0.72, width - 1.4 * UNIT, height - 1.6 * UNIT), BLACK)
    return painting


def paint_bread(rng: Rng) -> Painting:
    """Bread or fruit in a clear bag."""
    wide, high = rng.uniform(12, 15), rng.uniform(16, 22)
    painting, height, width = canvas(wide, high)
    loaf = rounded(
        height, width, (1.1 * UNIT, 2.4 * UNIT, width - 1.1 * UNIT, height - 1.0 * UNIT), 2.5 * UNIT
    )
    one = blank(height, width)
    lay(one, loaf, vary(rng, (92, 148, 200), 14))
    lay(one, loaf * np.clip(noise(rng, height, width, 60) + 0.1, 0, 1), (60, 104, 160), 0.7)
    model(one, 2.6 * UNIT, bumps=noise(rng, height, width, 14) * 1.5, gloss=0.05)
    clear = rounded(height, width, (4, 4, width - 4, height - 4), 1.2 * UNIT)
    lay(painting, clear, (228, 230, 230), 0.22)
    lay(painting, one[..., 3] / 255, one[..., :3])
    folds = noise(rng, height, width, 40, 4)
    gleam(painting, (np.clip(folds - 0.2, 0, 1) * clear * 0.6).astype(np.float32))
    if rng.random() < 0.7:
        face = rounded(height, width, (width * 0.22, height * 0.42, width * 0.78, height * 0.72), 8)
        lay(painting, face, vivid(rng), 0.92)
        label(painting, rng, (width * 0.22, height * 0.42, width * 0.78, height * 0.72), face)
    return painting


def paint_onigiri(rng: Rng) -> Painting:
    """A rice ball in its wrapper."""
    painting, height, width = canvas(9, 8.6)
    corners = [
        (width / 2, 6),
        (width - 6, height - 10),
        (width - 16, height - 4),
        (16, height - 4),
        (6, height - 10),
    ]
    body = cv2.GaussianBlur(polygon(height, width, corners), (0, 0), 5)
    body = np.clip((body - 0.4) * 6, 0, 1)
    lay(painting, body, (238, 240, 240) if rng.random() < 0.5 else (40, 46, 40))
    nori = rounded(height, width, (width * 0.26, height * 0.46, width * 0.74, height), 2)
    lay(painting, nori * body, (30, 40, 32))
    lay(
        painting,
        rounded(height, width, (width * 0.34, height * 0.56, width * 0.66, height * 0.8), 3) * body,
        vivid(rng),
    )
    model(painting, 1.6 * UNIT, bumps=noise(rng, height, width, 12) * 1.4, gloss=0.5)
    return painting
