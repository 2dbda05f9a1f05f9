"""Commands to registers."""

from __future__ import annotations

from typing import Any

import pytest

from tenban.access.model import Actor, system_actor
from tenban.base.clock import SECOND
from tenban.base.errors import BadInput, Forbidden, NotFound
from tenban.db import Database
from tenban.pos.link import acknowledge, commands_since, issue_command, last_lamps, read_ack, waiting_commands
from tills import STARTS_AT

JUDGE = system_actor("judge")
HINT = {"text": {"ja": "最後の商品をご確認ください", "en": "Please check the last item"}}


def issue(
    database: Database, type_: str, body: dict[str, Any], at: int = STARTS_AT, register: str = "lane-1"
) -> str:
    return database.write_now(
        lambda connection: issue_command(connection, register, type_, body, at, actor=JUDGE)
    )


def waiting(database: Database, at: int = STARTS_AT) -> list[Any]:
    return database.read_now(lambda connection: waiting_commands(connection, ["lane-1"], at))


def test_a_command_waits_until_acknowledged(database: Database, till: Actor) -> None:
    """A command stays waiting until its register says done; a second answer changes nothing."""
    command_id = issue(database, "hint", HINT)
    [command] = waiting(database)
    assert command.message() == {"command_id": command_id, "type": "hint", **HINT}
    for result in ("done", "refused"):
        database.write_now(
            lambda connection, result=result: acknowledge(
                connection, till, "lane-1", command_id, result, STARTS_AT
            )
        )
    assert waiting(database) == []


def test_a_command_expires(database: Database) -> None:
    """A hint is worth a minute; afterwards it is not sent any more."""
    issue(database, "hint", HINT)
    assert len(waiting(database, STARTS_AT + 59 * SECOND)) == 1
    assert waiting(database, STARTS_AT + 60 * SECOND) == []


def test_only_the_newest_lamp_waits(database: Database) -> None:
    """A lamp's new colour takes the place of the one that still waited; a hint stays beside it."""
    issue(database, "lamp", {"colour": "red", "blink": True})
    issue(database, "hint", HINT)
    issue(database, "lamp", {"colour": "off"})
    assert [(one.type, one.body.get("colour")) for one in waiting(database)] == [
        ("hint", None),
        ("lamp", "off"),
    ]
    [lamp] = database.read_now(last_lamps)
    assert lamp.body == {"colour": "off", "blink": False}


def test_release_takes_the_place_of_hold(database: Database) -> None:
    """A till that was away learns only that payment is free, not that it was held in between."""
    issue(database, "hold_payment", {"reason": "age check"})
    issue(database, "release", {})
    assert [one.type for one in waiting(database)] == ["release"]


def test_since_goes_on_after_a_number(database: Database) -> None:
    """A reader that remembers a number gets what came after it, of all registers, in order."""
    issue(database, "lamp", {"colour": "red"})
    [first] = database.read_now(lambda connection: commands_since(connection, 0, STARTS_AT))
    issue(database, "lamp", {"colour": "red"}, register="lane-2")
    later = database.read_now(lambda connection: commands_since(connection, first.n, STARTS_AT))
    assert [one.register for one in later] == ["lane-2"]


def test_another_register_cannot_acknowledge(database: Database, till: Actor) -> None:
    """A command of lane 2 does not exist for lane 1, and lane 1's token may not speak for lane 2."""
    command_id = issue(database, "lamp", {"colour": "red"}, register="lane-2")
    with pytest.raises(NotFound):
        database.write_now(lambda c: acknowledge(c, till, "lane-1", command_id, "done", STARTS_AT))
    with pytest.raises(Forbidden):
        database.write_now(lambda c: acknowledge(c, till, "lane-2", command_id, "done", STARTS_AT))


def test_a_till_may_not_command(database: Database, till: Actor) -> None:
    """Only who may command registers can."""
    with pytest.raises(Forbidden):
        database.write_now(
            lambda c: issue_command(c, "lane-1", "lamp", {"colour": "red"}, STARTS_AT, actor=till)
        )


@pytest.mark.parametrize(
    ("type_", "body", "message"),
    [
        ("lump", {}, "command type: expected lamp | hint"),
        ("lamp", {"colour": "mauve"}, "lamp.colour: expected red | amber"),
        ("lamp", {"colour": "red", "blink": 1}, "lamp.blink: expected true or false, got 1"),
        ("hint", {"text": {"ja": "…"}}, "hint.text: expected an object with ja and en"),
        ("plu_changed", {"version": "7"}, "plu_changed.version: expected a whole number, got str"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(
    database: Database, type_: str, body: dict[str, Any], message: str
) -> None:
    """Commands are checked where they are issued, and the error names the field."""
    with pytest.raises(BadInput, match=message.replace("|", r"\|")):
        issue(database, type_, body)


def test_reading_acknowledgements() -> None:
    """An acknowledgement is done unless it says otherwise; other messages are none."""
    assert read_ack({"ack": "x"}) == ("x", "done", None)
    assert read_ack({"ack": "x", "result": "refused", "reason": "no lamp"}) == ("x", "refused", "no lamp")
    assert read_ack([]) is None
    for bad in ({"ack": 7}, {"ack": "x", "result": "perhaps"}, {"ack": "x", "reason": 7}, {"ack": ""}):
        with pytest.raises(BadInput):
            read_ack(bad)
