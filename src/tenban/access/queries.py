"""All SQL of people, sessions, tokens and audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.access.chain import AuditRow, Seal
from tenban.access.tables import audit, audit_seals, people, sessions, tokens
from tenban.base.clock import Instant

Row: TypeAlias = RowMapping

# The detail as the text that was hashed, not as what it means.
AUDIT_COLUMNS = [sa.cast(c, sa.Text).label(c.name) if c.name == "detail" else c for c in audit.c]


def add_person(connection: Connection, **columns: Any) -> None:
    """Insert one person."""
    connection.execute(people.insert().values(**columns))


def person_by_name(connection: Connection, name: str) -> Row | None:
    """Return the person who signs in under this name."""
    return connection.execute(sa.select(people).where(people.c.name == name)).mappings().first()


def all_people(connection: Connection) -> list[Row]:
    """Return everybody, by name."""
    return list(connection.execute(sa.select(people).order_by(people.c.name)).mappings())


def people_by_ids(connection: Connection, ids: Sequence[str]) -> list[Row]:
    """Return those of these people that there are."""
    return list(connection.execute(sa.select(people).where(people.c.id.in_(ids))).mappings())


def signed_in(connection: Connection, now_at: Instant) -> set[str]:
    """Return the ids of the people who have a session that has not ended."""
    query = sa.select(sessions.c.person_id).where(sessions.c.expires_at > now_at).distinct()
    return set(connection.execute(query).scalars())


def add_session(connection: Connection, **columns: Any) -> None:
    """Insert one session."""
    connection.execute(sessions.insert().values(**columns))


def person_of_session(connection: Connection, token_hash: str, now_at: Instant) -> Row | None:
    """Return who is signed in with this session, unless it has expired or the person is disabled."""
    query = (
        sa.select(people, sessions.c.expires_at)
        .join(sessions, sessions.c.person_id == people.c.id)
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.expires_at > now_at,
            people.c.disabled_at.is_(None),
        )
    )
    return connection.execute(query).mappings().first()


def end_session(connection: Connection, token_hash: str) -> None:
    """Delete one session."""
    connection.execute(sessions.delete().where(sessions.c.token_hash == token_hash))


def add_token(connection: Connection, **columns: Any) -> None:
    """Insert one token."""
    connection.execute(tokens.insert().values(**columns))


def token_by_hash(connection: Connection, secret_hash: str, now_at: Instant | None = None) -> Row | None:
    """Return the token with this secret, unless revoked; unless it has ended by ``now_at``, too."""
    query = sa.select(tokens).where(tokens.c.secret_hash == secret_hash, tokens.c.revoked_at.is_(None))
    if now_at is not None:
        query = query.where(sa.or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now_at))
    return connection.execute(query).mappings().first()


def tokens_of(connection: Connection, kind: str, subject: str | None = None) -> list[Row]:
    """Return the tokens of a kind that are in force, newest first; of one register if given."""
    query = (
        sa.select(tokens)
        .where(tokens.c.kind == kind, tokens.c.revoked_at.is_(None))
        .order_by(tokens.c.created_at.desc(), tokens.c.id.desc())
    )
    if subject is not None:
        query = query.where(tokens.c.subject == subject)
    return list(connection.execute(query).mappings())


def tokens_but(connection: Connection, kind: str, ended_after: Instant) -> list[Row]:
    """Return the tokens of every other kind, newest first; without those revoked, or ended before."""
    query = (
        sa.select(tokens)
        .where(
            tokens.c.kind != kind,
            tokens.c.revoked_at.is_(None),
            sa.or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > ended_after),
        )
        .order_by(tokens.c.created_at.desc(), tokens.c.id.desc())
    )
    return list(connection.execute(query).mappings())


def token_by_id(connection: Connection, token_id: str) -> Row | None:
    """Return a token, unless revoked."""
    query = sa.select(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
    return connection.execute(query).mappings().first()


def end_token_at(connection: Connection, token_id: str, at: Instant) -> None:
    """Let a token end at an instant."""
    connection.execute(tokens.update().where(tokens.c.id == token_id).values(expires_at=at))


def see_token(connection: Connection, token_id: str, at: Instant) -> None:
    """Write down when a token was last used."""
    connection.execute(tokens.update().where(tokens.c.id == token_id).values(seen_at=at))


def revoke_token(connection: Connection, token_id: str, at: Instant) -> None:
    """End one token."""
    connection.execute(tokens.update().where(tokens.c.id == token_id).values(revoked_at=at))


def last_audit(connection: Connection) -> tuple[int, str] | None:
    """Return number and hash of the audit log's last row, or None where it is empty."""
    query = sa.select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1)
    found = connection.execute(query).first()
    return None if found is None else (found.n, found.hash)


def add_audit(connection: Connection, row: AuditRow) -> None:
    """Append to the audit log."""
    connection.execute(audit.insert().values({**_fields(row), "detail": sa.literal(row.detail, sa.Text)}))


def audit_rows(connection: Connection, *, after_n: int = 0, most: int = 5000) -> list[AuditRow]:
    """Return rows of the audit log by number, from after the given one."""
    query = sa.select(*AUDIT_COLUMNS).where(audit.c.n > after_n).order_by(audit.c.n).limit(most)
    return [AuditRow(**row) for row in connection.execute(query).mappings()]


def add_seal(connection: Connection, seal: Seal) -> None:
    """Keep a seal."""
    connection.execute(audit_seals.insert().values(_fields(seal)))


def seals(connection: Connection) -> list[Seal]:
    """Return all seals, by the row they cover."""
    query = sa.select(audit_seals).order_by(audit_seals.c.upto_n)
    return [Seal(**row) for row in connection.execute(query).mappings()]


def last_seal(connection: Connection) -> Seal | None:
    """Return the newest seal."""
    query = sa.select(audit_seals).order_by(audit_seals.c.upto_n.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else Seal(**row)


def _fields(one: AuditRow | Seal) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}
