"""Looks at pictures, found by whom they concern."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.access import queries
from tenban.access.audit import AuditEvent
from tenban.access.chain import AuditRow
from tenban.access.keys import sealing_key
from tenban.access.looks import LONGEST_US, Presence, Seen, _hours, looks_at, write_look
from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Function, Role
from tenban.access.people import add_person
from tenban.access.proof import prove_log
from tenban.access.search import what_concerns
from tenban.access.staff_codes import CodeTaken, give, held_by, in_force
from tenban.base.errors import BadInput, NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database

BOSS = Actor("person", "person:boss", "Boss", None, FUNCTIONS_OF_ROLE[Role.ADMINISTRATOR])
ME = Actor("person", "person:me", "Me", "ebisu", frozenset())
HOUR = LONGEST_US


def look(database: Database, from_at: int, to_at: int, *registers: str, actor: Actor = BOSS) -> int:
    def write(connection: Any) -> int:
        write_look(
            connection,
            AuditEvent.MEDIA_VIEWED,
            actor,
            99 * HOUR,
            "incident-1",
            shop="ebisu",
            function=Function.MEDIA_VIEW,
            seen=Seen(registers, from_at, to_at),
            blob="a.mp4",
        )
        last = queries.last_audit(connection)
        assert last is not None
        return last[0]

    return database.write_now(write)


def found(
    database: Database, *presences: Presence, most: int = 100, before_n: int | None = None
) -> list[int]:
    return database.read_now(lambda c: looks_at(c, presences, but=ME.id, most=most, before_n=before_n))


def at(register: str, from_at: int, to_at: int, shop: str = "ebisu") -> Presence:
    return Presence(shop, register, from_at, to_at)


def test_a_look_is_found_by_register_and_time_of_the_picture(database: Database) -> None:
    """Touching counts; another time, register or shop does not, nor do one's own looks."""
    n = look(database, 5 * HOUR, 6 * HOUR, "lane-1", "lane-2")
    look(database, 5 * HOUR, 6 * HOUR, "lane-1", actor=ME)
    for presence in (
        at("lane-1", 0, 5 * HOUR),
        at("lane-2", 6 * HOUR, 7 * HOUR),
        at("lane-1", 5 * HOUR + 1, 5 * HOUR + 2),
        at("lane-1", 0, 9 * HOUR),
    ):
        assert found(database, presence) == [n]
    for presence in (
        at("lane-1", 0, 5 * HOUR - 1),
        at("lane-1", 6 * HOUR + 1, 9 * HOUR),
        at("lane-3", 0, 9 * HOUR),
        at("lane-1", 0, 9 * HOUR, "elsewhere"),
    ):
        assert found(database, presence) == []


def test_hours_of_footage_are_found_in_their_middle(database: Database) -> None:
    """However long somebody looked at, and however many shifts somebody had."""
    n = look(database, 10 * HOUR, 20 * HOUR, "lane-1")
    assert found(database, at("lane-1", 15 * HOUR, 15 * HOUR)) == [n]
    many = [at("lane-1", hour * 30 * HOUR, hour * 30 * HOUR + 12 * HOUR) for hour in range(300)]
    assert found(database, *many) == [n]


def test_pages_of_looks_follow_one_another(database: Database) -> None:
    """The newest come first, and one goes on before the last."""
    numbers = [look(database, HOUR, HOUR, "lane-1") for _ in range(5)]
    presence = at("lane-1", 0, 2 * HOUR)
    assert found(database, presence, most=2) == numbers[:2:-1]
    assert found(database, presence, most=9, before_n=numbers[3]) == numbers[2::-1]


@given(st.integers(0, 10**13), st.integers(0, 10**12))
def test_hours_cover_a_span_without_gaps(from_at: int, length: int) -> None:
    """No piece is longer than an hour, and together they are the span."""
    pieces = list(_hours(from_at, from_at + length))
    assert pieces[0][0] == from_at
    assert pieces[-1][1] == from_at + length
    assert all(one[1] == other[0] for one, other in pairwise(pieces))
    assert all(0 <= end - start <= HOUR for start, end in pieces)


def test_what_concerns_somebody_tells_why_and_not_the_way_to_the_picture(
    database: Database, tmp_path: Path
) -> None:
    """Who, when, at what and by which right; the picture's file is not named. The log itself keeps it."""
    n = look(database, HOUR, 2 * HOUR, "lane-1")
    rows, _ = database.read_now(lambda c: what_concerns(c, ME, [at("lane-1", 0, 3 * HOUR)]))
    assert [row.n for row in rows] == [n]
    detail = orjson.loads(rows[0].detail)
    assert detail == {
        "function": "media:view",
        "registers": ["lane-1"],
        "seen": {"from": "1970-01-01T01:00:00.000000Z", "to": "1970-01-01T02:00:00.000000Z"},
        "picture": "clip",
    }
    key = sealing_key(tmp_path)
    assert prove_log(database.read_now, {key.key_id: key.public}).fault is None
    kept: list[AuditRow] = database.read_now(queries.audit_rows)
    assert "a.mp4" in kept[-1].detail


@pytest.fixture
def staff(database: Database, clock: FakeClock) -> dict[str, str]:
    def add(name: str) -> str:
        return database.write_now(
            lambda c: add_person(
                c, BOSS, clock.now(), name=name, password_hash="x", roles=[Role.CASHIER], shop="ebisu"
            )
        )

    return {name: add(name) for name in ("sato", "suzuki")}


def coded(database: Database, clock: FakeClock, person: str, code: str | None, shop: str = "ebisu") -> None:
    database.write_now(lambda c: give(c, BOSS, clock.now(), person, {shop: code}))


def test_a_code_is_of_one_person_of_a_shop(
    database: Database, clock: FakeClock, staff: dict[str, str]
) -> None:
    """Another one is refused it; in another shop it is another code; each change is written down."""
    coded(database, clock, staff["sato"], " 011 ")
    coded(database, clock, staff["sato"], "011")
    with pytest.raises(CodeTaken):
        coded(database, clock, staff["suzuki"], "011")
    coded(database, clock, staff["suzuki"], "011", "meguro")
    assert database.read_now(in_force) == {
        staff["sato"]: {"ebisu": "011"},
        staff["suzuki"]: {"meguro": "011"},
    }
    rows = [row for row in database.read_now(queries.audit_rows) if "staff-code" in row.event]
    assert [(row.subject, row.shop) for row in rows] == [
        (staff["sato"], "ebisu"),
        (staff["suzuki"], "meguro"),
    ]
    assert orjson.loads(rows[0].detail) == {"before": None, "after": "011"}


def test_whoever_has_a_code_next_learns_nothing_of_before(
    database: Database, clock: FakeClock, staff: dict[str, str]
) -> None:
    """Each holder's time ends where the next one's begins."""
    coded(database, clock, staff["sato"], "011")
    known_at = clock.now()
    clock.fast_forward(minutes=60)
    coded(database, clock, staff["sato"], None)
    ended_at = clock.now()
    clock.fast_forward(minutes=60)
    coded(database, clock, staff["suzuki"], "011")
    [first] = database.read_now(lambda c: held_by(c, staff["sato"]))
    [second] = database.read_now(lambda c: held_by(c, staff["suzuki"]))
    assert (first.since_at, first.ended_at) == (known_at, ended_at)
    assert (second.since_at, second.ended_at) == (ended_at, None)


def test_a_code_no_till_tells_is_refused(database: Database, clock: FakeClock, staff: dict[str, str]) -> None:
    """Too long, a line break, or of nobody."""
    for code in ("x" * 65, "0\n1"):
        with pytest.raises(BadInput, match="staff_code"):
            coded(database, clock, staff["sato"], code)
    with pytest.raises(NotFound):
        coded(database, clock, "nobody", "011")
