"""What shoppers do with goods, honest and not, and what they do besides.

``ACTS`` bring items over; ``ODDITIES`` change nothing. Each is a function of the shopper and the items.
"""

from __future__ import annotations

from collections.abc import Callable

from tenban.simulator.counter import ASIDE_AT, SCANNER_AT
from tenban.simulator.script import Limb
from tenban.simulator.shopper import LEFT, RIGHT, Shopper
from tenban.simulator.stage import both


def scan_somehow(shopper: Shopper, item: int) -> None:
    """Scanned as it should be: with one hand, handed over, or laid down on the way."""
    if shopper.stage.keyed(item):
        _choose_on_screen(shopper, item)
        return
    way = shopper.rng.choice(
        ["one_hand", "handed_over", "rested", "second_hand_bags"], p=[0.6, 0.22, 0.08, 0.1]
    )
    if way == "one_hand":
        hand = shopper.some_hand()
        shopper.take(hand, item)
        shopper.find_code(hand, item)
        shopper.stage.put(hand, item, "bag")
    elif way == "rested":
        hand = shopper.some_hand()
        shopper.take(hand, item)
        shopper.find_code(hand, item)
        rest = (shopper.rng.uniform(585, 615), shopper.rng.uniform(250, 330))
        shopper.stage.put(hand, item, "counter", at=rest)
        shopper.stage.reach(hand, None)
        shopper.stage.pause(0.5, 2.0)
        shopper.stage.pick(hand, item)
        shopper.stage.put(hand, item, "bag")
    else:
        shopper.take(LEFT, item)
        shopper.find_code(LEFT, item)
        x, y = shopper.stage.spot_of(LEFT)
        shopper.stage.wait_until(shopper.stage.free[LEFT] - 0.35, RIGHT)
        shopper.stage.reach(RIGHT, (x + 34, y + 6))
        shopper.stage.wait_until(shopper.stage.now(), LEFT, RIGHT)
        shopper.stage.hold(RIGHT, item)
        shopper.stage.put(RIGHT, item, "bag")
    if shopper.rng.random() < 0.25:
        shopper.stage.home()


def _choose_on_screen(shopper: Shopper, item: int) -> None:
    """No barcode: choose it on the screen, before or after it is bagged."""
    stage = shopper.stage
    shopper.take(LEFT, item)
    if shopper.rng.random() < 0.5:
        stage.over_scanner(LEFT)
        stage.wait_until(stage.free[LEFT] - 0.4, RIGHT)
        shopper.register(item, at_s=stage.touch_screen(RIGHT) + 0.1, key=True)
        stage.reach(RIGHT, None)
        stage.wait_until(stage.now(), LEFT)
        stage.put(LEFT, item, "bag")
    else:
        _late(shopper, item, LEFT, RIGHT)
    stage.reach(LEFT, None)


def late_scan(shopper: Shopper, item: int) -> None:
    """Bagged first, keyed a moment later."""
    hand = shopper.some_hand()
    shopper.take(hand, item)
    _late(shopper, item, hand, LEFT if hand == RIGHT else RIGHT)


def _late(shopper: Shopper, item: int, hand: Limb, other: Limb) -> None:
    """Bag it first; the till learns of it a moment later, at most about two seconds."""
    stage = shopper.stage
    stage.over_scanner(hand)
    stage.put(hand, item, "bag")
    released_s = stage.last(item).from_s
    stage.wait_until(released_s - 0.3, other)
    touched_s = stage.touch_screen(other)
    shopper.register(item, at_s=min(touched_s + 0.1, released_s + 2.0), key=True)
    stage.reach(other, None)
    stage.wait_until(touched_s + 0.2)


def forgotten_scan(shopper: Shopper, item: int) -> None:
    """Past the scanner without a beep: over the window, before it, or well around it."""
    hand = shopper.some_hand()
    stage, rng = shopper.stage, shopper.rng
    shopper.take(hand, item)
    way = rng.integers(4)
    if way == 0:
        stage.over_scanner(hand, hurry=1.25)
    elif way == 1:
        stage.reach(hand, (SCANNER_AT[0] + rng.uniform(-60, 60), rng.uniform(352, 396)))
    elif way == 2:
        stage.over_scanner(hand)
        stage.dwell(hand, 0.1, 0.5)
    stage.put(hand, item, "bag")
    _go_on_after_a_while(shopper)


def _go_on_after_a_while(shopper: Shopper) -> None:
    """Most shoppers look at the screen or the next item first, so that no scan follows within a second."""
    if shopper.rng.random() < 0.6:
        shopper.stage.home()
        shopper.stage.pause(0.2, 1.2)


def two_at_once(shopper: Shopper, first: int, second: int) -> None:
    """Two in one go, one of them scanned: in one hand, or one in each."""
    stage, rng = shopper.stage, shopper.rng
    if rng.random() < 0.5:
        hand = shopper.some_hand()
        shopper.take(hand, first)
        stage.pick(hand, second, beside=(rng.uniform(22, 34), rng.uniform(-12, 12)))
        shopper.in_basket.remove(second)
        shopper.find_code(hand, first)
        stage.reach(hand, stage.target("bag"))
        stage.dwell(hand, 0.1, 0.3)
        stage.release(hand, first, "bag")
        stage.release(hand, second, "bag")
    else:
        shopper.take(LEFT, first)
        shopper.take(RIGHT, second)
        stage.wait_until(stage.now())
        stage.reach(RIGHT, (SCANNER_AT[0] + rng.uniform(70, 120), SCANNER_AT[1] + rng.uniform(-10, 60)))
        shopper.find_code(LEFT, first)
        stage.put(RIGHT, second, "bag")
        stage.put(LEFT, first, "bag")
    _go_on_after_a_while(shopper)


def pair_scanned(shopper: Shopper, first: int, second: int) -> None:
    """One in each hand, each scanned, both bagged: nothing wrong."""
    stage = shopper.stage
    shopper.take(LEFT, first)
    shopper.take(RIGHT, second)
    stage.wait_until(stage.now())
    shopper.find_code(LEFT, first)
    stage.reach(LEFT, (SCANNER_AT[0] - 96, SCANNER_AT[1] + 60))
    stage.wait_until(stage.now() - 0.3, RIGHT)
    shopper.find_code(RIGHT, second)
    stage.put(RIGHT, second, "bag")
    stage.put(LEFT, first, "bag")


def quantity(shopper: Shopper, *items: int) -> None:
    """One piece scanned, "3" keyed, three pieces moved."""
    stage = shopper.stage
    hand = RIGHT
    shopper.take(hand, items[0])
    stage.over_scanner(hand)
    stage.dwell(hand, 0.2, 0.5)
    touched_s = stage.touch_screen(LEFT)
    stage.wait_until(touched_s, hand)
    shopper.register(*items, at_s=touched_s)
    stage.reach(LEFT, None)
    stage.put(hand, items[0], "bag")
    for item in items[1:]:
        other = shopper.some_hand()
        shopper.take(other, item)
        stage.put(other, item, "bag")


def void_and_return(shopper: Shopper, item: int) -> None:
    """Scanned, found too dear, voided, put back."""
    stage = shopper.stage
    hand = shopper.some_hand()
    other = LEFT if hand == RIGHT else RIGHT
    shopper.take(hand, item)
    shopper.find_code(hand, item)
    bagged = shopper.rng.random() < 0.5
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
    if shopper.rng.random() < 0.5:
        stage.put(hand, item, "basket")
        shopper.in_basket.append(item)
    else:
        spot = (ASIDE_AT[0] + shopper.rng.normal(0, 8), ASIDE_AT[1] + shopper.rng.normal(0, 6))
        stage.put(hand, item, "counter", at=spot)
    stage.home()


def void_and_keep(shopper: Shopper, item: int) -> None:
    """Scanned, bagged, voided, and kept."""
    hand = shopper.some_hand()
    shopper.take(hand, item)
    shopper.find_code(hand, item)
    shopper.stage.put(hand, item, "bag")
    shopper.stage.pause(0.3, 1.0)
    shopper.stage.void(item, shopper.stage.touch_screen(LEFT if hand == RIGHT else RIGHT) + 0.1)
    shopper.stage.home()


def changes_mind(shopper: Shopper, item: int) -> None:
    """Taken out, looked at, put back before any scan; taken again later and bought."""
    stage = shopper.stage
    hand = shopper.some_hand()
    stage.pick(hand, item)
    stage.reach(
        hand, (SCANNER_AT[0] + shopper.rng.uniform(-90, -20), SCANNER_AT[1] + shopper.rng.uniform(0, 80))
    )
    stage.dwell(hand, 0.4, 1.6)
    stage.put(hand, item, "basket")
    stage.reach(hand, None)
    stage.pause(0.2, 1.0)
    scan_somehow(shopper, item)


def pauses(shopper: Shopper) -> None:
    """Stands there for a while."""
    shopper.stage.home()
    shopper.stage.pause(2.0, 6.0)


def rearranges(shopper: Shopper) -> None:
    """Both hands in the bag, moving what is there."""
    stage, (x, y) = shopper.stage, shopper.stage.bag_at
    stage.wait_until(stage.now())
    for _ in range(int(shopper.rng.integers(2, 5))):
        for hand, side in ((LEFT, -1), (RIGHT, 1)):
            aim = (x + side * shopper.rng.uniform(10, 70), y + shopper.rng.uniform(-50, 50))
            stage.reach(hand, aim, hurry=1.1)
    inside = stage.lying_in_bag()
    if inside and shopper.rng.random() < 0.7:
        item = inside[int(shopper.rng.integers(len(inside)))]
        stage.pick(RIGHT, item)
        stage.put(RIGHT, item, "bag")
    stage.home()


def gestures(shopper: Shopper) -> None:
    """Hands that go somewhere and carry nothing."""
    stage, rng = shopper.stage, shopper.rng
    for _ in range(int(rng.integers(1, 4))):
        hand = shopper.some_hand()
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


def assisted(shopper: Shopper) -> None:
    """The till calls; somebody of the staff comes, touches the screen, goes."""
    stage = shopper.stage
    stage.home()
    called_s = stage.now()
    if not shopper.started:
        shopper.start(called_s - 0.4)
    stage.tell("assist_requested", called_s)
    came_s = stage.walk("staff", (240.0, 470.0), start_s=called_s + shopper.rng.uniform(0.8, 2.5))
    hand: Limb = ("staff", "right")
    stage.wait_until(came_s, *both("staff"))
    stage.touch_screen(hand)
    stage.touch_screen(hand)
    stage.reach(hand, None)
    gone_s = stage.walk("staff", (-160.0, 620.0), start_s=stage.free[hand])
    stage.wait_until(gone_s - shopper.rng.uniform(1.0, 2.0))


ACTS: dict[str, Callable[..., None]] = {
    "scan": scan_somehow,
    "forgotten_scan": forgotten_scan,
    "two_at_once": two_at_once,
    "pair_scanned": pair_scanned,
    "quantity": quantity,
    "late_scan": late_scan,
    "void_and_return": void_and_return,
    "void_and_keep": void_and_keep,
    "changes_mind": changes_mind,
}
ODDITIES: dict[str, Callable[[Shopper], None]] = {
    "pauses": pauses,
    "rearranges": rearranges,
    "gestures": gestures,
    "assisted": assisted,
}
