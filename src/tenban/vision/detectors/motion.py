"""The built-in detector: whatever moves, or is not what was there before. Needs no weights.

It does not care what a product is, because products change every day.
"""

from __future__ import annotations

import cv2
import numpy as np

from tenban.vision.change import Blob, find_blobs
from tenban.vision.detection import Detection
from tenban.vision.settled import SettledPicture
from tenban.vision.zones import Mask

_SMALL = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
_LARGE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))


class MotionDetector:
    """Finds moving regions on a settled picture.

    Args:
        smallest: share of the picture below which a region is noise.
    """

    def __init__(self, *, smallest: float = 0.001) -> None:
        self.smallest = smallest
        self.blobs: list[Blob] = []

    def active(self, settled: SettledPicture) -> Mask:
        """Return where something is going on: moving, or changed and not settled yet."""
        restless: Mask = settled.moving | (settled.foreign & ~settled.settled)
        return np.asarray(cv2.morphologyEx(restless, cv2.MORPH_OPEN, _SMALL), dtype=np.uint8)

    def detect(self, settled: SettledPicture, active: Mask) -> Detection:
        """Return one box per moving region; the blobs themselves are left in `blobs`, in the same order.

        Args:
            settled: the picture.
            active: where something is going on, as `active` says.
        """
        mask = cv2.morphologyEx(settled.foreign, cv2.MORPH_OPEN, _SMALL)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _LARGE)
        height, width = mask.shape
        found = find_blobs(mask, smallest=max(12, round(self.smallest * width * height)))
        self.blobs = [blob for blob in found if blob.share_of(active) > 0.1]
        corners = [(blob.x, blob.y, blob.x + blob.width, blob.y + blob.height) for blob in self.blobs]
        boxes = np.array(corners, dtype=np.float32).reshape(-1, 4)
        boxes /= np.array([width, height, width, height], dtype=np.float32)
        count = len(self.blobs)
        return Detection(boxes, np.ones(count, dtype=np.float32), np.full(count, -1, dtype=np.int64))
