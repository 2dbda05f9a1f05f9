"""The live picture in a real browser: its own way of playing, and the next one where that is taken away."""

from __future__ import annotations

import base64
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from pages.conftest import Opener
from pages.live_camera import LiveCameras
from pages.pictures import evidence
from pages.shop import PageShop
from pages.test_watch import until
from pages.test_watch_duty import audited, menu, with_camera
from tenban.access.model import Role
from tenban.simulator.barcode import Stamp, read_stamp

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
    first = None
    for _ in range(200):
        stamp = stamp_on(page)
        if stamp is not None and first is None:
            first = stamp
        if first is not None and stamp is not None and stamp.frame > first.frame:
            return
        page.wait_for_timeout(30)
    pytest.fail(f"expected another picture after {first}")


def test_a_lane_plays_as_the_browser_can(visit: Opener, shop: PageShop, tmp_path: Path) -> None:
    """By WebCodecs; as a video where these are taken away; the time is the picture's own; all written down."""
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
