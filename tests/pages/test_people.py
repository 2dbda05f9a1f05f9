"""Administrators manage people on a page, and everybody their own account."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from pages.axe import breaches
from pages.complaints import Complaints
from pages.conftest import Opener
from pages.shop import PASSWORD, PageShop
from tenban.access.model import Role
from tenban.access.tables import sessions

pytestmark = pytest.mark.browser


def test_somebody_is_invited_changed_and_disabled_with_a_way_back(
    shop: PageShop, visit: Opener, axe: str, complaints: Complaints
) -> None:
    """The link is shown once; changes and disabling can be undone; a mistake stands in the form."""
    shop.add_person("root", "山田", Role.ADMINISTRATOR, shop=None)
    page = visit("/settings/people", name="root", held_to_axe=True)
    rows = page.locator("[data-person]")
    expect(rows).to_have_count(3)
    assert breaches(page, axe) == []
    page.get_by_role("button", name="Invite somebody").click()
    form = page.locator("dialog.person")
    form.get_by_label("Name to sign in with").fill("sato")
    form.get_by_role("button", name="Make the link").click()
    expect(form.locator("[data-field=name] .wrong")).to_have_text(
        "This name is taken. Please choose another one."
    )
    form.get_by_label("Name to sign in with").fill("kato")
    form.get_by_label("Name on screens").fill("加藤")
    assert breaches(page, axe) == []
    form.get_by_role("button", name="Make the link").click()
    link = page.locator("dialog.link input")
    expect(link).to_have_value(re.compile(r"/first/tnb_link_"))
    assert breaches(page, axe) == []
    there = link.input_value()
    page.locator("dialog.link header button").click()
    kato = page.locator("[data-person=kato]")
    expect(kato).to_contain_text("invited; the link holds until")

    other = visit(there.removeprefix(shop.url), name=None, held_to_axe=True)
    assert breaches(other, axe) == []
    other.fill("#password", "violet anchor window")
    other.get_by_role("button", name="Begin").click()
    other.wait_for_url("**/watch")

    page.reload()
    expect(kato).to_contain_text("last signed in")
    kato.get_by_role("button", name="Edit").click()
    form.get_by_label("Supervisor").check()
    form.get_by_role("button", name="Save").click()
    expect(kato).to_contain_text("Attendant, Supervisor")
    page.locator(".toast button").click()
    expect(kato).not_to_contain_text("Supervisor")
    kato.get_by_role("button", name="Disable").click()
    expect(kato).to_contain_text("disabled since")
    page.locator(".toast button").click()
    expect(kato).to_contain_text("last signed in")
    page.get_by_label("Search people").fill("ｶﾄｳ")
    expect(page.locator(".nothing")).to_have_text("Nobody fits “ｶﾄｳ”.")
    page.get_by_label("Search people").fill("加藤")
    expect(rows).to_have_count(1)
    complaints.forgive("status of 409")


def test_ones_account_shows_where_one_is_signed_in(shop: PageShop, visit: Opener, axe: str) -> None:
    """Two browsers, one of them here; the other is signed out from here; the password is changed."""
    other, page = visit(), visit(held_to_axe=True)
    page.click(".menu-button")
    page.click("#menu .who")
    page.wait_for_url("**/account")
    expect(page.locator("[data-session]")).to_have_count(2)
    assert breaches(page, axe) == []
    page.locator("[data-session=elsewhere]").get_by_role("button").click()
    expect(page.locator("[data-session]")).to_have_count(1)
    other.goto(f"{shop.url}/watch")
    expect(other).to_have_url(re.compile("/login"))
    page.fill("[name=old]", PASSWORD)
    page.get_by_label("New password").fill("violet anchor window")
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator(".toast")).to_contain_text("The password was changed")
    expect(page.locator("[data-session=here]")).to_have_count(1)


def test_a_pin_is_set_asked_for_and_hands_a_tablet_over(
    shop: PageShop, visit: Opener, axe: str, complaints: Complaints
) -> None:
    """Set on one's account; asked for by large keys before inviting; somebody else takes over by theirs."""
    shop.add_person("root", "山田", Role.ADMINISTRATOR, shop=None)
    page = visit("/account", name="root", held_to_axe=True)

    def set_pin() -> None:
        form = page.locator("section:has([name=pin]) form")
        form.locator("[name=pin]").fill("123456")
        form.get_by_role("button", name="PIN").first.click()
        expect(form.locator("[data-field=pin] .wrong")).to_contain_text("no date, no row")
        form.locator("[name=pin]").fill("482913")
        form.get_by_role("button", name="PIN").first.click()
        expect(page.locator(".toast")).to_contain_text("The PIN is set.")

    set_pin()
    page.goto(f"{shop.url}/settings/people")
    expect(page.locator("[data-person]")).to_have_count(3)
    shop.here.db.write_now(lambda c: c.execute(sessions.update().values(proven_at=0)))
    shop.here.forget()
    page.locator("[data-person=sato]").get_by_role("button", name="Disable").click()
    ask = page.locator("dialog.step-up")
    expect(ask).to_contain_text("Your PIN, six digits")
    assert breaches(page, axe) == []
    for key in "000111":
        ask.get_by_role("button", name=key, exact=True).click()
    expect(ask.get_by_role("alert")).to_have_text("This is not the PIN.")
    page.keyboard.type("482913")
    expect(ask).to_have_count(0)
    expect(page.locator("[data-person=sato]")).to_contain_text("disabled since")
    page.locator("[data-person=sato]").get_by_role("button", name="Enable").click()

    def sign_in(name: str) -> None:
        page.goto(f"{shop.url}/login?switch=1")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("form[action='/login'] button.primary")
        page.goto(f"{shop.url}/account")

    sign_in("tanaka")
    set_pin()
    sign_in("sato")
    page.click(".menu-button")
    page.click("[data-act=switch]")
    # Administrators sign in whole: only Tanaka may take over by PIN.
    expect(page.locator("label.one")).to_have_text(["田中"])
    assert breaches(page, axe) == []
    page.fill("#pin", "111333")
    page.click("form.take-over button")
    expect(page.locator("#trouble")).to_contain_text("This is not the PIN")
    page.fill("#pin", "482913")
    page.click("form.take-over button")
    page.wait_for_url("**/account")
    expect(page.locator(".company h2")).to_have_text("田中")
    complaints.forgive("status of 400", "status of 401", "status of 403")
