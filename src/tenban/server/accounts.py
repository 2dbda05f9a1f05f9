"""People, for whoever sits at the machine itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tenban.access import invitations, managing, queries
from tenban.access import people as access_people
from tenban.access.model import Role, system_actor
from tenban.access.passwords import chosen_password
from tenban.base.clock import SystemClock
from tenban.base.errors import BadInput
from tenban.db import Connection, Database
from tenban.db.migrate import upgrade
from tenban.server.settings import ServeSettings
from tenban.sites.config import load_sites

_ACTOR = system_actor("console")


@contextmanager
def open_database(settings: ServeSettings) -> Iterator[Database]:
    """Open the database of a data folder, made and migrated if need be."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


def add_person(
    settings: ServeSettings,
    *,
    name: str,
    password: str,
    roles: Sequence[str],
    shop: str | None,
    display_name: str | None,
) -> None:
    """Add a person.

    Raises:
        BadInput: an unknown role or shop, or a password that is too short.
    """
    _must_be_roles(roles)
    if shop is not None:
        shops = [one.id for one in load_sites(settings.config).shops]
        if shop not in shops:
            raise BadInput("--shop", expected=" | ".join(shops), came=repr(shop))
    password_hash = chosen_password(
        password, roles=[Role(role) for role in roles], about=[name, display_name or ""]
    )
    now_at = SystemClock().now()
    with open_database(settings) as database:
        database.write_now(
            lambda connection: access_people.add_person(
                connection,
                _ACTOR,
                now_at,
                name=name,
                password_hash=password_hash,
                roles=[Role(role) for role in roles],
                shop=shop,
                display_name=display_name,
            )
        )


def invite_person(
    settings: ServeSettings, *, name: str, roles: Sequence[str], shop: str | None, area: str | None
) -> str:
    """Return the path of a one-time link: for a new person, or for one there is, whose password then ends.

    Raises:
        BadInput: an unknown role, shop or area.
    """
    _must_be_roles(roles)
    sites = load_sites(settings.config)
    if shop is not None:
        sites.shop(shop)
    now_at = SystemClock().now()

    def run(connection: Connection) -> str:
        known = queries.person_by_name(connection, access_people.folded(name))
        person_id = (
            str(known["id"])
            if known is not None
            else managing.add_without_password(
                connection,
                _ACTOR,
                now_at,
                name=name,
                display_name="",
                roles=[Role(role) for role in roles],
                place=managing.Place(shop, area),
                areas=sites.areas,
            )
        )
        return invitations.invite(connection, _ACTOR, now_at, person_id, sites.areas)

    with open_database(settings) as database:
        return f"/first/{database.write_now(run)}"


def first_link(settings: ServeSettings) -> str | None:
    """Return the path of the link for the first administrator; None where there is one already."""
    now_at = SystemClock().now()
    with open_database(settings) as database:
        if database.read_now(invitations.anybody):
            return None
        return f"/first/{database.write_now(lambda c: invitations.invite_first(c, now_at))}"


def people(settings: ServeSettings) -> list[dict[str, Any]]:
    """Return who can sign in."""
    with open_database(settings) as database:
        found = database.read_now(queries.all_people)
    return [
        {"name": person["name"], "roles": person["roles"], "shop": person["shop"], "groups": person["groups"]}
        for person in found
        if person["disabled_at"] is None
    ]


def _must_be_roles(roles: Sequence[str]) -> None:
    known = {role.value for role in Role}
    for role in roles:
        if role not in known:
            raise BadInput("--role", expected=" | ".join(sorted(known)), came=repr(role))
