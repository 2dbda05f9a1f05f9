"""What a browser that cannot play H.265 shows instead: pictures, why, and the file for other programs."""

from __future__ import annotations

import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import av
import pytest
from playwright.sync_api import Page, expect

from kept import FPS, keep_footage, kept_pictures, stamped_film
from pages.axe import breaches
from pages.conftest import Opener
from pages.pictures import evidence
from pages.shop import PageShop, page_shop
from pages.until import until
from tenban.access.model import Role
from tenban.base.clock import SECOND, Instant, SystemClock, to_rfc3339
from tenban.base.span import Span
from tenban.simulator.barcode import COLUMNS, cell_px, read_stamp
from tenban.sites.model import Camera, Register, View
from tenban.video.clips import plan_clip, read_range
from tenban.video.footage import Footage
from tenban.video.live_words import begin_message
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import read_camera
from tenban.video.settings import CameraSettings
from tenban.video.stills import StillServer

pytestmark = pytest.mark.browser

Filmed = tuple[PageShop, Instant]

WIDE, HIGH = cell_px(320)
# Which frame of the film a picture in the page shows: its stamp.
READ = f"""
() => {{
  const image = document.querySelector('[data-camera="cam-1"] img');
  if (!image.complete || !image.naturalWidth) return null;
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
  const paint = canvas.getContext('2d');
  paint.drawImage(image, 0, 0);
  let bits = 0;
  for (let column = 0; column < {COLUMNS}; column++)
    bits = bits * 2 +
      (paint.getImageData(column * {WIDE} + {WIDE} / 2, {HIGH} / 2, 1, 1).data[1] > 128 ? 1 : 0);
  return bits;
}}
"""


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Filmed]:
    """A shop whose one camera sent H.265 for two minutes; and when it began."""
    if "libx265" not in av.codecs_available:
        pytest.skip("PyAV here has no libx265: pages of H.265 cameras are NOT tested")
    folder = tmp_path_factory.mktemp("footage")
    shutil.copy(migrated_sqlite, folder / "tenban.db")
    registers = [Register(f"lane-{n}", "shop-1", str(n), "self", views=(View("cam-1", ()),)) for n in (1, 2)]
    cameras = (Camera("cam-1", "shop-1", "天井", "rtsp://camera/"),)
    with page_shop(folder / "tenban.db", folder, registers=registers, cameras=cameras) as shop:
        shop.here.run_dir = folder
        film = stamped_film(folder / "film.mp4", codec="libx265")
        start_at = shop.here.clock.now() // (86_400 * SECOND) * 86_400 * SECOND - 40_000 * SECOND
        keep_footage(shop.here.db, folder, "cam-1", film, start_at, 120)
        shop.add_person("sato", "佐藤")
        shop.add_person("mori", "森", Role.SUPERVISOR)
        server = StillServer(folder / "pictures.sock", kept_pictures(shop.here.db, folder))
        yield shop, start_at
        server.close()


@pytest.fixture
def shop(filmed: Filmed) -> PageShop:
    """The shop of this module, for ``visit``."""
    return filmed[0]


def must_not_play(page: Page) -> None:
    asked = """document.createElement('video').canPlayType('video/mp4; codecs="hvc1.1.6.L93.B0"')"""
    if page.evaluate(asked):
        pytest.skip("this browser plays H.265: what one that does not shows is NOT tested")


def test_footage_is_shown_picture_by_picture_and_can_be_saved(
    filmed: Filmed, visit: Opener, axe: str
) -> None:
    """The picture of the moment stands there with its time and a sentence; it follows while one plays."""
    shop, start_at = filmed
    at = start_at + 30 * SECOND
    page = visit(
        f"/footage?{urlencode({'camera': 'cam-1', 'at': to_rfc3339(at)})}", name="mori", held_to_axe=True
    )
    must_not_play(page)
    expect(page.locator(".pane .unplayed")).to_contain_text("this browser cannot play H.265")
    expect(page.locator(".pane .unplayed")).to_contain_text("plays in other programs")
    until(page, f"() => ({READ})() === {30 * FPS % (20 * FPS)}")
    expect(page.locator(".pane figcaption time")).not_to_be_empty()
    expect(page.locator(".pane .none")).to_be_hidden()
    assert breaches(page, axe) == []
    page.keyboard.press("ArrowRight")
    until(page, f"() => ({READ})() !== {30 * FPS % (20 * FPS)}")
    assert shop.audit("media:footage:viewed")
    page.keyboard.press("i")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save 天井").click()
    assert b"hvc1" in download.value.path().read_bytes()[:2048]


# What the page makes of pictures for Media Source Extensions, as one file.
MAKE = """
async ([info, pictures]) => {
  const [tree] = document.querySelector('script[type=module][src]').src.match(/.*\\/static\\/[0-9a-f]+/);
  const { head, fragment } = await import(`${tree}/live/fragments.js`);
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const parts = [head({ ...info, description: bytes(info.description) })];
  pictures.forEach((one, n) =>
    parts.push(fragment({ ...one, data: bytes(one.data) }, n + 1, n * 9000, 9000)));
  let text = '';
  for (const part of parts) for (const byte of part) text += String.fromCharCode(byte);
  return btoa(text);
}
"""


def test_what_the_page_hands_to_a_browser_that_plays_h265_is_sound(visit: Opener, tmp_path: Path) -> None:
    """The MP4 that is made in the page for Media Source Extensions decodes elsewhere to the same frames."""
    film = stamped_film(tmp_path / "film.mp4", length_s=1, codec="libx265")
    read = read_camera(CameraSettings("cam", str(film), speed="fast"), clock=SystemClock(), stop=Event())
    info, *packets = list(read)
    assert isinstance(info, StreamInfo)
    pictures = [
        {"is_keyframe": one.is_keyframe, "offset": one.pts - one.dts, "data": b64encode(one.data).decode()}
        for one in packets
        if isinstance(one, MediaPacket)
    ]
    made = b64decode(visit().evaluate(MAKE, [begin_message(info), pictures]))
    with av.open(BytesIO(made)) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"
        stamps = [read_stamp(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]
    assert [one.frame for one in stamps if one] == list(range(len(pictures)))


def test_an_incidents_clip_leaves_its_place_to_the_stills_and_says_why(
    filmed: Filmed, visit: Opener, axe: str
) -> None:
    """Whoever presses play reads that this browser cannot play it, and sees both pictures beside it."""
    shop, start_at = filmed
    footage = Footage(shop.here.data_dir / "footage")
    plan = plan_clip(
        FootageIndex(shop.here.db), "cam-1", Span(start_at + 10 * SECOND, start_at + 14 * SECOND)
    )
    operator, whole, crop, box = evidence(1)
    incident = shop.open(1, operator=operator, stills=(("enters_bagging", whole, crop, box),))
    shop.settle_clip(incident, b"".join(read_range(plan, footage)))
    page = visit(held_to_axe=True)
    must_not_play(page)
    page.locator("button.play").click()
    player = page.locator("clip-player")
    expect(player.locator(".trouble")).to_contain_text("This browser cannot play H.265")
    expect(page.locator("still-picture").first).to_be_visible()
    expect(player.locator("video")).to_be_hidden()
    assert breaches(page, axe) == []
    player.get_by_role("button", name="Back to the pictures").click()
    expect(player).to_have_count(0)
