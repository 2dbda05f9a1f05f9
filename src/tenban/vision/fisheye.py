"""The geometry of fisheye pictures: from a direction to a picture's point and back, for flat and wide views.

Directions are unit vectors of the camera: x to the right of its picture, y down, z along its optical axis.
With θ the angle from the axis and R the circle's radius at θ_max, a point lies at r = R · g(θ) / g(θ_max):

======================  ==========================  =============================================
lens                    g(θ)                        source
======================  ==========================  =============================================
equidistant             θ                           Kannala and Brandt, A generic camera model for
equisolid               2 sin(θ/2)                  conventional, wide-angle and fish-eye lenses,
stereographic           2 tan(θ/2)                  IEEE TPAMI 28 (2006), equations 1 to 5
orthographic            sin θ
polynomial              θ + k1 θ³ + k2 θ⁵ + …       the same, equation 6
======================  ==========================  =============================================
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tenban.sites.fisheye import Fisheye, Lens, Turn

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Panorama:
    """Everything around at once: azimuth across, elevation down, both evenly spaced (equirectangular).

    Upright edges stay straight; level ones bend, as on every panorama.

    Attributes:
        pan_deg: what stands in the middle.
        across_deg: from the left edge to the right.
        low_deg: the elevation at the lower edge.
        high_deg: the elevation at the upper edge.
    """

    pan_deg: float
    across_deg: float
    low_deg: float
    high_deg: float


def whole_panorama(fisheye: Fisheye) -> Panorama:
    """Return the panorama that shows what a camera sees of use: all around, or from side to side."""
    half = fisheye.fov_deg / 2
    if fisheye.mount == "ceiling":
        return Panorama(0.0, 360.0, -70.0, min(half, 105.0) - 90.0)
    if fisheye.mount == "desk":
        return Panorama(0.0, 360.0, 90.0 - min(half, 105.0), 70.0)
    return Panorama(0.0, min(fisheye.fov_deg, 200.0), -45.0, 45.0)


def quad_turns(fisheye: Fisheye) -> tuple[Turn, Turn, Turn, Turn]:
    """Return four views that together show all around, or (wall) left, ahead, right and below."""
    if fisheye.mount == "wall":
        return Turn(-55, -10), Turn(0, -10), Turn(55, -10), Turn(0, -50)
    tilt = -40 if fisheye.mount == "ceiling" else 25
    return Turn(-90, tilt), Turn(0, tilt), Turn(90, tilt), Turn(180, tilt)


def flat_rays(fisheye: Fisheye, turn: Turn, width: int, height: int) -> Floats:
    """Return the directions of a flat view's pixels (pinhole projection), shape (height, width, 3).

    Lines that are straight in the world are straight in the view.
    """
    right, down, ahead = _axes(fisheye, turn.pan_deg, turn.tilt_deg)
    u = np.arange(width, dtype=np.float64) - (width - 1) / 2
    v = np.arange(height, dtype=np.float64) - (height - 1) / 2
    rays = (
        ahead * (turn.zoom * width / 2)
        + u[np.newaxis, :, np.newaxis] * right
        + v[:, np.newaxis, np.newaxis] * down
    )
    return np.asarray(rays / np.linalg.norm(rays, axis=-1, keepdims=True))


def panorama_rays(fisheye: Fisheye, panorama: Panorama, width: int, height: int) -> Floats:
    """Return the directions of a panorama's pixels, shape (height, width, 3)."""
    share = (np.arange(width) + 0.5) / width - 0.5
    pan = np.radians(panorama.pan_deg + share * panorama.across_deg)
    fall = (np.arange(height) + 0.5) / height
    tilt = np.radians(panorama.high_deg + (panorama.low_deg - panorama.high_deg) * fall)
    level, up = _compass(fisheye, pan)
    return np.asarray(
        np.cos(tilt)[:, np.newaxis, np.newaxis] * level[np.newaxis]
        + np.sin(tilt)[:, np.newaxis, np.newaxis] * up
    )


def to_picture(fisheye: Fisheye, rays: Floats, width: int, height: int) -> Floats:
    """Return where directions are pictured, in pixels whose centres are whole numbers.

    Args:
        fisheye: the lens.
        rays: directions, shape (..., 3), of any length but zero.
        width: of the fisheye picture.
        height: of the fisheye picture.

    Returns:
        x and y, shape (..., 2); NaN where a direction lies outside the image circle.
    """
    x, y, z = rays[..., 0], rays[..., 1], rays[..., 2]
    flat = np.hypot(x, y)
    theta = np.arctan2(flat, z)
    most = math.radians(fisheye.fov_deg) / 2
    reach = _reach(fisheye.lens, np.minimum(theta, most), fisheye.coefficients)
    share = reach / float(_reach(fisheye.lens, np.asarray(most), fisheye.coefficients))
    radius = fisheye.radius * width * share
    radius[theta > most + 1e-9] = np.nan
    with np.errstate(invalid="ignore"):
        scale = np.where(flat > 0, radius / np.where(flat > 0, flat, 1.0), 0.0)
    cos, sin = math.cos(math.radians(fisheye.turned_deg)), math.sin(math.radians(fisheye.turned_deg))
    # The picture is turned back: what stands upright for people lies aslant on the sensor.
    turned_x, turned_y = x * cos + y * sin, y * cos - x * sin
    return np.stack(
        [
            fisheye.centre[0] * width - 0.5 + turned_x * scale,
            fisheye.centre[1] * height - 0.5 + turned_y * scale,
        ],
        axis=-1,
    )


def to_rays(fisheye: Fisheye, points: Floats, width: int, height: int) -> Floats:
    """Return the directions of a fisheye picture's points: the inverse of :func:`to_picture`.

    Args:
        fisheye: the lens.
        points: pixels, shape (..., 2).
        width: of the fisheye picture.
        height: of the fisheye picture.

    Returns:
        Unit vectors, shape (..., 3); NaN outside the image circle.
    """
    x = points[..., 0] + 0.5 - fisheye.centre[0] * width
    y = points[..., 1] + 0.5 - fisheye.centre[1] * height
    cos, sin = math.cos(math.radians(fisheye.turned_deg)), math.sin(math.radians(fisheye.turned_deg))
    x, y = x * cos - y * sin, y * cos + x * sin
    radius = np.hypot(x, y)
    most = math.radians(fisheye.fov_deg) / 2
    reach = radius / (fisheye.radius * width)
    reach = reach * float(_reach(fisheye.lens, np.asarray(most), fisheye.coefficients))
    theta = _angle(fisheye.lens, reach, fisheye.coefficients, most)
    theta[radius > fisheye.radius * width * (1 + 1e-9)] = np.nan
    scale = np.where(radius > 0, np.sin(theta) / np.where(radius > 0, radius, 1.0), 0.0)
    return np.stack([x * scale, y * scale, np.cos(theta)], axis=-1)


def to_turn(fisheye: Fisheye, ray: Floats) -> tuple[float, float]:
    """Return pan and tilt, in degrees, of a direction."""
    up = _up(fisheye)
    tilt = math.degrees(math.asin(float(np.clip(ray @ up, -1, 1))))
    if fisheye.mount == "wall":
        return math.degrees(math.atan2(float(ray[0]), float(ray[2]))), tilt
    side = 1.0 if fisheye.mount == "ceiling" else -1.0
    return math.degrees(math.atan2(side * float(ray[0]), -float(ray[1]))), tilt


def _reach(lens: Lens, theta: Floats, coefficients: tuple[float, ...]) -> Floats:
    match lens:
        case "equidistant":
            return theta
        case "equisolid":
            return np.asarray(2 * np.sin(theta / 2))
        case "stereographic":
            return np.asarray(2 * np.tan(theta / 2))
        case "orthographic":
            return np.asarray(np.sin(theta))
        case "polynomial":
            squared = theta * theta
            total = np.ones_like(theta)
            power = np.ones_like(theta)
            for k in coefficients:
                power = power * squared
                total = total + k * power
            return np.asarray(theta * total)


def _angle(lens: Lens, reach: Floats, coefficients: tuple[float, ...], most_rad: float) -> Floats:
    match lens:
        case "equidistant":
            return np.array(reach)
        case "equisolid":
            return np.asarray(2 * np.arcsin(np.clip(reach / 2, -1, 1)))
        case "stereographic":
            return np.asarray(2 * np.arctan(reach / 2))
        case "orthographic":
            return np.asarray(np.arcsin(np.clip(reach, -1, 1)))
        case "polynomial":
            # It grows (Fisheye.check), so halving finds it: 40 halvings are finer than any pixel.
            low, high = np.zeros_like(reach), np.full_like(reach, most_rad)
            for _ in range(40):
                middle = (low + high) / 2
                below = _reach(lens, middle, coefficients) < reach
                low, high = np.where(below, middle, low), np.where(below, high, middle)
            return np.asarray((low + high) / 2)


def _up(fisheye: Fisheye) -> Floats:
    """Return the world's up, as the camera has it."""
    ups: dict[Literal["ceiling", "wall", "desk"], tuple[float, float, float]] = {
        "ceiling": (0, 0, -1),
        "wall": (0, -1, 0),
        "desk": (0, 0, 1),
    }
    return np.asarray(ups[fisheye.mount], dtype=np.float64)


def _compass(fisheye: Fisheye, pan: Floats) -> tuple[Floats, Floats]:
    """Return the level direction of each pan in radians, shape (..., 3), and the world's up."""
    sin, cos, zero = np.sin(pan), np.cos(pan), np.zeros_like(pan)
    if fisheye.mount == "wall":
        return np.stack([sin, zero, cos], axis=-1), _up(fisheye)
    # Looking up, the picture's right is the onlooker's left.
    side = 1.0 if fisheye.mount == "ceiling" else -1.0
    return np.stack([side * sin, -cos, zero], axis=-1), _up(fisheye)


def _axes(fisheye: Fisheye, pan_deg: float, tilt_deg: float) -> tuple[Floats, Floats, Floats]:
    """Return right, down and ahead of a view."""
    level, up = _compass(fisheye, np.asarray(math.radians(pan_deg)))
    tilt = math.radians(tilt_deg)
    ahead = math.cos(tilt) * level + math.sin(tilt) * up
    # From the level direction, so that looking straight down or up has a right side, too.
    right = np.cross(level, up)
    return right, np.cross(ahead, right), ahead
