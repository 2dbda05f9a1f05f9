"""What an incident is: causes, state, owner, outcome. Pure; knows neither tills nor video."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from tenban.base.clock import MILLISECOND, Instant
from tenban.base.errors import BadInput, Conflict


class State(StrEnum):
    """Where people stand with an incident."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    PENDING = "pending"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What it turned out to be; feeds the precision of rules."""

    TRUE = "true"
    FALSE_ALARM = "false_alarm"
    UNCLEAR = "unclear"


_PEOPLE_MAY_SET = {State.UNCONFIRMED, State.CONFIRMED, State.PENDING, State.RESOLVED}


@dataclass(frozen=True, slots=True)
class Still:
    """A picture that shows something: a reference, what it shows, and where to look on it.

    Attributes:
        label: what it shows, e.g. ``enters_bagging``.
        ref: ``blob:…`` of the whole picture.
        crop: ``blob:…`` of the part that matters, or None.
        box: x0, y0, x1, y1 in 0–1 of the whole picture, or None.
        captured_at: when it was taken.
        part: what of the whole picture the crop shows; None: not known, as of incidents from before.
    """

    label: str
    ref: str
    captured_at: Instant
    crop: str | None = None
    box: tuple[float, float, float, float] | None = None
    part: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """The cut of footage that follows the brief.

    Attributes:
        state: ``pending``, ``ready`` or ``failed``.
        ref: ``blob:…`` once ready.
        why: what went wrong or is missing, in ja and en; None when all is well.
        masked: ``blob:…`` of the one with blurred zones; None where there is none (yet).
        blurred: ``blob:…`` of a copy, made on request, in which nobody can be recognised.
        camera: whose footage it shows; None of clips from before that was kept.
        sound: there is sound in it.
    """

    order: str
    start_at: Instant
    end_at: Instant
    state: str = "pending"
    ref: str | None = None
    why: dict[str, str] | None = None
    ready_at: Instant | None = None
    masked: str | None = None
    blurred: str | None = None
    camera: str | None = None
    sound: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that opened the incident or was folded into it.

    Attributes:
        key: tells causes apart; the same cause told twice is one.
        decidable_at: when the evidence for it was complete; latency is counted from here.
        title: short words in ja and en.
        sentence: what was seen, in ja and en.
        withdrawn: why it no longer stands, in ja and en; None while it does.
    """

    key: str
    occurred_at: Instant
    decidable_at: Instant
    title: dict[str, str]
    sentence: dict[str, str]
    facts: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[Still] = field(default_factory=list)
    clip: Clip | None = None
    withdrawn: dict[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the cause as it is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Cause:
        """Return the cause as it was stored."""
        evidence = [
            Still(**{**still, "box": _box(still["box"]), "part": _box(still.get("part"))})
            for still in document["evidence"]
        ]
        clip = Clip(**document["clip"]) if document["clip"] else None
        return cls(**{**document, "evidence": evidence, "clip": clip})


def _box(numbers: list[float] | None) -> tuple[float, float, float, float] | None:
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if numbers else None


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing people handle.

    Attributes:
        pass_on_ms: unanswered for this long, it goes on to the supervisors; None: it never does.
        pass_on_due_at: when it goes on unless somebody answers; None: answered, gone on, or never.
        passed_on_at: when it last went on; None: it never did.
    """

    id: str
    shop: str
    group: str | None
    kind: str
    place: str
    about: str | None
    fold_key: str
    state: State
    outcome: Outcome | None
    reason: str | None
    owner: str | None
    owner_name: str | None
    occurred_at: Instant
    opened_at: Instant
    changed_at: Instant
    causes: tuple[Cause, ...]
    operator_still: str | None
    pass_on_ms: int | None = None
    pass_on_due_at: Instant | None = None
    passed_on_at: Instant | None = None

    @property
    def answered(self) -> bool:
        """Whether somebody has said or taken something on; only what nobody answered goes on."""
        return self.state is not State.UNCONFIRMED or self.owner is not None

    @property
    def standing(self) -> tuple[Cause, ...]:
        """The causes that have not been withdrawn."""
        return tuple(cause for cause in self.causes if cause.withdrawn is None)

    @property
    def latest(self) -> Cause:
        """The latest standing cause, or the latest of all when none stands."""
        return (self.standing or self.causes)[-1]


def stated(incident: Incident, state: str, outcome: str | None, reason: str | None) -> Incident:
    """Return the incident as a person states and labels it.

    Raises:
        BadInput: no such state or outcome, or a reason that is too long.
        Conflict: it was withdrawn and nothing is left to confirm; it can still be labelled as resolved.
    """
    allowed = sorted(one.value for one in _PEOPLE_MAY_SET)
    if state not in allowed:
        raise BadInput("state", expected=" | ".join(allowed), came=repr(state)[:80])
    if outcome is not None and outcome not in set(Outcome):
        raise BadInput("outcome", expected=" | ".join(Outcome), came=repr(outcome)[:80])
    if reason is not None and len(reason) > 500:
        raise BadInput("reason", expected="at most 500 characters", came=len(reason))
    if incident.state is State.WITHDRAWN and state != State.RESOLVED:
        raise Conflict("the incident was withdrawn; it can be labelled and resolved, nothing else")
    kept = Outcome(outcome) if outcome else None if state == State.UNCONFIRMED else incident.outcome
    return replace(incident, state=State(state), outcome=kept, reason=reason or incident.reason)


def timed(before: Incident | None, after: Incident, at: Instant) -> Incident:
    """Return the incident with its turn to go on set, kept or cleared.

    A spell without an answer begins with the opening, with a repeat of what was answered, with letting go
    and with an undo; each spell goes on once.

    Args:
        before: what the incident was; None when it is being opened.
        after: what it becomes.
        at: when.
    """
    if after.answered or after.pass_on_ms is None:
        return replace(after, pass_on_due_at=None)
    if before is None or before.answered:
        return replace(after, pass_on_due_at=at + after.pass_on_ms * MILLISECOND)
    return after


def passed_on(incident: Incident, at: Instant) -> Incident:
    """Return the incident as it is once the supervisors are told; unchanged while it is not due."""
    if incident.pass_on_due_at is None or incident.pass_on_due_at > at:
        return incident
    return replace(incident, pass_on_due_at=None, passed_on_at=at)


def folded(incident: Incident, cause: Cause) -> Incident:
    """Return the incident with one more cause; a new cause asks for attention again."""
    if any(known.key == cause.key and known.withdrawn is None for known in incident.causes):
        return incident
    others = tuple(known for known in incident.causes if known.key != cause.key)
    return replace(incident, causes=(*others, cause), state=State.UNCONFIRMED, occurred_at=cause.occurred_at)


def withdrawn(incident: Incident, key: str, why: dict[str, str]) -> Incident:
    """Return the incident without one cause; without any it is withdrawn, unless people resolved it."""
    causes = tuple(
        replace(cause, withdrawn=why) if cause.key == key and cause.withdrawn is None else cause
        for cause in incident.causes
    )
    changed = replace(incident, causes=causes)
    if not changed.standing and incident.state is not State.RESOLVED:
        changed = replace(changed, state=State.WITHDRAWN)
    return changed


def with_cause(incident: Incident, cause: Cause) -> Incident:
    """Return the incident with a cause replaced by its newer form."""
    causes = tuple(cause if known.key == cause.key else known for known in incident.causes)
    return replace(incident, causes=causes)
