"""Finds out what really happened in a script, from the script's own geometry."""

from __future__ import annotations

from tenban.simulator.script import Move, Placement, Point, Script, Truth

Box = tuple[float, float, float, float]

ZONES: dict[str, Box] = {  # x0, y0, x1, y1 in the design's pixels
    "basket": (24.0, 126.0, 320.0, 352.0),
    "scan": (378.0, 172.0, 578.0, 352.0),
    "bagging": (636.0, 108.0, 932.0, 364.0),
    "operator": (236.0, 412.0, 724.0, 540.0),
}


def inside(point: Point, zone: str) -> bool:
    """Tell whether a place lies in a zone."""
    x0, y0, x1, y1 = ZONES[zone]
    return x0 <= point[0] <= x1 and y0 <= point[1] <= y1


def find_truth(
    script: Script,
    *,
    behaviours: tuple[str, ...],
    registered_at: dict[int, float],
    registered: int,
    left_in_basket: int,
    arrived_at_s: float,
    left_at_s: float,
    paid_at_s: float | None,
    taken_at_s: float,
) -> Truth:
    """Follow every item through the script up to ``taken_at_s``."""
    moves: list[Move] = []
    brought_in = 0
    forgotten = False
    for item in range(len(script.items)):
        found, last = _moves_of(script, item, registered_at.get(item), taken_at_s)
        moves += found
        if last == "bagging":
            brought_in += 1
            forgotten = forgotten or item not in registered_at
    expected: list[str] = []
    if forgotten:
        expected.append("item_not_registered")
    if left_in_basket:
        expected.append("items_left_in_basket")
    if paid_at_s is None and registered:
        expected.append("left_without_paying")
    return Truth(
        behaviours=behaviours,
        moves=tuple(sorted(moves, key=lambda move: move.released_at_s)),
        registered=registered,
        brought_in=brought_in,
        left_in_basket=left_in_basket,
        arrived_at_s=arrived_at_s,
        left_at_s=left_at_s,
        paid_at_s=paid_at_s,
        taken_at_s=taken_at_s,
        expected=tuple(expected),
    )


def _zone_of(script: Script, item: int, placement: Placement) -> str:
    if placement.place == "basket":
        return "basket"
    if placement.place == "bag":
        return "bagging"
    spot = script.where(item, placement.from_s)
    if spot is None:
        return "other"
    return next((zone for zone in ("basket", "bagging") if inside(spot[0], zone)), "other")


def _moves_of(
    script: Script, item: int, registered_at_s: float | None, until_s: float
) -> tuple[list[Move], str]:
    """Return an item's moves between basket, bagging and elsewhere, and the zone it was left in."""
    moves: list[Move] = []
    zone, picked_s = "basket", 0.0
    origin = "basket"  # where it last lay, elsewhere included
    for placement in script.things[item][1:]:
        if placement.from_s > until_s:
            break
        if placement.place == "hand":
            held_before = script.placement(item, placement.from_s - 1e-6)[1].place == "hand"
            picked_s = picked_s if held_before else placement.from_s
            continue
        arrived = _zone_of(script, item, placement)
        if arrived != origin and "bagging" in {arrived, origin}:
            start = zone if origin == "other" else origin  # a rest on the way does not count
            entered = _crossing(script, item, picked_s, placement.from_s, into=arrived == "bagging")
            if arrived == "bagging":
                moves.append(Move(item, start, arrived, picked_s, entered, placement.from_s, registered_at_s))
            else:
                moves.append(
                    Move(item, origin, arrived, picked_s, entered, placement.from_s, registered_at_s)
                )
        if arrived != "other":
            zone = arrived
        origin = arrived
    return moves, origin


def _crossing(script: Script, item: int, start_s: float, end_s: float, *, into: bool) -> float:
    """Return when an item's middle crossed the edge of the bagging zone, to a hundredth of a second."""
    steps = max(1, round((end_s - start_s) * 100))
    for step in range(steps + 1):
        at_s = start_s + (end_s - start_s) * step / steps
        spot = script.where(item, at_s)
        if spot is not None and inside(spot[0], "bagging") == into:
            return at_s
    return end_s
