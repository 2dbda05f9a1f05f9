"""Small pictures with opacity, and laying them into a frame fast."""

from __future__ import annotations

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


def affine(
    anchor: tuple[float, float], spot: tuple[float, float], *, angle: float, scale_x: float, scale_y: float
) -> NDArray[np.float64]:
    """Return the 2x3 matrix that turns, stretches and places a sprite; ``angle`` in radians, clockwise."""
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos * scale_x, -sin * scale_y, 0], [sin * scale_x, cos * scale_y, 0]])
    matrix[:, 2] = np.array(spot) - matrix[:, :2] @ np.array(anchor)
    return matrix


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
    matrix = affine(sprite.anchor, (x, y), angle=angle, scale_x=scale, scale_y=scale * stretch)
    place = _place(frame, sprite.pixels, matrix)
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
    matrix = affine(anchor, (x, y), angle=angle, scale_x=scale, scale_y=scale * stretch)
    place = _place(frame, sprite.shadow, matrix)
    if place is None:
        return
    target, moved = place
    size = (target.shape[1], target.shape[0])
    clear = cv2.bitwise_not(cv2.warpAffine(sprite.shadow, moved, size, flags=cv2.INTER_LINEAR))
    cv2.multiply(target, cv2.cvtColor(clear, cv2.COLOR_GRAY2BGR), dst=target, scale=1 / 255)


def _place(
    frame: Frame, pixels: NDArray[np.uint8], matrix: NDArray[np.float64]
) -> tuple[NDArray[np.uint8], NDArray[np.float64]] | None:
    """Return the part of the frame that the moved picture covers, and the matrix into that part."""
    height, width = pixels.shape[:2]
    corners = matrix @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]], dtype=float)
    x0, y0 = np.floor(corners.min(axis=1)).astype(int)
    x1, y1 = np.ceil(corners.max(axis=1)).astype(int) + 1
    x0, y0 = max(int(x0), 0), max(int(y0), 0)
    x1, y1 = min(int(x1), frame.shape[1]), min(int(y1), frame.shape[0])
    if x0 >= x1 or y0 >= y1:
        return None
    moved = matrix.copy()
    moved[:, 2] -= (x0, y0)
    return frame[y0:y1, x0:x1], moved
