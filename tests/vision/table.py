"""A table seen from above that tests film themselves: hands, items, light and noise, all drawn here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import av
import cv2
import numpy as np

from tenban.base.clock import seconds
from tenban.sites.zone import Zone
from tenban.video.frames import Frame
from tenban.vision.model import Observation
from tenban.vision.transfer import TransferCounter

WIDTH, HEIGHT = 480, 270
Spot = tuple[float, float]

BASKET: Spot = (90, 120)
BAGGING: Spot = (390, 120)
FRONT: Spot = (240, 320)
RED, BLUE, WHITE = (40, 40, 190), (190, 90, 30), (245, 245, 240)


def rectangle(role: str, x0: float, y0: float, x1: float, y1: float) -> Zone:
    return Zone.checked(role, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], where="test")


BASKET_ZONE = rectangle("basket", 0.03, 0.15, 0.36, 0.75)
BAGGING_ZONE = rectangle("bagging", 0.64, 0.15, 0.97, 0.75)


def table(seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    grain = cv2.GaussianBlur(rng.normal(0, 12, (HEIGHT, WIDTH)), (0, 0), 2)
    return np.clip(np.full((HEIGHT, WIDTH, 3), (150, 160, 165)) + grain[..., None], 0, 255).astype(np.uint8)


@dataclass
class Item:
    spot: Spot
    colour: tuple[int, int, int] = RED
    size: tuple[int, int] = (34, 26)

    def draw(self, picture: np.ndarray) -> None:
        x, y = self.spot
        w, h = self.size
        corner = (round(x - w / 2), round(y - h / 2))
        end = (round(x + w / 2), round(y + h / 2))
        cv2.rectangle(picture, corner, end, self.colour, -1)
        cv2.rectangle(picture, (corner[0] + 5, corner[1] + 5), (end[0] - 5, corner[1] + 9), (20, 20, 20), -1)


@dataclass
class Hand:
    """Moves along (second, spot) points; an arm joins it to the picture's lower edge."""

    points: list[tuple[float, Spot]]
    carries: dict[int, tuple[float, float]] = field(default_factory=dict)

    def at(self, at_s: float) -> Spot:
        times = [moment for moment, _ in self.points]
        return (
            float(np.interp(at_s, times, [spot[0] for _, spot in self.points])),
            float(np.interp(at_s, times, [spot[1] for _, spot in self.points])),
        )

    def draw(self, picture: np.ndarray, at_s: float) -> None:
        x, y = self.at(at_s)
        cv2.line(picture, (round(x * 0.4 + 144), HEIGHT + 60), (round(x), round(y)), (110, 140, 215), 30)
        cv2.circle(picture, (round(x), round(y)), 21, (120, 150, 225), -1)


def carry(item: int, start_s: float, source: Spot, goal: Spot) -> Hand:
    """A hand that comes from the front, takes an item from a spot, puts it at another, and goes."""
    points = [
        (start_s, FRONT),
        (start_s + 0.6, source),
        (start_s + 0.9, source),
        (start_s + 1.8, goal),
        (start_s + 2.1, goal),
        (start_s + 2.7, FRONT),
    ]
    return Hand(points, {item: (start_s + 0.8, start_s + 2.0)})


def film(
    items: list[Item],
    hands: list[Hand],
    *,
    length_s: float,
    fps: int = 15,
    noise: float = 2.0,
    light: Callable[[float], float] = lambda _: 1.0,
    seed: int = 1,
) -> Iterator[Frame]:
    """Yield the pictures; an item follows its hand while that carries it and stays where it was left."""
    rng = np.random.default_rng(seed)
    empty = table(seed)
    for number in range(round(length_s * fps)):
        at_s = number / fps
        for hand in hands:
            for item, (from_s, to_s) in hand.carries.items():
                if from_s <= at_s <= to_s:
                    offset = 0 if len(hand.carries) == 1 else (item % 2 - 0.5) * 60
                    x, y = hand.at(at_s)
                    items[item].spot = (x + offset, y + 6)
        picture = empty.copy()
        for thing in items:
            thing.draw(picture)
        for hand in hands:
            if hand.points[0][0] <= at_s <= hand.points[-1][0]:
                hand.draw(picture, at_s)
        lit = picture * light(at_s) + rng.normal(0, noise, picture.shape)
        pixels = np.clip(lit, 0, 255).astype(np.uint8)
        yield Frame("test", seconds(at_s), av.VideoFrame.from_ndarray(pixels, format="bgr24"))


def count(frames: Iterator[Frame], zones: list[Zone]) -> list[Observation]:
    counter = TransferCounter(zones, camera="test")
    seen = [one for frame in frames for one in counter.see(frame)]
    return [one for one in [*seen, *counter.finish()] if one.kind.startswith("item_")]


def kinds(seen: list[Observation]) -> list[str]:
    return [one.kind for one in seen]
