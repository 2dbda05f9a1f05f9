"""The live picture in a real browser: its own way of playing, and the next one where that is taken away."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from pages.axe import breaches
from pages.complaints import Complaints
from pages.conftest import Opener
from pages.live_camera import LiveCameras
from pages.pictures import evidence
from pages.shop import PageShop
from pages.test_watch import brief
from pages.test_watch_duty import audited, menu, with_camera
from tenban.api import live_stream
from tenban.simulator.barcode import Stamp, read_stamp
from tenban.sites.model import Camera, Sites, View
from tenban.sites.zone import Zone
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.model import IndexBatch
from tenban.video.queries import FootageIndex
from waiting import until

pytestmark = pytest.mark.browser

# Draws what is shown into a canvas of its own: a video or an image has no pixels to read otherwise.
SHOWN = """() => { const { source } = document.querySelector('live-picture');
const canvas = document.createElement('canvas');
canvas.width = source.videoWidth || source.naturalWidth || source.width;
canvas.height = source.videoHeight || source.naturalHeight || source.height;
canvas.getContext('2d').drawImage(source, 0, 0);
return canvas.toDataURL('image/png').split(',')[1]; }"""


def stamp_on(page: Page) -> Stamp | None:
    """What the picture on the screen says of itself."""
    png = np.frombuffer(base64.b64decode(page.evaluate(SHOWN)), np.uint8)
    picture = cv2.imdecode(png, cv2.IMREAD_COLOR)
    assert picture is not None
    return read_stamp(np.asarray(picture, np.uint8))


def plays_on(page: Page, how: str) -> None:
    """Hold that pictures follow one another, this way, each a readable one later than the one before."""
    picture = page.locator("live-picture")
    expect(picture).to_have_attribute("data-how", how)
    first = until(lambda: stamp_on(page), "a picture")
    until(lambda: (stamp := stamp_on(page)) and stamp.frame > first.frame, f"another picture after {first}")


def several_cameras(shop: PageShop) -> None:
    """Three lanes with a camera each: one is blurred for attendants, one plays, one sends H.265."""
    (place,) = shop.here.sites.shops
    names = {"cam-1": "天井", "cam-2": "レジ", "hevc": "入口"}
    cameras = tuple(Camera(camera, "shop-1", name, "rtsp://camera") for camera, name in names.items())
    blurred = Zone("mask", ((0.3, 0.2), (0.7, 0.2), (0.7, 0.8)))
    views = [(View("cam-1", (blurred,)),), (View("cam-2", ()),), (View("hevc", ()),), (), (), ()]
    lanes = tuple(replace(lane, views=view) for lane, view in zip(place.registers, views, strict=True))
    shop.here.sites = Sites("みどり食品", (replace(place, cameras=cameras, registers=lanes),))


def test_a_lane_plays_as_the_browser_can(visit: Opener, shop: PageShop, tmp_path: Path) -> None:
    """By WebCodecs; as a video where these are taken away; who looked, and how much, is written down."""
    with_camera(shop)
    with LiveCameras(tmp_path, ["cam"]):
        page = visit()
        menu(page, "live")
        plays_on(page, "canvas")
        picture = page.locator("live-picture")
        expect(picture.locator(".how")).to_have_text("Every picture")
        expect(picture.locator(".lag")).to_contain_text("s behind")
        picture.get_by_role("button", name="Pause").click()
        expect(picture.locator(".said")).to_have_text("Paused. Nobody looks.")
        shop.until(lambda: len(audited(shop, "media:live:closed")) == 1)
        picture.get_by_role("button", name="Go on").click()
        plays_on(page, "canvas")
        page.add_init_script("delete window.VideoDecoder")
        page.goto(f"{shop.url}/watch")
        menu(page, "live")
        plays_on(page, "video")
        expect(picture.locator(".how")).to_have_text("Every picture, as a video")
    (line,) = shop.audit("media:live:closed")[:1]
    assert line["detail"]["pictures"] > 0


def test_what_cannot_be_played_comes_as_stills_and_says_why(
    visit: Opener, shop: PageShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complaints: Complaints
) -> None:
    """Blurred parts, H.265, no player at all; a camera that falls silent says so and comes back."""
    monkeypatch.setattr(live_stream, "STALE_S", 0.5)
    monkeypatch.setattr(live_stream, "LOOK_S", 0.1)
    several_cameras(shop)
    shop.show_live(evidence(1)[1])
    with LiveCameras(tmp_path, ["cam-1", "cam-2", "hevc"]) as cameras:
        page = visit()
        menu(page, "live")
        picture = page.locator("live-picture")
        expect(picture.locator(".how")).to_have_text("Stills: parts of this picture are blurred for you")
        page.get_by_role("button", name="レーン3", exact=True).click()
        expect(picture.locator(".how")).to_contain_text("H.265")
        page.get_by_role("button", name="レーン2", exact=True).click()
        plays_on(page, "canvas")
        shop.show_live(None)
        now_at = shop.here.clock.now()
        lost = CameraState("cam-2", CameraStatus.LOST, now_at, "no answer")
        FootageIndex(shop.here.db).add(IndexBatch(states=[lost]))
        cameras.sends.clear()
        expect(picture.locator(".said")).to_have_text(
            re.compile("^Camera lost since .* comes back by itself")
        )
        cameras.sends.set()
        plays_on(page, "canvas")
        expect(picture.locator(".said")).to_be_hidden()
        shop.show_live(evidence(1)[1])
        cameras.set_to_h265.add("cam-2")
        expect(picture.locator(".how")).to_contain_text("H.265")
        page.add_init_script("for (const one of ['VideoDecoder', 'MediaSource']) delete window[one]")
        page.goto(f"{shop.url}/watch")
        menu(page, "live")
        page.get_by_role("button", name="レーン2", exact=True).click()
        expect(picture.locator(".how")).to_have_text("Stills: this browser plays no live video")
    complaints.forgive("status of 503")


def test_the_wall_shows_all_cameras_and_what_is_wrong(
    visit: Opener, shop: PageShop, tmp_path: Path, complaints: Complaints, axe: str
) -> None:
    """Each is looked at once; open incidents and states stand on it in words; one is enlarged by key."""
    several_cameras(shop)
    shop.show_live(evidence(1)[1])
    brief(shop, 2)
    with LiveCameras(tmp_path, ["cam-1", "cam-2", "hevc"]):
        page = visit("/wall", held_to_axe=True)
        tiles = page.locator("wall-tile")
        expect(tiles).to_have_count(3)
        expect(tiles.nth(1).locator("live-picture")).to_have_attribute("data-how", "canvas")
        expect(tiles.nth(0).locator("live-picture")).to_have_attribute("data-how", "stills")
        expect(tiles.nth(1).locator(".state[data-kind=open]")).to_have_text("1 open")
        expect(tiles.nth(2)).to_contain_text("Camera not started")
        expect(tiles.nth(1).locator(".caption time")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
        assert breaches(page, axe) == []
        assert sorted(audited(shop, "media:live:opened")) == ["camera:cam-1", "camera:cam-2", "camera:hevc"]
        brief(shop, 3)
        expect(tiles.nth(2).locator(".state[data-kind=open]")).to_have_text("1 open")
        for key in ("ArrowRight", "ArrowRight", "Enter"):
            page.keyboard.press(key)
        expect(tiles).to_have_count(1)
        expect(tiles.get_by_role("link", name="Footage")).to_have_attribute("href", "/footage?cameras=cam-2")
        expect(tiles.get_by_role("link", name="watch page")).to_have_attribute("href", "/watch?lane=lane-2")
        expect(page).to_have_url(re.compile("camera=cam-2"))
        page.keyboard.press("Escape")
        expect(tiles).to_have_count(3)
        page.keyboard.press("c")
        page.locator("dialog.chosen").get_by_label("入口").uncheck()
        page.keyboard.press("Escape")
        expect(tiles).to_have_count(2)
        page.reload()
        expect(tiles).to_have_count(2)
        page.keyboard.press("1")
        expect(page.locator(".foot")).to_contain_text("1 / 2")
        page.get_by_role("button", name="Further pictures").click()
        expect(tiles.locator(".name")).to_have_text("レジ")
    complaints.forgive("status of 503")
