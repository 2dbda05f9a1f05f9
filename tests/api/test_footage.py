"""Playing back over HTTP: what there is, what tills told, the video, and who may have which of it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import av
import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from kept import FPS, keep_footage, kept_pictures, stamped_film, tell
from tenban.access.cookies import SESSION_COOKIE
from tenban.access.model import Role, system_actor
from tenban.access.people import add_person, open_session
from tenban.access.tables import audit
from tenban.api import errors, flags, footage, footage_media
from tenban.api.context import Here
from tenban.base.clock import SECOND, Instant, from_rfc3339, to_rfc3339
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.notify.board import Board
from tenban.simulator.barcode import read_stamp
from tenban.sites.fisheye import Fisheye, Preset, Turn
from tenban.sites.model import Camera, Group, Register, Shop, Sites, View
from tenban.sites.signing_in import StepUp
from tenban.sites.zone import Zone
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.model import IndexBatch
from tenban.video.queries import FootageIndex
from tenban.video.stills import StillServer
from tenban.vision.model import Observation
from tenban.vision.queries import add_observations
from tills import event, item, whole_sale
from vaults import sealed_blobs

SYSTEM = system_actor("test")
START = from_rfc3339("2026-11-22T12:00:00+09:00")
MINUTE = 60 * SECOND
PAD = Zone("mask", ((0.3, 0.2), (0.7, 0.2), (0.7, 0.8), (0.3, 0.8)))


def sites() -> Sites:
    cameras = tuple(Camera(f"cam-{n}", "ebisu", f"天井{n}", "rtsp://camera/") for n in (1, 2, 3))
    registers = (
        Register("lane-1", "ebisu", "1", "self", "near", views=(View("cam-1", ()), View("cam-3", (PAD,)))),
        Register("lane-2", "ebisu", "2", "self", "far", views=(View("cam-2", ()),)),
    )
    groups = (Group("near", "近く"), Group("far", "奥"))
    other = Register("lane-9", "meguro", "9", "self")
    return Sites(
        "Example",
        (
            Shop("ebisu", "恵比寿", ZoneInfo("Asia/Tokyo"), "JPY", groups, cameras, registers),
            Shop("meguro", "目黒", ZoneInfo("Europe/Berlin"), "EUR", (), (), (other,)),
        ),
        step_up=StepUp(pictures=False),
    )


class Place:
    """A shop that filmed two minutes with a gap of 20 s in them, and everybody who may ask."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock(START + 30 * MINUTE)
        self.app = FastAPI()
        errors.install(self.app)
        for module in (flags, footage, footage_media):
            self.app.include_router(module.router)
        self.here = Here(
            database,
            self.clock,
            sites(),
            Board(),
            sealed_blobs(database, folder),
            folder,
            run_dir=folder,
        )
        self.app.state.here = self.here
        film = stamped_film(folder / "film.mp4")
        for camera in ("cam-1", "cam-3"):
            keep_footage(database, folder, camera, film, START, 60)
        keep_footage(database, folder, "cam-1", film, START + 80 * SECOND, 40)
        lost = CameraState("cam-1", CameraStatus.LOST, START + 60 * SECOND, "no route to host")
        recording = CameraState("cam-1", CameraStatus.RECORDING, START + 80 * SECOND)
        FootageIndex(database).add(IndexBatch(states=[lost, recording]))

    def come(
        self, role: Role = Role.SUPERVISOR, shop: str = "ebisu", groups: tuple[str, ...] = ()
    ) -> httpx.AsyncClient:
        name, at = f"{role.value} {shop} {groups}", self.clock.now()

        def sign_in(connection: sa.Connection) -> str:
            add_person(
                connection,
                SYSTEM,
                at,
                name=name,
                password_hash="-",
                roles=[role],
                shop=shop,
                groups=groups,
            )
            return open_session(connection, name, at)[0]

        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://shop/api/v1/footage",
            cookies={SESSION_COOKIE: self.here.db.write_now(sign_in)},
        )

    def tell(self, events: list[dict[str, Any]], *, ahead_us: int = 0) -> None:
        tell(self.here.db, self.here.sites, events, ahead_us=ahead_us)

    def written(self, event_name: str) -> list[str]:
        query = sa.select(audit.c.detail).where(audit.c.event == event_name).order_by(audit.c.n)
        return self.here.db.read_now(lambda c: [str(row[0]) for row in c.execute(query)])


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("footage")
    shutil.copy(migrated_sqlite, folder / "tenban.db")
    database = Database(sqlite_url(folder / "tenban.db"))
    yield Place(database, folder)
    database.close()


@pytest.fixture
def place(filmed: Place) -> Place:
    """The shop of all tests here, with nothing looked at and nothing told yet."""
    filmed.here.looked.clear()

    def clean(connection: sa.Connection) -> None:
        for table in ("sessions", "people", "sale_events", "register_clocks", "flags"):
            connection.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608  # only these names

    filmed.here.db.write_now(clean)
    return filmed


def between(from_at: Instant, until_at: Instant) -> dict[str, str]:
    return {"from": to_rfc3339(from_at), "to": to_rfc3339(until_at)}


def sale(at: Instant, register: str = "lane-1", number: str = "17") -> list[dict[str, Any]]:
    """A sale whose events have instants instead of texts, one second apart."""
    made = whole_sale(number, register, at)
    return [{**one, "rung_at": from_rfc3339(one["rung_at"])} for one in made]


async def test_a_span_is_planned_and_sent_in_ranges(place: Place) -> None:
    """The plan says what is shown; any range is the whole's; the frames are the ones of the span."""
    asked = between(START + 3 * SECOND, START + 7 * SECOND)
    async with place.come() as mori:
        plan = (await mori.get("/cameras/cam-1/plan", params={**asked, "stepping": "true"})).json()
        assert (plan["start"], plan["end"]) == (asked["from"], asked["to"])
        assert (plan["frames"], len(plan["pictures"]), plan["gaps"]) == (4 * FPS, 4 * FPS, [])
        assert plan["codec"].startswith("avc1.")
        video = plan["video"].removeprefix("/api/v1/footage")
        whole = await mori.get(video)
        part = await mori.get(video, headers={"Range": "bytes=1000-2999"})
        assert (whole.status_code, part.status_code) == (200, 206)
        assert part.content == whole.content[1000:3000]
        assert "no-store" in whole.headers["cache-control"]
    path = place.folder / "cut.mp4"
    path.write_bytes(whole.content)
    with av.open(str(path)) as container:
        stamps = [read_stamp(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]
    assert [one.frame for one in stamps if one] == list(range(3 * FPS, 7 * FPS))


async def test_whoever_looks_is_written_down_once_for_each_part_of_the_day(place: Place) -> None:
    """Ranges of one video are one look; another five minutes are another; a plan alone is none."""
    before = len(place.written("media:footage:viewed"))
    async with place.come() as mori:
        address = "/cameras/cam-1/video"
        await mori.get("/cameras/cam-1/plan", params=between(START, START + SECOND))
        for first_s in (0, 1, 2):
            part = between(START + first_s * SECOND, START + (first_s + 1) * SECOND)
            await mori.get(address, params=part, headers={"Range": "bytes=0-99"})
    looked = place.written("media:footage:viewed")[before:]
    assert len(looked) == 1
    assert "'from': '2026-11-22T03:00:00.000000Z'" in looked[0]


ROUND = Fisheye("ceiling", presets=(Preset("view-3", "レジ前", Turn(60, -45, 1.1)),))


async def test_a_named_view_is_taken_along_turned(place: Place) -> None:
    """What is looked at is the whole round picture; what is saved is the view's, turned on the server."""
    shop = place.here.sites.shops[0]
    cameras = tuple(replace(one, fisheye=ROUND) if one.id == "cam-2" else one for one in shop.cameras)
    before = place.here.sites
    place.here.sites = replace(before, shops=(replace(shop, cameras=cameras), *before.shops[1:]))
    keep_footage(place.here.db, place.folder, "cam-2", place.folder / "film.mp4", START, 10)
    asked = between(START + SECOND, START + 2 * SECOND)
    try:
        async with place.come(groups=("near", "far")) as mori:
            looked = await mori.get("/cameras/view-3/video", params=asked)
            taken = await mori.get("/cameras/view-3/video", params={**asked, "take": "true"})
    finally:
        place.here.sites = before
    assert (looked.status_code, taken.status_code) == (200, 200)
    assert "view-3-20261122T" in taken.headers["content-disposition"]
    with av.open(io.BytesIO(taken.content)) as video, av.open(io.BytesIO(looked.content)) as whole:
        shown = [(frame.width, frame.height) for frame in video.decode(video=0)]
        assert shown == [(1280, 720)] * FPS
        assert whole.streams.video[0].width != 1280
    assert list((place.folder / "scratch").iterdir()) == []


async def test_a_late_tills_journal_goes_by_what_cameras_saw(place: Place) -> None:
    """Sales that are handed over minutes later are placed by the items that left the basket."""
    chance = Random(5)  # noqa: S311  # delays, no secrets
    at, events, seen = START - 40 * MINUTE, [], []
    for number in range(12):
        one = event("sale_started", sale=f"s{number}")
        events.append({**one, "rung_at": at})
        for seq in range(2, 9):
            at += chance.randrange(1000, 6000) * 1000
            line = event("item_registered", sale=f"s{number}", seq=seq, item=item(str(seq)))
            events.append({**line, "rung_at": at})
            seen.append(Observation("item_moved", "cam-1", at - SECOND, at + SECOND, at + SECOND, 0.9))
        at += chance.randrange(20, 60) * SECOND
    batch_us = 180 * SECOND
    late_us = [batch_us - int(one["rung_at"]) % batch_us + n for n, one in enumerate(events)]
    tell(place.here.db, place.here.sites, events, ahead_us=7 * SECOND, late_us=late_us)
    place.here.db.write_now(lambda c: add_observations(c, "lane-1", seen, START))
    async with place.come() as mori:
        asked = {"register": "lane-1", **between(START - 41 * MINUTE, START - 10 * MINUTE)}
        found = (await mori.get("/journal", params=asked)).json()
    place.here.db.write_now(lambda c: c.execute(sa.text("DELETE FROM observations")))
    assert found["clock"]["how"] == "sightings"
    placed = {line["id"]: from_rfc3339(line["at"]) for line in found["lines"]}
    off = [abs(placed[one["event_id"]] - one["rung_at"]) for one in events if one["event_id"] in placed]
    assert len(off) > 80
    assert sorted(off)[len(off) // 2] <= SECOND


async def test_room_is_told_to_who_can_do_something_about_it(place: Place) -> None:
    """There is room on this disk; an attendant is not asked to worry about it."""
    async with place.come() as mori, place.come(Role.ATTENDANT) as abe:
        told = (await mori.get("/room")).json()
        assert told["free_bytes"] > 0
        assert told["is_held"] is False
        assert (await abe.get("/room")).status_code == 403


async def test_only_who_may_takes_a_clip_along(place: Place) -> None:
    """An attendant looks; a supervisor saves a file, and that is written down, with the exact span."""
    asked = {**between(START, START + 2 * SECOND), "take": "true"}
    async with place.come(Role.ATTENDANT) as sato, place.come() as mori:
        assert (await sato.get("/cameras/cam-1/video", params=asked)).status_code == 403
        taken = await mori.get("/cameras/cam-1/video", params=asked)
    assert "attachment" in taken.headers["content-disposition"]
    assert "'to': '2026-11-22T03:00:02.000000Z'" in place.written("media:footage:taken")[-1]


async def test_blurred_zones_leave_pictures_and_no_video(place: Place) -> None:
    """Who may not see what is below gets no cut, out of which it could be brought back."""
    asked = between(START, START + 2 * SECOND)
    async with place.come(Role.ATTENDANT) as sato, place.come() as mori:
        plan = (await sato.get("/cameras/cam-3/plan", params=asked)).json()
        assert plan["video"] is None
        refused = await sato.get("/cameras/cam-3/video", params=asked)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "only_blurred")
        assert (await mori.get("/cameras/cam-3/video", params=asked)).status_code == 200
        server = StillServer(
            place.folder / "pictures.sock",
            kept_pictures(place.here.db, place.folder),
        )
        moment = {"at": to_rfc3339(START + SECOND), "width": "320"}
        try:
            blurred = await sato.get("/cameras/cam-3/picture", params=moment)
            plain = await mori.get("/cameras/cam-3/picture", params=moment)
        finally:
            server.close()
    assert (blurred.status_code, plain.status_code) == (200, 200)
    assert blurred.content != plain.content
    assert from_rfc3339(plain.headers["x-captured-at"]) == START + SECOND


async def test_who_may_see_below_asks_for_it_where_the_shop_wants_a_proof(place: Place) -> None:
    """A supervisor sees blurred pictures, too, until they ask for more and show who they are."""
    asked, plain = between(START, START + 2 * SECOND), place.here.sites
    place.here.sites = replace(plain, step_up=StepUp(pictures=True))
    try:
        async with place.come() as mori:
            plan = (await mori.get("/cameras/cam-3/plan", params=asked)).json()
            assert (plan["video"], plan["blurred"], plan["may_show"]) == (None, True, True)
            more = await mori.get("/cameras/cam-3/plan", params={**asked, "unmasked": "true"})
        async with place.come(Role.ATTENDANT) as sato:
            never = await sato.get("/cameras/cam-3/plan", params={**asked, "unmasked": "true"})
    finally:
        place.here.sites = plain
    # A session that was only just opened has shown it; one that has not is asked.
    assert more.status_code == 200 or more.json()["error"]["code"] == "step_up"
    assert (never.status_code, never.json()["error"]["code"]) == (403, "forbidden")


async def test_sealed_footage_plays_as_plain_footage_does(place: Place) -> None:
    """The same film, sealed as it was recorded, gives the same bytes of pictures."""
    film, start_at = place.folder / "film.mp4", START + 15 * MINUTE
    vault = place.here.blobs.vault
    keep_footage(place.here.db, place.folder, "cam-2", film, start_at, 10, vault=vault)
    async with place.come() as mori:
        sealed = await mori.get("/cameras/cam-2/video", params=between(start_at, start_at + 4 * SECOND))
        plain = await mori.get("/cameras/cam-1/video", params=between(START, START + 4 * SECOND))
    assert (sealed.status_code, plain.status_code) == (200, 200)
    assert sealed.content[-10_000:] == plain.content[-10_000:]


async def test_no_decoder_no_picture_and_it_is_said(place: Place) -> None:
    """Where the process that decodes is gone, the answer says so; the video does not need it."""
    async with place.come() as mori:
        none = await mori.get("/cameras/cam-1/picture", params={"at": to_rfc3339(START + SECOND)})
        assert (none.status_code, none.json()["error"]["code"]) == (503, "no_watcher")
        early = await mori.get("/cameras/cam-1/picture", params={"at": to_rfc3339(START - MINUTE)})
        assert early.status_code == 404


async def test_a_timeline_tells_gaps_with_their_reason(place: Place) -> None:
    """Before the first footage, while the camera was lost, after the last: each for its own reason."""
    async with place.come() as mori:
        asked = {**between(START - MINUTE, START + 5 * MINUTE), "camera": ["cam-1"]}
        (camera,) = (await mori.get("/timeline", params=asked)).json()["cameras"]
    length_s = [(from_rfc3339(to) - from_rfc3339(start)) / SECOND for start, to in camera["filmed"]]
    assert length_s == [pytest.approx(60, abs=0.2), pytest.approx(40, abs=0.2)]
    assert [(gap["cause"], gap["why"]) for gap in camera["gaps"]] == [
        ("not_kept", None),
        ("lost", "no route to host"),
        ("off", None),
    ]


async def test_a_timeline_has_the_sales_and_what_they_mark(place: Place) -> None:
    """Paid and taken-back lines mark the line without anybody; whoever may read no sales gets none."""
    place.tell(sale(START + 10 * SECOND))
    asked = {**between(START, START + MINUTE), "camera": ["cam-1"]}
    async with place.come() as mori, place.come(Role.DESK_OPERATOR) as desk:
        told = (await mori.get("/timeline", params=asked)).json()
        assert [one["kind"] for one in told["flags"]] == ["changed", "paid"]
        (bar,) = told["sales"]
        assert (bar["register"], bar["sale"], bar["state"]) == ("lane-1", "17", "paid")
        less = (await desk.get("/timeline", params=asked)).json()
        assert (less["sales"], less["flags"], less["without"]) == ([], [], ["sales"])


async def test_a_journal_stands_at_our_times(place: Place) -> None:
    """A till 3.2 s ahead: its lines stand within a delivery's length of the truth, and the page is told."""
    told = sale(START + 10 * SECOND)
    place.tell(told, ahead_us=3_200_000)
    async with place.come() as mori:
        params = {**between(START, START + MINUTE), "register": "lane-1"}
        answer = (await mori.get("/journal", params=params)).json()
    for line, one in zip(answer["lines"], told, strict=True):
        assert abs(from_rfc3339(line["at"]) - one["rung_at"]) <= SECOND // 10
    assert answer["clock"]["offset_ms"] == pytest.approx(-3200, abs=100)
    assert [line["item"]["name"] for line in answer["lines"] if line["struck"]] == ["緑茶 500ml"]
    assert answer["sales"]["17"]["state"] == "paid"


async def test_a_clock_set_by_an_hour_moves_no_line_by_100_ms(place: Place) -> None:
    """Also the first events after it, which were placed an hour off when they came."""
    before = sale(START + 10 * SECOND, number="1") + sale(START + 20 * SECOND, number="2")
    after = sale(START + 40 * SECOND, number="3") + sale(START + 50 * SECOND, number="4")
    place.tell(before, ahead_us=0)
    place.tell(after, ahead_us=-3600 * SECOND)
    true_at = {one["event_id"]: one["rung_at"] for one in before + after}
    async with place.come() as mori:
        params = {**between(START, START + 2 * MINUTE), "register": "lane-1"}
        answer = (await mori.get("/journal", params=params)).json()
        assert len(answer["lines"]) == len(true_at)
        for line in answer["lines"]:
            assert abs(from_rfc3339(line["at"]) - true_at[line["id"]]) <= SECOND // 10
        assert answer["clock"]["stepped_at"] is not None
        first = after[0]["event_id"]
        opened = (await mori.get("/moment", params={"event": first})).json()
    assert abs(from_rfc3339(opened["at"]) - true_at[first]) <= SECOND // 10
    assert opened["cameras"] == ["cam-1", "cam-3"]
    assert from_rfc3339(opened["play_from"]) == from_rfc3339(opened["at"]) - footage.BEFORE_US
    assert opened["page"].startswith("/footage?register=lane-1&event=")


async def test_a_drawer_outside_of_any_sale_and_a_refund_open_too(place: Place) -> None:
    """Whatever the till told has its moment; a sale is opened by its number, and one step of it by seq."""
    drawer = {**event("drawer_opened", seq=1, reason="no sale"), "sale": None, "rung_at": START + SECOND}
    refund = {
        **event("refunded", sale="18", of_sale="17", amount=198, reason="x"),
        "rung_at": START + 30 * SECOND,
    }
    place.tell([drawer, *sale(START + 10 * SECOND), refund])
    async with place.come() as mori:
        for one in (drawer, refund):
            opened = (await mori.get("/moment", params={"event": one["event_id"]})).json()
            assert abs(from_rfc3339(opened["at"]) - one["rung_at"]) <= SECOND // 10
        by_number = {"register": "lane-1", "sale": "17"}
        whole = (await mori.get("/moment", params=by_number)).json()
        step = (await mori.get("/moment", params={**by_number, "seq": 3})).json()
        assert from_rfc3339(step["at"]) - from_rfc3339(whole["at"]) == 2 * SECOND
        assert (await mori.get("/moment", params={**by_number, "seq": 99})).status_code == 404
        assert (await mori.get("/moment")).status_code == 400


async def test_another_shop_finds_nothing(place: Place) -> None:
    """Cameras, journals, moments and flags of another shop are as if they were not there."""
    told = sale(START)
    place.tell(told)
    minute = between(START, START + MINUTE)
    async with place.come(shop="meguro") as abe:
        for path, params in (
            ("/days", {"shop": "ebisu", "month": "2026-11"}),
            ("/timeline", {**minute, "camera": "cam-1"}),
            ("/journal", {**minute, "register": "lane-1"}),
            ("/moment", {"event": told[0]["event_id"]}),
            ("/cameras/cam-1/plan", minute),
            ("/cameras/cam-1/video", minute),
            ("/cameras/cam-1/picture", {"at": minute["from"]}),
        ):
            assert (await abe.get(path, params=params)).status_code == 404, path


async def test_a_group_sees_what_looks_at_its_own_registers(place: Place) -> None:
    """An attendant of one group plays neither the cameras nor the journals of another."""
    minute = between(START, START + MINUTE)
    async with place.come(Role.ATTENDANT, groups=("far",)) as sato:
        assert (await sato.get("/cameras/cam-1/plan", params=minute)).status_code == 404
        assert (await sato.get("/journal", params={**minute, "register": "lane-1"})).status_code == 404
        days = (await sato.get("/days", params={"shop": "ebisu", "month": "2026-11"})).json()["days"]
        assert {camera for cameras in days.values() for camera in cameras} <= {"cam-2"}


async def test_days_are_the_shops_own(place: Place) -> None:
    """A month has its days; the one that was filmed names its cameras."""
    async with place.come() as mori:
        days = (await mori.get("/days", params={"shop": "ebisu", "month": "2026-11"})).json()["days"]
        assert len(days) == 30
        assert {day for day, cameras in days.items() if cameras} == {"2026-11-22"}
        assert {"cam-1", "cam-3"} <= set(days["2026-11-22"])
        assert (await mori.get("/days", params={"shop": "ebisu", "month": "22-1"})).status_code == 400


@pytest.mark.parametrize(("month", "day", "hours"), [("2026-03", 28, 23), ("2026-10", 24, 25)])
def test_a_day_is_as_long_as_it_is_where_clocks_change(month: str, day: int, hours: int) -> None:
    """In Berlin the last Sundays of March and October have 23 and 25 hours."""
    span = list(footage._days_of(month, ZoneInfo("Europe/Berlin")).values())[day]
    assert span.length_s == hours * 3600


async def test_flags_are_set_named_removed_and_put_back(place: Place) -> None:
    """A flag lives with who set it and its note; each change is written down; a desk operator may, too."""
    minute = {**between(START, START + MINUTE), "camera": ["cam-1"]}
    flag = {"shop": "ebisu", "at": to_rfc3339(START + 5 * SECOND), "name": " 要 確認 ", "register": "lane-1"}
    async with place.come() as mori, place.come(Role.ANALYST) as ueda, place.come(Role.DESK_OPERATOR) as desk:

        async def shown() -> list[tuple[str, str]]:
            told = (await mori.get("/timeline", params=minute)).json()["flags"]
            return [(one["name"], one["note"]) for one in told]

        assert (await ueda.post("/flags", json=flag)).status_code == 403
        made = (await mori.post("/flags", json=flag)).json()
        assert await shown() == [("要 確認", "")]
        path = f"/flags/{made['id']}"
        await desk.put(path, json={"name": "確認済み", "note": "問題なし"})
        assert await shown() == [("確認済み", "問題なし")]
        await mori.delete(path)
        assert await shown() == []
        await mori.post(f"{path}/back")
        assert await shown() == [("確認済み", "問題なし")]
        assert (await mori.post("/flags", json={**flag, "name": "  "})).status_code == 400
        assert (await mori.put("/flags/none", json={"name": "x"})).status_code == 404
    for name in ("set", "changed", "removed"):
        assert place.written(f"pos:flag:{name}")


async def test_a_file_that_is_gone_is_said(place: Place) -> None:
    """The index knows footage whose file was lost: the answer names that, and sends nothing."""
    film = place.folder / "film.mp4"
    keep_footage(place.here.db, place.folder, "cam-2", film, START + 10 * MINUTE, 5)
    shutil.rmtree(place.folder / "footage" / "cam-2")
    asked = between(START + 10 * MINUTE, START + 10 * MINUTE + SECOND)
    async with place.come() as mori:
        gone = await mori.get("/cameras/cam-2/video", params=asked)
    # The head is made of the index alone and came whole before: the first byte of footage is what fails.
    assert gone.status_code in {200, 503}
    assert gone.status_code == 503 or len(gone.content) < int(gone.headers["content-length"])


async def test_spans_that_make_no_sense_are_refused(place: Place) -> None:
    """Backwards, too long, without an offset: each is told what was expected."""
    async with place.come() as mori:
        for span in (
            between(START, START),
            between(START, START + 11 * MINUTE),
            {"from": "2026-11-22T12:00:00", "to": "2026-11-22T12:01:00"},
        ):
            assert (await mori.get("/cameras/cam-1/plan", params=span)).status_code == 400
        before = between(START - MINUTE, START - SECOND)
        plan = (await mori.get("/cameras/cam-1/plan", params=before)).json()
        assert (plan["video"], plan["frames"]) == (None, 0)
        assert "no footage" in plan["none"]
        none = await mori.get("/cameras/cam-1/video", params=before)
        assert (none.status_code, none.json()["error"]["code"]) == (404, "no_footage")
