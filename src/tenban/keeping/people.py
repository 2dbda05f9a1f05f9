"""One member of staff: everything that is kept about them, and their name taken out of it.

What people did stays under their id, since the audit log is chained and incidents need a history. The name
goes, everywhere it can be changed; where it cannot is said in :data:`STAYS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping, Table

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.access.tables import (
    audit,
    challenges,
    identities,
    invitations,
    known_browsers,
    one_time_codes,
    passkeys,
    people,
    recovery_codes,
    sessions,
    staff_codes,
    tokens,
)
from tenban.base.clock import Instant
from tenban.base.errors import Conflict, NotFound
from tenban.base.ids import new_id
from tenban.cases.tables import case_history, case_items, case_packages, cases
from tenban.incidents.tables import incident_history, incidents, place_keepers
from tenban.keeping.model import Destroyed
from tenban.keeping.sweep import report
from tenban.keeping.tables import holds
from tenban.notify.tables import notices
from tenban.pos.tables import flags
from tenban.settings.tables import settings_revisions
from tenban.tries import queries as tries_queries
from tenban.tries.desk import forget
from tenban.tries.model import State
from tenban.tries.tables import tries

STAYS = (
    "audit: what the person did, under their id",
    "audit: the name as typed when the person was added, or when a sign-in or an approval was refused",
    "audit: the staff codes the person was given; sale events: the same, until their period is over",
    "footage, stills and clips on which the person can be seen, until their period is over",
    "words that others typed: reasons, notes",
    "packages of cases that were made before, until they are deleted",
    "backups made before, until they are replaced",
)
"""What erasing a person does not reach, told to whoever asks for it."""

_NAMED: tuple[tuple[Table, str, str], ...] = (
    (tokens, "made_by", "made_by_name"),
    (incidents, "owner", "owner_name"),
    (incident_history, "actor", "actor_name"),
    (settings_revisions, "actor", "actor_name"),
    (holds, "placed_by", "placed_by_name"),
    (holds, "released_by", "released_by_name"),
    (place_keepers, "keeper", "keeper_name"),
    (tries, "owner", "owner_name"),
    (cases, "opened_by", "opened_by_name"),
    (cases, "sealed_by", "sealed_by_name"),
    (case_items, "added_by", "added_by_name"),
    (case_history, "actor", "actor_name"),
    (case_packages, "ordered_by", "ordered_by_name"),
    (flags, "made_by", "made_by_name"),
)
"""Tables that hold an actor's id beside the name screens show."""
_OWN: tuple[Table, ...] = (
    sessions,
    invitations,
    known_browsers,
    one_time_codes,
    recovery_codes,
    passkeys,
    identities,
    challenges,
    staff_codes,
)
"""Tables whose rows are one person's alone, and go with them."""
_SECRET = frozenset(
    {"public_key", "password_hash", "pin_hash", "token_hash", "secret_hash", "code_hash", "sealed", "text"}
)


def find(connection: Connection, actor: Actor, name: str) -> RowMapping:
    """Return a person by the name they sign in with, or by their id.

    Raises:
        NotFound: there is none, or they are of another shop.
    """
    known = sa.or_(people.c.name == name, people.c.id == name.removeprefix("person:"))
    row = connection.execute(sa.select(people).where(known)).mappings().first()
    if row is None:
        raise NotFound(f"there is no person {name[:60]!r}")
    actor.must(Function.PERSONAL_ERASE, shop=row["shop"])
    return row


def export(connection: Connection, actor: Actor, at: Instant, name: str) -> dict[str, list[dict[str, Any]]]:
    """Return everything that is kept about a person, by table; secrets are left out.

    Raises:
        NotFound: there is no such person, or they are of another shop.
    """
    person = find(connection, actor, name)
    actor_id = f"person:{person['id']}"
    found = {"people": [_shown(person)]}
    for table in _OWN:
        found[table.name] = _rows(connection, table, table.c.person_id == person["id"])
    for table, by, _ in _NAMED:
        known = found.setdefault(table.name, [])
        known += [one for one in _rows(connection, table, table.c[by] == actor_id) if one not in known]
    about = sa.or_(audit.c.actor == actor_id, audit.c.subject.in_([actor_id, person["id"]]))
    found["audit"] = _rows(connection, audit, about)
    write_down(connection, AuditEvent.PERSON_EXPORTED, actor, at, actor_id, shop=person["shop"])
    return found


def erase(
    connection: Connection, actor: Actor, at: Instant, name: str, *, reason: str
) -> tuple[str, list[str]]:
    """Take a person's name out of everything and end their sign-ins; what they did stays under their id.

    Returns:
        what stands in place of the name, and the ids of their tries, whose files the caller removes.

    Raises:
        NotFound: there is no such person, or they are of another shop.
        Conflict: it was done before.
    """
    person = find(connection, actor, name)
    actor_id, shown = f"person:{person['id']}", str(person["display_name"])
    instead = f"removed-{str(person['id'])[-8:]}"
    if person["name"] == instead:
        raise Conflict(f"{instead}: expected a person, got one whose name was erased before")
    changed = 1
    nobody: dict[str, Any] = {
        "name": instead,
        "display_name": instead,
        "password_hash": "-",
        "pin_hash": None,
        "groups": [],
    }
    disabled_at = person["disabled_at"] or at
    this_one = people.c.id == person["id"]
    connection.execute(people.update().where(this_one).values(disabled_at=disabled_at, **nobody))
    for table in _OWN:
        changed += connection.execute(table.delete().where(table.c.person_id == person["id"])).rowcount
    changed += connection.execute(place_keepers.delete().where(place_keepers.c.keeper == actor_id)).rowcount
    gone = tries_queries.alive(connection, owner=actor_id, shops=None, limit=10_000)
    for one in gone:
        if one.state != State.DELETED:
            forget(connection, one, actor, at, why="person erased")
    for table, by, called in _NAMED:
        query = table.update().where(table.c[by] == actor_id).values({called: instead})
        changed += connection.execute(query).rowcount
    changed += _out_of_documents(connection, {shown, str(person["name"])}, instead)
    told = Destroyed(
        str(person["shop"] or ""), "person", changed, 0, int(person["created_at"]), at, None, reason
    )
    report(connection, actor, at, new_id(at), told)
    write_down(connection, AuditEvent.PERSON_ERASED, actor, at, actor_id, shop=person["shop"])
    return instead, [one.id for one in gone]


def _out_of_documents(connection: Connection, names: set[str], instead: str) -> int:
    """Replace the name where it is a value of its own in histories and notices."""
    changed = 0
    for table, column in ((incident_history, incident_history.c.detail), (notices, notices.c.body)):
        for row in connection.execute(sa.select(table.c.n, column)):
            document = row[1]
            if isinstance(document, dict) and names & _words(document.values()):
                kept = {key: instead if str(value) in names else value for key, value in document.items()}
                connection.execute(table.update().where(table.c.n == row[0]).values({column.name: kept}))
                changed += 1
    return changed


def _words(values: Any) -> set[str]:
    return {value for value in values if isinstance(value, str)}


def _rows(connection: Connection, table: Table, where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    return [_shown(row) for row in connection.execute(sa.select(table).where(where)).mappings()]


def _shown(row: RowMapping) -> dict[str, Any]:
    return {str(key): value for key, value in row.items() if key not in _SECRET}


def tries_of(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """Yield the ids of an exported person's tries whose files are kept."""
    for one in found.get("tries", ()):
        if one["state"] != State.DELETED:
            yield str(one["id"])
