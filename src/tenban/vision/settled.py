"""What the picture looks like at rest, pixel by pixel.

Every pixel has a value it holds at the moment (`now`), for how long it has held it, and the value that
was last agreed on (`before`). A hand passing by changes neither for long; a product put down holds its
new value until somebody decides what it was and absorbs it. Exposure is followed by one gain per colour.

A picture that is too dark is lifted first: in it all contrasts are smaller in the same proportion, while what
makes a change is told in grey levels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.vision.zones import Mask

Small: TypeAlias = NDArray[Any]
"""BGR, uint8, shape (height, width, 3). (Typed loosely, as OpenCV types its answers.)"""

MOVING_S = 0.2
"""A pixel that changed within this time is moving."""

_FIRST_S = 1e-3

_STEP = 6
"""Gain and noise are measured on every sixth pixel of every sixth row."""

BRIGHT = 210.0
"""What a camera that exposes well shows of the brightest twentieth of its picture, in grey levels."""

MOST_LIFTED = 2.5
"""The largest factor by which a dark picture is lifted: beyond it there is nothing but noise."""

_LIFT_ANEW = 1.15
"""The lift is only changed when the light has become that many times more or less."""

_LIFT_EVERY_S = 1.0
_LIFT_FOLLOW = 0.2


class SettledPicture:
    """Per-pixel memory of a fixed camera.

    Args:
        settle_s: how long a pixel must hold a value to count as settled.
        warm_s: how long it must hold its very first value before that is agreed on.
        levels: how many grey levels make a change where there is no noise.
    """

    def __init__(self, *, settle_s: float = 0.5, warm_s: float = 0.9, levels: float = 15.5) -> None:
        self.settle_s = settle_s
        self.levels = levels
        self.warm_s = warm_s
        self.noise = 1.0
        self.known: NDArray[np.bool_] = np.zeros((0, 0), dtype=bool)
        self.lift = 1.0
        self._bright: float | None = None
        self._bright_s = float("-inf")
        self._lifted: NDArray[np.uint8] | None = None
        self._at_s: float | None = None
        self._masks: dict[str, Mask] = {}
        self._held_s: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)
        self._strange_s: NDArray[np.float32] = self._held_s
        self._lent_s: NDArray[np.float32] = self._held_s
        self._lends = False
        self._now8: Small = np.zeros((0, 0, 3), dtype=np.uint8)
        self._before8: Small = self._now8
        self._difference: NDArray[Any] = np.zeros((0, 0), dtype=np.uint8)

    def see(self, picture: Small, at_s: float) -> None:
        """Take in the next picture; `at_s` never goes back."""
        self._measure_light(picture, at_s)
        seen = cv2.GaussianBlur(picture, (3, 3), 0)
        if self._lifted is not None:
            seen = cv2.LUT(seen, self._lifted)
        self._masks.clear()
        if self._at_s is None:
            self._start(seen, at_s)
            return
        step_s = max(at_s - self._at_s, 0.0)
        self._at_s = at_s
        self._follow_exposure(seen)
        moved = _largest_difference(seen, self._now8)
        self._measure_noise(moved)
        same = moved <= self.still_below
        self._held_s += step_s
        self._held_s[~same] = 0.0
        cv2.accumulateWeighted(seen, self._now, 0.25, mask=same.astype(np.uint8))
        cv2.copyTo(seen.astype(np.float32), _mask(~same), self._now)
        self._now8 = cv2.convertScaleAbs(self._now)
        fresh = ~self.known & (self._held_s >= self.warm_s)
        if fresh.any():
            cv2.copyTo(self._now, _mask(fresh), self._before)
            self.known |= fresh
        self._before8 = cv2.convertScaleAbs(self._before)
        self._difference = _largest_difference(self._now8, self._before8)
        if self._lends:
            self._lent_s[self._lent_s > 0] += step_s
            self.reclaim(self.foreign)
        self._strange_s += step_s
        self._strange_s[(self.foreign == 0) & (self._lent_s == 0)] = 0.0
        agreed = same & self.known & (self._difference <= self.still_below)
        cv2.accumulateWeighted(seen, self._before, 0.02, mask=agreed.astype(np.uint8))

    def _start(self, seen: Small, at_s: float) -> None:
        self._at_s = at_s
        self._now = seen.astype(np.float32)
        self._before = self._now.copy()
        self._now8 = seen.copy()
        self._before8 = seen.copy()
        self._held_s = np.full(seen.shape[:2], MOVING_S, dtype=np.float32)  # nothing is seen to move yet
        self._difference = np.zeros(seen.shape[:2], dtype=np.uint8)
        self._strange_s = np.zeros(seen.shape[:2], dtype=np.float32)
        self._lent_s = np.zeros(seen.shape[:2], dtype=np.float32)
        self._owner = self._before.copy()
        self.known = np.zeros(seen.shape[:2], dtype=bool)

    def _measure_light(self, picture: Small, at_s: float) -> None:
        """Follow slowly how bright the brightest things are; lift picture and memory where it is dark."""
        if at_s - self._bright_s < _LIFT_EVERY_S:
            return
        self._bright_s = at_s
        bright = max(float(np.percentile(picture[::_STEP, ::_STEP].max(axis=2), 95)), 1.0)
        self._bright = (
            bright if self._bright is None else self._bright + _LIFT_FOLLOW * (bright - self._bright)
        )
        wanted = min(max(BRIGHT / self._bright, 1.0), MOST_LIFTED)
        step = wanted / self.lift
        if max(step, 1.0 / step) < _LIFT_ANEW and self._at_s is not None:
            return
        self.lift = wanted
        self._lifted = (
            np.clip(np.arange(256) * wanted + 0.5, 0, 255).astype(np.uint8) if wanted > 1.0 else None
        )
        if self._at_s is not None:
            for layer in (self._now, self._before, self._owner):
                np.multiply(layer, step, out=layer)
            self._now8 = cv2.convertScaleAbs(self._now)

    def _follow_exposure(self, seen: Small) -> None:
        """Scale both layers to the light of this picture.

        What was agreed on follows the gain of what still looks like it, also where a person hides it:
        otherwise a slow change of exposure behind them would show as a change when they leave.
        """
        sample = seen[::_STEP, ::_STEP].reshape(-1, 3).astype(np.float32) + 1.0
        base = self._now[::_STEP, ::_STEP].reshape(-1, 3) + 1.0
        gain = np.median(sample / base, axis=0).clip(0.25, 4.0)
        sudden = np.abs(gain - 1.0).max() > 0.012
        if sudden:
            np.multiply(self._now, gain, out=self._now)
            self._now8 = cv2.convertScaleAbs(self._now)
        agreed = (self.known & (self._difference <= self.still_below))[::_STEP, ::_STEP].reshape(-1)
        if np.count_nonzero(agreed) > 0.1 * agreed.size:
            base = self._before[::_STEP, ::_STEP].reshape(-1, 3) + 1.0
            gain = np.median(sample[agreed] / base[agreed], axis=0).clip(0.25, 4.0)
        elif not sudden:
            return
        if np.abs(gain - 1.0).max() > 0.002:
            np.multiply(self._before, gain, out=self._before)
            if self._lends:
                np.multiply(self._owner, gain, out=self._owner)

    def _measure_noise(self, moved: NDArray[Any]) -> None:
        spread = float(np.median(moved[::_STEP, ::_STEP]))
        self.noise += (0.1 if spread < self.noise else 0.03) * (spread - self.noise)  # a hand is no noise

    @property
    def still_below(self) -> float:
        """Difference up to which a pixel still holds its value, in grey levels."""
        return math.hypot(9.5, 5.0 * self.noise)

    @property
    def changed_above(self) -> float:
        """Difference from which a pixel is not what it was, in grey levels."""
        return math.hypot(self.levels, 6.0 * self.noise)

    @property
    def telling_above(self) -> float:
        """The same for the mean of many pixels at rest, over which noise mostly cancels out."""
        return math.hypot(self.levels, 3.0 * self.noise)

    @property
    def now(self) -> Small:
        """The value each pixel holds."""
        return self._now8

    @property
    def before(self) -> Small:
        """The value each pixel held when it was last agreed on."""
        return self._before8

    @property
    def foreign(self) -> Mask:
        """Where the picture is not what it was: hands, people and items alike."""
        return self._once("foreign", lambda: (self._difference > self.changed_above) & self.known)

    @property
    def settled(self) -> Mask:
        """Where the picture has held its value long enough."""
        return self._once("settled", lambda: self._held_s >= self.settle_s)

    @property
    def moving(self) -> Mask:
        """Where the picture is moving just now."""
        return self._once("moving", lambda: self._held_s < MOVING_S)

    def _once(self, name: str, where: Callable[[], NDArray[np.bool_]]) -> Mask:
        """Return a mask of this picture, worked out when first asked for."""
        if name not in self._masks:
            self._masks[name] = _mask(where())
        return self._masks[name]

    @property
    def held_s(self) -> NDArray[np.float32]:
        """For how long each pixel has held its value, in seconds."""
        return self._held_s

    @property
    def strange_s(self) -> NDArray[np.float32]:
        """For how long each pixel has not been what was agreed on, whatever covered it, in seconds."""
        return self._strange_s

    def absorb(self, where: Mask) -> None:
        """Agree on what is there now."""
        chosen = where > 0
        cv2.copyTo(self._now, where, self._before)
        cv2.copyTo(self._now8, where, self._before8)
        self.known |= chosen
        self._difference[chosen] = 0
        self._lent_s[chosen] = 0.0
        self._masks.clear()

    @property
    def lent(self) -> Mask:
        """Where the picture at rest is an arm or a body: agreed on for as long as it stays."""
        return self._once("lent", lambda: self._lent_s > 0)

    @property
    def lent_s(self) -> NDArray[np.float32]:
        """For how long that has been so, in seconds; 0 where it is not."""
        return self._lent_s

    def lend(self, where: Mask) -> None:
        """Agree on what rests there for as long as it stays, and keep what was agreed on before."""
        fresh = _mask((where > 0) & (self._lent_s == 0))
        since_s = np.maximum(self._lent_s, _FIRST_S)
        cv2.copyTo(self._before, fresh, self._owner)
        self.absorb(where)
        cv2.copyTo(since_s, where, self._lent_s)
        self._lends = True

    def reclaim(self, where: Mask) -> None:
        """Take back what was lent: what was agreed on before stands again."""
        back = _mask((where > 0) & (self._lent_s > 0))
        if not cv2.countNonZero(back):
            return
        chosen = back > 0
        cv2.copyTo(self._owner, back, self._before)
        cv2.copyTo(cv2.convertScaleAbs(self._owner), back, self._before8)
        self._difference[chosen] = _largest_difference(self._now8, self._before8)[chosen]
        self._lent_s[chosen] = 0.0
        self._masks.clear()


def _largest_difference(one: Small, other: Small) -> NDArray[Any]:
    blue, green, red = cv2.split(cv2.absdiff(one, other))
    return cv2.max(cv2.max(blue, green), red)


def _mask(where: NDArray[np.bool_]) -> Mask:
    return where.view(np.uint8) * np.uint8(255)
