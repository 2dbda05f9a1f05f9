"""NanoDet-Plus exports: plain resize, BGR normalised, sides as distributions (Generalized Focal Loss).

Li et al., Generalized Focal Loss, NeurIPS 2020, equation 5: a side is the expectation of a distribution
over 0 … M strides. One output of shape (1, N, classes + 4 · (M + 1)), strides 8, 16, 32 and 64.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import cv2
import numpy as np

from tenban.vision.detectors.picture import best_boxes, to_planes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tenban.video.frames import Picture
    from tenban.vision.detection import Detection, Floats
    from tenban.vision.detectors.picture import Shapes

NAME = "NanoDet"

STRIDES = (8, 16, 32, 64)
CLASSES = 80

_MEAN = np.array([103.53, 116.28, 123.675], dtype=np.float32)
_SPREAD = np.array([57.375, 57.12, 58.395], dtype=np.float32)


def fits(inputs: Shapes, outputs: Shapes) -> bool:
    """Tell whether it has one input and one output of 80 classes and four distributions per cell."""
    if len(inputs) != 1 or len(outputs) != 1:
        return False
    given, answer = next(iter(inputs.values())), next(iter(outputs.values()))
    if len(given) != 4 or len(answer) != 3 or not all(isinstance(n, int) for n in [*given[2:], *answer[1:]]):
        return False
    bins = int(answer[2] or 0) - CLASSES
    return bins >= 8 and bins % 4 == 0 and answer[1] == len(grid(int(given[3] or 0), int(given[2] or 0))[0])


def grid(width: int, height: int) -> tuple[Floats, Floats]:
    """Return the cells' corners (x, y) and strides, in pixels; shapes (N, 2) and (N, 1)."""
    cells, strides = [], []
    for stride in STRIDES:
        ys, xs = np.mgrid[0 : ceil(height / stride), 0 : ceil(width / stride)]
        cells.append(np.stack([xs, ys], axis=2).reshape(-1, 2) * stride)
        strides.append(np.full((cells[-1].shape[0], 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def feed(picture: Picture, inputs: Shapes) -> Mapping[str, NDArray[np.generic]]:
    """Return the picture resized and normalised."""
    name, shape = next(iter(inputs.items()))
    size = (int(shape[3] or 0), int(shape[2] or 0))
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return {name: to_planes((resized - _MEAN) / _SPREAD)}


def read(outputs: Mapping[str, Floats], picture: Picture, inputs: Shapes, least: float) -> Detection:
    """Return what was found."""
    shape = next(iter(inputs.values()))
    size = (int(shape[3] or 0), int(shape[2] or 0))
    boxes, scores, classes = decode(next(iter(outputs.values()))[0], *size)
    sure = scores >= least
    height, width = picture.shape[:2]
    zoom = np.array([width / size[0], height / size[1]] * 2, dtype=np.float32)
    return best_boxes(boxes[sure] * zoom, scores[sure], classes[sure], width=width, height=height)


def decode(answer: Floats, width: int, height: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return boxes x0, y0, x1, y1 in the model's pixels, scores and classes of every cell.

    Args:
        answer: shape (N, 80 + 4 · (M + 1)): class scores, then distributions of left, top, right, bottom.
        width: of the model's input.
        height: of the model's input.
    """
    cells, strides = grid(width, height)
    logits = answer[:, CLASSES:].reshape(len(answer), 4, -1)
    likely = np.exp(logits - logits.max(axis=2, keepdims=True))
    likely = likely / likely.sum(axis=2, keepdims=True)
    sides = likely @ np.arange(logits.shape[2], dtype=np.float32) * strides
    boxes = np.concatenate([cells - sides[:, :2], cells + sides[:, 2:]], axis=1)
    classes = answer[:, :CLASSES].argmax(axis=1)
    scores = answer[np.arange(len(answer)), classes]
    return boxes.astype(np.float32), scores.astype(np.float32), classes.astype(np.int64)
