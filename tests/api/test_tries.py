"""Tries over HTTP: uploads, hostile ones too, and who gets what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from server.films import ZONES, one_item
from tenban.access.model import Role, system_actor
from tenban.access.people import add_person, open_session
from tenban.api import errors, tries
from tenban.api.context import Here
from tenban.base.clock import SystemClock
from tenban.db import Database
from tenban.notify.board import Board
from tenban.server.tries import TryWorker
from tenban.sites.model import Shop, Sites, Trying
from vaults import sealed_blobs

LIMITS = Trying(max_mb=1, per_person=3)


class Visitors:
    def __init__(self, here: Here, app: FastAPI) -> None:
        self.here, self.app = here, app
        self.worker = TryWorker(here.db, here.clock, tries.files_of(here), LIMITS)

    def come(self, name: str, role: Role = Role.SUPERVISOR) -> httpx.AsyncClient:
        now_at = self.here.clock.now()

        def make(connection: object) -> str:
            add_person(
                connection,  # type: ignore[arg-type]
                system_actor("test"),
                now_at,
                name=name,
                password_hash="-",
                roles=[role],
                shop="shop-1",
            )
            return open_session(connection, name, now_at)[0]  # type: ignore[arg-type]

        secret = self.here.db.write_now(make)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://shop",
            cookies={"tenban_session": secret},
        )

    async def work(self) -> None:
        while await self.worker.step():
            pass


@pytest.fixture
async def visitors(database: Database, tmp_path: Path) -> Visitors:
    app = FastAPI()
    errors.install(app)
    app.include_router(tries.router)
    shop = Shop("shop-1", "Example", ZoneInfo("Asia/Tokyo"), "JPY", (), (), ())
    sites = Sites("Example", (shop,), trying=LIMITS)
    here = Here(database, SystemClock(), sites, Board(), sealed_blobs(database, tmp_path), tmp_path)
    app.state.here = here
    return Visitors(here, app)


async def test_a_video_goes_up_and_its_figures_and_pictures_come_back(
    visitors: Visitors, tmp_path: Path
) -> None:
    """Upload, check, start, count, and the annotated video by byte ranges."""
    film = one_item(tmp_path / "film.mp4").read_bytes()
    async with visitors.come("ono") as ono, visitors.come("ben") as ben:
        came = await ono.post("/api/v1/tries?name=../../x/film.mp4", content=film)
        assert came.status_code == 201
        assert (came.json()["state"], came.json()["name"]) == ("checking", "film.mp4")
        home = f"/api/v1/tries/{came.json()['id']}"
        assert (await ono.get(f"{home}/video")).status_code == 404
        await visitors.work()
        picture = await ono.get(f"{home}/picture")
        assert (picture.headers["content-type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")
        kept = tries.files_of(visitors.here).of(came.json()["id"])
        assert all(path.read_bytes()[:4] == b"TNBS" for path in kept.iterdir())
        assert list(kept.parent.glob("work/*")) == []
        started = await ono.post(f"{home}/start", json={"zones": ZONES, "registered": 0})
        assert started.json()["state"] == "waiting"
        await visitors.work()
        done = (await ono.get(home)).json()
        assert done["result"]["judgement"] == "detected"
        assert (await ono.get(done["report_url"])).json() == done["result"]
        part = await ono.get(done["video_url"], headers={"range": "bytes=4-7"})
        assert (part.status_code, part.content) == (206, b"ftyp")
        loaded = await ono.get(f"{done['video_url']}&download=true")
        assert 'filename="film-annotated.mp4"' in loaded.headers["content-disposition"]
        for path in (home, f"{home}/video", f"{home}/picture", f"{home}/report"):
            assert (await ben.get(path)).status_code == 404
        assert (await ben.delete(home)).status_code == 404
        assert (await ono.delete(home)).status_code == 204
        assert (await ono.get(home)).status_code == 404
        assert list(tries.files_of(visitors.here).folder.glob("*-*")) == []


async def test_an_upload_over_the_limit_is_stopped_and_nothing_is_left(visitors: Visitors) -> None:
    """Whether the length is said beforehand, or the parts just keep coming."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield bytes(100_000)

    async with visitors.come("ono") as ono:
        said = await ono.post("/api/v1/tries", content=bytes(1_100_000))
        assert (said.status_code, said.json()["error"]["code"]) == (413, "too_large")
        assert "1 MBまで" in said.json()["error"]["told"]["ja"]
        unsaid = await ono.post("/api/v1/tries", content=endless())
        assert unsaid.status_code == 413
        assert (await ono.get("/api/v1/tries")).json()["tries"] == []
    assert list(tries.files_of(visitors.here).folder.glob("incoming/*")) == []


async def test_a_person_who_keeps_enough_is_told_to_delete_one(visitors: Visitors) -> None:
    """Before anything is sent."""
    async with visitors.come("ono") as ono:
        for _ in range(3):
            assert (await ono.post("/api/v1/tries/samples", json={"sample": "honest"})).status_code == 201
        fourth = await ono.post("/api/v1/tries", content=b"x")
        assert (fourth.status_code, fourth.json()["error"]["code"]) == (409, "conflict")
        assert "Delete one" in fourth.json()["error"]["told"]["en"]


async def test_a_full_disk_refuses_before_anything_is_sent(
    visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recording needs the room."""
    monkeypatch.setattr(tries, "files_of", lambda here: tries.TryFiles(here.data_dir, reserve_bytes=10**18))
    async with visitors.come("ono") as ono:
        refused = await ono.post("/api/v1/tries", content=b"x")
        assert refused.status_code == 503
        assert "no room" in refused.json()["error"]["told"]["en"]


async def test_who_may_not_try_gets_nothing(visitors: Visitors) -> None:
    """An attendant, and nobody at all."""
    async with visitors.come("att", Role.ATTENDANT) as attendant:
        assert (await attendant.get("/api/v1/tries")).status_code == 403
        assert (await attendant.post("/api/v1/tries", content=b"x")).status_code == 403
    transport = httpx.ASGITransport(visitors.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as nobody:
        assert (await nobody.get("/api/v1/tries")).status_code == 401


async def test_what_is_asked_wrongly_is_refused_in_words(visitors: Visitors) -> None:
    """Unknown samples, ids that are paths, zones that are none."""
    async with visitors.come("ono") as ono:
        assert (await ono.post("/api/v1/tries/samples", json={"sample": "../x"})).status_code == 404
        assert (await ono.get("/api/v1/tries/..%2f..%2fetc")).status_code == 404
        one = (await ono.post("/api/v1/tries", content=b"x")).json()
        home = f"/api/v1/tries/{one['id']}"
        assert (await ono.post(f"{home}/start", json={"zones": ["x"]})).status_code == 400
        assert (await ono.post(f"{home}/start", json={"zones": ZONES})).status_code == 409
        assert (await ono.post(f"{home}/retry")).status_code == 409
