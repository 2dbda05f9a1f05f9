"""未会計退出: the operator left while registered items are unpaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenban.base.clock import seconds
from tenban.base.span import Span
from tenban.findings.model import Finding, Phrase, StillWish, Verdict

if TYPE_CHECKING:
    from tenban.base.clock import Instant
    from tenban.findings.facts import Observation
    from tenban.findings.model import Reason
    from tenban.findings.sale import Registration, SaleFacts
    from tenban.findings.settings import LaneSettings

NAME = "left_without_paying"

_BY_HAND = frozenset(
    {"item_registered", "item_voided", "payment_started", "paid", "sale_resumed", "assist_requested"}
)
"""Till events that show somebody at the register."""

_SEEN_THERE = frozenset({"operator_arrived", "item_moved", "item_returned"})


def left_without_paying(facts: SaleFacts, lane: LaneSettings, now: Instant) -> Verdict:
    """Judge each time the operator left after the last sign of life the till told."""
    own = lane.left_without_paying
    if not own.on:
        return Verdict()
    lines = [line for line in facts.registrations() if line.standing() > 0]
    hand_at = max((event.occurred_at for event in facts.events if event.type in _BY_HAND), default=0)
    leavings = [
        seen
        for seen in facts.observations
        if seen.kind == "operator_left"
        and seen.confidence >= own.min_confidence
        and any(line.event.occurred_at <= seen.at for line in lines)
    ]
    cleared: dict[str, Reason] = {}
    for leaving in leavings:
        tell_at = leaving.at + seconds(own.grace_s)
        decidable_at = max(tell_at, leaving.known_at)
        reason = _settled(facts, lane, leaving, tell_at)
        if reason is None and leaving.at < hand_at:
            reason = "came_back"
        if reason is None and _came_back(facts, leaving, tell_at):
            # whoever came in time and then started another sale was the next shopper
            if leaving is leavings[-1] and facts.next_sale_at is not None:
                decidable_at = max(decidable_at, facts.next_sale_at)
            else:
                reason = "came_back"
        if reason is not None:
            cleared[_key(facts, leaving)] = reason
        elif now < decidable_at:
            return Verdict(cleared=cleared, due_at=decidable_at)
        else:
            return Verdict((_finding(facts, lane, leaving, lines, decidable_at),), cleared)
    return Verdict(cleared=cleared)


def _settled(facts: SaleFacts, lane: LaneSettings, leaving: Observation, tell_at: Instant) -> Reason | None:
    """Return why no leaving of this sale is one to tell, if so."""
    if facts.undone is not None:
        reason, undone_at = facts.undone
        too_late_at = tell_at + seconds(lane.left_without_paying.cancel_s)
        if reason == "sale_voided" or undone_at <= too_late_at:
            return reason
    if facts.paid is not None:
        return "paid"
    if facts.suspended:
        return "sale_suspended"
    return "staff_assisted" if facts.staffed(leaving.at, lane.sale) else None


def _came_back(facts: SaleFacts, leaving: Observation, tell_at: Instant) -> bool:
    return any(seen.kind in _SEEN_THERE and leaving.at < seen.at <= tell_at for seen in facts.observations)


def _key(facts: SaleFacts, leaving: Observation) -> str:
    return f"{NAME}:{facts.register}:{facts.sale}:{leaving.id}"


def _finding(
    facts: SaleFacts,
    lane: LaneSettings,
    leaving: Observation,
    lines: list[Registration],
    decidable_at: Instant,
) -> Finding:
    tell_at = leaving.at + seconds(lane.left_without_paying.grace_s)
    return Finding(
        key=_key(facts, leaving),
        fold=f"{NAME}:{facts.register}:{facts.sale}",
        rule=NAME,
        register=facts.register,
        sale=facts.sale,
        at=leaving.at,
        decidable_at=decidable_at,
        severity="high",
        phrase=Phrase(
            NAME,
            {
                "left_at": leaving.at,
                "unpaid": sum(line.standing() for line in lines),
                "grace_s": lane.left_without_paying.grace_s,
            },
        ),
        facts=tuple(
            sorted([*(line.event for line in lines), leaving], key=lambda fact: (fact.known_at, fact.id))
        ),
        stills=(
            StillWish("leaving", leaving.started_at, leaving.box, "operator", leaving.camera),
            StillWish("empty_position", leaving.at, None, "operator", leaving.camera),
        ),
        clip=Span(
            min(leaving.started_at, leaving.at) - seconds(lane.sale.clip_before_s),
            tell_at + seconds(lane.sale.clip_after_s),
        ),
    )
