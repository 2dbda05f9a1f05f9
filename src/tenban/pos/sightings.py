"""Which registrations of a till are which items a camera saw leave the basket, whatever its clock says.

A till that hands over its events late says by receipts alone only that its clock is off by *at most* so much.
What a camera saw tells the rest: over some sales, items leave the basket in the same irregular rhythm in
which they are registered, and only one shift of the till's clock lays one rhythm on the other. Each
registration votes for the shifts that lay it on an item (a histogram of differences). A shift counts only
when most registrations vote for it and no other comes near: where a rhythm fits nowhere, or in two places,
nothing is matched.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tenban.base.clock import MILLISECOND, SECOND, Instant
from tenban.pos.clock_history import Arrival, unbroken

LONGEST_WAIT_US = 600 * SECOND
"""A till that keeps its events for longer than this is not matched."""
_BIN_US = 200 * MILLISECOND
_KERNEL = 5  # bins that stand for one shift: hands are not quicker, scanners not more regular
_WINDOW, _STEP = 60, 15
_LEAST_VOTES = 12
_LEAST_SHARE = 0.6
_CLEARLY = 1.2
_NEIGHBOURS = 10  # bins around the best one in which votes belong to it
_NEAR_US = SECOND
HAND_US = 400 * MILLISECOND
"""How far the moment of registering usually lies from the middle of an item's way."""


class Sighting(NamedTuple):
    """An item that was seen to leave the basket, and to enter the bag; by our clock."""

    from_at: Instant
    to_at: Instant

    @property
    def at(self) -> Instant:
        """When it was registered, most likely: scanners are between basket and bag."""
        return (self.from_at + self.to_at) // 2


def matched(registrations: Sequence[Arrival], sightings: Sequence[Sighting]) -> list[tuple[int, Instant]]:
    """Return (n, instant) of the registrations whose item was seen, in the order of n.

    Args:
        registrations: events that register one item, of one till, in the order of receipt.
        sightings: of the same register.
    """
    moments = np.array(sorted(one.at for one in sightings), dtype=np.int64)
    found: dict[int, tuple[int, int]] = {}
    for part in unbroken(registrations):
        for start in range(0, max(1, len(part) - _WINDOW + _STEP), _STEP):
            window = part[start : start + _WINDOW]
            shift, votes = _shift(window, moments)
            if shift is None:
                continue
            for one in window:
                if votes > found.get(one.n, (0, 0))[1]:
                    found[one.n] = (shift, votes)
    pairs: list[tuple[int, Instant]] = []
    for one in registrations:
        if one.n in found:
            near = _nearest(moments, one.rung_at + found[one.n][0])
            if near is not None:
                pairs.append((one.n, near))
    return pairs


def _shift(window: Sequence[Arrival], moments: NDArray[np.int64]) -> tuple[int | None, int]:
    """Return the one shift that lays a window's registrations on items, and how many vote for it."""
    if len(window) < _LEAST_VOTES or not len(moments):
        return None, 0
    # Nothing was received before it happened: so a shift is at most the smallest difference.
    most = min(one.difference for one in window) + _KERNEL * _BIN_US
    bins = (LONGEST_WAIT_US + 2 * _KERNEL * _BIN_US) // _BIN_US
    least = most - bins * _BIN_US
    votes = np.zeros((len(window), bins), dtype=np.bool_)
    for row, one in enumerate(window):
        first, last = np.searchsorted(moments, (one.rung_at + least, one.rung_at + most))
        votes[row, (moments[first:last] - one.rung_at - least) // _BIN_US] = True
    # A registration has one vote for a shift, however many items were near.
    near = votes.copy()
    for off in range(1, _KERNEL // 2 + 1):
        near[:, off:] |= votes[:, :-off]
        near[:, :-off] |= votes[:, off:]
    counted = near.sum(axis=0)
    best = int(counted.argmax())
    height = int(counted[best])
    elsewhere = counted.copy()
    elsewhere[max(0, best - _NEIGHBOURS) : best + _NEIGHBOURS + 1] = 0
    if height < max(_LEAST_VOTES, _LEAST_SHARE * len(window)) or height < _CLEARLY * int(elsewhere.max()):
        return None, 0
    plateau = np.flatnonzero(counted[max(0, best - _KERNEL) : best + _KERNEL + 1] == height)
    middle = max(0, best - _KERNEL) + float(plateau.mean())
    return round(least + (middle + 0.5) * _BIN_US), height


def _nearest(moments: NDArray[np.int64], at: Instant) -> Instant | None:
    place = bisect_left(moments, at)
    near = [int(one) for one in moments[max(0, place - 1) : place + 1] if abs(int(one) - at) <= _NEAR_US]
    return min(near, key=lambda one: abs(one - at), default=None)
