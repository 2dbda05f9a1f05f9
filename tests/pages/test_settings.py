"""The settings pages in a real browser: forms, mistakes, undo, two editors, hand edits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages.complaints import Complaints
from pages.conftest import Opener
from pages.settings_shop import HEAD, SettingsShop, settings_shop

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[SettingsShop]:
    with settings_shop(migrated_sqlite, tmp_path) as shop:
        yield shop


def edit(page: Page, what: str) -> None:
    """Open the form of a row, such as ``camera=cam-1``."""
    kind, _, its_id = what.partition("=")
    page.locator(f"[data-{kind}={its_id}]").get_by_role("button", name="Edit").click()
    page.wait_for_selector("dialog.edit")


def mistake(page: Page, field: str) -> str:
    return page.locator(f"dialog [data-field={field}] .wrong").inner_text()


def test_a_change_is_saved_with_who_and_when_and_can_be_undone(visit: Opener, shop: SettingsShop) -> None:
    """A new name is in the file, comments stay, the page says who changed it, and one tap brings it back."""
    page = visit("/settings", name="admin")
    before = shop.text
    edit(page, "camera=cam-1")
    page.fill("[name=name]", "入口側 天井")
    expect(page.locator(".note")).to_have_text("Saving interrupts nothing.")
    page.click("dialog [type=submit]")
    expect(page.locator(".toast p")).to_contain_text("Camera renamed from レーン1 天井 to 入口側 天井")
    expect(page.locator("[data-camera=cam-1] b")).to_have_text("入口側 天井")
    expect(page.locator(".last")).to_contain_text("管理者 高橋")
    assert shop.text == before.replace('name = "レーン1 天井"', 'name = "入口側 天井"')
    page.click(".toast button")
    expect(page.locator("[data-camera=cam-1] b")).to_have_text("レーン1 天井")
    assert shop.text == before


def test_the_page_says_what_saving_starts_anew(visit: Opener, shop: SettingsShop) -> None:
    """Another address starts the recording of that camera anew; the page says so before and after."""
    page = visit("/settings", name="setup")
    edit(page, "camera=cam-2")
    page.fill("[name=address]", "rtsp://192.168.1.22/stream2")
    expect(page.locator(".note")).to_contain_text("Saving starts anew: Recording of camera レーン2 天井.")
    page.click("dialog [type=submit]")
    expect(page.locator("apply-state li")).to_contain_text("Recording of camera レーン2 天井")
    expect(page.locator("apply-state li")).to_contain_text("runs again")


def test_a_kept_password_is_never_shown_and_stays(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """The password is in no answer and no field; it survives other changes, and goes to no other device."""
    page = visit("/settings", name="admin")
    assert "geheim" not in page.request.get(f"{shop.url}/api/v1/settings").text()
    edit(page, "camera=cam-1")
    assert page.input_value("[name=password]") == ""
    page.fill("[name=address]", "rtsp://192.168.9.9/stream1")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=password] .wrong")).to_contain_text("another device")
    page.fill("[name=address]", "rtsp://192.168.1.21/stream7")
    page.click("dialog [type=submit]")
    page.wait_for_selector(".toast")
    assert "rtsp://admin:geheim@192.168.1.21/stream7" in shop.text
    complaints.forgive_refusals()  # the browser notes each refusal


def test_a_new_password_is_tried_before_the_old_one_is_let_go(visit: Opener, shop: SettingsShop) -> None:
    """Where the camera refuses it nothing is saved, and the camera goes on; who saves again means it."""
    page = visit("/settings", name="admin")
    answers = ["password", None]
    page.route("**/cameras/try", lambda route: route.fulfill(json={"trouble": answers.pop(0), "detail": ""}))
    edit(page, "camera=cam-1")
    page.fill("[name=password]", "neu-1")
    page.click("dialog [type=submit]")
    expect(page.locator("dialog .trouble")).to_contain_text("wants another user name or password")
    assert "geheim" in shop.text
    page.fill("[name=password]", "neu-2")
    page.click("dialog [type=submit]")
    page.wait_for_selector(".toast")
    assert "neu-1" not in shop.text
    assert answers == []


def test_a_mistake_stands_beside_its_field_and_costs_nothing_typed(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """The same checks as for the file speak in the form, in the page's language; the file is not touched."""
    page = visit("/settings", name="admin", locale="ja-JP")
    before = shop.text
    page.get_by_role("button", name="カメラを追加").click()
    page.fill("[name=name]", "x" * 120)
    page.fill("[name=address]", "ftp://somewhere")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=address] .wrong")).to_contain_text(
        "rtsp://192.168.1.20/stream1 のようなアドレス"
    )
    page.fill("[name=address]", "rtsp://192.168.1.50/1")
    page.fill("[name=id]", "cam-1")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=id] .wrong")).to_contain_text("使われていないID")
    page.fill("[name=id]", "cam-9")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=name] .wrong")).to_contain_text("100文字以内")
    assert page.evaluate("document.activeElement.name") == "name"
    assert shop.text == before
    page.fill("[name=name]", "裏口")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-camera=cam-9] b")).to_have_text("裏口")
    complaints.forgive_refusals()


def test_two_editors_are_told_of_each_other(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """Who saves second sees what the first changed and decides; nothing is lost either way."""
    first = visit("/settings", name="admin")
    second = visit("/settings", name="setup")
    edit(first, "register=lane-1")
    edit(second, "register=lane-2")
    first.fill("[name=name]", "11")
    first.click("dialog [type=submit]")
    first.wait_for_selector(".toast")
    second.fill("[name=name]", "22")
    second.click("dialog [type=submit]")
    box = second.locator(".moved")
    expect(box).to_contain_text("管理者 高橋")
    expect(box).to_contain_text("Register renamed from 1 to 11")
    second.get_by_role("button", name="Save mine on top").click()
    expect(second.locator("[data-register=lane-1] b")).to_have_text("Lane 11")
    expect(second.locator("[data-register=lane-2] b")).to_have_text("Lane 22")
    complaints.forgive_refusals()


def test_a_hand_edit_is_noticed_while_a_form_is_open(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """A hand edit counts as much as a page's: the form tells of it, and the history keeps it."""
    page = visit("/settings", name="admin")
    edit(page, "group=front")
    shop.config.write_text(shop.text.replace('id = "shop-1"', 'id = "shop-1" # Haus').replace("JPY", "EUR"))
    page.fill("[name=name]", "係員")
    page.click("dialog [type=submit]")
    expect(page.locator(".moved")).to_contain_text("by hand in the file")
    expect(page.locator(".moved")).to_contain_text("currency changed from JPY to EUR")
    page.get_by_role("button", name="Save mine on top").click()
    page.wait_for_selector(".toast")
    assert "# Haus" in shop.text
    page.goto(shop.url + "/settings/history")
    expect(page.locator(".revision")).to_have_count(3)
    kinds = page.locator(".revision").evaluate_all("all => all.map((one) => one.dataset.kind)")
    assert kinds == ["page", "hand", "found"]
    complaints.forgive_refusals()


def test_a_broken_file_is_shown_and_an_earlier_revision_can_be_put_back(
    visit: Opener, shop: SettingsShop
) -> None:
    """The page names the mistakes of a hand edit and leads to the way back."""
    page = visit("/settings", name="admin")
    page.wait_for_selector(".row")
    good = shop.text
    shop.config.write_text(good.replace('kind = "self"', 'kind = "selfie"', 1))
    page.reload()
    expect(page.locator("main > .trouble")).to_contain_text("kind: expected 'self', 'semi_self' or 'staffed'")
    page.get_by_role("link", name="Put an earlier revision back").click()
    page.locator(".revision[data-kind=found] button").click()
    expect(page.locator(".revision").first).to_contain_text("管理者 高橋, put back")
    assert shop.text == good


def test_an_older_revision_is_put_back_whole(visit: Opener, shop: SettingsShop) -> None:
    """The history brings back any earlier state, to the byte, as a change of its own."""
    page = visit("/settings", name="admin")
    first = shop.text
    for name in ("A", "B"):
        edit(page, "group=front")
        page.fill("[name=name]", name)
        page.click("dialog [type=submit]")
        expect(page.locator("[data-group=front] b")).to_have_text(name)
    page.get_by_role("link", name="History").click()
    expect(page.locator(".revision")).to_have_count(3)
    page.locator(".revision[data-kind=found] button").click()
    expect(page.locator(".revision")).to_have_count(4)
    expect(page.locator(".toast")).to_contain_text("Group renamed from B to セルフレジ係")
    assert shop.text == first


def test_what_is_still_used_cannot_be_removed(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """Removing a camera that a lane needs is refused, and the page says which lane."""
    page = visit("/settings", name="admin")
    edit(page, "camera=cam-1")
    page.get_by_role("button", name="Remove…").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Still used by: 1")
    complaints.forgive_refusals()


def test_a_register_is_removed_and_comes_back_by_undo(visit: Opener, shop: SettingsShop) -> None:
    """Removing takes the register with its zones; undo restores the file to the byte."""
    page = visit("/settings", name="admin")
    before = shop.text
    edit(page, "register=lane-2")
    page.get_by_role("button", name="Remove…").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("[data-register]")).to_have_count(1)
    page.click(".toast button")
    expect(page.locator("[data-register]")).to_have_count(2)
    assert shop.text == before


def test_roles_open_what_they_may(visit: Opener, shop: SettingsShop, complaints: Complaints) -> None:
    """An attendant has no settings, a supervisor the rules, an installer everything of the shop."""
    page = visit("/settings", name="sato")
    expect(page.locator(".trouble")).to_contain_text("Your role does not allow this")
    assert page.request.get(f"{shop.url}/api/v1/settings").status == 403
    page = visit("/settings/rules", name="chief")
    page.wait_for_selector(".rule")
    assert page.locator(".ways a").all_inner_texts() == ["Rules", "Pairings", "History"]
    page = visit("/settings", name="setup")
    page.wait_for_selector(".row")
    complaints.forgive_refusals()


def test_the_watch_page_leads_to_the_settings_for_who_may(visit: Opener, shop: SettingsShop) -> None:
    """The menu of /watch has the way for an administrator and none for an attendant."""
    page = visit("/watch", name="admin")
    page.click(".menu-button")
    page.get_by_role("link", name="Settings").click()
    page.wait_for_url("**/settings")
    page = visit("/watch", name="sato")
    page.click(".menu-button")
    assert page.get_by_role("link", name="Settings").count() == 0


def test_an_empty_shop_says_what_to_do_next(visit: Opener, shop: SettingsShop) -> None:
    """Without registers and cameras the page leads to the first lane."""
    shop.config.write_text(HEAD)
    page = visit("/settings", name="admin")
    expect(page.locator(".nothing").first).to_contain_text("Begin with a lane")
    page.locator("main").get_by_role("link", name="New lane").click()
    page.wait_for_url("**/settings/lanes/new")


def test_the_language_switches_in_place(visit: Opener, shop: SettingsShop) -> None:
    """Every word changes without a reload."""
    page = visit("/settings", name="admin")
    page.wait_for_selector(".row")
    page.click(".menu-button")
    page.click("[data-language=ja]")
    expect(page.locator("h1")).to_have_text("設定")
    assert page.locator("main").inner_text().count("Edit") == 0


def test_rules_show_what_people_said_and_can_be_turned(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """Precision has its base and interval, none is claimed without labels, and a threshold is one change."""
    for n in range(8):
        incident = shop.open(1 if n < 6 else 2)
        if n < 4:
            shop.state(incident, "resolved", "true" if n < 3 else "false_alarm")
    page = visit("/settings/rules", name="chief")
    rows = page.locator("[data-rule=item_not_registered] tbody tr")
    expect(rows.nth(0)).to_contain_text("75 % (30–95 %) of 4")
    expect(rows.nth(1)).to_contain_text("no labels yet")
    with page.expect_response("**/rules?days=7*"):
        page.get_by_role("button", name="7 days").click()
    expect(page).to_have_url(shop.url + "/settings/rules?days=7")
    rule = page.locator("[data-rule=item_not_registered]")
    rule.locator("summary").click()
    control = rule.locator("[data-key=before_s] [data-register='']")
    expect(rule.locator("[data-key=before_s]")).to_contain_text("default 6, from 0.1 to 60 s")
    control.locator("input").fill("600")
    control.locator("input").blur()
    expect(control.locator(".wrong")).to_contain_text("a number from 0.1 to 60")
    control.locator("input").fill("4.5")
    control.locator("input").blur()
    page.wait_for_selector(".toast button")
    assert "before_s = 4.5" in shop.text
    page.click(".toast button")
    expect(control.locator("input")).to_have_value("6")
    assert "before_s" not in shop.text
    rule.locator("[data-key=before_s] select").select_option("lane-2")
    own = rule.locator("[data-key=before_s] [data-register=lane-2]")
    own.locator("input").fill("3")
    own.locator("input").blur()
    expect(page.locator(".toast p")).to_contain_text("changed from 6 to 3")
    expect(own.get_by_role("button")).to_have_text("As for all lanes")
    assert "[shop.register.rules.item_not_registered]\nbefore_s = 3.0" in shop.text
    complaints.forgive_refusals()
