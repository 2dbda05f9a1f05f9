"""Scanning with the browser's camera: a real Chromium with its test camera, and a stand-in reader.

Debian's Chromium has no BarcodeDetector; the stand-in reads what a test holds up, while there is a picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pages.browser import launch_another
from pages.goods import MILK, TEA, stock
from pages.shop import PageShop, pair_with
from pages.test_register import told
from pages.until import until
from tenban.access.model import Role

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]
CAMERA = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"
READER = """
window.heldUp = [];
window.looks = 0;
window.cameras = [];
window.BarcodeDetector = class {
  async detect(film) {
    if (film.videoWidth === 0) throw new DOMException("no picture", "InvalidStateError");
    window.looks += 1;
    if (window.looks === 3) throw new DOMException("once in a while", "OperationError");
    return window.heldUp.map((rawValue) => ({ rawValue }));
  }
};
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (window.slowCamera) await new Promise((resolve) => setTimeout(resolve, 600));
  const stream = await ask(wanted);
  window.cameras.push(stream);
  return stream;
};
"""
ON = "window.cameras.filter((one) => one.getTracks().some((track) => track.readyState === 'live')).length"


@pytest.fixture(scope="module")
def filming(chromium: Browser) -> Iterator[Browser]:
    """A browser with a camera that it may use."""
    browser = launch_another(chromium, CAMERA, ALLOWED)
    yield browser
    browser.close()


def at_register(browser: Browser, shop: PageShop, *, reader: bool = True) -> Page:
    context = browser.new_context(viewport={"width": 1180, "height": 820}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(45_000)
    if reader:
        page.add_init_script(READER)
    pair_with(shop, page, "lane-1")
    page.goto(f"{shop.url}/register/lane-1")
    page.click(".start")
    return page


@pytest.fixture
def stocked(shop: PageShop) -> PageShop:
    stock(shop)
    shop.add_person("mori", "森", Role.SUPERVISOR)
    return shop


def opened(page: Page) -> Locator:
    page.get_by_role("button", name="Scan with the camera").click()
    sheet = page.get_by_role("dialog", name="Scan with the camera")
    expect(sheet).to_be_visible()
    return sheet


def hold_up(page: Page, *codes: str) -> None:
    page.evaluate("(codes) => { window.heldUp = codes; }", list(codes))


def test_a_code_held_still_is_one_item(filming: Browser, stocked: PageShop) -> None:
    """However long it is in the picture it counts once; away and back it counts again; the sheet tells."""
    page = at_register(filming, stocked)
    sheet = opened(page)
    expect(sheet.locator(".read")).to_have_text("Hold the barcode in front of the camera.")
    hold_up(page, TEA)
    expect(sheet.locator(".read")).to_have_text(re.compile("¥138"))
    looks = page.evaluate("window.looks")
    until(page, f"window.looks > {looks + 25}")
    hold_up(page, MILK, TEA)
    until(page, f"window.looks > {looks + 28}")
    hold_up(page)
    page.wait_for_timeout(1_700)
    hold_up(page, TEA)
    sale = told(stocked, until=lambda sale: sale.registered_count == 3)
    assert sorted(line.quantity for line in sale.lines) == [1, 2]
    page.context.close()


def test_closing_the_sheet_stops_the_camera(filming: Browser, stocked: PageShop) -> None:
    """The camera's light goes out with the sheet, also where the camera came only after it was closed."""
    page = at_register(filming, stocked)
    sheet = opened(page)
    until(page, f"{ON} === 1")
    sheet.get_by_role("button", name="Close").click()
    until(page, f"{ON} === 0")
    looks = page.evaluate("window.looks")
    page.wait_for_timeout(400)
    assert page.evaluate("window.looks") == looks
    page.evaluate("() => { window.slowCamera = true; }")
    sheet = opened(page)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    until(page, "window.cameras.length === 2")
    until(page, f"{ON} === 0")
    page.context.close()


def test_a_camera_that_cannot_be_used_says_so(chromium: Browser, stocked: PageShop) -> None:
    """Refused, or without any camera, the sheet says so in words and the register goes on."""
    refusing = launch_another(chromium, CAMERA)
    for browser, why in ((refusing, "may not use the camera"), (chromium, "has no camera")):
        page = at_register(browser, stocked)
        sheet = opened(page)
        expect(sheet.get_by_role("alert")).to_contain_text(why)
        expect(sheet.locator("video")).to_be_hidden()
        sheet.get_by_role("button", name="Close").click()
        expect(page.get_by_role("button", name="Find an item")).to_be_enabled()
        page.context.close()
    refusing.close()


def test_without_a_reader_it_is_not_offered(filming: Browser, stocked: PageShop) -> None:
    """A browser that cannot read codes does not offer to."""
    page = at_register(filming, stocked, reader=False)
    expect(page.get_by_role("button", name="Find an item")).to_be_visible()
    expect(page.get_by_role("button", name="Scan with the camera")).to_have_count(0)
    page.context.close()
