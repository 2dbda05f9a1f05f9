"""All SQL of people, sessions, tokens and audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.access.chain import AuditRow, Seal, Stamp
from tenban.access.tables import (
    audit,
    audit_seals,
    audit_stamps,
    invitations,
    known_browsers,
    one_time_codes,
    people,
    recovery_codes,
    sessions,
    sign_in_failures,
    tokens,
)
from tenban.base.clock import SECOND, Instant

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
    query = sa.select(sessions.c.person_id).where(*_open(now_at)).distinct()
    return set(connection.execute(query).scalars())


def add_session(connection: Connection, **columns: Any) -> None:
    """Insert one session."""
    connection.execute(sessions.insert().values(**columns))


def _open(now_at: Instant) -> list[sa.ColumnElement[bool]]:
    """Say of a session that it has neither expired nor lain idle for too long."""
    idle_us = sa.cast(sessions.c.idle_s, sa.BigInteger) * SECOND
    return [sessions.c.expires_at > now_at, sessions.c.seen_at + idle_us > now_at]


def person_of_session(connection: Connection, token_hash: str, now_at: Instant) -> Row | None:
    """Return who is signed in with this session, unless it has ended or the person is disabled."""
    query = (
        sa.select(
            people,
            sessions.c.seen_at,
            sessions.c.proven_at,
            sessions.c.two_factors,
            one_time_codes.c.confirmed_at,
        )
        .join(sessions, sessions.c.person_id == people.c.id)
        .outerjoin(one_time_codes, one_time_codes.c.person_id == people.c.id)
        .where(sessions.c.token_hash == token_hash, people.c.disabled_at.is_(None), *_open(now_at))
    )
    return connection.execute(query).mappings().first()


def see_session(connection: Connection, token_hash: str, at: Instant) -> None:
    """Write down when a session was last used."""
    connection.execute(sessions.update().where(sessions.c.token_hash == token_hash).values(seen_at=at))


def prove_session(
    connection: Connection, token_hash: str, fresh_hash: str, at: Instant, **columns: Any
) -> int:
    """Give a session another secret and write down when its person was proven; return how many there were."""
    return connection.execute(
        sessions.update()
        .where(sessions.c.token_hash == token_hash)
        .values(token_hash=fresh_hash, proven_at=at, seen_at=at, **columns)
    ).rowcount


def mark_two_factors(connection: Connection, token_hash: str) -> None:
    """Write down that a second factor was shown in a session."""
    connection.execute(sessions.update().where(sessions.c.token_hash == token_hash).values(two_factors=True))


def session_by_hash(connection: Connection, token_hash: str, now_at: Instant) -> Row | None:
    """Return a session that is open."""
    query = sa.select(sessions).where(sessions.c.token_hash == token_hash, *_open(now_at))
    return connection.execute(query).mappings().first()


def sessions_of(connection: Connection, person_id: str, now_at: Instant) -> list[Row]:
    """Return a person's open sessions, the one used last first."""
    query = (
        sa.select(sessions)
        .where(sessions.c.person_id == person_id, *_open(now_at))
        .order_by(sessions.c.seen_at.desc(), sessions.c.id.desc())
    )
    return list(connection.execute(query).mappings())


def end_sessions(
    connection: Connection, person_id: str, *, only: str | None = None, but: str | None = None
) -> int:
    """Delete a person's sessions: one by its id, or all but that of a hash, or all; return how many."""
    gone = sessions.delete().where(sessions.c.person_id == person_id)
    if only is not None:
        gone = gone.where(sessions.c.id == only)
    if but is not None:
        gone = gone.where(sessions.c.token_hash != but)
    return connection.execute(gone).rowcount


def drop_ended_sessions(connection: Connection, now_at: Instant) -> None:
    """Delete the sessions that nobody can use any more."""
    connection.execute(sessions.delete().where(sa.not_(sa.and_(*_open(now_at)))))


def change_person(connection: Connection, person_id: str, **columns: Any) -> None:
    """Change a person."""
    connection.execute(people.update().where(people.c.id == person_id).values(**columns))


def failures_of(connection: Connection, account: str) -> list[tuple[str, int, Instant]]:
    """Return (source, failures, last_at) of the wrong passwords typed for an account."""
    query = sa.select(
        sign_in_failures.c.source, sign_in_failures.c.failures, sign_in_failures.c.last_at
    ).where(sign_in_failures.c.account == account)
    return [(source, failures, last_at) for source, failures, last_at in connection.execute(query)]


def set_failures(connection: Connection, account: str, source: str, failures: int, last_at: Instant) -> None:
    """Write down how many wrong passwords came from somewhere."""
    forget_failures(connection, account, source)
    connection.execute(
        sign_in_failures.insert().values(account=account, source=source, failures=failures, last_at=last_at)
    )


def forget_failures(connection: Connection, account: str, source: str) -> None:
    """Forget the wrong passwords from somewhere."""
    connection.execute(
        sign_in_failures.delete().where(
            sign_in_failures.c.account == account, sign_in_failures.c.source == source
        )
    )


def drop_failures(connection: Connection, before_at: Instant) -> None:
    """Delete what no longer counts."""
    connection.execute(sign_in_failures.delete().where(sign_in_failures.c.last_at <= before_at))


def browser_knows(connection: Connection, secret_hash: str, name: str) -> bool:
    """Tell whether the person of this name has signed in with a browser."""
    query = (
        sa.select(known_browsers.c.person_id)
        .join(people, people.c.id == known_browsers.c.person_id)
        .where(known_browsers.c.secret_hash == secret_hash, people.c.name == name)
    )
    return connection.execute(query).first() is not None


def people_of_browser(connection: Connection, secret_hash: str, since_at: Instant) -> list[Row]:
    """Return who has signed in with a browser since then and still may, by name."""
    query = (
        sa.select(people, known_browsers.c.last_at)
        .join(known_browsers, known_browsers.c.person_id == people.c.id)
        .where(
            known_browsers.c.secret_hash == secret_hash,
            known_browsers.c.last_at >= since_at,
            people.c.disabled_at.is_(None),
        )
        .order_by(people.c.display_name)
    )
    return list(connection.execute(query).mappings())


def rename_browser(connection: Connection, before_hash: str, after_hash: str) -> None:
    """Give a browser another secret."""
    connection.execute(
        known_browsers.update()
        .where(known_browsers.c.secret_hash == before_hash)
        .values(secret_hash=after_hash)
    )


def forget_browsers(connection: Connection, person_id: str) -> None:
    """Forget in which browsers a person signed in."""
    connection.execute(known_browsers.delete().where(known_browsers.c.person_id == person_id))


def see_browser(connection: Connection, secret_hash: str, person_id: str, at: Instant) -> None:
    """Write down that somebody signed in with a browser."""
    its = (known_browsers.c.secret_hash == secret_hash, known_browsers.c.person_id == person_id)
    if connection.execute(known_browsers.update().where(*its).values(last_at=at)).rowcount == 0:
        connection.execute(
            known_browsers.insert().values(
                secret_hash=secret_hash, person_id=person_id, first_at=at, last_at=at
            )
        )


def one_time_code_of(connection: Connection, person_id: str) -> Row | None:
    """Return what a person's authenticator app shares with us."""
    query = sa.select(one_time_codes).where(one_time_codes.c.person_id == person_id)
    return connection.execute(query).mappings().first()


def add_one_time_code(connection: Connection, **columns: Any) -> None:
    """Keep what an app shares with us."""
    connection.execute(one_time_codes.insert().values(**columns))


def use_one_time_code(connection: Connection, person_id: str, step: int, **more: Any) -> None:
    """Write down which code was used last."""
    its = one_time_codes.c.person_id == person_id
    connection.execute(one_time_codes.update().where(its).values(last_step=step, **more))


def drop_one_time_code(connection: Connection, person_id: str) -> None:
    """Forget a person's app."""
    connection.execute(one_time_codes.delete().where(one_time_codes.c.person_id == person_id))


def add_recovery_code(connection: Connection, **columns: Any) -> None:
    """Keep one recovery code."""
    connection.execute(recovery_codes.insert().values(**columns))


def use_recovery_code(connection: Connection, person_id: str, code_hash: str, at: Instant) -> bool:
    """Use a recovery code up; False where there is none that is good."""
    used = (
        recovery_codes.update()
        .where(
            recovery_codes.c.person_id == person_id,
            recovery_codes.c.code_hash == code_hash,
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=at)
    )
    return connection.execute(used).rowcount == 1


def recovery_codes_left(connection: Connection, person_id: str) -> int:
    """Return how many of a person's recovery codes are good."""
    query = sa.select(sa.func.count()).where(
        recovery_codes.c.person_id == person_id, recovery_codes.c.used_at.is_(None)
    )
    return int(connection.execute(query).scalar_one())


def drop_recovery_codes(connection: Connection, person_id: str) -> None:
    """Delete a person's recovery codes."""
    connection.execute(recovery_codes.delete().where(recovery_codes.c.person_id == person_id))


def add_invitation(connection: Connection, **columns: Any) -> None:
    """Insert one invitation."""
    connection.execute(invitations.insert().values(**columns))


def invitation_by_hash(connection: Connection, secret_hash: str, now_at: Instant) -> Row | None:
    """Return the invitation with this secret, where it is in force."""
    query = sa.select(invitations).where(
        invitations.c.secret_hash == secret_hash,
        invitations.c.ended_at.is_(None),
        invitations.c.expires_at > now_at,
    )
    return connection.execute(query).mappings().first()


def end_invitations(connection: Connection, person_id: str | None, at: Instant) -> None:
    """End all invitations of a person, or those for the first person."""
    whose = invitations.c.person_id.is_(None) if person_id is None else invitations.c.person_id == person_id
    connection.execute(
        invitations.update().where(whose, invitations.c.ended_at.is_(None)).values(ended_at=at)
    )


def invited(connection: Connection, now_at: Instant) -> dict[str, Instant]:
    """Return until when people's invitations hold, by person."""
    query = sa.select(invitations.c.person_id, invitations.c.expires_at).where(
        invitations.c.person_id.is_not(None),
        invitations.c.ended_at.is_(None),
        invitations.c.expires_at > now_at,
    )
    return {row.person_id: row.expires_at for row in connection.execute(query)}


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


def add_stamp(connection: Connection, stamp: Stamp) -> None:
    """Keep a third party's time stamp over a seal."""
    connection.execute(audit_stamps.insert().values(_fields(stamp)))


def stamps(connection: Connection) -> list[Stamp]:
    """Return all time stamps, by the row their seals cover."""
    query = sa.select(audit_stamps).order_by(audit_stamps.c.upto_n)
    return [Stamp(**row) for row in connection.execute(query).mappings()]


def last_stamp(connection: Connection) -> Stamp | None:
    """Return the newest time stamp."""
    query = sa.select(audit_stamps).order_by(audit_stamps.c.upto_n.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else Stamp(**row)


def seals_after(connection: Connection, upto_n: int) -> int:
    """Return how many seals cover more than the log up to a row."""
    query = sa.select(sa.func.count()).select_from(audit_seals).where(audit_seals.c.upto_n > upto_n)
    return connection.execute(query).scalar_one()


def _fields(one: AuditRow | Seal | Stamp) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}
