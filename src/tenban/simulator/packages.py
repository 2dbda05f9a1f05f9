"""Packaged goods from above: boxes, cans, bottles, pouches. Each painter draws one article."""

from __future__ import annotations

import cv2
import numpy as np

from tenban.simulator.paint import (
    FINE,
    Colour,
    Mask,
    Painting,
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

PX_PER_CM = 5.2  # of a picture 960 pixels wide
UNIT = FINE * PX_PER_CM  # painting pixels per centimetre of a shop's shelf

_WORDS = (
    "CHOCO",
    "TEA",
    "MILK",
    "CURRY",
    "SOBA",
    "RICE",
    "SOUP",
    "GUM",
    "CAFE",
    "NUTS",
    "MISO",
    "COLA",
    "OATS",
)
WHITE: Colour = (236, 240, 242)
BLACK: Colour = (34, 32, 34)


def canvas(width_cm: float, height_cm: float) -> tuple[Painting, int, int]:
    """Return an empty painting for an article of this size, its height and its width."""
    width, height = int(width_cm * UNIT) + 8, int(height_cm * UNIT) + 8
    return blank(height, width), height, width


def fine_print(painting: Painting, rng: Rng, box: tuple[float, float, float, float], colour: Colour) -> None:
    """Rows of marks too small to read."""
    x0, y0, x1, y1 = box
    height, width = painting.shape[:2]
    step = max(5.0, 0.45 * UNIT)
    for y in np.arange(y0, y1, step):
        end = x0 + (x1 - x0) * rng.uniform(0.5, 1)
        row = rounded(height, width, (x0, y, end, y + step * 0.4), 1)
        dashes = (noise(rng, 1, width, 7, 1)[0] > -0.35).astype(np.float32)
        lay(painting, row * dashes[np.newaxis, :] * painting[..., 3] / 255, colour, 0.75)


def label(painting: Painting, rng: Rng, box: tuple[float, float, float, float], shape: Mask) -> None:
    """A printed face: fields of colour, a mark, a word, small print."""
    x0, y0, x1, y1 = box
    height, width = painting.shape[:2]
    wide, high = x1 - x0, y1 - y0
    first, second = vivid(rng), vivid(rng) if rng.random() < 0.7 else WHITE
    layout = rng.integers(4)
    if layout == 0:
        lay(painting, rounded(height, width, (x0, y0 + high * 0.3, x1, y0 + high * 0.62), 2) * shape, first)
    elif layout == 1:
        corner = [(x0, y1), (x1, y0 + high * 0.35), (x1, y1)]
        lay(painting, polygon(height, width, corner) * shape, first)
    elif layout == 2:
        lay(painting, rounded(height, width, (x0, y0, x0 + wide * 0.4, y1), 2) * shape, first)
    else:
        for part in np.linspace(0, 0.85, int(rng.integers(3, 6))):
            band = rounded(height, width, (x0, y0 + high * part, x1, y0 + high * (part + 0.07)), 1)
            lay(painting, band * shape, first)
    spot = (x0 + wide * rng.uniform(0.35, 0.65), y0 + high * rng.uniform(0.35, 0.6))
    size = min(wide, high) * rng.uniform(0.2, 0.36)
    lay(painting, ellipse(height, width, spot, (size, size * rng.uniform(0.6, 1))) * shape, second)
    lay(painting, ellipse(height, width, spot, (size * 0.72, size * 0.45)) * shape, vivid(rng))
    word = str(rng.choice(_WORDS))
    letter = min(wide / len(word) * 1.1, high * 0.2)
    at = (spot[0] - letter * len(word) * 0.42, y0 + high * 0.2)
    words(painting, word, at, letter, WHITE if rng.random() < 0.6 else BLACK)
    fine_print(painting, rng, (x0 + wide * 0.1, y0 + high * 0.8, x1 - wide * 0.1, y0 + high * 0.95), BLACK)


def paint_box(rng: Rng) -> Painting:
    """A carton box: a printed face, a sliver of its sides."""
    wide, high = sorted(rng.uniform([8, 12], [15, 22]))
    painting, height, width = canvas(wide, high)
    depth = rng.uniform(0.5, 1.2) * UNIT
    base = vivid(rng) if rng.random() < 0.75 else vary(rng, WHITE, 8)
    whole = rounded(height, width, (3, 3, width - 3, height - 3), 5)
    lay(painting, whole, dim(base, 0.62))
    face = rounded(height, width, (3, 3, width - 3 - depth * 0.5, height - 3 - depth), 4)
    lay(painting, face, base)
    label(painting, rng, (6, 6, width - 6 - depth * 0.5, height - 6 - depth), face)
    lighten(painting, 1 + 0.10 * noise(rng, height, width, width, 1))
    rows = np.linspace(1.12, 0.93, height, dtype=np.float32)[:, np.newaxis]
    lighten(painting, np.broadcast_to(rows, (height, width)).copy())
    edge = face - cv2.erode(face, np.ones((5, 5)))
    gleam(painting, edge.astype(np.float32) * 0.12)
    return painting


def _lying_round(rng: Rng, painting: Painting, body: Mask, gloss: float) -> None:
    """Light a cylinder that lies along the painting's height."""
    height, width = body.shape
    across = np.linspace(-1, 1, width, dtype=np.float32)[np.newaxis, :]
    shade = 0.45 + 0.75 * np.sqrt(np.clip(1 - (across + 0.22) ** 2 * 0.8, 0, 1))
    lighten(painting, np.broadcast_to(shade, (height, width)).astype(np.float32).copy())
    streak = np.exp(-(((across + 0.38) / 0.09) ** 2)) + 0.4 * np.exp(-(((across - 0.55) / 0.06) ** 2))
    flicker = 0.8 + 0.2 * noise(rng, height, 1, height / 3, 1)
    gleam(painting, (body * streak * flicker * gloss).astype(np.float32))


def paint_can(rng: Rng) -> Painting:
    """A can that lies."""
    wide, high = rng.uniform(5.3, 7.2), rng.uniform(9, 13)
    painting, height, width = canvas(wide, high)
    body = rounded(height, width, (3, 3, width - 3, height - 3), 0.7 * UNIT)
    lay(painting, body, (176, 176, 178))
    inner = rounded(height, width, (3, 0.75 * UNIT, width - 3, height - 0.75 * UNIT), 4)
    lay(painting, inner, vivid(rng))
    label(painting, rng, (3, 0.8 * UNIT, width - 3, height - 0.8 * UNIT), inner)
    _lying_round(rng, painting, body, 0.5)
    return painting


def paint_tin(rng: Rng) -> Painting:
    """A tin that stands: its lid with rings, a sliver of its side."""
    wide = rng.uniform(6.5, 9)
    painting, height, width = canvas(wide, wide + 0.8)
    radius = width / 2 - 4
    lay(painting, ellipse(height, width, (width / 2, height - radius - 3), (radius, radius)), vivid(rng))
    lighten(painting, 0.7)
    top = (width / 2, radius + 4)
    lay(painting, ellipse(height, width, top, (radius, radius)), (184, 186, 188))
    for part, tone in ((0.93, 150), (0.86, 205), (0.62, 172), (0.58, 196)):
        disc = ellipse(height, width, top, (radius * part, radius * part))
        lay(painting, disc, (tone, tone + 1, tone + 2))
    tab = rounded(
        height, width, (top[0] - 0.7 * UNIT, top[1] - 0.2 * UNIT, top[0] + 0.7 * UNIT, top[1] + 2 * UNIT), 9
    )
    lay(painting, tab, (160, 162, 165))
    turn = np.arctan2(*np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j])
    lighten(painting, (1 + 0.16 * np.cos(2 * turn + rng.uniform(0, 3))).astype(np.float32))
    return painting


def paint_bottle(rng: Rng) -> Painting:
    """A bottle that lies, of glass or plastic, clear to dark."""
    wide, high = rng.uniform(6, 8), rng.uniform(18, 24)
    painting, height, width = canvas(wide, high)
    middle = width / 2
    neck, shoulder = 3 + 1.6 * UNIT, 3 + high * UNIT * rng.uniform(0.24, 0.36)
    half, thin = width / 2 - 4, 1.15 * UNIT
    curve = np.linspace(0, 1, 14)
    widths = thin + (half - thin) * (3 * curve**2 - 2 * curve**3)
    ys = neck + (shoulder - neck) * curve
    left = list(zip(middle - widths, ys, strict=True))
    right = list(zip(middle + widths, ys, strict=True))[::-1]
    body = polygon(
        height,
        width,
        [
            *left,
            (4, height - 10),
            (14, height - 4),
            (width - 14, height - 4),
            (width - 4, height - 10),
            *right,
        ],
    )
    liquids: list[tuple[Colour, float]] = [
        ((214, 208, 196), 0.38),  # water
        ((52, 120, 150), 0.72),  # green tea
        ((30, 62, 128), 0.8),  # black tea
        ((22, 24, 38), 0.95),  # cola, soy sauce
        ((216, 226, 236), 0.95),  # milk drink
        ((40, 130, 226), 0.85),  # orange
    ]
    colour, thick = liquids[rng.integers(len(liquids))]
    lay(painting, body, vary(rng, colour, 8), thick)
    rim = body - cv2.GaussianBlur(cv2.erode(body, np.ones((9, 9))), (0, 0), 4)
    lay(painting, np.clip(rim, 0, 1).astype(np.float32) * body, dim(colour, 0.45), 0.6)
    low, top = height * rng.uniform(0.72, 0.85), height * rng.uniform(0.4, 0.5)
    face = rounded(height, width, (4, top, width - 4, low), 2) * body
    lay(painting, face, vivid(rng) if rng.random() < 0.7 else WHITE)
    label(painting, rng, (4, top, width - 4, low), face)
    for y in np.arange(low + 8, height - 10, 0.9 * UNIT):
        gleam(painting, rounded(height, width, (8, y, width - 8, y + 3), 1) * body * 0.12)
    _lying_round(rng, painting, body, 0.55)
    cap = rounded(height, width, (middle - 1.45 * UNIT, 3, middle + 1.45 * UNIT, neck + 4), 6)
    lay(painting, cap, vivid(rng) if rng.random() < 0.5 else WHITE)
    ridges = 1 + 0.18 * np.sin(np.arange(width, dtype=np.float32) * 1.1)
    lighten(painting, np.where(cap > 0, ridges[np.newaxis, :], 1).astype(np.float32))
    return painting


def paint_carton(rng: Rng) -> Painting:
    """A drink in a gabled carton."""
    wide, high = rng.uniform(6.8, 7.4), rng.uniform(17, 20)
    painting, height, width = canvas(wide, high)
    body = rounded(height, width, (3, 3, width - 3, height - 3), 4)
    lay(painting, body, vary(rng, WHITE, 5))
    label(painting, rng, (4, height * 0.32, width - 4, height - 4), body)
    slope = rounded(height, width, (3, 1.8 * UNIT, width - 3, height * 0.3), 2)
    lay(painting, slope, vivid(rng), 0.85)
    down = np.ones((height, width), dtype=np.float32)
    ramp = int(height * 0.3)
    down[:ramp] = np.linspace(1.15, 0.8, ramp, dtype=np.float32)[:, np.newaxis]
    across = np.linspace(1.08, 0.86, width, dtype=np.float32)[np.newaxis, :]
    lighten(painting, down * across)
    crimp = rounded(height, width, (3, 3, width - 3, 1.8 * UNIT), 2)
    gleam(painting, crimp * 0.1)
    return painting


def paint_pouch(rng: Rng) -> Painting:
    """A bag of crisps or sweets: crimped ends, crinkled foil."""
    wide, high = rng.uniform(11, 16), rng.uniform(15, 21)
    painting, height, width = canvas(wide, high)
    wave = np.linspace(0, 2 * np.pi, 30)
    bulge = 5 * np.sin(wave / 2) + rng.normal(0, 1.2, 30)
    ys = np.linspace(4, height - 4, 30)
    body = polygon(
        height,
        width,
        [*zip(12 - bulge, ys, strict=True), *zip(width - 12 + bulge[::-1], ys[::-1], strict=True)],
    )
    lay(painting, body, vivid(rng) if rng.random() < 0.85 else (46, 44, 48))
    label(painting, rng, (14, 1.6 * UNIT, width - 14, height - 1.6 * UNIT), body)
    folds = noise(rng, height, width, 46, 4) * 9
    ends = np.minimum(np.arange(height), np.arange(height)[::-1])[:, np.newaxis]
    ribs = np.where(ends < 1.3 * UNIT, 3.5 * np.sin(np.arange(height)[:, np.newaxis] * 0.9), 0)
    model(painting, 3.0 * UNIT, bumps=(folds + ribs).astype(np.float32), gloss=0.75)
    return painting


def paint_small(rng: Rng) -> Painting:
    """Gum, a chocolate bar, batteries: hardly larger than the fingers that hold it."""
    wide, high = rng.uniform(3, 5.5), rng.uniform(7.5, 14)
    painting, height, width = canvas(wide, high)
    body = rounded(height, width, (3, 3, width - 3, height - 3), 6)
    lay(painting, body, vivid(rng) if rng.random() < 0.7 else BLACK)
    label(painting, rng, (4, 4, width - 4, height - 4), body)
    model(painting, 0.7 * UNIT, bumps=noise(rng, height, width, 18) * 1.4, gloss=0.6)
    return painting


def paint_cup(rng: Rng) -> Painting:
    """A pot of yoghurt or instant noodles, lid up."""
    wide = rng.uniform(7, 10.5)
    painting, height, width = canvas(wide, wide + 1.4)
    radius = width / 2 - 4
    lay(
        painting,
        ellipse(height, width, (width / 2, height - radius * 0.94 - 3), (radius * 0.94, radius * 0.94)),
        WHITE,
    )
    lighten(painting, 0.75)
    top = ellipse(height, width, (width / 2, radius + 4), (radius, radius))
    lay(painting, top, vary(rng, WHITE, 5))
    face = ellipse(height, width, (width / 2, radius + 4), (radius * 0.93, radius * 0.93))
    lay(painting, face, vivid(rng))
    label(painting, rng, (width * 0.1, radius * 0.25, width * 0.9, radius * 1.8), face)
    gleam(painting, np.clip(noise(rng, height, width, 70, 2) - 0.25, 0, 1) * face * 0.5)
    return painting
