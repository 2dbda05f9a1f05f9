"""The audit log's pages in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from pages.audit_scenes import fill, serve
from pages.axe import breaches
from pages.complaints import Complaints
from pages.conftest import Opener
from pages.shop import PASSWORD, PageShop

pytestmark = pytest.mark.browser


def test_an_auditor_searches_opens_proves_and_takes_away(visit: Opener, shop: PageShop) -> None:
    """What is looked for stands in the address; a row opens to all it holds; the log is proven in place."""
    fill(shop)
    page = visit("/audit", name="kanri")
    rows = page.locator("table.log tbody tr[data-n]")
    expect(rows.first).to_contain_text("管理 花子")
    everything = rows.count()
    page.get_by_label("Who").fill("森")
    page.get_by_label("What", exact=True).select_option("media:picture:viewed")
    page.get_by_role("button", name="Search").click()
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Played a clip")
    expect(page).to_have_url(re.compile(r"who=%E6%A3%AE&event=media%3Apicture%3Aviewed"))
    rows.first.get_by_role("button").click()
    expect(page.locator("tr.detail")).to_contain_text("8f0c.mp4")
    page.go_back()
    expect(rows).to_have_count(everything)
    expect(page.get_by_label("Who")).to_have_value("")
    page.get_by_label("About").fill("nothing like it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing was written down that fits.")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Prove now").click()
    expect(page.locator(".reached [role=status]")).to_contain_text(re.compile(r"Whole: \d+ rows hold"))
    with page.expect_download() as taken:
        page.get_by_role("link", name="These rows as CSV").click()
    assert taken.value.suggested_filename == "audit.csv"
    exported = shop.audit("audit:log:exported")
    assert [one["detail"] for one in exported] == [{"sought": {}}]


def test_whoever_may_not_read_the_log_sees_what_concerns_them(
    visit: Opener, shop: PageShop, complaints: Complaints
) -> None:
    """The log is closed with a way to one's own part, which the menu of every page names too."""
    actors = fill(shop, days=0)
    page = visit("/audit", name="kimura", locale="ja-JP")
    assert len(complaints.unforgiven) == 1
    complaints.forgive("status of 403")
    page.get_by_role("main").get_by_role("link", name="自分に関わること").click()
    row = page.locator("table.log tbody tr[data-n]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("人を追加")
    serve(shop, actors)
    page.reload()
    expect(row).to_have_count(6)
    expect(row.nth(0)).to_contain_text("設定作業中")
    expect(row.nth(3)).to_contain_text("クリップを再生")
    expect(row.nth(3)).to_contain_text("インシデント対応の権限で")


def test_neither_page_breaks_an_accessibility_rule(chromium: Browser, shop: PageShop, axe: str) -> None:
    """The log with an open row, the proof, and one's own part hold to WCAG 2.2 AA."""
    fill(shop)
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1180, "height": 820})
    page = context.new_page()
    page.request.post(f"{shop.url}/api/v1/session", data={"name": "kanri", "password": PASSWORD})
    page.goto(f"{shop.url}/audit")
    page.locator("tr[data-n] button").first.click()
    page.get_by_role("button", name="Prove now").click()
    expect(page.locator(".reached [data-kind=ok]")).to_be_visible()
    assert breaches(page, axe) == []
    page.goto(f"{shop.url}/audit/mine")
    page.wait_for_selector(".nothing:not([hidden]), table.log:not([hidden])")
    assert breaches(page, axe) == []
    context.close()
