"""The lens of a fisheye camera as ``tenban.toml`` has it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tenban.base.errors import BadInput
from tenban.sites.fisheye import (
    LEAST_FOV_DEG,
    LEAST_ZOOM,
    MOST_FOV_DEG,
    MOST_ZOOM,
    Fisheye,
    Lens,
    Mount,
    Preset,
    Turn,
)
from tenban.sites.parts import Id, Name, Part

_Share = Annotated[float, Field(ge=-1, le=2, strict=False)]
_Degrees = Annotated[float, Field(ge=-360, le=360, strict=False)]


class _Preset(Part):
    id: Id
    name: Name
    pan: _Degrees = 0.0
    tilt: Annotated[float, Field(ge=-90, le=90, strict=False)] = 0.0
    zoom: Annotated[float, Field(ge=LEAST_ZOOM, le=MOST_ZOOM, strict=False)] = 1.0


class FisheyePart(Part):
    """``[shop.camera.fisheye]``."""

    mount: Mount
    lens: Lens = "equidistant"
    circle: Annotated[list[_Share], Field(min_length=3, max_length=3)] = [0.5, 0.5, 0.5]
    fov: Annotated[float, Field(ge=LEAST_FOV_DEG, le=MOST_FOV_DEG, strict=False)] = 180.0
    coefficients: Annotated[
        list[Annotated[float, Field(ge=-10, le=10, strict=False)]], Field(max_length=4)
    ] = []
    turned: _Degrees = 0.0
    view: Annotated[list[_Preset], Field(max_length=24)] = []


def checked_fisheye(fisheye: FisheyePart | None, where: str, mistakes: list[BadInput]) -> Fisheye | None:
    """Return the lens a part describes; what cannot be one is added to the mistakes."""
    if fisheye is None:
        return None
    x, y, radius = fisheye.circle
    found = Fisheye(
        fisheye.mount,
        fisheye.lens,
        (x, y),
        radius,
        fisheye.fov,
        tuple(fisheye.coefficients),
        fisheye.turned,
        tuple(Preset(one.id, one.name, Turn(one.pan, one.tilt, one.zoom)) for one in fisheye.view),
    )
    try:
        found.check(where)
    except BadInput as mistake:
        mistakes.append(mistake)
    return found
