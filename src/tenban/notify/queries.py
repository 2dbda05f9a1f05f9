"""All SQL of the outbox."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.access.model import Actor
from tenban.notify.tables import notices


def add_notice(connection: Connection, **columns: Any) -> int:
    """Append a notice and return its number."""
    key = connection.execute(notices.insert().values(**columns)).inserted_primary_key
    assert key is not None  # noqa: S101  # an insert of one row has a key
    return int(key[0])


def notices_after(
    connection: Connection, actor: Actor, after: int, limit: int, place: str | None = None
) -> list[RowMapping]:
    """Return the notices with greater numbers that are for this actor, in order; of one place if given."""
    query = sa.select(notices).where(notices.c.n > after).order_by(notices.c.n).limit(limit)
    if actor.shops is not None:
        query = query.where(notices.c.shop.in_(actor.shops))
    if actor.groups:
        query = query.where(sa.or_(notices.c.group.is_(None), notices.c.group.in_(actor.groups)))
    if place is not None:
        query = query.where(notices.c.place == place)
    meant = [actor.id, *(function.value for function in actor.functions)]
    query = query.where(sa.or_(notices.c.audience.is_(None), notices.c.audience.in_(meant)))
    return list(connection.execute(query).mappings())


def newest(connection: Connection, place: str | None = None) -> int:
    """Return the greatest number given so far, 0 before the first; of one place if given."""
    query = sa.select(sa.func.coalesce(sa.func.max(notices.c.n), 0))
    if place is not None:
        query = query.where(notices.c.place == place)
    return int(connection.execute(query).scalar_one())
