"""Heads of people a detector finds, as what is to be blurred: in one picture, and throughout a clip.

A detector of whole people is enough: the head is the upper part of the box, more of it where only the upper
body is in the picture. In a clip nobody is uncovered for a picture in which they were missed: what lies
between two sightings is filled in, and each sighting holds for a while before and after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tenban.base.clock import SECOND
from tenban.base.errors import BadInput
from tenban.video.frames import Picture, read_frames
from tenban.vision.detection import Detection, Floats
from tenban.vision.detectors import load_detector
from tenban.vision.track import Tracker

if TYPE_CHECKING:
    from tenban.vision.presence import PeopleDetector

Box: TypeAlias = tuple[float, float, float, float]
Polygon: TypeAlias = tuple[tuple[float, float], ...]

LEAST_SCORE = 0.2
"""Lower than for counting: one blurred thing too many costs less than one face too few."""
SURE_SCORE = 0.35
HEAD_OF_HEIGHT = 0.35
"""Of a standing person's box: head and shoulders."""
HEAD_OF_WIDTH = 0.7
"""Of the width, where the box is cut off below: somebody behind a counter, or close to the camera."""
BESIDE = 0.1
ABOVE = 0.06
HOLD_S = 0.5
"""How long a sighting holds before and after it."""
FILL_S = 2.0
"""Between two sightings of one person up to this far apart, they are taken to be on the line between."""
STEP_S = 0.06
"""Pictures that follow faster than this are not looked at; what lies between is filled in."""


def load_people_detector(text: str) -> PeopleDetector:
    """Return the detector that a configuration names (``onnx:…``); loaded once per process.

    Raises:
        BadInput: it names none that finds people, or it cannot be loaded.
        Unavailable: it cannot be downloaded.
    """
    return _loaded(text)


@lru_cache(maxsize=4)
def _loaded(text: str) -> PeopleDetector:
    detector = load_detector(text, least=LEAST_SCORE)
    if detector is None:
        raise BadInput("masking model", expected="onnx:PATH or onnx:URL#sha256=HEX", came=text)
    return detector


def heads(picture: Picture, detector: PeopleDetector) -> list[Polygon]:
    """Return where heads are in a BGR picture, as polygons in 0–1 of it."""
    return [_polygon(_head(box, picture)) for box in detector.people(picture).boxes]


@dataclass(slots=True)
class Sightings:
    """Who was seen where in the pictures of a clip, in the order they are shown."""

    _times: list[float] = field(default_factory=list)
    _tracks: dict[int, list[tuple[float, Floats]]] = field(default_factory=dict)
    _tracker: Tracker = field(default_factory=lambda: Tracker(sure=SURE_SCORE, lost_s=FILL_S))
    _lone: int = 0

    def add(self, at_s: float, found: Detection | None) -> None:
        """Take in the next picture: when it is shown, and whose heads were found; None: not looked at."""
        self._times.append(at_s)
        if found is None:
            return
        for box, track in zip(found.boxes, self._tracker.update(found, at_s), strict=True):
            self._lone -= track is None
            number = self._lone if track is None else track.number
            self._tracks.setdefault(number, []).append((at_s, box))

    def covered(self) -> list[list[Polygon]]:
        """Return what is to be blurred in each picture."""
        covers: list[list[Polygon]] = [[] for _ in self._times]
        times = np.array(self._times)
        for seen in self._tracks.values():
            at = np.array([one for one, _ in seen])
            boxes = np.stack([box for _, box in seen])
            first = int(np.searchsorted(times, at[0] - HOLD_S))
            last = int(np.searchsorted(times, at[-1] + HOLD_S, side="right"))
            for place in range(first, last):
                # Before the first and after the last sighting, numpy.interp holds the end's value.
                box = [float(np.interp(times[place], at, boxes[:, side])) for side in range(4)]
                covers[place].append(_polygon((box[0], box[1], box[2], box[3])))
        return covers


def follow_heads(
    clip: Path, detector: PeopleDetector, told: Callable[[float], None] = lambda _at_s: None
) -> list[list[Polygon]]:
    """Look through a clip; return what is to be blurred in each of its pictures.

    Args:
        clip: the video.
        detector: finds people.
        told: how many seconds of it are done.

    Raises:
        BadInput: it is no video.
    """
    sightings = Sightings()
    looked_s = float("-inf")
    for frame in read_frames(clip):
        at_s = frame.captured_at / SECOND
        if at_s - looked_s < STEP_S:
            sightings.add(at_s, None)
            continue
        looked_s = at_s
        picture = frame.bgr()
        found = detector.people(picture)
        boxes = [_head(box, picture) for box in found.boxes]
        array = np.array(boxes, dtype=np.float32).reshape(-1, 4)
        sightings.add(at_s, Detection(array, found.scores, found.classes))
        told(at_s)
    return sightings.covered()


def _head(box: Iterable[float], picture: Picture) -> Box:
    """Return the part of a person's box with the head, in 0–1 of the picture."""
    x0, y0, x1, y1 = (float(side) for side in box)
    tall = picture.shape[0] / picture.shape[1]
    width, height = x1 - x0, y1 - y0
    part = min(height, max(HEAD_OF_HEIGHT * height, HEAD_OF_WIDTH * width / tall))
    return (
        max(0.0, x0 - BESIDE * width),
        max(0.0, y0 - ABOVE * height),
        min(1.0, x1 + BESIDE * width),
        min(1.0, y0 + part),
    )


def _polygon(box: Sequence[float]) -> Polygon:
    x0, y0, x1, y1 = box
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
