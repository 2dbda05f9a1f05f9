"""Who may do what with tries, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tenban.access.model import Actor, Function, system_actor
from tenban.access.tables import audit
from tenban.base.clock import seconds
from tenban.base.errors import BadInput, Conflict, Forbidden, NotFound
from tenban.base.fakes import FakeClock
from tenban.base.ids import new_id
from tenban.db import Connection, Database
from tenban.sites.model import Trying
from tenban.tries import desk, queries, work
from tenban.tries.model import MOST_ATTEMPTS, State, Try, checked_zones, display_name

LIMITS = Trying(per_person=2)
ANA = Actor("person", "person:ana", "Ana", "shop-1", frozenset({Function.TRIES_MAKE}))
BEN = Actor("person", "person:ben", "Ben", "shop-1", frozenset({Function.TRIES_MAKE}))
ROOT = Actor("person", "person:root", "Root", "shop-1", frozenset({Function.TRIES_MAKE, Function.TRIES_ALL}))
ELSEWHERE = Actor(
    "person", "person:far", "Far", "shop-2", frozenset({Function.TRIES_MAKE, Function.TRIES_ALL})
)
ATTENDANT = Actor("person", "person:att", "Att", "shop-1", frozenset({Function.MEDIA_VIEW}))
BAGGING = {"role": "bagging", "polygon": [[0.6, 0.1], [0.9, 0.1], [0.9, 0.8], [0.6, 0.8]]}
VIDEO = {"container": "mov", "width": 640, "height": 360, "length_s": 10.0}


class Table:
    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.db, self.clock = database, clock

    def bring(self, actor: Actor = ANA, name: str = "film.mp4") -> Try:
        self.clock.fast_forward(length_s=1)
        at = self.clock.now()
        came = desk.Upload(name, 1000, "a" * 64)
        return self.db.write_now(lambda c: desk.take_upload(c, actor, at, LIMITS, new_id(at), came))

    def ready(self, actor: Actor = ANA) -> Try:
        one = self.bring(actor)
        held = self.claim()
        assert held is not None
        self.write(work.checked, held, held.lease_at, self.clock.now(), {"video": VIDEO})
        return self.now(one)

    def claim(self) -> Try | None:
        return self.db.write_now(lambda c: work.claim(c, self.clock.now()))

    def write(self, run: Any, *arguments: Any, **more: Any) -> Any:
        return self.db.write_now(lambda c: run(c, *arguments, **more))

    def now(self, one: Try) -> Try:
        found = self.db.read_now(lambda c: queries.by_id(c, one.id))
        assert found is not None
        return found

    def events(self) -> list[str]:
        def read(connection: Connection) -> list[str]:
            return list(connection.execute(sa.select(audit.c.event).order_by(audit.c.n)).scalars())

        return self.db.read_now(read)


@pytest.fixture
def table(database: Database, clock: FakeClock) -> Table:
    return Table(database, clock)


def test_only_who_may_try_can_begin(table: Table) -> None:
    """An attendant's role does not allow trying."""
    with pytest.raises(Forbidden):
        table.bring(ATTENDANT)


def test_a_person_sees_only_their_own_and_an_administrator_those_of_the_shop(table: Table) -> None:
    """Another person's try does not even exist; other shops' administrators see nothing."""
    one = table.ready()
    at = table.clock.now()
    for stranger in (BEN, ELSEWHERE):
        with pytest.raises(NotFound):
            table.write(desk.view, stranger, at, one.id, "video")
        with pytest.raises(NotFound):
            table.write(desk.delete, stranger, at, one.id)
        assert table.write(desk.list_for, stranger) == []
    assert [found.id for found in table.write(desk.list_for, ROOT)] == [one.id]
    assert table.write(desk.get, ROOT, one.id).owner == ANA.id


def test_a_person_keeps_only_so_many(table: Table) -> None:
    """The sentence says how to go on, and deleting makes room."""
    one = table.bring()
    table.bring()
    with pytest.raises(Conflict) as refused:
        table.bring()
    assert refused.value.told is not None
    assert "Delete one" in refused.value.told["en"]
    table.bring(BEN)
    table.write(desk.delete, ANA, table.clock.now(), one.id)
    table.bring()


def test_what_is_not_checked_or_is_at_work_cannot_be_started(table: Table) -> None:
    """Counting begins on a video that was found fit, once."""
    one = table.bring()
    with pytest.raises(Conflict):
        table.write(desk.start, ANA, table.clock.now(), one.id, zones=[BAGGING], registered=1)
    held = table.claim()
    assert held is not None
    table.write(work.checked, held, held.lease_at, table.clock.now(), {"video": VIDEO})
    table.write(desk.start, ANA, table.clock.now(), one.id, zones=[BAGGING], registered=1)
    with pytest.raises(Conflict):
        table.write(desk.start, ANA, table.clock.now(), one.id, zones=[BAGGING], registered=1)


def test_a_journal_gives_the_number_and_its_bad_lines_are_told(table: Table) -> None:
    """A journal and a number exclude each other; one without any event is refused."""
    one = table.ready()
    text = '{"type": "item_registered", "item": {"line": "1", "quantity": 2}}\n{broken'
    at = table.clock.now()
    with pytest.raises(BadInput, match="both"):
        table.write(desk.start, ANA, at, one.id, zones=[BAGGING], registered=1, journal=("a", text))
    with pytest.raises(BadInput, match="line 1"):
        table.write(desk.start, ANA, at, one.id, zones=[BAGGING], journal=("a", "hello\n"))
    with pytest.raises(BadInput, match="nothing"):
        table.write(desk.start, ANA, at, one.id, zones=[BAGGING], journal=("a", " \n"))
    started = table.write(desk.start, ANA, at, one.id, zones=[BAGGING], journal=("x/../sale.jsonl", text))
    assert (started.registered, started.journal["name"]) == (2, "sale.jsonl")
    assert started.journal["first"][0]["line"] == 2


@pytest.mark.parametrize("count", [-1, 10_001])
def test_a_number_out_of_range_is_refused(table: Table, count: int) -> None:
    """Registered items are counted from nought on."""
    one = table.ready()
    with pytest.raises(BadInput):
        table.write(desk.start, ANA, table.clock.now(), one.id, zones=[BAGGING], registered=count)


def test_a_lease_lets_one_worker_at_a_try_and_runs_out(table: Table) -> None:
    """While one works nobody else does; when it was killed, the next begins anew, and not for ever."""
    one = table.bring()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        held = table.claim()
        assert held is not None
        assert held.attempts == attempt
        assert table.claim() is None
        table.clock.fast_forward(length_s=work.LEASE_S + 1)
    assert table.claim() is None
    assert table.now(one).state == State.FAILED
    table.write(desk.retry, ANA, table.clock.now(), one.id)
    assert table.claim() is not None


def test_a_worker_that_lost_its_lease_changes_nothing(table: Table) -> None:
    """What was cancelled or deleted meanwhile stays so."""
    one = table.ready()
    table.write(desk.start, ANA, table.clock.now(), one.id, zones=[BAGGING], registered=1)
    held = table.claim()
    assert held is not None
    table.write(desk.cancel, ANA, table.clock.now(), one.id)
    at = table.clock.now()
    assert table.write(work.renew, held, held.lease_at, at, 0.5) is None
    table.write(work.counted, held, held.lease_at, at, {"registered": 1})
    assert (table.now(one).state, table.now(one).result) == (State.READY, None)
    table.write(desk.delete, ANA, at, one.id)
    table.write(work.failed, held, held.lease_at, at, {"ja": "", "en": ""})
    assert table.now(one).state == State.DELETED


def test_a_worker_that_is_stopped_gives_the_try_back(table: Table) -> None:
    """A restart costs no attempt and no waiting."""
    one = table.bring()
    held = table.claim()
    assert held is not None
    table.write(work.release, held, held.lease_at, table.clock.now())
    again = table.claim()
    assert again is not None
    assert (again.id, again.attempts) == (one.id, 1)


def test_deletion_blanks_what_was_said_and_keeps_the_proof(table: Table) -> None:
    """By hand or by time: the name and the figures go, the hash and who did it stay."""
    one = table.ready()
    table.write(desk.delete, ANA, table.clock.now(), one.id)
    gone = table.now(one)
    assert (gone.state, gone.name, gone.video, gone.sha256) == (State.DELETED, "", None, "a" * 64)
    with pytest.raises(NotFound):
        table.write(desk.get, ANA, one.id)
    other = table.bring()
    jobs = system_actor("jobs")
    assert table.write(work.expire, jobs, table.clock.now()) == []
    assert table.write(work.expire, jobs, table.clock.now() + seconds(24 * 3600 + 1)) == [other.id]


def test_every_upload_and_look_is_written_down(table: Table) -> None:
    """The audit log tells who brought, started, saw and deleted."""
    one = table.ready()
    at = table.clock.now()
    table.write(desk.start, ANA, at, one.id, zones=[BAGGING], registered=1)
    table.write(desk.view, ROOT, at, one.id, "video")
    table.write(desk.delete, ANA, at, one.id)
    assert table.events() == [
        "tries:try:made",
        "tries:try:started",
        "tries:try:viewed",
        "tries:try:deleted",
    ]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\film.mp4", "film.mp4"),
        ("a\x00b\x1b[31m.mp4", "ab[31m.mp4"),
        ("cod\u202e4pm.exe", "cod4pm.exe"),
        ("", "video"),
        ("///", "video"),
        ("..", ".."),
        ("防犯カメラ" * 60 + ".mp4", ("防犯カメラ" * 60)[:120]),
    ],
)
def test_a_file_name_is_only_ever_shown(given: str, shown: str) -> None:
    """No folders, no control characters, no turned writing, no endless names."""
    assert display_name(given) == shown


@pytest.mark.parametrize(
    "zones",
    [
        [],
        [{"role": "scan", "polygon": BAGGING["polygon"]}],
        ["bagging"],
        [{"role": "bagging", "polygon": [[0, 0], [1, 1]]}],
        [{"role": "bagging", "polygon": [[0, 0], [1, float("nan")], [1, 1]]}],
        [BAGGING] * 25,
    ],
)
def test_zones_from_outside_are_checked(zones: list[Any]) -> None:
    """Too many, misshapen, or nowhere to count into."""
    with pytest.raises(BadInput):
        checked_zones(zones)
