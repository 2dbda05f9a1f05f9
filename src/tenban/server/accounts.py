"""People, for whoever sits at the machine itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tenban.access import people as access_people
from tenban.access import queries
from tenban.access.model import Role, system_actor
from tenban.access.secrets import hash_password
from tenban.base.clock import SystemClock
from tenban.base.errors import BadInput
from tenban.db import Database
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
    known = {role.value for role in Role}
    for role in roles:
        if role not in known:
            raise BadInput("--role", expected=" | ".join(sorted(known)), came=repr(role))
    if shop is not None:
        shops = [one.id for one in load_sites(settings.config).shops]
        if shop not in shops:
            raise BadInput("--shop", expected=" | ".join(shops), came=repr(shop))
    password_hash = hash_password(password)
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


def people(settings: ServeSettings) -> list[dict[str, Any]]:
    """Return who can sign in."""
    with open_database(settings) as database:
        found = database.read_now(queries.all_people)
    return [
        {"name": person["name"], "roles": person["roles"], "shop": person["shop"], "groups": person["groups"]}
        for person in found
        if person["disabled_at"] is None
    ]
