"""DEIM and DEIMv2 exports: plain resize, RGB in 0–1, no suppression needed (boxes come in pixels)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from tenban.vision.detectors.picture import in_parts, to_planes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tenban.video.frames import Picture
    from tenban.vision.detection import Detection, Floats
    from tenban.vision.detectors.picture import Shapes

NAME = "DEIM"


def fits(inputs: Shapes, outputs: Shapes) -> bool:
    """Tell whether it takes `images` and `orig_target_sizes` and gives labels, boxes and scores."""
    return set(inputs) == {"images", "orig_target_sizes"} and set(outputs) == {"labels", "boxes", "scores"}


def feed(picture: Picture, inputs: Shapes) -> Mapping[str, NDArray[np.generic]]:
    """Return the picture resized to the model's square, and its own size (width, height)."""
    height, width = (int(side or 0) for side in inputs["images"][2:])
    resized = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
    rgb = cv2.cvtColor(resized, cv2.COLOR_BGR2RGB)
    size = np.array([[picture.shape[1], picture.shape[0]]], dtype=np.int64)
    return {"images": to_planes(rgb) / np.float32(255), "orig_target_sizes": size}


def read(outputs: Mapping[str, Floats], picture: Picture, inputs: Shapes, least: float) -> Detection:  # noqa: ARG001  # a family's signature
    """Return what was found."""
    scores, boxes, labels = outputs["scores"][0], outputs["boxes"][0], outputs["labels"][0]
    sure = scores >= least
    chosen = labels[sure].astype(np.int64)
    return in_parts(boxes[sure], scores[sure], chosen, width=picture.shape[1], height=picture.shape[0])
