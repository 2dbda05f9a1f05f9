"""Legal holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from keeping.conftest import SYSTEM, Store
from tenban.access.model import Actor, Function, StepUpNeeded
from tenban.access.tables import audit
from tenban.base.errors import BadInput, Conflict, Forbidden, NotFound
from tenban.incidents.model import Incident
from tenban.keeping import holds, queries
from tenban.keeping.erase import erase_pictures
from tenban.keeping.model import Hold, pictures_of

LEAD = Actor("person", "person:1", "Mori", "s", frozenset({Function.HOLDS_MANAGE, Function.INCIDENTS_READ}))
ADMIN = replace(LEAD, id="person:2", functions=frozenset(Function))


def hold(store: Store, incident: Incident, actor: Actor = LEAD, **more: str) -> Hold:
    said = {"owner": "Head office, case 12", "reason": "The police asked for it", **more}
    return store.db.write_now(
        lambda c: holds.place(c, actor, store.clock.now(), store.sites, incident.id, **said)
    )


def test_a_held_incident_keeps_pictures_and_footage_until_the_last_hold_goes(store: Store) -> None:
    """Two holds: only when both are released does the next run destroy it."""
    incident = store.open(21)
    file = store.film(21)
    first, second = hold(store, incident), hold(store, incident, ADMIN)
    assert store.sweep() == {}
    for one in (first, second):
        assert store.kept(sorted(pictures_of([incident]))) == 4
        assert file.exists()
        let_go = store.db.write_now(
            lambda c, one=one: holds.release(c, LEAD, store.clock.now(), one.id, reason="The case is closed")  # type: ignore[misc]
        )
        assert (let_go.released_by_name, let_go.release_reason) == ("Mori", "The case is closed")
        gone = store.sweep()
        assert gone == ({} if one is first else {"footage": 1, "pictures": 4})
    found = store.db.read_now(lambda c: holds.of_incident(c, LEAD, incident.id))
    assert {one.owner for one in found} == {"Head office, case 12"}
    assert store.db.read_now(lambda c: holds.in_force(c, LEAD)) == []


def test_holding_and_releasing_name_no_person_in_the_chain(store: Store) -> None:
    """The chain has who did it by id and which hold; words that may name somebody stand beside the hold."""
    incident = store.open(1)
    one = hold(store, incident)
    store.db.write_now(lambda c: holds.release(c, LEAD, store.clock.now(), one.id, reason="Mr. Sato agreed"))
    rows = store.db.read_now(lambda c: c.execute(sa.select(audit).order_by(audit.c.n)).all())
    assert [(row.event, row.actor, row.subject) for row in rows] == [
        ("keeping:hold:placed", "person:1", incident.id),
        ("keeping:hold:released", "person:1", incident.id),
    ]
    assert "Sato" not in str(rows)
    assert "police" not in str(rows)


def test_who_may_not_hold_and_what_cannot_be_held(store: Store) -> None:
    """No function, another shop, no reason, nothing left to hold, released twice."""
    incident, past = store.open(1), store.open(21)
    with pytest.raises(Forbidden):
        hold(store, incident, replace(LEAD, functions=frozenset({Function.INCIDENTS_READ})))
    with pytest.raises(NotFound):
        hold(store, incident, replace(LEAD, shop="other"))
    for said in ({"reason": " "}, {"owner": ""}, {"reason": "x" * 501}):
        with pytest.raises(BadInput):
            hold(store, incident, **said)
    one = hold(store, incident)
    with pytest.raises(NotFound):
        store.db.write_now(lambda c: holds.release(c, replace(LEAD, shop="other"), 1, one.id, reason="x"))
    late = replace(LEAD, unproven=frozenset({Function.HOLDS_MANAGE}))
    with pytest.raises(StepUpNeeded):
        store.db.write_now(lambda c: holds.release(c, late, 1, one.id, reason="x"))
    store.db.write_now(lambda c: holds.release(c, LEAD, 1, one.id, reason="x"))
    with pytest.raises(Conflict, match="released"):
        store.db.write_now(lambda c: holds.release(c, LEAD, 1, one.id, reason="x"))
    store.sweep()
    with pytest.raises(Conflict, match="they were destroyed"):
        hold(store, past)


def test_pictures_are_erased_on_request_but_not_while_held(store: Store) -> None:
    """Who asks, for which reason, and how many are written down; what was written of the incident stays."""
    incident = store.open(1)
    one = hold(store, incident)

    def erase(actor: Actor = ADMIN, reason: str = "The shopper asked for it") -> list[str]:
        names = store.db.write_now(
            lambda c: erase_pictures(c, actor, store.clock.now(), incident.id, reason=reason)
        )
        store.blobs.destroy(names)
        return names

    with pytest.raises(Conflict, match="held by Head office"):
        erase()
    store.db.write_now(lambda c: holds.release(c, LEAD, 1, one.id, reason="x"))
    with pytest.raises(Forbidden):
        erase(LEAD)
    with pytest.raises(BadInput):
        erase(reason="")
    assert len(erase()) == 4
    assert store.kept(sorted(pictures_of([incident]))) == 0
    row = store.db.read_now(lambda c: queries.destroyed(c, "s", 1))[0]
    assert (row["kind"], row["count"], row["period_days"]) == ("pictures", 4, None)
    assert row["why"] == "The shopper asked for it"
    with pytest.raises(Conflict, match="they were destroyed"):
        erase()
    assert SYSTEM.id != row["actor"] == ADMIN.id
