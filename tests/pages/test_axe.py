"""The pages under axe-core."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from pages.axe import breaches
from pages.pictures import evidence
from pages.settings_shop import SHOP, configuration, settings_shop
from pages.shop import JUDGE, PASSWORD, PageShop, begin_sale
from pages.test_watch_duty import with_camera
from pages.try_scenes import SCENES, pose
from tenban.access.tokens import pair_browser
from tenban.pos.holds import hold_payment

pytestmark = pytest.mark.browser


def pair_browser_now(shop: PageShop, register: str) -> None:
    now_at = shop.here.clock.now()
    shop.here.db.write_now(lambda c: pair_browser(c, JUDGE, now_at, register=register, shop="shop-1"))


def test_no_page_breaks_an_accessibility_rule(
    chromium: Browser, shop: PageShop, video: bytes, axe: str
) -> None:
    """Signing in, a busy screen in trouble, every sheet and the reduced form hold to WCAG 2.2 AA."""
    with_camera(shop)
    shop.show_live(evidence(1)[1])
    shop.open(5, pass_on_s=0)
    shop.until(lambda: any(known.passed_on_at for known in shop.known_incidents()))
    shop.lanes[3] |= {"watched": False, "why": {"ja": "…", "en": "Analysis is not running"}}
    operator, whole, crop, box = evidence(1)
    for lane in (2, 3):
        known = shop.open(lane, operator=operator, stills=(("enters_bagging", whole, crop, box),))
        shop.settle_clip(known, video)
    shop.state(known, "resolved", "true")
    # axe is put into the page by the test, which the pages' own policy rightly stops.
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1180, "height": 820})
    page = context.new_page()
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
    sheets = {"prefs": "dialog.prefs", "hand-over": "dialog.hand-over", "live": "live-picture img"}
    for act, part in sheets.items():
        page.click(f"[data-act={act}]")
        page.wait_for_selector(f"{part}:not([hidden])")
        assert breaches(page, axe) == [], act
        page.keyboard.press("Escape")
        page.click(".menu-button")
    page.keyboard.press("Escape")
    page.click(".lane-tile[data-lane=lane-4]")
    assert breaches(page, axe) == []
    sato, now_at, till = shop.actor("佐藤"), shop.here.clock.now(), shop.here.sites.register("lane-5")
    shop.here.db.write_now(lambda c: begin_sale(c, "lane-5", "0001", now_at))
    shop.here.db.write_now(lambda c: hold_payment(c, sato, now_at, till))
    page.click(".lane-tile[data-lane=lane-5]")
    page.wait_for_selector("lane-panel .held")
    page.wait_for_selector("incident-card .payment[data-held]")
    assert breaches(page, axe) == []
    page.click(".lane-tile[data-lane=lane-5]")
    page.goto(f"{shop.url}/watch?register=lane-5")
    page.wait_for_selector("connection-state[data-kind=live]")
    page.wait_for_selector("incident-card")
    assert breaches(page, axe) == []
    context.close()


SETTINGS = (
    "/settings",
    "/settings/zones/lane-1/0",
    "/settings/lanes/new",
    "/settings/rules",
    "/settings/pairings",
    "/settings/retention",
    "/settings/history",
)


def test_no_settings_page_breaks_an_accessibility_rule(
    chromium: Browser, tmp_path: Path, migrated_sqlite: Path, axe: str
) -> None:
    """Every settings page, an open form with a mistake and a chosen zone hold to WCAG 2.2 AA."""
    with settings_shop(migrated_sqlite, tmp_path) as shop:
        pair_browser_now(shop, "lane-1")
        for n in range(4):
            shop.state(shop.open(1 + n % 2), "resolved", "true")
        context = chromium.new_context(bypass_csp=True, viewport={"width": 1180, "height": 820})
        page = context.new_page()
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


def test_several_shops_break_no_accessibility_rule(
    chromium: Browser, tmp_path: Path, migrated_sqlite: Path, axe: str
) -> None:
    """The company's page, its forms with mistakes, and the choice among many shops hold to WCAG 2.2 AA."""
    text = configuration() + "".join(SHOP.format(id=f"s-{n}", name=f"店{n}") for n in range(20))
    with settings_shop(migrated_sqlite, tmp_path, text=text) as shop:
        context = chromium.new_context(bypass_csp=True, viewport={"width": 1180, "height": 820})
        page = context.new_page()
        page.request.post(f"{shop.url}/api/v1/session", data={"name": "head", "password": PASSWORD})
        page.goto(f"{shop.url}/settings/company")
        page.wait_for_selector("[data-shop]")
        assert breaches(page, axe) == []
        page.locator(".broker button").click()
        page.locator("dialog [name=on]").check()
        page.click("dialog [type=submit]")
        page.wait_for_selector("dialog .wrong:not([hidden])")
        assert breaches(page, axe) == []
        page.goto(f"{shop.url}/settings?shop=s-3")
        page.locator(".shop-choice").click()
        page.wait_for_selector("dialog li")
        assert breaches(page, axe) == []
        page.goto(f"{shop.url}/settings/history")
        page.wait_for_selector(".revision")
        assert breaches(page, axe) == []
        context.close()


@pytest.mark.timeout(300)
def test_trying_breaks_no_accessibility_rule(chromium: Browser, shop: PageShop, axe: str) -> None:
    """Empty, drawing, counting, result, list and error of /try hold to WCAG 2.2 AA."""
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1180, "height": 820})
    page = context.new_page()
    # The finished try is looked at where it is listed as well: it is counted once for both.
    for scene in (one for one in SCENES if one != "result"):
        with pose(shop, scene) as path:
            page.request.post(f"{shop.url}/api/v1/session", data={"name": "ono", "password": PASSWORD})
            page.goto(shop.url + path)
            page.wait_for_selector(".begin .samples button, .one .place > *")
            page.wait_for_timeout(500)
            assert breaches(page, axe) == [], scene
            if scene == "kept":
                page.locator(".kept li:has([data-state=done]) a").first.click()
                page.wait_for_selector(".one .place > *")
                assert breaches(page, axe) == [], "result"
    context.close()
