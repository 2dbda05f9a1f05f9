"""Who hears what was said in a shop: nobody without the right, and nobody unwritten."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from kept import keep_footage
from sounding import beeping_film
from tenban.access.cookies import SESSION_COOKIE
from tenban.access.looks import Presence, looks_at
from tenban.access.model import Role, system_actor
from tenban.access.people import add_person, open_session
from tenban.access.tables import audit
from tenban.api import errors, footage, footage_media, incidents
from tenban.api.context import Here
from tenban.base.clock import SECOND, from_rfc3339, to_rfc3339
from tenban.base.fakes import FakeClock
from tenban.base.span import Span
from tenban.cases.originals import originals
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.incidents import engine
from tenban.incidents.engine import Opening
from tenban.incidents.model import Cause, Clip
from tenban.notify.board import Board
from tenban.sites.model import Camera, Group, Register, Shop, Sites, View
from tenban.sites.signing_in import StepUp
from tenban.sites.zone import Zone
from tenban.video.clips import plan_clip, write_clip
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex
from tenban.video.sound_strip import has_sound, muted
from vaults import sealed_blobs

SYSTEM = system_actor("test")
START = from_rfc3339("2026-11-22T12:00:00+09:00")
SPAN = Span(START + SECOND, START + 4 * SECOND)
PAD = Zone("mask", ((0.3, 0.2), (0.7, 0.2), (0.7, 0.8), (0.3, 0.8)))


class Place:
    """A shop that filmed some seconds with beeps in them."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock(START + 600 * SECOND)
        self.app = FastAPI()
        errors.install(self.app)
        for module in (footage, footage_media, incidents):
            self.app.include_router(module.router)
        cameras = (
            Camera("cam-1", "ebisu", "天井", "rtsp://camera/", sound=True),
            Camera("cam-2", "ebisu", "奥", "rtsp://camera/", sound=True),
        )
        lanes = (
            Register("lane-1", "ebisu", "1", "self", "near", views=(View("cam-1", ()),)),
            Register("lane-2", "ebisu", "2", "self", "near", views=(View("cam-2", (PAD,)),)),
        )
        shop = Shop(
            "ebisu", "恵比寿", ZoneInfo("Asia/Tokyo"), "JPY", (Group("near", "近く"),), cameras, lanes
        )
        self.sites = Sites("C", (shop,), step_up=StepUp(pictures=False, sound=False))
        blobs = sealed_blobs(database, folder)
        self.here = Here(database, self.clock, self.sites, Board(), blobs, folder, run_dir=folder)
        self.app.state.here = self.here
        film = beeping_film(folder / "film.mp4", fps=10, gop=10)
        keep_footage(database, folder, "cam-1", film, START, 5, sound=True)

    def come(self, role: Role = Role.SUPERVISOR) -> httpx.AsyncClient:
        at = self.clock.now()

        def sign_in(connection: sa.Connection) -> str:
            add_person(connection, SYSTEM, at, name=role.value, password_hash="-", roles=[role], shop="ebisu")
            return open_session(connection, role.value, at)[0]

        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://shop/api/v1",
            cookies={SESSION_COOKIE: self.here.db.write_now(sign_in)},
        )

    def written(self) -> list[str]:
        query = sa.select(audit.c.subject).where(audit.c.event == "media:sound:heard").order_by(audit.c.n)
        return self.here.db.read_now(lambda c: [str(row[0]) for row in c.execute(query)])


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("sound")
    shutil.copy(migrated_sqlite, folder / "tenban.db")
    database = Database(sqlite_url(folder / "tenban.db"))
    yield Place(database, folder)
    database.close()


@pytest.fixture
def place(filmed: Place) -> Iterator[Place]:
    """The shop, with nothing looked at yet."""
    filmed.here.looked.clear()

    def clean(connection: sa.Connection) -> None:
        for table in ("sessions", "people"):
            connection.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608  # only these names

    filmed.here.db.write_now(clean)
    yield filmed
    filmed.here.sites = filmed.sites


LOUD = 500
"""Bytes of sound in a fragment in which something was heard."""
ASKED = {"from": to_rfc3339(SPAN.start_at), "to": to_rfc3339(SPAN.end_at)}
VIDEO = "/footage/cameras/cam-1/video"


def tracks_of(place: Place, data: bytes) -> set[str]:
    path = place.folder / "got.mp4"
    path.write_bytes(data)
    with av.open(str(path)) as container:
        return {stream.type for stream in container.streams}


async def test_footage_has_no_sound_unless_it_is_asked_for(place: Place) -> None:
    """The plan says there is some; the video has none, until somebody who may hear asks for it."""
    async with place.come() as mori:
        plan = (await mori.get("/footage/cameras/cam-1/plan", params=ASKED)).json()
        assert (plan["sound"], plan["hear"]) == (True, True)
        silent = await mori.get(plan["video"].removeprefix("/api/v1"))
        assert tracks_of(place, silent.content) == {"video"}
        assert place.written() == []
        heard = await mori.get(VIDEO, params={**ASKED, "sound": "true"})
        assert tracks_of(place, heard.content) == {"video", "audio"}
        part = await mori.get(VIDEO, params={**ASKED, "sound": "true"}, headers={"Range": "bytes=100-299"})
        assert part.content == heard.content[100:300]
        asked = (await mori.get("/footage/cameras/cam-1/plan", params={**ASKED, "sound": "true"})).json()
        assert "sound=true" in asked["video"]
    assert place.written() == ["camera:cam-1"]


async def test_who_listened_stands_in_what_concerns_somebody(place: Place) -> None:
    """Whoever was at the register finds the row of who listened to it."""
    async with place.come() as mori:
        await mori.get(VIDEO, params={**ASKED, "sound": "true"}, headers={"Range": "bytes=0-0"})
    there = [Presence("ebisu", "lane-1", SPAN.start_at, SPAN.end_at)]
    numbers = place.here.db.read_now(lambda c: looks_at(c, there, but="person:me"))
    query = sa.select(audit.c.event).where(audit.c.n.in_(numbers))
    assert "media:sound:heard" in place.here.db.read_now(lambda c: set(c.scalars(query)))


@pytest.mark.parametrize("role", [Role.ATTENDANT, Role.ANALYST, Role.DESK_OPERATOR, Role.INSTALLER])
async def test_who_may_not_hear_gets_the_pictures_and_a_refusal(place: Place, role: Role) -> None:
    """Nothing is written down and no byte of sound leaves."""
    before = place.written()
    async with place.come(role) as sato:
        assert (await sato.get("/footage/cameras/cam-1/plan", params=ASKED)).json()["hear"] is False
        assert (await sato.get(VIDEO, params={**ASKED, "sound": "true"})).status_code == 403
        assert tracks_of(place, (await sato.get(VIDEO, params=ASKED)).content) == {"video"}
    assert place.written() == before


async def test_listening_asks_for_the_pin_where_the_shop_wants_that(place: Place) -> None:
    """It does by default; signing in a moment ago has shown it."""
    assert StepUp().sound
    async with place.come() as mori:
        place.here.sites = replace(place.sites, step_up=StepUp(pictures=False))
        place.here.db.write_now(lambda c: c.execute(sa.text("UPDATE sessions SET proven_at = NULL")))
        refused = await mori.get(VIDEO, params={**ASKED, "sound": "true"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "step_up")
        assert (await mori.get(VIDEO, params=ASKED)).status_code == 200


def kept_clip(place: Place) -> tuple[str, bytes]:
    """Cut a clip with its sound, as the jobs process does, and return its blob."""
    path = place.folder / "clip.mp4"
    plan = plan_clip(FootageIndex(place.here.db), "cam-1", SPAN, sound=True)
    write_clip(plan, Footage(place.folder / "footage"), path)
    data = path.read_bytes()
    return place.here.blobs.put(data, "mp4"), data


def test_a_clip_without_its_sound_is_the_same_pictures_and_nothing_else(place: Place) -> None:
    """Every picture decodes as before; not one frame of sound, nor its length, is in what is left."""
    blob, data = kept_clip(place)
    whole = place.here.blobs.open(blob)
    rest = muted(whole)
    assert has_sound(whole)
    assert not has_sound(rest)
    silent = b"".join(rest.read())
    assert rest.size == len(silent) < len(data)
    assert b"".join(rest.read(500, 1500)) == silent[500:1500]
    pictures = []
    for one in (data, silent):
        (place.folder / "one.mp4").write_bytes(one)
        with av.open(str(place.folder / "one.mp4")) as container:
            pictures.append(
                [frame.to_ndarray(format="gray").tobytes() for frame in container.decode(video=0)]
            )
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) == 30
    assert b"mp4a" not in silent
    rows = FootageIndex(place.here.db).for_span("cam-1", SPAN)
    footage = Footage(place.folder / "footage")
    for row, segment in rows:
        if row.sound_offset is None or (row.sound_length or 0) <= LOUD:
            continue  # the film ended with it, or nothing was heard
        with footage.open(segment.path) as file:
            assert file.at(row.sound_offset + 200, 60) not in silent
    assert muted(rest) is rest


def test_original_footage_is_given_away_with_its_sound_or_without(place: Place) -> None:
    """Without, it is the recorded bytes but for the boxes of sound; both play."""
    index, footage = FootageIndex(place.here.db), Footage(place.folder / "footage")
    (whole,) = originals(index, footage, "cam-1", [SPAN], sound=True)
    (silent,) = originals(index, footage, "cam-1", [SPAN])
    rows = [
        row for row, _ in index.for_span("cam-1", SPAN) if row.sound_length and row.end_at > SPAN.start_at
    ]
    heard = sum(row.sound_length or 0 for row in rows)
    assert whole.size > silent.size + heard > silent.size
    data = b"".join(silent.read(footage))
    with footage.open(silent.path) as file:
        assert data == b"".join(file.at(start, stop - start) for start, stop in silent.ranges)
        loud = [row for row in rows if (row.sound_length or 0) > LOUD]
        assert loud
        for row in loud:
            assert file.at((row.sound_offset or 0) + 200, 60) not in data
    for one, frames in ((data, 0), (b"".join(whole.read(footage)), 100)):
        (place.folder / "one.mp4").write_bytes(one)
        with av.open(str(place.folder / "one.mp4")) as container:
            assert sum(1 for _ in container.decode(audio=0)) >= frames
        with av.open(str(place.folder / "one.mp4")) as container:
            assert sum(1 for _ in container.decode(video=0)) >= 30


async def test_an_incident_s_clip_is_sent_without_sound_unless_asked_for(place: Place) -> None:
    """The card tells who may hear it; a route without ``sound=true`` gives the muted one to everybody."""
    blob, data = kept_clip(place)
    at = SPAN.start_at
    clip = Clip(
        "o", SPAN.start_at, SPAN.end_at, "ready", f"blob:{blob}", None, at, camera="cam-1", sound=True
    )
    words = {"ja": "x", "en": "x"}
    cause = Cause("c", at, at, words, words, clip=clip)
    opening = Opening("ebisu", None, "rule", "lane-1", None, "fold", cause)
    incident = place.here.db.write_now(lambda c: engine.open_incident(c, SYSTEM, at, opening))
    address = f"/incidents/{incident.id}/media/{blob}"
    async with place.come() as mori, place.come(Role.ATTENDANT) as sato:
        cards = [(await one.get(f"/incidents/{incident.id}")).json()["clip"]["sound"] for one in (mori, sato)]
        assert cards == [True, False]
        before = len(place.written())
        silent = await mori.get(address)
        assert tracks_of(place, silent.content) == {"video"}
        assert (await sato.get(address, params={"sound": "true"})).status_code == 403
        assert len(place.written()) == before
        heard = await mori.get(address, params={"sound": "true"})
        assert heard.content == data
    assert place.written()[before:] == [incident.id]
