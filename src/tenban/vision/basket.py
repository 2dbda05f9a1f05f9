"""Whether products remain in the basket zone.

What an empty basket looks like is learnt from the basket itself: where an item was surely taken out, its
bottom shows. Something in it that does not look like that, and is about as large as an item, remains.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.vision.change import find_blobs
from tenban.vision.place import HOLDER_SHARE, Place, Settlement
from tenban.vision.settled import SettledPicture, Small
from tenban.vision.zones import Mask

SURE = -0.5
"""Polarity from which what shows where something went is the bottom."""

_APART = 32.0
"""Grey levels by which something must differ from the bottom in one colour at least."""

_SPOTS = 16
"""How many bared spots are remembered."""

_QUIET_S = 0.4


class BasketState:
    """Follows one basket zone."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._holder: Mask | None = None
        self._bared: list[NDArray[np.bool_]] = []
        self._sizes: list[int] = []
        self._stale = False
        self.remains: bool | None = None

    def note(self, settlements: list[Settlement]) -> None:
        """Take in what changed in the basket."""
        for settlement in settlements:
            blob, change = settlement.change.blob, settlement.change
            if blob.area > HOLDER_SHARE * self._place.area:
                self._bared.clear()
                self._sizes.clear()
                self._holder = None
                if change.verdict != "went":
                    self._holder = np.zeros_like(self._place.mask)
                    blob.paint(self._holder)
                self.remains = None if change.verdict != "went" else False
                continue
            if change.verdict == "went" and change.polarity < SURE:
                mine = np.zeros_like(self._place.mask)
                blob.paint(mine)
                self._sizes.append(blob.area)
                self._bared = [*self._bared[1 - _SPOTS :], cv2.erode(mine, np.ones((3, 3), np.uint8)) > 0]

    def look(self, scene: SettledPicture) -> bool | None:
        """Return whether products remain, once the basket is quiet and enough of its bottom has shown."""
        if self._place.quiet_s < _QUIET_S:
            self._stale = True
            return self.remains
        if not self._stale or not self._bared:
            return self.remains
        self._stale = False
        strange = self._strange(scene.now)
        least = max(self._place.smallest, round(0.3 * min(self._sizes)))
        self.remains = bool(find_blobs(strange, smallest=least))
        return self.remains

    def _strange(self, now: Small) -> Mask:
        """Return where inside the basket the picture does not look like its bottom.

        Where something lay on something else, more than the bottom has shown. So every spot that was bared
        says what the bottom may look like, and the one that most of the inside looks like is believed.
        """
        inside = self._inside() > 0
        within = now[inside].astype(np.int16)
        looks = [np.median(spot, axis=0) for spot in [within, *(now[bared] for bared in self._bared)]]
        alike = [(np.abs(within - look) <= _APART).all(axis=1) for look in looks]
        bottom = within[max(alike, key=np.count_nonzero)]
        off = (np.abs(now.astype(np.int16) - np.median(bottom, axis=0)) > _APART + bottom.std(axis=0)).any(
            axis=2
        )
        strange: Mask = (off & inside).view(np.uint8) * np.uint8(255)
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
