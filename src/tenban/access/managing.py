"""Who may do what where, managed by administrators: a list, changes, the end of somebody's access.

Nobody gives what they do not have, nobody reaches beyond their own shops, and whoever is the last
administrator of a shop stays one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.audit import AuditEvent, write_down
from tenban.access.factor_queries import drop_passkeys, linked_people
from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Function, Role
from tenban.access.people import NO_AREAS, Areas, actor_of_person, add_person
from tenban.base.clock import Instant
from tenban.base.errors import BadInput, Conflict, Forbidden, NotFound


class LastAdministrator(Conflict):
    """Somebody has to be able to let others in."""

    code = "last_administrator"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody works: a shop and some of its groups, or an area, or with neither every shop."""

    shop: str | None = None
    area: str | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A person as administrators see them.

    Attributes:
        id: of the person.
        name: what is typed at sign-in.
        display_name: how screens call the person.
        signed_in_at: the last time; None: never yet.
        disabled_at: since when they may not sign in; None: they may.
        has_password: they have followed their link, or the company's own sign-in lets them in.
        invited_until: until when a link for them holds; None: there is none.
    """

    id: str
    name: str
    display_name: str
    roles: tuple[Role, ...]
    place: Place
    created_at: Instant
    signed_in_at: Instant | None
    disabled_at: Instant | None
    has_password: bool
    invited_until: Instant | None


def everybody(connection: Connection, actor: Actor, at: Instant, areas: Areas = NO_AREAS) -> list[Known]:
    """Return the people whom the actor may manage, by name."""
    actor.must(Function.PEOPLE_MANAGE)
    invited, linked = queries.invited(connection, at), linked_people(connection)
    return [
        _known(row, invited, linked)
        for row in queries.all_people(connection)
        if _within(actor, actor_of_person(row, areas))
    ]


def one_of(
    connection: Connection, actor: Actor, at: Instant, person_id: str, areas: Areas = NO_AREAS
) -> Known:
    """Return one person; raises NotFound where there is none whom the actor may manage."""
    row = _theirs(connection, actor, person_id, areas)
    return _known(row, queries.invited(connection, at), linked_people(connection))


def add_without_password(
    connection: Connection,
    actor: Actor,
    at: Instant,
    *,
    name: str,
    display_name: str,
    roles: Sequence[Role],
    place: Place,
    areas: Areas = NO_AREAS,
) -> str:
    """Add somebody who sets a password by a link; return the person's id.

    Raises:
        BadInput: no name, no role, or no such area.
        Conflict: the name is taken.
        Forbidden: more than the actor may do.
        OtherShop: elsewhere than the actor may.
    """
    actor.must(Function.PEOPLE_MANAGE)
    actor.must_prove(Function.PEOPLE_MANAGE)
    _check(actor, roles, place, areas)
    return add_person(
        connection,
        actor,
        at,
        name=name,
        password_hash="",
        roles=roles,
        shop=place.shop,
        area=place.area,
        display_name=display_name.strip()[:100] or None,
        groups=place.groups,
    )


def change_person(
    connection: Connection,
    actor: Actor,
    at: Instant,
    person_id: str,
    *,
    display_name: str,
    roles: Sequence[Role],
    place: Place,
    areas: Areas = NO_AREAS,
) -> None:
    """Change what somebody is called and may do where. Other rights end the sessions they were not made for.

    Raises:
        NotFound: there is nobody of this id whom the actor may manage.
        LastAdministrator: nobody else could let people in there.
    """
    row = must_manage(connection, actor, person_id, areas)
    _check(actor, roles, place, areas)
    display_name = display_name.strip()
    if not 1 <= len(display_name) <= 100:
        raise BadInput("display_name", expected="1 to 100 characters", came=repr(display_name[:120]))
    before = _known(row, {})
    if Role.ADMINISTRATOR not in roles or place != before.place:
        _must_leave_one(connection, row, areas, to_be=_reach(roles, place, areas))
    rights = (tuple(roles), place.shop, place.area)
    queries.change_person(
        connection,
        person_id,
        display_name=display_name,
        roles=[role.value for role in roles],
        shop=place.shop,
        area=place.area,
        groups=list(place.groups),
    )
    if rights != (before.roles, before.place.shop, before.place.area):
        queries.end_sessions(connection, person_id)
    write_down(
        connection,
        AuditEvent.PERSON_CHANGED,
        actor,
        at,
        person_id,
        before=_told(before.display_name, before.roles, before.place),
        after=_told(display_name, roles, place),
    )


def disable(
    connection: Connection, actor: Actor, at: Instant, person_id: str, areas: Areas = NO_AREAS
) -> None:
    """Let somebody in no more, from now on; passkeys end for good, what they did keeps their name.

    Raises:
        NotFound: there is nobody of this id whom the actor may manage.
        LastAdministrator: nobody else could let people in there.
    """
    row = must_manage(connection, actor, person_id, areas)
    if row["disabled_at"] is not None:
        return
    _must_leave_one(connection, row, areas, to_be=None)
    queries.change_person(connection, person_id, disabled_at=at)
    drop_passkeys(connection, person_id)
    queries.end_sessions(connection, person_id)
    queries.end_invitations(connection, person_id, at)
    write_down(connection, AuditEvent.PERSON_DISABLED, actor, at, person_id, name=row["name"])


def enable(
    connection: Connection, actor: Actor, at: Instant, person_id: str, areas: Areas = NO_AREAS
) -> None:
    """Let somebody in again, with the password they had; passkeys are made anew."""
    row = must_manage(connection, actor, person_id, areas)
    if row["disabled_at"] is None:
        return
    queries.change_person(connection, person_id, disabled_at=None)
    write_down(connection, AuditEvent.PERSON_ENABLED, actor, at, person_id, name=row["name"])


def must_manage(connection: Connection, actor: Actor, person_id: str, areas: Areas = NO_AREAS) -> queries.Row:
    """Return the row of a person who is to be changed.

    Raises:
        NotFound: there is nobody of this id whom the actor may manage.
        StepUpNeeded: the actor has to show who they are.
    """
    row = _theirs(connection, actor, person_id, areas)
    actor.must_prove(Function.PEOPLE_MANAGE)
    return row


def _theirs(connection: Connection, actor: Actor, person_id: str, areas: Areas) -> queries.Row:
    actor.must(Function.PEOPLE_MANAGE)
    found = queries.people_by_ids(connection, [person_id])
    if not found or not _within(actor, actor_of_person(found[0], areas)):
        raise NotFound(f"there is no person {person_id[:40]!r}")
    return found[0]


def _within(actor: Actor, person: Actor) -> bool:
    """Tell whether everything a person reaches is the actor's to manage."""
    if actor.shops is None:
        return True
    return bool(person.shops) and person.shops is not None and person.shops <= actor.shops


def _check(actor: Actor, roles: Sequence[Role], place: Place, areas: Areas) -> None:
    if not roles:
        raise BadInput("roles", expected=f"at least one of {', '.join(Role)}", came="none")
    if place.shop is not None and place.area is not None:
        raise BadInput("shop", expected="a shop or an area", came="both")
    if place.area is not None and place.area not in areas:
        expected = " | ".join(areas) or "no area, since none is described"
        raise BadInput("area", expected=expected, came=repr(place.area[:60]))
    reach = _reach(roles, place, areas)
    if reach.shops is None and actor.shops is not None:
        raise Forbidden("you can let people into your own shops only")
    for shop in sorted(reach.shops or ()):
        actor.must_reach(shop)
    beyond = reach.functions - actor.functions
    if beyond:
        raise Forbidden(f"nobody gives what they do not have: {', '.join(sorted(beyond))}")


def _reach(roles: Sequence[Role], place: Place, areas: Areas) -> Actor:
    functions: frozenset[Function] = frozenset().union(*(FUNCTIONS_OF_ROLE[role] for role in roles))
    shops = areas.get(place.area or "", frozenset())
    return Actor("person", "", "", place.shop, functions, area=place.area, area_shops=shops)


def _must_leave_one(connection: Connection, row: queries.Row, areas: Areas, *, to_be: Actor | None) -> None:
    """Refuse where an administrator would go whom nobody else stands in for."""
    now = actor_of_person(row, areas)
    manages = Function.PEOPLE_MANAGE
    if row["disabled_at"] is not None or not row["password_hash"] or manages not in now.functions:
        return
    others = [
        actor_of_person(other, areas)
        for other in queries.all_people(connection)
        if other["id"] != row["id"] and other["disabled_at"] is None and other["password_hash"]
    ]
    for other in others if to_be is None else [*others, to_be]:
        if manages in other.functions and _within(other, now):
            return
    raise LastAdministrator("expected another administrator for the same shops, and there is none")


def _known(row: queries.Row, invited: dict[str, Instant], linked: Collection[str] = frozenset()) -> Known:
    return Known(
        row["id"],
        row["name"],
        row["display_name"],
        tuple(Role(role) for role in row["roles"]),
        Place(row["shop"], row["area"], tuple(row["groups"])),
        row["created_at"],
        row["signed_in_at"],
        row["disabled_at"],
        bool(row["password_hash"]) or row["id"] in linked,
        invited.get(row["id"]),
    )


def _told(display_name: str, roles: Sequence[Role], place: Place) -> dict[str, object]:
    return {
        "display_name": display_name,
        "roles": [role.value for role in roles],
        "shop": place.shop,
        "area": place.area,
        "groups": list(place.groups),
    }
