"""Payment held and released."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Role, system_actor
from tenban.base.clock import SECOND
from tenban.base.errors import Conflict, Forbidden, NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.notify.outbox import notices_after
from tenban.pos.approvals import Approval, approve
from tenban.pos.holds import HoldState, PaymentState, hold_payment, payment_states, release_payment
from tenban.pos.intake import Intake
from tenban.pos.link import acknowledge, issue_command, waiting_commands
from tenban.sites.model import Sites
from tills import event, item, whole_sale

JUDGE = system_actor("judge")
SATO = Actor("person", "person:sato", "佐藤", "ebisu", FUNCTIONS_OF_ROLE[Role.ATTENDANT])
SALE = "0001-17"


class Lane:
    """Lane 1: its till, its commands, and how its payment stands."""

    def __init__(
        self, database: Database, clock: FakeClock, sites: Sites, intake: Intake, till: Actor
    ) -> None:
        self.database, self.clock, self.intake, self.till = database, clock, intake, till
        self.register = sites.register("lane-1")

    async def tell(self, *events: dict[str, object]) -> None:
        await self.intake.take_in(self.till, list(events))

    def hold(self, actor: Actor = SATO) -> None:
        self.database.write_now(lambda c: hold_payment(c, actor, self.clock.now(), self.register))

    def release(self) -> None:
        self.database.write_now(lambda c: release_payment(c, SATO, self.clock.now(), self.register))

    def obey(self, result: str = "done") -> None:
        """The till acknowledges all that waits for it."""
        now_at = self.clock.now()
        for command in self.database.read_now(lambda c: waiting_commands(c, ["lane-1"], now_at)):
            self.database.write_now(
                lambda c, id_=command.id: acknowledge(c, self.till, "lane-1", id_, result, now_at)
            )

    @property
    def payment(self) -> PaymentState:
        now_at = self.clock.now()
        return self.database.read_now(lambda c: payment_states(c, SATO, [self.register], now_at))["lane-1"]


@pytest.fixture
def lane(database: Database, clock: FakeClock, sites: Sites, intake: Intake, till: Actor) -> Lane:
    return Lane(database, clock, sites, intake, till)


async def test_a_hold_is_asked_stands_and_is_let_go(lane: Lane) -> None:
    """Asked until the till has answered, then held by whom since when, then free again."""
    await lane.tell(event())
    assert lane.payment == PaymentState(HoldState.FREE, SALE)
    held_at = lane.clock.now()
    lane.hold()
    assert lane.payment.state is HoldState.ASKED
    lane.obey()
    assert lane.payment == PaymentState(HoldState.HELD, SALE, "person:sato", None, held_at)
    lane.release()
    assert lane.payment.state is HoldState.RELEASING
    lane.obey()
    assert lane.payment == PaymentState(HoldState.FREE, SALE)


async def test_a_hold_that_never_arrived_does_not_stand(lane: Lane) -> None:
    """Refused by the till, or expired on the way, it holds nothing."""
    await lane.tell(event())
    lane.hold()
    lane.obey("refused")
    assert lane.payment.state is HoldState.FREE
    lane.hold()
    lane.clock.fast_forward(length_s=601)
    assert lane.payment.state is HoldState.FREE


async def test_the_sales_end_ends_the_hold(lane: Lane) -> None:
    """Paid or cancelled it is over; set aside and gone on with, the sale is still held."""
    await lane.tell(event())
    lane.hold()
    lane.obey()
    at = lane.clock.now()
    await lane.tell(event("sale_suspended", seq=2, rung_at=at))
    assert (lane.payment.state, lane.payment.sale) == (HoldState.FREE, None)
    await lane.tell(event("sale_resumed", seq=3, rung_at=at + SECOND))
    assert lane.payment.state is HoldState.HELD
    lane.clock.fast_forward(length_s=5)
    await lane.tell(event("sale_cancelled", seq=4, rung_at=at + 2 * SECOND))
    await lane.tell(event(sale="0001-18", rung_at=at + 3 * SECOND))
    assert lane.payment == PaymentState(HoldState.FREE, "0001-18")


async def test_without_a_sale_there_is_nothing_to_hold(lane: Lane) -> None:
    """Before the first sale and after payment it is refused in words."""
    with pytest.raises(Conflict, match="sale in hand"):
        lane.hold()
    await lane.tell(*whole_sale())
    with pytest.raises(Conflict, match="sale in hand"):
        lane.hold()


async def test_a_rule_holds_without_a_name_and_an_approval_lets_go(
    lane: Lane, till: Actor, database: Database
) -> None:
    """A hold by a rule is told as such; staff who approve at the register release it for everybody."""
    await lane.tell(event("item_registered", item=item()))
    body = {"sale": SALE, "reason": "repeated"}
    database.write_now(
        lambda c: issue_command(c, "lane-1", "hold_payment", body, lane.clock.now(), actor=JUDGE)
    )
    lane.obey()
    assert (lane.payment.by, lane.payment.by_name) == ("system:judge", None)
    database.write_now(
        lambda c: approve(c, till, SATO, lane.clock.now(), what=Approval.RELEASE, shop="ebisu", sale=SALE)
    )
    lane.obey()
    assert lane.payment.state is HoldState.FREE


async def test_whoever_watches_is_told_and_others_may_not(
    lane: Lane, till: Actor, database: Database
) -> None:
    """One notice per change; the till itself, another group and another shop cannot hold."""
    await lane.tell(event())
    lane.hold()
    lane.release()
    told = database.read_now(lambda c: notices_after(c, SATO, 0))
    assert [(one.kind, one.subject) for one in told] == [("payment", "lane-1")] * 2
    with pytest.raises(Forbidden):
        lane.hold(till)
    for stranger in (replace(SATO, shop="meguro"), replace(SATO, groups=frozenset({"elsewhere"}))):
        with pytest.raises(NotFound):
            lane.hold(stranger)
