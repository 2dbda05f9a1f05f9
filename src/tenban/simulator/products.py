"""What products look like from above: one painter per kind, endless variety within each.

Sizes are in centimetres of a shop's shelf; ``PX_PER_CM`` turns them into pixels of a 960-wide picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from tenban.simulator.paint import (
    FINE,
    Colour,
    Mask,
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
    words,
)

PX_PER_CM = 5.2
_F = FINE * PX_PER_CM  # painting pixels per centimetre

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
_WHITE: Colour = (236, 240, 242)
_BLACK: Colour = (34, 32, 34)


@dataclass(frozen=True, slots=True)
class Product:
    """One article: what the till calls it and how it is painted.

    Attributes:
        kind: name of the painter.
        name: what the till shows.
        plu: 13 digits with a right check digit.
        price: in yen.
        look: seed of its looks, so that every piece of one article looks the same.
        keyed: sold without a barcode, chosen on the screen.
    """

    kind: str
    name: str
    plu: str
    price: int
    look: int
    keyed: bool


def _canvas(width_cm: float, height_cm: float) -> tuple[Painting, int, int]:
    width, height = int(width_cm * _F) + 8, int(height_cm * _F) + 8
    return blank(height, width), height, width


def _fine_print(painting: Painting, rng: Rng, box: tuple[float, float, float, float], colour: Colour) -> None:
    """Rows of marks too small to read."""
    x0, y0, x1, y1 = box
    height, width = painting.shape[:2]
    step = max(5.0, 0.45 * _F)
    for y in np.arange(y0, y1, step):
        end = x0 + (x1 - x0) * rng.uniform(0.5, 1)
        row = rounded(height, width, (x0, y, end, y + step * 0.4), 1)
        dashes = (noise(rng, 1, width, 7, 1)[0] > -0.35).astype(np.float32)
        lay(painting, row * dashes[np.newaxis, :] * painting[..., 3] / 255, colour, 0.75)


def _label(painting: Painting, rng: Rng, box: tuple[float, float, float, float], shape: Mask) -> None:
    """A printed face: fields of colour, a mark, a word, small print."""
    x0, y0, x1, y1 = box
    height, width = painting.shape[:2]
    wide, high = x1 - x0, y1 - y0
    first, second = vivid(rng), vivid(rng) if rng.random() < 0.7 else _WHITE
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
    words(painting, word, at, letter, _WHITE if rng.random() < 0.6 else _BLACK)
    _fine_print(painting, rng, (x0 + wide * 0.1, y0 + high * 0.8, x1 - wide * 0.1, y0 + high * 0.95), _BLACK)


def _box(rng: Rng) -> Painting:
    wide, high = sorted(rng.uniform([8, 12], [15, 22]))
    painting, height, width = _canvas(wide, high)
    depth = rng.uniform(0.5, 1.2) * _F
    base = vivid(rng) if rng.random() < 0.75 else vary(rng, _WHITE, 8)
    whole = rounded(height, width, (3, 3, width - 3, height - 3), 5)
    lay(painting, whole, dim(base, 0.62))
    face = rounded(height, width, (3, 3, width - 3 - depth * 0.5, height - 3 - depth), 4)
    lay(painting, face, base)
    _label(painting, rng, (6, 6, width - 6 - depth * 0.5, height - 6 - depth), face)
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


def _can(rng: Rng) -> Painting:
    wide, high = rng.uniform(5.3, 7.2), rng.uniform(9, 13)
    painting, height, width = _canvas(wide, high)
    body = rounded(height, width, (3, 3, width - 3, height - 3), 0.7 * _F)
    lay(painting, body, (176, 176, 178))
    inner = rounded(height, width, (3, 0.75 * _F, width - 3, height - 0.75 * _F), 4)
    lay(painting, inner, vivid(rng))
    _label(painting, rng, (3, 0.8 * _F, width - 3, height - 0.8 * _F), inner)
    _lying_round(rng, painting, body, 0.5)
    return painting


def _tin(rng: Rng) -> Painting:
    """A tin that stands: its lid with rings, a sliver of its side."""
    wide = rng.uniform(6.5, 9)
    painting, height, width = _canvas(wide, wide + 0.8)
    radius = width / 2 - 4
    lay(painting, ellipse(height, width, (width / 2, height - radius - 3), (radius, radius)), vivid(rng))
    lighten(painting, 0.7)
    top = (width / 2, radius + 4)
    lay(painting, ellipse(height, width, top, (radius, radius)), (184, 186, 188))
    for part, tone in ((0.93, 150), (0.86, 205), (0.62, 172), (0.58, 196)):
        disc = ellipse(height, width, top, (radius * part, radius * part))
        lay(painting, disc, (tone, tone + 1, tone + 2))
    tab = rounded(
        height, width, (top[0] - 0.7 * _F, top[1] - 0.2 * _F, top[0] + 0.7 * _F, top[1] + 2 * _F), 9
    )
    lay(painting, tab, (160, 162, 165))
    turn = np.arctan2(*np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j])
    lighten(painting, (1 + 0.16 * np.cos(2 * turn + rng.uniform(0, 3))).astype(np.float32))
    return painting


def _bottle(rng: Rng) -> Painting:
    wide, high = rng.uniform(6, 8), rng.uniform(18, 24)
    painting, height, width = _canvas(wide, high)
    middle = width / 2
    neck, shoulder = 3 + 1.6 * _F, 3 + high * _F * rng.uniform(0.24, 0.36)
    half, thin = width / 2 - 4, 1.15 * _F
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
    lay(painting, face, vivid(rng) if rng.random() < 0.7 else _WHITE)
    _label(painting, rng, (4, top, width - 4, low), face)
    for y in np.arange(low + 8, height - 10, 0.9 * _F):
        gleam(painting, rounded(height, width, (8, y, width - 8, y + 3), 1) * body * 0.12)
    _lying_round(rng, painting, body, 0.55)
    cap = rounded(height, width, (middle - 1.45 * _F, 3, middle + 1.45 * _F, neck + 4), 6)
    lay(painting, cap, vivid(rng) if rng.random() < 0.5 else _WHITE)
    ridges = 1 + 0.18 * np.sin(np.arange(width, dtype=np.float32) * 1.1)
    lighten(painting, np.where(cap > 0, ridges[np.newaxis, :], 1).astype(np.float32))
    return painting


def _carton(rng: Rng) -> Painting:
    wide, high = rng.uniform(6.8, 7.4), rng.uniform(17, 20)
    painting, height, width = _canvas(wide, high)
    body = rounded(height, width, (3, 3, width - 3, height - 3), 4)
    lay(painting, body, vary(rng, _WHITE, 5))
    _label(painting, rng, (4, height * 0.32, width - 4, height - 4), body)
    slope = rounded(height, width, (3, 1.8 * _F, width - 3, height * 0.3), 2)
    lay(painting, slope, vivid(rng), 0.85)
    down = np.ones((height, width), dtype=np.float32)
    ramp = int(height * 0.3)
    down[:ramp] = np.linspace(1.15, 0.8, ramp, dtype=np.float32)[:, np.newaxis]
    across = np.linspace(1.08, 0.86, width, dtype=np.float32)[np.newaxis, :]
    lighten(painting, down * across)
    crimp = rounded(height, width, (3, 3, width - 3, 1.8 * _F), 2)
    gleam(painting, crimp * 0.1)
    return painting


def _pouch(rng: Rng) -> Painting:
    """A bag of crisps or sweets: crimped ends, crinkled foil."""
    wide, high = rng.uniform(11, 16), rng.uniform(15, 21)
    painting, height, width = _canvas(wide, high)
    wave = np.linspace(0, 2 * np.pi, 30)
    bulge = 5 * np.sin(wave / 2) + rng.normal(0, 1.2, 30)
    ys = np.linspace(4, height - 4, 30)
    body = polygon(
        height,
        width,
        [*zip(12 - bulge, ys, strict=True), *zip(width - 12 + bulge[::-1], ys[::-1], strict=True)],
    )
    lay(painting, body, vivid(rng) if rng.random() < 0.85 else (46, 44, 48))
    _label(painting, rng, (14, 1.6 * _F, width - 14, height - 1.6 * _F), body)
    folds = noise(rng, height, width, 46, 4) * 9
    ends = np.minimum(np.arange(height), np.arange(height)[::-1])[:, np.newaxis]
    ribs = np.where(ends < 1.3 * _F, 3.5 * np.sin(np.arange(height)[:, np.newaxis] * 0.9), 0)
    model(painting, 3.0 * _F, bumps=(folds + ribs).astype(np.float32), gloss=0.75)
    return painting


def _fruit(rng: Rng) -> Painting:
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
    painting, height, width = _canvas(wide, wide * rng.uniform(0.92, 1.2))
    body = ellipse(height, width, (width / 2, height / 2), (width / 2 - 4, height / 2 - 4))
    lay(painting, body, first)
    lay(painting, body * np.clip(noise(rng, height, width, 50) + 0.2, 0, 1), second)
    speckle = (noise(rng, height, width, 3, 1) > 0.62).astype(np.float32) * body
    lay(painting, speckle, dim(first, 0.8), 0.35)
    model(painting, width / 2, bumps=noise(rng, height, width, 4, 1) * 0.5, gloss=0.6)
    stem = ellipse(height, width, (width * 0.55, height * 0.42), (4, 5))
    lay(painting, stem, (40, 70, 70))
    return painting


def _bananas(rng: Rng) -> Painting:
    painting, height, width = _canvas(14, 19)
    turn = np.linspace(-1.05, 1.05, 24)
    for i in range(int(rng.integers(3, 5))):
        centre = (width * (0.78 - 0.02 * i), height / 2)
        radius = width * (0.62 - 0.16 * i) + 20
        half = (1.75 * _F) * np.cos(turn * 1.2) ** 0.5 * 0.5 + 5
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
        model(one, 0.9 * _F, gloss=0.15)
        lay(painting, one[..., 3] / 255, one[..., :3])
    return painting


def _greens(rng: Rng) -> Painting:
    """Leek, daikon or a bunch of greens: long, leafy at one end."""
    long = rng.uniform(26, 34)
    painting, height, width = _canvas(9, long)
    stalks = int(rng.integers(1, 4))
    leaf = vary(rng, (52, 140, 70), 14)
    for i in range(stalks):
        x = width / 2 + (i - (stalks - 1) / 2) * 1.7 * _F
        one = blank(height, width)
        lay(
            one,
            capsule(height, width, ((x, height - 20), (x, height * 0.4)), (1.0 * _F, 0.8 * _F)),
            (206, 228, 226),
        )
        fade = np.clip((height * 0.62 - np.arange(height)) / (height * 0.25), 0, 1).astype(np.float32)
        lay(one, one[..., 3] / 255 * fade[:, np.newaxis], leaf)
        for _ in range(4):
            tip = (x + rng.normal(0, 1.7 * _F), rng.uniform(10, height * 0.2))
            tip = (float(np.clip(tip[0], 18, width - 18)), tip[1])
            lay(
                one,
                capsule(height, width, ((x, height * 0.45), tip), (0.8 * _F, 0.35 * _F)),
                vary(rng, leaf, 12),
            )
        model(one, 0.8 * _F, bumps=noise(rng, height, width, 12) * 1.6, gloss=0.12)
        lay(painting, one[..., 3] / 255, one[..., :3])
    return painting


def _tray(rng: Rng) -> Painting:
    """Meat, fish or a ready meal under film."""
    wide, high = rng.uniform(12, 15), rng.uniform(16, 20)
    painting, height, width = _canvas(wide, high)
    dark = rng.random() < 0.4
    shell = rounded(height, width, (3, 3, width - 3, height - 3), 1.6 * _F)
    lay(painting, shell, _BLACK if dark else _WHITE)
    shade, _ = relief(shell, 1.2 * _F)
    lighten(painting, shade)
    well = rounded(height, width, (0.9 * _F, 0.9 * _F, width - 0.9 * _F, height - 0.9 * _F), 1.2 * _F)
    lay(painting, well, (58, 54, 54) if dark else (214, 218, 220))
    foods: list[Colour] = [(62, 58, 186), (96, 128, 232), (50, 74, 120), (150, 190, 224), (60, 160, 210)]
    food = foods[rng.integers(len(foods))]
    for _ in range(int(rng.integers(5, 11))):
        spot = (rng.uniform(2.5 * _F, width - 2.5 * _F), rng.uniform(2.5 * _F, height - 2.5 * _F))
        one = blank(height, width)
        lay(
            one,
            ellipse(height, width, spot, (rng.uniform(1.4, 3) * _F, rng.uniform(1.2, 2.6) * _F)) * well,
            vary(rng, food, 12),
        )
        fat = (noise(rng, height, width, 22) > 0.34).astype(np.float32)
        lay(one, fat * one[..., 3] / 255, (200, 208, 226), 0.55)
        model(one, 0.9 * _F, bumps=noise(rng, height, width, 9) * 1.2, gloss=0.25)
        lay(painting, one[..., 3] / 255, one[..., :3])
    film = np.clip(noise(rng, height, width, 60, 4) - 0.28, 0, 1) * shell
    gleam(painting, (film * 0.55).astype(np.float32))
    tag = rounded(height, width, (width * 0.5, height * 0.68, width - 1.0 * _F, height - 1.0 * _F), 3)
    lay(painting, tag, (244, 246, 246))
    _fine_print(painting, rng, (width * 0.54, height * 0.72, width - 1.4 * _F, height - 1.6 * _F), _BLACK)
    return painting


def _bread(rng: Rng) -> Painting:
    """Bread or fruit in a clear bag."""
    wide, high = rng.uniform(12, 15), rng.uniform(16, 22)
    painting, height, width = _canvas(wide, high)
    loaf = rounded(height, width, (1.1 * _F, 2.4 * _F, width - 1.1 * _F, height - 1.0 * _F), 2.5 * _F)
    one = blank(height, width)
    lay(one, loaf, vary(rng, (92, 148, 200), 14))
    lay(one, loaf * np.clip(noise(rng, height, width, 60) + 0.1, 0, 1), (60, 104, 160), 0.7)
    model(one, 2.6 * _F, bumps=noise(rng, height, width, 14) * 1.5, gloss=0.05)
    clear = rounded(height, width, (4, 4, width - 4, height - 4), 1.2 * _F)
    lay(painting, clear, (228, 230, 230), 0.22)
    lay(painting, one[..., 3] / 255, one[..., :3])
    folds = noise(rng, height, width, 40, 4)
    gleam(painting, (np.clip(folds - 0.2, 0, 1) * clear * 0.6).astype(np.float32))
    if rng.random() < 0.7:
        face = rounded(height, width, (width * 0.22, height * 0.42, width * 0.78, height * 0.72), 8)
        lay(painting, face, vivid(rng), 0.92)
        _label(painting, rng, (width * 0.22, height * 0.42, width * 0.78, height * 0.72), face)
    return painting


def _onigiri(rng: Rng) -> Painting:
    painting, height, width = _canvas(9, 8.6)
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
    model(painting, 1.6 * _F, bumps=noise(rng, height, width, 12) * 1.4, gloss=0.5)
    return painting


def _small(rng: Rng) -> Painting:
    """Gum, a chocolate bar, batteries: hardly larger than the fingers that hold it."""
    wide, high = rng.uniform(3, 5.5), rng.uniform(7.5, 14)
    painting, height, width = _canvas(wide, high)
    body = rounded(height, width, (3, 3, width - 3, height - 3), 6)
    lay(painting, body, vivid(rng) if rng.random() < 0.7 else _BLACK)
    _label(painting, rng, (4, 4, width - 4, height - 4), body)
    model(painting, 0.7 * _F, bumps=noise(rng, height, width, 18) * 1.4, gloss=0.6)
    return painting


def _cup(rng: Rng) -> Painting:
    """A pot of yoghurt or instant noodles, lid up."""
    wide = rng.uniform(7, 10.5)
    painting, height, width = _canvas(wide, wide + 1.4)
    radius = width / 2 - 4
    lay(
        painting,
        ellipse(height, width, (width / 2, height - radius * 0.94 - 3), (radius * 0.94, radius * 0.94)),
        _WHITE,
    )
    lighten(painting, 0.75)
    top = ellipse(height, width, (width / 2, radius + 4), (radius, radius))
    lay(painting, top, vary(rng, _WHITE, 5))
    face = ellipse(height, width, (width / 2, radius + 4), (radius * 0.93, radius * 0.93))
    lay(painting, face, vivid(rng))
    _label(painting, rng, (width * 0.1, radius * 0.25, width * 0.9, radius * 1.8), face)
    gleam(painting, np.clip(noise(rng, height, width, 70, 2) - 0.25, 0, 1) * face * 0.5)
    return painting


_KINDS: dict[str, tuple[Callable[[Rng], Painting], str, float, bool]] = {
    "box": (_box, "Biscuits", 3.0, False),
    "can": (_can, "Canned coffee", 2.0, False),
    "tin": (_tin, "Tuna", 1.0, False),
    "bottle": (_bottle, "Bottled drink", 2.5, False),
    "carton": (_carton, "Milk 1 l", 1.3, False),
    "pouch": (_pouch, "Crisps", 2.2, False),
    "fruit": (_fruit, "Fruit, each", 1.2, True),
    "bananas": (_bananas, "Bananas", 0.7, True),
    "greens": (_greens, "Leek", 0.8, True),
    "tray": (_tray, "Sliced meat", 1.8, False),
    "bread": (_bread, "Bread", 1.4, False),
    "onigiri": (_onigiri, "Rice ball", 1.0, False),
    "small": (_small, "Chocolate bar", 1.6, False),
    "cup": (_cup, "Cup noodles", 1.5, False),
}


def paint_product(product: Product) -> Painting:
    """Paint one article; the same article always looks the same."""
    return _KINDS[product.kind][0](np.random.default_rng(product.look))


def make_assortment(rng: Rng, size: int) -> list[Product]:
    """Return different articles, drawn by how often shoppers buy each kind."""
    kinds = list(_KINDS)
    weights = np.array([_KINDS[kind][2] for kind in kinds])
    chosen = rng.choice(len(kinds), size=size, p=weights / weights.sum())
    products: list[Product] = []
    for number, pick in enumerate(chosen):
        kind = kinds[pick]
        stem = f"49{rng.integers(10**6):06d}{number:04d}"
        products.append(
            Product(
                kind=kind,
                name=f"{_KINDS[kind][1]} {number + 1}",
                plu=stem + _check_digit(stem),
                price=int(rng.integers(8, 60)) * 10 - 2,
                look=int(rng.integers(2**31)),
                keyed=_KINDS[kind][3],
            )
        )
    return products


def _check_digit(twelve: str) -> str:
    total = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(twelve))
    return str(-total % 10)
