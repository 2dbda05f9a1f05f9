"""Several shops on the settings pages: added, found, filled, kept apart, and taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages.complaints import Complaints
from pages.conftest import Opener
from pages.pictures import counter, jpeg
from pages.settings_scenes import Link
from pages.settings_shop import SHOP, SettingsShop, configuration, settings_shop
from tenban.sites.model import Broker

pytestmark = pytest.mark.browser

SECOND_LANE = """
[[shop.camera]]
id = "kawagoe-cam-1"
name = "川越 天井"
url = "rtsp://192.168.2.20/stream1"

[[shop.register]]
id = "kawagoe-lane-1"
name = "1"
kind = "self"

[[shop.register.view]]
camera = "kawagoe-cam-1"
"""


@pytest.fixture
def text() -> str:
    return configuration()


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path, text: str) -> Iterator[SettingsShop]:
    with settings_shop(migrated_sqlite, tmp_path, text=text) as shop:
        yield shop


def with_shop(text: str, *, number: str = "kawagoe", name: str = "みどり食品 川越店") -> str:
    return text + SHOP.format(id=number, name=name)


def save(page: Page) -> None:
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog", state="detached")


def add_shop(page: Page, name: str) -> None:
    page.get_by_role("button", name="Add a shop").click()
    page.fill("dialog [name=name]", name)


def test_a_second_shop_is_added_filled_and_undone(visit: Opener, shop: SettingsShop) -> None:
    """The id follows the name, the new shop's page leads to its first lane, and one tap takes it out."""
    page = visit("/settings/company", name="head")
    before = shop.text
    add_shop(page, "Kawagoe Station")
    expect(page.locator("[name=id]")).to_have_value("kawagoe-station")
    page.fill("dialog [name=name]", "川越店")
    expect(page.locator("[name=id]")).to_have_value("shop-2")
    page.fill("[name=id]", "kawagoe")
    page.fill("dialog [name=name]", "みどり食品 川越店")
    expect(page.locator("[name=id]")).to_have_value("kawagoe")
    save(page)
    expect(page.locator(".toast p")).to_contain_text("Shop みどり食品 川越店 added")
    expect(page.locator("[data-shop=kawagoe]")).to_contain_text("empty")
    page.click(".toast button")
    expect(page.locator("[data-shop=kawagoe]")).to_have_count(0)
    assert shop.text == before
    add_shop(page, "川越店")
    save(page)
    page.locator("[data-shop=shop-2]").get_by_role("link", name="Show this shop").click()
    expect(page.locator(".shop h2")).to_have_text("川越店")
    expect(page.locator(".nothing").first).to_contain_text("Begin with a lane")
    page.get_by_role("button", name="Add a camera").click()
    expect(page.locator("[name=id]")).to_have_value("shop-2-cam-1")
    page.fill("dialog [name=name]", "川越 天井")
    page.fill("[name=address]", "rtsp://192.168.2.20/stream1")
    save(page)
    page.get_by_role("button", name="Add a register").click()
    page.fill("dialog [name=name]", "1")
    save(page)
    expect(page.locator("[data-register=shop-2-lane-1]")).to_be_visible()
    assert shop.text.index("川越店") < shop.text.index("shop-2-lane-1")


def test_mistakes_of_a_new_shop_stand_in_the_form(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """An id that is taken is told beside its field in the page's language, and nothing typed is lost."""
    page = visit("/settings/company", name="head", locale="ja-JP")
    page.get_by_role("button", name="店舗を追加").click()
    page.fill("dialog [name=name]", "川越店")
    page.fill("[name=id]", "shop-1")
    page.fill("[name=currency]", "円")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=id] .wrong")).to_contain_text("使われていないID")
    page.fill("[name=id]", "kawagoe")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=currency] .wrong")).to_contain_text("JPY")
    complaints.forgive_refusals()


def test_only_an_empty_shop_is_removed(visit: Opener, shop: SettingsShop, complaints: Complaints) -> None:
    """What still stands in a shop is named; an empty one goes, also from its own page."""
    shop.config.write_text(with_shop(shop.text))
    page = visit("/settings/company", name="head")
    page.locator("[data-shop=shop-1]").get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Remove…").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Still there: 1, 2, レーン1 天井")
    page.goto(shop.url + "/settings?shop=kawagoe")
    page.locator(".shop > header").get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Remove…").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.wait_for_url("**/settings/company")
    expect(page.locator("[data-shop]")).to_have_count(1)
    complaints.forgive_refusals()


def test_every_page_shows_one_shop_and_the_way_to_another(visit: Opener, shop: SettingsShop) -> None:
    """The choice goes with one from page to page, and is still there the next time."""
    shop.config.write_text(with_shop(shop.text) + SECOND_LANE)
    page = visit("/settings", name="head")
    expect(page.locator("[data-register]")).to_have_count(2)
    page.locator(".shop-choice").click()
    assert page.locator("dialog input").is_hidden()
    page.locator("dialog").get_by_role("link", name="川越店").click()
    expect(page.locator("[data-register]")).to_have_count(1)
    expect(page.locator(".brand")).to_contain_text("川越店")
    page.get_by_role("link", name="Rules").click()
    expect(page.locator(".shop-choice")).to_contain_text("川越店")
    expect(page.locator("[data-rule=item_not_registered] [data-key=before_s] .scope").first).to_have_text(
        "All shops"
    )
    page.get_by_role("link", name="New lane").click()
    expect(page.locator("[name=which] option")).to_have_text(["a new one", "川越 天井"])
    picture = jpeg(counter(2))
    page.route("**/still?*", lambda route: route.fulfill(body=picture, content_type="image/jpeg"))
    page.goto(shop.url + "/settings/zones/lane-1/0")
    expect(page.locator(".brand")).to_contain_text("大宮店")
    page.goto(shop.url + "/settings/zones/kawagoe-lane-1/0")
    page.wait_for_selector(".zone-list, zone-board")
    expect(page.locator(".brand")).to_contain_text("川越店")
    page.goto(shop.url + "/settings")
    expect(page.locator(".shop h2")).to_contain_text("川越店")


def test_many_shops_are_searched(visit: Opener, shop: SettingsShop) -> None:
    """From eight shops on there is a field that finds by parts of name and id; Enter opens the first."""
    names = ["小田原店", "かわごえ店", "Ebisu"] + [f"店{n}" for n in range(120)]
    shop.config.write_text(
        shop.text + "".join(SHOP.format(id=f"s-{n}", name=name) for n, name in enumerate(names))
    )
    page = visit("/settings", name="head")
    page.locator(".shop-choice").click()
    search = page.locator("dialog input")
    expect(search).to_be_focused()
    expect(page.locator("dialog [role=status]")).to_have_text("74 more: type a part of the name.")
    search.fill("カワゴエ")
    expect(page.locator("dialog li")).to_have_count(1)
    search.fill("ｅｂｉ")
    expect(page.locator("dialog li b")).to_have_text(["Ebisu"])
    search.fill("nowhere")
    expect(page.locator("dialog [role=status]")).to_have_text("No shop is called so.")
    search.fill("店 s-77")
    search.press("Enter")
    expect(page.locator(".shop h2")).to_have_text("店74")


def test_whoever_belongs_to_one_shop_sees_only_it(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """No page, list or answer tells of another shop; what all share can be looked at and not turned."""
    shop.config.write_text(with_shop(shop.text) + SECOND_LANE)
    page = visit("/settings?shop=kawagoe", name="admin")
    expect(page.locator(".shop h2")).to_contain_text("大宮店")
    assert page.locator(".shop-choice").count() == 0
    assert page.get_by_role("link", name="Company").count() == 0
    for path in ("", "/rules", "/history", "?shop=shop-1", "/rules?shop=shop-1"):
        assert "kawagoe" not in page.request.get(f"{shop.url}/api/v1/settings{path}").text(), path
    assert page.request.get(f"{shop.url}/api/v1/settings").json()["mqtt"] is None
    assert page.request.get(f"{shop.url}/api/v1/settings/mqtt").status == 403
    for path in ("?shop=kawagoe", "/history?shop=kawagoe", "/rules?shop=kawagoe"):
        assert page.request.get(f"{shop.url}/api/v1/settings{path}").status == 404, path
    assert page.goto(shop.url + "/settings/company").status == 403  # type: ignore[union-attr]
    page.goto(shop.url + "/settings/rules")
    page.locator("[data-rule=item_not_registered] summary").click()
    shared = page.locator("[data-rule=item_not_registered] [data-key=before_s] [data-register='']")
    expect(shared.locator("input").first).to_be_disabled()
    expect(shared).to_contain_text("set for the whole company")
    complaints.forgive_refusals()


def test_a_shop_of_its_own_needs_no_choice(visit: Opener, shop: SettingsShop) -> None:
    """With one shop nothing speaks of several; who belongs to it finds the company, but cannot add a shop."""
    page = visit("/settings", name="admin")
    page.wait_for_selector(".row")
    assert page.locator(".shop-choice").count() == 0
    page.get_by_role("link", name="Company").click()
    page.wait_for_selector("[data-shop]")
    assert page.get_by_role("button", name="Add a shop").count() == 0


def test_the_company_gets_another_name(visit: Opener, shop: SettingsShop, complaints: Complaints) -> None:
    """The name is edited in a form with the file's checks, and one tap brings the old one back."""
    page = visit("/settings/company", name="admin")
    before = shop.text
    page.locator(".company").get_by_role("button", name="Edit").click()
    page.fill("dialog [name=name]", "")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=name] .wrong")).to_contain_text("at least one character")
    page.fill("dialog [name=name]", "あおば食品")
    save(page)
    expect(page.locator(".company h2")).to_have_text("あおば食品")
    expect(page.locator(".toast p")).to_contain_text("Company renamed from みどり食品 to あおば食品")
    page.click(".toast button")
    expect(page.locator(".company h2")).to_have_text("みどり食品")
    assert shop.text == before
    complaints.forgive_refusals()


def test_the_lamps_broker_is_set_up_and_says_whether_it_is_there(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """Off at first; then the page says why it is not connected, and that it is; the password stays hidden."""
    page = visit("/settings/company", name="head")
    expect(page.locator(".broker .state")).to_have_text("switched off")
    page.locator(".broker").get_by_role("button").click()
    page.get_by_label("Connect to a broker").check()
    page.fill("[name=host]", "mqtt://192.168.1.10")
    page.fill("[name=user]", "tenban")
    page.fill("[name=password]", "geheim2")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=host] .wrong")).to_contain_text("a host name or number")
    page.fill("[name=host]", "192.168.1.10")
    save(page)
    expect(page.locator(".toast p")).to_contain_text("Lamps over MQTT switched on (broker 192.168.1.10:1883)")
    expect(page.locator(".broker .address")).to_have_text("tenban:●●●●@192.168.1.10:1883")
    expect(page.locator(".broker .state")).to_have_text("Being taken over…")
    assert 'password = "geheim2"' in shop.text
    assert "geheim2" not in page.request.get(f"{shop.url}/api/v1/settings?shop=shop-1").text()
    link = Link(Broker("192.168.1.10", 1883, "tenban", "geheim2"))
    shop.here.link = link
    expect(page.locator(".broker .state")).to_have_text("connecting…")
    link.trouble = "password"
    expect(page.locator(".broker .state")).to_have_text("not connected")
    expect(page.locator(".broker")).to_contain_text("The broker wants another user name or password.")
    link.connected = True
    expect(page.locator(".broker .state")).to_have_text("connected")
    page.locator(".broker").get_by_role("button").click()
    assert page.input_value("[name=password]") == ""
    page.fill("[name=port]", "8883")
    page.click("dialog [type=submit]")
    expect(page.locator("[data-field=password] .wrong")).to_contain_text("another device")
    page.fill("[name=port]", "1883")
    page.get_by_label("Connect to a broker").uncheck()
    save(page)
    expect(page.locator(".toast p").last).to_contain_text("Lamps over MQTT switched off")
    assert 'password = "geheim2"' in shop.text
    shop.here.link = None
    expect(page.locator(".broker .state")).to_have_text("switched off")
    complaints.forgive_refusals()


def test_the_history_is_of_one_shop_until_all_are_wanted(visit: Opener, shop: SettingsShop) -> None:
    """Putting a state back that reaches into another shop is told first, with all that it would change."""
    shop.config.write_text(with_shop(shop.text))
    page = visit("/settings?shop=shop-1", name="head")
    first = shop.text
    for its_id in ("shop-1", "kawagoe"):
        page.goto(f"{shop.url}/settings?shop={its_id}")
        page.locator(".shop > header").get_by_role("button", name="Edit").click()
        page.fill("dialog [name=name]", f"新 {its_id}")
        save(page)
        expect(page.locator(".shop h2")).to_have_text(f"新 {its_id}")
    page.goto(f"{shop.url}/settings/history?shop=shop-1")
    expect(page.locator(".revision")).to_have_count(2)
    page.get_by_role("button", name="All shops").click()
    expect(page.locator(".revision")).to_have_count(3)
    page.locator(".spans button").first.click()
    expect(page.locator(".revision")).to_have_count(2)
    page.locator(".revision[data-kind=found] button").click()
    expect(page.locator("dialog li")).to_have_count(2)
    page.get_by_role("button", name="Cancel").click()
    page.locator(".revision[data-kind=found] button").click()
    page.get_by_role("button", name="Put all of it back").click()
    expect(page.locator(".toast")).to_contain_text("Put back")
    assert shop.text == first
