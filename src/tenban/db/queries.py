"""All SQL of data keys and sealed secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.base.clock import Instant
from tenban.db.keyring import Wrapped
from tenban.db.tables import blob_keys, secrets

_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DataKey:
    """A wrapped data key, and how many bytes it seals."""

    name: str
    wrapped: Wrapped
    size: int


def add_key(connection: Connection, key: DataKey, at: Instant) -> None:
    """Keep a file's data key; one of the same name is replaced, and what it sealed is lost."""
    connection.execute(blob_keys.delete().where(blob_keys.c.name == key.name))
    connection.execute(
        blob_keys.insert().values(
            name=key.name, version=key.wrapped.version, wrapped=key.wrapped.text, size=key.size, made_at=at
        )
    )


def key_of(connection: Connection, name: str) -> DataKey | None:
    """Return a file's data key, or None where it has none (any more)."""
    row = connection.execute(sa.select(blob_keys).where(blob_keys.c.name == name)).first()
    return None if row is None else DataKey(row.name, Wrapped(row.version, row.wrapped), row.size)


def known_names(connection: Connection, names: Sequence[str]) -> set[str]:
    """Return those of these files that have a data key."""
    found: set[str] = set()
    for first in range(0, len(names), _MOST_AT_ONCE):
        some = blob_keys.c.name.in_(names[first : first + _MOST_AT_ONCE])
        found |= set(connection.execute(sa.select(blob_keys.c.name).where(some)).scalars())
    return found


def drop_keys(connection: Connection, names: Sequence[str]) -> list[tuple[str, int]]:
    """Destroy data keys; return name and size of those there were."""
    gone: list[tuple[str, int]] = []
    for first in range(0, len(names), _MOST_AT_ONCE):
        some = blob_keys.c.name.in_(names[first : first + _MOST_AT_ONCE])
        gone += [
            tuple(row)
            for row in connection.execute(sa.select(blob_keys.c.name, blob_keys.c.size).where(some))
        ]
        connection.execute(blob_keys.delete().where(some))
    return gone


def names_made_before(connection: Connection, before_at: Instant, limit: int) -> list[str]:
    """Return the pictures sealed before an instant, the oldest first; what has a path is none."""
    query = (
        sa.select(blob_keys.c.name)
        .where(blob_keys.c.made_at < before_at, ~blob_keys.c.name.contains("/"))
        .order_by(blob_keys.c.made_at)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def counts_by_version(connection: Connection) -> dict[int, int]:
    """Return how many data keys each version wraps."""
    query = sa.select(blob_keys.c.version, sa.func.count()).group_by(blob_keys.c.version)
    return {row[0]: row[1] for row in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class Secret:
    """A sealed secret, what it is called elsewhere, and what it is of."""

    id: str
    kind: str
    wrapped: Wrapped


def add_secret(connection: Connection, secret: Secret, at: Instant) -> None:
    """Keep a sealed secret."""
    row = {"id": secret.id, "kind": secret.kind, "version": secret.wrapped.version, "made_at": at}
    connection.execute(secrets.insert().values(wrapped=secret.wrapped.text, **row))


def remove_secret(connection: Connection, its_id: str) -> None:
    """Destroy a sealed secret."""
    connection.execute(secrets.delete().where(secrets.c.id == its_id))


def all_secrets(connection: Connection, its_id: str | None = None) -> list[Secret]:
    """Return every sealed secret, or the one of this id."""
    query = sa.select(secrets).order_by(secrets.c.id)
    if its_id is not None:
        query = query.where(secrets.c.id == its_id)
    return [Secret(row.id, row.kind, Wrapped(row.version, row.wrapped)) for row in connection.execute(query)]


def rewrap_secret(connection: Connection, its_id: str, wrapped: Wrapped) -> None:
    """Keep the same secret in another wrapping."""
    columns = {"version": wrapped.version, "wrapped": wrapped.text}
    connection.execute(secrets.update().where(secrets.c.id == its_id).values(**columns))


def wrapped_otherwise(connection: Connection, version: int, limit: int, after: str = "") -> list[DataKey]:
    """Return data keys that another version wraps, by name, after a name."""
    query = (
        sa.select(blob_keys)
        .where(blob_keys.c.version != version, blob_keys.c.name > after)
        .order_by(blob_keys.c.name)
        .limit(limit)
    )
    return [
        DataKey(row.name, Wrapped(row.version, row.wrapped), row.size) for row in connection.execute(query)
    ]


def rewrap(connection: Connection, before: DataKey, wrapped: Wrapped) -> bool:
    """Keep the same data key in another wrapping; False where it was destroyed meanwhile."""
    changed = connection.execute(
        blob_keys.update()
        .where(blob_keys.c.name == before.name, blob_keys.c.version == before.wrapped.version)
        .where(blob_keys.c.wrapped == before.wrapped.text)
        .values(version=wrapped.version, wrapped=wrapped.text)
    )
    return changed.rowcount == 1
