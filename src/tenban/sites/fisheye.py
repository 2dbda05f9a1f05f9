"""What is known of a fisheye camera: its lens, how it hangs, and the views of it that are of use."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

from tenban.base.errors import BadInput

Mount = Literal["ceiling", "wall", "desk"]
"""Which way the camera looks: down, ahead, or up."""
Lens = Literal["equidistant", "equisolid", "stereographic", "orthographic", "polynomial"]
"""How far from the centre an angle is pictured; see :mod:`tenban.vision.fisheye`."""

MOUNTS: Final = get_args(Mount)
LENSES: Final = get_args(Lens)
LEAST_ZOOM, MOST_ZOOM = 0.25, 8.0
LEAST_FOV_DEG, MOST_FOV_DEG = 90.0, 240.0


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a flat view looks.

    Attributes:
        pan_deg: to the right is positive. On a wall 0 is straight ahead; on a ceiling or a desk 0 is where
            the picture's top is.
        tilt_deg: up is positive; 0 is level with the horizon, so -90 is straight down.
        zoom: 1 shows 90 degrees across, 2 shows 53; the focal length in halves of the view's width.
    """

    pan_deg: float = 0.0
    tilt_deg: float = 0.0
    zoom: float = 1.0

    @classmethod
    def checked(cls, pan_deg: float, tilt_deg: float, zoom: float, *, where: str) -> Turn:
        """Return a view with its pan brought to -180 … 180.

        Raises:
            BadInput: no number, or out of bounds.
        """
        for name, value in (("pan", pan_deg), ("tilt", tilt_deg), ("zoom", zoom)):
            if not math.isfinite(value):
                raise BadInput(f"{where}.{name}", expected="a number", came=value)
        if not -90 <= tilt_deg <= 90:
            raise BadInput(f"{where}.tilt", expected="-90 (down) to 90 (up) degrees", came=tilt_deg)
        if not LEAST_ZOOM <= zoom <= MOST_ZOOM:
            raise BadInput(f"{where}.zoom", expected=f"{LEAST_ZOOM} to {MOST_ZOOM}", came=zoom)
        return cls((pan_deg + 180) % 360 - 180, tilt_deg, zoom)


@dataclass(frozen=True, slots=True)
class Preset:
    """A view of a fisheye camera that has a name and is watched and shown like a camera of its own."""

    id: str
    name: str
    turn: Turn


@dataclass(frozen=True, slots=True)
class Fisheye:
    """Lens and mount of one camera.

    Attributes:
        mount: which way it looks.
        lens: its projection.
        centre: of the image circle, as shares of the picture's width and height.
        radius: of the image circle, as a share of the picture's width.
        fov_deg: the angle across the whole circle.
        coefficients: k1 … k4 of a ``polynomial`` lens, empty for the others.
        turned_deg: how far the picture has to be turned clockwise to stand upright (wall), or until its top
            is where pan shall be 0 (ceiling, desk).
        presets: views with a name.
    """

    mount: Mount
    lens: Lens = "equidistant"
    centre: tuple[float, float] = (0.5, 0.5)
    radius: float = 0.5
    fov_deg: float = 180.0
    coefficients: tuple[float, ...] = ()
    turned_deg: float = 0.0
    presets: tuple[Preset, ...] = ()

    def check(self, where: str) -> None:
        """Raise BadInput for what cannot be a lens; ``where`` leads to its table."""
        if not (0 < self.radius <= 2 and all(-0.5 <= one <= 1.5 for one in self.centre)):
            expected = "[x, y, radius] of a circle that meets the picture"
            raise BadInput(f"{where}.circle", expected=expected, came=[*self.centre, self.radius])
        if self.lens == "orthographic" and self.fov_deg > 180:
            raise BadInput(f"{where}.fov", expected="at most 180 degrees (orthographic)", came=self.fov_deg)
        if (self.lens == "polynomial") != bool(self.coefficients):
            expected = "k1 to k4 for a polynomial lens, and for no other"
            raise BadInput(f"{where}.coefficients", expected=expected, came=list(self.coefficients))
        if self.lens == "polynomial" and not _grows(self.coefficients, math.radians(self.fov_deg) / 2):
            expected = "a polynomial that grows all the way to the circle's edge"
            raise BadInput(f"{where}.coefficients", expected=expected, came=list(self.coefficients))


def _grows(coefficients: tuple[float, ...], most_rad: float) -> bool:
    steps = 256
    for step in range(steps + 1):
        theta = most_rad * step / steps
        slope = 1.0 + sum((2 * n + 3) * k * theta ** (2 * n + 2) for n, k in enumerate(coefficients))
        if slope <= 0:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Aim:
    """One view of one fisheye camera: all that turning its picture depends on."""

    fisheye: Fisheye
    turn: Turn

    def as_json(self) -> dict[str, Any]:
        """Return it for another process."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Aim:
        """Return what such a document says."""
        lens = dict(document["fisheye"], presets=())
        for name in ("centre", "coefficients"):
            lens[name] = tuple(lens[name])
        return cls(Fisheye(**lens), Turn(**document["turn"]))
