"""Who looks after what, and handing it over."""

from __future__ import annotations

import pytest

from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Role, system_actor
from tenban.base.errors import BadInput
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.incidents import duty, engine
from tenban.incidents.model import Cause, Incident
from tenban.notify.outbox import Notice, notices_after


def person(name: str, group: str | None = None, shop: str = "demo") -> Actor:
    functions = FUNCTIONS_OF_ROLE[Role.ATTENDANT]
    groups = frozenset({group} if group else ())
    return Actor("person", f"person:{name}", name, shop, functions, groups=groups)


SATO, MORI, KATO = person("Sato", "front"), person("Mori", "back"), person("Kato", "front")


def opened(database: Database, clock: FakeClock, lane: str) -> Incident:
    cause = Cause(f"move-{lane}", 1, 2, {"ja": "…", "en": "…"}, {"ja": "…", "en": "…"})
    opening = engine.Opening("demo", "front", "item_not_registered", lane, None, f"fold-{lane}", cause)
    return database.write_now(lambda c: engine.open_incident(c, system_actor("judge"), clock.now(), opening))


def told(database: Database, actor: Actor) -> list[Notice]:
    return [one for one in database.read_now(lambda c: notices_after(c, actor, 0)) if one.kind != "brief"]


def test_everything_goes_over_at_once_and_the_receiver_is_told_once(
    database: Database, clock: FakeClock
) -> None:
    """Open incidents and lanes change hands together; the group sees the owner, the colleague one notice."""
    mine = [opened(database, clock, lane) for lane in ("lane-1", "lane-2", "lane-3")]
    for incident in mine:
        database.write_now(lambda c, i=incident.id: engine.take(c, SATO, clock.now(), i))  # type: ignore[misc]
    database.write_now(lambda c: engine.set_state(c, SATO, clock.now(), mine[2].id, state="resolved"))
    database.write_now(
        lambda c: duty.keep_place(c, SATO, clock.now(), place="lane-4", shop="demo", take=True)
    )
    done = database.write_now(lambda c: duty.hand_over(c, SATO, clock.now(), MORI))
    assert [one.owner_name for one in done.incidents] == ["Mori", "Mori"]
    assert done.places == ("lane-4",)
    assert database.read_now(lambda c: duty.keepers(c, KATO))["lane-4"].name == "Mori"
    (notice,) = told(database, MORI)
    assert (notice.kind, notice.body["from"]) == ("handed_over", "Sato")
    assert set(notice.body["incidents"]) == {mine[0].id, mine[1].id}
    assert "handed_over" not in [one.kind for one in told(database, KATO)]
    assert {one.id for one in database.read_now(lambda c: engine.recent(c, MORI, 0))} == {
        mine[0].id,
        mine[1].id,
    }
    last = database.read_now(lambda c: engine.history_of(c, KATO, mine[0].id))[-1]
    assert (last["what"], last["detail"]) == ("handed_over", {"from": "Sato", "to": "Mori"})


def test_handing_over_nothing_tells_nobody(database: Database, clock: FakeClock) -> None:
    """Whoever has nothing hands nothing over."""
    done = database.write_now(lambda c: duty.hand_over(c, SATO, clock.now(), MORI))
    assert (done.incidents, done.places, told(database, MORI)) == ((), (), [])


@pytest.mark.parametrize("to", [SATO, person("Abe", shop="other")])
def test_who_cannot_take_over_is_refused(database: Database, clock: FakeClock, to: Actor) -> None:
    """Not to oneself, and not to another shop's people; nothing changes hands."""
    incident = opened(database, clock, "lane-1")
    database.write_now(lambda c: engine.take(c, SATO, clock.now(), incident.id))
    with pytest.raises(BadInput, match="colleague: expected somebody"):
        database.write_now(lambda c: duty.hand_over(c, SATO, clock.now(), to))
    assert database.read_now(lambda c: engine.get(c, SATO, incident.id)).owner == SATO.id


def test_looking_after_a_lane_can_be_taken_over(database: Database, clock: FakeClock) -> None:
    """A lane has one keeper; whoever is not the keeper cannot give it up for them."""

    def keep(actor: Actor, *, take: bool) -> str | None:
        database.write_now(
            lambda c: duty.keep_place(c, actor, clock.now(), place="lane-1", shop="demo", take=take)
        )
        found = database.read_now(lambda c: duty.keepers(c, actor)).get("lane-1")
        return found.name if found else None

    assert keep(SATO, take=True) == "Sato"
    assert keep(KATO, take=False) == "Sato"
    assert keep(KATO, take=True) == "Kato"
    assert keep(KATO, take=False) is None
