"""A camera that shakes: each picture is put back to where the counter was.

How far a picture is off is one displacement for all of it, found by least squares against a slow average of
the pictures before (Lucas and Kanade 1981; the gradients are those of the average, as in the inverse
compositional form of Baker and Matthews 2004). The blocks of the picture vote: each proposes a displacement,
the one that explains most of them is refined, and blocks it does not explain are hands and people and weigh
nothing. A picture is only moved where that explains what differs; a camera that stands still gives the very
pictures it took.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.vision.settled import Small

Layer = NDArray[Any]
"""One value a pixel, float32, shape (height, width), of a picture of half the width."""

MOST = 12.0
"""A displacement larger than this, in pixels of the analysed picture, is another view and no shake."""

_HALF = 2
_COARSE = 9  # shades wider than this, in pixels of the half width, are light and no edges
_EDGE = 3
_FOLLOW = 0.05
_LEAST = 0.12  # of a pixel: less hides no change, and moving blurs a little
_BLOCKS = (16, 9)
_TELLING = 1.0  # mean squared gradient of a block that tells of a direction, in grey levels a pixel
_LEAST_TELLING = 24  # blocks: fewer are goods on a belt, and not the counter
_STRONG = 20.0  # mean squared gradient of a block with strong edges
_QUIET, _GRAIN = 0.01, 1.0  # mean squared difference of one that stands: a tenth of a pixel, and noise
_STANDING = 0.3  # of the blocks with strong edges
_LEARN_EVERY = 8  # pictures that were looked at
_LOOK_EVERY = 4  # pictures of a camera that is not known to shake
_SOMEBODY = 40.0  # mean squared grey levels left in a block that is not explained by a shake
_EASE = 0.3  # squared grey levels a pixel: blocks without edges propose to stay
_SURELY = 0.5  # what a displacement leaves unexplained, of what differs, where it shows that a camera shakes
_EXPLAINED = 0.85  # the same for a camera that is known to shake
_BELIEVED = 60  # pictures for which a camera that shook is known to
_ROUNDS = 5
_ENOUGH = 0.01
_NOWHERE = (0.0, 0.0)


class _Known(NamedTuple):
    """What a displacement is measured against: edges, how they change a step on, and the blocks' form."""

    edges: Layer
    right: Layer
    down: Layer
    form: Layer


class _Found(NamedTuple):
    """A displacement, in pixels of the half width, and the share of what differs it leaves over."""

    off: tuple[float, float]
    left: float


_NOTHING = _Found(_NOWHERE, 1.0)


class Steady:
    """Puts the pictures of one camera back to one place."""

    def __init__(self) -> None:
        self.shift = _NOWHERE
        """How far the latest picture was off, in pixels to the right and down."""
        self._average: Layer | None = None
        self._known: _Known | None = None
        self._age = 0
        self._sure = 0
        self._rest = 0

    def put_back(self, picture: Small) -> Small:
        """Return the picture where it would be had the camera not moved; the very same where it had not."""
        if self._rest:
            self._rest -= 1
            return picture
        height, width = picture.shape[:2]
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        half = cv2.resize(grey, (width // _HALF, height // _HALF), interpolation=cv2.INTER_AREA)
        seen = half.astype(np.float32)
        if self._average is None or self._average.shape != seen.shape:
            self._average, self._known = seen, None
            return picture
        if self._known is None or self._age >= _LEARN_EVERY:
            self._known, self._age = _known(self._average), 0
        self._age += 1
        light = np.median((seen[::4, ::4] + 1.0) / (self._average[::4, ::4] + 1.0))
        found = _find(_edges(seen / light), self._known, (self.shift[0] / _HALF, self.shift[1] / _HALF))
        self._sure = _BELIEVED if found.left < _SURELY else max(self._sure - 1, 0)
        self._rest = 0 if self._sure else _LOOK_EVERY - 1
        off = found.off if found.left < (_EXPLAINED if self._sure else _SURELY) else _NOWHERE
        self.shift = (off[0] * _HALF, off[1] * _HALF)
        cv2.accumulateWeighted(_moved(seen, off), self._average, _FOLLOW)
        return picture if off == _NOWHERE else _moved(picture, self.shift, cv2.INTER_CUBIC)


def _find(seen: Layer, known: _Known, last: tuple[float, float]) -> _Found:
    """Return the displacement of edges, in pixels of the half width; 0, 0 where none explains much."""
    telling = (known.form[:, (0, 1), (0, 1)] > _TELLING).sum(axis=0)
    if telling.min() < _LEAST_TELLING:
        return _NOTHING
    difference = _difference(seen, _NOWHERE, known)
    if _stands(difference, known):
        return _NOTHING
    still = _Blocks.of(difference, known)
    x, y = last
    at = still if last == _NOWHERE else _Blocks.of(_difference(seen, last, known), known)
    if at.unexplained.sum() > still.unexplained.sum():
        (x, y), at = _NOWHERE, still
    for _ in range(_ROUNDS):
        step_x, step_y = at.best_step()
        x, y = x + step_x, y + step_y
        if max(abs(x), abs(y)) > MOST / _HALF:
            return _NOTHING
        at = _Blocks.of(_difference(seen, (x, y), known), known)
        if max(abs(step_x), abs(step_y)) < _ENOUGH:
            break
    ours = np.minimum(at.left, still.left) < _SOMEBODY
    left, before = (one.unexplained[ours].sum() for one in (at, still))
    is_seen = max(abs(x), abs(y)) * _HALF >= _LEAST and before > 0.0
    return _Found((x, y), float(left / before)) if is_seen else _NOTHING


def _stands(difference: Layer, known: _Known) -> bool:
    """Tell whether enough strong edges are where they were: most pictures of most cameras need no more."""
    strength = known.form[:, 0, 0] + known.form[:, 1, 1]
    strong = strength > _STRONG
    left = _of_blocks(difference * difference).ravel()
    quiet = left[strong] < _QUIET * strength[strong] + _GRAIN
    return bool(quiet.size >= _LEAST_TELLING // 2 and quiet.mean() >= _STANDING)


class _Blocks(NamedTuple):
    """What the blocks of a picture say about a further displacement: a quadratic form for each.

    Attributes:
        form: mean products of gradients, shape (blocks, 2, 2).
        pull: mean products of gradient and difference, shape (blocks, 2).
        left: mean squared difference, shape (blocks,).
    """

    form: Layer
    pull: Layer
    left: Layer

    @classmethod
    def of(cls, difference: Layer, known: _Known) -> _Blocks:
        """Sum up where a picture differs from what is known."""
        products = (known.right * difference, known.down * difference, difference * difference)
        p, q, left = (_of_blocks(one).ravel() for one in products)
        return cls(known.form, np.stack([p, q], axis=1), left)

    def costs(self, steps: Layer) -> Layer:
        """Return the mean squared difference left in each block by each step (steps, 2) -> (steps, blocks).

        A block where more is left than a shake leaves is somebody's, and says no more than that.
        """
        bent = np.einsum("sj,bjk,sk->sb", steps, self.form, steps)
        left: Layer = np.clip(self.left + 2 * steps @ self.pull.T + bent, 0.0, _SOMEBODY)
        return left

    @property
    def unexplained(self) -> Layer:
        """What each block leaves over without a further step."""
        left: Layer = np.minimum(self.left, _SOMEBODY)
        return left

    def best_step(self) -> tuple[float, float]:
        """Return the step that explains most: the best of what blocks propose, by what agrees with it."""
        eased = self.form + _EASE * np.eye(2, dtype=np.float32)
        stay = np.zeros((1, 2), dtype=np.float32)
        proposed = np.concatenate([stay, -np.linalg.solve(eased, self.pull[..., None])[..., 0]])
        step = proposed[int(self.costs(proposed).sum(axis=1).argmin())]
        mine = self.costs(step[None])[0] < _SOMEBODY
        form, pull = eased[mine].sum(axis=0), self.pull[mine].sum(axis=0)
        x, y = (step if not mine.any() else -np.linalg.solve(form, pull)).tolist()
        return x, y


def _of_blocks(layer: Layer) -> Layer:
    means: Layer = cv2.resize(layer, _BLOCKS, interpolation=cv2.INTER_AREA)
    return means


def _known(average: Layer) -> _Known:
    edges = _edges(average)
    inside = np.s_[_EDGE:-_EDGE, _EDGE:-_EDGE]
    right = cv2.Sobel(edges, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(edges, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    right, down = right[inside], down[inside]
    a, b, c = (_of_blocks(one).ravel() for one in (right * right, right * down, down * down))
    form = np.stack([np.stack([a, b], axis=1), np.stack([b, c], axis=1)], axis=1)
    return _Known(edges[inside], right, down, form)


def _edges(layer: Layer) -> Layer:
    """Return what is fine in a picture: it stays where light changes."""
    return cv2.GaussianBlur(layer - cv2.blur(layer, (_COARSE, _COARSE)), (3, 3), 0)


def _moved(picture: Small, off: tuple[float, float], how: int = cv2.INTER_LINEAR) -> Small:
    """Return a picture moved back by how far it is off."""
    if off == _NOWHERE:
        return picture
    back = np.array([[1.0, 0.0, off[0]], [0.0, 1.0, off[1]]])
    size = (picture.shape[1], picture.shape[0])
    how |= cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, back, size, flags=how, borderMode=cv2.BORDER_REPLICATE)


def _difference(seen: Layer, off: tuple[float, float], known: _Known) -> Layer:
    moved: Layer = _moved(seen, off)[_EDGE:-_EDGE, _EDGE:-_EDGE] - known.edges
    return moved
