"""What nobody answers goes on to the supervisors, once per spell, whatever happens in between."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Role, system_actor
from tenban.base.clock import SECOND, Instant
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.incidents import engine, queries
from tenban.incidents.model import Cause, Incident, State, passed_on, timed, withdrawn
from tenban.incidents.turns import Turns
from tenban.notify.outbox import notices_after

JUDGE = system_actor("judge")
PATIENCE_S = 60


def person(name: str, role: Role, groups: frozenset[str] = frozenset(), shop: str = "demo") -> Actor:
    return Actor("person", f"person:{name}", name, shop, FUNCTIONS_OF_ROLE[role], groups=groups)


SATO = person("Sato", Role.ATTENDANT)
BOSS = person("Mori", Role.SUPERVISOR, frozenset({"back"}))
OTHER_BOSS = person("Abe", Role.SUPERVISOR, shop="other")


def cause(key: str = "move-1") -> Cause:
    return Cause(key, 100, 101, {"ja": "商品未登録", "en": "Item not registered"}, {"ja": "…", "en": "…"})


def opened(
    database: Database, clock: FakeClock, key: str = "move-1", patience_ms: int | None = 60_000
) -> str:
    opening = engine.Opening(
        shop="demo",
        group="front",
        kind="item_not_registered",
        place="lane-1",
        about=None,
        fold_key="fold",
        cause=cause(key),
        pass_on_ms=patience_ms,
    )
    return database.write_now(lambda c: engine.open_incident(c, JUDGE, clock.now(), opening)).id


def known(database: Database, incident: str) -> Incident:
    return database.read_now(lambda c: engine.get(c, JUDGE, incident))


def turns(database: Database, clock: FakeClock) -> Turns:
    return Turns(database, clock, system_actor("turns"))


def told(database: Database, actor: Actor) -> list[str]:
    return [notice.kind for notice in database.read_now(lambda c: notices_after(c, actor, 0))]


async def test_unanswered_goes_on_to_the_supervisors_of_the_shop(
    database: Database, clock: FakeClock
) -> None:
    """After its time the supervisors of that shop are told, of any group; the group sees that they were."""
    incident = opened(database, clock)
    clock.fast_forward(length_s=PATIENCE_S - 1)
    assert await turns(database, clock).step() == 0
    clock.fast_forward(length_s=1)
    assert await turns(database, clock).step() == 1
    assert known(database, incident).passed_on_at == clock.now()
    assert told(database, BOSS) == ["passed_on"]
    assert told(database, SATO) == ["brief", "changed"]
    assert told(database, OTHER_BOSS) == []
    last = database.read_now(lambda c: engine.history_of(c, SATO, incident))[-1]
    assert (last["what"], last["detail"]) == ("passed_on", {"after_ms": 60_000})
    assert [one.id for one in database.read_now(lambda c: engine.recent(c, BOSS, 0))] == [incident]


async def test_a_turn_survives_a_restart_and_comes_once(database_url: str, clock: FakeClock) -> None:
    """What fell due while nobody looked goes on at the next start, and not again at the one after."""
    first = Database(database_url)
    opened(first, clock)
    first.close()
    clock.fast_forward(length_s=3600)
    for gone in (1, 0):
        database = Database(database_url)
        assert await turns(database, clock).step() == gone
        database.close()


async def test_two_that_look_at_once_pass_on_once(database_url: str, clock: FakeClock) -> None:
    """Two processes that look at the same moment tell the supervisors once."""
    one, other = Database(database_url), Database(database_url)
    opened(one, clock)
    clock.fast_forward(length_s=PATIENCE_S)
    actor = system_actor("turns")
    pending = [
        database.writer.submit(lambda c: engine.pass_on_due(c, actor, clock.now()))
        for database in (one, other)
    ]
    assert sorted(len(done.result()) for done in pending) == [0, 1]
    assert told(one, BOSS) == ["passed_on"]
    one.close()
    other.close()


async def test_an_answer_in_time_keeps_it_here(database: Database, clock: FakeClock) -> None:
    """Whoever takes it has answered; letting it go begins a new time."""
    incident = opened(database, clock)
    clock.fast_forward(length_s=30)
    database.write_now(lambda c: engine.take(c, SATO, clock.now(), incident))
    clock.fast_forward(length_s=600)
    assert await turns(database, clock).step() == 0
    database.write_now(lambda c: engine.let_go(c, SATO, clock.now(), incident))
    clock.fast_forward(length_s=PATIENCE_S - 1)
    assert await turns(database, clock).step() == 0
    clock.fast_forward(length_s=1)
    assert await turns(database, clock).step() == 1


async def test_a_repeat_does_not_lengthen_the_wait(database: Database, clock: FakeClock) -> None:
    """A second cause of what nobody answered yet leaves the time as it was set."""
    opened(database, clock)
    clock.fast_forward(length_s=50)
    opened(database, clock, "move-2")
    clock.fast_forward(length_s=10)
    assert await turns(database, clock).step() == 1
    opened(database, clock, "move-3")
    clock.fast_forward(length_s=600)
    assert await turns(database, clock).step() == 0


async def test_a_shop_may_switch_it_off(database: Database, clock: FakeClock) -> None:
    """Without a time set an incident waits for ever."""
    opened(database, clock, patience_ms=None)
    assert database.read_now(queries.next_due_at) is None
    clock.fast_forward(length_s=10**6)
    assert await turns(database, clock).step() == 0


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["wait", "look", "take", "let_go", "confirm", "undo", "repeat", "withdraw", "restart"]
        ),
        st.integers(0, 90),
    ),
    max_size=30,
)


class Model:
    """The same said plainly: a spell without an answer, when it began, and whether it went on."""

    def __init__(self) -> None:
        self.began_at: Instant | None = 0
        self.gone = 0

    def seen(self, *, answered: bool, at: Instant) -> None:
        if answered:
            self.began_at = None
        elif self.began_at is None:
            self.began_at = at

    def look(self, at: Instant) -> bool:
        due = self.began_at is not None and self.began_at >= 0 and at - self.began_at >= PATIENCE_S * SECOND
        if due:
            self.began_at = -1  # gone on: this spell is over without being answered
            self.gone += 1
        return due


@given(ACTS)
@settings(max_examples=200, deadline=None)
def test_each_spell_without_an_answer_goes_on_exactly_once(acts: list[tuple[str, int]]) -> None:
    """Whatever people, causes and restarts do, an incident goes on once per unanswered spell, when due."""
    at: Instant = 0
    start = Incident(
        "i", "demo", None, "kind", "lane", None, "fold", State.UNCONFIRMED, None, None, None, None, 0, 0, 0,
        (cause("0"),), None, pass_on_ms=PATIENCE_S * 1000,
    )  # fmt: skip
    incident, model = timed(None, start, at), Model()
    for number, (act, length_s) in enumerate(acts):
        at += length_s * SECOND
        before = incident
        if act == "look":
            after = passed_on(incident, at)
            assert (after.passed_on_at == at and after is not incident) == model.look(at)
            incident = after
            continue
        changes = {
            "take": {"owner": "sato"},
            "let_go": {"owner": None},
            "confirm": {"state": State.CONFIRMED},
            "undo": {"state": State.UNCONFIRMED},
            "repeat": {"state": State.UNCONFIRMED, "causes": (*incident.causes, cause(str(number + 1)))},
        }
        if act == "withdraw":
            for one in incident.causes:
                incident = withdrawn(incident, one.key, {"ja": "…", "en": "…"})
        elif act in changes:
            incident = replace(incident, **changes[act])  # type: ignore[arg-type]
        incident = timed(before, incident, at)
        model.seen(answered=incident.answered, at=at)
    assert (incident.passed_on_at is not None) == (model.gone > 0)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_who_oversees_is_told(role: Role) -> None:
    """Supervisors and administrators oversee incidents; attendants do not."""
    assert "incidents:oversee" in {function.value for function in FUNCTIONS_OF_ROLE[role]}
    assert "incidents:oversee" not in {function.value for function in FUNCTIONS_OF_ROLE[Role.ATTENDANT]}
