"""Looks at pictures: written down before the first byte leaves, with whose register they show and of when.

The audit log's row says all of it. ``audit_looks`` holds the same once more, by register and time, so that
somebody finds the looks that concern them without reading the whole log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.access.tables import audit, audit_looks
from tenban.base.clock import Instant, seconds, to_rfc3339

LONGEST_US = seconds(3600)
"""What is longer is kept as several, so that looking for an hour finds them all."""
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look is at.

    Attributes:
        registers: those the pictures show.
        from_at: when what they show happened.
        to_at: until when; the same for a single picture.
    """

    registers: tuple[str, ...]
    from_at: Instant
    to_at: Instant


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody was at a register of a shop from an instant to another one."""

    shop: str
    register: str
    from_at: Instant
    to_at: Instant


def write_look(
    connection: Connection,
    event: AuditEvent,
    actor: Actor,
    at: Instant,
    subject: str,
    *,
    shop: str,
    function: Function,
    seen: Seen,
    **detail: Any,
) -> None:
    """Write down that somebody looks at pictures, in the caller's transaction.

    Args:
        connection: in which the rows are written.
        event: how they look.
        actor: who.
        at: now.
        subject: at what.
        shop: whose pictures they are.
        function: what lets the actor look.
        seen: which registers the pictures show, and of when they are.
        detail: what else is to be known.
    """
    told = {"from": to_rfc3339(seen.from_at), "to": to_rfc3339(seen.to_at)}
    n = write_down(
        connection,
        event,
        actor,
        at,
        subject,
        shop=shop,
        **detail,
        function=function.value,
        registers=list(seen.registers),
        seen=told,
    )
    rows = [
        {"n": n, "shop": shop, "register": register, "from_at": from_at, "to_at": to_at}
        for register in dict.fromkeys(seen.registers)
        for from_at, to_at in _hours(seen.from_at, max(seen.from_at, seen.to_at))
    ]
    if rows:
        connection.execute(audit_looks.insert(), rows)


def looks_at(
    connection: Connection,
    presences: Collection[Presence],
    *,
    but: str,
    before_n: int | None = None,
    most: int = 100,
) -> list[int]:
    """Return the numbers of the newest rows about looks at somebody, newest first.

    Args:
        connection: in which they are read.
        presences: where somebody was when.
        but: the actor whose own looks are left out.
        before_n: only rows with a smaller number.
        most: so many at most.
    """
    found: set[int] = set()
    waiting = list(presences)
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        found.update(_looks_at(connection, some, but=but, before_n=before_n, most=most))
    return sorted(found, reverse=True)[:most]


def _looks_at(
    connection: Connection, presences: Sequence[Presence], *, but: str, before_n: int | None, most: int
) -> Iterator[int]:
    there = (
        sa.values(
            sa.column("shop", sa.String),
            sa.column("register", sa.String),
            sa.column("from_at", sa.BigInteger),
            sa.column("to_at", sa.BigInteger),
            name="there",
        )
        .data([(one.shop, one.register, one.from_at, one.to_at) for one in presences])
        .cte("there")
    )
    query = (
        sa.select(audit_looks.c.n)
        .distinct()
        .select_from(there)
        .join(
            audit_looks,
            sa.and_(
                audit_looks.c.shop == there.c.shop,
                audit_looks.c.register == there.c.register,
                audit_looks.c.from_at >= there.c.from_at - LONGEST_US,
                audit_looks.c.from_at <= there.c.to_at,
                audit_looks.c.to_at >= there.c.from_at,
            ),
        )
        .join(audit, audit.c.n == audit_looks.c.n)
        .where(audit.c.actor != but)
        .order_by(audit_looks.c.n.desc())
        .limit(most)
    )
    if before_n is not None:
        query = query.where(audit_looks.c.n < before_n)
    return iter(connection.execute(query).scalars())


def _hours(from_at: Instant, to_at: Instant) -> Iterator[tuple[Instant, Instant]]:
    while to_at - from_at > LONGEST_US:
        yield from_at, from_at + LONGEST_US
        from_at += LONGEST_US
    yield from_at, to_at
