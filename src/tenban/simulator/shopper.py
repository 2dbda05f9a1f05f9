"""One shopper at a register: coming, handling goods, paying, going. What is odd about some is in ``acts``."""

from __future__ import annotations

import numpy as np

from tenban.simulator.counter import SCANNER_AT, STAND_AT, TERMINAL_AT
from tenban.simulator.script import BAG, BASKET, Limb, Placement, Point, hand_angle
from tenban.simulator.stage import Stage, both

LEFT: Limb = ("shopper", "left")
RIGHT: Limb = ("shopper", "right")


class Shopper:
    """A shopper's hands and plans on a stage.

    Attributes:
        stage: where it happens.
        rng: the stage's generator.
        in_basket: items still in the basket.
        stand: where the shopper stands.
        started: the till knows of the sale.
        registered_s: when the till last registered something.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.rng = stage.rng
        self.in_basket = list(range(len(stage.items)))
        self.stand: Point = (STAND_AT[0] + self.rng.normal(0, 18), STAND_AT[1] + self.rng.normal(0, 8))
        self.started = False
        self.registered_s = 0.0

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
            self.start(stage.touch_screen(RIGHT if rng.random() < 0.7 else LEFT))
            stage.wait_until(stage.now())  # the till takes no item before
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

    def start(self, at_s: float) -> None:
        """Have the till begin the sale."""
        self.started = True
        self.stage.tell("sale_started", at_s + 0.05)
        self.stage.show(at_s + 0.05, "scanning")

    def register(self, *items: int, at_s: float, key: bool = False) -> float:
        """Have the till register pieces of one article; it takes one thing after the other.

        Begins the sale where it has not begun. Returns when it was registered.
        """
        if not self.started:
            self.start(at_s - 0.1)
        self.registered_s = max(at_s, self.registered_s + 0.2)
        self.stage.register(*items, at_s=self.registered_s, key=key)
        return self.registered_s

    # Handling goods

    def some_hand(self) -> Limb:
        """Choose a hand; most people prefer the right."""
        return RIGHT if self.rng.random() < 0.62 else LEFT

    def take(self, hand: Limb, item: int) -> None:
        """Lift an item, out of the basket or from where it lies."""
        # One thing after the other: a hand sets out while the other is about to finish, not long before.
        self.stage.wait_until(self.stage.now() - self.rng.uniform(0.1, 0.9), hand)
        self.stage.pick(hand, item)
        if item in self.in_basket:
            self.in_basket.remove(item)

    def find_code(self, hand: Limb, item: int) -> float:
        """Hold an item over the window until the till has it; return when that was."""
        stage, rng = self.stage, self.rng
        stage.wait_until(self.registered_s - 0.2, hand)  # the other hand's item is over the window until then
        stage.over_scanner(hand)
        for _ in range(int(rng.choice([0, 1, 2], p=[0.6, 0.3, 0.1]))):  # turn it, look for the code
            x, y = SCANNER_AT
            stage.reach(hand, (x + rng.uniform(-34, 34), y + rng.uniform(-26, 26)), hurry=1.2)
        begin_s = stage.free[hand]
        stage.dwell(hand, 0.15, 0.6)
        return self.register(item, at_s=begin_s + (stage.free[hand] - begin_s) * rng.uniform(0.4, 1.0))

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
                hand = self.some_hand()
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
        """Give up an unpaid sale, let staff take what was left behind; return when the lane is empty."""
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
