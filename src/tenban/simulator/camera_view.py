"""How a lane's camera hangs, and what it does to a picture: tilt, light, tremor, sensor noise.

Everything follows from the lane's seed and the lane's own time, so a frame can be made again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.simulator.counter import COUNTER_FINE, HEIGHT, WIDTH
from tenban.simulator.paint import Painting
from tenban.simulator.script import Point
from tenban.simulator.truth import ZONES

_SLOT_S = 40.0  # at most one sudden change of light in each


@dataclass(frozen=True, slots=True)
class View:
    """From the design's pixels to the picture's: turn, zoom and shift, as the camera hangs.

    Attributes:
        width: of the picture, pixels.
        height: of the picture, pixels.
        angle: radians, clockwise.
        zoom: picture pixels per design pixel.
        shift: picture pixels.
    """

    width: int
    height: int
    angle: float
    zoom: float
    shift: Point

    @classmethod
    def hang(cls, rng: np.random.Generator, width: int, height: int) -> View:
        """Hang a camera nearly straight."""
        scale = width / WIDTH
        return cls(
            width,
            height,
            angle=float(rng.normal(0, 0.014)),
            zoom=scale * float(rng.uniform(1.0, 1.06)),
            shift=(float(rng.normal(0, 7 * scale)), float(rng.normal(0, 4 * scale))),
        )

    def matrix(self, fine: float = 1.0) -> NDArray[np.float64]:
        """Return the 2x3 matrix from design pixels times ``fine`` to picture pixels."""
        cos, sin = math.cos(self.angle) * self.zoom / fine, math.sin(self.angle) * self.zoom / fine
        middle = np.array([WIDTH / 2, HEIGHT / 2]) * fine
        matrix = np.array([[cos, -sin, 0.0], [sin, cos, 0.0]])
        target = np.array([self.width / 2 + self.shift[0], self.height / 2 + self.shift[1]])
        matrix[:, 2] = target - matrix[:, :2] @ middle
        return matrix

    def zones(self) -> list[dict[str, object]]:
        """Return the lane's zones as a zones file holds them: polygons in 0 to 1 of the picture."""
        matrix = self.matrix()
        found: list[dict[str, object]] = []
        for role, (x0, y0, x1, y1) in ZONES.items():
            corners = np.array([[x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]]) @ matrix.T
            inside = np.clip(corners / (self.width, self.height), 0, 1)
            found.append(
                {"role": role, "polygon": [[round(float(x), 4), round(float(y), 4)] for x, y in inside]}
            )
        return found

    def take(self, painting: Painting) -> NDArray[np.uint8]:
        """Return the picture of an empty lane, BGR."""
        soft = cv2.GaussianBlur(painting[..., :3], (0, 0), 0.45 * COUNTER_FINE)
        matrix = self.matrix(COUNTER_FINE)
        picture = cv2.warpAffine(
            soft, matrix, (self.width, self.height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.clip(picture, 0, 255).astype(np.uint8)


class Sensor:
    """Turns a clean picture into what a camera sends.

    Args:
        seed: of the lane.
        width: pixels, even.
        height: pixels, even.
    """

    def __init__(self, seed: int, width: int, height: int) -> None:
        rng = np.random.default_rng((seed, 5))
        self._seed = seed
        self._size = (width, height)
        grain = rng.normal(0, rng.uniform(1.4, 3.2), (height + 64, width + 64))
        grain += cv2.GaussianBlur(rng.normal(0, 4.0, grain.shape), (0, 0), 1.2)
        self._brighter = np.clip(np.round(grain), 0, 40).astype(np.uint8)
        self._darker = np.clip(np.round(-grain), 0, 40).astype(np.uint8)
        speckle = cv2.GaussianBlur(rng.normal(0, 5.0, (height + 64, width // 2 + 64)), (0, 0), 1.5)
        self._tint_up = np.clip(np.round(speckle), 0, 20).astype(np.uint8)
        self._tint_down = np.clip(np.round(-speckle), 0, 20).astype(np.uint8)
        self._slow = rng.uniform(0, 2 * np.pi, 3)
        self._steps: dict[int, tuple[float, float, float]] = {}
        self._knocks: dict[int, float] = {}
        self._breath = rng.uniform(0.01, 0.04)

    def gain(self, lane_s: float) -> float:
        """Return the light at a time of the lane: clouds, lamps that switch, exposure that follows."""
        clouds = self._breath * (
            math.sin(lane_s / 37 + self._slow[0]) + 0.6 * math.sin(lane_s / 11 + self._slow[1])
        )
        return 1 + clouds + self._step(lane_s) + 0.004 * math.sin(lane_s * 9.1 + self._slow[2])

    def _step(self, lane_s: float) -> float:
        slot = int(lane_s // _SLOT_S)
        if slot not in self._steps:
            rng = np.random.default_rng((self._seed, 6, slot % 2**32))
            happens = rng.random() < 0.3
            begin, length_s = slot * _SLOT_S + rng.uniform(3, 20), rng.uniform(4, 16)
            self._steps[slot] = (begin, length_s, rng.uniform(-0.16, 0.12) if happens else 0.0)
        begin_s, length_s, depth = self._steps[slot]
        rise = min(1.0, max(0.0, (lane_s - begin_s) / 0.25))
        fall = min(1.0, max(0.0, (begin_s + length_s - lane_s) / 0.25))
        return depth * min(rise, fall)

    def tremor(self, lane_s: float, bumps_s: tuple[float, ...]) -> Point | None:
        """Return by how many pixels the picture is shaken, or None where it is still.

        Args:
            lane_s: the lane's time.
            bumps_s: seconds since something was set down on the counter.
        """
        strength = sum(math.exp(-since / 0.18) for since in bumps_s if 0 <= since < 0.8)
        slot = int(lane_s // 15)
        if slot not in self._knocks:
            rng = np.random.default_rng((self._seed, 7, slot % 2**32))
            self._knocks[slot] = slot * 15 + rng.uniform(0, 14) if rng.random() < 0.25 else -1e9
        since = lane_s - self._knocks[slot]
        if 0 <= since < 1:
            strength += math.exp(-since / 0.3)
        if strength < 0.05:
            return None
        size = self._size[0] / WIDTH * min(strength, 1.5)
        return 0.8 * size * math.sin(lane_s * 61), 1.1 * size * math.sin(lane_s * 83)

    def expose(
        self, picture: NDArray[Any], lane_s: float, *, frame: int, shake: Point | None = None
    ) -> NDArray[Any]:
        """Return the picture as the camera sends it.

        Args:
            picture: (height, width, 3) BGR.
            lane_s: the lane's time.
            frame: number of the frame, which chooses the noise.
            shake: what ``tremor`` returned.

        Returns:
            (height x 3/2, width) planar YUV 4:2:0.
        """
        width, height = self._size
        if shake is not None:
            matrix = np.array([[1, 0, shake[0]], [0, 1, shake[1]]])
            picture = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        yuv = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        luma, chroma = yuv[:height], yuv[height:]
        cv2.convertScaleAbs(luma, dst=luma, alpha=self.gain(lane_s))
        x, y = frame * 37 % 61, frame * 23 % 59
        cv2.add(luma, self._brighter[y : y + height, x : x + width], dst=luma)
        cv2.subtract(luma, self._darker[y : y + height, x : x + width], dst=luma)
        flat = chroma.reshape(-1, width // 2)
        cv2.add(flat, self._tint_up[y : y + height, x : x + width // 2], dst=flat)
        cv2.subtract(flat, self._tint_down[y : y + height, x : x + width // 2], dst=flat)
        return yuv
