"""The row of sales of each lane, the same for whoever asks: cameras, tills and the scoring.

Nothing is sent between them. Each process works out the same schedule from the seed and the instant at which
the shop opens.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from tenban.base.clock import Instant, seconds
from tenban.simulator.products import Product, make_assortment
from tenban.simulator.script import Sale
from tenban.simulator.shoppers import write_sale

ARTICLES = 32


@dataclass(frozen=True, slots=True)
class PlannedSale:
    """A sale with its number within the lane and its place in the lane's time."""

    number: int
    start_s: float
    sale: Sale

    @property
    def end_s(self) -> float:
        """When the lane is empty again, in the lane's time."""
        return self.start_s + self.sale.script.length_s


class LaneSchedule:
    """The endless row of sales of one lane, written as far as it was asked for.

    Args:
        seed: of the demo.
        lane: from 1.
        assortment: what the shop sells.
    """

    def __init__(self, seed: int, lane: int, assortment: list[Product]) -> None:
        self._seed = seed
        self._lane = lane
        self._assortment = assortment
        first_s = float(np.random.default_rng((seed, lane, 0)).uniform(0.5, 8.0))
        self._starts: list[float] = [first_s]
        self._sales: list[PlannedSale] = []

    def sale(self, number: int) -> PlannedSale:
        """Return a sale by its number, from 0."""
        while len(self._sales) <= number:
            index = len(self._sales)
            seed = int(np.random.SeedSequence((self._seed, self._lane, index + 1)).generate_state(1)[0])
            planned = PlannedSale(index, self._starts[index], write_sale(seed, self._assortment))
            self._sales.append(planned)
            self._starts.append(planned.end_s)
        return self._sales[number]

    def at(self, lane_s: float) -> PlannedSale:
        """Return the sale that is on at a time of the lane; before the first, the first."""
        while self._starts[-1] <= lane_s:
            self.sale(len(self._sales))
        return self.sale(max(0, bisect_right(self._starts, lane_s) - 1))

    def begun(self, lane_s: float) -> list[PlannedSale]:
        """Return the sales that have begun by a time of the lane."""
        current = self.at(lane_s)
        return [self.sale(n) for n in range(current.number + 1) if self.sale(n).start_s <= lane_s]


@dataclass(frozen=True, slots=True)
class Shop:
    """A simulated shop: how many lanes, and what follows from the seed."""

    seed: int
    lanes: int

    def assortment(self) -> list[Product]:
        """Return what the shop sells."""
        return make_assortment(np.random.default_rng((self.seed, 99)), ARTICLES)

    def schedule(self, lane: int) -> LaneSchedule:
        """Return a lane's sales; lanes count from 1."""
        return LaneSchedule(self.seed, lane, self.assortment())

    def lane_seed(self, lane: int) -> int:
        """Return the seed of a lane's furniture, camera and light."""
        return self.seed * 101 + lane

    def clock_offset_s(self, lane: int) -> float:
        """Return by how much a till's clock is fast: most by little, some by seconds."""
        rng = np.random.default_rng((self.seed, lane, 7))
        return round(float(rng.normal(0, 0.15) if rng.random() < 0.6 else rng.uniform(-6, 6)), 3)


def register_id(lane: int) -> str:
    """Return the register's id: ``lane-1`` and so on."""
    return f"lane-{lane}"


def lane_time_s(now_at: Instant, opens_at: Instant) -> float:
    """Return a lane's time at an instant; negative before the shop opens."""
    return (now_at - opens_at) / seconds(1)
