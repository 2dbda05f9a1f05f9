"""/footage in a browser: a sale's link opens its video; journal, timeline and pictures go together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from kept import FPS, keep_footage, kept_pictures, stamped_film, tell
from pages.axe import breaches
from pages.complaints import Complaints
from pages.conftest import Opener
from pages.shop import PageShop, page_shop
from pages.until import until
from tenban.access.model import Role
from tenban.base.clock import SECOND, Instant, from_rfc3339, to_rfc3339
from tenban.simulator.barcode import COLUMNS, cell_px
from tenban.sites.model import Camera, Register, View
from tenban.video.stills import StillServer
from tills import event, whole_sale

pytestmark = pytest.mark.browser

WIDE, HIGH = cell_px(320)
# Which frame of the film a camera's picture shows: its stamp, read off the screen.
READ = f"""
(camera) => {{
  const video = document.querySelector(`[data-camera="${{camera}}"] video[data-shown]`);
  if (!video || video.readyState < 2 || video.seeking) return null;
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const paint = canvas.getContext('2d');
  paint.drawImage(video, 0, 0);
  let bits = 0;
  for (let column = 0; column < {COLUMNS}; column++)
    bits = bits * 2 +
      (paint.getImageData(column * {WIDE} + {WIDE} / 2, {HIGH} / 2, 1, 1).data[1] > 128 ? 1 : 0);
  return bits;
}}
"""


@dataclass
class Filmed:
    """A shop that filmed three minutes some while ago, on a till that is 3.2 s ahead.

    Attributes:
        start_at: when the film began; it is ``film_s`` long and begins anew then.
        events: what lane 1 told, with instants by our clock.
    """

    shop: PageShop
    start_at: Instant
    events: list[dict[str, Any]]
    film_s: int = 20

    def at_of(self, kind: str) -> Instant:
        return next(int(one["rung_at"]) for one in self.events if one["type"] == kind)

    def id_of(self, kind: str) -> str:
        return next(str(one["event_id"]) for one in self.events if one["type"] == kind)

    def frame_at(self, at: Instant) -> int:
        """The film's frame that was on screen at an instant."""
        return (at - self.start_at) * FPS // SECOND % (self.film_s * FPS)


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Filmed]:
    folder = tmp_path_factory.mktemp("footage")
    shutil.copy(migrated_sqlite, folder / "tenban.db")
    views = (View("cam-1", ()), View("cam-2", ()))
    registers = [Register("lane-1", "shop-1", "1", "self", views=views)]
    cameras = tuple(Camera(f"cam-{n}", "shop-1", f"天井{n}", "rtsp://camera/") for n in (1, 2))
    with page_shop(folder / "tenban.db", folder, registers=registers, cameras=cameras) as shop:
        shop.here.run_dir = folder
        film = stamped_film(folder / "film.mp4")
        # The same hour each day, yesterday: no test runs into midnight.
        start_at = shop.here.clock.now() // (86_400 * SECOND) * 86_400 * SECOND - 40_000 * SECOND
        for camera in ("cam-1", "cam-2"):
            keep_footage(shop.here.db, folder, camera, film, start_at, 180)
        told = whole_sale("17", "lane-1", start_at + 60 * SECOND)
        events: list[dict[str, Any]] = [{**one, "rung_at": from_rfc3339(one["rung_at"])} for one in told]
        drawer = {**event("drawer_opened", reason="no sale"), "sale": None}
        events.append({**drawer, "rung_at": start_at + 90 * SECOND})
        tell(shop.here.db, shop.here.sites, events, ahead_us=3_200_000)
        shop.add_person("mori", "森", Role.SUPERVISOR)
        server = StillServer(folder / "pictures.sock", kept_pictures(shop.here.db, folder))
        yield Filmed(shop, start_at, events)
        server.close()


@pytest.fixture
def shop(filmed: Filmed) -> PageShop:
    """The shop of this module, for ``visit``."""
    return filmed.shop


def shown(page: Page, camera: str = "cam-1") -> int | None:
    found: int | None = page.evaluate(READ, camera)
    return found


def wait_for_frame(page: Page, frame: int, camera: str = "cam-1") -> None:
    until(page, f"([camera, frame]) => ({READ})(camera) === frame", [camera, frame])


def test_a_sales_link_opens_its_video_and_a_line_its_moment(filmed: Filmed, visit: Opener) -> None:
    """One click from a sale: both cameras of its register play; a click on a line shows the exact frame."""
    page = visit(f"/footage/open?{urlencode({'event': filmed.id_of('paid')})}", name="mori")
    expect(page.locator("[data-act=play]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".pane")).to_have_count(2)
    expect(page.locator(".journal .clock")).to_contain_text("3.2 s ahead")
    paid = page.locator(".journal li[data-mark=paid]")
    expect(paid).to_have_attribute("data-wanted", "")
    until(page, "() => document.querySelector('video[data-shown]')?.currentTime > 0")
    page.keyboard.press(" ")
    expect(page.locator("[data-act=play]")).to_have_attribute("aria-pressed", "false")
    paid.locator("button").click()
    expect(paid).to_have_attribute("aria-current", "true")
    # The till's clock is known to within a delivery's 20 ms: the frame may be the next one.
    paid_at = from_rfc3339(str(paid.locator("time").get_attribute("datetime")))
    assert 0 <= paid_at - filmed.at_of("paid") <= SECOND // 10
    for camera in ("cam-1", "cam-2"):
        wait_for_frame(page, filmed.frame_at(paid_at), camera)
    page.keyboard.press(".")
    wait_for_frame(page, filmed.frame_at(paid_at) + 1)
    page.keyboard.press(",")
    page.keyboard.press(",")
    wait_for_frame(page, filmed.frame_at(paid_at) - 1)
    page.keyboard.press("ArrowRight")
    wait_for_frame(page, filmed.frame_at(paid_at + 10 * SECOND - SECOND // FPS))
    assert "at=" in page.url
    assert "register=lane-1" in page.url
    # The same address opens the same moment again.
    page.goto(page.url)
    wait_for_frame(page, filmed.frame_at(paid_at + 10 * SECOND - SECOND // FPS))
    struck = page.locator(".journal li[data-struck] s").first
    expect(struck).to_have_text("緑茶 500ml")
    assert filmed.shop.audit("media:footage:viewed")


def test_playing_goes_over_from_one_piece_to_the_next(filmed: Filmed, visit: Opener) -> None:
    """Where a piece of two minutes ends, the next one is loaded and goes on; cameras stay in step."""
    piece = 120 * SECOND
    seam_at = (filmed.start_at // piece + 1) * piece
    at = to_rfc3339(seam_at - SECOND)
    page = visit(f"/footage?{urlencode({'register': 'lane-1', 'at': at})}", name="mori")
    wait_for_frame(page, filmed.frame_at(seam_at - SECOND))
    page.keyboard.press(" ")
    until(
        page,
        """() => [...document.querySelectorAll('.pane video[data-shown]')].filter(
          (video) => video.currentTime > 0.3 && video.currentTime < 60 && !video.paused).length === 2""",
    )
    page.keyboard.press(" ")
    frames = f"(cameras) => cameras.map({READ})"
    until(
        page,
        f"(cameras) => {{ const [a, b] = ({frames})(cameras); return a !== null && a === b; }}",
        arg=["cam-1", "cam-2"],
    )


def test_flags_calendar_timeline_and_shortcuts(filmed: Filmed, visit: Opener, axe: str) -> None:
    """A flag is set, removed and put back; the day is marked; zoom, hover and the list of keys work."""
    at = to_rfc3339(filmed.start_at + 30 * SECOND)
    page = visit(
        f"/footage?{urlencode({'register': 'lane-1', 'at': at})}", name="mori", held_to_axe=True, width=1440
    )
    wait_for_frame(page, filmed.frame_at(filmed.start_at + 30 * SECOND))
    assert breaches(page, axe) == []
    page.keyboard.press("m")
    page.get_by_label("Name").fill("見直す")
    page.get_by_role("button", name="Set flag").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("toast-area")).to_contain_text("Flag removed")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("toast-area")).to_contain_text("Flag is back")
    assert filmed.shop.audit("pos:flag:removed")
    page.keyboard.press("d")
    filmed_day = page.locator("#calendar [data-filmed]")
    expect(filmed_day).to_have_count(1)
    page.keyboard.press("Escape")
    box = page.locator(".timeline canvas").bounding_box()
    assert box is not None
    # Where the moment is: in the middle of what the names of the rows leave.
    page.mouse.move(box["x"] + 168 + (box["width"] - 168) / 2 + 4, box["y"] + 40)
    expect(page.locator(".timeline .tip img")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("dialog.shortcuts")).to_be_visible()
    assert breaches(page, axe) == []
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save 天井1").click()
    assert download.value.suggested_filename.startswith("cam-1-")
    assert filmed.shop.audit("media:footage:taken")


def test_what_is_shown_goes_into_a_case_in_two_taps(
    filmed: Filmed, visit: Opener, axe: str, complaints: Complaints
) -> None:
    """The span and its sale into a new case; what is in it already is told; undone; not for attendants."""
    filmed.shop.add_person("abe", "阿部")
    at = to_rfc3339(filmed.start_at + 62 * SECOND)
    address = f"/footage?{urlencode({'register': 'lane-1', 'at': at})}"
    page = visit(address, name="mori", held_to_axe=True, width=1440)
    sale = page.locator(".journal .about")
    expect(sale).to_contain_text("Sale 17")
    page.keyboard.press("c")
    dialog = page.locator("dialog.casing")
    expect(dialog.locator("input[type=checkbox]:checked")).to_have_count(2)
    expect(dialog.locator(".into")).to_contain_text("none yet")
    assert breaches(page, axe) == []
    page.keyboard.press("Enter")
    toast = page.locator("toast-area")
    expect(toast).to_contain_text("Put into case")
    sale.get_by_role("button").click()
    expect(dialog.locator(".into button")).to_have_count(1)
    dialog.locator(".into button").click()
    expect(toast).to_contain_text("It was in case")
    page.keyboard.press("i")
    page.locator(".clip").get_by_role("button", name="To a case").click()
    dialog.locator("label").filter(has_text="Sale 17").click()
    dialog.locator(".into button").click()
    expect(toast).to_contain_text("Put into case")
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("Taken out of case")
    assert len(filmed.shop.audit("cases:item:removed")) == 1
    page.keyboard.press("c")
    dialog.locator(".into button").click()
    toast.get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text("sale 17")
    expect(page.locator(".case-items li")).to_have_count(3)
    expect(page.get_by_role("link", name="Look at the footage")).to_have_count(3)
    other = visit(address, name="abe")
    expect(other.locator(".journal .about")).to_contain_text("Sale 17")
    expect(other.get_by_role("button", name="To a case")).to_have_count(0)
    complaints.forgive_refusals()


def test_a_day_without_footage_says_why(
    filmed: Filmed, visit: Opener, axe: str, complaints: Complaints
) -> None:
    """Before the first recording there is nothing; one click goes to the oldest there is."""
    at = to_rfc3339(filmed.start_at - 3 * 86_400 * SECOND)
    page = visit(
        f"/footage?{urlencode({'register': 'lane-1', 'at': at})}", name="mori", held_to_axe=True, width=390
    )
    expect(page.locator(".empty")).to_contain_text("no longer kept")
    assert breaches(page, axe) == []
    page.get_by_role("button", name="To the oldest footage").click()
    expect(page.locator(".empty")).to_be_hidden()
    until(page, f"() => ({READ})('cam-1') !== null")
    none = visit("/footage/open?register=lane-1&sale=none", name="mori")
    expect(none.locator("h1")).to_have_text("There is no such moment")
    complaints.forgive_refusals()  # the browser's own, of the page that is not there
