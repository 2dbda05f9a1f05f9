"""Tokens: scoped, ending, rotated with overlap, revoked; the secret is kept nowhere."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tenban.access import tokens
from tenban.access.model import FUNCTIONS_OF_REGISTER, FUNCTIONS_OF_ROLE, Actor, Function, Role, system_actor
from tenban.access.tables import audit
from tenban.access.tables import tokens as table
from tenban.base.clock import SECOND
from tenban.base.errors import BadInput, Forbidden, NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database

CONSOLE = system_actor("console")
ADMIN = Actor("person", "person:a", "A", "demo", FUNCTIONS_OF_ROLE[Role.ADMINISTRATOR])
HOUR = 3600 * SECOND


class Desk:
    """Tokens in a database, with a clock."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database, self.clock = database, clock

    def issue(self, actor: Actor = ADMIN, **more: object) -> tokens.Issued:
        wanted = {"kind": "register", "subject": "lane-1", "shop": "demo", **more}
        return self.database.write_now(lambda c: tokens.issue(c, actor, self.clock.now(), **wanted))  # type: ignore[arg-type]

    def who(self, secret: str) -> Actor | None:
        return self.database.read_now(lambda c: tokens.actor_of_token(c, secret, self.clock.now()))

    def rotate(self, token_id: str, overlap_h: float = 24, actor: Actor = ADMIN) -> tokens.Issued:
        return self.database.write_now(
            lambda c: tokens.rotate(c, actor, self.clock.now(), token_id, overlap_s=overlap_h * 3600)
        )

    def known(self, actor: Actor = ADMIN) -> list[tokens.Token]:
        return self.database.read_now(lambda c: tokens.tokens_in_force(c, actor, self.clock.now()))


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> Desk:
    return Desk(database, clock)


def test_a_token_does_what_it_was_given_until_it_ends(desk: Desk, clock: FakeClock) -> None:
    """A service has only its functions and its shop; after its end it is nobody."""
    issued = desk.issue(
        kind="service", subject="bi", functions=["incidents:read"], expires_at=clock.now() + HOUR, name="BI"
    )
    actor = desk.who(issued.secret)
    assert actor is not None
    assert (actor.kind, actor.name, actor.shop, actor.register) == ("service", "BI", "demo", None)
    assert actor.functions == {Function.INCIDENTS_READ}
    clock.fast_forward(minutes=61)
    assert desk.who(issued.secret) is None
    assert [one.id for one in desk.known()] == [issued.id]
    clock.fast_forward(minutes=8 * 24 * 60)
    assert desk.known() == []


def test_the_old_one_works_beside_its_successor_and_then_no_more(desk: Desk, clock: FakeClock) -> None:
    """Both are listed; the successor may do the same and lives as long; nobody stands still meanwhile."""
    old = desk.issue(expires_at=clock.now() + 48 * HOUR, functions=["sales:write"])
    clock.fast_forward(minutes=60)
    new = desk.rotate(old.id, 2)
    assert {one.id for one in desk.known()} == {old.id, new.id}
    assert next(one for one in desk.known() if one.id == new.id).follows == old.id
    for secret in (old.secret, new.secret):
        actor = desk.who(secret)
        assert actor is not None
        assert actor.functions == {Function.SALES_WRITE}
    clock.fast_forward(minutes=121)
    assert desk.who(old.secret) is None
    clock.fast_forward(minutes=45 * 60)
    assert desk.who(new.secret) is not None
    clock.fast_forward(minutes=60)
    assert desk.who(new.secret) is None


def test_an_overlap_never_lengthens_a_life(desk: Desk, clock: FakeClock) -> None:
    """What would have ended sooner still does."""
    old = desk.issue(expires_at=clock.now() + HOUR)
    desk.rotate(old.id, 24)
    clock.fast_forward(minutes=61)
    assert desk.who(old.secret) is None


def test_a_revoked_token_is_nobodys_at_once_and_all_is_written_down(desk: Desk, clock: FakeClock) -> None:
    """Made, rotated, revoked are in the audit log; the secret is neither there nor in the table."""
    issued = desk.issue()
    fresh = desk.rotate(issued.id)
    ended = desk.database.write_now(lambda c: tokens.revoke(c, ADMIN, clock.now(), fresh.id))
    assert (ended.subject, desk.who(fresh.secret)) == ("lane-1", None)

    def written(connection: sa.Connection) -> tuple[list[str], str]:
        events = list(connection.execute(sa.select(audit.c.event).order_by(audit.c.n)).scalars())
        return events, str([dict(row) for row in connection.execute(sa.select(table)).mappings()])

    events, kept = desk.database.read_now(written)
    assert events == ["access:token:made", "access:token:rotated", "access:token:revoked"]
    assert issued.secret not in kept
    assert fresh.secret not in kept


def test_use_is_seen(desk: Desk, clock: FakeClock) -> None:
    """The list says when a token was used last."""
    issued = desk.issue()
    clock.fast_forward(minutes=5)
    desk.database.write_now(lambda c: tokens.saw_token(c, clock.now(), issued.secret))
    assert desk.known()[0].seen_at == clock.now()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"kind": "root"}, "token kind"),
        ({"kind": "service", "subject": "bi"}, "functions"),
        ({"kind": "service", "subject": "bi", "functions": ["people:manage"]}, "got people:manage"),
        ({"functions": []}, "functions"),
        ({"functions": ["incidents:read"]}, "functions"),
        ({"subject": "../x"}, "subject"),
        ({"expires_at": 1}, "a time to come"),
    ],
)
def test_no_token_is_more_than_its_kind(desk: Desk, wanted: dict[str, object], said: str) -> None:
    """What it asks for beyond is told, and nothing is made."""
    with pytest.raises(BadInput, match=said):
        desk.issue(**wanted)
    assert desk.known() == []


def test_another_shops_tokens_are_not_there_for_its_administrator(desk: Desk) -> None:
    """They are neither listed nor touched; whoever manages no people makes none."""
    issued = desk.issue(CONSOLE, shop="other")
    assert desk.known() == []
    with pytest.raises(NotFound):
        desk.rotate(issued.id)
    with pytest.raises(NotFound):
        desk.issue(shop="other")
    with pytest.raises(Forbidden):
        desk.issue(Actor("person", "person:b", "B", "demo", FUNCTIONS_OF_ROLE[Role.INSTALLER]))
    assert desk.issue(CONSOLE).id
    assert desk.known()[0].functions == tuple(sorted(FUNCTIONS_OF_REGISTER))
