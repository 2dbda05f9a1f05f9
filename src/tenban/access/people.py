"""People: adding them, signing them in and out."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tenban.access import queries
from tenban.access.audit import AuditEvent, write_down
from tenban.access.limits import NO_LIMITS, Limits, limits_of
from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Function, Role
from tenban.access.secrets import hash_secret, new_secret
from tenban.base.clock import Instant, seconds
from tenban.base.errors import BadInput, Conflict, NotFound
from tenban.base.ids import new_id

Areas: TypeAlias = Mapping[str, frozenset[str]]
"""The shops of each area, by name; an area that is not in it has none."""
NO_AREAS: Final[Areas] = {}


def add_person(
    connection: Connection,
    actor: Actor,
    at: Instant,
    *,
    name: str,
    password_hash: str,
    roles: Sequence[Role],
    shop: str | None,
    display_name: str | None = None,
    groups: Sequence[str] = (),
    area: str | None = None,
) -> str:
    """Add a person and return the person's id.

    Raises:
        BadInput: no name, or no role, or both a shop and an area.
        Conflict: the name is taken.
    """
    actor.must(Function.PEOPLE_MANAGE, shop=shop)
    name = folded(name)
    if not 1 <= len(name) <= 100:
        raise BadInput("name", expected="1 to 100 characters", came=repr(name[:120]))
    if not roles:
        raise BadInput("roles", expected=f"at least one of {', '.join(Role)}", came="none")
    if shop is not None and area is not None:
        raise BadInput("shop", expected="a shop or an area", came="both")
    if queries.person_by_name(connection, name) is not None:
        raise Conflict(f"there is a person named {name!r} already")
    person_id = new_id(at)
    try:
        queries.add_person(
            connection,
            id=person_id,
            name=name,
            display_name=display_name or name,
            password_hash=password_hash,
            roles=[role.value for role in roles],
            shop=shop,
            area=area,
            groups=list(groups),
            created_at=at,
        )
    except IntegrityError as error:
        raise Conflict(f"there is a person named {name!r} already") from error
    write_down(connection, AuditEvent.PERSON_ADDED, actor, at, person_id, name=name, roles=list(roles))
    return person_id


def actor_of_person(person: queries.Row, areas: Areas = NO_AREAS) -> Actor:
    """Return the actor a person acts as; without the areas, somebody of an area may touch nothing."""
    functions: frozenset[Function] = frozenset().union(
        *(FUNCTIONS_OF_ROLE[Role(role)] for role in person["roles"])
    )
    return Actor(
        "person",
        f"person:{person['id']}",
        str(person["display_name"]),
        person["shop"],
        functions,
        groups=frozenset(person["groups"]),
        area=person["area"],
        area_shops=areas.get(person["area"] or "", frozenset()),
    )


def colleagues(
    connection: Connection, actor: Actor, at: Instant, areas: Areas = NO_AREAS
) -> list[tuple[Actor, bool]]:
    """Return who else handles incidents in the actor's shops, by name, and whether they are signed in."""
    actor.must(Function.INCIDENTS_READ)
    here = queries.signed_in(connection, at)
    found = []
    for person in queries.all_people(connection):
        other = actor_of_person(person, areas)
        meet = actor.shops is None or other.shops is None or bool(other.shops & actor.shops)
        handles = meet and other.may(Function.INCIDENTS_HANDLE)
        if handles and person["disabled_at"] is None and other.id != actor.id:
            found.append((other, person["id"] in here))
    return found


def names_of(connection: Connection, actors: Collection[str]) -> dict[str, str]:
    """Return how screens call people, by the ids they act under; whoever is no person is left out."""
    return {
        f"person:{person['id']}": str(person["display_name"])
        for person in queries.people_by_ids(connection, [one.removeprefix("person:") for one in actors])
    }


def colleague(
    connection: Connection, actor: Actor, at: Instant, actor_id: str, areas: Areas = NO_AREAS
) -> Actor:
    """Return one of the actor's colleagues.

    Raises:
        NotFound: there is nobody of that id who handles incidents in the actor's shop.
    """
    for other, _ in colleagues(connection, actor, at, areas):
        if other.id == actor_id:
            return other
    raise NotFound(f"there is no colleague {actor_id[:60]!r}")


def password_hash_of(connection: Connection, name: str) -> str | None:
    """Return the hash to check a password against, or None for nobody."""
    person = queries.person_by_name(connection, folded(name))
    return None if person is None or person["disabled_at"] is not None else str(person["password_hash"])


def replace_hash(connection: Connection, person: Actor, known: str, fresh: str) -> None:
    """Keep the same password as a newer hash, unless another one was set meanwhile."""
    person_id = person.id.removeprefix("person:")
    (row,) = queries.people_by_ids(connection, [person_id])
    if row["password_hash"] == known:
        queries.change_person(connection, person_id, password_hash=fresh)


def person_named(connection: Connection, name: str, areas: Areas = NO_AREAS) -> Actor | None:
    """Return who a name belongs to, as the actor they act as; for a password that was found to fit."""
    person = queries.person_by_name(connection, folded(name))
    return None if person is None or person["disabled_at"] is not None else actor_of_person(person, areas)


@dataclass(frozen=True, slots=True)
class Source:
    """Where somebody signs in from.

    Attributes:
        address: of the client, as the server sees it.
        agent: what the browser calls itself.
        how: ``password``, ``invitation``, ``pin``, ``passkey`` or ``oidc``.
        browser: the secret of the cookie by which a browser is known; None: it has none.
        session: the secret of the session this browser has; it ends when somebody signs in.
        place: the register at which it is typed, which is known by itself.
        two_factors: a second factor was shown as well.
    """

    address: str | None = None
    agent: str | None = None
    how: str = "password"
    browser: str | None = None
    session: str | None = None
    place: str | None = None
    two_factors: bool = False


def open_session(
    connection: Connection,
    name: str,
    at: Instant,
    *,
    source: Source = Source(),  # it cannot be changed
    areas: Areas = NO_AREAS,
    limits: Limits = NO_LIMITS,
) -> tuple[str, Actor]:
    """Open a session for a person who was found to be who they say; return its secret and the actor."""
    person = queries.person_by_name(connection, folded(name))
    if person is None or person["disabled_at"] is not None:
        raise Conflict(f"person {name!r} is gone")
    secret = new_secret("session")
    lives = limits_of(person["roles"], limits)
    queries.drop_ended_sessions(connection, at)
    queries.add_session(
        connection,
        token_hash=hash_secret(secret),
        id=new_id(at),
        person_id=person["id"],
        created_at=at,
        seen_at=at,
        proven_at=at,
        idle_s=round(lives.idle_min * 60),
        expires_at=at + seconds(lives.absolute_h * 3600),
        address=source.address and source.address[:64],
        agent=source.agent and source.agent[:300].replace("\x00", " "),
        how=source.how,
        two_factors=source.two_factors,
    )
    queries.change_person(connection, person["id"], signed_in_at=at)
    actor = actor_of_person(person, areas)
    write_down(connection, AuditEvent.SIGNED_IN, actor, at, str(person["id"]), how=source.how)
    return secret, actor


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that a secret stands for.

    Attributes:
        seen_at: when it was last used, to the minute.
        proven_at: when the person last proved who they are.
        roles: of the person.
        has_app: signing in asks for a code as well.
        two_factors: a second factor was shown in this session.
    """

    actor: Actor
    seen_at: Instant
    proven_at: Instant | None
    roles: frozenset[str]
    has_app: bool
    two_factors: bool


def session_of(
    connection: Connection, secret: str, at: Instant, areas: Areas = NO_AREAS
) -> OpenSession | None:
    """Return the session that a secret stands for, or None where there is none (any more)."""
    row = queries.person_of_session(connection, hash_secret(secret), at)
    if row is None:
        return None
    return OpenSession(
        actor_of_person(row, areas),
        row["seen_at"],
        row["proven_at"],
        frozenset(row["roles"]),
        row["confirmed_at"] is not None,
        row["two_factors"],
    )


def saw_session(connection: Connection, secret: str, at: Instant) -> None:
    """Write down that a session was used just now."""
    queries.see_session(connection, hash_secret(secret), at)


def actor_of_session(
    connection: Connection, secret: str, at: Instant, areas: Areas = NO_AREAS
) -> Actor | None:
    """Return who is signed in with this session, or None."""
    found = session_of(connection, secret, at, areas)
    return None if found is None else found.actor


def close_session(connection: Connection, actor: Actor, secret: str, at: Instant) -> None:
    """End one session."""
    queries.end_session(connection, hash_secret(secret))
    write_down(connection, AuditEvent.SIGNED_OUT, actor, at, actor.id)


def folded(name: str) -> str:
    """Return a name as it is kept: what a Japanese keyboard types in full width is the same name (NFKC)."""
    return unicodedata.normalize("NFKC", name).strip()
