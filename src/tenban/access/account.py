"""One's own account: where one is signed in, and ending that; one's own password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.account_rows import account_row, person_of
from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor
from tenban.access.people import Source
from tenban.access.secrets import hash_secret
from tenban.access.sign_in import House, SignedIn, let_in
from tenban.base.clock import Instant, seconds
from tenban.base.errors import NotFound


@dataclass(frozen=True, slots=True)
class Session:
    """Somewhere one is signed in.

    Attributes:
        id: of the session; no secret.
        opened_at: when one signed in there.
        seen_at: when it was last used, to the minute.
        expires_at: when it ends at the latest.
        address: from where.
        agent: what the browser called itself.
        how: with what.
        here: the one that asks.
    """

    id: str
    opened_at: Instant
    seen_at: Instant
    expires_at: Instant
    address: str | None
    agent: str | None
    how: str
    here: bool


def own_sessions(connection: Connection, actor: Actor, at: Instant, secret: str) -> list[Session]:
    """Return where one is signed in, the one used last first."""
    this = hash_secret(secret)
    return [
        Session(
            row["id"],
            row["created_at"],
            row["seen_at"],
            row["expires_at"],
            row["address"],
            row["agent"],
            row["how"],
            row["token_hash"] == this,
        )
        for row in queries.sessions_of(connection, person_of(actor), at)
    ]


LATELY_S: Final = 300


def is_fresh(connection: Connection, secret: str, at: Instant) -> bool:
    """Tell whether the session was opened a moment ago, and not by PIN: no password is asked."""
    row = queries.session_by_hash(connection, hash_secret(secret), at)
    return row is not None and row["how"] != "pin" and at - row["created_at"] < seconds(LATELY_S)


def shows_two_factors(connection: Connection, secret: str, at: Instant) -> bool:
    """Tell whether a second factor was shown in the session."""
    row = queries.session_by_hash(connection, hash_secret(secret), at)
    return row is not None and bool(row["two_factors"])


def revoke(connection: Connection, actor: Actor, at: Instant, session_id: str) -> None:
    """End one of one's own sessions.

    Raises:
        NotFound: it has ended, or is somebody else's.
    """
    if not queries.end_sessions(connection, person_of(actor), only=session_id):
        raise NotFound(f"you have no session {session_id[:40]!r} (any more)")
    write_down(connection, AuditEvent.SESSION_REVOKED, actor, at, session_id)


def revoke_others(connection: Connection, actor: Actor, at: Instant, secret: str) -> int:
    """End all of one's sessions but the one that asks; return how many."""
    ended = queries.end_sessions(connection, person_of(actor), but=hash_secret(secret))
    if ended:
        write_down(connection, AuditEvent.SESSION_REVOKED, actor, at, "others", count=ended)
    return ended


def change_password(
    connection: Connection,
    actor: Actor,
    at: Instant,
    *,
    password_hash: str,
    house: House,
    source: Source,
) -> SignedIn:
    """Set one's own password; every session ends, and the one that asks goes on with a new secret."""
    person_id = person_of(actor)
    name = str(account_row(connection, actor)["name"])
    queries.change_person(connection, person_id, password_hash=password_hash)
    queries.end_sessions(connection, person_id)
    queries.forget_browsers(connection, person_id)
    write_down(connection, AuditEvent.PASSWORD_CHANGED, actor, at, person_id)
    return let_in(connection, house, name, source)
