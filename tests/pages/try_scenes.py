"""Scenes of ``/try`` for the screenshots: each is posed once and pictured in every size."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pages.shop import PageShop
from pages.trying import files_of
from tenban.access.model import Actor, Function, Role
from tenban.base.clock import seconds
from tenban.base.ids import new_id
from tenban.server.tries import TryWorker
from tenban.tries import desk, queries, work
from tenban.tries.model import Try

SCENES = ("empty", "drawing", "counting", "result", "kept", "error")


@contextmanager
def pose(shop: PageShop, scene: str) -> Iterator[str]:
    """Bring the shop into a scene; yields the page's path, and clears up afterwards."""
    person = _person(shop)
    made: list[str] = []
    if scene in {"drawing", "counting", "result", "kept"}:
        made.append(_sample(shop, person, scene))
    if scene in {"error", "kept"}:
        made.append(_broken(shop, person))
    yield "/try" if scene in {"empty", "kept"} else f"/try/{made[0]}"
    for try_id in made:
        shop.here.db.write_now(lambda c, one=try_id: desk.delete(c, person, shop.here.clock.now(), one))
        files_of(shop).remove(try_id)


def _person(shop: PageShop) -> Actor:
    from tenban.access.people import actor_of_person
    from tenban.access.queries import person_by_name

    row = shop.here.db.read_now(lambda c: person_by_name(c, "ono"))
    if row is None:
        shop.add_person("ono", "小野", Role.SUPERVISOR)
        row = shop.here.db.read_now(lambda c: person_by_name(c, "ono"))
    assert row is not None
    actor = actor_of_person(row)
    assert actor.may(Function.TRIES_MAKE)
    return actor


def _sample(shop: PageShop, person: Actor, scene: str) -> str:
    limits, db, clock = shop.here.sites.trying, shop.here.db, shop.here.clock
    one = db.write_now(lambda c: desk.take_sample(c, person, clock.now(), limits, "forgotten"))
    _work(shop)
    if scene == "drawing":
        return one.id
    zones: Any = _now(shop, one).zones
    db.write_now(lambda c: desk.start(c, person, clock.now(), one.id, zones=zones, registered=3))
    if scene == "counting":
        held = db.write_now(lambda c: work.claim(c, clock.now() + seconds(600)))
        assert held is not None
        assert held.lease_at is not None
        db.write_now(lambda c: work.renew(c, held, held.lease_at or 0, clock.now() + seconds(600), 0.42))
    else:
        _work(shop)
    return one.id


def _broken(shop: PageShop, person: Actor) -> str:
    files, clock = files_of(shop), shop.here.clock
    try_id = new_id(clock.now())
    incoming = files.begin(try_id, most_mb=1)
    incoming.add(b"PK\x03\x04 whatever it is called")
    incoming.finish()
    files.keep(incoming, try_id)
    came = desk.Upload("セルフレジ3番 11月21日夕方.mp4", incoming.size, incoming.sha256)
    limits = shop.here.sites.trying
    shop.here.db.write_now(lambda c: desk.take_upload(c, person, clock.now(), limits, try_id, came))
    _work(shop)
    return try_id


def _work(shop: PageShop) -> None:
    """Do what waits, in a thread of its own: Playwright's event loop runs in this one."""
    worker = TryWorker(shop.here.db, shop.here.clock, files_of(shop), shop.here.sites.trying)

    async def work_off() -> None:
        while await worker.step():
            pass

    thread = threading.Thread(target=lambda: asyncio.run(work_off()))
    thread.start()
    thread.join()


def _now(shop: PageShop, one: Try) -> Try:
    found = shop.here.db.read_now(lambda c: queries.by_id(c, one.id))
    assert found is not None
    return found
