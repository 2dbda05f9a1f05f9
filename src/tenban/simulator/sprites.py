"""Small pictures with opacity, and laying them into a frame fast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.simulator.paint import FINE, Painting

Frame = NDArray[Any]  # uint8, but what OpenCV returns is typed loosely


@dataclass(slots=True)
class Sprite:
    """A picture with opacity and its soft shadow.

    Attributes:
        pixels: (height, width, 4) uint8, colours premultiplied by opacity.
        anchor: the point of the picture that ``blit`` places, in pixels.
        shadow: (height, width) uint8 opacity of the blurred silhouette, padded by ``shadow_pad``.
        shadow_pad: pixels added on every side of the shadow.
    """

    pixels: NDArray[np.uint8]
    anchor: tuple[float, float]
    shadow: NDArray[np.uint8] | None = None
    shadow_pad: int = 0


def make_sprite(
    painting: Painting,
    *,
    anchor: tuple[float, float] | None = None,
    scale: float = 1.0,
    shadow_blur_px: float = 0.0,
    shadow_opacity: float = 0.4,
) -> Sprite:
    """Shrink a painting to its final size and premultiply it.

    Args:
        painting: ``FINE`` times larger than seen at scale 1.
        anchor: in the painting's pixels; its centre where None.
        scale: picture width over 960.
        shadow_blur_px: softness of the shadow at scale 1; no shadow where 0.
        shadow_opacity: darkness of the shadow, 0 to 1.
    """
    height, width = painting.shape[:2]
    factor = scale / FINE
    # A clear edge of two pixels lets the sprite glide by fractions of a pixel without a hard rim.
    size = (max(3, round(width * factor)), max(3, round(height * factor)))
    flat = painting[..., :3] * (painting[..., 3:] / 255)
    whole = np.dstack([flat, painting[..., 3]])
    small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    small = cv2.copyMakeBorder(small, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    pixels = np.clip(np.round(small), 0, 255).astype(np.uint8)
    spot = anchor or (width / 2, height / 2)
    shadow, pad = None, 0
    if shadow_blur_px:
        pad = int(shadow_blur_px * scale * 2.5) + 1
        alpha = cv2.copyMakeBorder(pixels[..., 3], pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
        blurred = cv2.GaussianBlur(alpha, (0, 0), shadow_blur_px * scale)
        shadow = (blurred * shadow_opacity).astype(np.uint8)
    return Sprite(pixels, (spot[0] * factor + 2, spot[1] * factor + 2), shadow, pad)


def blit(
    frame: Frame,
    sprite: Sprite,
    x: float,
    y: float,
    *,
    angle: float = 0.0,
    scale: float = 1.0,
    stretch: float = 1.0,
    shade: float = 1.0,
) -> None:
    """Lay a sprite into a frame, its anchor at (x, y), to a fraction of a pixel.

    Args:
        frame: (height, width, 3) BGR, changed in place.
        sprite: what to lay.
        x: pixels from the left.
        y: pixels from the top.
        angle: radians, clockwise.
        scale: both ways.
        stretch: along the sprite's own height, on top of ``scale``.
        shade: 1 as painted, less darkens.
    """
    place = _place(frame, sprite.pixels, sprite.anchor, (x, y), turn=(angle, scale, scale * stretch))
    if place is None:
        return
    target, moved = place
    pixels = cv2.warpAffine(sprite.pixels, moved, (target.shape[1], target.shape[0]), flags=cv2.INTER_LINEAR)
    clear = cv2.bitwise_not(cv2.extractChannel(pixels, 3))
    colours = cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR)
    if shade != 1:
        cv2.convertScaleAbs(colours, dst=colours, alpha=shade)
    rest = cv2.multiply(target, cv2.cvtColor(clear, cv2.COLOR_GRAY2BGR), scale=1 / 255)
    cv2.add(rest, colours, dst=target)


def blit_shadow(
    frame: Frame,
    sprite: Sprite,
    x: float,
    y: float,
    *,
    angle: float = 0.0,
    scale: float = 1.0,
    stretch: float = 1.0,
) -> None:
    """Darken the frame where the sprite's shadow falls."""
    if sprite.shadow is None:
        return
    anchor = (sprite.anchor[0] + sprite.shadow_pad, sprite.anchor[1] + sprite.shadow_pad)
    place = _place(frame, sprite.shadow, anchor, (x, y), turn=(angle, scale, scale * stretch))
    if place is None:
        return
    target, moved = place
    size = (target.shape[1], target.shape[0])
    # A shadow has no edges: the nearest pixel will do, at a third of the cost.
    clear = cv2.bitwise_not(cv2.warpAffine(sprite.shadow, moved, size, flags=cv2.INTER_NEAREST))
    cv2.multiply(target, cv2.cvtColor(clear, cv2.COLOR_GRAY2BGR), dst=target, scale=1 / 255)


def _place(
    frame: Frame,
    pixels: Frame,
    anchor: tuple[float, float],
    spot: tuple[float, float],
    *,
    turn: tuple[float, float, float],
) -> tuple[Frame, NDArray[np.float64]] | None:
    """Return the part of the frame that a moved picture covers, and the 2x3 matrix into that part.

    ``turn`` is the angle and the scales along width and height. None where the picture lies outside. Plain
    numbers, since arrays of six cost more than all the arithmetic.
    """
    angle, scale_x, scale_y = turn
    cos, sin = math.cos(angle), math.sin(angle)
    ax, bx, ay, by = cos * scale_x, -sin * scale_y, sin * scale_x, cos * scale_y
    left, top = spot[0] - ax * anchor[0] - bx * anchor[1], spot[1] - ay * anchor[0] - by * anchor[1]
    high, wide = pixels.shape[:2]
    x0 = max(math.floor(left + min(0.0, ax * wide) + min(0.0, bx * high)), 0)
    y0 = max(math.floor(top + min(0.0, ay * wide) + min(0.0, by * high)), 0)
    x1 = min(math.ceil(left + max(0.0, ax * wide) + max(0.0, bx * high)) + 1, frame.shape[1])
    y1 = min(math.ceil(top + max(0.0, ay * wide) + max(0.0, by * high)) + 1, frame.shape[0])
    if x0 >= x1 or y0 >= y1:
        return None
    return frame[y0:y1, x0:x1], np.array(((ax, bx, left - x0), (ay, by, top - y0)))
