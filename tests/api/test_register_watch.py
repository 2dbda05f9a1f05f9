"""What a register's own screen may see of incidents, and all that it may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from tenban.access.model import FUNCTIONS_OF_ATTENDED_REGISTER, Actor, system_actor
from tenban.access.tables import audit
from tenban.access.tokens import pair_browser
from tenban.api import errors, incidents, lanes, live, register, watch
from tenban.api.context import TILL_COOKIE, Here
from tenban.base.errors import Forbidden
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.incidents import duty, engine
from tenban.incidents.model import Cause, Clip, Incident, Still
from tenban.notify.board import Board
from tenban.notify.outbox import newest, notices_after
from tenban.sites.model import Register, Sites
from tills import shop_with
from vaults import sealed_blobs

SYSTEM = system_actor("test")
REGISTERS = (
    Register("staffed-1", "ebisu", "1", "staffed"),
    Register("counter-2", "ebisu", "2", "semi_self"),
    Register("self-3", "ebisu", "3", "self"),
)
SHOP = replace(shop_with("lane-1"), registers=REGISTERS)


@pytest.fixture
def app(database: Database, clock: FakeClock, tmp_path: Path) -> FastAPI:
    app = FastAPI()
    errors.install(app)
    for module in (incidents, watch, lanes, live, register):
        app.include_router(module.router)
    sites = Sites("Example", (SHOP, shop_with("lane-9", shop="meguro")))
    app.state.here = Here(database, clock, sites, Board(), sealed_blobs(database, tmp_path), tmp_path)
    return app


def till(app: FastAPI, register: str) -> httpx.AsyncClient:
    """The browser that serves as a register."""
    here: Here = app.state.here
    secret = here.db.write_now(
        lambda c: pair_browser(c, SYSTEM, here.clock.now(), register=register, shop="ebisu")
    )
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://shop",
        cookies={TILL_COOKIE + register: secret},
        headers={"origin": "http://shop", "x-tenban-register": register},
    )


@pytest.fixture
async def staffed(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with till(app, "staffed-1") as client:
        yield client


def opened(app: FastAPI, place: str) -> Incident:
    """An incident with both stills and a clip that is ready."""
    here: Here = app.state.here
    at = here.clock.now()
    still = Still("enters_bagging", f"blob:{here.blobs.put(place.encode(), 'jpg')}", at, None, None)
    clip = Clip("order", at, at, "ready", f"blob:{here.blobs.put(place.encode(), 'mp4')}")
    cause = Cause("key", at, at, {"en": place}, {"en": place}, evidence=[still], clip=clip)
    opening = engine.Opening("ebisu", None, "item_not_registered", place, None, f"fold-{place}", cause)
    return here.db.write_now(lambda c: engine.open_incident(c, SYSTEM, at, opening))


async def test_the_list_holds_its_own_without_clips(app: FastAPI, staffed: httpx.AsyncClient) -> None:
    """Only the register's own incidents are listed; asked for another's, there is no such register."""
    own, other = opened(app, "staffed-1"), opened(app, "counter-2")
    listed = await staffed.get("/api/v1/incidents")
    (card,) = listed.json()["incidents"]
    assert card["id"] == own.id
    assert card["clip"]["state"] == card["causes"][0]["clip"]["state"] == "none"
    assert "mp4" not in listed.text
    assert "counter-2" not in listed.text
    assert (await staffed.get("/api/v1/incidents?register=counter-2")).status_code == 404
    assert (await staffed.get(f"/api/v1/incidents/{own.id}")).status_code == 200
    hidden = await staffed.get(f"/api/v1/incidents/{other.id}")
    unknown = await staffed.get("/api/v1/incidents/nothing")
    assert (hidden.status_code, unknown.status_code) == (404, 404)


async def test_its_pictures_come_by_its_cookie_and_clips_never(
    app: FastAPI, staffed: httpx.AsyncClient, database: Database
) -> None:
    """Its own stills are sent and written down; others' stills, any clip, any strange browser get nothing."""
    own, other = opened(app, "staffed-1"), opened(app, "counter-2")
    (card,) = (await staffed.get("/api/v1/incidents")).json()["incidents"]
    url = card["evidence"][0]["url"]
    assert (await staffed.get(url, headers={"x-tenban-register": ""})).content == b"staffed-1"
    looked = database.read_now(
        lambda c: (
            c.execute(sa.select(audit.c.actor).where(audit.c.event == "media:picture:viewed")).scalars().all()
        )
    )
    assert looked == ["register:staffed-1"]
    clips = [one.causes[0].clip for one in (own, other)]
    clip, others = (str(one and one.ref).removeprefix("blob:") for one in clips)
    theirs = other.causes[0].evidence[0].ref.removeprefix("blob:")
    for path in ("incidents", "registers/staffed-1/incidents"):
        assert (await staffed.get(f"/api/v1/{path}/{own.id}/media/{clip}")).status_code == 404
        assert (await staffed.get(f"/api/v1/{path}/{other.id}/media/{theirs}")).status_code == 404
        assert (await staffed.get(f"/api/v1/{path}/{other.id}/media/{others}")).status_code == 404
    assert (await staffed.get(url.replace("registers/staffed-1", "registers/counter-2"))).status_code == 403
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as stranger:
        assert (await stranger.get(url)).status_code == 401


async def test_it_labels_nothing_and_sees_no_labels(app: FastAPI, staffed: httpx.AsyncClient) -> None:
    """Its own cannot be labelled or taken, another's does not exist; precision and live are shut."""
    own, other = opened(app, "staffed-1"), opened(app, "counter-2")
    for what, body in (("state", {"state": "resolved", "outcome": "true"}), ("owner", {"take": True})):
        assert (await staffed.post(f"/api/v1/incidents/{own.id}/{what}", json=body)).status_code == 403
        assert (await staffed.post(f"/api/v1/incidents/{other.id}/{what}", json=body)).status_code == 404
    assert (await staffed.get("/api/v1/incidents/precision")).status_code == 403
    assert (await staffed.post("/api/v1/live/staffed-1")).status_code == 403
    assert (await staffed.post("/api/v1/lanes/staffed-1/keeper", json={"take": True})).status_code == 403
    assert (
        await staffed.post("/api/v1/registers/staffed-1/payment", json={"held": False})
    ).status_code == 403


async def test_it_sees_its_own_lane_alone(
    app: FastAPI, staffed: httpx.AsyncClient, database: Database, clock: FakeClock
) -> None:
    """The state of its own lane with its keeper; of the others neither state nor keeper."""
    for place in ("staffed-1", "counter-2"):
        database.write_now(
            lambda c, place=place: duty.keep_place(
                c, SYSTEM, clock.now(), place=place, shop="ebisu", take=True
            )
        )
    (lane,) = (await staffed.get("/api/v1/lanes")).json()
    assert (lane["id"], lane["keeper"]["name"], lane["payment"]["state"]) == ("staffed-1", "test", "free")


async def test_the_stream_tells_of_its_own_alone(
    app: FastAPI, staffed: httpx.AsyncClient, database: Database
) -> None:
    """Notices of other lanes, and their number, do not reach it; another register's stream is not there."""
    own = opened(app, "staffed-1")
    last = opened(app, "counter-2")
    actor = Actor(
        "register", "register:staffed-1", "1", "ebisu", FUNCTIONS_OF_ATTENDED_REGISTER, register="staffed-1"
    )
    told = database.read_now(lambda c: notices_after(c, actor, 0))
    assert [one.subject for one in told] == [own.id]
    assert database.read_now(lambda c: newest(c, actor)) == told[0].n
    assert last.id not in str(told)
    assert (await staffed.get("/api/v1/watch/stream?register=counter-2")).status_code == 404
    with pytest.raises(Forbidden):
        database.read_now(lambda c: notices_after(c, replace(actor, functions=frozenset()), 0))


async def test_a_register_that_faces_shoppers_sees_nothing(app: FastAPI) -> None:
    """A self-checkout's browser gets no list, no stream, no lane and no picture, not even of its own."""
    own = opened(app, "self-3")
    still = own.causes[0].evidence[0].ref.removeprefix("blob:")
    async with till(app, "self-3") as browser:
        for path in ("incidents", f"incidents/{own.id}", "watch/stream", "lanes"):
            assert (await browser.get(f"/api/v1/{path}")).status_code == 403, path
        picture = await browser.get(f"/api/v1/registers/self-3/incidents/{own.id}/media/{still}")
        assert picture.status_code == 403
    async with till(app, "counter-2") as browser:
        assert (await browser.get("/api/v1/incidents")).json()["incidents"] == []
