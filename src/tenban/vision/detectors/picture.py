"""What the families share: scaling a picture into a model, and boxes out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from tenban.vision.detection import Detection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenban.video.frames import Picture
    from tenban.vision.detection import Floats, Ints

Shapes = dict[str, list[int | str | None]]
"""A model's inputs or outputs by name; a side is None or a word where it is free."""

OVERLAP = 0.5
"""Overlap above which the weaker of two boxes of one class is dropped."""


def letterbox(picture: Picture, width: int, height: int) -> tuple[Picture, float]:
    """Scale into a grey canvas's upper left corner, keeping proportions; return it and the scale."""
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    canvas = np.full((height, width, 3), 114, dtype=np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    return canvas, scale


def to_planes(picture: NDArray[np.generic]) -> Floats:
    """Return (height, width, 3) as float32 of shape (1, 3, height, width)."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32)


def best_boxes(boxes: Floats, scores: Floats, classes: Ints, *, width: int, height: int) -> Detection:
    """Return the boxes (in pixels) that no stronger one of their class covers, in 0–1 of the picture."""
    corner_and_size = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxesBatched(corner_and_size.tolist(), scores.tolist(), classes.tolist(), 0.0, OVERLAP)
    order = np.asarray(kept, dtype=np.int64).reshape(-1)
    return in_parts(boxes[order], scores[order], classes[order], width=width, height=height)


def in_parts(boxes: Floats, scores: Floats, classes: Ints, *, width: int, height: int) -> Detection:
    """Return boxes in pixels as a detection in 0–1 of the picture."""
    parts = boxes / np.array([width, height, width, height], dtype=np.float32)
    return Detection(
        np.asarray(parts.clip(0, 1), dtype=np.float32),
        np.asarray(scores, dtype=np.float32),
        np.asarray(classes, dtype=np.int64),
    )
