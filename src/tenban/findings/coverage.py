"""Which registration, or which return, accounts for which item that entered the bag.

One item needs one registered piece or one return, and each of those accounts for one item. Among all ways
to pair them the cheapest is taken (``matching``). A pair costs the more the further apart its two instants
lie; an item that nothing accounts for costs ``ALONE``. Because ``ALONE`` is finite, one surplus piece at the
end of a sale can't account for a forgotten scan at its beginning by shifting every pair between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenban.base.clock import SECOND, Instant, seconds
from tenban.findings.matching import match

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenban.findings.facts import Observation, SaleEvent
    from tenban.findings.model import Reason
    from tenban.findings.sale import SaleFacts
    from tenban.findings.settings import LaneSettings

ALONE = 1.6
"""Price of a certain item that nothing accounts for: more than FAR; a pair within its window costs 0–1."""

ALONE_UNCERTAIN = 0.4
"""The same for an item seen with little certainty: it never takes a registration from a certain one."""

USUAL_LEAD_S = 1.0
"""An item enters the bag about this long after its scan: such a pair costs nothing."""

LATE = 0.4
"""Price of a registration that comes after the move, before its distance is counted: few shoppers do so."""

FAR = 1.5
"""Price of a registration outside its window, where that is allowed at all."""

RETURNED = 0.6
"""Price of a return."""

_AGAIN = 0.05
"""Price added where the return came first: rather it took back what had gone in before it."""

_NEARER = 1e-4
"""Price per second of distance, where nothing else tells two pairs apart."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What accounts for an item in the bag."""

    reason: Reason
    by: SaleEvent | Observation


@dataclass(frozen=True, slots=True)
class _Piece:
    event: SaleEvent
    more: int
    settled: bool


def settles_at(event: SaleEvent, more: int, lane: LaneSettings) -> Instant:
    """Return from when on a registered piece is known to have no move of its own to come."""
    own = lane.item_not_registered
    return event.occurred_at + seconds(own.before_s + more * own.each_more_s + lane.sale.vision_delay_s)


def voids_at(void_at: Instant, facts: SaleFacts, lane: LaneSettings) -> Instant:
    """Return from when on voided pieces no longer account for an item: the item has time to come out."""
    graced = void_at + seconds(lane.item_not_registered.void_grace_s)
    payment = facts.payment
    if payment is not None and payment.occurred_at >= void_at:
        return min(graced, payment.occurred_at)
    return graced


def cover(
    facts: SaleFacts, lane: LaneSettings, at: Instant, *, proven_only: bool
) -> dict[str, Covered | None]:
    """Return for each item that entered the bag (by observation) what accounts for it at an instant.

    Args:
        facts: what is known.
        lane: the settings in force.
        at: what depends on waiting (voids, late registrations) is taken as of here.
        proven_only: a registration may account for an *earlier* move only once no later move can want it.
            With False every registration in the window counts, for the benefit of the doubt.
    """
    moves = facts.moves
    if not moves:
        return {}
    own = lane.item_not_registered
    payment_at = facts.payment.occurred_at if facts.payment else None
    closed = payment_at is not None and payment_at <= at
    pieces = [
        _Piece(line.event, more, closed or settles_at(line.event, more, lane) <= at)
        for line in facts.registrations(lane.sale.skip_plu)
        for more in range(min(_standing(line.quantity, line.voids, facts, lane, at), len(moves)))
    ]
    answers = _answers(facts, lane)
    moved_at = np.array([move.at for move in moves], np.int64)
    registered = _registered_cost(
        moved_at, pieces, lane, payment_at, _scanning(facts, answers), proven_only=proven_only
    )
    put_back = np.array([_says(answers.get(move.id), "put_back") for move in moves], np.bool_)
    registered[put_back, :] = np.inf  # what was put back takes no other item's registration
    cost = np.hstack([registered, _returned_cost(moved_at, facts.returns)])
    alone = np.array(
        [ALONE if move.confidence >= own.min_confidence else ALONE_UNCERTAIN for move in moves], np.float64
    )
    partners = match(cost, alone)
    return {
        move.id: _covered(move, partner, pieces, facts, lane) or _by_answer(answers.get(move.id))
        for move, partner in zip(moves, partners, strict=True)
    }


def _standing(
    quantity: int, voids: tuple[tuple[Instant, int], ...], facts: SaleFacts, lane: LaneSettings, at: Instant
) -> int:
    return quantity - sum(pieces for void_at, pieces in voids if voids_at(void_at, facts, lane) <= at)


def _registered_cost(
    moved_at: NDArray[np.int64],
    pieces: list[_Piece],
    lane: LaneSettings,
    payment_at: Instant | None,
    scanning_at: NDArray[np.int64],
    *,
    proven_only: bool,
) -> NDArray[np.float64]:
    """Return moves × pieces: 0–1 within the window, FAR where a distant one may count, else inf."""
    own = lane.item_not_registered
    registered_at = np.array([piece.event.occurred_at for piece in pieces], np.int64)
    settled = np.array([piece.settled for piece in pieces], np.bool_)[None, :]
    more_s = np.array([piece.more for piece in pieces], np.float64) * own.each_more_s
    lead_s = (moved_at[:, None] - registered_at[None, :]) / SECOND
    late = lead_s < 0
    reach_s = np.where(late, own.after_s + more_s, own.before_s + more_s)
    usual_s = min(USUAL_LEAD_S, own.before_s / 2)
    early = np.square((lead_s - usual_s) / (own.before_s + more_s - usual_s))
    cost: NDArray[np.float64] = np.where(late, LATE + (1 - LATE) * np.square(lead_s / reach_s), early)
    far = FAR + np.minimum(_NEARER * np.abs(lead_s), (ALONE - FAR) / 2)
    outside = np.abs(lead_s) > reach_s
    far_allowed = late & settled & (lead_s >= -max(own.late_s, own.after_s))
    since = registered_at[None, :] - scanning_at[:, None]
    mended = late & (scanning_at >= 0)[:, None] & (since >= 0) & (since <= seconds(lane.sale.answer_s))
    far_allowed |= mended
    if payment_at is not None:
        far_allowed |= ~late & (moved_at >= payment_at)[:, None]
    cost = np.where(outside, np.where(far_allowed, far, np.inf), cost)
    if proven_only:
        cost = np.where(late & ~settled & ~mended, np.inf, cost)
    return cost


def _answers(facts: SaleFacts, lane: LaneSettings) -> dict[str, SaleEvent]:
    """Return by observation what the shopper answered when asked about it."""
    by_key = {event.about: event for event in facts.answers(lane.sale) if event.about}
    found = {move.id: by_key.get(key_of(facts, move)) for move in facts.moves}
    return {move: event for move, event in found.items() if event is not None}


def key_of(facts: SaleFacts, move: Observation) -> str:
    """Return the key of the finding that an item in the bag may become."""
    return f"item_not_registered:{facts.register}:{facts.sale}:{move.id}"


def _says(event: SaleEvent | None, answer: str) -> bool:
    return event is not None and event.answer == answer


def _scanning(facts: SaleFacts, answers: dict[str, SaleEvent]) -> NDArray[np.int64]:
    """Return for each move when the shopper said they would scan the item; -1 for never."""
    told = [answers.get(move.id) for move in facts.moves]
    return np.array([one.occurred_at if one and one.answer == "scan" else -1 for one in told], np.int64)


def _by_answer(event: SaleEvent | None) -> Covered | None:
    return Covered("shopper_put_back", event) if event is not None and event.answer == "put_back" else None


def _returned_cost(moved_at: NDArray[np.int64], returns: tuple[Observation, ...]) -> NDArray[np.float64]:
    """Return moves × returns. What came out may have gone in before, or go in again."""
    returned_at = np.array([seen.at for seen in returns], np.int64)
    since_s = (returned_at[None, :] - moved_at[:, None]) / SECOND
    cost: NDArray[np.float64] = RETURNED + _NEARER * np.abs(since_s) + np.where(since_s < 0, _AGAIN, 0.0)
    return cost


def _covered(
    move: Observation, partner: int | None, pieces: list[_Piece], facts: SaleFacts, lane: LaneSettings
) -> Covered | None:
    if partner is None:
        return None
    if partner >= len(pieces):
        return Covered("put_back", facts.returns[partner - len(pieces)])
    event = pieces[partner].event
    late = event.occurred_at - move.at > seconds(lane.item_not_registered.after_s)
    return Covered("registered_late" if late else "registered", event)
