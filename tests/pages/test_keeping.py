"""Periods, the notice, holds and erasure, as an administrator meets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pages.axe import breaches
from pages.complaints import Complaints
from pages.conftest import Opener
from pages.pictures import clip, evidence
from pages.settings_shop import SettingsShop, settings_shop
from tenban.sites.model import Masking
from tenban.sites.zone import Zone

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[SettingsShop]:
    with settings_shop(migrated_sqlite, tmp_path) as shop:
        yield shop


def test_periods_and_the_notice(
    visit: Opener, shop: SettingsShop, chromium: Browser, axe: str, complaints: Complaints
) -> None:
    """A wrong period is told beside its field; the notice is there once published, in both languages."""
    page = visit("/settings/retention", name="admin")
    expect(page.locator("[data-kind=pictures] .uses")).to_have_text("90 days")
    assert page.request.get(f"{shop.url}/notice/shop-1").status == 404
    page.get_by_role("button", name="Change the periods").click()
    page.fill("[name=pictures]", "2000")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=pictures] .wrong")).to_be_visible()
    page.fill("[name=pictures]", "45")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-kind=pictures] .uses")).to_have_text("45 days")
    assert "pictures = 45" in shop.text
    page.get_by_role("button", name="Seal footage…").click()
    page.get_by_label("Seal footage").check()
    page.click("dialog [type=submit]")
    expect(page.get_by_text("sealed as it is recorded")).to_be_visible()
    page.get_by_role("button", name="Set up").click()
    page.fill("[name=responsible]", "みどり食品株式会社 さいたま市大宮区1-1")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=contact] .wrong")).to_be_visible()
    page.fill("[name=contact]", "048-000-0000（総合案内）")
    page.click("dialog [type=submit]")
    expect(page.get_by_role("link", name="Show and print")).to_be_visible()
    complaints.forgive("status of 400")
    shop.until(lambda: shop.here.sites.shops[0].notice.published or _reread(shop))
    context = chromium.new_context(bypass_csp=True, locale="ja")
    poster = context.new_page()
    poster.goto(f"{shop.url}/notice/shop-1?lang=ja")
    expect(poster.locator("main")).to_contain_text("顔認識は行いません")
    expect(poster.locator("main")).to_contain_text("048-000-0000")
    expect(poster.locator("main")).to_contain_text("静止画と短い動画：45日間")
    assert breaches(poster, axe) == []
    context.close()


def test_a_held_picture_stays_and_an_erased_one_is_gone(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """Held from the card, let go from the settings, erased from the card, and the proof of it."""
    operator, whole, crop, box = evidence(1)
    known = shop.open(1, operator=operator, stills=(("enters_bagging", whole, crop, box),), clip=None)
    shop.state(known, "resolved", "true")
    watching = visit("/watch", name="admin")
    watching.locator("incident-list .row").first.click()
    watching.get_by_role("button", name="Keep beyond").click()
    watching.fill("[name=owner]", "本部 法務課")
    watching.fill(".keeping [name=reason]", "警察からの依頼")
    watching.get_by_role("button", name="Keep it").click()
    expect(watching.locator(".holds")).to_contain_text("Held: 本部 法務課")
    expect(watching.get_by_role("button", name="Erase pictures")).to_have_count(0)
    page = visit("/settings/retention", name="admin")
    expect(page.locator("[data-hold] a")).to_contain_text("Item not registered")
    page.locator("[data-hold] button").click()
    page.fill("dialog [name=reason]", "事案は終了")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-hold]")).to_have_count(0)
    watching.reload()
    watching.locator("incident-list .row").first.click()
    watching.get_by_role("button", name="Erase pictures").click()
    watching.fill(".keeping [name=reason]", "ご本人からの依頼")
    watching.get_by_role("button", name="Erase for good").click()
    expect(watching.locator(".holds")).to_contain_text("Pictures were erased on request")
    watching.reload()
    watching.locator("incident-list .row").first.click()
    expect(watching.locator("still-picture .missing").first).to_have_text("This picture is no longer kept.")
    complaints.forgive_refusals()  # browsers complain of pictures that are not there
    page.reload()
    expect(page.locator("[data-deletion]")).to_contain_text("on request: ご本人からの依頼")


def _reread(shop: SettingsShop) -> bool:
    """Do what the running server does when its file changes."""
    from tenban.sites.config import load_sites

    shop.here.sites = load_sites(shop.config)
    return True


def test_what_is_blurred_is_shown_on_request_and_a_copy_is_ordered(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """From the card, without the buttons below moving; the copy says how far it is."""
    operator, whole, crop, box = evidence(1)
    known = shop.open(1, operator=operator, stills=(("enters_bagging", whole, crop, box),))
    shop.settle_clip(known, clip(1))
    zone = Zone("mask", ((0.3, 0.2), (0.7, 0.2), (0.7, 0.6)))
    first, *others = shop.here.sites.shops
    registers = tuple(
        replace(one, views=tuple(replace(view, zones=(zone,)) for view in one.views))
        for one in first.registers
    )
    first = replace(first, registers=registers, masking=Masking("onnx:people.onnx"))
    shop.here.sites = replace(shop.here.sites, shops=(first, *others))
    page = visit("/watch", name="admin")
    card = page.locator("incident-card").first
    card.get_by_role("button", name="Show without blurring").click()
    expect(card.get_by_role("button", name="Blur again")).to_be_visible()
    expect(card.get_by_role("button", name="Play clip")).to_be_enabled()
    shop.state(known, "resolved", "true")
    page = visit("/watch", name="admin")
    page.locator("incident-list .row").first.click()
    page.get_by_role("button", name="Copy the clip with people blurred").click()
    expect(page.get_by_text("is being made: 0 %")).to_be_visible()
    complaints.forgive("status of 404")
