"""What a rule concludes, and what it wants shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tenban.base.clock import Instant
    from tenban.base.span import Span
    from tenban.findings.facts import Box, Fact

Severity: TypeAlias = Literal["high", "medium", "low"]

Reason: TypeAlias = Literal[
    "registered",
    "registered_late",
    "put_back",
    "shopper_put_back",
    "staff_assisted",
    "sale_cancelled",
    "sale_voided",
    "sale_suspended",
    "paid",
    "came_back",
    "basket_emptied",
    "next_sale",
    "told_otherwise",
    "new_facts",
]
"""Why a finding does not stand, or no longer."""

Label: TypeAlias = Literal[
    "enters_bagging",
    "left_basket",
    "last_move",
    "leaving",
    "empty_position",
    "basket_at_payment",
    "basket_after_payment",
]
"""What a still shows."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence yet to be said in a language: a key of ``words`` and what fills its gaps.

    A parameter whose name ends in ``_at`` is an instant and is said as the shop's time of day.
    """

    key: str
    params: Mapping[str, int | float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StillWish:
    """A picture that shows the reader why.

    Attributes:
        label: what it shows; ``words`` says it in ja and en.
        at: the captured time wanted.
        crop: where to look, in 0–1 of the picture; None: the whole picture is enough.
        zone: role of the zone to crop to where no box is known.
        camera: the camera that saw it; None: any view of the register.
    """

    label: Label
    at: Instant
    crop: Box | None = None
    zone: str | None = None
    camera: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A suspicion, and the facts it rests on.

    Attributes:
        key: the same facts give the same key, live and in replay.
        fold: findings with one fold belong to one incident: rule, register and sale.
        at: when what was found happened.
        decidable_at: the earliest instant at which the facts sufficed.
        facts: sale events and observations it rests on, by time.
        stills: best first.
        clip: from before to after.
    """

    key: str
    fold: str
    rule: str
    register: str
    sale: str
    at: Instant
    decidable_at: Instant
    severity: Severity
    phrase: Phrase
    facts: tuple[Fact, ...]
    stills: tuple[StillWish, ...]
    clip: Span


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one sale, now.

    Attributes:
        findings: those that stand now, by time.
        cleared: by key of a finding that was possible: why it does not stand.
        due_at: when to judge again though no new fact comes; None: never.
    """

    findings: tuple[Finding, ...] = ()
    cleared: dict[str, Reason] = field(default_factory=dict)
    due_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A finding that stood and does not any more."""

    finding: Finding
    reason: Reason
    at: Instant


@dataclass(frozen=True, slots=True)
class Changes:
    """What one step of judging changed."""

    opened: tuple[Finding, ...] = ()
    updated: tuple[Finding, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.opened or self.updated or self.withdrawn)

    def __add__(self, other: Changes) -> Changes:
        return Changes(
            self.opened + other.opened, self.updated + other.updated, self.withdrawn + other.withdrawn
        )
