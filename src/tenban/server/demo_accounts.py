"""Accounts and tokens of a demo, read from a file that the demo writes. Never used otherwise."""

from __future__ import annotations

import json
from pathlib import Path

from tenban.access import queries
from tenban.access.model import Role, system_actor
from tenban.access.people import add_person
from tenban.access.secrets import hash_password, hash_secret
from tenban.access.tokens import make_token
from tenban.base.clock import SystemClock
from tenban.db import Connection, Database
from tenban.server.settings import ServeSettings


def make_demo_accounts(settings: ServeSettings, path: Path) -> None:
    """Make what is missing of ``{"people": [...], "tokens": [...]}``."""
    wanted = json.loads(path.read_text(encoding="utf-8"))
    database = Database(settings.database_url)
    actor = system_actor("demo")
    now_at = SystemClock().now()

    def make(connection: Connection) -> None:
        for person in wanted.get("people", []):
            if queries.person_by_name(connection, person["name"]) is None:
                add_person(
                    connection,
                    actor,
                    now_at,
                    name=person["name"],
                    password_hash=hash_password(person["password"]),
                    roles=[Role(role) for role in person["roles"]],
                    shop=person.get("shop"),
                    display_name=person.get("display_name"),
                    groups=person.get("groups", []),
                )
        for token in wanted.get("tokens", []):
            if queries.token_by_hash(connection, hash_secret(token["token"])) is None:
                make_token(
                    connection,
                    actor,
                    now_at,
                    kind=token["kind"],
                    subject=token["register"],
                    shop=token["shop"],
                    secret=token["token"],
                )

    try:
        database.write_now(make)
    finally:
        database.close()
