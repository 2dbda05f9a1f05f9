"""The pages under axe-core (MPL-2.0, not part of the project): ``TENBAN_AXE`` names its ``axe.min.js``.

``npm pack axe-core`` fetches the package that holds it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from pages.pictures import evidence
from pages.settings_shop import settings_shop
from pages.shop import PASSWORD, PageShop
from pages.try_scenes import SCENES, pose

pytestmark = pytest.mark.browser

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def axe() -> str:
    path = Path(os.environ.get("TENBAN_AXE", "axe.min.js"))
    if not path.is_file():
        pytest.skip(f"AXE-CORE MISSING: no file {path}; set TENBAN_AXE to run this test")
    return path.read_text(encoding="utf-8")


def breaches(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("standards => axe.run({runOnly: standards})", STANDARDS)
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_an_accessibility_rule(
    chromium: Browser, shop: PageShop, video: bytes, axe: str, scheme: str
) -> None:
    """Signing in, a busy screen, a playing clip, a labelled card and the menu hold to WCAG 2.2 AA."""
    operator, whole, crop, box = evidence(1)
    for lane in (2, 3):
        known = shop.open(lane, operator=operator, stills=(("enters_bagging", whole, crop, box),))
        shop.settle_clip(known, video)
    shop.state(known, "resolved", "true")
    # axe is put into the page by the test, which the pages' own policy rightly stops.
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1180, "height": 820})
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{shop.url}/login")
    assert breaches(page, axe) == []
    page.request.post(f"{shop.url}/api/v1/session", data={"name": "sato", "password": PASSWORD})
    page.goto(f"{shop.url}/watch")
    page.wait_for_selector("connection-state[data-kind=live]")
    page.wait_for_selector("incident-list .row")
    assert breaches(page, axe) == []
    page.click("button.play")
    assert breaches(page, axe) == []
    page.click("main [data-outcome=unclear]")
    page.wait_for_selector(".why:not([hidden])")
    page.click(".menu-button")
    assert breaches(page, axe) == []
    context.close()


SETTINGS = (
    "/settings",
    "/settings/zones/lane-1/0",
    "/settings/lanes/new",
    "/settings/rules",
    "/settings/history",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_settings_page_breaks_an_accessibility_rule(
    chromium: Browser, tmp_path: Path, migrated_sqlite: Path, axe: str, scheme: str
) -> None:
    """Every settings page, an open form with a mistake and a chosen zone hold to WCAG 2.2 AA."""
    with settings_shop(migrated_sqlite, tmp_path) as shop:
        for n in range(4):
            shop.state(shop.open(1 + n % 2), "resolved", "true")
        context = chromium.new_context(bypass_csp=True, viewport={"width": 1180, "height": 820})
        page = context.new_page()
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.request.post(f"{shop.url}/api/v1/session", data={"name": "admin", "password": PASSWORD})
        for path in SETTINGS:
            page.goto(shop.url + path)
            page.wait_for_selector(".row, .zone .name, .step form, .rule, .revision", state="attached")
            assert breaches(page, axe) == [], path
        page.goto(f"{shop.url}/settings/rules")
        page.locator(".rule summary").first.click()
        assert breaches(page, axe) == []
        page.goto(f"{shop.url}/settings")
        page.locator("[data-camera=cam-1] button").click()
        page.fill("[name=address]", "rtsp://elsewhere/1")
        page.wait_for_selector(".wrong:not([hidden])")
        assert breaches(page, axe) == []
        page.goto(f"{shop.url}/settings/zones/lane-1/0")
        page.wait_for_selector("zone-board[data-picture=shown]")
        page.locator(".zone-list .choose").first.click()
        page.wait_for_selector(".corner", state="attached")
        assert breaches(page, axe) == []
        context.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_trying_breaks_no_accessibility_rule(
    chromium: Browser, shop: PageShop, axe: str, scheme: str
) -> None:
    """Empty, drawing, counting, result, list and error of /try hold to WCAG 2.2 AA."""
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1180, "height": 820})
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for scene in SCENES:
        with pose(shop, scene) as path:
            page.request.post(f"{shop.url}/api/v1/session", data={"name": "ono", "password": PASSWORD})
            page.goto(shop.url + path)
            page.wait_for_selector(".begin .samples button, .one .place > *")
            page.wait_for_timeout(500)
            assert breaches(page, axe) == [], scene
    context.close()
