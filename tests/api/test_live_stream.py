"""A camera's own pictures over a real WebSocket, out of a recorder's real fan-out."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import httpx
import orjson
import pytest
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tenban.access.cookies import SESSION_COOKIE
from tenban.access.model import Role, system_actor
from tenban.access.people import add_person, close_session, open_session
from tenban.access.tables import audit
from tenban.api import errors, live, live_stream, viewings
from tenban.api.context import Here
from tenban.base.clock import SECOND
from tenban.base.errors import Unavailable
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.notify.board import Board
from tenban.sites.fisheye import Fisheye, Preset, Turn
from tenban.sites.model import Camera, Register, Sites, View
from tenban.sites.signing_in import StepUp
from tenban.sites.zone import Zone
from tenban.video.fanout import FanOut
from tenban.video.live_words import HEAD
from tenban.video.packets import MediaPacket, StreamInfo
from tills import shop_with
from waiting import until_async

SYSTEM = system_actor("test")
CAMERAS = (
    Camera("cam-1", "ebisu", "天井1", "rtsp://camera/1"),
    Camera("cam-2", "ebisu", "入口", "rtsp://camera/2"),
    Camera("cam-3", "ebisu", "倉庫", "rtsp://camera/3", record=False),
)
PAD = Zone("mask", ((0.3, 0.2), (0.7, 0.2), (0.7, 0.8)))


def sites(*zones: Zone, group: str | None = None) -> Sites:
    lane = Register("lane-1", "ebisu", "1", "self", group=group, views=(View("cam-1", zones),))
    shop = replace(shop_with("lane-1"), cameras=CAMERAS, registers=(lane,))
    return Sites("Example", (shop, shop_with("lane-9", shop="meguro")))


@dataclass
class Place:
    app: FastAPI
    here: Here
    clock: FakeClock
    port: int
    fan_out: FanOut
    sent: int = 0

    def begin(self, run: str = "run-1", codec: str = "h264") -> None:
        self.fan_out.begin(StreamInfo("cam-1", run, codec, 640, 360, b"\x01\x64\x00\x1f" + run.encode()))

    def film(self, count: int, *, size: int = 500) -> None:
        """Let the camera send so many pictures, fifteen a second; every fifteenth is a keyframe."""
        for _ in range(count):
            at = self.clock.now() + self.sent * SECOND // 15
            ticks, key = self.sent * 6000, self.sent % 15 == 0
            data = self.sent.to_bytes(4, "big") + bytes(size)
            self.fan_out.publish(MediaPacket("cam-1", at, ticks, ticks, 6000, key, data))
            self.sent += 1

    def person(self, name: str, role: Role, shop: str = "ebisu", groups: tuple[str, ...] = ()) -> str:
        def make(connection: sa.Connection) -> str:
            at = self.here.clock.now()
            more = {"password_hash": "x", "roles": [role], "shop": shop, "groups": groups}
            add_person(connection, SYSTEM, at, name=name, **more)  # type: ignore[arg-type]
            return open_session(connection, name, at)[0]

        return self.here.db.write_now(make)

    async def ask(self, method: str, path: str, secret: str) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://shop", cookies={SESSION_COOKIE: secret}
        ) as client:
            return await client.request(method, path)

    async def viewing(self, secret: str, what: str = "cameras/cam-1") -> str:
        answer = await self.ask("POST", f"/api/v1/live/{what}", secret)
        assert answer.status_code == 201, answer.text
        return cast("str", answer.json()["viewing"])

    def stream(self, viewing: str, secret: str, camera: str = "cam-1", more: str = "") -> connect:
        return connect(
            f"ws://127.0.0.1:{self.port}/api/v1/live/{viewing}/stream?camera={camera}{more}",
            additional_headers={"cookie": f"{SESSION_COOKIE}={secret}"},
            max_size=None,
        )

    def written_down(self) -> list[dict[str, Any]]:
        query = sa.select(audit).where(audit.c.event.like("media:live:%")).order_by(audit.c.n)
        return self.here.db.read_now(lambda c: [dict(row) for row in c.execute(query).mappings()])


@dataclass
class Shown:
    """A picture as a viewer gets it."""

    n: int
    key: bool
    captured_at: int
    number: int


async def heard(link: ClientConnection) -> dict[str, Any] | Shown:
    message = await asyncio.wait_for(link.recv(), 60)
    if isinstance(message, str):
        return cast("dict[str, Any]", orjson.loads(message))
    kind, flags, _, n, captured_at, _came_at, _dts, _offset, _duration = HEAD.unpack_from(message)
    assert kind == 1
    number = int.from_bytes(message[HEAD.size : HEAD.size + 4], "big")
    return Shown(n, bool(flags & 1), captured_at, number)


async def shown(link: ClientConnection, *, acknowledge: bool = True) -> Shown:
    """Return the next picture, over whatever else is said."""
    while True:
        message = await heard(link)
        if isinstance(message, Shown):
            if acknowledge:
                await link.send(orjson.dumps({"have": message.n}).decode())
            return message


async def told(link: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        message = await heard(link)
        if isinstance(message, dict) and message["type"] == kind:
            return message


@pytest.fixture
async def place(
    database: Database, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    monkeypatch.setattr(live_stream, "LOOK_S", 0.01)
    monkeypatch.setattr(live_stream, "CHECK_S", 0.0)
    app = FastAPI()
    errors.install(app)
    for module in (live, live_stream):
        app.include_router(module.router)
    here = Here(database, clock, sites(), Board(), BlobStore(tmp_path), tmp_path, run_dir=tmp_path)
    app.state.here = here
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        app,
        port=port,
        log_level="warning",
        lifespan="off",
        ws="websockets-sansio",
        timeout_graceful_shutdown=1,
    )
    served = uvicorn.Server(config)
    running = asyncio.create_task(served.serve())
    await until_async(lambda: served.started)
    fan_out = FanOut(tmp_path / "packets.sock", ["cam-1", "cam-2"])
    place = Place(app, here, clock, port, fan_out)
    yield place
    served.should_exit = True
    await running
    place.fan_out.close()


async def test_pictures_come_from_the_newest_keyframe_on_and_the_look_is_written_down(place: Place) -> None:
    """First how they are coded, then the running group, then each; the log has how much it was."""
    mori = place.person("mori", Role.SUPERVISOR)
    place.begin()
    place.film(20)
    viewing = await place.viewing(mori, "lane-1")
    assert [(row["event"], row["subject"]) for row in place.written_down()] == [
        ("media:live:opened", "lane-1")
    ]
    async with place.stream(viewing, mori) as link:
        begin = await told(link, "begin")
        assert (begin["codec"], begin["width"], begin["height"]) == ("avc1.64001f", 640, 360)
        assert base64.b64decode(begin["description"]) == b"\x01\x64\x00\x1frun-1"
        first = await shown(link)
        assert (first.key, first.number) == (True, 15)
        assert first.captured_at == place.clock.now() + SECOND
        assert [(await shown(link)).number for _ in range(4)] == [16, 17, 18, 19]
        place.film(1)
        assert (await shown(link)).number == 20
        place.clock.fast_forward(length_s=2)
        assert (await place.ask("DELETE", f"/api/v1/live/{viewing}", mori)).status_code == 204
        with pytest.raises(ConnectionClosed):
            await told(link, "none")
        assert link.close_code == live_stream.ENDED
    closed = place.written_down()[-1]
    detail = closed["detail"]
    assert (closed["event"], closed["subject"]) == ("media:live:closed", "lane-1")
    assert (detail["length_s"], detail["pictures"], detail["skipped"]) == (2.0, 6, 0)
    assert detail["bytes"] == 6 * (HEAD.size + 504)


async def test_however_many_look_the_recorder_is_asked_once(place: Place) -> None:
    """Viewers of one camera share one connection to the recorder; it ends with the last of them."""
    mori = place.person("mori", Role.SUPERVISOR)
    place.begin()
    place.film(3)
    async with AsyncExitStack() as open_links:
        links = [
            await open_links.enter_async_context(place.stream(await place.viewing(mori), mori))
            for _ in range(4)
        ]
        for link in links:
            assert [(await shown(link)).number for _ in range(3)] == [0, 1, 2]
        place.film(1)
        assert [(await shown(link)).number for link in links] == [3, 3, 3, 3]
        assert place.fan_out.readers_served == 1
    feeds = viewings.viewings_of(place.app).feeds
    await until_async(lambda: feeds.cameras == [])


async def test_a_slow_viewer_jumps_and_costs_the_others_nothing(place: Place) -> None:
    """One acknowledges nothing: it is told how many it missed and goes on at a keyframe; another sees all."""
    mori = place.person("mori", Role.SUPERVISOR)
    place.begin()
    slow_viewing, viewing = await place.viewing(mori), await place.viewing(mori)
    async with place.stream(slow_viewing, mori) as slow, place.stream(viewing, mori) as quick:
        await until_async(lambda: place.fan_out.readers_served == 1)
        place.film(1)
        last = await shown(slow, acknowledge=False)
        assert (await shown(quick)).number == 0
        for number in range(1, 50):
            place.film(1)
            assert (await shown(quick)).number == number
        for _ in range(7):  # half a second is on its way
            last = await shown(slow, acknowledge=False)
        await slow.send(orjson.dumps({"have": last.n}).decode())
        missed = await told(slow, "skipped")
        after = await shown(slow)
        assert (after.key, after.number) == (True, 45)
        assert missed == {"type": "skipped", "pictures": 45 - last.number - 1, "total": 45 - last.number - 1}
        assert [(await shown(slow)).number for _ in range(4)] == [46, 47, 48, 49]
    await place.ask("DELETE", f"/api/v1/live/{slow_viewing}", mori)
    assert place.written_down()[-1]["detail"]["skipped"] == missed["total"]


async def test_small_pictures_are_keyframes_alone(place: Place) -> None:
    """A wall's tile asks for keyframes and gets one of each group."""
    mori = place.person("mori", Role.SUPERVISOR)
    place.begin()
    async with place.stream(await place.viewing(mori), mori, more="&pictures=keyframes") as link:
        await until_async(lambda: place.fan_out.readers_served == 1)
        for number in (0, 15, 30):
            place.film(15)
            assert (await shown(link)).number == number


async def test_a_tile_that_is_looked_at_gets_every_picture(place: Place) -> None:
    """It says so on the way, and goes on where its keyframe was; and back again."""
    mori = place.person("mori", Role.SUPERVISOR)
    place.begin()
    place.film(20)
    async with place.stream(await place.viewing(mori), mori, more="&pictures=keyframes") as link:
        assert (await shown(link)).number == 15
        await link.send('{"pictures": "all"}')
        assert [(await shown(link)).number for _ in range(4)] == [16, 17, 18, 19]
        await link.send('{"pictures": "keyframes"}')
        await until_async(lambda: viewings.viewings_of(place.app).feeds.cameras == ["cam-1"])
        place.film(11)
        while (seen := (await shown(link)).number) != 30:
            assert seen < 30


async def test_a_new_run_says_how_it_is_coded(place: Place) -> None:
    """A camera that was set to another size begins anew; a codec that is not H.264 is named as it is."""
    mori = place.person("mori", Role.SUPERVISOR)
    place.begin()
    place.film(1)
    async with place.stream(await place.viewing(mori), mori) as link:
        assert (await shown(link)).number == 0
        place.begin("run-2", "hevc")
        place.sent = 15
        place.film(1)
        begin = await told(link, "begin")
        assert (begin["run"], begin["format"], begin["codec"]) == ("run-2", "hevc", "hevc")


async def test_a_lost_camera_is_told_and_comes_back_alone(place: Place) -> None:
    """Three seconds without a picture are said, once, with since when; the next picture ends it."""
    mori = place.person("mori", Role.SUPERVISOR)
    place.begin()
    place.film(1)
    async with place.stream(await place.viewing(mori), mori) as link:
        assert (await shown(link)).number == 0
        place.clock.fast_forward(length_s=live.STALE_S + 1)
        lost = await told(link, "lost")
        assert (lost["state"], lost["why"]) == ("unknown", None)
        place.sent = 15
        place.film(1)
        assert (await heard(link)) == {"type": "back"}
        assert (await shown(link)).number == 15


async def test_a_recorder_that_restarts_is_found_again(place: Place, tmp_path: Path) -> None:
    """The part that records may be gone for a while; pictures go on in the same connection."""
    mori = place.person("mori", Role.SUPERVISOR)
    async with place.stream(await place.viewing(mori), mori) as link:
        await until_async(lambda: place.fan_out.readers_served == 1)
        place.fan_out.close()
        place.fan_out = FanOut(tmp_path / "packets.sock", ["cam-1"])
        place.begin("run-2")
        place.film(1)
        assert (await shown(link)).number == 0


async def test_who_may_look_and_who_may_not(place: Place) -> None:
    """Another shop's people, strangers and other people's viewings are refused; so is a camera not in it."""
    mori, abe = place.person("mori", Role.SUPERVISOR), place.person("abe", Role.SUPERVISOR, "meguro")
    cashier = place.person("ito", Role.CASHIER)
    assert (await place.ask("POST", "/api/v1/live/cameras/cam-1", abe)).status_code == 404
    assert (await place.ask("POST", "/api/v1/live/cameras/cam-1", cashier)).status_code == 403
    viewing = await place.viewing(mori)
    for secret, camera, status in (
        (abe, "cam-1", 404),
        ("nobody", "cam-1", 401),
        (mori, "cam-2", 404),
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with place.stream(viewing, secret, camera):
                pass
        assert refused.value.response.status_code == status


async def test_whoever_sees_a_part_blurred_gets_no_raw_picture(place: Place) -> None:
    """The answer says so, and the socket refuses; a supervisor gets the camera's own on request."""
    place.here.sites = sites(PAD)
    sato, mori = place.person("sato", Role.ATTENDANT), place.person("mori", Role.SUPERVISOR)
    begun = (await place.ask("POST", "/api/v1/live/lane-1", sato)).json()
    assert begun["cameras"][0]["no_stream"] == "masked"
    with pytest.raises(InvalidStatus) as refused:
        async with place.stream(begun["viewing"], sato):
            pass
    assert refused.value.response.status_code == 403
    assert not begun["may_unmask"]
    assert (await place.ask("POST", "/api/v1/live/lane-1?unmasked=true", sato)).status_code == 403
    begun = (await place.ask("POST", "/api/v1/live/lane-1", mori)).json()
    assert (begun["cameras"][0]["no_stream"], begun["may_unmask"]) == ("masked", True)
    begun = (await place.ask("POST", "/api/v1/live/lane-1?unmasked=true", mori)).json()
    assert (begun["cameras"][0]["no_stream"], begun["may_unmask"]) == (None, False)
    assert place.written_down()[-1]["detail"]["unmasked"] is True
    place.begin()
    place.film(1)
    async with place.stream(begun["viewing"], mori) as link:
        assert (await shown(link)).number == 0
    kept = (await place.ask("POST", "/api/v1/live/cameras/cam-3", mori)).json()
    assert kept["cameras"][0]["no_stream"] == "not_recorded"


@pytest.mark.parametrize("change", ["signed out", "masked", "no camera", "limit", "idle"])
async def test_what_no_longer_holds_ends_the_stream(place: Place, change: str) -> None:
    """Signing out, a part that is blurred now, a camera that is gone, and time end it."""
    sato = place.person("sato", Role.ATTENDANT)
    place.begin()
    place.film(1)
    viewing = await place.viewing(sato, "lane-1")
    async with place.stream(viewing, sato) as link:
        # Unacknowledged: an answer that is still under way would count as a sign of life.
        await shown(link, acknowledge=False)
        if change == "signed out":
            who = viewings.viewings_of(place.app).by_id[viewing].actor
            place.here.db.write_now(lambda c: close_session(c, who, sato, place.clock.now()))
            place.here.forget()
        elif change == "masked":
            place.here.sites = sites(PAD)
        elif change == "no camera":
            (shop, other) = sites().shops
            lane = replace(shop.registers[0], views=())
            place.here.sites = Sites("Example", (replace(shop, registers=(lane,)), other))
        elif change == "limit":
            one = viewings.viewings_of(place.app).by_id[viewing]
            one.since_at -= viewings.LONGEST_S * SECOND + 1
        else:
            place.clock.fast_forward(length_s=viewings.IDLE_S + 1)
        with pytest.raises(ConnectionClosed):
            await told(link, "none")
        expected = {"limit": live_stream.TIME_OVER, "idle": live_stream.ENDED}
        assert link.close_code == expected.get(change, live_stream.NOT_ALLOWED)
    assert place.written_down()[-1]["event"] == "media:live:closed"


async def test_a_message_that_cannot_be_read_ends_the_stream(place: Place) -> None:
    """Whoever speaks otherwise than described is told what was expected."""
    mori = place.person("mori", Role.SUPERVISOR)
    for wrong in (
        "no JSON",
        '["have"]',
        '{"have": "all"}',
        '{"pictures": "some"}',
        '{"have": ' + "1" * 2_000 + "}",
    ):
        async with place.stream(await place.viewing(mori), mori) as link:
            await link.send(wrong)
            with pytest.raises(ConnectionClosed):
                await heard(link)
            assert (link.close_code, link.close_reason) == (1008, live_stream.EXPECTED)


async def test_a_named_view_of_a_fisheye_camera_gets_the_whole_picture_and_how_to_turn_it(
    place: Place,
) -> None:
    """The page turns it; what is blurred on another view of the camera counts as well."""
    mori = place.person("mori", Role.SUPERVISOR)
    turns = (Preset("till", "till", Turn(30, -50, 2)), Preset("door", "door", Turn(-90, -30, 1)))
    round_one = replace(CAMERAS[0], fisheye=Fisheye("ceiling", presets=turns))

    def views(*zones: Zone) -> Sites:
        lanes = (
            Register("lane-1", "ebisu", "1", "self", views=(View("till", ()),)),
            Register("lane-2", "ebisu", "2", "self", views=(View("door", zones),)),
        )
        shop = replace(shop_with("lane-1"), cameras=(round_one,), registers=lanes)
        return Sites("Example", (shop,))

    place.here.sites = views()
    place.begin()
    place.film(1)
    begun = (await place.ask("POST", "/api/v1/live/lane-1", mori)).json()
    (shown_as,) = begun["cameras"]
    assert (shown_as["id"], shown_as["no_stream"]) == ("till", None)
    assert shown_as["turning"]["turn"] == {"pan": 30, "tilt": -50, "zoom": 2}
    async with place.stream(begun["viewing"], mori, "till") as link:
        assert (await shown(link)).number == 0
    place.here.sites = views(PAD)
    begun = (await place.ask("POST", "/api/v1/live/lane-1", mori)).json()
    assert begun["cameras"][0]["no_stream"] == "masked"
    (listed,) = (await place.ask("GET", "/api/v1/live/cameras", mori)).json()
    assert [lane["id"] for lane in listed["lanes"]] == ["lane-1", "lane-2"]


async def test_the_list_of_cameras_has_those_one_may_see(place: Place) -> None:
    """With the lanes each looks at, how it stands, and whether parts are blurred; a group sees its own."""
    place.here.sites = sites(PAD, group="front")
    sato, mori = place.person("sato", Role.ATTENDANT), place.person("mori", Role.SUPERVISOR)
    front = place.person("ono", Role.ATTENDANT, groups=("front",))
    listed = (await place.ask("GET", "/api/v1/live/cameras", sato)).json()
    assert [(one["id"], one["name"], one["recorded"], one["masked"]) for one in listed] == [
        ("cam-1", "天井1", True, True),
        ("cam-2", "入口", True, False),
        ("cam-3", "倉庫", False, False),
    ]
    assert listed[0]["lanes"] == [{"id": "lane-1", "name": "1"}]
    assert (listed[0]["state"], listed[0]["why"], listed[0]["since_at"]) == ("unknown", None, None)
    place.here.sites = replace(place.here.sites, step_up=StepUp(pictures=False))
    assert not any(one["masked"] for one in (await place.ask("GET", "/api/v1/live/cameras", mori)).json())
    assert [one["id"] for one in (await place.ask("GET", "/api/v1/live/cameras", front)).json()] == ["cam-1"]
    assert (await place.ask("POST", "/api/v1/live/cameras/cam-2", front)).status_code == 404


async def test_what_is_not_written_down_is_not_shown(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the log cannot be written nobody looks; an end that could not be written is written later."""
    mori = place.person("mori", Role.SUPERVISOR)
    await place.viewing(mori)
    open_now = viewings.viewings_of(place.app)

    async def fails(*_: object) -> None:
        raise Unavailable("the database does not answer")

    monkeypatch.setattr(viewings, "_note", fails)
    assert (await place.ask("POST", "/api/v1/live/cameras/cam-1", mori)).status_code == 503
    (one,) = open_now.by_id.values()
    assert (await place.ask("DELETE", f"/api/v1/live/{one.id}", mori)).status_code == 503
    monkeypatch.undo()
    place.clock.fast_forward(length_s=viewings.IDLE_S + 1)
    await open_now.sweep(place.here)
    assert [row["event"] for row in place.written_down()] == ["media:live:opened", "media:live:closed"]


async def test_one_person_cannot_use_up_what_others_may_open(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond one's own share a viewing is refused; a colleague's goes on."""
    monkeypatch.setattr(viewings, "MOST_OF_ONE", 1)
    sato, mori = place.person("sato", Role.ATTENDANT), place.person("mori", Role.SUPERVISOR)
    await place.viewing(sato)
    refused = await place.ask("POST", "/api/v1/live/cameras/cam-1", sato)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "too_many_viewings")
    await place.viewing(mori)


async def test_sound_is_a_stream_of_its_own_for_who_may_hear_and_is_written_down(place: Place) -> None:
    """Without the right it is refused, pictures go on; with it, a row stands before the first frame."""
    plain = sites()
    cameras = (replace(CAMERAS[0], sound=True), *CAMERAS[1:])
    shop = replace(plain.shops[0], cameras=cameras)
    place.here.sites = replace(plain, shops=(shop,), step_up=StepUp(sound=False))
    place.fan_out.add("cam-1.sound")
    place.begin()
    place.film(15)
    coded = StreamInfo("cam-1.sound", "run-1", "aac", 48_000, 1, bytes.fromhex("1188"))
    place.fan_out.begin(coded)
    place.fan_out.publish(MediaPacket("cam-1.sound", place.clock.now(), 90, 90, 1920, True, b"\0\0\0\x07"))
    mori, sato = place.person("mori", Role.SUPERVISOR), place.person("sato", Role.ATTENDANT)

    def rows() -> list[str]:
        query = sa.select(audit.c.actor).where(audit.c.event == "media:sound:heard")
        return place.here.db.read_now(lambda c: list(c.scalars(query)))

    viewing = await place.viewing(sato)
    with pytest.raises(InvalidStatus) as refused:
        async with place.stream(viewing, sato, more="&sound=true"):
            pass
    assert refused.value.response.status_code == 403
    assert rows() == []
    viewing = await place.viewing(mori)
    async with place.stream(viewing, mori, more="&sound=true") as link:
        assert len(rows()) == 1
        begun = await told(link, "begin")
        assert (begun["codec"], begun["rate"], begun["channels"]) == ("mp4a.40.2", 48_000, 1)
        assert (await shown(link)).number == 7
    async with place.stream(viewing, mori, more="&sound=true") as link:
        assert len(rows()) == 1
    with pytest.raises(InvalidStatus) as missing:
        async with place.stream(await place.viewing(mori, "cameras/cam-2"), mori, "cam-2", "&sound=true"):
            pass
    assert missing.value.response.status_code == 404
