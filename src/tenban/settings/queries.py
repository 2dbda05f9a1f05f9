"""All SQL of revisions, and of what each part runs with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.base.clock import Instant
from tenban.settings.model import Difference, Revision
from tenban.settings.tables import settings_applied, settings_revisions


def add(connection: Connection, revision: Revision) -> int:
    """Append a revision and return its number; the one given is not looked at."""
    result = connection.execute(
        settings_revisions.insert().values(
            at=revision.at,
            actor=revision.actor,
            actor_name=revision.actor_name,
            kind=revision.kind,
            what=[one.as_json() for one in revision.what],
            sha256=revision.sha256,
            base_sha256=revision.base_sha256,
            text=revision.text,
            mistake=revision.mistake,
            written_at=revision.written_at,
        )
    )
    assert result.inserted_primary_key is not None  # noqa: S101  # one row was inserted
    return int(result.inserted_primary_key[0])


def mark_written(connection: Connection, n: int, at: Instant) -> None:
    """Say that a revision is in the file."""
    connection.execute(settings_revisions.update().where(settings_revisions.c.n == n).values(written_at=at))


def newest(connection: Connection) -> Revision | None:
    """Return the newest revision."""
    query = sa.select(settings_revisions).order_by(settings_revisions.c.n.desc()).limit(1)
    return _one(connection.execute(query).mappings().first())


def newest_good(connection: Connection) -> Revision | None:
    """Return the newest revision that checks."""
    query = (
        sa.select(settings_revisions)
        .where(settings_revisions.c.mistake.is_(None))
        .order_by(settings_revisions.c.n.desc())
        .limit(1)
    )
    return _one(connection.execute(query).mappings().first())


def by_number(connection: Connection, n: int) -> Revision | None:
    """Return a revision."""
    query = sa.select(settings_revisions).where(settings_revisions.c.n == n)
    return _one(connection.execute(query).mappings().first())


def newest_with(connection: Connection, sha256: str) -> Revision | None:
    """Return the newest revision with these bytes."""
    query = (
        sa.select(settings_revisions)
        .where(settings_revisions.c.sha256 == sha256)
        .order_by(settings_revisions.c.n.desc())
        .limit(1)
    )
    return _one(connection.execute(query).mappings().first())


def after(connection: Connection, n: int) -> list[Revision]:
    """Return the revisions after a number, oldest first."""
    query = sa.select(settings_revisions).where(settings_revisions.c.n > n).order_by(settings_revisions.c.n)
    return [_revision(row) for row in connection.execute(query).mappings()]


def before(connection: Connection, n: int | None, limit: int) -> list[Revision]:
    """Return the revisions before a number (all where None), newest first."""
    query = sa.select(settings_revisions).order_by(settings_revisions.c.n.desc()).limit(limit)
    if n is not None:
        query = query.where(settings_revisions.c.n < n)
    return [_revision(row) for row in connection.execute(query).mappings()]


def save_applied(connection: Connection, part: str, sha256: str, at: Instant, why: str | None) -> None:
    """Write down what a part runs with."""
    values: dict[str, Any] = {"sha256": sha256, "at": at, "why": why}
    changed = connection.execute(
        settings_applied.update().where(settings_applied.c.part == part).values(**values)
    )
    if changed.rowcount == 0:
        connection.execute(settings_applied.insert().values(part=part, **values))


def applied(connection: Connection) -> list[RowMapping]:
    """Return what every part runs with."""
    return list(connection.execute(sa.select(settings_applied).order_by(settings_applied.c.part)).mappings())


def _one(row: RowMapping | None) -> Revision | None:
    return None if row is None else _revision(row)


def _revision(row: RowMapping) -> Revision:
    columns: dict[str, Any] = dict(row)
    columns["what"] = tuple(Difference(**one) for one in columns["what"])
    return Revision(**columns)
