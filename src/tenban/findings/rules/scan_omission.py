"""スキャン漏れ: at payment, more items were brought in than registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenban.base.clock import seconds
from tenban.base.span import Span
from tenban.findings.coverage import cover
from tenban.findings.model import Finding, Phrase, StillWish, Verdict
from tenban.findings.rules.item_not_registered import item_not_registered

if TYPE_CHECKING:
    from tenban.base.clock import Instant
    from tenban.findings.facts import SaleEvent
    from tenban.findings.sale import SaleFacts
    from tenban.findings.settings import LaneSettings

NAME = "scan_omission"


def scan_omission(facts: SaleFacts, lane: LaneSettings, now: Instant) -> Verdict:
    """Compare the count of items brought in with the count registered, once the payment has begun."""
    own, payment = lane.scan_omission, facts.payment
    key = f"{NAME}:{facts.register}:{facts.sale}"
    if not own.on or payment is None:
        return Verdict()
    certain_at = {move.id: facts.certain_at(move, lane.sale) for move in facts.moves}
    counted = sorted(
        (move for move in facts.moves if move.confidence >= own.min_confidence),
        key=lambda m: certain_at[m.id],
    )
    registered = sum(line.standing() for line in facts.registrations(lane.sale.skip_plu))
    returned = min(len(facts.returns) + facts.put_back_unseen(lane.sale), len(counted))
    missing = len(counted) - returned - registered
    if facts.undone is not None or missing < own.least_missing:
        return Verdict(cleared={key: "registered" if facts.undone is None else facts.undone[0]})
    tips = counted[registered + returned + own.least_missing - 1]
    decidable_at = max(payment.occurred_at + seconds(own.settle_s), certain_at[tips.id])
    if now < decidable_at:
        return Verdict(due_at=decidable_at)
    if facts.staffed(tips.at, lane.sale) or facts.staffed(payment.occurred_at, lane.sale):
        return Verdict(cleared={key: "staff_assisted"})
    if own.once:
        verdict = item_not_registered(facts, lane, now)
        told = sum(finding.severity != "low" for finding in verdict.findings)
        if missing - told < own.least_missing:
            return Verdict(cleared={key: "told_otherwise"}, due_at=verdict.due_at)
    finding = _finding(facts, lane, payment, (len(counted) - returned, registered), decidable_at)
    return Verdict((finding,))


def _finding(
    facts: SaleFacts, lane: LaneSettings, payment: SaleEvent, counts: tuple[int, int], decidable_at: Instant
) -> Finding:
    brought_in, registered = counts
    covered = cover(facts, lane, decidable_at, proven_only=False)
    counted = [move for move in facts.moves if move.confidence >= lane.scan_omission.min_confidence]
    bare = [move for move in counted if covered[move.id] is None] or counted
    last = bare[-(brought_in - registered) :]
    lines = [line.event for line in facts.registrations(lane.sale.skip_plu)]
    return Finding(
        key=f"{NAME}:{facts.register}:{facts.sale}",
        fold=f"{NAME}:{facts.register}:{facts.sale}",
        rule=NAME,
        register=facts.register,
        sale=facts.sale,
        at=payment.occurred_at,
        decidable_at=decidable_at,
        severity="medium",
        phrase=Phrase(
            NAME,
            {
                "paying_at": payment.occurred_at,
                "brought_in": brought_in,
                "registered": registered,
                "missing": brought_in - registered,
            },
        ),
        facts=tuple(
            sorted([*counted, *facts.returns, *lines, payment], key=lambda fact: (fact.known_at, fact.id))
        ),
        stills=tuple(
            StillWish("last_move", move.at, move.box, "bagging", move.camera) for move in reversed(last)
        ),
        clip=Span(
            min(move.started_at for move in last) - seconds(lane.sale.clip_before_s),
            max(last[-1].at, payment.occurred_at) + seconds(lane.sale.clip_after_s),
        ),
    )
