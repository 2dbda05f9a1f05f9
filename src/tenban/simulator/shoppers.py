"""Writes sales: a seed and an assortment in, one sale out.

Most shoppers are honest, and honest ones do odd things too; that is the point.
"""

from __future__ import annotations

import numpy as np

from tenban.simulator.acts import ACTS, ODDITIES
from tenban.simulator.products import Product
from tenban.simulator.script import BAG, BASKET, Sale
from tenban.simulator.shopper import Shopper
from tenban.simulator.stage import Stage
from tenban.simulator.truth import find_truth

# What a shopper may do besides buying, and how often: far more often than in a real shop, where a demo would
# have to run for a day to show anything.
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


# How many items each behaviour takes; the others take none.
_PIECES = {
    "quantity": 3,
    "two_at_once": 2,
    "pair_scanned": 2,
    "forgotten_scan": 1,
    "void_and_keep": 1,
    "void_and_return": 1,
    "late_scan": 1,
    "changes_mind": 1,
    "left_in_basket": 1,
}


def choose_behaviours(rng: np.random.Generator) -> tuple[str, ...]:
    """Draw what a shopper does; at most three things."""
    chosen = [name for name, share in BEHAVIOURS.items() if rng.random() < share]
    if "void_and_keep" in chosen and "void_and_return" in chosen:
        chosen.remove("void_and_keep")
    return tuple(chosen[:3])


def write_sale(seed: int, assortment: list[Product], *, behaviours: tuple[str, ...] | None = None) -> Sale:
    """Write one sale.

    Args:
        seed: the same seed and assortment always give the same sale.
        assortment: the articles of the lane.
        behaviours: what the shopper does (names in ``BEHAVIOURS``), drawn where None.

    Raises:
        KeyError: there is no such behaviour.
    """
    rng = np.random.default_rng(seed)
    acts = choose_behaviours(rng) if behaviours is None else behaviours
    need = 2 + sum(_PIECES.get(act, 0) for act in acts if BEHAVIOURS[act])
    count = max(need, int(rng.integers(2, 8)))
    items = [int(pick) for pick in rng.integers(0, len(assortment), count)]
    if "quantity" in acts:
        items[1] = items[2] = items[0]
    stage = Stage(
        rng, assortment, items, tempo=float(rng.uniform(0.9, 1.4)), own_bag=bool(rng.random() < 0.8)
    )
    figure, staff, basket, bag = (int(pick) for pick in rng.integers(0, 2**31, 4))
    shopper = Shopper(stage)
    arrived_at_s = shopper.arrive()
    _buy(shopper, acts)
    paid_at_s = None if "walks_away" in acts else shopper.pay()
    left_in_basket = len(shopper.in_basket)
    taken_at_s, left_at_s = shopper.leave(paid=paid_at_s is not None)
    length_s = shopper.clear_away(left_at_s, paid=paid_at_s is not None)
    script = stage.script(
        seed=seed,
        length_s=length_s,
        figures={"shopper": figure, "staff": staff},
        holders={BASKET: basket, BAG: bag if stage.own_bag else None},
    )
    truth = find_truth(
        script,
        behaviours=acts,
        registered_at=stage.registered_at,
        registered=sum(line.quantity for line in stage.lines.values()),
        left_in_basket=left_in_basket if paid_at_s is not None else 0,
        arrived_at_s=arrived_at_s,
        left_at_s=left_at_s,
        paid_at_s=paid_at_s,
        taken_at_s=taken_at_s,
    )
    return Sale(script, truth)


def _buy(shopper: Shopper, acts: tuple[str, ...]) -> None:
    """Bring every item over, each in some way, in some order, with oddities between."""
    rng = shopper.rng
    plan = _plan(shopper, acts)
    oddities = {act: int(rng.integers(1, max(2, len(plan)))) for act in acts if act in ODDITIES}
    for step, index in enumerate(rng.permutation(len(plan))):
        for oddity, at_step in oddities.items():
            if at_step == step:
                ODDITIES[oddity](shopper)
        act, items = plan[index]
        if act != "left_in_basket":
            ACTS[act](shopper, *items)
    shopper.stage.home()


def _plan(shopper: Shopper, acts: tuple[str, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """Say which items are brought over in which way."""
    rest = list(shopper.in_basket)
    plan: list[tuple[str, tuple[int, ...]]] = []
    # The quantity line is made of the first three items, which are alike, so it draws first.
    for act in sorted(acts, key=lambda act: act != "quantity"):
        pieces = _PIECES.get(act, 0)
        if pieces and len(rest) >= pieces:
            plan.append((act, tuple(rest[:pieces])))
            rest = rest[pieces:]
    return plan + [("scan", (item,)) for item in rest]
