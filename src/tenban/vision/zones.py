"""Zones files, and zones as masks on the analysed picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.base.errors import BadInput
from tenban.sites.zone import Zone

if TYPE_CHECKING:
    from pathlib import Path

Mask: TypeAlias = NDArray[Any]
"""Shape (height, width), uint8; 255 inside, 0 outside. (Typed loosely, as OpenCV types its answers.)"""


def read_zones(path: Path) -> list[Zone]:
    """Read a zones file: ``{"zones": [{"role": "bagging", "polygon": [[x, y], …]}]}``, x and y in 0–1.

    Raises:
        BadInput: there is no such file, it is no JSON, or a zone in it is not as it must be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(str(path), expected="a zones file (JSON, UTF-8)", came=error) from error
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BadInput(str(path), expected="JSON", came=error) from error
    return parse_zones(data, where=str(path))


def parse_zones(data: Any, *, where: str) -> list[Zone]:
    """Return the zones that decoded JSON describes.

    Args:
        data: ``{"zones": [...]}``.
        where: the file or key, for the error's sentence.

    Raises:
        BadInput: naming the zone and what came instead.
    """
    entries = data.get("zones") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not entries:
        raise BadInput(where, expected='{"zones": [...]} with at least one zone', came=repr(data)[:80])
    zones = []
    for number, entry in enumerate(entries):
        place = f"{where}: zones[{number}]"
        if not isinstance(entry, dict):
            raise BadInput(place, expected='{"role": …, "polygon": [[x, y], …]}', came=repr(entry)[:80])
        zones.append(Zone.checked(entry.get("role"), entry.get("polygon"), where=place))
    return zones


def rasterise(zone: Zone, *, width: int, height: int) -> Mask:
    """Return a zone's mask for a picture of this size; never empty, however thin the polygon."""
    corners = np.array(zone.polygon, dtype=np.float64) * (width, height)
    points = np.floor(corners).astype(np.int32)
    points[:, 0] = points[:, 0].clip(0, width - 1)
    points[:, 1] = points[:, 1].clip(0, height - 1)
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(mask, [points], 255)
    return mask
