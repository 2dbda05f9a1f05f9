"""Notices to people: written in the transaction of what they tell of, delivered in order, once.

A tablet remembers the number of the last notice it showed and asks for those after it, so nothing is
lost while it sleeps and nothing comes twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.notify import queries

PAGE = 200


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing people are told."""

    n: int
    at: Instant
    shop: str
    group: str | None
    kind: str
    subject: str
    body: dict[str, Any]
    audience: str | None = None
    place: str | None = None


def post(
    connection: Connection,
    at: Instant,
    *,
    shop: str,
    group: str | None,
    kind: str,
    subject: str,
    body: dict[str, Any],
    audience: str | None = None,
    place: str | None = None,
) -> int:
    """Write a notice in the caller's transaction and return its number.

    Args:
        connection: the caller's transaction.
        at: when it is written.
        shop: whose people are told.
        group: of attendants; None: everybody of the shop.
        kind: what it tells of.
        subject: what it is about.
        body: what more is told.
        audience: only the person with this id, or only those with this function; None: all of the group.
        place: where it happened; a register's own screen is told of its own place alone.
    """
    return queries.add_notice(
        connection,
        at=at,
        shop=shop,
        group=group,
        kind=kind,
        subject=subject,
        body=body,
        audience=audience,
        place=place,
    )


def notices_after(connection: Connection, actor: Actor, after: int) -> list[Notice]:
    """Return at most :data:`PAGE` notices with greater numbers that are for this actor, in order."""
    place = actor.place_of(Function.INCIDENTS_READ)
    return [Notice(**row) for row in queries.notices_after(connection, actor, after, PAGE, place)]


def newest(connection: Connection, actor: Actor) -> int:
    """Return the number of the newest notice, 0 before the first."""
    return queries.newest(connection, actor.place_of(Function.INCIDENTS_READ))
