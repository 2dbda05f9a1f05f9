"""The judge: keeps the facts of the sales in hand and tells what changed. No I/O, no clock.

Live and in replay it is fed facts and ticks. What stands at the end depends on the facts alone and not on
the order in which they came, as long as none came after its sale was forgotten (``keep_s``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tenban.base.clock import seconds
from tenban.findings.lane import Lane
from tenban.findings.model import Changes, Finding, Withdrawal
from tenban.findings.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tenban.base.clock import Instant
    from tenban.findings.facts import Fact
    from tenban.findings.sale import SaleFacts
    from tenban.findings.settings import RulesSettings

KEEP_S = 900.0
"""A sale is judged for this long after its last fact; later facts about it are counted as too late."""

_FORGET_EVERY_S = 10.0


@dataclass(slots=True)
class _Standing:
    """What stands of one sale, and when to look at it again."""

    facts: SaleFacts
    findings: dict[str, Finding] = field(default_factory=dict)
    due_at: Instant | None = None


class Judge:
    """Judges every lane it is fed.

    Args:
        settings: of all registers.
        keep_s: how long after its last fact a sale is still judged.
    """

    def __init__(self, settings: RulesSettings, *, keep_s: float = KEEP_S) -> None:
        self._settings = settings
        self._keep_s = keep_s
        self._lanes: dict[str, Lane] = {}
        self._standing: dict[tuple[str, str], _Standing] = {}
        self._forget_at: Instant = 0

    def turn(self, settings: RulesSettings) -> None:
        """Judge by other settings from the next fact on; what was concluded before stands until then."""
        self._settings = settings
        for register, lane in self._lanes.items():
            lane.settings = settings.lane(register).sale

    @property
    def set_aside(self) -> int:
        """How many facts were not judged because their sale was forgotten, or had too many."""
        return sum(lane.too_late + lane.overflowed for lane in self._lanes.values())

    @property
    def due_at(self) -> Instant | None:
        """When to ``tick`` though no fact comes; None: not before the next fact."""
        return min((s.due_at for s in self._standing.values() if s.due_at is not None), default=None)

    @property
    def standing(self) -> tuple[Finding, ...]:
        """Findings that stand now, of the sales in hand, by time."""
        found = (finding for standing in self._standing.values() for finding in standing.findings.values())
        return tuple(sorted(found, key=lambda finding: (finding.at, finding.key)))

    def feed(self, facts: Iterable[Fact], now: Instant) -> Changes:
        """Take facts in, judge the sales they touch, and whatever is due.

        A fact fed twice (same ``id``) is taken once. ``now`` must not go back.
        """
        touched: set[str] = set()
        for fact in facts:
            lane = self._lanes.get(fact.register)
            if lane is None:
                lane = self._lanes[fact.register] = Lane(
                    fact.register, self._settings.lane(fact.register).sale, keep_s=self._keep_s
                )
            if lane.take(fact, now):
                touched.add(fact.register)
        changes = Changes()
        for register in sorted(touched):
            for sale in self._lanes[register].sales():
                standing = self._standing.get((register, sale.sale))
                if standing is None or standing.facts != sale:
                    changes += self._judge(sale, now)
        return changes + self.tick(now)

    def tick(self, now: Instant) -> Changes:
        """Judge the sales whose time has come, and forget those long over."""
        changes = Changes()
        due = [key for key, s in self._standing.items() if s.due_at is not None and s.due_at <= now]
        for key in sorted(due):
            changes += self._judge(self._standing[key].facts, now)
        if now >= self._forget_at:
            self._forget_at = now + seconds(_FORGET_EVERY_S)
            for register, lane in self._lanes.items():
                for sale in lane.forget(now):
                    self._standing.pop((register, sale), None)
        return changes

    def _judge(self, facts: SaleFacts, now: Instant) -> Changes:
        lane = self._settings.lane(facts.register)
        verdicts = [rule(facts, lane, now) for rule in RULES.values()]
        known = self._standing.get((facts.register, facts.sale))
        before = known.findings if known is not None else {}
        after = {finding.key: finding for verdict in verdicts for finding in verdict.findings}
        cleared = {key: reason for verdict in verdicts for key, reason in verdict.cleared.items()}
        waits = [verdict.due_at for verdict in verdicts if verdict.due_at is not None]
        self._standing[facts.register, facts.sale] = _Standing(facts, after, min(waits, default=None))
        return Changes(
            opened=tuple(finding for key, finding in after.items() if key not in before),
            updated=tuple(f for key, f in after.items() if key in before and before[key] != f),
            withdrawn=tuple(
                Withdrawal(finding, cleared.get(key, "new_facts"), now)
                for key, finding in before.items()
                if key not in after
            ),
        )
