"""Searching the audit log."""

from __future__ import annotations

from functools import partial

import pytest

from tenban.access.audit import AuditEvent, write_down
from tenban.access.chain import prove
from tenban.access.model import Actor, Function, Role, system_actor
from tenban.access.people import add_person
from tenban.access.proof import rows_of
from tenban.access.search import AuditSearch, search, what_concerns
from tenban.base.errors import Forbidden
from tenban.base.fakes import FakeClock
from tenban.db import Database

SYSTEM = system_actor("test")
AUDITOR = Actor("person", "person:auditor", "監査", None, frozenset({Function.AUDIT_READ}))
OF_EBISU = Actor("person", "person:other", "森", "ebisu", frozenset({Function.AUDIT_READ}))


@pytest.fixture
def sato(database: Database, clock: FakeClock) -> Actor:
    """Somebody who looked at a still of two shops and signed out; the log has five rows."""
    person = database.write_now(
        lambda c: add_person(
            c,
            SYSTEM,
            100,
            name="sato",
            display_name="佐藤",
            password_hash="x",
            roles=[Role.ATTENDANT],
            shop="ebisu",
        )
    )
    actor = Actor("person", f"person:{person}", "佐藤", "ebisu", frozenset())
    rows = (
        (200, AuditEvent.MEDIA_VIEWED, actor, "incident-1", {"shop": "ebisu", "place": "lane-1"}),
        (300, AuditEvent.MEDIA_VIEWED, actor, "incident-2", {"shop": "meguro", "place": "lane-10"}),
        (400, AuditEvent.SIGNED_OUT, actor, actor.id, {}),
        (500, AuditEvent.REGISTER_PAIRED, SYSTEM, "pairing", {"register": "lane-1"}),
    )
    for at, event, by, subject, detail in rows:
        database.write_now(partial(write_down, event=event, actor=by, at=at, subject=subject, **detail))
    return actor


def found(database: Database, actor: Actor = AUDITOR, *, most: int = 100, **asked: object) -> list[int]:
    rows, _ = database.read_now(
        partial(search, actor=actor, asked=AuditSearch(**asked), most=most)  # type: ignore[arg-type]
    )
    return [row.n for row in rows]


@pytest.mark.usefixtures("sato")
def test_rows_are_found_by_time_person_event_and_thing(database: Database) -> None:
    """Each condition narrows what is found; newest come first; a page goes on where the last one ended."""
    assert found(database) == [5, 4, 3, 2, 1]
    assert found(database, from_at=200, until_at=400) == [3, 2]
    assert found(database, who="佐藤") == [4, 3, 2]
    assert found(database, who="system:test") == [5, 1]
    assert found(database, event="media:") == [3, 2]
    assert found(database, event="access:register:paired") == [5]
    assert found(database, event="access:register:pair") == []
    assert found(database, about="incident-1") == [2]
    assert found(database, about="lane-1") == [5, 2]
    assert found(database, about="sato") == [1]
    assert found(database, who="佐藤", event="media:", about="incident") == [3, 2]
    assert found(database, most=2) == [5, 4]
    assert found(database, before_n=4, most=2) == [3, 2]
    assert found(database, who="%", about="_") == []


@pytest.mark.usefixtures("sato")
def test_a_shop_s_auditor_finds_that_shop_s_rows_alone(database: Database) -> None:
    """Rows of other shops and of the company are not found, whatever is looked for."""
    assert found(database, OF_EBISU) == [4, 2]
    assert found(database, OF_EBISU, about="incident-2") == []


def test_who_may_not_read_the_log_finds_what_concerns_them(database: Database, sato: Actor) -> None:
    """The log is closed to them; what others did to their account is not, and their own deeds are no news."""
    with pytest.raises(Forbidden):
        found(database, sato)
    rows, names = database.read_now(partial(what_concerns, actor=sato))
    assert [(row.n, row.event) for row in rows] == [(1, "access:person:added")]
    assert names == {sato.id: "佐藤"}


@pytest.mark.usefixtures("sato")
def test_the_shop_is_part_of_what_is_proven(database: Database) -> None:
    """A row that is said to be another shop's no longer gives its hash; one without a shop holds."""
    rows = list(rows_of(database.read_now))
    assert prove(rows, [], {}).fault is None
    moved = [
        row.__class__(**{**{f: getattr(row, f) for f in row.__slots__}, "shop": "meguro"})
        for row in rows[1:2]
    ]
    fault = prove([rows[0], *moved, *rows[2:]], [], {}).fault
    assert fault is not None
    assert fault.n == 2
