"""A lane without shoppers: counter, places for basket and bag, scanner, terminal, floor. Painted once.

Places are given in the design's own pixels, 960 by 540, before a lane's camera is hung.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.simulator.paint import (
    Colour,
    Painting,
    Rng,
    blank,
    ellipse,
    gleam,
    lay,
    lighten,
    noise,
    polygon,
    relief,
    rounded,
    vary,
    vivid,
    words,
)

COUNTER_FINE = _C = 1  # the counter is large, and antialiased shapes of the size seen must do
WIDTH, HEIGHT = 960, 540  # the design's own pixels; every place below is given in them
COUNTER_TOP, COUNTER_FRONT = 62, 404
BASKET_AT = (172.0, 236.0)
BAG_AT = (784.0, 232.0)
SCANNER_AT = (478.0, 262.0)
SCREEN_AT = (478.0, 84.0)
TERMINAL_AT = (614.0, 128.0)
ASIDE_AT = (332.0, 118.0)  # a free spot of the counter, outside every zone
STAND_AT = (478.0, 474.0)


def paint_counter(rng: Rng) -> Painting:
    """Return a whole lane without shoppers, opaque, at the design's size times ``COUNTER_FINE``."""
    height, width = HEIGHT * _C, WIDTH * _C
    painting = blank(height, width)
    everything = np.ones((height, width), dtype=np.float32)
    lay(painting, everything, _floor(rng, height, width))
    body = rounded(height, width, (-40, COUNTER_TOP * _C, width + 40, (COUNTER_FRONT + 10) * _C), 12)
    drop = cv2.GaussianBlur(np.roll(body, 14 * _C, axis=0), (0, 0), 12 * _C)
    lighten(painting, 1 - 0.5 * drop)
    front = rounded(height, width, (-40, (COUNTER_FRONT - 8) * _C, width + 40, (COUNTER_FRONT + 10) * _C), 6)
    top = rounded(height, width, (-40, COUNTER_TOP * _C, width + 40, COUNTER_FRONT * _C), 10)
    surface, trim = _surface(rng, height, width)
    lay(painting, front, trim)
    lay(painting, top, surface)
    edge = top - cv2.erode(top, np.ones((2 * _C, 2 * _C)))
    gleam(painting, edge.astype(np.float32) * 0.12)
    _places(rng, painting)
    _scanner(rng, painting)
    _clutter(rng, painting)
    _room_light(rng, painting)
    return painting


def _floor(rng: Rng, height: int, width: int) -> NDArray[np.float32]:
    base = np.array(vary(rng, (150, 158, 164), 16), dtype=np.float32)
    floor = np.broadcast_to(base, (height, width, 3)).copy()
    pitch = int(rng.uniform(84, 130) * _C)
    rows, columns = np.mgrid[0:height, 0:width]
    shift = int(rng.integers(pitch))
    tile = ((rows + shift) // pitch * 7 + (columns + shift // 2) // pitch * 13) % 11
    floor *= (1 + (tile - 5)[..., np.newaxis] * 0.006).astype(np.float32)
    joint = ((rows + shift) % pitch < 2 * _C) | ((columns + shift // 2) % pitch < 2 * _C)
    floor[joint] *= 0.82
    floor *= 1 + 0.05 * noise(rng, height, width, 60, 5)[..., np.newaxis]
    return floor


def _surface(rng: Rng, height: int, width: int) -> tuple[NDArray[np.float32], Colour]:
    kind = rng.integers(4)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    if kind == 0:  # wood
        base = np.array(vary(rng, (110, 152, 190), 10), dtype=np.float32)
        bend = noise(rng, height, width, 700, 3)
        grain = (
            np.sin(rows / (9 * _C) + bend * 9) * 0.5
            + noise(rng, height, width // 12, 5, 2).repeat(12, axis=1)[:, :1].mean()
        )
        streaks = cv2.resize(noise(rng, height, max(2, width // 60), 5, 3), (width, height))
        surface = base * (1 + 0.045 * grain + 0.05 * streaks)[..., np.newaxis]
        return surface.astype(np.float32), (70, 100, 130)
    if kind == 1:  # speckled laminate
        base = np.array(vary(rng, (196, 200, 202), 8), dtype=np.float32)
        specks = noise(rng, height, width, 4, 1) * 0.05 + noise(rng, height, width, 9, 2) * 0.03
        return (base * (1 + specks)[..., np.newaxis]).astype(np.float32), (120, 122, 126)
    if kind == 2:  # brushed steel
        base = np.array(vary(rng, (168, 168, 166), 6), dtype=np.float32)
        brush = cv2.resize(noise(rng, height, max(2, width // 40), 2.5, 1), (width, height))
        sheen = 0.10 * np.sin(columns / width * 7 + rng.uniform(0, 6))
        return (base * (1 + 0.05 * brush + sheen)[..., np.newaxis]).astype(np.float32), (96, 96, 98)
    base = np.array(vary(rng, (92, 90, 88), 8), dtype=np.float32)  # dark stone
    specks = noise(rng, height, width, 5, 2) * 0.12 + noise(rng, height, width, 200, 3) * 0.06
    return (base * (1 + specks)[..., np.newaxis]).astype(np.float32), (50, 50, 52)


def _inset(
    painting: Painting, box: tuple[float, float, float, float], radius: float, colour: Colour, *, deep: float
) -> None:
    """A plate let into the counter, with a dark joint and a lit lower edge."""
    height, width = painting.shape[:2]
    x0, y0, x1, y1 = (part * _C for part in box)
    plate = rounded(height, width, (x0, y0, x1, y1), radius * _C)
    around = cv2.GaussianBlur(cv2.dilate(plate, np.ones((3 * _C, 3 * _C))), (0, 0), 1.5 * _C)
    lighten(painting, 1 - deep * around)
    lay(painting, plate, colour)
    shade, _ = relief(plate, 3 * _C)
    lighten(painting, np.where(plate > 0, 0.55 + 0.45 * shade, 1).astype(np.float32))


def _places(rng: Rng, painting: Painting) -> None:
    height, width = painting.shape[:2]
    x, y = BASKET_AT
    _inset(painting, (x - 142, y - 104, x + 142, y + 110), 14, vary(rng, (148, 152, 154), 12), deep=0.35)
    for offset in range(-110, 120, 22):  # rubber strips
        strip = rounded(
            height,
            width,
            ((x + offset - 3) * _C, (y - 88) * _C, (x + offset + 3) * _C, (y + 94) * _C),
            3 * _C,
        )
        lay(painting, strip, (92, 94, 96), 0.7)
    x, y = BAG_AT
    _inset(painting, (x - 142, y - 118, x + 142, y + 126), 12, vary(rng, (176, 178, 180), 10), deep=0.4)
    grid = rounded(height, width, ((x - 132) * _C, (y - 108) * _C, (x + 132) * _C, (y + 116) * _C), 8 * _C)
    rows, columns = np.mgrid[0:height, 0:width]
    dots = ((rows % (16 * _C) - 8 * _C) ** 2 + (columns % (16 * _C) - 8 * _C) ** 2 < (3 * _C) ** 2) * grid
    lay(painting, dots.astype(np.float32), (116, 118, 120), 0.6)


def _scanner(rng: Rng, painting: Painting) -> None:
    height, width = painting.shape[:2]
    x, y = SCANNER_AT
    _inset(painting, (x - 92, y - 72, x + 92, y + 82), 10, (178, 180, 182), deep=0.45)
    _inset(painting, (x - 74, y - 56, x + 74, y + 62), 6, (38, 34, 34), deep=0.3)
    for turn in np.linspace(0, np.pi, 6, endpoint=False):
        line = np.zeros((height, width), dtype=np.uint8)
        reach = np.array([np.cos(turn) * 64, np.sin(turn) * 46]) * _C
        centre = np.array([x, y + 2]) * _C
        ends = np.stack([centre - reach, centre + reach]).astype(np.int32)
        cv2.polylines(line, [ends], isClosed=False, color=255, thickness=2, lineType=cv2.LINE_AA)
        lay(painting, cv2.GaussianBlur(line, (0, 0), 2.5).astype(np.float32) / 255, (46, 40, 190), 0.6)
    glass = rounded(height, width, ((x - 74) * _C, (y - 56) * _C, (x + 74) * _C, (y + 62) * _C), 6 * _C)
    sheen = polygon(
        height,
        width,
        [
            ((x - 60) * _C, (y - 56) * _C),
            ((x - 20) * _C, (y - 56) * _C),
            ((x - 58) * _C, (y + 62) * _C),
            ((x - 74) * _C, (y + 62) * _C),
            ((x - 74) * _C, (y - 16) * _C),
        ],
    )
    gleam(painting, glass * cv2.GaussianBlur(sheen, (0, 0), 3 * _C) * 0.13)
    tower = rounded(height, width, ((x - 104) * _C, 34 * _C, (x + 104) * _C, 146 * _C), 12 * _C)
    cast = cv2.GaussianBlur(np.roll(tower, (16 * _C, 8 * _C), axis=(0, 1)), (0, 0), 9 * _C)
    lighten(painting, 1 - 0.42 * cast)
    lay(painting, tower, vary(rng, (62, 60, 60), 8))
    shade, _ = relief(tower, 10 * _C)
    lighten(painting, np.where(tower > 0, shade, 1).astype(np.float32))
    eye = rounded(height, width, ((x - 60) * _C, 134 * _C, (x + 60) * _C, 142 * _C), 3 * _C)
    lay(painting, eye, (30, 26, 120))
    lamp = ellipse(height, width, ((x + 122) * _C, 62 * _C), (11 * _C, 11 * _C))
    lay(painting, lamp, (120, 190, 120))
    model_lamp, shine = relief(lamp, 10 * _C, gloss=0.8)
    lighten(painting, np.where(lamp > 0, model_lamp, 1).astype(np.float32))
    gleam(painting, shine)


def _clutter(rng: Rng, painting: Painting) -> None:
    """Card terminal, receipt slot, stickers: what stands on every counter."""
    height, width = painting.shape[:2]
    x, y = TERMINAL_AT
    body = rounded(height, width, ((x - 26) * _C, (y - 44) * _C, (x + 26) * _C, (y + 46) * _C), 8 * _C)
    lighten(
        painting, 1 - 0.4 * cv2.GaussianBlur(np.roll(body, (8 * _C, 5 * _C), axis=(0, 1)), (0, 0), 5 * _C)
    )
    lay(painting, body, (50, 48, 48))
    shade, _ = relief(body, 8 * _C)
    lighten(painting, np.where(body > 0, shade, 1).astype(np.float32))
    lay(
        painting,
        rounded(height, width, ((x - 20) * _C, (y - 36) * _C, (x + 20) * _C, (y - 8) * _C), 3 * _C),
        (196, 214, 190),
    )
    for row in range(4):
        for column in range(3):
            key = (x - 18 + column * 13, y + row * 10 - 1)
            lay(
                painting,
                rounded(
                    height, width, (key[0] * _C, key[1] * _C, (key[0] + 10) * _C, (key[1] + 7) * _C), 2 * _C
                ),
                (180, 180, 182),
            )
    sign = (rng.uniform(300, 330), rng.uniform(300, 340))
    lay(
        painting,
        rounded(
            height, width, (sign[0] * _C, sign[1] * _C, (sign[0] + 58) * _C, (sign[1] + 40) * _C), 4 * _C
        ),
        vivid(rng),
        0.9,
    )
    words(
        painting,
        str(rng.choice(["POINT", "ECO BAG", "SALE", "CARD"])),
        ((sign[0] + 6) * _C, (sign[1] + 24) * _C),
        8 * _C,
        (240, 240, 240),
    )
    slot = rounded(height, width, (640 * _C, 96 * _C, 690 * _C, 104 * _C), 3 * _C)
    if rng.random() < 0.7:
        lay(painting, slot, (40, 40, 42))
        lay(
            painting,
            rounded(height, width, (648 * _C, 100 * _C, 682 * _C, rng.uniform(108, 122) * _C), 1),
            (236, 238, 238),
        )


def _room_light(rng: Rng, painting: Painting) -> None:
    """Lamps of the ceiling: a wide uneven light, mirrored bands on the counter, darker corners."""
    height, width = painting.shape[:2]
    ys, xs = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    centre = rng.uniform(-0.4, 0.4), rng.uniform(-0.5, 0.2)
    pool = 1.08 - 0.26 * ((xs - centre[0]) ** 2 * 0.6 + (ys - centre[1]) ** 2 * 0.7)
    lighten(painting, pool.astype(np.float32))
    place = rng.uniform(0.15, 0.85) * width
    band = (
        np.exp(-(((xs * width / 2 + width / 2 - place) / (60 * _C)) ** 2))
        * (ys > COUNTER_TOP / 270 - 1)
        * (ys < COUNTER_FRONT / 270 - 1)
    )
    gleam(painting, (band * 0.05).astype(np.float32))
