"""The same judge over facts that are already there: last month's, a file's, a test's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenban.base.clock import Instant
from tenban.findings.judge import Judge
from tenban.findings.model import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tenban.findings.facts import Fact
    from tenban.findings.model import Finding, Withdrawal
    from tenban.findings.settings import RulesSettings


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay.

    Attributes:
        findings: those that stand at the end, by time.
        withdrawn: those told and taken back, in that order; one told again afterwards is here and above.
        set_aside: facts not judged, because they came too late or a sale had too many.
    """

    findings: tuple[Finding, ...]
    withdrawn: tuple[Withdrawal, ...]
    set_aside: int


def replay(facts: Iterable[Fact], settings: RulesSettings) -> list[Finding]:
    """Return the findings that stand once all facts are in, by time."""
    return list(replay_all(facts, settings).findings)


def replay_all(
    facts: Iterable[Fact],
    settings: RulesSettings,
    *,
    as_received: bool = False,
    watch: Callable[[Sequence[Fact]], Iterable[Fact]] = iter,
) -> Replayed:
    """Feed the judge as if live, tick by tick.

    Args:
        facts: in any order.
        settings: of the rules.
        as_received: let time run by ``received_at``, to see what a live shop was told and when; else each
            fact comes at the earliest instant at which anybody could know it.
        watch: passes the ordered facts on one by one, for a progress bar.
    """
    judge = Judge(settings)
    standing: dict[str, Finding] = {}
    withdrawn: list[Withdrawal] = []

    def keep(changes: Changes) -> None:
        for finding in (*changes.opened, *changes.updated):
            standing[finding.key] = finding
        for withdrawal in changes.withdrawn:
            standing.pop(withdrawal.finding.key, None)
            withdrawn.append(withdrawal)

    now: Instant = 0

    def known_at(fact: Fact) -> Instant:
        return fact.received_at if as_received else fact.known_at

    for fact in watch(sorted(facts, key=lambda fact: (known_at(fact), fact.id))):
        at = known_at(fact)
        while (due_at := judge.due_at) is not None and due_at < at:
            now = max(now, due_at)
            keep(judge.tick(now))
        now = max(now, at)
        keep(judge.feed([fact], now))
    while (due_at := judge.due_at) is not None:
        now = max(now, due_at)
        keep(judge.tick(now))
    found = sorted(standing.values(), key=lambda finding: (finding.at, finding.key))
    return Replayed(tuple(found), tuple(withdrawn), judge.set_aside)
