"""People, sessions and tokens."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Function, Role, system_actor
from tenban.access.people import (
    actor_of_session,
    add_person,
    close_session,
    open_session,
    password_hash_of,
    saw_session,
)
from tenban.access.secrets import hash_password, password_fits
from tenban.access.tables import audit, people, sessions, tokens
from tenban.access.tokens import actor_of_token, make_token
from tenban.base.errors import BadInput, Conflict, Forbidden, NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database

CONSOLE = system_actor("console")
HASH = hash_password("correct horse")


def _add(database: Database, clock: FakeClock, name: str = "佐藤") -> None:
    database.write_now(
        lambda c: add_person(
            c, CONSOLE, clock.now(), name=name, password_hash=HASH, roles=[Role.ATTENDANT], shop="demo"
        )
    )


def test_a_session_names_its_person(database: Database, clock: FakeClock) -> None:
    """Who signs in is found again by the session's secret, with the functions of the role."""
    _add(database, clock)
    secret, _ = database.write_now(lambda c: open_session(c, "佐藤", clock.now()))
    actor = database.read_now(lambda c: actor_of_session(c, secret, clock.now()))
    assert actor is not None
    assert (actor.name, actor.shop) == ("佐藤", "demo")
    assert actor.functions == FUNCTIONS_OF_ROLE[Role.ATTENDANT]


def test_a_session_ends_by_itself(database: Database, clock: FakeClock) -> None:
    """An attendant's ends after twelve unused hours, and after sixteen however much it is used."""
    _add(database, clock)
    secret, _ = database.write_now(lambda c: open_session(c, "佐藤", clock.now()))
    used, _ = database.write_now(lambda c: open_session(c, "佐藤", clock.now()))

    def open_still(secret: str) -> bool:
        return database.read_now(lambda c: actor_of_session(c, secret, clock.now())) is not None

    clock.fast_forward(minutes=11 * 60)
    database.write_now(lambda c: saw_session(c, used, clock.now()))
    assert open_still(secret)
    clock.fast_forward(minutes=61)
    assert (open_still(secret), open_still(used)) == (False, True)
    clock.fast_forward(minutes=4 * 60)
    assert not open_still(used)


def test_signing_out_ends_the_session(database: Database, clock: FakeClock) -> None:
    """A closed session opens nothing."""
    _add(database, clock)
    secret, actor = database.write_now(lambda c: open_session(c, "佐藤", clock.now()))
    database.write_now(lambda c: close_session(c, actor, secret, clock.now()))
    assert database.read_now(lambda c: actor_of_session(c, secret, clock.now())) is None


def test_full_width_names_are_the_same_name(database: Database, clock: FakeClock) -> None:
    """A name typed in full width finds the person who was added in half width."""
    _add(database, clock, "sato1")
    assert database.read_now(lambda c: password_hash_of(c, "ｓａｔｏ１ ")) == HASH


def test_a_name_is_given_once(database: Database, clock: FakeClock) -> None:
    """Two people may not share a sign-in name."""
    _add(database, clock)
    with pytest.raises(Conflict, match="佐藤"):
        _add(database, clock)


def test_only_the_right_password_fits() -> None:
    """A wrong password, and any password of nobody, does not fit."""
    assert password_fits(HASH, "correct horse")
    assert not password_fits(HASH, "correct horsf")
    assert not password_fits(None, "correct horse")
    assert not password_fits("no hash", "correct horse")


def test_a_short_password_is_refused() -> None:
    """A password has eight characters at least."""
    with pytest.raises(BadInput, match="8 to 256 characters, got 7"):
        hash_password("1234567")


def test_a_token_speaks_for_one_register(database: Database, clock: FakeClock) -> None:
    """A till's token may write sales of its register, and of no other."""
    secret = database.write_now(
        lambda c: make_token(c, CONSOLE, clock.now(), kind="register", subject="lane-1", shop="demo")
    )
    actor = database.read_now(lambda c: actor_of_token(c, secret, clock.now()))
    assert actor is not None
    actor.must(Function.SALES_WRITE, shop="demo", register="lane-1")
    with pytest.raises(Forbidden, match="lane-2"):
        actor.must(Function.SALES_WRITE, shop="demo", register="lane-2")
    with pytest.raises(Forbidden):
        actor.must(Function.INCIDENTS_READ)


def test_a_secret_is_kept_as_a_hash_only(database: Database, clock: FakeClock) -> None:
    """Neither a token nor a session can be read out of the database."""
    _add(database, clock)
    token = database.write_now(
        lambda c: make_token(c, CONSOLE, clock.now(), kind="register", subject="lane-1", shop="demo")
    )
    session, _ = database.write_now(lambda c: open_session(c, "佐藤", clock.now()))
    kept = database.read_now(
        lambda c: [str(row) for table in (tokens, sessions, people) for row in c.execute(sa.select(table))]
    )
    assert not any(token in row or session in row for row in kept)


def test_another_shop_does_not_exist() -> None:
    """Asking for another shop's things is answered as if there were none."""
    actor = Actor("person", "p", "p", "demo", frozenset({Function.INCIDENTS_READ}))
    with pytest.raises(NotFound):
        actor.must(Function.INCIDENTS_READ, shop="other")


def test_what_people_do_is_written_down(database: Database, clock: FakeClock) -> None:
    """Adding a person and signing in leave lines in the audit log, with who and when."""
    _add(database, clock)
    clock.fast_forward(length_s=5)
    database.write_now(lambda c: open_session(c, "佐藤", clock.now()))
    lines = database.read_now(
        lambda c: [(row.event, row.at) for row in c.execute(sa.select(audit).order_by(audit.c.n))]
    )
    assert [event for event, _ in lines] == ["access:person:added", "access:session:opened"]
    assert lines[1][1] == clock.now()
