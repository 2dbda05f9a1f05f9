"""The live picture of a lane, and handing over, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from tenban.access.cookies import SESSION_COOKIE
from tenban.access.model import Role, system_actor
from tenban.access.people import add_person, open_session
from tenban.access.tables import audit
from tenban.api import duty, errors, lanes, live, viewings
from tenban.api.context import Here
from tenban.base.clock import SECOND, Instant
from tenban.base.errors import NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.notify.board import Board
from tenban.notify.outbox import notices_after
from tenban.sites.model import Camera, Register, Sites, View
from tenban.video.ring import Still
from tenban.video.stills import NoWatcher
from tills import shop_with

SYSTEM = system_actor("test")
CAMERA = Camera("cam-1", "ebisu", "天井1", "rtsp://camera/1")
REGISTERS = (
    Register("lane-1", "ebisu", "1", "self", views=(View("cam-1", ()),)),
    Register("lane-2", "ebisu", "2", "self"),
)
SHOP = replace(shop_with("lane-1"), cameras=(CAMERA,), registers=REGISTERS)


class Watcher:
    """Answers as the watcher does; a test says how old its picture is, or what is wrong."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.age_us = 0
        self.error: Exception | None = None

    async def ask(self, _camera: str, at: Instant, *, width: int) -> Still:
        if self.error is not None:
            raise self.error
        return Still(b"\xff\xd8jpeg", at - self.age_us, width, 540)


@pytest.fixture
def watcher(clock: FakeClock) -> Watcher:
    return Watcher(clock)


@pytest.fixture
def app(database: Database, clock: FakeClock, tmp_path: Path, watcher: Watcher) -> FastAPI:
    app = FastAPI()
    errors.install(app)
    for module in (live, lanes, duty):
        app.include_router(module.router)
    app.state.here = Here(
        database,
        clock,
        Sites("Example", (SHOP, shop_with("lane-9", shop="meguro"))),
        Board(),
        BlobStore(tmp_path),
        tmp_path,
        ask_still=watcher.ask,
    )
    return app


def signed_in(app: FastAPI, name: str, role: Role = Role.ATTENDANT, shop: str = "ebisu") -> httpx.AsyncClient:
    here: Here = app.state.here

    def make(connection: sa.Connection) -> str:
        at = here.clock.now()
        add_person(connection, SYSTEM, at, name=name, password_hash="x", roles=[role], shop=shop)
        return open_session(connection, name, at)[0]

    secret = here.db.write_now(make)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://shop", cookies={SESSION_COOKIE: secret}
    )


@pytest.fixture
async def sato(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with signed_in(app, "sato") as client:
        yield client


def written_down(database: Database) -> list[tuple[str, str]]:
    query = sa.select(audit).where(audit.c.event.like("media:live:%")).order_by(audit.c.n)
    return database.read_now(
        lambda c: [(row["event"], row["subject"]) for row in c.execute(query).mappings()]
    )


async def begun(client: httpx.AsyncClient) -> str:
    answer = await client.post("/api/v1/live/lane-1")
    assert answer.status_code == 201
    shown = {"id": "cam-1", "name": "天井1", "no_stream": None, "hear": False, "turning": None}
    assert answer.json()["cameras"] == [shown]
    viewing: str = answer.json()["viewing"]
    return viewing


async def test_whoever_looks_is_written_down_from_when_to_when(
    sato: httpx.AsyncClient, database: Database, clock: FakeClock
) -> None:
    """A viewing is in the audit log before its first picture, and its end with how much was seen."""
    viewing = await begun(sato)
    assert written_down(database) == [("media:live:opened", "lane-1")]
    shown = await sato.get(f"/api/v1/live/{viewing}/picture?camera=cam-1")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["x-captured-at"].endswith("Z") or "+" in shown.headers["x-captured-at"]
    assert (await sato.delete(f"/api/v1/live/{viewing}")).status_code == 204
    assert written_down(database)[-1] == ("media:live:closed", "lane-1")
    assert (await sato.get(f"/api/v1/live/{viewing}/picture?camera=cam-1")).status_code == 404


async def test_pictures_come_at_a_bounded_rate(
    app: FastAPI, sato: httpx.AsyncClient, clock: FakeClock
) -> None:
    """At five a second every one comes; an early one waits for its turn, one beside it is refused."""
    viewing = await begun(sato)
    address = f"/api/v1/live/{viewing}/picture?camera=cam-1"
    slept: list[float] = []
    waiting, over = asyncio.Event(), asyncio.Event()

    async def sleep(length_s: float) -> None:
        slept.append(length_s)
        waiting.set()
        await over.wait()

    app.state.here.sleep = sleep
    for _ in range(3):
        clock.fast_forward(length_s=0.2)
        assert (await sato.get(address)).status_code == 200
    assert slept == []
    clock.fast_forward(length_s=0.05)
    early = asyncio.create_task(sato.get(address))
    await waiting.wait()
    beside = await sato.get(address)
    assert (beside.status_code, beside.json()["error"]["code"]) == (503, "too_fast")
    over.set()
    assert (await early).status_code == 200
    assert slept == [pytest.approx(0.15)]


async def test_what_cannot_be_shown_is_said(
    sato: httpx.AsyncClient, watcher: Watcher, clock: FakeClock
) -> None:
    """No camera, no watcher, no picture yet and an old picture are told apart."""
    none = await sato.post("/api/v1/live/lane-2")
    assert (none.status_code, none.json()["error"]["code"]) == (404, "no_camera")
    viewing = await begun(sato)
    address = f"/api/v1/live/{viewing}/picture?camera=cam-1"
    watcher.error = NoWatcher("watcher: no answer within 1.0 s")
    answer = await sato.get(address)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_watcher")
    watcher.error = NotFound("there is no picture in the ring")
    clock.fast_forward(length_s=0.2)
    assert (await sato.get(address)).json()["error"]["code"] == "not_found"
    watcher.error, watcher.age_us = None, 12 * SECOND
    clock.fast_forward(length_s=0.2)
    old = await sato.get(address)
    assert (old.status_code, old.json()["error"]["code"]) == (503, "stale_picture")
    assert "12 s old" in old.json()["error"]["message"]


async def test_a_viewing_ends_by_itself(
    sato: httpx.AsyncClient, database: Database, clock: FakeClock
) -> None:
    """A tablet that fell asleep looks no longer; the log says so at the next look."""
    viewing = await begun(sato)
    clock.fast_forward(length_s=viewings.IDLE_S + 1)
    assert (await sato.get(f"/api/v1/live/{viewing}/picture?camera=cam-1")).status_code == 404
    assert written_down(database)[-1][0] == "media:live:closed"


async def test_others_may_not_look(app: FastAPI, sato: httpx.AsyncClient) -> None:
    """Another shop's people see no such lane, and a viewing belongs to one person."""
    viewing = await begun(sato)
    async with signed_in(app, "abe", shop="meguro") as abe:
        assert (await abe.post("/api/v1/live/lane-1")).status_code == 404
        assert (await abe.get(f"/api/v1/live/{viewing}/picture?camera=cam-1")).status_code == 404
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as nobody:
        assert (await nobody.post("/api/v1/live/lane-1")).status_code == 401


async def test_only_so_many_look_at_once(
    sato: httpx.AsyncClient, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More viewings than the server allows are refused, until one ends."""
    monkeypatch.setattr(viewings, "MOST_VIEWINGS", 1)
    viewing = await begun(sato)
    refused = await sato.post("/api/v1/live/lane-1")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "too_many_viewings")
    await sato.delete(f"/api/v1/live/{viewing}")
    await begun(sato)


async def test_lanes_say_where_they_stand_and_who_looks_after_them(sato: httpx.AsyncClient) -> None:
    """A lane has its place on the map; looking after it is seen in the list."""
    kept = await sato.post("/api/v1/lanes/lane-2/keeper", json={"take": True})
    assert kept.json()["keeper"]["name"] == "sato"
    told = (await sato.get("/api/v1/lanes")).json()
    assert [(lane["id"], lane["at"], (lane["keeper"] or {}).get("name")) for lane in told] == [
        ("lane-1", [1, 1], None),
        ("lane-2", [2, 1], "sato"),
    ]


async def test_handing_over_names_colleagues_of_the_shop(
    app: FastAPI, sato: httpx.AsyncClient, database: Database
) -> None:
    """Colleagues of the same shop can be handed to; another shop's do not exist; the receiver is told."""
    async with signed_in(app, "mori"), signed_in(app, "abe", shop="meguro"):
        (mori,) = (await sato.get("/api/v1/duty/colleagues")).json()
        assert (mori["name"], mori["signed_in"]) == ("mori", True)
        await sato.post("/api/v1/lanes/lane-1/keeper", json={"take": True})
        done = await sato.post("/api/v1/duty/hand-over", json={"to": mori["id"]})
        assert (done.status_code, done.json()["lanes"]) == (200, ["lane-1"])
        nobody = await sato.post("/api/v1/duty/hand-over", json={"to": "person:none"})
        assert nobody.status_code == 404
    receiver = replace(SYSTEM, id=mori["id"])
    assert [one.kind for one in database.read_now(lambda c: notices_after(c, receiver, 0))] == ["handed_over"]
