"""One-time links by which people choose their password: shown once, kept as a hash, gone with their use."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.audit import AuditEvent, write_down
from tenban.access.factor_queries import drop_passkeys
from tenban.access.managing import must_manage
from tenban.access.model import Actor, Function, Role, system_actor
from tenban.access.people import NO_AREAS, Areas, actor_of_person, add_person
from tenban.access.secrets import hash_secret, new_secret
from tenban.base.clock import Instant, seconds
from tenban.base.errors import Conflict, NotFound
from tenban.base.ids import new_id

FIRST_S = 24 * 3600
LINK_S = 72 * 3600


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link in force.

    Attributes:
        person_id: whose password it sets; None: the first administrator's, who is yet to be named.
        name: what that person types at sign-in; empty for the first one.
        display_name: how screens call the person.
        role_names: what they will be.
        expires_at: until when it holds.
    """

    person_id: str | None
    name: str
    display_name: str
    role_names: tuple[str, ...]
    expires_at: Instant


def anybody(connection: Connection) -> bool:
    """Tell whether somebody can let others in; until then the first link holds."""
    return any(
        person["disabled_at"] is None
        and person["password_hash"]
        and Function.PEOPLE_MANAGE in actor_of_person(person).functions
        for person in queries.all_people(connection)
    )


def invite_first(connection: Connection, at: Instant) -> str:
    """Make the link for the first administrator and return its secret; the one before no longer holds.

    Raises:
        Conflict: there is an administrator already.
    """
    if anybody(connection):
        raise Conflict("there is an administrator already, who can invite others at /settings/people")
    return _make(connection, system_actor("first-run"), at, None, FIRST_S)


def invite(connection: Connection, actor: Actor, at: Instant, person_id: str, areas: Areas = NO_AREAS) -> str:
    """Make a link for a person and return its secret: password, passkeys and sessions of before end with it.

    Raises:
        NotFound: there is nobody of this id whom the actor may manage.
        Conflict: oneself, or somebody who is disabled.
    """
    row = must_manage(connection, actor, person_id, areas)
    if actor.id == f"person:{person_id}":
        raise Conflict("expected somebody else: your own password is changed at /account")
    if row["disabled_at"] is not None:
        raise Conflict(f"{row['name']!r} is disabled; enable them first")
    queries.change_person(connection, person_id, password_hash="", pin_hash=None, pin_failures=0)
    queries.forget_browsers(connection, person_id)
    queries.drop_one_time_code(connection, person_id)
    queries.drop_recovery_codes(connection, person_id)
    drop_passkeys(connection, person_id)
    queries.end_sessions(connection, person_id)
    return _make(connection, actor, at, person_id, LINK_S)


def invitation(connection: Connection, secret: str, at: Instant) -> Invitation:
    """Return the invitation behind a link.

    Raises:
        NotFound: it was used, replaced or has expired, or never was.
    """
    row = queries.invitation_by_hash(connection, hash_secret(secret), at)
    if row is None:
        raise NotFound("expected a link that holds, got one that was used, replaced or has expired")
    if row["person_id"] is None:
        if anybody(connection):
            raise NotFound("expected no administrator yet, and there is one")
        return Invitation(None, "", "", (Role.ADMINISTRATOR.value,), row["expires_at"])
    (person,) = queries.people_by_ids(connection, [row["person_id"]])
    if person["disabled_at"] is not None:
        raise NotFound("expected a person who may sign in, got one who is disabled")
    return Invitation(
        person["id"], person["name"], person["display_name"], tuple(person["roles"]), row["expires_at"]
    )


def accept(
    connection: Connection,
    at: Instant,
    secret: str,
    *,
    password_hash: str,
    name: str = "",
    display_name: str = "",
) -> str:
    """Give the invited person their password, end the link, and return the name they sign in with.

    Args:
        connection: the caller's transaction.
        at: when.
        secret: of the link.
        password_hash: of the password they chose.
        name: of the first administrator; an invited person has one.
        display_name: likewise.

    Raises:
        NotFound: the link does not hold any more.
    """
    found = invitation(connection, secret, at)
    if found.person_id is None:
        joined = system_actor("first-run")
        person_id = add_person(
            connection,
            joined,
            at,
            name=name,
            password_hash=password_hash,
            roles=[Role.ADMINISTRATOR],
            shop=None,
            display_name=display_name.strip()[:100] or None,
        )
        name = str(queries.people_by_ids(connection, [person_id])[0]["name"])
    else:
        person_id, name = found.person_id, found.name
        queries.change_person(connection, person_id, password_hash=password_hash)
    queries.end_invitations(connection, found.person_id, at)
    (row,) = queries.people_by_ids(connection, [person_id])
    write_down(connection, AuditEvent.PERSON_JOINED, actor_of_person(row), at, person_id)
    return name


def _make(connection: Connection, actor: Actor, at: Instant, person_id: str | None, length_s: int) -> str:
    queries.end_invitations(connection, person_id, at)
    secret = new_secret("link")
    queries.add_invitation(
        connection,
        id=new_id(at),
        secret_hash=hash_secret(secret),
        person_id=person_id,
        made_at=at,
        made_by=actor.id,
        expires_at=at + seconds(length_s),
    )
    write_down(connection, AuditEvent.PERSON_INVITED, actor, at, person_id or "first")
    return secret
