"""Following things from picture to picture.

After ByteTrack (Zhang et al., ECCV 2022): every track is moved on by a constant velocity, sure detections
are matched first, the unsure ones then keep alive what is left, and only sure ones begin new tracks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from tenban.vision.detection import Detection, Floats, box_iou

_FAR = 1e3


@dataclass(slots=True)
class Track:
    """One thing followed over time.

    Attributes:
        number: 1, 2, 3 … in the order in which tracks began.
        box: x0, y0, x1, y1 in 0–1, where it was last seen or is expected.
        velocity: of the box's four sides, in pictures' widths and heights per second.
        seen_s: when it was last seen.
        path: (seconds, box) for each time it was seen.
    """

    number: int
    box: Floats
    seen_s: float
    score: float
    velocity: Floats = field(default_factory=lambda: np.zeros(4, dtype=np.float32))
    path: list[tuple[float, Floats]] = field(default_factory=list)
    hits: int = 1

    def moved_to(self, at_s: float) -> Floats:
        """Return where the box is expected."""
        return self.box + self.velocity * np.float32(min(at_s - self.seen_s, 0.5))

    def update(self, box: Floats, score: float, at_s: float) -> None:
        """Take in where it is now."""
        step_s = max(at_s - self.seen_s, 1e-3)
        weight = np.float32(0.5 if self.hits > 1 else 1.0)
        self.velocity = self.velocity + weight * ((box - self.box) / np.float32(step_s) - self.velocity)
        self.box, self.score, self.seen_s = box, score, at_s
        self.hits += 1
        self.path.append((at_s, box))
        if len(self.path) > 600:
            del self.path[:300]


class Tracker:
    """Gives detections the numbers of tracks.

    Args:
        sure: score from which a detection may begin a track.
        lost_s: how long a track is kept without being seen.
        reach: how far a centre may lie from where it was expected, in widths of the larger box.
    """

    def __init__(self, *, sure: float = 0.5, lost_s: float = 1.0, reach: float = 1.0) -> None:
        self.sure = sure
        self.lost_s = lost_s
        self.reach = reach
        self.tracks: list[Track] = []
        self.ended: list[Track] = []
        self._next = 1

    def update(self, found: Detection, at_s: float) -> list[Track | None]:
        """Match what was found; return the track of each detection, None for an unsure one that fits none."""
        numbers: list[Track | None] = [None] * len(found)
        free = list(self.tracks)
        for chosen in (found.scores >= self.sure, found.scores < self.sure):
            free = self._match(found, np.flatnonzero(chosen), free, numbers, at_s)
        for index in np.flatnonzero(found.scores >= self.sure):
            if numbers[index] is None:
                numbers[index] = self._begin(found.boxes[index], float(found.scores[index]), at_s)
        self.ended = [track for track in self.tracks if at_s - track.seen_s > self.lost_s]
        self.tracks = [track for track in self.tracks if at_s - track.seen_s <= self.lost_s]
        return numbers

    def _begin(self, box: Floats, score: float, at_s: float) -> Track:
        track = Track(self._next, box, at_s, score, path=[(at_s, box)])
        self._next += 1
        self.tracks.append(track)
        return track

    def _match(
        self,
        found: Detection,
        indices: np.ndarray[tuple[int], np.dtype[np.int64]],
        tracks: list[Track],
        numbers: list[Track | None],
        at_s: float,
    ) -> list[Track]:
        if not len(indices) or not tracks:
            return tracks
        boxes = found.boxes[indices]
        expected = np.stack([track.moved_to(at_s) for track in tracks])
        cost = self._cost(expected, boxes)
        rows, columns = linear_sum_assignment(cost)
        taken = set()
        for row, column in zip(rows, columns, strict=True):
            if cost[row, column] >= _FAR:
                continue
            index = int(indices[column])
            tracks[row].update(found.boxes[index], float(found.scores[index]), at_s)
            numbers[index] = tracks[row]
            taken.add(row)
        return [track for row, track in enumerate(tracks) if row not in taken]

    def _cost(self, expected: Floats, boxes: Floats) -> Floats:
        overlap = box_iou(expected, boxes)
        centres = [(group[:, :2] + group[:, 2:]) / 2 for group in (expected, boxes)]
        sizes = [np.max(group[:, 2:] - group[:, :2], axis=1) for group in (expected, boxes)]
        away = np.linalg.norm(centres[0][:, None] - centres[1][None], axis=2)
        away = away / np.maximum(np.maximum(sizes[0][:, None], sizes[1][None]), 1e-3)
        cost = (1.0 - overlap) + 0.5 * away
        cost[(overlap <= 0) & (away > self.reach)] = _FAR
        return np.asarray(cost, dtype=np.float32)
