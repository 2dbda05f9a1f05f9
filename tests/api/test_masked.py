"""Blurred zones: who may not see what is below gets a mosaic, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import httpx
import numpy as np
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from pages.pictures import evidence
from tenban.access.model import Role, system_actor
from tenban.access.people import add_person, open_session
from tenban.access.tables import audit, sessions
from tenban.api import errors, incidents
from tenban.api.context import Here
from tenban.base.clock import SystemClock
from tenban.base.errors import BadInput
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.findings.facts import Box
from tenban.incidents import engine
from tenban.incidents.engine import Opening
from tenban.incidents.model import Cause, Clip, Incident, Still
from tenban.notify.board import Board
from tenban.sites.model import Camera, Masking, Register, Shop, Sites, View
from tenban.sites.signing_in import StepUp
from tenban.sites.zone import Zone
from tenban.video.frames import Picture
from tenban.vision import heads
from tenban.vision.detection import Detection
from vaults import sealed_blobs

JUDGE = system_actor("judge")
PAD = Zone("mask", ((0.3, 0.2), (0.7, 0.2), (0.7, 0.8), (0.3, 0.8)))


class Place:
    def __init__(self, database: Database, folder: Path) -> None:
        self.app = FastAPI()
        errors.install(self.app)
        self.app.include_router(incidents.router)
        clock = SystemClock()
        blobs = sealed_blobs(database, folder)
        self.here = Here(database, clock, self.sites(PAD), Board(), blobs, folder)
        self.app.state.here = self.here

    @staticmethod
    def sites(*zones: Zone, asks: bool = False) -> Sites:
        register = Register("lane-1", "s", "1", "self", views=(View("cam", zones),))
        camera = Camera("cam", "s", "cam", "rtsp://127.0.0.1/x")
        shop = Shop("s", "S", ZoneInfo("UTC"), "JPY", (), (camera,), (register,))
        return Sites("C", (shop,), step_up=StepUp(pictures=asks))

    def open(self, masked: bytes | None, *, part: Box | None = None) -> Incident:
        put, at = self.here.blobs.put, self.here.clock.now()
        operator, whole, crop, box = evidence(1)
        still = Still(
            "enters_bagging", f"blob:{put(whole, 'jpg')}", at, f"blob:{put(crop, 'jpg')}", box, part
        )
        blurred = None if masked is None else f"blob:{put(masked, 'mp4')}"
        clip = Clip("o", at, at, "ready", f"blob:{put(b'clip', 'mp4')}", None, at, blurred)
        words = {"ja": "x", "en": "x"}
        cause = Cause("c", at, at, words, words, evidence=[still], clip=clip)
        shown = f"blob:{put(operator, 'jpg')}"
        opening = Opening("s", None, "rule", "lane-1", None, f"f-{at}", cause, shown)
        return self.here.db.write_now(lambda c: engine.open_incident(c, JUDGE, at, opening))

    def come(self, role: Role) -> httpx.AsyncClient:
        name, at = role.value, self.here.clock.now()

        def sign_in(connection: object) -> str:
            add_person(connection, JUDGE, at, name=name, password_hash="-", roles=[role], shop="s")  # type: ignore[arg-type]
            return open_session(connection, name, at)[0]  # type: ignore[arg-type]

        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://shop",
            cookies={"tenban_session": self.here.db.write_now(sign_in)},
        )


@pytest.fixture
def place(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "tenban.db").write_bytes(migrated_sqlite.read_bytes())
    database = Database(sqlite_url(tmp_path / "tenban.db"))
    yield Place(database, tmp_path)
    database.close()


def changed(one: bytes, other: bytes) -> tuple[float, float]:
    """How much two pictures differ on average within the zone, and outside it."""
    pictures = [cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE) for jpeg in (one, other)]
    assert pictures[0] is not None
    assert pictures[1] is not None
    difference = np.abs(pictures[0].astype(int) - pictures[1].astype(int))
    height, width = difference.shape
    inside = np.zeros((height, width), bool)
    inside[int(0.25 * height) : int(0.75 * height), int(0.35 * width) : int(0.65 * width)] = True
    outside = np.ones((height, width), bool)
    outside[int(0.15 * height) : int(0.85 * height), int(0.25 * width) : int(0.75 * width)] = False
    return float(difference[inside].mean()), float(difference[outside].mean())


async def test_an_attendant_sees_a_mosaic_and_a_supervisor_what_is_below(place: Place) -> None:
    """The kept picture is the same; cut-outs, which do not say where they are from, are left out."""
    incident = place.open(b"blurred clip")
    url = f"/api/v1/incidents/{incident.id}"
    async with place.come(Role.ATTENDANT) as sato, place.come(Role.SUPERVISOR) as mori:
        mine, theirs = (await sato.get(url)).json(), (await mori.get(url)).json()
        still, whole = mine["evidence"][0], theirs["evidence"][0]
        assert still["url"] == whole["url"]
        assert (still["crop_url"], whole["crop_url"] is None) == (None, False)
        blurred, plain = (await sato.get(still["url"])).content, (await mori.get(still["url"])).content
        assert plain == place.here.blobs.open(whole["url"].rsplit("/", 1)[1]).all()
        within, without = changed(blurred, plain)
        assert within > 10 * without
        assert (await sato.get(whole["crop_url"])).status_code == 404
        assert (await sato.get(mine["operator_still"])).status_code == 200
        assert (await sato.get(mine["clip"]["url"])).content == b"blurred clip"
        assert (await sato.get(theirs["clip"]["url"])).status_code == 404
        assert (await mori.get(theirs["clip"]["url"])).content == b"clip"


async def test_without_a_blurred_clip_there_is_none_to_see(place: Place) -> None:
    """A clip from before the zone was drawn is not shown as it is; why is told."""
    incident = place.open(None)
    async with place.come(Role.ATTENDANT) as sato:
        card = (await sato.get(f"/api/v1/incidents/{incident.id}")).json()
        assert (card["clip"]["state"], card["clip"]["url"]) == ("failed", None)
        assert "blurred" in card["clip"]["why"]["en"]


async def test_where_nothing_is_to_be_blurred_everybody_sees_all(place: Place) -> None:
    """Without such a zone nothing is decoded and nothing is left out."""
    place.here.sites = place.sites(Zone("bagging", PAD.polygon))
    incident = place.open(None)
    async with place.come(Role.ATTENDANT) as sato:
        card = (await sato.get(f"/api/v1/incidents/{incident.id}")).json()
        assert (await sato.get(card["evidence"][0]["crop_url"])).status_code == 200
        assert (await sato.get(card["clip"]["url"])).content == b"clip"


async def test_whoever_may_see_all_of_it_asks_for_it_and_shows_that_it_is_them(place: Place) -> None:
    """Nobody is asked at a brief: blurred comes first, the whole on request, and the look says so."""
    place.here.sites = place.sites(PAD, asks=True)
    incident = place.open(b"blurred clip")
    url = f"/api/v1/incidents/{incident.id}"
    async with place.come(Role.ATTENDANT) as sato, place.come(Role.SUPERVISOR) as mori:
        mine, theirs = (await sato.get(url)).json(), (await mori.get(url)).json()
        assert (mine["masked"], theirs["masked"]) == ("yes", "may_show")
        still = theirs["evidence"][0]["url"]
        assert (await mori.get(theirs["clip"]["url"])).content == b"blurred clip"
        blurred = (await mori.get(still)).content
        assert (await sato.get(f"{url}?unmasked=true")).status_code == 403
        assert (await sato.get(f"{still}?unmasked=true")).status_code == 403
        asked = (await mori.get(f"{url}?unmasked=true")).json()
        assert asked["masked"] is None
        whole = (await mori.get(asked["evidence"][0]["url"])).content
        assert changed(blurred, whole)[0] > 20
        assert (await mori.get(asked["clip"]["url"])).content == b"clip"
        assert (await mori.get(asked["evidence"][0]["crop_url"])).status_code == 200
        rows = place.here.db.read_now(lambda c: c.execute(sa.select(audit.c.detail)).scalars().all())
        assert sum("unmasked" in row for row in rows) == 3
        place.here.db.write_now(lambda c: c.execute(sessions.update().values(proven_at=0)))
        place.here.forget()
        for path in (f"{url}?unmasked=true", asked["evidence"][0]["url"]):
            refused = await mori.get(path)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "step_up")
        assert (await mori.get(still)).status_code == 200


async def test_a_cut_out_of_a_known_part_is_blurred_where_the_whole_is(place: Place) -> None:
    """It is shown to whoever may not see all of it, with the same zone over it."""
    incident = place.open(b"blurred clip", part=(0.3, 0.2, 0.7, 0.8))
    async with place.come(Role.ATTENDANT) as sato, place.come(Role.SUPERVISOR) as mori:
        card = (await sato.get(f"/api/v1/incidents/{incident.id}")).json()
        crop = card["evidence"][0]["crop_url"]
        blurred, plain = (await sato.get(crop)).content, (await mori.get(crop)).content
        assert blurred != plain
        assert changed(blurred, plain)[0] > 5


async def test_heads_are_blurred_where_the_shop_wants_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole stills with heads covered; no cut-outs, on which half a head is not found; no model, no still."""

    class Someone:
        def people(self, picture: Picture) -> Detection:
            box = np.array([[0.35, 0.25, 0.65, 0.75]], dtype=np.float32)
            assert picture.ndim == 3
            return Detection(box, np.ones(1, np.float32), np.zeros(1, np.int64))

    monkeypatch.setattr(heads, "load_people_detector", lambda _text: Someone())
    sites = place.sites()
    shop = replace(sites.shops[0], masking=Masking("onnx:people.onnx", people=True))
    place.here.sites = replace(sites, shops=(shop,))
    incident = place.open(b"blurred clip", part=(0.3, 0.2, 0.7, 0.8))
    async with place.come(Role.ATTENDANT) as sato, place.come(Role.SUPERVISOR) as mori:
        mine = (await sato.get(f"/api/v1/incidents/{incident.id}")).json()
        theirs = (await mori.get(f"/api/v1/incidents/{incident.id}")).json()
        still = mine["evidence"][0]
        assert still["crop_url"] is None
        assert mine["clip"]["url"] != theirs["clip"]["url"]
        assert (await sato.get(theirs["evidence"][0]["crop_url"])).status_code == 404
        blurred, plain = (await sato.get(still["url"])).content, (await mori.get(still["url"])).content
        within, without = changed(blurred, plain)
        assert within > 3 * without

        def gone(_text: str) -> Someone:
            raise BadInput("people.onnx", expected="an ONNX model", came="no such file")

        monkeypatch.setattr(heads, "load_people_detector", gone)
        refused = await sato.get(still["url"])
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_blurred")
        assert (await mori.get(still["url"])).content == plain
