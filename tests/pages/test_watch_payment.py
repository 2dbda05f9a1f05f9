"""Stopping payment from the attendant's screen, with the shopper's register beside it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from pages.complaints import Complaints
from pages.conftest import Opener
from pages.goods import TEA, stock, wedge
from pages.shop import PASSWORD, PageShop, pair_with
from pages.test_watch import brief
from tenban.access.model import Role

pytestmark = pytest.mark.browser


@pytest.fixture
def till(shop: PageShop, visit: Opener) -> Page:
    """Lane 1 with an item in its basket."""
    stock(shop)
    shop.add_person("mori", "森", Role.SUPERVISOR)
    page = visit("/login", name=None)
    pair_with(shop, page, "lane-1")
    page.goto(f"{shop.url}/register/lane-1")
    page.wait_for_selector(".start")
    wedge(page, TEA)
    shop.until(lambda: "item_registered" in shop.event_types("lane-1"))
    page.get_by_role("button", name="Pay", exact=True).click()
    return page


def chosen(page: Page, lane: str = "lane-1") -> Page:
    page.click(f".lane-tile[data-lane={lane}]")
    return page


def test_payment_is_stopped_from_the_lane_and_everybody_sees_it(
    till: Page, visit: Opener, shop: PageShop
) -> None:
    """One tap holds it; colleagues see by whom and since when, also after a reload; undo releases."""
    sato, tanaka = chosen(visit()), chosen(visit(name="tanaka"))
    cash = till.get_by_role("button", name="Cash", exact=True)
    expect(cash).to_be_enabled()
    sato.locator("lane-panel .pay").click()
    expect(cash).to_be_disabled()
    expect(sato.locator("lane-panel")).to_contain_text(re.compile(r"You stopped payment at \d\d:\d\d:\d\d"))
    expect(tanaka.locator("lane-panel")).to_contain_text(
        re.compile(r"佐藤 stopped payment at \d\d:\d\d:\d\d")
    )
    tanaka.reload()
    expect(tanaka.locator("lane-panel .held")).to_contain_text("佐藤 stopped payment")
    expect(tanaka.locator(".lane-tile[data-lane=lane-1]")).to_have_attribute(
        "aria-label", re.compile("佐藤 stopped payment")
    )
    expect(sato.locator(".toast")).to_contain_text("レーン1: payment stopped")
    sato.locator(".toast").get_by_role("button", name="Undo").click()
    expect(cash).to_be_enabled()
    expect(tanaka.locator("lane-panel .held")).to_have_count(0)
    assert [one["subject"] for one in shop.audit("pos:payment:held")] == ["lane-1"]
    assert [one["subject"] for one in shop.audit("pos:payment:released")] == ["lane-1"]


def test_a_colleague_lets_payment_go_on_and_so_do_staff_at_the_register(
    till: Page, visit: Opener, shop: PageShop
) -> None:
    """Whoever watches may release it; an approval at the register is seen on the tablets."""
    sato, tanaka = chosen(visit()), chosen(visit(name="tanaka"))
    cash = till.get_by_role("button", name="Cash", exact=True)
    sato.locator("lane-panel .pay").click()
    expect(cash).to_be_disabled()
    tanaka.get_by_role("button", name="Release payment").click()
    expect(cash).to_be_enabled()
    expect(sato.locator("lane-panel .held")).to_have_count(0)
    sato.locator("lane-panel .pay").click()
    expect(cash).to_be_disabled()
    till.get_by_role("button", name="Staff: go on").click()
    sheet = till.get_by_role("dialog", name="Let payment go on")
    sheet.locator("input[id$=-name]").fill("sato")
    sheet.locator("input[id$=-password]").fill(PASSWORD)
    sheet.locator("button[type=submit].primary").click()
    expect(cash).to_be_enabled()
    expect(tanaka.locator("lane-panel .held")).to_have_count(0)


def test_a_card_of_an_unpaid_sale_offers_it(till: Page, visit: Opener, shop: PageShop) -> None:
    """While its sale is in hand a card says that it is unpaid and can stop it; afterwards nothing."""
    number = till.evaluate(
        "() => fetch('/api/v1/registers/lane-1/sale', {headers: {'X-Tenban-Register': 'lane-1'}})"
        ".then((answer) => answer.json()).then((sale) => sale.sale)"
    )
    brief(shop, 2)
    brief(shop, 1, about=f"sale:{number}")
    page = visit()
    offered = page.locator("incident-card .payment:not([hidden])")
    expect(offered).to_have_count(1)
    expect(offered).to_contain_text("Not paid yet")
    offered.get_by_role("button", name="Stop payment").click()
    expect(till.get_by_role("button", name="Cash", exact=True)).to_be_disabled()
    expect(offered).to_contain_text("You stopped payment at")
    offered.get_by_role("button", name="Release payment").click()
    till.get_by_role("button", name="Cash", exact=True).click()
    till.get_by_role("button", name="Put in ¥1,000").click()
    till.get_by_role("button", name="Pay in cash").click()
    expect(offered).to_have_count(0)


def test_a_register_that_cannot_be_reached_says_why(
    till: Page, visit: Opener, shop: PageShop, complaints: Complaints
) -> None:
    """Without a link, and without a sale, the button is off and the reason stands beside it."""
    page = chosen(visit())
    expect(page.locator("lane-panel .pay")).to_be_enabled()
    till.get_by_role("button", name="Back", exact=False).first.click()
    till.context.close()
    expect(page.locator("lane-panel .pay")).to_be_disabled()
    expect(page.locator("lane-panel .pay-why")).to_have_text(
        "Payment cannot be stopped from here: the till has no link to the server."
    )
    refused = page.request.post(f"{shop.url}/api/v1/registers/lane-1/payment", data={"held": True})
    assert (refused.status, refused.json()["error"]["code"]) == (409, "not_linked")
