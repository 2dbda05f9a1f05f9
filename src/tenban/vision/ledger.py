"""Books what came to and went from the places, and says what it meant.

Without a basket zone the change in bagging speaks alone. With one, two places tell of the same item: what
went from the basket is awaited in bagging (a credit), and what came to bagging while a hand had just been in
the basket may be proven before the basket is (a debt). So an item laid on top of others, whose outline says
little, still counts; and a bag, a hand's shadow or a purse put down beside it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from tenban.vision.place import HOLDER_SHARE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenban.vision.place import Settlement

Meaning: TypeAlias = Literal["item_moved", "item_returned"]

LARGE_SHARE = 0.25
"""What changes more of its zone than this is hardly an item, where both zones are given."""

BASKET_S = 8.0
"""For how long a hand in the basket explains something small that comes to bagging."""

DEBT_S = 8.0
"""For how long a basket may stay unproven after something came from it."""

TWICE = 1.7
"""A change in bagging this many times larger than what is awaited may be two things."""

LATE_S = 0.3
"""What leaves the basket later than this after something came to bagging is not that thing."""

TOGETHER_S = 1.0
"""What left the basket within this time of each other was carried together."""

BOTH = 0.75
"""A change at least this large, in parts of both, may be two things that were carried together."""

EITHER = 1.2
"""The same in parts of the larger one."""

REMEMBERED = 50
"""How many things that came to bagging are remembered."""

SLIVER = 0.5
"""What goes from bagging and is smaller than this part of all that came was only moved aside a little."""

CLEARLY_WENT = -0.6
"""Polarity from which that is believed even where something is awaited."""

CARRY_S = 0.4
"""The least time between an item leaving the basket and coming to rest in bagging."""

HELD_S = 4.0
"""Nobody holds an item longer than this: what is awaited that long came with what settles now."""

STEADY_S = 2.0
"""For how long after the basket itself moved its changes mean nothing."""

SURELY_CAME = 0.3
"""Polarity from which something is believed to have been put back: baskets are emptied, not filled."""

LONE_CAME = 0.5
"""Polarity from which that is believed in bagging although the basket was seen, and nothing had left it."""

CARRIED_S = 2.0
"""How long an item is usually on its way, for those that settled unseen under a resting hand."""

SURELY_WENT = -0.35
"""Polarity from which a thing is believed to have been taken out of bagging."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a settlement meant.

    Attributes:
        settlement: what was seen in bagging.
        at_s: when it had come to rest there, or was taken.
        meaning: moved in, or taken out.
        origin: the zone it came from; where it went to is not known.
        sureness: 0–1, by how much the evidence agrees.
    """

    settlement: Settlement
    at_s: float
    meaning: Meaning
    origin: str
    sureness: float


@dataclass(frozen=True, slots=True)
class Credit:
    """Something that went from the basket and is awaited in bagging.

    Attributes:
        since_s: when it had left.
        area: how large the change in the basket was, in pixels.
    """

    since_s: float
    area: int


class Ledger:
    """Awaits in bagging what went from the basket.

    Args:
        has_basket: whether there is a basket zone.
    """

    def __init__(self, *, has_basket: bool) -> None:
        self._has_basket = has_basket
        self._credits: list[Credit] = []
        self._debts: list[float] = []
        self._owed = 0
        self._advances: list[float] = []
        self._quiet = True
        self._strangers: list[Settlement] = []
        self._areas: list[int] = []
        self._moved_basket_s = float("-inf")

    def basket(self, settlements: Sequence[Settlement], *, zone_area: int) -> None:
        """Book what changed in the basket at one moment."""
        went = [one for one in settlements if one.change.verdict == "went"]
        came = [
            one for one in settlements if one.change.verdict == "came" and one.change.polarity >= SURELY_CAME
        ]
        unclear = [one for one in settlements if one.change.verdict != "light" and one not in [*went, *came]]
        if any(one.change.blob.area > HOLDER_SHARE * zone_area for one in settlements):
            self._credits.clear()
            self._debts.clear()
            self._moved_basket_s = max(one.at_s for one in settlements)
            return
        for _ in came[: len(self._credits)]:
            self._credits.pop()
        for one in went or unclear[:1]:  # a pile that was stirred is unclear in several spots at once
            if one.at_s - self._moved_basket_s < STEADY_S:
                continue
            owed = next((since_s for since_s in self._debts if one.at_s <= since_s + LATE_S), None)
            if owed is not None:
                self._debts.remove(owed)
            else:
                self._credits.append(Credit(one.at_s, one.change.blob.area))

    def bagging(
        self,
        settlements: Sequence[Settlement],
        *,
        zone_area: int,
        basket_seen_s: float,
        basket_quiet: bool,
        scan_seen_s: float,
        quiet: bool,
    ) -> list[Entry]:
        """Book what settled in bagging at one moment; return what it meant.

        Args:
            settlements: all of them.
            zone_area: of bagging, in pixels.
            basket_seen_s: when something last moved in the basket.
            basket_quiet: whether all that changed there has been booked.
            scan_seen_s: when something last moved in the scan zone.
            quiet: whether bagging is quiet: nothing is hidden there that may settle yet.
        """
        self._quiet = quiet
        entries = []
        for settlement in sorted(settlements, key=lambda one: -one.change.polarity):
            if self._has_basket:
                entries += self._with_basket(settlement, zone_area, basket_seen_s, basket_quiet=basket_quiet)
            else:
                entries += self._alone(settlement, scan_seen_s)
        return entries

    def _alone(self, settlement: Settlement, scan_seen_s: float) -> list[Entry]:
        verdict, sureness = settlement.change.verdict, abs(settlement.change.polarity)
        if verdict == "came":
            origin = "scan" if scan_seen_s >= settlement.busy_s - 3.0 else "outside"
            return [Entry(settlement, settlement.at_s, "item_moved", origin, sureness)]
        if verdict == "went":
            return [Entry(settlement, settlement.at_s, "item_returned", "bagging", sureness)]
        return []

    def _with_basket(
        self, settlement: Settlement, zone_area: int, basket_seen_s: float, *, basket_quiet: bool
    ) -> list[Entry]:
        entries = self._weigh(settlement, zone_area, basket_seen_s, basket_quiet=basket_quiet)
        if settlement.change.verdict == "came":
            if entries:
                self._areas = [*self._areas[1 - REMEMBERED :], settlement.change.blob.area]
            else:
                self._strangers = [*self._strangers[1 - REMEMBERED :], settlement]
        return entries

    def _weigh(  # noqa: PLR0911  # a case each
        self, settlement: Settlement, zone_area: int, basket_seen_s: float, *, basket_quiet: bool
    ) -> list[Entry]:
        change = settlement.change
        if change.verdict == "went" and self._was_no_item(settlement):
            return []
        self._debts = [since_s for since_s in self._debts if settlement.at_s - since_s < DEBT_S]
        visited = settlement.at_s - basket_seen_s < BASKET_S
        large = change.blob.area > LARGE_SHARE * zone_area
        if change.verdict == "went" and change.polarity < CLEARLY_WENT:
            self._owed += 1
            return [Entry(settlement, settlement.at_s, "item_returned", "bagging", abs(change.polarity))]
        if change.blob.area > HOLDER_SHARE * zone_area:
            return []
        awaited = [credit for credit in self._credits if credit.since_s + CARRY_S <= settlement.at_s]
        if awaited and not (change.verdict == "went" and change.polarity < SURELY_WENT):
            return self._spend(settlement, awaited)
        if change.verdict == "came":
            if self._owed:
                self._owed -= 1
                return [Entry(settlement, settlement.at_s, "item_moved", "outside", abs(change.polarity))]
            self._advances = [at_s for at_s in self._advances if settlement.at_s - at_s < DEBT_S]
            if self._advances:
                self._advances.pop(0)
                return []
            sure = change.polarity >= LONE_CAME or not basket_quiet
            if visited and sure and not large:
                self._debts.append(settlement.at_s)
                return [
                    Entry(settlement, settlement.at_s, "item_moved", "basket", 0.7 * abs(change.polarity))
                ]
            return []
        if change.verdict == "went" and change.polarity < SURELY_WENT and not visited:
            self._owed += 1
            return [Entry(settlement, settlement.at_s, "item_returned", "bagging", abs(change.polarity))]
        return []

    def _was_no_item(self, settlement: Settlement) -> bool:
        """Tell whether what went never counted: a bag or a purse, or a strip bared by what moved aside."""
        stranger = next((one for one in self._strangers if _same_place(one, settlement)), None)
        if stranger is not None:
            self._strangers.remove(stranger)
        return stranger is not None or settlement.change.blob.area < SLIVER * min(self._areas, default=0)

    def _spend(self, settlement: Settlement, awaited: list[Credit]) -> list[Entry]:
        area = settlement.change.blob.area
        sureness = {"came": 1.0, "unclear": 0.6, "went": 0.4}[settlement.change.verdict]
        overdue = [credit for credit in awaited if settlement.seen_s - credit.since_s > HELD_S]
        late = overdue if self._quiet else []
        spent = late or awaited[:1]
        fresh = [credit for credit in awaited if credit not in spent]
        if len(spent) == 1 and fresh and self._holds_both(area, spent[0], fresh[0]):
            spent = awaited[:2]
        for credit in spent:
            self._credits.remove(credit)
        if late:
            self._advances += [settlement.seen_s] * (len(spent) - 1)
        times = [min(credit.since_s + CARRIED_S, settlement.at_s) for credit in spent[:-1]]
        return [
            Entry(settlement, at_s, "item_moved", "basket", sureness) for at_s in [*times, settlement.at_s]
        ]

    def _holds_both(self, area: int, one: Credit, other: Credit) -> bool:
        """Tell whether a change is two things; while a hand hides some of bagging, the other may come yet."""
        return _together(one, other, area) or (self._quiet and area > TWICE * one.area)


def _together(one: Credit, other: Credit, area: int) -> bool:
    """Tell whether two things left the basket at once, and a change is as large as both."""
    larger = max(one.area, other.area)
    at_once = abs(one.since_s - other.since_s) <= TOGETHER_S
    return at_once and area >= max(EITHER * larger, BOTH * (one.area + other.area))


def _same_place(one: Settlement, other: Settlement) -> bool:
    """Tell whether two changes cover each other for the most part."""
    a, b = one.change.blob, other.change.blob
    wide = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    high = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return wide > 0 and high > 0 and wide * high > 0.5 * max(a.width * a.height, b.width * b.height)
