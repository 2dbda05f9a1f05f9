"""The journal of a sale."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.access.model import Actor
from tenban.base.clock import SECOND
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.pos.intake import Intake
from tenban.pos.model import Entered, Item, SaleEvent, SaleEventType
from tenban.pos.sales import Sale, SaleState, current_sale, sale, sale_of
from tills import STARTS_AT, event, item, whole_sale

T = SaleEventType


def told(kind: T, seq: int, item: Item | None = None, **fields: Any) -> SaleEvent:
    at = STARTS_AT + seq * SECOND
    known: dict[str, Any] = {
        "event_id": str(uuid.uuid4()),
        "shop": "ebisu",
        "register": "lane-1",
        "sale": "17",
        "rung_at": at,
        "received_at": at,
        "occurred_at": at,
    }
    return SaleEvent(seq=seq, type=kind, item=item, **{**known, **fields})


def tea(line: str = "1", quantity: int = 1) -> Item:
    return Item(line, "4901234567894", "緑茶", quantity, None, 198, 198 * quantity, Entered.SCAN)


STORY = [
    told(T.SALE_STARTED, 1, cashier="0042"),
    told(T.ITEM_REGISTERED, 2, tea("1")),
    told(T.ITEM_REGISTERED, 3, tea("2", 3)),
    told(T.ITEM_VOIDED, 4, Item(line="2", quantity=2)),
    told(T.PAYMENT_STARTED, 5, total=396),
    told(T.PAID, 6, total=396),
]


@given(st.permutations(STORY), st.lists(st.sampled_from(STORY), max_size=6))
def test_order_and_repeats_do_not_matter(events: list[SaleEvent], repeats: list[SaleEvent]) -> None:
    """However its events come, a sale is the same."""
    journal = sale_of([*events, *repeats])
    assert journal == sale_of(STORY)
    assert (journal.state, journal.total, journal.registered_count) == (SaleState.PAID, 396, 2)
    assert [(line.registered, line.voided, line.net_amount) for line in journal.lines] == [
        (1, 0, 198),
        (3, 2, 198),
    ]
    assert (journal.gaps, journal.clashes, journal.unmatched_voids) == ((), (), ())
    assert (journal.started_at, journal.ended_at) == (STARTS_AT + SECOND, STARTS_AT + 6 * SECOND)
    assert journal.cashier == "0042"


@given(st.sets(st.integers(1, 6), min_size=1))
def test_missing_events_are_listed(known: set[int]) -> None:
    """Every seq below the highest that has not come is in a gap, and nothing else is."""
    gaps = sale_of([one for one in STORY if one.seq in known]).gaps
    missing = {seq for first, last in gaps for seq in range(first, last + 1)}
    assert missing == set(range(1, max(known))) - known


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ([T.SALE_STARTED], SaleState.STARTED),
        ([T.SALE_STARTED, T.PAYMENT_STARTED], SaleState.PAYING),
        ([T.SALE_STARTED, T.PAYMENT_STARTED, T.ITEM_REGISTERED], SaleState.STARTED),
        ([T.SALE_STARTED, T.SALE_SUSPENDED], SaleState.SUSPENDED),
        ([T.SALE_STARTED, T.SALE_SUSPENDED, T.SALE_RESUMED], SaleState.STARTED),
        ([T.SALE_STARTED, T.SALE_CANCELLED], SaleState.CANCELLED),
        ([T.SALE_STARTED, T.PAID, T.DRAWER_OPENED, T.ITEM_REGISTERED], SaleState.PAID),
    ],
)
def test_states(kinds: list[T], state: SaleState) -> None:
    """The last step that says where the sale stands decides; an ended sale stays ended."""
    assert sale_of([told(kind, seq, tea()) for seq, kind in enumerate(kinds, 1)]).state is state


def test_a_sale_that_never_ended_is_abandoned() -> None:
    """Once the register started another sale, an open one is abandoned; a paid or suspended one is not."""
    later = STARTS_AT + 60 * SECOND
    assert sale_of(STORY[:3], next_started_at=later).state is SaleState.ABANDONED
    assert sale_of(STORY, next_started_at=later).state is SaleState.PAID
    assert sale_of([told(T.SALE_SUSPENDED, 1)], next_started_at=later).state is SaleState.SUSPENDED


def test_voids_take_back_what_they_name() -> None:
    """By line, by article from the latest line on, or the whole line; what is not there is said."""

    def after(*voids: Item) -> Sale:
        events = [told(T.ITEM_REGISTERED, 1, tea("1", 2)), told(T.ITEM_REGISTERED, 2, tea("2", 2))]
        return sale_of(events + [told(T.ITEM_VOIDED, 3 + n, void) for n, void in enumerate(voids)])

    code = "4901234567894"
    assert [one.quantity for one in after(Item(line="1", quantity=1)).lines] == [1, 2]
    assert [one.quantity for one in after(Item(plu=code, quantity=3)).lines] == [1, 0]
    assert [one.quantity for one in after(Item(line="1", quantity=None)).lines] == [0, 2]
    assert after(Item(line="1", quantity=2)).unmatched_voids == ()
    for void in (Item(line="3", quantity=1), Item(plu="1", quantity=1), Item(line="1", quantity=3)):
        assert len(after(void).unmatched_voids) == 1


def test_a_line_registered_again_grows() -> None:
    """Some tills tell a higher quantity by telling the same line again."""
    [line] = sale_of([told(T.ITEM_REGISTERED, 1, tea("1")), told(T.ITEM_REGISTERED, 2, tea("1", 2))]).lines
    assert (line.registered, line.amount) == (3, 594)


def test_two_events_with_one_seq_clash() -> None:
    """Both count; the seq is listed."""
    journal = sale_of([*STORY[:3], told(T.ITEM_REGISTERED, 3, tea("9"))])
    assert (journal.clashes, journal.registered_count) == ((3,), 5)


def test_a_total_nobody_told_is_worked_out() -> None:
    """Before payment the total is the sum of the lines after voids."""
    assert sale_of(STORY[:4]).total == 396


def test_a_sale_may_be_undone_from_another_register() -> None:
    """A void at the service desk marks the sale; money given back adds up."""
    desk = {"register": "lane-2", "sale": "90", "of_sale": "17"}
    journal = sale_of([told(T.REFUNDED, 2, amount=198, **desk), told(T.SALE_VOIDED, 1, **desk), *STORY])
    assert (journal.voided, journal.refunded, journal.register, journal.sale) == (True, 198, "lane-1", "17")
    undone_there = sale_of([told(T.SALE_VOIDED, 1, **desk)])
    assert (undone_there.sale, undone_there.voided) == ("90", False)


def test_no_events_are_no_sale() -> None:
    """There is no sale of nothing."""
    with pytest.raises(ValueError, match="expected at least one event"):
        sale_of([])


async def test_the_current_sale_of_a_register(
    intake: Intake, till: Actor, database: Database, clock: FakeClock
) -> None:
    """The sale told of last is current; the one before, never ended, is abandoned."""
    assert database.read_now(lambda c: current_sale(c, "lane-1")) is None
    open_sale = [event(sale="A"), event("item_registered", sale="A", seq=2, item=item())]
    await intake.take_in(till, open_sale)
    journal = database.read_now(lambda c: current_sale(c, "lane-1"))
    assert journal is not None
    assert (journal.sale, journal.state) == ("A", SaleState.STARTED)
    clock.fast_forward(minutes=1)
    await intake.take_in(till, whole_sale("B", at=STARTS_AT + 30 * SECOND))
    journal = database.read_now(lambda c: current_sale(c, "lane-1"))
    assert journal is not None
    assert (journal.sale, journal.state) == ("B", SaleState.PAID)
    before = database.read_now(lambda c: sale(c, "lane-1", "A"))
    assert before is not None
    assert before.state is SaleState.ABANDONED
    assert database.read_now(lambda c: sale(c, "lane-1", "C")) is None


async def test_a_later_void_is_found_with_its_sale(intake: Intake, till: Actor, database: Database) -> None:
    """The sale that a void names carries it, although the void has another number."""
    await intake.take_in(till, [*whole_sale("A"), event("sale_voided", sale="B", of_sale="A", amount=300)])
    journal = database.read_now(lambda c: sale(c, "lane-1", "A"))
    assert journal is not None
    assert journal.voided
