"""The reference register, driven as shoppers and staff drive it, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from pages.goods import TEA, stock
from pages.shop import PASSWORD, PageShop
from tenban.access.model import Role
from tenban.pos.sales import Sale, current_sale

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]


def pair(page: Page, name: str = "mori") -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Pair this browser").click()


def wedge(page: Page, code: str) -> None:
    page.keyboard.type(code)
    page.keyboard.press("Enter")


@pytest.fixture
def stocked(shop: PageShop) -> PageShop:
    stock(shop)
    shop.add_person("mori", "森", Role.SUPERVISOR)
    return shop


@pytest.fixture
def till(stocked: PageShop, visit: Opener) -> Page:
    page = visit("/register/lane-1", name=None)
    pair(page)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    return page


def told(shop: PageShop, register: str = "lane-1", *, until: Callable[[Sale], bool] = bool) -> Sale:
    for _ in range(300):
        sale = shop.here.db.read_now(lambda connection: current_sale(connection, register))
        if sale is not None and until(sale):
            return sale
        shop.wait(0.02)
    raise AssertionError(f"the sale did not become as expected: {sale}")


def test_a_whole_sale_by_scanner(till: Page, stocked: PageShop) -> None:
    """Scan, scan again, pay in cash: change is paid out, the receipt shows, the journal is the shop's."""
    wedge(till, TEA)
    wedge(till, TEA)
    expect(till.locator(".line .amount")).to_have_text("¥276")
    till.get_by_role("button", name="Pay", exact=True).click()
    till.get_by_role("button", name="Cash", exact=True).click()
    till.get_by_role("button", name="Put in ¥1,000").click()
    till.get_by_role("button", name="Pay in cash").click()
    expect(till.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(till.locator(".change .sum")).to_have_text("¥724")
    assert till.locator(".change .piles li").all_inner_texts() == ["500\n× 1", "100\n× 2", "10\n× 2", "1\n× 4"]
    expect(till.locator(".receipt .total-row td")).to_have_text("¥276")
    sale = told(stocked, until=lambda sale: sale.state == "paid")
    assert [event.type for event in sale.events] == [
        "sale_started", "item_registered", "item_registered", "payment_started", "paid",
    ]  # fmt: skip
    assert sale.total == 276
    assert sale.events[-1].extra == {"tendered": 1000, "change": 724}
    assert re.fullmatch(r"\d{8}-\d{6}", sale.sale or "")
