"""The puppeteer: turns "pick this up, hold it over the scanner, put it into the bag" into a ``Script``.

Each hand has its own time (``free``); an act begins when its hand is free. Speeds, pauses and aims vary by
the stage's generator, as people do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tenban.simulator.counter import BAG_AT, BASKET_AT, SCANNER_AT, SCREEN_AT, STAND_AT
from tenban.simulator.products import Product
from tenban.simulator.script import (
    ACTORS,
    HOME_PX,
    OFF_STAGE,
    SIDES,
    Actor,
    Limb,
    Placement,
    Point,
    Script,
    Stroke,
    TillEvent,
    hand_angle,
)

_IN_BASKET_PX = (82.0, 48.0)
_IN_BAG_PX = (56.0, 40.0)
_ON_SCALE_PX = (96.0, 76.0)


@dataclass(slots=True)
class Line:
    """A line of the receipt as it stands."""

    item: int
    number: str
    quantity: int
    at_s: float


class Stage:
    """Records what actors do.

    Args:
        rng: source of all variation.
        assortment: the lane's articles.
        items: which of them the shopper buys, by index.
        tempo: 1 is brisk; 1.6 is slow.
        own_bag: the shopper opens a bag at the bagging place; otherwise items lie on the plate.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        assortment: list[Product],
        items: list[int],
        *,
        tempo: float,
        own_bag: bool,
    ) -> None:
        self.rng = rng
        self.tempo = tempo
        self.own_bag = own_bag
        self.items = tuple(items)
        self._assortment = assortment
        self.free: dict[Limb, float] = {}
        self._bodies: dict[Actor, list[Stroke]] = {"shopper": [], "staff": []}
        self._hands: dict[Limb, list[Stroke]] = {}
        self._poses: dict[Limb, list[tuple[float, str]]] = {}
        self._at: dict[Limb, Point] = {}
        self._stand: dict[Actor, Point] = {}
        for actor in ACTORS:
            for side in SIDES:
                limb: Limb = (actor, side)
                self.free[limb] = 0.0
                self._hands[limb] = []
                self._poses[limb] = [(0.0, "grip")]
        self._things: dict[int, list[Placement]] = {}
        self._screens: list[tuple[float, int, str]] = [(0.0, 0, "idle")]
        self.events: list[TillEvent] = []
        self.lines: dict[int, Line] = {}
        self.registered_at: dict[int, float] = {}
        self._line_count = 0
        self.basket_at: Point = (BASKET_AT[0] + rng.normal(0, 7), BASKET_AT[1] + rng.normal(0, 6))
        self.bag_at: Point = (BAG_AT[0] + rng.normal(0, 9), BAG_AT[1] + rng.normal(0, 8))

    # Time

    def now(self, *limbs: Limb) -> float:
        """Return when all these hands (the shopper's, where none is named) are free."""
        chosen = limbs or (("shopper", "left"), ("shopper", "right"))
        return max(self.free[limb] for limb in chosen)

    def wait_until(self, at_s: float, *limbs: Limb) -> None:
        """Keep hands where they are."""
        for limb in limbs or (("shopper", "left"), ("shopper", "right")):
            self.free[limb] = max(self.free[limb], at_s)

    def pause(self, low_s: float, high_s: float) -> None:
        """Let both hands of the shopper rest for a while."""
        self.wait_until(self.now() + self.rng.uniform(low_s, high_s) * self.tempo)

    # Bodies

    def walk(self, actor: Actor, to: Point, *, start_s: float, speed_px_s: float = 190) -> float:
        """Walk to a place; return the time of arrival."""
        track = self._bodies[actor]
        begin = track[-1].to if track else OFF_STAGE[actor]
        assert begin is not None  # noqa: S101  # bodies always have a place
        length_s = math.dist(begin, to) / speed_px_s * self.rng.uniform(0.9, 1.2)
        track.append(Stroke(start_s, start_s + length_s, to, self.rng.normal(0, 8)))
        self._stand[actor] = to
        self.wait_until(start_s + length_s, (actor, "left"), (actor, "right"))
        return start_s + length_s

    # Hands

    def reach(
        self, limb: Limb, to: Point | None, *, hurry: float = 1.0, bend_px: float | None = None
    ) -> float:
        """Move a hand; return when it is there. ``to`` None brings it home."""
        body = self._stand.get(limb[0], STAND_AT)
        home = (body[0] + HOME_PX[limb[1]][0], body[1] + HOME_PX[limb[1]][1])
        start = self._at.get(limb, home)
        end = to or home
        distance = math.dist(start, end)
        # Fitts: time grows slowly with distance; the spread is that of unhurried adults.
        length_s = (0.26 + distance / 820) * self.tempo / hurry * self.rng.lognormal(0, 0.12)
        bow = self.rng.normal(-0.06, 0.06) * distance if bend_px is None else bend_px
        begin_s = self.free[limb]
        self._hands[limb].append(Stroke(begin_s, begin_s + length_s, to, bow))
        self._at[limb] = end
        self.free[limb] = begin_s + length_s
        return self.free[limb]

    def pose(self, limb: Limb, name: str) -> None:
        """Change how a hand is held, from when it is free."""
        self._poses[limb].append((self.free[limb], name))

    def dwell(self, limb: Limb, low_s: float, high_s: float) -> None:
        """Hold a hand still, as still as hands are: a small drift."""
        x, y = self._at[limb]
        length_s = self.rng.uniform(low_s, high_s) * self.tempo
        to = (x + self.rng.normal(0, 4), y + self.rng.normal(0, 4))
        self._hands[limb].append(Stroke(self.free[limb], self.free[limb] + length_s, to))
        self._at[limb] = to
        self.free[limb] += length_s

    def home(self) -> None:
        """Bring both hands of the shopper back."""
        for limb in both("shopper"):
            if self._at.get(limb) is not None:
                self.reach(limb, None)

    # Things

    def put_on_stage(self, thing: int, placement: Placement) -> None:
        """Say where a thing is in the beginning."""
        self._things[thing] = [placement]

    def place(self, thing: int, placement: Placement) -> None:
        """Say where a thing is from a time on."""
        self._things[thing].append(placement)

    def spot(self, thing: int) -> Point:
        """Return where a thing lies now; holders stand at their places."""
        placement = self._things[thing][-1]
        x, y = placement.offset
        if placement.place == "basket":
            return self.basket_at[0] + x, self.basket_at[1] + y
        if placement.place == "bag":
            return self.bag_at[0] + x, self.bag_at[1] + y
        return x, y

    def pick(self, limb: Limb, item: int, *, beside: Point = (0.0, 0.0)) -> None:
        """Reach for an item and lift it. ``beside`` shifts the grip, for a second item in one hand."""
        x, y = self.spot(item)
        aim = (x + self.rng.normal(0, 5) - beside[0], y + self.rng.normal(0, 5) - beside[1])
        self.pose(limb, "flat" if self.rng.random() < 0.4 else "grip")
        self.reach(limb, aim)
        self.dwell(limb, 0.08, 0.35)
        self.pose(limb, "grip")
        self.hold(limb, item)

    def hold(self, limb: Limb, item: int) -> None:
        """Take what lies under the hand, or what the other hand gives."""
        at_s = self.free[limb]
        turn = self._turn(limb)
        x, y = self.spot(item) if self._things[item][-1].place != "hand" else self._at[limb]
        dx, dy = x - self._at[limb][0], y - self._at[limb][1]
        cos, sin = math.cos(-turn), math.sin(-turn)
        offset = (cos * dx - sin * dy, sin * dx + cos * dy)
        before = self._things[item][-1]
        angle = before.angle if before.place == "hand" else before.angle - turn
        self.place(item, Placement(at_s, "hand", offset, angle, limb))

    def put(self, limb: Limb, item: int, where: str, *, at: Point | None = None) -> None:
        """Carry a held item somewhere (``bag``, ``basket``, ``counter``) and let it go."""
        target = at or self._free_spot(where)
        self.reach(limb, target)
        self.dwell(limb, 0.08, 0.3)
        self.release(limb, item, where)
        self.dwell(limb, 0.03, 0.12)

    def release(self, limb: Limb, item: int, where: str) -> None:
        """Let go of an item where the hand is."""
        turn = self._turn(limb)
        held = self._things[item][-1]
        cos, sin = math.cos(turn), math.sin(turn)
        x = self._at[limb][0] + cos * held.offset[0] - sin * held.offset[1]
        y = self._at[limb][1] + sin * held.offset[0] + cos * held.offset[1]
        angle = turn + held.angle
        if where == "bag" and self.own_bag:
            self.place(
                item, Placement(self.free[limb], "bag", (x - self.bag_at[0], y - self.bag_at[1]), angle)
            )
        elif where == "basket":
            self.place(
                item,
                Placement(self.free[limb], "basket", (x - self.basket_at[0], y - self.basket_at[1]), angle),
            )
        else:
            self.place(item, Placement(self.free[limb], "counter", (x, y), angle))

    def _turn(self, limb: Limb) -> float:
        return hand_angle(self._at[limb], self._stand.get(limb[0], STAND_AT), limb[1])

    def _free_spot(self, where: str) -> Point:
        if where == "basket":
            (x, y), (rx, ry) = self.basket_at, _IN_BASKET_PX
        elif where == "scanner":
            (x, y), (rx, ry) = SCANNER_AT, (40.0, 24.0)
        else:
            (x, y), (rx, ry) = self.bag_at, _IN_BAG_PX if self.own_bag else _ON_SCALE_PX
        return x + self.rng.uniform(-rx, rx), y + self.rng.uniform(-ry, ry)

    def over_scanner(self, limb: Limb, *, hurry: float = 1.0) -> None:
        """Bring what the hand holds over the scanner's window."""
        self.reach(limb, self._free_spot("scanner"), hurry=hurry)

    def target(self, where: str) -> Point:
        """Return some spot in the basket or the bag, as a hand would aim at it."""
        return self._free_spot(where)

    def spot_of(self, limb: Limb) -> Point:
        """Return where a hand is when it is free."""
        return self._at[limb]

    def last(self, thing: int) -> Placement:
        """Return where a thing is in the end, so far."""
        return self._things[thing][-1]

    def lying_in_bag(self) -> list[int]:
        """Return the items that lie in the bagging place now."""
        lying: list[int] = []
        for item in range(len(self.items)):
            placement = self._things[item][-1]
            on_scale = placement.place == "counter" and placement.offset[0] > BAG_AT[0] - 148
            if placement.place == "bag" or on_scale:
                lying.append(item)
        return lying

    # The till

    def touch_screen(self, limb: Limb) -> float:
        """Touch the screen; return when it was touched."""
        self.pose(limb, "flat")
        x, y = SCREEN_AT
        self.reach(limb, (x + self.rng.uniform(-60, 60), y + self.rng.uniform(40, 64)))
        self.dwell(limb, 0.1, 0.3)
        return self.free[limb]

    def tell(self, kind: str, at_s: float, **fields: object) -> None:
        """Have the till post an event."""
        self.events.append(TillEvent(at_s, kind, dict(fields)))

    def register(self, *items: int, at_s: float, key: bool = False) -> None:
        """Have the till register an item, or several pieces of one article as one line."""
        item, quantity = items[0], len(items)
        product = self._assortment[self.items[item]]
        self._line_count += 1
        line = Line(item, str(self._line_count), quantity, at_s)
        for piece in items:
            self.registered_at[piece] = at_s
        self.lines[item] = line
        entered = "key" if key or quantity > 1 or product.keyed else "scan"
        self.tell(
            "item_registered",
            at_s,
            item={
                "line": line.number,
                "plu": product.plu,
                "name": product.name,
                "quantity": quantity,
                "weight_g": None,
                "unit_price": product.price,
                "amount": product.price * quantity,
                "entered": entered,
            },
        )
        self.show(at_s, "scanning")

    def void(self, item: int, at_s: float) -> None:
        """Have the till take an item's line back."""
        line = self.lines.pop(item)
        self.tell("item_voided", at_s, item={"line": line.number, "quantity": line.quantity})
        self.show(at_s, "scanning")

    def show(self, at_s: float, state: str) -> None:
        """Change the screen."""
        self._screens.append((at_s, 0 if state == "idle" else len(self.lines), state))

    def lines_shown_off(self, at_s: float) -> None:
        """Clear the screen."""
        self._screens.append((at_s, 0, "idle"))

    def total(self) -> int:
        """Return what is to be paid, in yen."""
        return sum(
            self._assortment[self.items[line.item]].price * line.quantity for line in self.lines.values()
        )

    def keyed(self, item: int) -> bool:
        """Tell whether an item has no barcode."""
        return self._assortment[self.items[item]].keyed

    # The end

    def script(
        self, *, seed: int, length_s: float, figures: dict[Actor, int], holders: dict[int, int | None]
    ) -> Script:
        """Return everything recorded."""
        return Script(
            seed=seed,
            length_s=length_s,
            figures=figures,
            holders=holders,
            items=self.items,
            bodies={actor: tuple(track) for actor, track in self._bodies.items()},
            hands={limb: tuple(track) for limb, track in self._hands.items()},
            poses={limb: tuple(sorted(turns)) for limb, turns in self._poses.items()},
            things={thing: tuple(track) for thing, track in self._things.items()},
            screens=tuple(sorted(self._screens)),
            events=tuple(sorted(self.events, key=lambda event: event.at_s)),
        )


def both(actor: Actor) -> tuple[Limb, Limb]:
    """Return an actor's two hands."""
    return (actor, "left"), (actor, "right")
