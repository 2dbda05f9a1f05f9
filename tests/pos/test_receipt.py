"""From a sale's events to its receipt."""

from __future__ import annotations

import pytest

from tenban.access.model import FUNCTIONS_OF_REGISTER, Actor
from tenban.base.errors import Conflict, Forbidden, NotFound
from tenban.db import Database
from tenban.pos.intake import Intake
from tenban.pos.receipt import receipt
from tenban.sites.model import Sites
from tills import event, whole_sale


async def test_a_receipt_says_what_stands(
    database: Database, intake: Intake, sites: Sites, till: Actor
) -> None:
    """Voided lines are not on it; cash in and out are, where the till told them."""
    events = whole_sale()
    events[-1] |= {"tendered": 500, "change": 200}
    await intake.take_in(till, events)
    register = sites.register("lane-1")
    found = database.read_now(lambda c: receipt(c, till, sites.shops[0], register, "0001-17"))
    assert [(line.name, line.quantity) for line in found.lines] == [("緑茶 500ml", 3)]
    assert (found.total, found.tendered, found.change) == (300, 500, 200)


async def test_an_unfinished_or_unknown_sale_has_no_receipt(
    database: Database, intake: Intake, sites: Sites, till: Actor
) -> None:
    """Both are told apart, since the events of the one may still be on their way."""
    await intake.take_in(till, [event()])
    register = sites.register("lane-1")
    with pytest.raises(Conflict):
        database.read_now(lambda c: receipt(c, till, sites.shops[0], register, "0001-17"))
    with pytest.raises(NotFound):
        database.read_now(lambda c: receipt(c, till, sites.shops[0], register, "0001-18"))


async def test_a_register_sees_its_own_sales_alone(
    database: Database, intake: Intake, sites: Sites, till: Actor
) -> None:
    """Another register's token opens no receipt."""
    await intake.take_in(till, whole_sale())
    other = Actor("register", "register:lane-2", "lane-2", "ebisu", FUNCTIONS_OF_REGISTER, register="lane-2")
    with pytest.raises(Forbidden):
        database.read_now(lambda c: receipt(c, other, sites.shops[0], sites.register("lane-1"), "0001-17"))
