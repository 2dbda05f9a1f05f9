"""The speaker on a camera's footage: off until somebody who may hear turns it on, and then written down."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from kept import keep_footage, kept_pictures
from pages.axe import breaches
from pages.conftest import Opener
from pages.live_camera import LiveCameras
from pages.shop import PageShop, page_shop
from pages.test_watch_duty import menu
from pages.until import until
from sounding import beeping_film, encoder_or_skip
from tenban.access.model import Role
from tenban.base.clock import SECOND, SystemClock, to_rfc3339
from tenban.base.span import Span
from tenban.simulator.sound import ToneMaker
from tenban.sites.model import Camera, Register, View
from tenban.video.clips import plan_clip, write_clip
from tenban.video.fanout import FanOut
from tenban.video.footage import Footage
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.sound_live import sound_stream
from tenban.video.stills import StillServer

pytestmark = pytest.mark.browser

COUNT_PLAYED = """() => {
  window.played = 0;
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (...rest) {
    if (this.buffer.duration < 0.1) window.played += 1;
    return start.apply(this, rest);
  };
}"""
CLIP_HEARD = "() => document.querySelector('clip-player video').webkitAudioDecodedByteCount"
HEARD = "() => (document.querySelector('video[data-shown]')?.webkitAudioDecodedByteCount ?? 0) > 0"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[PageShop]:
    """A shop of which one camera beeps."""
    folder = tmp_path_factory.mktemp("sound")
    shutil.copy(migrated_sqlite, folder / "tenban.db")
    registers = [Register("lane-1", "shop-1", "1", "self", views=(View("cam-1", ()),))]
    cameras = (Camera("cam-1", "shop-1", "天井1", "rtsp://camera/", sound=True),)
    with page_shop(folder / "tenban.db", folder, registers=registers, cameras=cameras) as shop:
        shop.here.run_dir = folder
        film = beeping_film(folder / "film.mp4", fps=10, gop=10)
        start_at = shop.here.clock.now() // (86_400 * SECOND) * 86_400 * SECOND - 40_000 * SECOND
        keep_footage(shop.here.db, folder, "cam-1", film, start_at, 40, sound=True)
        shop.add_person("mori", "森", Role.SUPERVISOR)
        shop.add_person("sato", "佐藤", Role.ATTENDANT)
        server = StillServer(folder / "pictures.sock", kept_pictures(shop.here.db, folder))
        yield shop
        server.close()


def address(shop: PageShop) -> str:
    start_at = shop.here.clock.now() // (86_400 * SECOND) * 86_400 * SECOND - 40_000 * SECOND
    return f"/footage?{urlencode({'cameras': 'cam-1', 'at': to_rfc3339(start_at + 3 * SECOND), 'play': 1})}"


def test_sound_is_off_until_the_speaker_is_pressed(shop: PageShop, visit: Opener, axe: str) -> None:
    """A supervisor turns it on and off again; the row stands once it is on, and not before."""
    page = visit(address(shop), name="mori", held_to_axe=True)
    button = page.locator(".pane .sound")
    expect(button).to_have_attribute("aria-pressed", "false")
    until(page, "() => document.querySelector('video[data-shown]')?.currentTime > 0")
    assert page.evaluate("() => document.querySelector('video[data-shown]').muted")
    assert not page.evaluate(HEARD)
    assert not shop.audit("media:sound:heard")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    until(page, HEARD)
    assert shop.audit("media:sound:heard")
    assert not breaches(page, axe)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    until(page, "() => document.querySelector('video[data-shown]')?.readyState >= 2")
    assert not page.evaluate(HEARD)


def test_whoever_may_not_hear_has_no_speaker(shop: PageShop, visit: Opener) -> None:
    """An attendant sees the same pictures, and nothing of the sound."""
    page = visit(address(shop), name="sato")
    until(page, "() => document.querySelector('video[data-shown]')?.currentTime > 0")
    expect(page.locator(".pane .sound")).to_be_hidden()


def test_a_live_camera_is_heard_once_the_speaker_is_pressed(shop: PageShop, visit: Opener) -> None:
    """Frames are decoded and played after the press, and not before; the row stands by then."""
    encoder_or_skip("aac")
    before = len(shop.audit("media:sound:heard"))
    with LiveCameras(shop.here.run_dir, ["cam-1"]) as cameras, beeping(cameras.fan_out):
        page = visit(name="mori")
        page.evaluate(COUNT_PLAYED)
        menu(page, "live")
        picture = page.locator("live-picture")
        expect(picture).to_have_attribute("data-how", "canvas")
        button = picture.get_by_role("button", name="Turn the sound on")
        expect(button).to_be_visible()
        assert page.evaluate("() => window.played") == 0
        button.click()
        until(page, "() => window.played > 10")
        assert len(shop.audit("media:sound:heard")) == before + 1
        picture.get_by_role("button", name="Turn the sound off").click()
        expect(picture.get_by_role("button", name="Turn the sound on")).to_be_visible()


def test_an_incident_s_clip_is_heard_once_the_speaker_is_pressed(shop: PageShop, visit: Opener) -> None:
    """The clip plays on where it was, with its sound; the next time it is silent again."""
    start_at = shop.here.clock.now() // (86_400 * SECOND) * 86_400 * SECOND - 40_000 * SECOND
    path = shop.here.run_dir / "clip.mp4"
    plan = plan_clip(FootageIndex(shop.here.db), "cam-1", Span(start_at, start_at + 10 * SECOND), sound=True)
    write_clip(plan, Footage(shop.here.run_dir / "footage"), path)
    incident = shop.open(1, group=None)
    shop.settle_clip(incident, path.read_bytes(), sound=True)
    before = len(shop.audit("media:sound:heard"))
    page = visit(name="mori")
    page.get_by_role("button", name="Play clip").click()
    until(page, "() => document.querySelector('clip-player video')?.currentTime > 0.5")
    assert page.evaluate(CLIP_HEARD) == 0
    page.locator("clip-player").get_by_role("button", name="Turn the sound on").click()
    until(page, f"() => ({CLIP_HEARD})() > 0")
    assert page.evaluate("() => document.querySelector('clip-player video').currentTime") > 0.4
    assert len(shop.audit("media:sound:heard")) == before + 1


@contextmanager
def beeping(fan_out: FanOut) -> Iterator[None]:
    """Hand on the sound of the camera, as its recorder does, while it lasts."""
    clock, stop = SystemClock(), threading.Event()
    tone = ToneMaker("aac", clock.now())
    stream = sound_stream("cam-1")
    fan_out.add(stream)

    def run() -> None:
        info = tone.info
        fan_out.begin(StreamInfo(stream, "run", "aac", info.rate, info.channels, info.config))
        while not stop.wait(0.05):
            for unit in tone.until(clock.now()):
                ticks = unit.timestamp * 90_000 // info.rate
                fan_out.publish(MediaPacket(stream, clock.now(), ticks, ticks, 1920, True, unit.data))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(10)
