"""YOLOX exports: letterbox with 114, BGR in 0–255, boxes decoded from the grid of strides 8, 16, 32.

Ge et al., YOLOX: Exceeding YOLO Series in 2021, section 2.1 (anchor-free decoding).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenban.vision.detectors.picture import best_boxes, letterbox, to_planes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tenban.video.frames import Picture
    from tenban.vision.detection import Detection, Floats
    from tenban.vision.detectors.picture import Shapes

NAME = "YOLOX"

STRIDES = (8, 16, 32)


def fits(inputs: Shapes, outputs: Shapes) -> bool:
    """Tell whether it has one input and one output of 4 sides, objectness and classes per grid cell."""
    if len(inputs) != 1 or len(outputs) != 1:
        return False
    given, answer = next(iter(inputs.values())), next(iter(outputs.values()))
    if len(given) != 4 or len(answer) != 3 or not all(isinstance(n, int) for n in [*given[2:], *answer[1:]]):
        return False
    return answer[1] == len(grid(int(given[3] or 0), int(given[2] or 0))[0]) and int(answer[2] or 0) > 5


def grid(width: int, height: int) -> tuple[Floats, Floats]:
    """Return the cells' corners (x, y), in cells, and their strides, in pixels; shapes (N, 2) and (N, 1)."""
    cells, strides = [], []
    for stride in STRIDES:
        ys, xs = np.mgrid[0 : height // stride, 0 : width // stride]
        cells.append(np.stack([xs, ys], axis=2).reshape(-1, 2))
        strides.append(np.full((cells[-1].shape[0], 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def feed(picture: Picture, inputs: Shapes) -> Mapping[str, NDArray[np.generic]]:
    """Return the letterboxed picture."""
    name, shape = next(iter(inputs.items()))
    canvas, _ = letterbox(picture, int(shape[3] or 0), int(shape[2] or 0))
    return {name: to_planes(canvas)}


def read(outputs: Mapping[str, Floats], picture: Picture, inputs: Shapes, least: float) -> Detection:
    """Return what was found."""
    shape = next(iter(inputs.values()))
    size = (int(shape[3] or 0), int(shape[2] or 0))
    scale = min(size[0] / picture.shape[1], size[1] / picture.shape[0])
    boxes, scores, classes = decode(next(iter(outputs.values()))[0], *size)
    sure = scores >= least
    height, width = picture.shape[:2]
    return best_boxes(boxes[sure] / scale, scores[sure], classes[sure], width=width, height=height)


def decode(answer: Floats, width: int, height: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return boxes x0, y0, x1, y1 in the model's pixels, scores and classes of every cell.

    Args:
        answer: shape (N, 5 + classes): offset x, y, log width, log height, objectness, class scores.
        width: of the model's input.
        height: of the model's input.
    """
    cells, strides = grid(width, height)
    centres = (answer[:, :2] + cells) * strides
    halves = np.exp(answer[:, 2:4].clip(max=12)) * strides / 2
    boxes = np.concatenate([centres - halves, centres + halves], axis=1)
    classes = answer[:, 5:].argmax(axis=1)
    scores = answer[:, 4] * answer[np.arange(len(answer)), 5 + classes]
    return boxes.astype(np.float32), scores.astype(np.float32), classes.astype(np.int64)
