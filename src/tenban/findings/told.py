"""What was found in a span, for a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.base.span import Span
from tenban.findings import queries
from tenban.findings.words import TITLES
from tenban.sites.model import Register

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as a timeline shows it.

    Attributes:
        title: what the rule is called, in ja and en.
        stands: it has not been withdrawn.
    """

    key: str
    rule: str
    title: dict[str, str]
    register: str
    sale: str
    at: Instant
    stands: bool


def findings_of(
    connection: Connection, actor: Actor, registers: Sequence[Register], span: Span
) -> list[Found]:
    """Return what was found at some registers in a span, by time.

    Raises:
        Forbidden: the actor may not read incidents of one of the registers.
    """
    for register in registers:
        actor.must(Function.INCIDENTS_READ, shop=register.shop, register=register.id)
    rows = queries.findings_between(connection, [one.id for one in registers], span, MOST)
    return [
        Found(
            row["key"],
            row["rule"],
            TITLES.get(row["rule"], {"ja": row["rule"], "en": row["rule"]}),
            row["register"],
            row["sale"],
            row["at"],
            row["withdrawn_at"] is None,
        )
        for row in rows
    ]
