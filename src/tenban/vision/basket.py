"""Whether products remain in the basket zone.

What an empty basket looks like is learnt from the basket itself: where an item was surely taken out, its
bottom shows. Something in it that does not look like that, and is about as large as an item, remains.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.vision.change import find_blobs
from tenban.vision.ledger import HOLDER_SHARE
from tenban.vision.place import Place, Settlement
from tenban.vision.settled import SettledPicture, Small
from tenban.vision.zones import Mask

SURE = -0.5
"""Polarity from which what shows where something went is the bottom."""

_BINS = [8, 8, 8]
_RANGES = [0, 256, 0, 256, 0, 256]
_RARE = 0.04
"""Colours seen this rarely on the bottom, in parts of its most common one, are not the bottom's."""

_QUIET_S = 0.4


class BasketState:
    """Follows one basket zone."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._holder: Mask | None = None
        self._bare = np.zeros_like(place.mask)
        self._sizes: list[int] = []
        self._stale = False
        self.remains: bool | None = None

    def note(self, settlements: list[Settlement]) -> None:
        """Take in what changed in the basket."""
        for settlement in settlements:
            blob, change = settlement.change.blob, settlement.change
            if blob.area > 2 * HOLDER_SHARE * self._place.area:
                self._bare[:] = 0
                self._sizes.clear()
                self._holder = None
                if change.verdict != "went":
                    self._holder = np.zeros_like(self._place.mask)
                    blob.paint(self._holder)
                self.remains = None if change.verdict != "went" else False
                continue
            mine = np.zeros_like(self._bare)
            blob.paint(mine)
            if change.verdict == "went" and change.polarity < SURE:
                self._sizes.append(blob.area)
                self._bare |= np.asarray(cv2.erode(mine, np.ones((3, 3), np.uint8)), dtype=np.uint8)
            else:
                self._bare &= np.asarray(cv2.bitwise_not(mine), dtype=np.uint8)

    def look(self, scene: SettledPicture) -> bool | None:
        """Return whether products remain, once the basket is quiet and enough of its bottom has shown."""
        if self._place.quiet_s < _QUIET_S:
            self._stale = True
            return self.remains
        if not self._stale or cv2.countNonZero(self._bare) < 20 or not self._sizes:
            return self.remains
        self._stale = False
        strange = self._strange(scene.now)
        least = max(self._place.smallest, round(0.4 * float(np.median(self._sizes))))
        self.remains = bool(find_blobs(strange, smallest=least))
        return self.remains

    def _strange(self, now: Small) -> Mask:
        """Return where inside the basket the picture does not look like its bottom."""
        bottom: NDArray[Any] = cv2.calcHist([now], [0, 1, 2], self._bare, _BINS, _RANGES)
        for axis in range(3):
            bottom = np.asarray(_spread(bottom, axis), dtype=np.float32)
        likely = bottom / max(float(bottom.max()), 1e-6)
        bins = (now >> 5).astype(np.int64)
        rare = likely[bins[..., 0], bins[..., 1], bins[..., 2]] < _RARE
        inside = self._inside() > 0
        strange: Mask = (rare & inside).view(np.uint8) * np.uint8(255)
        strange = cv2.morphologyEx(strange, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        return np.asarray(
            cv2.morphologyEx(strange, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), dtype=np.uint8
        )

    def _inside(self) -> Mask:
        """Return the basket's inside: well within its outline, or the zone's where it stood there before."""
        points = cv2.findNonZero(self._place.mask if self._holder is None else self._holder)
        hull = np.zeros_like(self._place.mask)
        cv2.fillConvexPoly(hull, cv2.convexHull(points), 255)
        _, _, width, height = cv2.boundingRect(hull)
        rim = max(3, round(0.16 * min(width, height)))
        framed = cv2.copyMakeBorder(hull, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
        return np.asarray(
            cv2.erode(framed, np.ones((2 * rim + 1,) * 2, np.uint8))[1:-1, 1:-1], dtype=np.uint8
        )


def _spread(histogram: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Let each colour speak for its neighbours: light and noise move it by less than a bin."""
    padded = np.pad(histogram, [(1, 1) if a == axis else (0, 0) for a in range(3)])
    size = histogram.shape[axis]
    parts = [np.take(padded, range(start, start + size), axis=axis) for start in range(3)]
    return np.asarray(0.25 * parts[0] + 0.5 * parts[1] + 0.25 * parts[2], dtype=np.float32)
