"""商品未登録: an item entered the bag and nothing accounts for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tenban.base.clock import seconds
from tenban.base.span import Span
from tenban.findings.coverage import Covered, cover, key_of, settles_at, voids_at
from tenban.findings.model import Finding, Phrase, StillWish, Verdict

if TYPE_CHECKING:
    from tenban.base.clock import Instant
    from tenban.findings.facts import Observation, SaleEvent
    from tenban.findings.model import Reason
    from tenban.findings.sale import SaleFacts
    from tenban.findings.settings import LaneSettings

NAME = "item_not_registered"


@dataclass(frozen=True, slots=True)
class _Deadline:
    """When waiting for a registration ends, and what ended it."""

    at: Instant
    by: Literal["window", "payment", "leaving"]
    rests_on: SaleEvent | Observation | None = None


def item_not_registered(facts: SaleFacts, lane: LaneSettings, now: Instant) -> Verdict:
    """Judge every item that entered the bag."""
    own = lane.item_not_registered
    if not own.on or not facts.moves:
        return Verdict()
    if facts.undone is not None:
        return Verdict(cleared={key_of(facts, move): facts.undone[0] for move in facts.moves})
    proven = cover(facts, lane, now, proven_only=True)
    cleared: dict[str, Reason] = {}
    bare: list[tuple[Observation, _Deadline]] = []
    for move in facts.moves:
        covered = proven[move.id]
        if covered is not None:
            cleared[key_of(facts, move)] = covered.reason
        elif facts.staffed(move.at, lane.sale):
            cleared[key_of(facts, move)] = "staff_assisted"
        else:
            bare.append((move, _deadline(facts, lane, move)))
    changes = _waits(facts, lane)
    tellings = _Tellings(facts, lane, changes)
    told = [
        (move, deadline, decidable_at)
        for move, deadline in bare
        if deadline.at <= now and (decidable_at := tellings.first(move, deadline, now)) is not None
    ]
    sure = [decidable_at for move, _, decidable_at in told if move.confidence >= own.min_confidence]
    findings = [
        _finding(facts, lane, move, deadline, decidable_at if certain else max(decidable_at, min(sure)))
        for move, deadline, decidable_at in told
        if (certain := move.confidence >= own.min_confidence) or sure
    ]
    waits = [deadline.at for _, deadline in bare] + (changes if bare else _void_waits(facts, lane))
    return Verdict(tuple(findings), cleared, min((at for at in waits if at > now), default=None))


class _Tellings:
    """Finds the first instant at which a move could be told; instants shared by moves are matched once."""

    def __init__(self, facts: SaleFacts, lane: LaneSettings, waits: list[Instant]) -> None:
        self._facts = facts
        self._lane = lane
        known = {event.known_at for event in facts.events} | {seen.known_at for seen in facts.observations}
        self._changes = sorted(known | set(waits))
        self._covers: dict[Instant, dict[str, Covered | None]] = {}
        self._ends = [_deadline(facts, lane, move).at for move in facts.moves]

    def first(self, move: Observation, deadline: _Deadline, now: Instant) -> Instant | None:
        """Return the first instant from the deadline to now at which nothing accounts for the move."""
        later = [at for at in self._changes if deadline.at < at <= now]
        return next((at for at in (deadline.at, *later) if self._bare(move, at)), None)

    def _bare(self, move: Observation, at: Instant) -> bool:
        if at not in self._covers:
            self._covers[at] = cover(self._facts.as_of(at), self._lane, at, proven_only=False)
        return self._covers[at].get(move.id) is None and self._is_short(at)

    def _is_short(self, at: Instant) -> bool:
        """Tell whether more items have entered the bag for good, by then, than were registered.

        Where a registration is left over, its item went unseen or was seen late, and may be this one.
        """
        if not self._lane.item_not_registered.spare_explains:
            return True
        known = self._facts.as_of(at)
        settled = sum(end <= at for end in self._ends) - len(known.returns)
        registered = sum(line.standing() for line in known.registrations(self._lane.sale.skip_plu))
        return settled > registered


def _deadline(facts: SaleFacts, lane: LaneSettings, move: Observation) -> _Deadline:
    """Return when no registration can come any more for a move.

    That is when the window and the till's delay are over; or the till, whose events are numbered without a
    gap, told something from after the window; or the payment began; or the operator left.
    """
    own, sale = lane.item_not_registered, lane.sale
    window_at = move.at + seconds(own.after_s)
    ends = [window_at + seconds(sale.till_delay_s), *(at for at in facts.told_gapless if at >= window_at)]
    closing = _Deadline(min(ends), "window")
    if facts.payment is not None:
        paying_at = max(facts.payment.occurred_at, move.at)
        if paying_at < closing.at:
            closing = _Deadline(paying_at, "payment", facts.payment)
    left = _left(facts)
    if left is not None and left.at >= move.at and left.known_at < closing.at:
        closing = _Deadline(left.known_at, "leaving", left)
    closed_at = max(closing.at, facts.certain_at(move, sale))
    return _Deadline(closed_at, closing.by, closing.rests_on)


def _left(facts: SaleFacts) -> Observation | None:
    last: Observation | None = None
    for seen in facts.observations:
        if seen.kind == "operator_left":
            last = seen
        elif seen.kind == "operator_arrived":
            last = None
    return last


def _void_waits(facts: SaleFacts, lane: LaneSettings) -> list[Instant]:
    return [
        voids_at(void_at, facts, lane)
        for line in facts.registrations(lane.sale.skip_plu)
        for void_at, _ in line.voids
    ]


def _waits(facts: SaleFacts, lane: LaneSettings) -> list[Instant]:
    """Return the instants at which the same facts may cover otherwise."""
    return _void_waits(facts, lane) + [
        settles_at(line.event, more, lane)
        for line in facts.registrations(lane.sale.skip_plu)
        for more in range(min(line.quantity, len(facts.moves)))
    ]


def _finding(
    facts: SaleFacts, lane: LaneSettings, move: Observation, deadline: _Deadline, decidable_at: Instant
) -> Finding:
    own, sale = lane.item_not_registered, lane.sale
    window = Span(move.at - seconds(own.before_s), move.at + seconds(own.after_s) + 1)
    lines = facts.registrations(sale.skip_plu)
    near = [line for line in lines if window.holds(line.event.occurred_at)]
    voided = [e for e in facts.events if e.type == "item_voided" and any(line.voids for line in near)]
    others = sum(line.standing() for line in near)
    phrase = Phrase(
        f"{NAME}.{deadline.by}.{'taken' if others else 'none'}",
        {
            "at": move.at,
            "moved_at": move.at,
            "before_s": own.before_s,
            "after_s": own.after_s,
            "others": others,
        }
        | ({"closed_at": deadline.rests_on.known_at} if deadline.rests_on is not None else {}),
    )
    rests_on = [deadline.rests_on] if deadline.rests_on is not None else []
    certain = move.confidence >= own.min_confidence
    return Finding(
        key=key_of(facts, move),
        fold=f"{NAME}:{facts.register}:{facts.sale}",
        rule=NAME,
        register=facts.register,
        sale=facts.sale,
        at=move.at,
        decidable_at=decidable_at,
        severity="high" if certain else "low",
        phrase=phrase,
        facts=tuple(
            sorted(
                [move, *(line.event for line in near), *voided, *rests_on], key=lambda f: (f.known_at, f.id)
            )
        ),
        stills=(
            StillWish("enters_bagging", move.at, move.box, "bagging", move.camera),
            StillWish("left_basket", move.started_at, move.left_box, move.from_zone, move.camera),
        ),
        clip=Span(move.started_at - seconds(sale.clip_before_s), move.at + seconds(sale.clip_after_s)),
    )
