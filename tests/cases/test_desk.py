"""Who may do what with cases, what is written down, and what is held."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from cases.houses import ADMIN, ANALYST, AUDITOR, LEAD, CaseHouse, finish, proof_of
from keeping.conftest import Store
from tenban.access.audit import AuditEvent
from tenban.access.model import Function, Role, StepUpNeeded
from tenban.access.people import add_person
from tenban.base.clock import seconds
from tenban.base.errors import BadInput, Conflict, Forbidden, NotFound
from tenban.base.span import Span
from tenban.cases import desk, packing, work
from tenban.cases.model import Case, State
from tenban.incidents import engine
from tenban.incidents.model import Clip, with_cause
from tenban.keeping import people as keeping_people
from tenban.keeping.erase import erase_pictures
from tenban.keeping.model import pictures_of
from tenban.pos.queries import sale_events_of
from tenban.pos.tables import sale_events
from tenban.video.queries import FootageIndex

STRANGER = replace(LEAD, id="person:9", shop="meguro")


def test_a_case_of_another_shop_is_not_there(house: CaseHouse) -> None:
    """Neither read, nor changed, nor exported, nor listed, nor opened there."""
    case, incident = house.case(), house.incident()
    package, _ = house.make(house.sealed())
    for act in (
        lambda c: desk.get(c, STRANGER, case.id),
        lambda c: desk.add_note(c, STRANGER, 1, case.id, "x"),
        lambda c: desk.seal(c, STRANGER, 1, case.id),
        lambda c: desk.delete(c, STRANGER, 1, case.id, reason="x"),
        lambda c: desk.order_package(c, STRANGER, 1, case.id, form="blurred", purpose="x"),
        lambda c: desk.package_to_take(c, STRANGER, package.id),
        lambda c: desk.open_case(c, STRANGER, 1, house.sites, "ebisu", "x"),
    ):
        with pytest.raises(NotFound):
            house.tell(act)
    assert house.db.read_now(lambda c: desk.find(c, STRANGER)) == []
    with pytest.raises(NotFound):
        house.db.read_now(lambda c: desk.find(c, STRANGER, shop="ebisu"))
    elsewhere = house.tell(lambda c: desk.open_case(c, ADMIN, house.now(), house.sites, "meguro", "x"))
    with pytest.raises(Conflict, match="expected something of shop 'meguro'"):
        house.tell(lambda c: desk.add_incident(c, ADMIN, house.now(), house.sites, elsewhere.id, incident.id))


def test_sound_is_in_a_package_only_by_choice_and_for_who_may_hear(house: CaseHouse) -> None:
    """Not in the blurred form, not without the right; ordering and taking it along are written down."""
    case = house.sealed()
    with pytest.raises(BadInput, match="original form only"):
        house.order(case, "blurred", sound=True)
    deaf = replace(LEAD, functions=LEAD.functions - {Function.MEDIA_HEAR})
    with pytest.raises(Forbidden, match="media:hear"):
        house.order(case, actor=deaf, sound=True)
    with pytest.raises(StepUpNeeded):
        house.order(case, actor=replace(LEAD, unproven=frozenset({Function.MEDIA_HEAR})), sound=True)
    package, data = house.make(case, sound=True)
    assert package.sound
    assert proof_of(data).fault is None
    with pytest.raises(Forbidden, match="media:hear"):
        house.tell(lambda c: desk.package_to_take(c, deaf, package.id))
    house.tell(lambda c: desk.taken(c, LEAD, house.now(), case, package))
    assert house.audit(AuditEvent.SOUND_HEARD)[-1]["detail"]["what"] == "package"
    assert house.audit(AuditEvent.CASE_PACKAGE_ORDERED)[-1]["detail"]["sound"] is True


def test_roles_do_what_is_theirs(house: CaseHouse) -> None:
    """An analyst gives blurred packages away only; an auditor proves, and reads and changes nothing."""
    case = house.sealed()
    with pytest.raises(Forbidden, match="media:unmasked"):
        house.order(case, "original", ANALYST)
    package, _ = house.make(case)
    with pytest.raises(Forbidden):
        house.db.read_now(lambda c: desk.package_to_take(c, ANALYST, package.id))
    for act in (
        lambda c: desk.get(c, AUDITOR, case.id),
        lambda c: desk.package_to_take(c, AUDITOR, package.id),
        lambda c: desk.open_case(c, AUDITOR, 1, house.sites, "ebisu", "x"),
    ):
        with pytest.raises(Forbidden):
            house.tell(act)
    found = house.db.read_now(lambda c: desk.package_to_take(c, AUDITOR, package.id, Function.CASES_PROVE))
    assert found[1].id == package.id
    nobody = replace(LEAD, functions=frozenset({Function.INCIDENTS_READ, Function.MEDIA_VIEW}))
    with pytest.raises(Forbidden):
        house.db.read_now(lambda c: desk.find(c, nobody))


def test_giving_away_and_deleting_ask_who_it_is_once_more(house: CaseHouse) -> None:
    """Without the PIN shown a moment ago neither a package is ordered nor a case deleted."""
    case = house.sealed()
    for unproven in (Function.CASES_EXPORT, Function.MEDIA_UNMASKED):
        with pytest.raises(StepUpNeeded):
            house.order(case, actor=replace(LEAD, unproven=frozenset({unproven})))
    late = replace(LEAD, unproven=frozenset({Function.HOLDS_MANAGE}))
    with pytest.raises(StepUpNeeded):
        house.tell(lambda c: desk.delete(c, late, 1, case.id, reason="x"))


def test_a_sealed_case_never_changes(house: CaseHouse) -> None:
    """No item comes, none goes, no other title; an empty case cannot be sealed, an open one not packed."""
    case = house.sealed(note="x")
    items, _, _ = house.db.read_now(lambda c: desk.contents(c, case))
    for act in (
        lambda c: desk.add_note(c, LEAD, 1, case.id, "x"),
        lambda c: desk.remove(c, LEAD, 1, case.id, items[0].id),
        lambda c: desk.rename(c, LEAD, 1, case.id, "x"),
        lambda c: desk.seal(c, LEAD, 1, case.id),
    ):
        with pytest.raises(Conflict, match="expected an open case"):
            house.tell(act)
    open_one = house.case()
    with pytest.raises(Conflict, match="got an empty one"):
        house.tell(lambda c: desk.seal(c, LEAD, 1, open_one.id))
    with pytest.raises(Conflict, match="expected a sealed case"):
        house.order(open_one)


def test_what_is_wrong_is_refused_with_a_sentence(house: CaseHouse) -> None:
    """Titles, spans, cameras, sales, forms, twice the same."""
    case, incident = house.case(), house.incident()
    register = house.sites.register("lane-1")
    ahead = Span(house.clock.now(), house.clock.now() + seconds(60))
    long = Span(house.began_at - seconds(5 * 3600), house.began_at)
    for act, error in (
        (lambda c: desk.rename(c, LEAD, 1, case.id, "  "), BadInput),
        (lambda c: desk.add_footage(c, LEAD, house.now(), house.sites, case.id, ["cam-9"], ahead), NotFound),
        (lambda c: desk.add_footage(c, LEAD, house.now(), house.sites, case.id, ["cam-1"], ahead), BadInput),
        (lambda c: desk.add_footage(c, LEAD, house.now(), house.sites, case.id, ["cam-1"], long), BadInput),
        (lambda c: desk.add_footage(c, LEAD, house.now(), house.sites, case.id, [], house.span()), BadInput),
        (lambda c: desk.add_sale(c, LEAD, house.now(), house.sites, register, case.id, "none"), NotFound),
        (lambda c: desk.add_incident(c, LEAD, house.now(), house.sites, case.id, "none"), NotFound),
        (lambda c: desk.order_package(c, LEAD, 1, case.id, form="x", purpose="x"), BadInput),
        (lambda c: desk.remove(c, LEAD, 1, case.id, "none"), NotFound),
    ):
        with pytest.raises(error):
            house.tell(act)
    house.tell(lambda c: desk.add_incident(c, LEAD, house.now(), house.sites, case.id, incident.id))
    house.tell(lambda c: desk.add_sale(c, LEAD, house.now(), house.sites, register, case.id, "17"))
    for twice in (
        lambda c: desk.add_incident(c, LEAD, house.now(), house.sites, case.id, incident.id),
        lambda c: desk.add_sale(c, LEAD, house.now(), house.sites, register, case.id, "17"),
    ):
        with pytest.raises(Conflict, match="got one that is"):
            house.tell(twice)


def test_references_count_within_shop_and_year(house: CaseHouse) -> None:
    """Each case has the next number; searching finds it by reference and by a part of its title."""
    first, second = house.case("袋の件"), house.case("カゴの件")
    assert int(second.reference[5:]) == int(first.reference[5:]) + 1
    assert first.reference[:5] == "2026-"
    found = house.db.read_now(lambda c: desk.find(c, LEAD, text="袋の"))
    assert [case.id for case, _, _ in found] == [first.id]
    found = house.db.read_now(lambda c: desk.find(c, LEAD, text=second.reference))
    assert [case.id for case, _, _ in found] == [second.id]
    older = house.db.read_now(lambda c: desk.find(c, LEAD, before=second.id))
    assert first.id in {case.id for case, _, _ in older}
    assert second.id not in {case.id for case, _, _ in older}


def test_each_step_is_written_down_without_what_people_typed(house: CaseHouse) -> None:
    """The chain says who did what with which case; titles, notes and reasons are not in it."""
    case = house.sealed(note="田中さん")
    package, _ = house.make(case)
    house.tell(lambda c: desk.taken(c, LEAD, house.now(), case, package))
    house.tell(lambda c: desk.delete(c, LEAD, house.now(), case.id, reason="田中さんの依頼"))
    told = [
        row
        for event in AuditEvent
        if event.value.startswith("cases:")
        for row in house.audit(event)
        if row["subject"] == case.id
    ]
    assert [row["event"] for row in sorted(told, key=lambda row: row["n"])] == [
        "cases:case:opened",
        "cases:item:added",
        "cases:item:added",
        "cases:case:sealed",
        "cases:package:ordered",
        "cases:package:made",
        "cases:package:taken",
        "cases:case:deleted",
    ]
    assert {row["shop"] for row in told} == {"ebisu"}
    assert "田中" not in str([dict(row) for row in told])


def test_footage_is_locked_until_it_is_taken_out_or_the_case_deleted(house: CaseHouse) -> None:
    """Each item locks its cameras' span; taking it out, or deleting the case, lets go."""
    index, span = FootageIndex(house.db), house.span()

    def locked(case: Case) -> int:
        return sum(held.startswith(f"case:{case.id}") for _, held in index.locks("cam-2", span))

    case = house.case()
    item = house.tell(
        lambda c: desk.add_footage(c, LEAD, house.now(), house.sites, case.id, ["cam-1", "cam-2"], span)
    )
    register = house.sites.register("lane-1")
    house.tell(lambda c: desk.add_sale(c, LEAD, house.now(), house.sites, register, case.id, "17"))
    assert locked(case) == 2
    house.tell(lambda c: desk.remove(c, LEAD, house.now(), case.id, item.id))
    assert locked(case) == 1
    house.tell(lambda c: desk.delete(c, LEAD, house.now(), case.id, reason="done"))
    assert locked(case) == 0
    with pytest.raises(NotFound):
        house.db.read_now(lambda c: desk.get(c, LEAD, case.id))


def test_retention_cannot_eat_what_a_case_holds(store: Store) -> None:
    """An incident long past its period stays whole with its footage and sale, until its case is deleted."""
    incident, file = store.open(30), store.film(30)
    row = {"event_id": "e", "shop": "s", "register": "lane-1", "sale": "1", "seq": 1, "type": "paid"}
    at = store.ago(50)
    times = dict.fromkeys(("rung_at", "received_at", "occurred_at"), at)
    values = {**row, **times, "offset_us": 0, "body": {}}
    store.db.write_now(lambda c: c.execute(sale_events.insert().values(**values)))
    lead = replace(LEAD, shop="s")
    now_at = store.clock.now()
    case = store.db.write_now(lambda c: desk.open_case(c, lead, now_at, store.sites, "s", "x"))
    store.db.write_now(lambda c: desk.add_incident(c, lead, now_at, store.sites, case.id, incident.id))
    store.clock.fast_forward(minutes=60 * 24 * 100)
    assert store.sweep() == {}
    assert store.kept(sorted(pictures_of([incident]))) == 4
    assert file.exists()
    assert len(store.db.read_now(lambda c: sale_events_of(c, "lane-1", "1"))) == 1
    with pytest.raises(Conflict, match="got one in case"):
        store.db.write_now(lambda c: erase_pictures(c, replace(ADMIN, shop="s"), 1, incident.id, reason="x"))
    store.db.write_now(lambda c: desk.delete(c, lead, now_at, case.id, reason="done"))
    assert store.sweep() == {"footage": 1, "pictures": 4, "incidents": 1, "sales": 1}
    assert not file.exists()


def test_a_name_that_was_erased_is_in_no_package_made_after(house: CaseHouse) -> None:
    """History, notes and the case itself show what stands in place of the name."""
    person = house.tell(
        lambda c: add_person(
            c,
            ADMIN,
            house.now(),
            name="hoshino",
            display_name="星野",
            password_hash="-",
            roles=[Role.SUPERVISOR],
            shop="ebisu",
        )
    )
    hoshino = replace(LEAD, id=f"person:{person}", name="星野")
    incident = house.incident()
    house.tell(
        lambda c: engine.set_state(
            c, hoshino, house.now(), incident.id, state="confirmed", outcome=None, reason=None
        )
    )
    case = house.tell(lambda c: desk.open_case(c, hoshino, house.now(), house.sites, "ebisu", "件"))
    house.tell(lambda c: desk.add_incident(c, hoshino, house.now(), house.sites, case.id, incident.id))
    house.tell(lambda c: desk.add_note(c, hoshino, house.now(), case.id, "メモ"))
    house.tell(lambda c: desk.seal(c, hoshino, house.now(), case.id))
    _, before = house.make(case)
    assert "星野".encode() in before
    house.tell(lambda c: keeping_people.erase(c, ADMIN, house.now(), "hoshino", reason="asked for"))
    _, after = house.make(case)
    assert "星野".encode() not in after
    assert b"removed-" in after
    assert proof_of(after).fault is None


def test_an_erased_picture_is_said_to_be_missing(house: CaseHouse) -> None:
    """A blob that is gone leaves a line in the package instead of a picture."""
    incident = house.incident()
    house.blobs.destroy([str(incident.operator_still).removeprefix("blob:")])
    package, data = house.make(house.sealed(incident=incident))
    proof = proof_of(data)
    assert proof.fault is None
    assert proof.manifest is not None
    assert ["operator" in one["en"] for one in proof.manifest["missing"]] == [True]
    assert package.state == "ready"


def test_a_disk_that_is_nearly_full_refuses_the_package(
    house: CaseHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What recording needs stays free; the package fails with the reason and leaves nothing behind."""
    case = house.sealed()
    house.order(case)
    monkeypatch.setattr(packing, "RESERVE_BYTES", 1 << 60)
    finish(house.maker.step())
    _, packages, _ = house.db.read_now(lambda c: desk.contents(c, case))
    assert packages[0].state == "failed"
    assert packages[0].why is not None
    assert "ディスク" in packages[0].why["ja"]
    assert not list((house.folder / "cases").glob(f"{case.id}/*"))
    assert not list((house.folder / "cases" / "work").glob("*"))
    monkeypatch.undo()
    house.make(case)


def test_a_package_is_begun_anew_when_its_maker_was_killed(house: CaseHouse) -> None:
    """Its lease runs out and another makes it; killed three times it fails, and nothing waits for ever."""
    case = house.sealed()
    house.order(case)
    for _ in range(work.MOST_ATTEMPTS):
        assert house.tell(lambda c: work.claim(c, house.now())) is not None
        assert house.tell(lambda c: work.claim(c, house.now())) is None
        house.clock.fast_forward(length_s=work.LEASE_S + 1)
    assert house.tell(lambda c: work.claim(c, house.now())) is None
    _, packages, _ = house.db.read_now(lambda c: desk.contents(c, case))
    assert packages[0].state == "failed"
    house.make(case)


def test_a_package_deleted_while_it_is_made_stays_deleted(house: CaseHouse) -> None:
    """Whoever was making it finds it taken back, and leaves no file."""
    case = house.sealed()
    ordered = house.order(case)
    taken = house.tell(lambda c: work.claim(c, house.now()))
    house.tell(lambda c: desk.drop_package(c, LEAD, house.now(), ordered.id))
    assert taken[2].lease_at is not None
    made = packing.Made(1, "0" * 64, "0" * 64, 1)
    assert not house.tell(lambda c: work.finished(c, LEAD, house.now(), *taken[::2], taken[2].lease_at, made))
    assert house.db.read_now(lambda c: desk.contents(c, case))[1] == []
    assert house.db.read_now(lambda c: desk.get(c, LEAD, case.id)).state is State.SEALED


def test_a_large_package_takes_little_memory(house: CaseHouse) -> None:
    """48 MB of a clip go through in parts: nothing holds them as a whole, in making nor in proving."""
    incident = house.incident()
    name = house.files.folder / "large"
    name.parent.mkdir(parents=True, exist_ok=True)
    with name.open("wb") as file:
        for n in range(48):
            file.write(bytes([n]) * 1_000_000)
    ref = f"blob:{house.blobs.adopt(name, 'mp4')}"
    case = house.case()

    def show(connection: sa.Connection) -> None:
        (cause,) = incident.causes
        cut = Clip("o", house.began_at, house.began_at + 1, "ready", ref)
        engine.record(
            connection, LEAD, house.now(), with_cause(incident, replace(cause, clip=cut)), "clip", {}
        )
        desk.add_incident(connection, LEAD, house.now(), house.sites, case.id, incident.id)
        desk.seal(connection, LEAD, house.now(), case.id)

    house.tell(show)
    house.order(case)
    tracemalloc.start()
    finish(house.maker.step())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (package,) = house.db.read_now(lambda c: desk.contents(c, case))[1]
    assert package.size is not None
    assert package.size > 48_000_000
    assert most < 24_000_000
    parts: Iterator[bytes] = house.files.open(case.id, package.id).read(1_000_000, 1_000_100)
    assert len(b"".join(parts)) == 100
