"""All SQL of tries."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.base.clock import Instant
from tenban.tries.model import AT_WORK, State, Try
from tenban.tries.tables import tries


def add(connection: Connection, one: dict[str, Any]) -> None:
    """Insert a try."""
    connection.execute(tries.insert().values(**one))


def by_id(connection: Connection, try_id: str) -> Try | None:
    """Return a try, deleted ones too; locked for update where the database has row locks."""
    query = sa.select(tries).where(tries.c.id == try_id).with_for_update()
    row = connection.execute(query).mappings().first()
    return None if row is None else _try(row)


def alive(
    connection: Connection, *, owner: str | None, shops: Collection[str] | None, limit: int = 200
) -> list[Try]:
    """Return tries that are not deleted, newest first: one owner's, or some shops', or all."""
    query = sa.select(tries).where(tries.c.state != State.DELETED)
    if owner is not None:
        query = query.where(tries.c.owner == owner)
    if shops is not None:
        query = query.where(tries.c.shop.in_(shops))
    query = query.order_by(tries.c.created_at.desc(), tries.c.id.desc()).limit(limit)
    return [_try(row) for row in connection.execute(query).mappings()]


def alive_ids(connection: Connection) -> set[str]:
    """Return the ids of all tries whose files are kept."""
    return set(connection.execute(sa.select(tries.c.id).where(tries.c.state != State.DELETED)).scalars())


def count_of(connection: Connection, owner: str) -> int:
    """Return how many tries a person keeps."""
    query = sa.select(sa.func.count()).where(tries.c.owner == owner, tries.c.state != State.DELETED)
    return int(connection.execute(query).scalar_one())


def any_to_work_on(connection: Connection, now_at: Instant) -> bool:
    """Tell whether a try waits for somebody; asked at each wake-up, so it takes no write turn."""
    return connection.execute(_waiting(now_at).with_only_columns(tries.c.id)).first() is not None


def next_to_work_on(connection: Connection, now_at: Instant) -> Try | None:
    """Return the try that waits longest and that nobody works on."""
    row = connection.execute(_waiting(now_at).with_for_update()).mappings().first()
    return None if row is None else _try(row)


def _waiting(now_at: Instant) -> sa.Select[Any]:
    free = sa.or_(tries.c.lease_at.is_(None), tries.c.lease_at <= now_at)
    query = sa.select(tries).where(tries.c.state.in_(AT_WORK), free)
    return query.order_by(tries.c.changed_at, tries.c.id).limit(1)


def overdue(connection: Connection, now_at: Instant) -> list[Try]:
    """Return tries whose time is over."""
    query = sa.select(tries).where(tries.c.state != State.DELETED, tries.c.delete_at <= now_at)
    return [_try(row) for row in connection.execute(query).mappings()]


def change(connection: Connection, try_id: str, **columns: Any) -> None:
    """Change a try that is not deleted; whoever held it loses it unless a new lease is given."""
    query = tries.update().where(tries.c.id == try_id, tries.c.state != State.DELETED)
    connection.execute(query.values(**{"lease_at": None, **columns}))


def change_held(connection: Connection, try_id: str, held_at: Instant, **columns: Any) -> bool:
    """Change a try for whoever holds this lease; False where it is held no longer."""
    query = tries.update().where(
        tries.c.id == try_id, tries.c.lease_at == held_at, tries.c.state != State.DELETED
    )
    return bool(connection.execute(query.values(**columns)).rowcount == 1)


def _try(row: RowMapping) -> Try:
    columns: dict[str, Any] = dict(row)
    columns["state"] = State(columns["state"])
    return Try(**columns)
