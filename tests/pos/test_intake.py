"""Taking sale events in."""

from __future__ import annotations

import asyncio
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenban.access.model import Actor
from tenban.base.clock import SECOND
from tenban.base.errors import BadInput, Unavailable
from tenban.base.fakes import FakeClock
from tenban.db import Connection, Database
from tenban.db.wake import Listener
from tenban.pos import queries
from tenban.pos.intake import Batch, Intake
from tenban.pos.queries import EventRow
from tenban.pos.tables import sale_events
from tenban.sites.model import Sites
from tills import STARTS_AT, event, item, whole_sale

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = sorted(
    event("paid", item=item(), total=1, amount=1, payments=[], of_sale="1", reason="", cashier="", note="")
)
bent_events = st.tuples(st.sampled_from(FIELDS), anything).map(
    lambda one: event(item=item()) | {one[0]: one[1]}
)


def kept(database: Database) -> list[Any]:
    return database.read_now(lambda connection: queries.events_since(connection, 0))


async def test_a_whole_sale_is_kept_in_order(intake: Intake, till: Actor, database: Database) -> None:
    """Six events of a sale are stored, numbered in order, with everything the till told."""
    results = await intake.take_in(till, whole_sale())
    assert [one.status for one in results] == ["stored"] * 6
    events = kept(database)
    assert [one.seq for one in events] == [1, 2, 3, 4, 5, 6]
    assert [one.n for one in events] == sorted(one.n for one in events)
    assert events[1].item is not None
    assert (events[1].item.name, events[1].item.quantity) == ("緑茶 500ml", 1)
    assert events[5].payments[0].method == "cash"
    assert {one.shop for one in events} == {"ebisu"}


async def test_an_event_sent_twice_is_kept_once(intake: Intake, till: Actor, database: Database) -> None:
    """A repeat is a duplicate, in the same request and in a later one."""
    one = event()
    assert [r.status for r in await intake.take_in(till, [one, one])] == ["stored", "duplicate"]
    assert [r.status for r in await intake.take_in(till, [one])] == ["duplicate"]
    assert len(kept(database)) == 1


async def test_the_same_id_with_other_content_is_refused(
    intake: Intake, till: Actor, database: Database
) -> None:
    """Two events under one id: the first stays, the second is refused as a conflict."""
    one = event()
    await intake.take_in(till, [one])
    [result] = await intake.take_in(till, [one | {"seq": 2}])
    assert (result.status, result.code) == ("refused", "conflict")
    assert [e.seq for e in kept(database)] == [1]


async def test_repeats_among_new_events_are_told_apart(
    intake: Intake, till: Actor, database: Database
) -> None:
    """Of a large request that holds new, kept, repeated and changed events, each gets its own answer."""
    kept_before = [event(seq=seq) for seq in range(1, 301)]
    await intake.take_in(till, kept_before)
    new = [event(seq=seq) for seq in range(301, 601)]
    mixed = [one for pair in zip(kept_before, new, strict=True) for one in pair]
    changed = kept_before[7] | {"seq": 9_999}
    changed_new = new[7] | {"seq": 9_999}
    results = await intake.take_in(till, [*mixed, new[0], changed, changed_new])
    assert [one.status for one in results] == ["duplicate", "stored"] * 300 + [
        "duplicate",
        "refused",
        "refused",
    ]
    events = kept(database)
    assert [one.seq for one in events] == list(range(1, 601))
    assert [one.n for one in events] == sorted(one.n for one in events)


async def test_an_empty_text_is_kept_as_one(intake: Intake, till: Actor, database: Database) -> None:
    """A text of no characters, alone in its request, is neither lost nor taken for "not told"."""
    await intake.take_in(till, [event(cashier="")])
    row = database.read_now(lambda c: c.execute(sale_events.select()).first())
    assert row is not None
    assert row.cashier == ""
    assert row.sale is not None


async def test_texts_come_back_as_they_were_told(intake: Intake, till: Actor, database: Database) -> None:
    """Quotes, braces, backslashes, commas and separators of other notations survive the database."""
    told = ['{"a",\\}', "NULL", "\\N", "a\tb", "%s", "'", "{}", "雪\u2028だるま", "\x1f\x1e"]
    await intake.take_in(till, [event(seq=seq, cashier=text) for seq, text in enumerate(told, 1)])
    expected = ['{"a",\\}', "NULL", "\\N", "a b", "%s", "'", "{}", "雪\u2028だるま", "  "]
    assert [one.cashier for one in kept(database)] == expected
    columns = database.read_now(
        lambda c: [row.cashier for row in c.execute(sale_events.select().order_by(sale_events.c.n))]
    )
    assert columns == expected


async def test_a_bad_event_costs_its_neighbours_nothing(
    intake: Intake, till: Actor, database: Database
) -> None:
    """Of three events the middle one is refused by name of the field; the others are stored."""
    good, other = event(), event(seq=3)
    bad = event("item_registered", seq=2, item=item(quantity="two"))
    results = await intake.take_in(till, [good, bad, other])
    assert [one.status for one in results] == ["stored", "refused", "stored"]
    assert results[1].event_id == bad["event_id"]
    assert results[1].message == "item.quantity: expected a whole number from 1 to 1000000, got 'two'"
    assert len(kept(database)) == 2


async def test_an_unknown_register_is_refused(intake: Intake, till: Actor) -> None:
    """A register that the configuration does not know gets its own result."""
    [result] = await intake.take_in(till, [event(register="lane-77")])
    assert (result.status, result.code) == ("refused", "not_found")


async def test_a_token_speaks_for_its_own_register_only(intake: Intake, till: Actor) -> None:
    """Lane 1's token may not tell events of lane 2, and learns nothing of another shop."""
    beside, elsewhere = await intake.take_in(till, [event(register="lane-2"), event(register="lane-9")])
    assert (beside.status, beside.code) == ("refused", "forbidden")
    assert (elsewhere.status, elsewhere.code) == ("refused", "not_found")


async def test_too_many_events_are_refused_whole(intake: Intake, till: Actor) -> None:
    """More than a thousand events at once are bad input."""
    with pytest.raises(BadInput, match="at most 1000"):
        await intake.take_in(till, [event()] * 1001)


async def test_an_event_from_the_future_is_kept_and_doubted(
    intake: Intake, till: Actor, database: Database, clock: FakeClock
) -> None:
    """Once a till's clock is known, one time far ahead is placed at its receipt and flagged."""
    for seq in range(1, 7):
        clock.fast_forward(length_s=1)
        await intake.take_in(till, [event(seq=seq, rung_at=clock.now())])
    clock.fast_forward(length_s=1)
    await intake.take_in(till, [event(seq=7, rung_at=clock.now() + 3600 * SECOND)])
    *before, last = kept(database)
    assert not any(one.clock_doubted for one in before)
    assert last.clock_doubted
    assert last.occurred_at == last.received_at == clock.now()


async def test_a_till_with_a_wrong_clock_works_from_its_first_event(
    intake: Intake, till: Actor, database: Database, clock: FakeClock
) -> None:
    """A till that wakes up in 1970 gets every event placed by our clock."""
    for seq in range(1, 5):
        clock.fast_forward(length_s=1)
        await intake.take_in(till, [event(seq=seq, rung_at=seq * SECOND)])
    assert [one.occurred_at for one in kept(database)] == [STARTS_AT + seq * SECOND for seq in range(1, 5)]


async def test_what_was_learnt_of_a_clock_survives_a_restart(
    intake: Intake, till: Actor, database: Database, clock: FakeClock, sites: Sites
) -> None:
    """A new process places an old, queued event by the offset that the previous one kept."""
    await intake.take_in(till, [event(rung_at=clock.now() - 90 * SECOND)])
    clock.fast_forward(minutes=10)
    again = Intake(database, clock, sites)
    await again.take_in(till, [event(seq=2, rung_at=STARTS_AT - 80 * SECOND)])
    assert kept(database)[1].occurred_at == STARTS_AT + 10 * SECOND


async def test_no_card_number_reaches_the_database(intake: Intake, till: Actor, database: Database) -> None:
    """Card numbers are cut to four digits in every text, known field or not."""
    pan = "4111 1111 1111 1111"
    await intake.take_in(
        till,
        [
            event(
                "paid",
                note=f"card {pan} declined",
                reason="４１１１－１１１１－１１１１－１１１１",
                cashier=pan,
                item=item(name=pan, plu="4111111111111111"),
                payments=[{"method": pan, "card": pan, "slip": {"pan": 4111111111111111}}],
                terminal=pan,
                sale="4111111111111111",
            )
        ],
    )
    row = database.read_now(
        lambda connection: connection.exec_driver_sql("SELECT * FROM sale_events").first()
    )
    assert row is not None
    text = repr(tuple(row))
    assert "41111111" not in text
    assert "4111 1111" not in text
    assert "１１１１" not in text
    assert "…1111" in text


async def test_a_request_the_database_cannot_keep_spoils_only_itself(
    intake: Intake, till: Actor, database: Database
) -> None:
    """Of requests that were grouped, one that fails is told so; the others are stored."""
    await intake.take_in(till, [event()])
    row = database.read_now(lambda c: c.execute(sale_events.select()).first())
    assert row is not None
    told = {name: getattr(row, name) for name in EventRow._fields} | {"body": "{}"}
    good = Batch([EventRow(**told | {"event_id": str(uuid.uuid4())})], [])
    bad = Batch([EventRow(**told | {"event_id": str(uuid.uuid4()), "seq": 2**70})], [])
    outcomes = await asyncio.gather(intake._kept(good), intake._kept(bad), return_exceptions=True)
    assert outcomes[0] == ["stored"]
    assert isinstance(outcomes[1], Unavailable)
    assert len(kept(database)) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(events=st.lists(anything | bent_events, max_size=5))
async def test_any_json_gets_one_result_each(intake: Intake, till: Actor, events: list[Any]) -> None:
    """Whatever JSON arrives, every entry is stored, a duplicate, or refused with a reason."""
    results = await intake.take_in(till, events)
    assert len(results) == len(events)
    for result in results:
        assert result.status in {"stored", "duplicate", "refused"}
        assert (result.status == "refused") == (result.message is not None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(data=st.data())
async def test_order_and_repeats_do_not_matter(
    intake: Intake, till: Actor, database: Database, data: st.DataObject
) -> None:
    """However a sale's events arrive, shuffled, repeated and split, the same events are kept by seq."""
    sale = f"s-{uuid.uuid4()}"
    told = whole_sale(sale)
    arriving = data.draw(st.permutations(told)) + data.draw(st.lists(st.sampled_from(told), max_size=6))
    while arriving:
        cut = data.draw(st.integers(1, len(arriving)))
        await intake.take_in(till, arriving[:cut])
        arriving = arriving[cut:]
    events = database.read_now(lambda connection: queries.sale_events_of(connection, "lane-1", sale))
    assert [one.event_id for one in events] == [one["event_id"] for one in told]


async def test_an_answer_and_an_approval_are_kept_whole(
    database: Database, intake: Intake, till: Actor
) -> None:
    """Ids hold digits that may pass for card numbers: they are kept; a strange answer is refused."""
    about = "item_not_registered:lane-1:0001-17:01a20268-0303-7524-9f2d-50845f7e0de5"
    approval = "01a20268-0303-7524-9f2d-50845f7e0de5"
    told = [
        event("hint_answered", answer="put_back", about=about),
        event("payment_started", seq=2, total=0, approval=approval),
        event("hint_answered", seq=3, answer="never mind"),
        event("hint_answered", seq=4),
    ]
    results = await intake.take_in(till, told)
    assert [result.status for result in results] == ["stored", "stored", "refused", "refused"]
    assert "scan, put_back" in (results[2].message or "")
    answered, paying = database.read_now(lambda c: queries.events_since(c, 0))
    assert (answered.answer, answered.about) == ("put_back", about)
    assert paying.approval == approval


async def test_a_lost_connection_costs_no_till_its_events(
    intake: Intake, till: Actor, database: Database
) -> None:
    """When the server ended the writer's connection, what comes next is tried again and stored."""
    if not database.url.startswith("postgresql"):
        pytest.skip("SQLite has no connection to lose")
    [first, second] = [event(), event(seq=2)]
    assert [one.status for one in await intake.take_in(till, [first])] == ["stored"]
    pid = database.write_now(lambda c: int(c.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()))
    database.read_now(lambda c: c.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid}))
    assert [one.status for one in await intake.take_in(till, [second])] == ["stored"]
    assert database.writer.groups_failed == 1
    assert len(kept(database)) == 2


async def test_kept_events_wake_who_listens(
    database_url: str, clock: FakeClock, sites: Sites, till: Actor, tmp_path: Path
) -> None:
    """Another process hears of events that were committed by a single statement, too."""
    run_dir = str(tmp_path / "run")
    database = Database.open(database_url, run_dir)
    intake = Intake(database, clock, sites)
    await intake.take_in(till, [event()])  # with the first comes a reading of the clock, in a transaction
    async with Listener(database_url, run_dir, "test", patience_s=600) as listener:
        woken = asyncio.create_task(listener.wait())
        while not woken.done():  # it may take a while until it listens
            await intake.take_in(till, [event()])
            await asyncio.wait([woken], timeout=0.05)
    database.close()


async def test_numbers_come_in_the_order_of_commit(
    database_url: str, clock: FakeClock, sites: Sites, till: Actor
) -> None:
    """While one process has the write turn, another's events wait and get the later numbers."""
    one, other = Database(database_url), Database(database_url)
    intake = Intake(other, clock, sites)
    assert [one.status for one in await intake.take_in(till, [event()])] == ["stored"]
    row = one.read_now(lambda c: c.execute(sale_events.select()).first())
    assert row is not None
    told = {name: getattr(row, name) for name in EventRow._fields}
    has_turn, goes_on = threading.Event(), threading.Event()

    def slowly(connection: Connection) -> None:
        connection.execute(sale_events.insert().values(told | {"event_id": str(uuid.uuid4()), "seq": 2}))
        has_turn.set()
        goes_on.wait(60)

    first = one.writer.submit(slowly)
    await asyncio.to_thread(has_turn.wait, 60)
    later = asyncio.create_task(intake.take_in(till, [event(seq=3)]))
    await asyncio.sleep(0.1)
    assert not later.done()
    goes_on.set()
    await asyncio.wrap_future(first)
    assert [one.status for one in await later] == ["stored"]
    assert [one.seq for one in kept(other)] == [1, 2, 3]
    one.close()
    other.close()
