"""Finding rows of the audit log: by time, by who, by what was done, and by what it was done to."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.chain import AuditRow, Seal, Stamp
from tenban.access.looks import Presence, looks_at
from tenban.access.model import Actor, Function
from tenban.access.people import names_of
from tenban.access.tables import audit, people
from tenban.base.clock import Instant

MOST_ROWS = 500
_COLONS = 2


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """What is looked for; None where it does not matter.

    Attributes:
        from_at: not before.
        until_at: before.
        who: part of a person's name, or of an actor's id such as ``register:lane-1``.
        event: an event, or how its name begins, such as ``media:``.
        about: how the subject begins, part of a person's name, or a whole value of the detail.
        before_n: only rows with a smaller number: how one goes on.
    """

    from_at: Instant | None = None
    until_at: Instant | None = None
    who: str | None = None
    event: str | None = None
    about: str | None = None
    before_n: int | None = None


def search(
    connection: Connection, actor: Actor, asked: AuditSearch, *, most: int = 100
) -> tuple[list[AuditRow], dict[str, str]]:
    """Return the rows that fit, newest first, and the names of the people in them by actor id.

    Whoever belongs to a shop or an area finds its rows alone; the company's finds all.

    Raises:
        Forbidden: the actor may not read the log.
    """
    actor.must(Function.AUDIT_READ)
    query = _fitting(asked, actor.shops).order_by(audit.c.n.desc()).limit(min(most, MOST_ROWS))
    rows = [AuditRow(**row) for row in connection.execute(query).mappings()]
    return rows, _names(connection, rows)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the log reaches, and how far it is signed.

    Attributes:
        last_n: number of the last row, 0 where there is none.
        seal: the newest seal.
        stamp: a third party's newest time stamp.
        unstamped: seals that came after it.
    """

    last_n: int
    seal: Seal | None
    stamp: Stamp | None
    unstamped: int


def reach(connection: Connection, actor: Actor) -> Reach:
    """Return how far the log reaches.

    Raises:
        Forbidden: the actor may not read the log.
    """
    actor.must(Function.AUDIT_READ)
    last = queries.last_audit(connection)
    stamp = queries.last_stamp(connection)
    unstamped = queries.seals_after(connection, 0 if stamp is None else stamp.upto_n)
    return Reach(0 if last is None else last[0], queries.last_seal(connection), stamp, unstamped)


def what_concerns(
    connection: Connection,
    actor: Actor,
    presences: Collection[Presence] = (),
    *,
    before_n: int | None = None,
    most: int = 100,
) -> tuple[list[AuditRow], dict[str, str]]:
    """Return what others did that concerns this person: to the account, and looks at where they were.

    Nobody needs a right for it. What is told is who looked, at what, when and by which right: never what
    would lead to the picture itself.

    Args:
        connection: in which the rows are read.
        actor: whom it concerns.
        presences: where the person was when.
        before_n: only rows with a smaller number: how one goes on.
        most: so many rows at most.
    """
    most = min(most, MOST_ROWS)
    person = actor.id.removeprefix("person:")
    own = (
        sa.select(audit.c.n)
        .where(audit.c.subject.in_([person, actor.id]), audit.c.actor != actor.id)
        .order_by(audit.c.n.desc())
        .limit(most)
    )
    if before_n is not None:
        own = own.where(audit.c.n < before_n)
    looks = looks_at(connection, presences, but=actor.id, before_n=before_n, most=most)
    numbers = sorted({*connection.execute(own).scalars(), *looks}, reverse=True)[:most]
    query = sa.select(*queries.AUDIT_COLUMNS).where(audit.c.n.in_(numbers)).order_by(audit.c.n.desc())
    rows = [_without_way(AuditRow(**row)) for row in connection.execute(query).mappings()]
    return rows, _names(connection, rows)


def _without_way(row: AuditRow) -> AuditRow:
    """Leave out of a look's row the name of the picture's file."""
    detail = orjson.loads(row.detail)
    blob = detail.pop("blob", None)
    if blob is None:
        return row
    kind = "clip" if str(blob).endswith(".mp4") else "still"
    return dataclasses.replace(row, detail=orjson.dumps({**detail, "picture": kind}).decode())


def _fitting(asked: AuditSearch, shops: Collection[str] | None) -> sa.Select[tuple[object, ...]]:
    query = sa.select(*queries.AUDIT_COLUMNS)
    if shops is not None:
        query = query.where(audit.c.shop.in_(shops))
    if asked.before_n is not None:
        query = query.where(audit.c.n < asked.before_n)
    if asked.from_at is not None:
        query = query.where(audit.c.at >= asked.from_at)
    if asked.until_at is not None:
        query = query.where(audit.c.at < asked.until_at)
    if asked.event:
        whole = asked.event.count(":") == _COLONS
        begins = audit.c.event.startswith(asked.event, autoescape=True)
        query = query.where(audit.c.event == asked.event if whole else begins)
    if asked.who:
        query = query.where(audit.c.actor.in_(_actors(asked.who)))
    if asked.about:
        detail = sa.cast(audit.c.detail, sa.Text)
        query = query.where(
            audit.c.subject.startswith(asked.about, autoescape=True)
            | audit.c.subject.in_(_people(asked.about))
            | detail.contains(f'"{asked.about}"', autoescape=True)
        )
    return query


def _people(text: str) -> sa.Select[tuple[str]]:
    by_name = people.c.name.contains(text, autoescape=True)
    return sa.select(people.c.id).where(by_name | people.c.display_name.contains(text, autoescape=True))


def _actors(text: str) -> sa.CompoundSelect[tuple[str]]:
    named = _people(text).with_only_columns((sa.literal("person:") + people.c.id).label("actor"))
    known = sa.select(audit.c.actor).where(audit.c.actor.contains(text, autoescape=True)).distinct()
    return sa.union(named, known)


def _names(connection: Connection, rows: Sequence[AuditRow]) -> dict[str, str]:
    """Return the names of the people who act, and of those acted on, by ``person:`` and id."""
    subjects = {f"person:{row.subject}" for row in rows if row.event.startswith("access:")}
    return names_of(connection, {row.actor for row in rows if row.actor.startswith("person:")} | subjects)
