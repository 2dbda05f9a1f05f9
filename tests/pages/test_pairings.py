"""Which browsers serve as registers, and ending that from the settings."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from pages.complaints import Complaints
from pages.conftest import Opener
from pages.goods import TEA, stock, wedge
from pages.shop import PageShop
from pages.test_register import pair
from tenban.access.model import Role

pytestmark = pytest.mark.browser


@pytest.fixture
def till(shop: PageShop, visit: Opener) -> Page:
    stock(shop)
    shop.add_person("mori", "森", Role.SUPERVISOR)
    page = visit("/register/lane-1", name=None)
    pair(page)
    return page


def test_a_pairing_is_ended_from_the_settings_and_the_device_asks_anew(
    till: Page, shop: PageShop, visit: Opener
) -> None:
    """Who, when, on what, last seen; the second press ends it; the till shows its set-up, the sale waits."""
    wedge(till, TEA)
    shop.until(lambda: "item_registered" in shop.event_types("lane-1"))
    page = visit("/settings/pairings", name="mori")
    row = page.locator("[data-pairing]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("レーン1")
    expect(row).to_contain_text("Chrome · Linux")
    expect(row).to_contain_text(re.compile(r"paired .* by 森"))
    expect(row).to_contain_text(re.compile(r"last seen .*\d\d:\d\d"))
    row.get_by_role("button").click()
    expect(row.get_by_role("button")).to_have_text("Press again to end")
    row.get_by_role("button").click()
    expect(row).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("レーン1: pairing ended")
    expect(page.locator(".nothing")).to_contain_text("No browser serves as a register")
    expect(till.get_by_role("button", name="Pair this browser")).to_be_visible()
    (line,) = shop.audit("access:register:unpaired")
    assert line["detail"]["register"] == "lane-1"
    pair(till)
    expect(till.locator(".line .amount")).to_have_text("¥138")


def test_a_device_that_was_away_learns_of_it_when_it_is_back(
    till: Page, shop: PageShop, visit: Opener, complaints: Complaints
) -> None:
    """Ended while the server could not be reached from it, the till asks to be set up at the next contact."""
    shop.stop()
    till.wait_for_timeout(300)
    from tenban.access import tokens
    from tenban.access.model import system_actor

    who, now_at = system_actor("test"), shop.here.clock.now()
    (known,) = shop.here.db.read_now(lambda c: tokens.pairings(c, who))
    shop.here.db.write_now(
        lambda c: tokens.unpair(c, who, now_at, pairing=known.id, register="lane-1", shop="shop-1")
    )
    shop.here.forget()
    shop.start()
    expect(till.get_by_role("button", name="Pair this browser")).to_be_visible()
    complaints.forgive_cuts()
    complaints.forgive("status of 401")


def test_attendants_have_no_say_in_pairings(shop: PageShop, visit: Opener, complaints: Complaints) -> None:
    """Who may not set registers up is told so."""
    page = visit("/settings/pairings")
    expect(page.locator("[data-pairing]")).to_have_count(0)
    expect(page.locator("body")).to_contain_text("Your role")
    complaints.forgive("status of 403")
