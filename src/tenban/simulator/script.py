"""What happens in one sale, second by second, and the truth about it. Pure data and pure geometry.

Times are seconds from the sale's beginning, when its shopper comes into view. Places are the design's own
pixels (960 by 540, module ``counter``). Everything drawn and everything told to the till follows from a
``Script``; nothing is decided while filming, so the same seed gives the same pictures and the same truth.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

from tenban.simulator.counter import STAND_AT

Point = tuple[float, float]
Actor = Literal["shopper", "staff"]
Side = Literal["left", "right"]
Place = Literal["hand", "counter", "basket", "bag", "body", "nowhere"]
Limb = tuple[Actor, Side]

ACTORS: tuple[Actor, ...] = ("shopper", "staff")
SIDES: tuple[Side, ...] = ("left", "right")
BASKET, BAG = -1, -2  # things that are no items
HOME_PX = {"left": (-74.0, -74.0), "right": (74.0, -74.0)}  # hands at rest, from the body
SHOULDER_PX = {"left": (-92.0, -6.0), "right": (92.0, -6.0)}


@dataclass(frozen=True, slots=True)
class Stroke:
    """A movement from where the part was to ``to`` (None: back to the body), slow-fast-slow.

    ``bend_px`` bows the path to the right of its direction.
    """

    start_s: float
    end_s: float
    to: Point | None
    bend_px: float = 0.0


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a thing is from ``from_s`` on.

    Attributes:
        from_s: since when.
        place: held by a hand, on the counter, in the basket or bag, carried before the body, or nowhere.
        offset: from the hand, the holder or the body; on the counter, the place itself.
        angle: radians, clockwise; held things turn with the hand.
        limb: the hand that holds it.
        size: 1 as painted; a folded bag is smaller, and grows to the next placement's size.
    """

    from_s: float
    place: Place
    offset: Point = (0.0, 0.0)
    angle: float = 0.0
    limb: Limb | None = None
    size: float = 1.0


@dataclass(frozen=True, slots=True)
class TillEvent:
    """What the till will post: its type and further fields, as the contract writes them."""

    at_s: float
    type: str
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """An item carried into the bagging place, or out of it again.

    Attributes:
        item: number of the item within the sale, from 0.
        from_zone: ``basket`` or ``bagging``, or ``other``.
        to_zone: as ``from_zone``.
        picked_at_s: lifted.
        entered_at_s: its middle crossed into the destination zone (for ``other``: out of its origin).
        released_at_s: let go.
        registered_at_s: when the till registered it; None where it never did.
    """

    item: int
    from_zone: str
    to_zone: str
    picked_at_s: float
    entered_at_s: float
    released_at_s: float
    registered_at_s: float | None


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened in a sale.

    Attributes:
        behaviours: the names of what this shopper does, besides buying.
        moves: every item that came into bagging or left it, in order of release.
        registered: units on the till at the end, voids taken off.
        brought_in: items that lie in bagging at the end.
        left_in_basket: items in the basket when the sale was paid; 0 where it was not.
        arrived_at_s: the shopper stood at the operator position.
        left_at_s: the shopper left it.
        paid_at_s: None where nobody paid.
        taken_at_s: from here on the goods are carried away; what is counted is counted before.
        expected: rules that must find something, by name, but for ``scan_omission``, which depends on
            what was told before (see ``scoring``).
    """

    behaviours: tuple[str, ...]
    moves: tuple[Move, ...]
    registered: int
    brought_in: int
    left_in_basket: int
    arrived_at_s: float
    left_at_s: float
    paid_at_s: float | None
    taken_at_s: float
    expected: tuple[str, ...]

    @property
    def unregistered(self) -> int:
        """Items brought in that the till never registered."""
        inside = {m.item for m in self.moves if m.to_zone == "bagging"}
        out = {m.item for m in self.moves if m.from_zone == "bagging" and m.to_zone != "bagging"}
        return sum(
            any(m.item == item and m.registered_at_s is None for m in self.moves) for item in inside - out
        )


@dataclass(frozen=True, slots=True)
class Script:
    """One sale, from the first sight of the shopper to the empty lane.

    Attributes:
        seed: everything follows from it.
        length_s: until the lane is empty again.
        figures: looks of shopper and staff.
        holders: looks of basket and bag (seed), None where the shopper brings none.
        items: article number (index into the lane's assortment) of each item.
        bodies: strokes of each actor's body.
        hands: strokes of each hand.
        poses: when a hand changes how it is held.
        things: placements of items, basket and bag.
        screens: (from, lines, state) of the register's screen.
        events: what the till tells.
    """

    seed: int
    length_s: float
    figures: dict[Actor, int]
    holders: dict[int, int | None]
    items: tuple[int, ...]
    bodies: dict[Actor, tuple[Stroke, ...]]
    hands: dict[Limb, tuple[Stroke, ...]]
    poses: dict[Limb, tuple[tuple[float, str], ...]]
    things: dict[int, tuple[Placement, ...]]
    screens: tuple[tuple[float, int, str], ...]
    events: tuple[TillEvent, ...]

    def body(self, actor: Actor, at_s: float) -> Point:
        """Return where an actor's body is."""
        x, y = _follow(self.bodies[actor], at_s, OFF_STAGE[actor])
        return x + 2.5 * math.sin(at_s * 1.3 + self.seed % 7), y + 2.0 * math.sin(at_s * 0.9 + self.seed % 5)

    def hand(self, limb: Limb, at_s: float) -> Point:
        """Return where the middle of a hand's grip is."""
        body = self.body(limb[0], at_s)
        home = (body[0] + HOME_PX[limb[1]][0], body[1] + HOME_PX[limb[1]][1])
        return _follow(self.hands[limb], at_s, home)

    def hand_angle(self, limb: Limb, at_s: float) -> float:
        """Return the direction the hand points in: 0 is up, clockwise, radians."""
        return hand_angle(self.hand(limb, at_s), self.body(limb[0], at_s), limb[1])

    def pose(self, limb: Limb, at_s: float) -> str:
        """Return how the hand is held."""
        turns = self.poses[limb]
        return turns[max(0, bisect_right(turns, at_s, key=lambda turn: turn[0]) - 1)][1]

    def placement(self, thing: int, at_s: float) -> tuple[int, Placement]:
        """Return the number and the placement that holds for a thing."""
        placements = self.things[thing]
        index = max(0, bisect_right(placements, at_s, key=lambda p: p.from_s) - 1)
        return index, placements[index]

    def where(self, thing: int, at_s: float) -> tuple[Point, float] | None:
        """Return a thing's middle and angle, or None where it is nowhere."""
        placement = self.placement(thing, at_s)[1]
        if placement.place == "nowhere":
            return None
        if placement.place == "counter":
            return placement.offset, placement.angle
        if placement.place == "hand":
            assert placement.limb is not None  # noqa: S101  # a held thing names its hand
            turn = self.hand_angle(placement.limb, at_s)
            return _offset(self.hand(placement.limb, at_s), placement.offset, turn), turn + placement.angle
        if placement.place == "body":
            return _offset(self.body("shopper", at_s), placement.offset, 0), placement.angle
        holder = self.where(BASKET if placement.place == "basket" else BAG, at_s)
        if holder is None:
            return None
        return _offset(holder[0], placement.offset, holder[1]), placement.angle + holder[1]


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale as it is played, and the truth about it."""

    script: Script
    truth: Truth


OFF_STAGE: dict[Actor, Point] = {"shopper": (STAND_AT[0], 760.0), "staff": (-160.0, 620.0)}


def hand_angle(hand: Point, body: Point, side: Side) -> float:
    """Return where a hand points, given hand and body: away from its shoulder, eased towards up."""
    shoulder = SHOULDER_PX[side]
    dx, dy = hand[0] - body[0] - shoulder[0], hand[1] - body[1] - shoulder[1]
    return 0.75 * math.atan2(dx, max(-dy, 30.0))


def _offset(origin: Point, offset: Point, angle: float) -> Point:
    cos, sin = math.cos(angle), math.sin(angle)
    return origin[0] + cos * offset[0] - sin * offset[1], origin[1] + sin * offset[0] + cos * offset[1]


def _follow(strokes: tuple[Stroke, ...], at_s: float, home: Point) -> Point:
    index = bisect_right(strokes, at_s, key=lambda stroke: stroke.start_s) - 1
    if index < 0:
        return home
    stroke = strokes[index]
    end = stroke.to or home
    if at_s >= stroke.end_s:
        return end
    start = (strokes[index - 1].to or home) if index else home
    part = (at_s - stroke.start_s) / (stroke.end_s - stroke.start_s)
    # Flash and Hogan, J. Neurosci. 5 (1985): hands minimise jerk, which gives this polynomial.
    eased = part**3 * (10 - 15 * part + 6 * part**2)
    bow = stroke.bend_px * math.sin(math.pi * eased)
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    return start[0] + dx * eased - dy / length * bow, start[1] + dy * eased + dx / length * bow
