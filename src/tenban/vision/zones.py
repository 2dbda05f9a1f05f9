"""Zones as masks on the analysed picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tenban.sites.zone import Zone

Mask: TypeAlias = NDArray[np.uint8]
"""Shape (height, width); 255 inside, 0 outside."""


def rasterise(zone: Zone, *, width: int, height: int) -> Mask:
    """Return a zone's mask for a picture of this size; never empty, however thin the polygon."""
    corners = np.array(zone.polygon, dtype=np.float64) * (width, height)
    mask = np.zeros((height, width), dtype=np.uint8)
    points = np.floor(corners).astype(np.int32)
    points[:, 0] = points[:, 0].clip(0, width - 1)
    points[:, 1] = points[:, 1].clip(0, height - 1)
    cv2.fillPoly(mask, [points], 255)
    return mask
