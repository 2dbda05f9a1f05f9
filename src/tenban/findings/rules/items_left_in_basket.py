"""かご内商品の残り: paid while products remain in the basket zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenban.base.clock import seconds
from tenban.base.span import Span
from tenban.findings.model import Finding, Phrase, StillWish, Verdict

if TYPE_CHECKING:
    from tenban.base.clock import Instant
    from tenban.findings.facts import Observation, SaleEvent
    from tenban.findings.model import Reason
    from tenban.findings.sale import SaleFacts
    from tenban.findings.settings import LaneSettings

NAME = "items_left_in_basket"


def items_left_in_basket(facts: SaleFacts, lane: LaneSettings, now: Instant) -> Verdict:
    """Look at the basket when the payment is done, and again after the time given to empty it."""
    own, paid = lane.items_left_in_basket, facts.paid
    if not own.on or paid is None:
        return Verdict()
    key = f"{NAME}:{facts.register}:{facts.sale}"
    if facts.undone is not None:
        return Verdict(cleared={key: facts.undone[0]})
    sights = [
        seen
        for seen in facts.observations
        if seen.kind == "basket_state" and seen.confidence >= own.min_confidence and seen.remains is not None
    ]
    at_payment = next((seen for seen in reversed(sights) if seen.at <= paid.occurred_at), None)
    if at_payment is None or not at_payment.remains:
        return Verdict()
    tell_at = paid.occurred_at + seconds(own.grace_s)
    reason: Reason | None = None
    if any(not seen.remains and paid.occurred_at < seen.at <= tell_at for seen in sights):
        reason = "basket_emptied"
    elif facts.staffed(paid.occurred_at, lane.sale):
        reason = "staff_assisted"
    elif _goes_on(facts, lane, paid):
        reason = "next_sale"
    if reason is not None:
        return Verdict(cleared={key: reason})
    decidable_at = max(tell_at, at_payment.known_at)
    if now < decidable_at:
        return Verdict(due_at=decidable_at)
    return Verdict((_finding(facts, lane, paid, at_payment, decidable_at),))


def _goes_on(facts: SaleFacts, lane: LaneSettings, paid: SaleEvent) -> bool:
    """Tell whether the same person went on with a next sale for the rest: nobody left in between."""
    if facts.next_sale_at is None:
        return False
    soon = facts.next_sale_at - paid.occurred_at <= seconds(lane.items_left_in_basket.next_sale_s)
    left = any(
        seen.kind == "operator_left" and paid.occurred_at < seen.at < facts.next_sale_at
        for seen in facts.observations
    )
    return soon and not left


def _finding(
    facts: SaleFacts, lane: LaneSettings, paid: SaleEvent, sight: Observation, decidable_at: Instant
) -> Finding:
    paid_at = paid.occurred_at
    tell_at = paid_at + seconds(lane.items_left_in_basket.grace_s)
    return Finding(
        key=f"{NAME}:{facts.register}:{facts.sale}",
        fold=f"{NAME}:{facts.register}:{facts.sale}",
        rule=NAME,
        register=facts.register,
        sale=facts.sale,
        at=paid_at,
        decidable_at=decidable_at,
        severity="medium",
        phrase=Phrase(NAME, {"paid_at": paid_at, "grace_s": lane.items_left_in_basket.grace_s}),
        facts=(sight, paid),
        stills=(
            StillWish("basket_at_payment", paid_at, sight.box, "basket", sight.camera),
            StillWish("basket_after_payment", tell_at, sight.box, "basket", sight.camera),
        ),
        clip=Span(paid_at - seconds(lane.sale.clip_before_s), tell_at + seconds(lane.sale.clip_after_s)),
    )
