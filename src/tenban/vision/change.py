"""What a settled change was: something came, something went, or only light or place changed.

The polarity of a change is read off its outline. Where an item came, the picture *now* has a step along
the outline; where one went, the picture *before* had it; where only light changed, neither has a sharp one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.vision.settled import Small
from tenban.vision.zones import Mask

Number = TypeVar("Number", bound=np.generic)

Verdict: TypeAlias = Literal["came", "went", "light", "unclear"]

_MARGIN = 6
SOLID = 0.6
"""Share of its bounding box from which a blob is taken for one thing without a closer look."""

BRIDGE = 0.45
"""Thickness of a bridge, in parts of the thickest spot, up to which it does not hold two parts together."""

WEAK = 1.8
"""A change whose mean hardly exceeds what makes a change at all is light, not a thing."""

FAINT = 1.55
"""The same where the outline is sharp and on one side only, as light never is."""

UNCLEAR = 0.2
"""Polarity below which nobody can tell whether something came or went."""

_REACH = 7
"""Side of the neighbourhood whose mean colour is compared across an outline, in pixels."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A connected region of the analysed picture.

    Attributes:
        x, y, width, height: its bounding box, in pixels of the analysed picture.
        area: its pixels.
        centre: its centroid (x, y).
        mask: shape (height, width), 255 inside.
    """

    x: int
    y: int
    width: int
    height: int
    area: int
    centre: tuple[float, float]
    mask: Mask

    def crop(self, layer: NDArray[Number]) -> NDArray[Number]:
        """Return the part of a layer under the bounding box."""
        return layer[self.y : self.y + self.height, self.x : self.x + self.width]

    def paint(self, layer: Mask) -> None:
        """Set the layer to 255 under the blob."""
        self.crop(layer)[self.mask > 0] = 255

    def share_of(self, layer: Mask) -> float:
        """Return the share of the blob that lies under a mask, 0–1."""
        return cv2.countNonZero(cv2.bitwise_and(self.crop(layer), self.mask)) / self.area


def find_blobs(mask: Mask, *, smallest: int) -> list[Blob]:
    """Return the connected regions of a mask of at least `smallest` pixels, largest first."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    blobs = []
    for label in range(1, count):
        x, y, width, height, area = (int(value) for value in stats[label])
        if area < smallest:
            continue
        own = (labels[y : y + height, x : x + width] == label).view(np.uint8) * np.uint8(255)
        blobs.append(
            Blob(x, y, width, height, area, (float(centres[label][0]), float(centres[label][1])), own)
        )
    return sorted(blobs, key=lambda blob: -blob.area)


def parts_of(blob: Blob) -> list[Blob]:
    """Cut a blob where thin bridges only hold it together, as two changes that hardly touch are."""
    if blob.area > SOLID * blob.width * blob.height:
        return [blob]
    padded = cv2.copyMakeBorder(blob.mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)
    cores = (depth > BRIDGE * float(depth.max())).view(np.uint8) * np.uint8(255)
    count, labels = cv2.connectedComponents(cores, connectivity=8)
    if count <= 2:
        return [blob]
    _, nearest = cv2.distanceTransformWithLabels(
        cv2.bitwise_not(cores), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_CCOMP
    )
    parts = []
    for label in range(1, count):
        own = nearest == nearest[labels == label][0]
        mask = ((own & (padded > 0))[1:-1, 1:-1]).astype(np.uint8) * np.uint8(255)
        for part in find_blobs(mask, smallest=8):
            centre = (part.centre[0] + blob.x, part.centre[1] + blob.y)
            parts.append(
                Blob(part.x + blob.x, part.y + blob.y, part.width, part.height, part.area, centre, part.mask)
            )
    return parts


@dataclass(frozen=True, slots=True)
class Change:
    """A settled change and what it was.

    Attributes:
        blob: where.
        verdict: what.
        polarity: −1 (surely went) to 1 (surely came).
        step: how sharp its outline is, in grey levels.
        depth: by how much the picture changed inside, in grey levels.
        colours: normalised histogram of what came (now) or went (before), for comparing.
    """

    blob: Blob
    verdict: Verdict
    polarity: float
    step: float
    depth: float
    colours: NDArray[Any]


def judge(blob: Blob, before: Small, now: Small, *, levels: float) -> Change:
    """Say what happened where a blob of settled change lies.

    Args:
        blob: where.
        before: the picture that was agreed on.
        now: the picture at rest now.
        levels: the difference from which a pixel counts as changed, in grey levels.
    """
    height, width = before.shape[:2]
    x0, y0 = max(blob.x - _MARGIN, 0), max(blob.y - _MARGIN, 0)
    x1, y1 = min(blob.x + blob.width + _MARGIN, width), min(blob.y + blob.height + _MARGIN, height)
    old, new = before[y0:y1, x0:x1], now[y0:y1, x0:x1]
    inside: Mask = np.zeros(old.shape[:2], dtype=np.uint8)
    inside[blob.y - y0 :, blob.x - x0 :][: blob.height, : blob.width] = blob.mask
    inside = cv2.morphologyEx(inside, cv2.MORPH_CLOSE, _KERNEL)
    outside = cv2.bitwise_not(inside)
    band = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, _KERNEL)
    step_old = _step_across(old, inside, outside, band)
    step_new = _step_across(new, inside, outside, band)
    depth = float(cv2.absdiff(old, new).max(axis=2)[inside > 0].mean())
    polarity = (step_new - step_old) / max(step_new + step_old, 1.0)
    step = max(step_new, step_old)
    verdict: Verdict
    sharp = step >= 0.6 * depth and abs(polarity) >= 0.75
    if depth < (FAINT if sharp else WEAK) * levels or step < 0.35 * depth:
        verdict = "light"
    elif abs(polarity) < UNCLEAR:
        verdict = "unclear"
    else:
        verdict = "came" if polarity > 0 else "went"
    shown = new if polarity > 0 else old
    return Change(blob, verdict, polarity, step, depth, _colours(shown, inside))


_KERNEL = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))


def _step_across(picture: Small, inside: Mask, outside: Mask, band: Mask) -> float:
    """Return the mean difference between the colours just inside and just outside an outline."""
    within, beyond = _local_mean(picture, inside), _local_mean(picture, outside)
    step = np.abs(within - beyond).max(axis=2)
    return float(step[band > 0].mean())


def _local_mean(picture: Small, mask: Mask) -> NDArray[Any]:
    weight = (mask > 0).astype(np.float32)
    total = cv2.boxFilter(picture * weight[:, :, None], cv2.CV_32F, (_REACH, _REACH), normalize=False)
    count = cv2.boxFilter(weight, cv2.CV_32F, (_REACH, _REACH), normalize=False)
    return total / np.maximum(count, 1.0)[:, :, None]


def _colours(picture: Small, mask: Mask) -> NDArray[Any]:
    histogram = cv2.calcHist([picture], [0, 1, 2], mask, [6, 6, 6], [0, 256, 0, 256, 0, 256])
    histogram = cv2.GaussianBlur(histogram.reshape(6, 36), (3, 1), 0).reshape(-1)
    return histogram / max(float(histogram.sum()), 1.0)


def alike(one: Change, other: Change) -> float:
    """Return how alike what came is to what went, 0–1: colours in common, and sizes."""
    sizes = min(one.blob.area, other.blob.area) / max(one.blob.area, other.blob.area)
    return float(np.minimum(one.colours, other.colours).sum()) * min(1.0, 1.5 * sizes)
