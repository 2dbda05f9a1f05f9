"""The register under axe-core."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pages.axe import breaches
from pages.goods import BANANAS, BEER, TEA, stock, wedge
from pages.hinted import hinted
from pages.shop import JUDGE, PASSWORD, PageShop, page_shop, pair_with
from tenban.access.model import Role
from tenban.findings.words import HINTS
from tenban.pos.link import issue_command
from tenban.pos.sales import current_sale
from tenban.sites.model import Register

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[PageShop]:
    path = tmp_path / "tenban.db"
    shutil.copy(migrated_sqlite, path)
    registers = [Register("lane-1", "shop-1", "1", "self"), Register("lane-9", "shop-1", "9", "staffed")]
    with page_shop(path, tmp_path, registers=registers) as shop:
        stock(shop)
        shop.add_person("mori", "森", Role.SUPERVISOR)
        yield shop


def test_no_screen_of_the_register_breaks_an_accessibility_rule(  # noqa: PLR0915  # one walk through all screens
    chromium: Browser, shop: PageShop, axe: str, video: bytes
) -> None:
    """From pairing to receipt, with every sheet on the way, the register holds to WCAG 2.2 AA."""
    context = chromium.new_context(
        bypass_csp=True, viewport={"width": 1180, "height": 820}, locale="en-GB", service_workers="block"
    )
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    found: list[str] = []

    def check(scene: str) -> None:
        page.wait_for_timeout(250)
        found.extend(f"{scene}: {breach}" for breach in breaches(page, axe))

    page.goto(f"{shop.url}/register/none")
    check("no such register")
    page.goto(f"{shop.url}/register/lane-1")
    check("pair")
    page.get_by_label("Name").fill("mori")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Pair this browser").click()
    page.get_by_role("button", name="Start", exact=True).wait_for()
    check("attract")
    page.get_by_role("button", name="Start", exact=True).click()
    check("first item")
    wedge(page, TEA)
    check("basket")
    page.keyboard.press("F2")
    check("look-up")
    page.keyboard.press("Escape")
    wedge(page, BANANAS)
    check("weigh")
    page.keyboard.press("Escape")
    page.keyboard.press("F3")
    check("code")
    page.keyboard.press("Escape")
    wedge(page, BEER)
    check("age")
    page.get_by_role("button", name="I don't need this item").click()
    about = {"text": HINTS["item_not_registered"], "rule": "item_not_registered", "about": "x", "answers": 2}
    now_at = shop.here.clock.now()
    for type_, body in (("hint", about), ("lamp", {"colour": "amber", "blink": True})):
        shop.here.db.write_now(
            lambda c, type_=type_, body=body: issue_command(c, "lane-1", type_, body, now_at, actor=JUDGE)
        )
    expect(page.get_by_role("alertdialog")).to_be_visible()
    check("hint")
    page.get_by_role("button", name="I put it back").click()
    sale = shop.here.db.read_now(lambda c: current_sale(c, "lane-1"))
    assert sale is not None
    shop.settle_clip(hinted(shop, sale.sale, about="clip"), video)
    expect(page.get_by_role("alertdialog").locator("video")).to_be_visible()
    check("hint with its clip")
    page.get_by_role("button", name="I put it back").click()
    page.get_by_role("button", name="Staff", exact=True).click()
    check("staff")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cancel all").click()
    check("cancel")
    page.get_by_role("button", name="No, go on").click()
    page.keyboard.press("F12")
    check("pay")
    page.get_by_role("button", name="Cash", exact=True).click()
    page.get_by_role("button", name="Put in ¥500").click()
    check("cash")
    page.get_by_role("button", name="Pay in cash").click()
    check("done")
    pair_with(shop, page, "lane-9")
    hinted(shop, "0001", about="staffed", lane=9)
    page.goto(f"{shop.url}/watch?register=lane-9")
    page.wait_for_selector("incident-card")
    check("a register's own incidents")
    context.close()
    assert found == []
