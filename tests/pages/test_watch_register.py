"""A staffed register's own screen: what happened there, with nobody signed in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pages.conftest import Opener
from pages.goods import stock
from pages.pictures import evidence
from pages.shop import PageShop, page_shop, pair_with
from pages.until import until
from tenban.access.model import Role
from tenban.sites.model import Register

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[PageShop]:
    path = tmp_path / "tenban.db"
    shutil.copy(migrated_sqlite, path)
    registers = [
        Register("lane-1", "shop-1", "1", "staffed"),
        Register("lane-2", "shop-1", "2", "semi_self"),
        Register("lane-3", "shop-1", "3", "self"),
    ]
    with page_shop(path, tmp_path, registers=registers) as shop:
        stock(shop)
        shop.add_person("sato", "佐藤")
        shop.add_person("mori", "森", Role.SUPERVISOR)
        yield shop


def seen(shop: PageShop, lane: int) -> None:
    operator, whole, crop, box = evidence(lane)
    shop.open(lane, operator=operator, stills=(("enters_bagging", whole, crop, box),))


def test_a_staffed_register_shows_its_own_incidents_by_itself(
    visit: Opener, shop: PageShop, video: bytes
) -> None:
    """Out of the staff's sheet opens the reduced form: pictures, no clip, map, label or other lane."""
    page = visit("/login", name=None)
    pair_with(shop, page, "lane-1")
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(f"{shop.url}/register/lane-1")
    page.click(".staff-button")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Incidents at this register").click()
    watch = opened.value
    watch.wait_for_selector("connection-state[data-kind=live]")
    expect(watch.get_by_role("heading", name="No open incidents")).to_be_visible()
    seen(shop, 1)
    seen(shop, 2)
    incident = shop.known_incidents()[1]
    expect(watch.locator("main incident-card")).to_have_count(1)
    until(watch, "document.querySelector('still-picture img')?.naturalWidth > 0")
    shop.settle_clip(incident, video)
    expect(watch.locator("main incident-card")).to_have_count(1)
    for hidden in ("button.play", "lane-map", "button.label", "button.mine", ".hands", "lane-panel button"):
        expect(watch.locator(hidden).locator("visible=true")).to_have_count(0)
    watch.click(".menu-button")
    expect(watch.locator("#menu")).not_to_contain_text("Sign out")
    watch.keyboard.press("Escape")
    watch.locator("incident-card article").focus()
    watch.keyboard.press("1")
    watch.wait_for_timeout(300)
    assert shop.known(incident).outcome is None
    assert not [url for url in asked if url.endswith(".mp4")]
    assert "レーン2" not in watch.content()
    watch.click(".menu-button")
    with watch.expect_event("close"):
        watch.click("[data-act=back]")


def test_only_screens_that_staff_look_at_show_it(visit: Opener, shop: PageShop) -> None:
    """A self-checkout's browser, and one that is paired with another register, are sent to sign in."""
    page = visit("/login", name=None)
    for register in ("lane-2", "lane-3"):
        pair_with(shop, page, register)
    for wanted in ("lane-1", "lane-3"):
        page.goto(f"{shop.url}/watch?register={wanted}")
        expect(page).to_have_url(re.compile("/login"))
    page.goto(f"{shop.url}/watch?register=lane-2")
    page.wait_for_selector("connection-state[data-kind=live]")
    page.goto(f"{shop.url}/watch")
    expect(page).to_have_url(re.compile("/login"))
