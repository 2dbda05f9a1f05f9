"""The rules. A new rule is one file here, one line in ``RULES``, its words and its settings.

A rule is a pure function: all facts of one sale, the settings in force at its register, and now, to what
stands now. It must not care in which order the facts arrived.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tenban.findings.rules.item_not_registered import item_not_registered
from tenban.findings.rules.items_left_in_basket import items_left_in_basket
from tenban.findings.rules.left_without_paying import left_without_paying
from tenban.findings.rules.scan_omission import scan_omission

if TYPE_CHECKING:
    from tenban.base.clock import Instant
    from tenban.findings.model import Verdict
    from tenban.findings.sale import SaleFacts
    from tenban.findings.settings import LaneSettings

__all__ = ["RULES", "Rule"]


class Rule(Protocol):
    """What every rule is."""

    def __call__(self, facts: SaleFacts, lane: LaneSettings, now: Instant) -> Verdict:
        """Judge one sale as of now."""
        ...


RULES: dict[str, Rule] = {
    "item_not_registered": item_not_registered,
    "scan_omission": scan_omission,
    "items_left_in_basket": items_left_in_basket,
    "left_without_paying": left_without_paying,
}
