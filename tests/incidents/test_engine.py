"""The incident engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Role, system_actor
from tenban.base.errors import BadInput, Conflict, Forbidden, NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.incidents import engine
from tenban.incidents.model import Cause, Clip, Incident, Outcome, State, Still
from tenban.notify.outbox import notices_after

JUDGE = system_actor("judge")


def _attendant(name: str = "Sato", shop: str = "demo", groups: frozenset[str] = frozenset()) -> Actor:
    functions = FUNCTIONS_OF_ROLE[Role.ATTENDANT]
    return Actor("person", f"person:{name}", name, shop, functions, groups=groups)


SATO, MORI, ELSEWHERE = _attendant("Sato"), _attendant("Mori"), _attendant("Abe", shop="other")


def _cause(key: str = "move-1", at: int = 100) -> Cause:
    return Cause(
        key=key,
        occurred_at=at,
        decidable_at=at + 1,
        title={"ja": "商品未登録", "en": "Item not registered"},
        sentence={"ja": "…", "en": "…"},
        evidence=[Still("enters_bagging", "blob:a.jpg", at, box=(0.1, 0.2, 0.3, 0.4))],
        clip=Clip("order-1", at - 5, at + 5),
    )


def _open(database: Database, clock: FakeClock, cause: Cause | None = None, group: str = "front") -> Incident:
    opening = engine.Opening(
        shop="demo",
        group=group,
        kind="item_not_registered",
        place="lane-1",
        about="sale:17",
        fold_key=f"item_not_registered:lane-1:17:{group}",
        cause=cause or _cause(),
    )
    return database.write_now(lambda c: engine.open_incident(c, JUDGE, clock.now(), opening))


def _kinds(database: Database, actor: Actor = SATO, after: int = 0) -> list[str]:
    return [notice.kind for notice in database.read_now(lambda c: notices_after(c, actor, after))]


def test_opening_tells_the_group(database: Database, clock: FakeClock) -> None:
    """An opened incident is unconfirmed, and its group is told with a brief."""
    incident = _open(database, clock)
    assert incident.state is State.UNCONFIRMED
    assert _kinds(database) == ["brief"]
    assert database.read_now(lambda c: engine.get(c, SATO, incident.id)) == incident


def test_the_same_cause_twice_is_told_once(database: Database, clock: FakeClock) -> None:
    """Telling the same cause again changes nothing and tells nobody."""
    first = _open(database, clock)
    assert _open(database, clock).id == first.id
    assert _kinds(database) == ["brief"]


def test_repeats_fold_into_one_incident(database: Database, clock: FakeClock) -> None:
    """A second cause of the same fold joins the incident and asks for attention again."""
    first = _open(database, clock)
    database.write_now(
        lambda c: engine.set_state(c, SATO, clock.now(), first.id, state="resolved", outcome="true")
    )
    again = _open(database, clock, _cause("move-2", 200))
    assert again.id == first.id
    assert again.state is State.UNCONFIRMED
    assert [cause.key for cause in again.causes] == ["move-1", "move-2"]
    assert again.latest.key == "move-2"
    assert _kinds(database) == ["brief", "changed", "brief"]


def test_withdrawing_every_cause_withdraws_the_incident(database: Database, clock: FakeClock) -> None:
    """An incident stands as long as one of its causes does."""
    incident = _open(database, clock)
    _open(database, clock, _cause("move-2", 200))
    why = {"ja": "登録されました。", "en": "It was registered."}

    def withdraw(key: str) -> Incident | None:
        return database.write_now(
            lambda c: engine.withdraw(c, JUDGE, clock.now(), fold_key=incident.fold_key, cause=key, why=why)
        )

    first = withdraw("move-2")
    assert first is not None
    assert first.state is State.UNCONFIRMED
    second = withdraw("move-1")
    assert second is not None
    assert second.state is State.WITHDRAWN
    assert withdraw("move-1") is None


def test_a_label_is_kept_with_who_and_when(database: Database, clock: FakeClock) -> None:
    """Stating an incident writes down the person, the instant, and what was before."""
    incident = _open(database, clock)
    clock.fast_forward(length_s=3)
    stated = database.write_now(
        lambda c: engine.set_state(
            c, SATO, clock.now(), incident.id, state="resolved", outcome="false_alarm", reason="own bag"
        )
    )
    assert stated.outcome is Outcome.FALSE_ALARM
    last = database.read_now(lambda c: engine.history_of(c, SATO, incident.id))[-1]
    assert (last["actor_name"], last["at"], last["what"]) == ("Sato", clock.now(), "stated")
    assert last["detail"]["from"] == "unconfirmed"


def test_undoing_a_label_takes_the_outcome_back(database: Database, clock: FakeClock) -> None:
    """Going back to unconfirmed removes the outcome, so that it counts in no precision."""
    incident = _open(database, clock)
    for state, outcome in (("resolved", "true"), ("unconfirmed", None)):
        database.write_now(
            lambda c, s=state, o=outcome: engine.set_state(  # type: ignore[misc]
                c, SATO, clock.now(), incident.id, state=s, outcome=o
            )
        )
    assert database.read_now(lambda c: engine.precision(c, SATO)) == []


@pytest.mark.parametrize(
    ("state", "outcome", "message"),
    [
        ("withdrawn", None, "state: expected confirmed"),
        ("gone", None, "got 'gone'"),
        ("resolved", "maybe", "outcome: expected true"),
    ],
)
def test_what_cannot_be_stated_is_refused(
    database: Database, clock: FakeClock, state: str, outcome: str | None, message: str
) -> None:
    """An unknown state or outcome is refused with what would have been right."""
    incident = _open(database, clock)
    with pytest.raises(BadInput, match=message):
        database.write_now(
            lambda c: engine.set_state(c, SATO, clock.now(), incident.id, state=state, outcome=outcome)
        )


def test_taking_over_is_possible_and_told(database: Database, clock: FakeClock) -> None:
    """An incident has one owner; another attendant may take it over, and only the owner lets go."""
    incident = _open(database, clock)
    database.write_now(lambda c: engine.take(c, SATO, clock.now(), incident.id))
    taken = database.write_now(lambda c: engine.take(c, MORI, clock.now(), incident.id))
    assert taken.owner_name == "Mori"
    with pytest.raises(Conflict, match="Mori"):
        database.write_now(lambda c: engine.let_go(c, SATO, clock.now(), incident.id))
    assert _kinds(database) == ["brief", "changed", "changed"]


def test_another_shop_sees_nothing(database: Database, clock: FakeClock) -> None:
    """To another shop's people the incident does not exist."""
    incident = _open(database, clock)
    with pytest.raises(NotFound):
        database.read_now(lambda c: engine.get(c, ELSEWHERE, incident.id))
    assert database.read_now(lambda c: engine.recent(c, ELSEWHERE, 0)) == []
    assert _kinds(database, ELSEWHERE) == []


def test_a_register_may_not_read_incidents(database: Database, clock: FakeClock) -> None:
    """A till's token opens no incident to it."""
    incident = _open(database, clock)
    till = Actor("register", "register:lane-1", "lane-1", "demo", frozenset(), register="lane-1")
    with pytest.raises(Forbidden):
        database.read_now(lambda c: engine.get(c, till, incident.id))


def test_groups_are_told_apart(database: Database, clock: FakeClock) -> None:
    """An attendant of one group is not told of another group's incidents."""
    _open(database, clock, group="front")
    _open(database, clock, group="back")
    back = _attendant(groups=frozenset({"back"}))
    assert _kinds(database, back) == ["brief"]


def test_a_clip_is_settled_once(database: Database, clock: FakeClock) -> None:
    """A finished clip is attached and told once, however often it is reported."""
    incident = _open(database, clock)
    assert incident.latest.clip is not None
    ready = replace(incident.latest.clip, state="ready", ref="blob:b.mp4", ready_at=clock.now())
    for _ in range(2):
        database.write_now(lambda c: engine.settle_clip(c, JUDGE, clock.now(), incident.id, "move-1", ready))
    assert _kinds(database) == ["brief", "clip"]
    shown = database.read_now(lambda c: engine.get(c, SATO, incident.id)).latest.clip
    assert shown == ready


def test_stills_that_come_late_are_added(database: Database, clock: FakeClock) -> None:
    """Stills cut from footage join those of the brief; one that is there already is not doubled."""
    incident = _open(database, clock)
    late = [Still("enters_bagging", "blob:x.jpg", 1), Still("left_basket", "blob:y.jpg", 2)]
    database.write_now(
        lambda c: engine.add_stills(c, JUDGE, clock.now(), incident.id, "move-1", late, "blob:op.jpg")
    )
    shown = database.read_now(lambda c: engine.get(c, SATO, incident.id))
    assert [(still.label, still.ref) for still in shown.latest.evidence] == [
        ("enters_bagging", "blob:a.jpg"),
        ("left_basket", "blob:y.jpg"),
    ]
    assert shown.operator_still == "blob:op.jpg"


def test_labels_feed_the_precision_of_rule_and_lane(database: Database, clock: FakeClock) -> None:
    """Precision is true over true and false alarms, per rule and register; unclear ones count in neither."""
    for number, outcome in enumerate(["true", "true", "false_alarm", "unclear"]):
        opened = _open(database, clock, group=f"g{number}")
        database.write_now(
            lambda c, i=opened.id, o=outcome: engine.set_state(  # type: ignore[misc]
                c, SATO, clock.now(), i, state="resolved", outcome=o
            )
        )
    (row,) = database.read_now(lambda c: engine.precision(c, SATO))
    assert (row["kind"], row["place"], row["unclear"]) == ("item_not_registered", "lane-1", 1)
    assert row["precision"] == pytest.approx(2 / 3)
