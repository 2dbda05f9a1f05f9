"""Things that move by themselves, as on a belt: they never rest, so their path must say where they went.

A hand does not look like that: it reaches in from the picture's edge or from a body, it changes its
shape and its speed, and it goes back. Something on a belt is free on all sides, keeps its size, and moves
along a straight line at a steady pace.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenban.vision.detection import Floats
from tenban.vision.track import Track
from tenban.vision.zones import Mask

LEAST_S = 0.4
"""For how long something must be seen free on all sides."""

LEAST_SEEN = 4
"""In how many pictures."""

WOBBLE = 0.035
"""How far it may stray from a straight and steady path, in parts of the way it went."""

RESIZE = 0.2
"""By how much its width and height may spread (median deviation), in parts of their median."""

WAY = 1.0
"""How far it must have gone, in parts of its own length."""

FAR = 0.25
"""And in parts of the picture."""

STILL = 0.1
"""What went less than this part of the picture, since it was seen whole, is not moving by itself."""

LONG_S = 1.2
"""How long it must move evenly where nobody saw it come into the picture: a hand may have set it down."""

HALF_SEEN_S = 0.5
"""The same where the empty picture was not known yet when it may have come in."""

EARLY = 0.4
"""The first part of its free path that is left out: it may still have been in pieces."""

_EDGE = 0.012
"""Closer than this to the picture's edge counts as touching it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that moved into a zone by itself.

    Attributes:
        track: its number.
        started_s: when it was first seen.
        at_s: when its centre entered the zone.
        box: where it was then.
        first_box: where it was first seen.
        steadiness: 0–1; 1 for a perfectly straight and steady path.
    """

    track: int
    started_s: float
    at_s: float
    box: Floats
    first_box: Floats
    steadiness: float


def passage_into(track: Track, mask: Mask, *, known_from_s: float, ending: bool) -> Passage | None:
    """Return the passage of a track into a zone, or None where its path does not say so (yet).

    Args:
        track: what was followed.
        mask: the zone.
        known_from_s: when the empty picture became known; what is seen for the first time then may have
            come into the picture before.
        ending: there are no more pictures; being inside suffices.
    """
    gone = float(np.linalg.norm(_centre(track.path[-1][1]) - _centre(track.path[0][1])))
    # Asked first, since it costs next to nothing and most of what moves fails at it.
    if gone < FAR or not holds(mask, track.path[-1][1]) or holds(mask, track.path[0][1]):
        return None
    times, boxes = _free_part(track)
    if len(times) < LEAST_SEEN or times[-1] - times[0] < LEAST_S:
        return None
    late = times >= times[0] + EARLY * (times[-1] - times[0])
    times, boxes = times[late], boxes[late]
    wobble, pace = _fit(times, boxes)
    sizes = boxes[:, 2:] - boxes[:, :2]
    usual = np.median(sizes, axis=0)
    spread = float((np.median(np.abs(sizes - usual), axis=0) / np.maximum(usual, 1e-6)).max())
    speed = float(np.linalg.norm(pace))
    way = speed * float(times[-1] - times[0])
    length = float(np.abs(pace / max(speed, 1e-9)) @ usual)
    if way < STILL or wobble > WOBBLE * way or spread > RESIZE or gone < WAY * length:
        return None
    if times[-1] - times[0] < _needed_s(track, pace, known_from_s):
        return None
    index, deep = _entered(track, mask)
    if not ending and deep < 0.5 * length:
        return None
    at_s, box = track.path[index]
    steadiness = 1.0 - wobble / (WOBBLE * way)
    return Passage(track.number, track.path[0][0], at_s, box, track.path[0][1], steadiness)


def _free_part(track: Track) -> tuple[Floats, Floats]:
    """Return times and boxes of where the track touched no edge of the picture; shapes (N,), (N, 4)."""
    free = [(at_s, box) for at_s, box in track.path if not _touches_edge(box)]
    times = np.array([at_s for at_s, _ in free], dtype=np.float64)
    boxes = np.array([box for _, box in free], dtype=np.float32).reshape(-1, 4)
    return times, boxes  # type: ignore[return-value]  # times need doubles: instants of today


def _needed_s(track: Track, pace: Floats, known_from_s: float) -> float:
    """Return for how long a track must have moved evenly, by how it came into the picture.

    Where pictures are few, something fast has left the edge behind before it is first seen.
    """
    began_s, box = track.path[0]
    step_s = track.path[1][0] - began_s
    if _touches_edge(box) or _touches_edge(box - np.tile(pace, 2) * np.float32(step_s)):
        return 0.0
    return HALF_SEEN_S if began_s <= known_from_s else LONG_S


def _touches_edge(box: Floats) -> bool:
    return bool(box.min() <= _EDGE or box.max() >= 1 - _EDGE)


def _fit(times: Floats, boxes: Floats) -> tuple[float, Floats]:
    """Return how far a box strays from an even motion, and its pace per second.

    Of its two corners the steadier one is taken: a shadow or a bad outline spoils one side at a time.
    """
    moments = times - times.mean()
    spread = max(float(moments @ moments), 1e-9)
    best: tuple[float, Floats] | None = None
    for corner in (boxes[:, :2], boxes[:, 2:]):
        middle = corner.mean(axis=0)
        pace = np.asarray(moments @ (corner - middle) / spread, dtype=np.float32)
        strayed = corner - middle - moments[:, None] * pace
        wobble = float(np.sqrt((strayed**2).sum(axis=1).mean()))
        if best is None or wobble < best[0]:
            best = (wobble, pace)
    assert best is not None  # noqa: S101  # two corners were tried
    return best


def _centre(box: Floats) -> Floats:
    return np.asarray((box[:2] + box[2:]) / 2, dtype=np.float32)


def _entered(track: Track, mask: Mask) -> tuple[int, float]:
    """Return at which picture the centre went into the zone for good, and how far it has gone since.

    The track began outside of it and is inside now.
    """
    inside = [holds(mask, box) for _, box in track.path]
    index = len(inside) - inside[::-1].index(False)
    first, last = track.path[index][1], track.path[-1][1]
    return index, float(np.linalg.norm(_centre(last) - _centre(first)))


def holds(mask: Mask, box: Floats) -> bool:
    """Tell whether a box's centre lies in a zone."""
    height, width = mask.shape
    x = min(int((box[0] + box[2]) / 2 * width), width - 1)
    y = min(int((box[1] + box[3]) / 2 * height), height - 1)
    return bool(mask[y, x])
