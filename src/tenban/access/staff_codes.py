"""Which cashier of a shop's tills is which person: how somebody finds looks at the registers they were at.

A code is of one person of a shop at a time. Whoever has it after somebody else learns only of what came
after the change, and nobody of what came before they were known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.managing import must_manage
from tenban.access.model import Actor
from tenban.access.people import NO_AREAS, Areas
from tenban.access.tables import staff_codes
from tenban.base.clock import Instant
from tenban.base.errors import BadInput, Conflict
from tenban.base.ids import new_id

LONGEST = 64


class CodeTaken(Conflict):
    """Somebody else of the shop has this code."""

    code = "staff_code_taken"


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody has a code of a shop's tills, or had it.

    Attributes:
        since_at: from when on it was theirs.
        ended_at: None while it is in force.
    """

    shop: str
    code: str
    since_at: Instant
    ended_at: Instant | None


def held_by(connection: Connection, person_id: str) -> list[Held]:
    """Return all codes somebody has or had, the oldest first."""
    query = (
        sa.select(staff_codes.c.shop, staff_codes.c.code, staff_codes.c.since_at, staff_codes.c.ended_at)
        .where(staff_codes.c.person_id == person_id)
        .order_by(staff_codes.c.since_at, staff_codes.c.id)
    )
    return [Held(**row) for row in connection.execute(query).mappings()]


def in_force(connection: Connection) -> dict[str, dict[str, str]]:
    """Return everybody's codes, by person and shop."""
    found: dict[str, dict[str, str]] = {}
    query = sa.select(staff_codes).where(staff_codes.c.ended_at.is_(None))
    for row in connection.execute(query).mappings():
        found.setdefault(row["person_id"], {})[row["shop"]] = row["code"]
    return found


def give(
    connection: Connection,
    actor: Actor,
    at: Instant,
    person_id: str,
    codes: Mapping[str, str | None],
    areas: Areas = NO_AREAS,
) -> None:
    """Say under which codes somebody is known to the tills of shops; None or nothing takes one away.

    Args:
        connection: in which it is written.
        actor: who says so.
        at: when.
        person_id: of whom.
        codes: by shop; a shop that is not named stays as it is.
        areas: the shops of each area.

    Raises:
        NotFound: there is nobody of this id whom the actor may manage.
        OtherShop: a shop is not the actor's.
        BadInput: a code is too long.
        CodeTaken: somebody else of that shop has it.
    """
    known_at = must_manage(connection, actor, person_id, areas)["created_at"]
    for shop, typed in codes.items():
        actor.must_reach(shop)
        code = (typed or "").strip()
        if len(code) > LONGEST or not code.isprintable():
            raise BadInput("staff_code", expected=f"at most {LONGEST} signs", came=repr(code[:80]))
        before = _now(connection, shop, staff_codes.c.person_id == person_id)
        if (before or {"code": ""})["code"] == code:
            continue
        if before is not None:
            _end(connection, before["id"], at)
        if code:
            _begin(connection, shop, code, person_id, at, known_at)
        told = {"before": None if before is None else before["code"], "after": code or None}
        write_down(connection, AuditEvent.STAFF_CODE_CHANGED, actor, at, person_id, shop=shop, **told)


def _begin(
    connection: Connection, shop: str, code: str, person_id: str, at: Instant, known_at: Instant
) -> None:
    same = sa.and_(staff_codes.c.shop == shop, staff_codes.c.code == code)
    if _now(connection, shop, staff_codes.c.code == code) is not None:
        raise CodeTaken(f"code {code!r} is somebody else's in this shop")
    had = sa.select(sa.func.max(staff_codes.c.ended_at)).where(same, staff_codes.c.person_id != person_id)
    since_at = max(connection.execute(had).scalar() or 0, known_at)
    connection.execute(
        staff_codes.insert().values(
            id=new_id(at), person_id=person_id, shop=shop, code=code, since_at=since_at, ended_at=None
        )
    )


def _end(connection: Connection, row_id: str, at: Instant) -> None:
    connection.execute(staff_codes.update().where(staff_codes.c.id == row_id).values(ended_at=at))


def _now(connection: Connection, shop: str, which: sa.ColumnElement[bool]) -> sa.RowMapping | None:
    query = sa.select(staff_codes).where(staff_codes.c.shop == shop, which, staff_codes.c.ended_at.is_(None))
    return connection.execute(query).mappings().first()
