"""What people said of the incidents a rule told: counts, and a precision with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.db import Connection
from tenban.incidents import queries
from tenban.incidents.model import Outcome, State

Z_95 = 1.959964
"""The normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The incidents of one rule at one place, in a span of time.

    Attributes:
        kind: the rule.
        place: the register.
        told: how many were told.
        true: labelled true.
        false_alarm: labelled a false alarm.
        unclear: labelled unclear; these say nothing of the precision.
        withdrawn: taken back by the rule itself and not labelled.
    """

    kind: str
    place: str
    told: int = 0
    true: int = 0
    false_alarm: int = 0
    unclear: int = 0
    withdrawn: int = 0

    def __add__(self, other: Labels) -> Labels:
        """Return both together, at no place in particular."""
        return Labels(
            self.kind,
            self.place if self.place == other.place else "",
            self.told + other.told,
            self.true + other.true,
            self.false_alarm + other.false_alarm,
            self.unclear + other.unclear,
            self.withdrawn + other.withdrawn,
        )

    @property
    def base(self) -> int:
        """How many labels the precision stands on."""
        return self.true + self.false_alarm

    @property
    def precision(self) -> float | None:
        """True among what was judged; None while nobody has judged any."""
        return self.true / self.base if self.base else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the precision lies with 95 % confidence; None while nobody has judged any."""
        return wilson(self.true, self.base) if self.base else None


def wilson(hits: int, base: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson, JASA 22:209–212, 1927): honest for small bases.

    Raises:
        ValueError: no base, or more hits than it.
    """
    if not 0 <= hits <= base or base == 0:
        raise ValueError(f"expected 0 <= hits <= base and a base, got {hits} of {base}")
    share = hits / base
    spread = Z_95**2 / base
    centre = (share + spread / 2) / (1 + spread)
    half = Z_95 * math.sqrt(share * (1 - share) / base + spread / (4 * base)) / (1 + spread)
    # At its ends the formula is exact on paper only.
    low = centre - half if hits else 0.0
    return low, (centre + half if hits < base else 1.0)


def labels_in(connection: Connection, actor: Actor, since_at: Instant, until_at: Instant) -> list[Labels]:
    """Return the labels of the incidents opened in ``[since_at, until_at)``, by rule and register."""
    actor.must(Function.INCIDENTS_READ)
    table: dict[tuple[str, str], Labels] = {}
    for kind, place, state, outcome, count in queries.labels(connection, actor, since_at, until_at):
        one = Labels(
            kind,
            place,
            told=count,
            true=count if outcome == Outcome.TRUE else 0,
            false_alarm=count if outcome == Outcome.FALSE_ALARM else 0,
            unclear=count if outcome == Outcome.UNCLEAR else 0,
            withdrawn=count if outcome is None and state == State.WITHDRAWN else 0,
        )
        known = table.get((kind, place))
        table[kind, place] = one if known is None else known + one
    return [labels for _, labels in sorted(table.items())]
