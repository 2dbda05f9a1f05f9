"""What is past its period goes, with proof; what is held or young stays."""

from __future__ import annotations

import sqlalchemy as sa

from keeping.conftest import SYSTEM, Store
from tenban.access import queries as access_queries
from tenban.access.chain import prove
from tenban.access.tables import (
    audit,
    challenges,
    invitations,
    known_browsers,
    people,
    sessions,
    sign_in_failures,
)
from tenban.findings.queries import keep_operator_still
from tenban.incidents.tables import incident_history, incidents
from tenban.keeping import queries
from tenban.keeping.model import pictures_of
from tenban.keeping.tables import deletions
from tenban.pos.flags import remove_flag, set_flag
from tenban.pos.tables import flags, sale_events
from tenban.video.footage import key_of_segment
from tenban.video.tables import fragments, segments


def test_footage_goes_with_its_period_and_stays_where_it_is_held(store: Store) -> None:
    """Files and index of what ended before go; what is younger, held or still being written stays."""
    old, held, young = store.film(11), store.film(12), store.film(9)
    running, left = store.film(0.001, ended=False), store.film(15, ended=False)
    strange = store.film(31, camera="gone-cam")
    lock = store.ago(12), store.ago(11.9)
    store.db.write_now(lambda c: queries.lock_footage(c, "hold:x", ["cam"], *lock))
    assert store.sweep(dry=True) == {"footage": 3}
    assert old.exists()
    assert store.sweep() == {"footage": 3}
    assert [file.exists() for file in (old, left, strange)] == [False] * 3
    assert [file.exists() for file in (held, young, running)] == [True] * 3
    assert (store.count(segments), store.count(fragments)) == (3, 3)
    store.db.write_now(lambda c: queries.unlock_footage(c, "hold:x"))
    assert store.sweep() == {"footage": 1}
    assert store.sweep() == {}


def test_sealed_footage_takes_its_key_along(store: Store) -> None:
    """A copy of the file, from whatever backup, opens no more; a key of young footage and a try's stay."""
    old, young = store.film(11, sealed=True), store.film(9, sealed=True)
    beside = old.with_name(f"{old.name}.key")
    beside.write_bytes(b"left by a killed recorder")
    store.vault.keep("try/1.mp4", store.vault.new_key(), 1)
    assert store.sweep() == {"footage": 1}
    assert not old.exists()
    assert not beside.exists()
    names = [key_of_segment(file.stem.partition("-")[2]) for file in (old, young)]
    assert store.vault.known([*names, "try/1.mp4"]) == {names[1], "try/1.mp4"}


def test_pictures_go_before_what_was_written_of_their_incident(store: Store) -> None:
    """Stills, cut-outs and clips after 20 days; the incident itself after 60; a young one keeps all."""
    old, older, young = store.open(21), store.open(61), store.open(19)
    names = sorted(pictures_of([old, older]))
    assert store.sweep(dry=True) == {"pictures": 8, "incidents": 1}
    assert store.kept(names) == 8
    assert store.sweep() == {"pictures": 8, "incidents": 1}
    assert store.kept(names) == 0
    assert store.kept(sorted(pictures_of([young]))) == 4
    left = store.db.read_now(lambda c: set(c.execute(sa.select(incidents.c.id)).scalars()))
    assert left == {old.id, young.id}
    assert store.count(incident_history) == 2
    end = store.db.read_now(lambda c: queries.pictures_gone(c, old.id))
    assert end == (store.clock.now(), "period")
    assert not list((store.folder / "blobs").rglob(f"{names[0]}*"))


def test_a_picture_two_incidents_show_goes_with_the_last(store: Store) -> None:
    """Blobs from before sealing were named by their content."""
    shared = store.blobs.put(b"the same picture", "jpg")
    store.open(20.5, still=shared)
    young = store.open(19.9, still=shared)
    assert store.sweep() == {"pictures": 3}
    assert store.kept(sorted(pictures_of([young]))) == 4


def test_stills_of_sales_without_an_incident_go_first(store: Store) -> None:
    """Who only bought something is forgotten after two days; the same still of an incident stays with it."""
    incident = store.open(3)
    plain = store.blobs.put(b"a shopper", "jpg")

    def keep(connection: sa.Connection) -> None:
        at = store.ago(3)
        keep_operator_still(connection, "lane-1", "sale:1", f"blob:{plain}", at)
        keep_operator_still(connection, "lane-1", "sale:2", str(incident.operator_still), at)

    store.db.write_now(keep)
    assert store.sweep() == {"sale_stills": 1}
    assert store.kept([plain]) == 0
    assert store.kept(sorted(pictures_of([incident]))) == 4


def test_sale_events_and_sessions_go_with_their_periods(store: Store) -> None:
    """Some thousand at a time; what is younger stays."""

    def keep(connection: sa.Connection) -> None:
        for n, days in enumerate((41, 50, 39)):
            at = store.ago(days)
            row = {"event_id": str(n), "shop": "s", "register": "lane-1", "seq": n, "type": "sale_started"}
            row |= dict.fromkeys(("rung_at", "received_at", "occurred_at"), at)
            connection.execute(sale_events.insert().values(offset_us=0, body={}, **row))
        person = {
            "id": "p",
            "name": "p",
            "display_name": "P",
            "password_hash": "-",
            "roles": [],
            "groups": [],
        }
        connection.execute(people.insert().values(created_at=1, **person))
        for n, days in enumerate((6, 4)):
            row = {"token_hash": str(n), "person_id": "p", "created_at": 1, "expires_at": store.ago(days)}
            row |= {"id": str(n), "seen_at": 1, "how": "password", "idle_s": 3600}
            connection.execute(sessions.insert().values(**row))
            link = {"id": str(n), "secret_hash": str(n), "made_by": "x", "person_id": "p", "made_at": 1}
            connection.execute(invitations.insert().values(expires_at=store.ago(days), **link))
            link |= {"id": f"used {n}", "secret_hash": f"used {n}", "expires_at": store.ago(0)}
            connection.execute(invitations.insert().values(ended_at=store.ago(days), **link))
            seen = {"secret_hash": str(n), "person_id": "p", "first_at": 1}
            connection.execute(known_browsers.insert().values(last_at=store.ago(days * 36), **seen))
            wrong = {"account": str(n), "source": "*", "failures": 3}
            connection.execute(sign_in_failures.insert().values(last_at=store.ago(n + 0.9), **wrong))
            asked = {"hash": str(n), "purpose": "x", "sealed": ""}
            connection.execute(challenges.insert().values(made_at=store.ago(n + 0.9), **asked))

    store.db.write_now(keep)
    gone = {"sessions": 1, "invitations": 2, "known_browsers": 1, "sign_in_failures": 1, "challenges": 1}
    assert store.sweep() == {"sales": 2, **gone}
    assert (store.count(sale_events), store.count(sessions), store.count(invitations)) == (1, 1, 2)
    assert [store.count(one) for one in (known_browsers, sign_in_failures, challenges)] == [1, 1, 1]


def test_pictures_nothing_refers_to_are_left_over_and_go_last(store: Store) -> None:
    """What a crash left goes once it is older than any incident's picture; a held incident's never."""
    held = store.open(0)
    orphan = store.blobs.put(b"left by a crash", "jpg")
    store.clock.fast_forward(length_s=23 * 86_400)
    store.open(22)
    kept = store.sweep()
    assert kept == {"pictures": 8, "orphans": 1}
    assert store.kept([orphan]) == 0
    assert store.kept(sorted(pictures_of([held]))) == 0


def test_everything_destroyed_is_written_down_and_chained(store: Store) -> None:
    """Kind, count, bytes, span and period, in a table and in the audit log, which proves whole."""
    store.open(21)
    store.film(11)
    store.sweep()
    rows = store.db.read_now(lambda c: queries.destroyed(c, "s", 10))
    assert [(row["kind"], row["count"], row["period_days"], row["why"]) for row in rows] == [
        ("pictures", 4, 20, "period"),
        ("footage", 1, 10, "period"),
    ]
    assert rows[0]["bytes"] > 4000
    assert rows[1]["bytes"] == 700
    assert rows[0]["actor"] == "system:keeping"
    told = store.db.read_now(lambda c: c.execute(sa.select(audit.c.event, audit.c.detail)).all())
    assert [row.event for row in told] == ["keeping:data:destroyed"] * 2
    assert {row.detail["deletion"] for row in told} == {row["n"] for row in rows}
    assert prove(store.db.read_now(access_queries.audit_rows), [], {}).fault is None
    before = store.count(deletions)
    assert store.sweep() == {}
    assert store.count(deletions) == before
    assert SYSTEM.id not in {row["actor"] for row in rows}


def test_flags_go_with_the_sales_they_are_about(store: Store) -> None:
    """What people wrote beside moments is destroyed with the period of sales, shown or removed."""

    def keep(connection: sa.Connection) -> None:
        for days in (41, 39):
            made = set_flag(connection, SYSTEM, store.clock.now(), shop="s", at=store.ago(days), name="x")
            remove_flag(connection, SYSTEM, store.clock.now(), made.id)

    store.db.write_now(keep)
    assert store.sweep() == {"flags": 1}
    assert store.count(flags) == 1
