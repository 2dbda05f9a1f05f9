"""Shoppers as the facts they leave behind: honest and not, seen well or badly. Seeded and repeatable."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from findings.story import LaneStory
from tenban.findings.facts import Fact


@dataclass(frozen=True, slots=True)
class Sight:
    """How well vision sees.

    Attributes:
        missed: share of moves not seen.
        false: moves seen per sale that never were.
        jitter_s: standard deviation of the time of a move.
    """

    missed: float = 0.05
    false: float = 0.1
    jitter_s: float = 0.15


@dataclass(frozen=True, slots=True)
class Habits:
    """What shoppers do, as shares of items.

    Attributes:
        late: bagged first and scanned up to three seconds later.
        held: scanned and held for three to eight seconds before it is bagged.
        paired: scanned and bagged together with the next one.
        several: one scan with a quantity of two or three.
        changed: voided and taken out again.
        skipped: share of sales in which one or two items are not registered.
    """

    late: float = 0.03
    held: float = 0.03
    paired: float = 0.05
    several: float = 0.03
    changed: float = 0.02
    skipped: float = 0.3


@dataclass(slots=True)
class Shopping:
    """The facts of many sales on one lane, and the seconds at which unregistered items went into the bag."""

    facts: list[Fact] = field(default_factory=list)
    skipped: dict[str, list[float]] = field(default_factory=dict)
    items: int = 0


def go_shopping(
    sales: int, *, seed: int, sight: Sight | None = None, habits: Habits | None = None
) -> Shopping:
    """Let shoppers come one after the other."""
    day = _Day(seed, sight or Sight(), habits or Habits())
    for number in range(sales):
        day.sale(f"s{number}")
    return Shopping(day.lane.facts, day.skipped, day.items)


class _Day:
    """One lane. Sight has dice of its own, so that the same shoppers can be seen better or worse."""

    def __init__(self, seed: int, sight: Sight, habits: Habits) -> None:
        self.dice, self.eyes, self.ghosts = (
            random.Random(f"{seed} {what}")  # noqa: S311  # repeatable, not secret
            for what in ("shoppers", "eyes", "ghosts")
        )
        self.sight, self.habits = sight, habits
        self.lane = LaneStory(sale=None)
        self.skipped: dict[str, list[float]] = {}
        self.items = 0
        self.now = 0.0

    def sale(self, name: str) -> None:
        """One shopper from the first scan to the payment."""
        dice = self.dice
        self.now += dice.uniform(20, 60)
        begun = self.now
        self.lane.start(self.now, name)
        self.skipped[name] = []
        count = 2 + min(round(dice.expovariate(1 / 7)), 25)
        skips = dice.sample(range(count), min(count, dice.randint(1, 2)))
        honest = dice.random() >= self.habits.skipped
        lasts = self.now
        for item in range(count):
            self.items += 1
            self.now += 0.8 + dice.gammavariate(2, 1.2)
            lead = min(0.3 + dice.gammavariate(2, 0.45), 3.0)
            if not honest and item in skips:
                # alone, or in one sweep with the next item
                entered = self.now + (lead if dice.random() < 0.5 else -dice.uniform(0.1, 0.5))
                self.skipped[name].append(entered)
                lasts = max(lasts, self.see(entered))
                continue
            lasts = max(lasts, self.take(lead))
        for _ in range(_poisson(self.ghosts, self.sight.false)):
            self.lane.move(self.ghosts.uniform(begun, self.now), self.ghosts.uniform(0.2, 0.8))
        self.now = max(self.now, lasts) + dice.uniform(1, 6)
        self.lane.pay(self.now, done=self.now + dice.uniform(4, 15))
        self.now += 15

    def take(self, lead: float) -> float:
        """Take one item, or several, honestly; returns when the last was in the bag."""
        dice, habits, lane = self.dice, self.habits, self.lane
        shares = {
            "late": habits.late,
            "held": habits.held,
            "paired": habits.paired,
            "several": habits.several,
            "changed": habits.changed,
        }
        shares["plain"] = 1 - sum(shares.values())
        how = dice.choices(list(shares), list(shares.values()))[0]
        if how == "late":
            entered = self.see(self.now)
            self.now += 0.3 + dice.random() * 2.7
            lane.scan(self.now)
            return entered
        if how == "held":
            lane.scan(self.now)
            return self.see(self.now + dice.uniform(3, 8))
        if how == "paired":
            lane.scan(self.now)
            self.now += dice.uniform(0.8, 2)
            lane.scan(self.now)
            self.see(self.now + lead)
            return self.see(self.now + lead + dice.uniform(0.1, 1))
        if how == "several":
            quantity = dice.randint(2, 3)
            lane.scan(self.now, quantity)
            for _ in range(quantity):
                self.now += dice.uniform(0.8, 2.5)
                self.see(self.now)
            return self.now
        line = lane.scan(self.now)
        entered = self.see(self.now + lead)
        if how == "changed":
            self.now = entered + dice.uniform(1, 5)
            lane.void(self.now, line)
            lane.back(self.now + dice.uniform(-2, 4), proven=dice.uniform(0.3, 1.2))
        return entered

    def see(self, entered: float) -> float:
        """Perhaps see a move."""
        eyes = self.eyes
        seen, off, confidence = eyes.random(), eyes.gauss(0, 1), min(0.99, eyes.betavariate(8, 2))
        proven, late = eyes.uniform(0.3, 1.2), eyes.uniform(0.02, 0.2)
        if seen >= self.sight.missed:
            self.lane.move(entered + off * self.sight.jitter_s, confidence, proven=proven, late=late)
        return entered


def _poisson(dice: random.Random, mean: float) -> int:
    count, left = 0, dice.expovariate(1)
    while left < mean:
        count += 1
        left += dice.expovariate(1)
    return count
