"""Who may approve what at a register, and what is written down of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Role
from tenban.access.tables import audit
from tenban.base.errors import BadInput, Forbidden, NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.pos.approvals import NEEDS, Approval, approve, read_approval


def person(role: Role, shop: str | None = "ebisu") -> Actor:
    return Actor("person", "person:1", "佐藤", shop, FUNCTIONS_OF_ROLE[role])


def give(database: Database, till: Actor, who: Actor, what: Approval) -> str:
    return database.write_now(
        lambda c: approve(c, till, who, FakeClock().now(), what=what, shop="ebisu", sale="17", note="20")
    ).id


@pytest.mark.parametrize("what", list(Approval))
def test_an_attendant_helps_and_a_supervisor_decides(database: Database, till: Actor, what: Approval) -> None:
    """Attendants check ages, release and sign on; money back, the drawer and pairing need a supervisor."""
    helps = {Approval.AGE, Approval.RELEASE, Approval.SIGN_ON}
    if what in helps:
        give(database, till, person(Role.ATTENDANT), what)
    else:
        with pytest.raises(Forbidden):
            give(database, till, person(Role.ATTENDANT), what)
    given = give(database, till, person(Role.SUPERVISOR), what)
    rows = database.read_now(lambda c: c.execute(sa.select(audit)).mappings().all())
    assert rows[-1]["subject"] == given
    assert rows[-1]["actor"] == "person:1"
    told = {"what": what.value, "register": "lane-1", "sale": "17", "note": "20", "how": "password"}
    assert rows[-1]["detail"] == told
    assert what in NEEDS


def test_only_a_register_asks(database: Database) -> None:
    """A person cannot approve for a register that did not ask."""
    with pytest.raises(Forbidden):
        give(database, person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR), Approval.AGE)


def test_staff_of_another_shop_approve_nothing(database: Database, till: Actor) -> None:
    """A supervisor approves in the own shop alone."""
    with pytest.raises(NotFound):
        give(database, till, person(Role.SUPERVISOR, "meguro"), Approval.REFUND)


def test_an_unknown_approval_is_named() -> None:
    """What a register may ask for is listed in the mistake."""
    with pytest.raises(BadInput, match="refund"):
        read_approval("everything")
