"""How shoppers behave, honest and not: each behaviour is an act on the ``Stage``.

``write_script`` is the door: a seed and an assortment in, one sale out. Most shoppers are honest and most of
what they do looks odd now and then; that is the point.
"""

from __future__ import annotations

import numpy as np

from tenban.simulator.counter import ASIDE_AT, SCANNER_AT, STAND_AT, TERMINAL_AT
from tenban.simulator.products import Product
from tenban.simulator.script import BAG, BASKET, Limb, Placement, Point, Script, hand_angle
from tenban.simulator.stage import Stage, both
from tenban.simulator.truth import find_truth

LEFT: Limb = ("shopper", "left")
RIGHT: Limb = ("shopper", "right")

# What a shopper may do besides buying, and how often. Shares of honest ones are higher than of the others, yet
# far from a real shop's, where a demo would have to run for a day to show anything.
BEHAVIOURS: dict[str, float] = {
    "forgotten_scan": 0.15,
    "two_at_once": 0.07,
    "left_in_basket": 0.07,
    "walks_away": 0.06,
    "void_and_keep": 0.02,
    "void_and_return": 0.07,
    "quantity": 0.08,
    "late_scan": 0.12,
    "changes_mind": 0.08,
    "pauses": 0.12,
    "rearranges": 0.12,
    "gestures": 0.16,
    "assisted": 0.05,
    "pair_scanned": 0.07,
}


def choose_behaviours(rng: np.random.Generator) -> tuple[str, ...]:
    """Draw what a shopper does; at most three things."""
    chosen = [name for name, share in BEHAVIOURS.items() if rng.random() < share]
    if "void_and_keep" in chosen and "void_and_return" in chosen:
        chosen.remove("void_and_keep")
    return tuple(chosen[:3])


def write_script(
    seed: int, assortment: list[Product], *, behaviours: tuple[str, ...] | None = None
) -> Script:
    """Write one sale.

    Args:
        seed: the same seed and assortment always give the same script.
        assortment: the articles of the lane, at least 8.
        behaviours: what the shopper does (names in ``BEHAVIOURS``), drawn where None.
    """
    rng = np.random.default_rng(seed)
    acts = choose_behaviours(rng) if behaviours is None else behaviours
    need = 2 + sum({"quantity": 3, "two_at_once": 2, "pair_scanned": 2}.get(act, 1) for act in acts)
    count = max(need, int(rng.integers(2, 8)))
    items = [int(pick) for pick in rng.integers(0, len(assortment), count)]
    if "quantity" in acts:
        items[1] = items[2] = items[0]
    stage = Stage(
        rng, assortment, items, tempo=float(rng.uniform(0.95, 1.5)), own_bag=bool(rng.random() < 0.8)
    )
    figure, staff = (int(pick) for pick in rng.integers(0, 2**31, 2))
    shopper = _Shopper(stage, acts)
    arrived_at_s = shopper.arrive()
    shopper.buy()
    paid_at_s = None if "walks_away" in acts else shopper.pay()
    left_in_basket = len(shopper.in_basket)
    taken_at_s, left_at_s = shopper.leave(paid=paid_at_s is not None)
    length_s = shopper.clear_away(left_at_s, paid=paid_at_s is not None)
    parts = stage.parts()
    draft = Script(
        seed=seed,
        length_s=length_s,
        figures={"shopper": figure, "staff": staff},
        holders={BASKET: int(rng.integers(2**31)), BAG: int(rng.integers(2**31)) if stage.own_bag else None},
        truth=None,  # type: ignore[arg-type]  # found below, from the script itself
        **parts,  # type: ignore[arg-type]
    )
    truth = find_truth(
        draft,
        behaviours=acts,
        registered_at=stage.registered_at,
        voided=frozenset(stage.voided),
        registered=sum(line.quantity for line in stage.lines.values()),
        left_in_basket=left_in_basket if paid_at_s is not None else 0,
        arrived_at_s=arrived_at_s,
        left_at_s=left_at_s,
        paid_at_s=paid_at_s,
        taken_at_s=taken_at_s,
    )
    parts["truth"] = truth
    return Script(
        seed=seed,
        length_s=length_s,
        figures=draft.figures,
        holders=draft.holders,
        **parts,  # type: ignore[arg-type]
    )


class _Shopper:
    """One shopper's way through a sale."""

    def __init__(self, stage: Stage, acts: tuple[str, ...]) -> None:
        self.stage = stage
        self.rng = stage.rng
        self.acts = acts
        self.in_basket = list(range(len(stage.items)))
        self.stand: Point = (STAND_AT[0] + self.rng.normal(0, 18), STAND_AT[1] + self.rng.normal(0, 8))
        self.started = False

    # Coming

    def arrive(self) -> float:
        """Walk in with a full basket, set it down, open the bag; return when the shopper stood there."""
        stage, rng = self.stage, self.rng
        grip = (stage.basket_at[0] + 104, stage.basket_at[1] + 66)
        turn = hand_angle(grip, self.stand, "left")
        dx, dy = stage.basket_at[0] - grip[0], stage.basket_at[1] - grip[1]
        offset = (np.cos(turn) * dx + np.sin(turn) * dy, -np.sin(turn) * dx + np.cos(turn) * dy)
        stage.put_on_stage(BASKET, Placement(0, "hand", offset, -turn, LEFT))
        for number in self.in_basket:
            angle = float(rng.uniform(-0.9, 0.9)) + (np.pi / 2 if rng.random() < 0.4 else 0)
            spot = (float(rng.uniform(-78, 78)), float(rng.uniform(-40, 44)))
            stage.put_on_stage(number, Placement(0, "basket", spot, angle))
        bag_grip = (stage.bag_at[0] - 20, stage.bag_at[1] + 80)
        bag_turn = hand_angle(bag_grip, self.stand, "right")
        dx, dy = stage.bag_at[0] - bag_grip[0], stage.bag_at[1] - bag_grip[1]
        held = (np.cos(bag_turn) * dx + np.sin(bag_turn) * dy, -np.sin(bag_turn) * dx + np.cos(bag_turn) * dy)
        if stage.own_bag:
            stage.put_on_stage(BAG, Placement(0, "hand", held, -bag_turn, RIGHT, size=0.3))
        else:
            stage.put_on_stage(BAG, Placement(0, "nowhere"))
        arrived = stage.walk("shopper", self.stand, start_s=0.1)
        stage.reach(LEFT, grip, hurry=0.7)
        stage.dwell(LEFT, 0.2, 0.5)
        stage.place(BASKET, Placement(stage.free[LEFT], "counter", stage.basket_at, 0.0))
        if stage.own_bag:
            stage.reach(RIGHT, bag_grip, hurry=0.8)
            stage.place(BAG, Placement(stage.free[RIGHT], "counter", stage.bag_at, 0.0))
            self._open_bag()
        stage.home()
        if rng.random() < 0.7:
            self._start(stage.touch_screen(RIGHT if rng.random() < 0.7 else LEFT))
        return arrived

    def _open_bag(self) -> None:
        """Pull the bag open with both hands, arrange its rim."""
        stage, (x, y) = self.stage, self.stage.bag_at
        stage.wait_until(stage.now())
        stage.reach(LEFT, (x - 60, y + 20))
        stage.reach(RIGHT, (x + 50, y + 20))
        for _ in range(int(self.rng.integers(1, 4))):
            stage.reach(LEFT, (x - self.rng.uniform(60, 100), y + self.rng.uniform(-50, 60)), hurry=1.3)
            stage.reach(RIGHT, (x + self.rng.uniform(50, 96), y + self.rng.uniform(-50, 60)), hurry=1.3)

    def _start(self, at_s: float) -> None:
        self.started = True
        self.stage.tell("sale_started", at_s + 0.05)
        self.stage.show(at_s + 0.05, "scanning")

    def _register(self, *items: int, at_s: float, key: bool = False) -> None:
        if not self.started:
            self._start(at_s - 0.1)
        self.stage.register(*items, at_s=at_s, key=key)

    # Buying

    def buy(self) -> None:
        """Bring every item over, each in some way."""
        plan: list[tuple[str, tuple[int, ...]]] = []
        rest = list(self.in_basket)
        special: dict[str, int] = {"quantity": 3, "two_at_once": 2, "pair_scanned": 2}
        for act in self.acts:  # the quantity line is made of the first three, so it draws first
            if act == "quantity":
                plan.append((act, tuple(rest[:3])))
                rest = rest[3:]
        for act in self.acts:
            if act in special and act != "quantity":
                plan.append((act, tuple(rest[:2])))
                rest = rest[2:]
            elif (
                act in {"forgotten_scan", "void_and_keep", "void_and_return", "late_scan", "changes_mind"}
                and rest
            ):
                plan.append((act, (rest.pop(0),)))
            elif act == "left_in_basket" and rest:
                plan.append((act, (rest.pop(0),)))
        plan += [("scan", (item,)) for item in rest]
        order = self.rng.permutation(len(plan))
        oddities = [act for act in self.acts if act in {"pauses", "rearranges", "gestures", "assisted"}]
        when = {act: int(self.rng.integers(1, max(2, len(plan)))) for act in oddities}
        for step, index in enumerate(order):
            for act, at in when.items():
                if at == step:
                    getattr(self, f"_{act}")()
            act, items = plan[index]
            if act == "scan":
                self._scan_somehow(items[0])
            elif act != "left_in_basket":
                getattr(self, f"_{act}")(*items)
        self.stage.home()

    def _hand(self) -> Limb:
        return RIGHT if self.rng.random() < 0.62 else LEFT

    def _take(self, hand: Limb, item: int) -> None:
        self.stage.wait_until(self.stage.now(hand), hand)
        self.stage.pick(hand, item)
        if item in self.in_basket:
            self.in_basket.remove(item)

    def _find_code(self, hand: Limb, item: int) -> float:
        """Hold an item over the window until the till has it; return when that was."""
        stage, rng = self.stage, self.rng
        stage.over_scanner(hand)
        for _ in range(int(rng.choice([0, 1, 2], p=[0.6, 0.3, 0.1]))):  # turn it, look for the code
            x, y = SCANNER_AT
            stage.reach(hand, (x + rng.uniform(-34, 34), y + rng.uniform(-26, 26)), hurry=1.2)
        begin_s = stage.free[hand]
        stage.dwell(hand, 0.15, 0.6)
        registered_s = begin_s + (stage.free[hand] - begin_s) * rng.uniform(0.4, 1.0)
        self._register(item, at_s=registered_s)
        return float(registered_s)

    def _scan_somehow(self, item: int) -> None:
        if self.stage.keyed(item):
            self._choose_on_screen(item)
            return
        way = self.rng.choice(
            ["one_hand", "handed_over", "rested", "second_hand_bags"], p=[0.6, 0.22, 0.08, 0.1]
        )
        if way == "one_hand":
            hand = self._hand()
            self._take(hand, item)
            self._find_code(hand, item)
            self.stage.put(hand, item, "bag")
        elif way == "rested":
            hand = self._hand()
            self._take(hand, item)
            self._find_code(hand, item)
            rest = (self.rng.uniform(585, 615), self.rng.uniform(250, 330))
            self.stage.put(hand, item, "counter", at=rest)
            self.stage.reach(hand, None)
            self.stage.pause(0.5, 2.0)
            self.stage.pick(hand, item)
            self.stage.put(hand, item, "bag")
        else:
            self._take(LEFT, item)
            self._find_code(LEFT, item)
            x, y = self.stage.spot_of(LEFT)
            self.stage.wait_until(self.stage.free[LEFT] - 0.35, RIGHT)
            self.stage.reach(RIGHT, (x + 34, y + 6))
            self.stage.wait_until(self.stage.now(), LEFT, RIGHT)
            self.stage.hold(RIGHT, item)
            self.stage.put(RIGHT, item, "bag")
        if self.rng.random() < 0.25:
            self.stage.home()

    def _choose_on_screen(self, item: int) -> None:
        """No barcode: choose it on the screen, before or after it is bagged."""
        stage = self.stage
        self._take(LEFT, item)
        if self.rng.random() < 0.5:
            stage.over_scanner(LEFT)
            stage.wait_until(stage.free[LEFT] - 0.4, RIGHT)
            self._register(item, at_s=stage.touch_screen(RIGHT) + 0.1, key=True)
            stage.reach(RIGHT, None)
            stage.wait_until(stage.now(), LEFT)
            stage.put(LEFT, item, "bag")
        else:
            self._late(item, LEFT, RIGHT)
        stage.reach(LEFT, None)

    def _late_scan(self, item: int) -> None:
        hand = self._hand()
        self._take(hand, item)
        self._late(item, hand, LEFT if hand == RIGHT else RIGHT)

    def _late(self, item: int, hand: Limb, other: Limb) -> None:
        """Bag it first; the till learns of it a moment later, at most about two seconds."""
        stage = self.stage
        stage.over_scanner(hand)
        stage.put(hand, item, "bag")
        released_s = stage.free[hand]
        stage.wait_until(released_s - 0.3, other)
        touched_s = stage.touch_screen(other)
        self._register(item, at_s=min(touched_s + 0.1, released_s + 2.0), key=True)
        stage.reach(other, None)
        stage.wait_until(touched_s + 0.2)

    def _forgotten_scan(self, item: int) -> None:
        """Past the scanner without a beep: over the window, before it, or well around it."""
        hand = self._hand()
        stage, rng = self.stage, self.rng
        self._take(hand, item)
        way = rng.integers(4)
        if way == 0:
            stage.over_scanner(hand, hurry=1.25)
        elif way == 1:
            stage.reach(hand, (SCANNER_AT[0] + rng.uniform(-60, 60), rng.uniform(352, 396)))
        elif way == 2:
            stage.over_scanner(hand)
            stage.dwell(hand, 0.1, 0.5)
        stage.put(hand, item, "bag")
        self._go_on_after_a_while()

    def _go_on_after_a_while(self) -> None:
        """Most shoppers look at the screen or the next item first, so that no scan follows within a second."""
        if self.rng.random() < 0.6:
            self.stage.home()
            self.stage.pause(0.2, 1.2)

    def _two_at_once(self, first: int, second: int) -> None:
        """Two in one go, one of them scanned: in one hand, or one in each."""
        stage, rng = self.stage, self.rng
        if rng.random() < 0.5:
            hand = self._hand()
            self._take(hand, first)
            stage.pick(hand, second, beside=(rng.uniform(22, 34), rng.uniform(-12, 12)))
            self.in_basket.remove(second)
            self._find_code(hand, first)
            stage.reach(hand, stage.target("bag"))
            stage.dwell(hand, 0.1, 0.3)
            stage.release(hand, first, "bag")
            stage.release(hand, second, "bag")
        else:
            self._take(LEFT, first)
            self._take(RIGHT, second)
            stage.wait_until(stage.now())
            stage.reach(RIGHT, (SCANNER_AT[0] + rng.uniform(70, 120), SCANNER_AT[1] + rng.uniform(-10, 60)))
            self._find_code(LEFT, first)
            stage.put(RIGHT, second, "bag")
            stage.put(LEFT, first, "bag")
        self._go_on_after_a_while()

    def _pair_scanned(self, first: int, second: int) -> None:
        """One in each hand, each scanned, both bagged: nothing wrong."""
        stage = self.stage
        self._take(LEFT, first)
        self._take(RIGHT, second)
        stage.wait_until(stage.now())
        self._find_code(LEFT, first)
        stage.reach(LEFT, (SCANNER_AT[0] - 96, SCANNER_AT[1] + 60))
        stage.wait_until(stage.now() - 0.3, RIGHT)
        self._find_code(RIGHT, second)
        stage.put(RIGHT, second, "bag")
        stage.put(LEFT, first, "bag")

    def _quantity(self, *items: int) -> None:
        """One piece scanned, "3" keyed, three pieces moved."""
        stage = self.stage
        hand = RIGHT
        self._take(hand, items[0])
        stage.over_scanner(hand)
        stage.dwell(hand, 0.2, 0.5)
        touched_s = stage.touch_screen(LEFT)
        stage.wait_until(touched_s, hand)
        self._register(*items, at_s=touched_s)
        stage.reach(LEFT, None)
        stage.put(hand, items[0], "bag")
        for item in items[1:]:
            other = self._hand()
            self._take(other, item)
            stage.put(other, item, "bag")

    def _void_and_return(self, item: int) -> None:
        """Scanned, found too dear, voided, put back."""
        stage = self.stage
        hand = self._hand()
        other = LEFT if hand == RIGHT else RIGHT
        self._take(hand, item)
        self._find_code(hand, item)
        bagged = self.rng.random() < 0.5
        if bagged:
            stage.put(hand, item, "bag")
            stage.home()
            stage.pause(0.4, 1.5)
        stage.wait_until(stage.now(hand), other)
        stage.void(item, stage.touch_screen(other) + 0.1)
        stage.reach(other, None)
        stage.wait_until(stage.now(), hand)
        if bagged:
            stage.pick(hand, item)
        if self.rng.random() < 0.5:
            stage.put(hand, item, "basket")
            self.in_basket.append(item)
        else:
            spot = (ASIDE_AT[0] + self.rng.normal(0, 8), ASIDE_AT[1] + self.rng.normal(0, 6))
            stage.put(hand, item, "counter", at=spot)
        stage.home()

    def _void_and_keep(self, item: int) -> None:
        """Scanned, bagged, voided, and kept."""
        hand = self._hand()
        self._take(hand, item)
        self._find_code(hand, item)
        self.stage.put(hand, item, "bag")
        self.stage.pause(0.3, 1.0)
        self.stage.void(item, self.stage.touch_screen(LEFT if hand == RIGHT else RIGHT) + 0.1)
        self.stage.home()

    def _changes_mind(self, item: int) -> None:
        """Taken out, looked at, put back before any scan; taken again later and bought."""
        stage = self.stage
        hand = self._hand()
        stage.pick(hand, item)
        stage.reach(
            hand, (SCANNER_AT[0] + self.rng.uniform(-90, -20), SCANNER_AT[1] + self.rng.uniform(0, 80))
        )
        stage.dwell(hand, 0.4, 1.6)
        stage.put(hand, item, "basket")
        stage.reach(hand, None)
        stage.pause(0.2, 1.0)
        self._scan_somehow(item)

    # Oddities in which nothing changes place

    def _pauses(self) -> None:
        self.stage.home()
        self.stage.pause(2.0, 6.0)

    def _rearranges(self) -> None:
        """Both hands in the bag, moving what is there."""
        stage, (x, y) = self.stage, self.stage.bag_at
        stage.wait_until(stage.now())
        for _ in range(int(self.rng.integers(2, 5))):
            for hand, side in ((LEFT, -1), (RIGHT, 1)):
                aim = (x + side * self.rng.uniform(10, 70), y + self.rng.uniform(-50, 50))
                stage.reach(hand, aim, hurry=1.1)
        inside = stage.lying_in_bag()
        if inside and self.rng.random() < 0.7:
            item = inside[int(self.rng.integers(len(inside)))]
            stage.pick(RIGHT, item)
            stage.put(RIGHT, item, "bag")
        stage.home()

    def _gestures(self) -> None:
        """Hands that go somewhere and carry nothing."""
        stage, rng = self.stage, self.rng
        for _ in range(int(rng.integers(1, 4))):
            hand = self._hand()
            stage.wait_until(stage.now(), hand)
            stage.pose(hand, "flat")
            way = rng.integers(4)
            if way == 0:  # into the basket and straight over to the bag, empty
                stage.reach(hand, stage.target("basket"))
                stage.dwell(hand, 0.1, 0.4)
                stage.reach(hand, stage.target("bag"))
                stage.dwell(hand, 0.1, 0.5)
            elif way == 1:
                stage.touch_screen(hand)
            elif way == 2:  # points at something
                stage.reach(hand, (rng.uniform(200, 760), rng.uniform(60, 340)))
                stage.dwell(hand, 0.3, 1.2)
            else:  # touches the bag's rim
                x, y = stage.bag_at
                stage.reach(hand, (x + rng.uniform(-90, 20), y + rng.uniform(-70, 80)))
                stage.dwell(hand, 0.2, 0.8)
            stage.reach(hand, None)
        stage.pose(LEFT, "grip")
        stage.pose(RIGHT, "grip")

    def _assisted(self) -> None:
        """The till calls; somebody of the staff comes, touches the screen, goes."""
        stage = self.stage
        stage.home()
        called_s = stage.now()
        if not self.started:
            self._start(called_s - 0.4)
        stage.tell("assist_requested", called_s)
        came_s = stage.walk("staff", (240.0, 470.0), start_s=called_s + self.rng.uniform(0.8, 2.5))
        hand: Limb = ("staff", "right")
        stage.wait_until(came_s, *both("staff"))
        stage.touch_screen(hand)
        stage.touch_screen(hand)
        stage.reach(hand, None)
        gone_s = stage.walk("staff", (-160.0, 620.0), start_s=stage.free[hand])
        stage.wait_until(gone_s - self.rng.uniform(1.0, 2.0))

    # Paying and going

    def pay(self) -> float:
        """Touch "pay", pay by card or cash; return when the till had it."""
        stage, rng = self.stage, self.rng
        stage.wait_until(stage.now())
        begun_s = stage.touch_screen(RIGHT) + 0.1
        total = stage.total()
        stage.tell("payment_started", begun_s, total=total)
        stage.show(begun_s, "paying")
        stage.reach(RIGHT, None)
        stage.pause(0.6, 1.8)
        stage.pose(RIGHT, "grip")
        x, y = TERMINAL_AT
        stage.reach(RIGHT, (x + rng.uniform(-8, 8), y + rng.uniform(20, 46)))
        stage.dwell(RIGHT, 0.6, 1.8)
        paid_s = stage.free[RIGHT] + rng.uniform(0.2, 0.9)
        method = str(rng.choice(["card", "cash", "emoney"], p=[0.5, 0.3, 0.2]))
        payment: dict[str, object] = {"method": method, "amount": total}
        if method == "card":
            payment["card"] = f"…{int(rng.integers(10_000)):04d}"
        stage.tell("paid", paid_s, total=total, payments=[payment])
        stage.show(paid_s, "thanks")
        stage.reach(RIGHT, None)
        stage.wait_until(paid_s + rng.uniform(0.4, 1.2))
        return float(paid_s)

    def leave(self, *, paid: bool) -> tuple[float, float]:
        """Take the goods and go; return when the goods were first touched and when the shopper had left."""
        stage, rng = self.stage, self.rng
        stage.home()
        stage.pause(0.2, 1.0)
        taken_s = stage.now()
        if stage.own_bag:
            x, y = stage.bag_at
            stage.reach(RIGHT, (x - rng.uniform(0, 30), y + rng.uniform(40, 70)))
            stage.dwell(RIGHT, 0.2, 0.5)
            taken_s = stage.free[RIGHT]
            stage.hold(RIGHT, BAG)
            stage.reach(RIGHT, None)
        else:
            inside = stage.lying_in_bag()
            for item in inside:
                hand = self._hand()
                stage.wait_until(stage.now(), hand)
                stage.pick(hand, item)
                taken_s = min(taken_s, stage.free[hand]) if item != inside[0] else stage.free[hand]
                stage.reach(hand, (self.stand[0] + rng.uniform(-24, 24), self.stand[1] - 6))
                stage.place(item, Placement(stage.free[hand], "nowhere"))
        if not self.in_basket and rng.random() < 0.6:  # an empty basket goes to the stack
            x, y = stage.basket_at
            stage.reach(LEFT, (x + 104, y + 60))
            stage.dwell(LEFT, 0.1, 0.3)
            stage.hold(LEFT, BASKET)
            stage.reach(LEFT, None)
        start_s = stage.now()
        side = float(rng.choice([-520, 520]))
        away = (self.stand[0] + side * 0.25, self.stand[1] + 60), (self.stand[0] + side, 800.0)
        on_the_way = stage.walk("shopper", away[0], start_s=start_s, speed_px_s=170)
        gone_s = stage.walk("shopper", away[1], start_s=on_the_way)
        if stage.last(BASKET).place == "hand":
            stage.place(BASKET, Placement(gone_s, "nowhere"))
        stage.place(BAG, Placement(gone_s, "nowhere"))
        for item in stage.lying_in_bag():
            stage.place(item, Placement(gone_s, "nowhere"))
        stage.show(gone_s, "idle" if paid else "scanning")
        return taken_s, on_the_way

    def clear_away(self, left_s: float, *, paid: bool) -> float:
        """The till gives up an unpaid sale; staff take what was left behind. Return when the lane is empty."""
        stage, rng = self.stage, self.rng
        end_s = stage.now()
        if not paid:
            end_s = left_s + rng.uniform(24, 32)
            stage.tell("sale_cancelled", end_s, note="timeout")
            stage.lines_shown_off(end_s)
        behind = [i for i in range(len(stage.items)) if stage.last(i).place == "counter"]
        if stage.last(BASKET).place == "nowhere" and not behind:
            return float(end_s + rng.uniform(0.5, 5.0))
        came_s = stage.walk("staff", (120.0, 480.0), start_s=end_s + rng.uniform(0.5, 3.0))
        left, right = both("staff")
        stage.wait_until(came_s, left, right)
        for item in behind:
            stage.pick(right, item)
            stage.put(right, item, "basket")
        if stage.last(BASKET).place == "counter":
            x, y = stage.basket_at
            stage.reach(right, (x + 60, y + 84))
            stage.reach(left, (x - 90, y + 84))
            stage.wait_until(stage.now(left, right), left, right)
            stage.hold(right, BASKET)
            stage.reach(left, None)
            stage.reach(right, None)
        gone_s = stage.walk("staff", (-220.0, 640.0), start_s=stage.now(left, right))
        stage.place(BASKET, Placement(gone_s, "nowhere"))
        for item in range(len(stage.items)):
            if stage.last(item).place != "nowhere":
                stage.place(item, Placement(gone_s, "nowhere"))
        return float(gone_s + rng.uniform(0.5, 4.0))
