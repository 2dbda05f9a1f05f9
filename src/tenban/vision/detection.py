"""The currency of vision: what a detector found in one picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]


def _no_floats() -> Floats:
    return np.zeros(0, dtype=np.float32)


def _no_ints() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False, slots=True)
class Detection:
    """N things found in one picture.

    Attributes:
        boxes: shape (N, 4), float32; x0, y0, x1, y1 in 0–1 of the picture.
        scores: shape (N,), float32; 0–1.
        classes: shape (N,), int64; the detector's own numbering, −1 where it has none.
        masks: shape (N, height, width), uint8, 255 inside; or None.
        points: shape (N, K, 3), float32; x, y in 0–1 and score of K key points; or None.

    Raises:
        ValueError: a shape is not as above; the message names expected and actual.
    """

    boxes: Floats = field(default_factory=lambda: np.zeros((0, 4), dtype=np.float32))
    scores: Floats = field(default_factory=_no_floats)
    classes: Ints = field(default_factory=_no_ints)
    masks: NDArray[np.uint8] | None = None
    points: Floats | None = None

    def __post_init__(self) -> None:
        if self.boxes.ndim != 2 or self.boxes.shape[1] != 4:
            raise ValueError(f"boxes: expected shape (N, 4), got {self.boxes.shape}")
        count = len(self.boxes)
        for name, values in (("scores", self.scores), ("classes", self.classes)):
            if values.shape != (count,):
                raise ValueError(f"{name}: expected shape ({count},), got {values.shape}")
        if self.masks is not None and (self.masks.ndim != 3 or len(self.masks) != count):
            raise ValueError(f"masks: expected shape ({count}, height, width), got {self.masks.shape}")
        if self.points is not None and (
            self.points.ndim != 3 or len(self.points) != count or self.points.shape[2] != 3
        ):
            raise ValueError(f"points: expected shape ({count}, K, 3), got {self.points.shape}")

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, chosen: NDArray[np.bool_] | Ints) -> Detection:
        """Return the chosen things, by a boolean mask of shape (N,) or by indices."""
        masks = None if self.masks is None else self.masks[chosen]
        points = None if self.points is None else self.points[chosen]
        return Detection(self.boxes[chosen], self.scores[chosen], self.classes[chosen], masks, points)


def box_iou(one: Floats, other: Floats) -> Floats:
    """Return the overlap of boxes, shape (len(one), len(other)): intersection over union, 0–1."""
    upper = np.maximum(one[:, None, :2], other[None, :, :2])
    lower = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.prod(np.clip(lower - upper, 0, None), axis=2)
    areas = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (one, other)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), dtype=np.float32)
