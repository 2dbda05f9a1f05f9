"""A camera's own page, and finding cameras, in a real browser; the camera that is asked is a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pages.axe import breaches
from pages.camera_scenes import ALLOW, answer_calls, camera, measure, with_sub
from pages.complaints import Complaints
from pages.conftest import Opener
from pages.settings_shop import SettingsShop, configuration, settings_shop
from tenban.simulator.onvif import OnvifCamera

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def asked() -> Iterator[OnvifCamera]:
    one = camera()
    yield one
    one.stop()


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[SettingsShop]:
    text = with_sub(configuration()).replace("192.168.1.21", "127.0.0.1") + ALLOW
    with settings_shop(migrated_sqlite, tmp_path, text=text) as shop:
        yield shop


def test_a_camera_is_found_asked_and_put_into_the_form(
    visit: Opener, shop: SettingsShop, asked: OnvifCamera, axe: str, complaints: Complaints
) -> None:
    """Who answers, a wrong password, streams and clock; what was chosen is saved with both streams."""
    page = visit("/settings", name="setup", held_to_axe=True)
    answer_calls(page, asked.port)
    page.get_by_role("button", name="Find cameras").click()
    rows = page.locator(".find .row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("known already: レーン1 天井")
    expect(rows.nth(2).get_by_role("button")).to_have_count(0)
    assert breaches(page, axe) == []
    rows.first.get_by_role("button").click()
    page.fill(".find [name=user]", "admin")
    page.fill(".find [name=password]", "nein")
    page.click(".find [type=submit]")
    expect(page.locator(".find .trouble")).to_contain_text("another user name or password")
    expect(page.locator(".find .help").filter(has_text="clock")).to_contain_text("behind ours")
    page.fill(".find [name=password]", "secret")
    page.click(".find [type=submit]")
    expect(page.locator(".find .streams")).to_have_count(2)
    expect(page.locator(".find")).to_contain_text("Cannot be recorded: Snapshots")
    expect(page.locator(".find")).to_contain_text("H.265 is recorded, but not every browser plays it")
    expect(page.locator(".find [name=main]:checked")).to_have_value("MainStream")
    expect(page.locator(".find [name=sub]:checked")).to_have_value("SubStream")
    assert breaches(page, axe) == []
    page.click(".find .primary")
    expect(page.locator("dialog.edit [name=name]")).to_have_value("AXIS M3106-L")
    expect(page.locator("dialog.edit [name=sub]")).to_have_value("rtsp://127.0.0.1:554/lane-1-small")
    page.click("dialog.edit [type=submit]")
    expect(page.locator("[data-camera=cam-3] b")).to_have_text("AXIS M3106-L")
    assert 'sub = "rtsp://admin:secret@127.0.0.1:554/lane-1-small"' in shop.text
    complaints.forgive_refusals()


def test_where_nobody_answers_an_address_is_asked(
    visit: Opener, shop: SettingsShop, asked: OnvifCamera
) -> None:
    """The wizard offers the same; an empty network says what may be the reason, and takes an address."""
    page = visit("/settings/lanes/new", name="setup")
    answer_calls(page, None)
    page.get_by_role("combobox").first.select_option("")
    page.get_by_role("button", name="Find cameras").click()
    expect(page.locator(".find h2")).to_have_text("No camera answered")
    page.fill(".find [name=address]", f"127.0.0.1:{asked.port}")
    page.keyboard.press("Enter")
    page.fill(".find [name=user]", "admin")
    page.fill(".find [name=password]", "secret")
    page.keyboard.press("Enter")
    page.locator(".find .primary").filter(has_text="Use these").click()
    expect(page.locator("form [name=name]")).to_have_value("M3106-L Mk II")
    expect(page.locator("form [name=address]")).to_have_value("rtsp://127.0.0.1:554/lane-1")


def test_a_camera_tells_how_it_does(
    visit: Opener, shop: SettingsShop, axe: str, complaints: Complaints
) -> None:
    """State, rates, clock, losses, footage by day, the smaller stream; then what went wrong."""
    measure(shop)
    page = visit("/settings/cameras/cam-1", name="setup", held_to_axe=True)
    state = page.locator(".camera-state")
    expect(state).to_contain_text("Recording since")
    told = page.locator(".camera-figures").first
    for words in ("4.07 Mbit/s", "H.264 · 1920×1080", "2.00 s", "1.8 s ahead of ours"):
        expect(told).to_contain_text(words)
    expect(page.locator(".camera-figures").nth(1)).to_contain_text("640×360")
    expect(page.locator(".days tbody tr").first).to_contain_text("GB")
    expect(page.locator(".still img")).to_be_visible()
    assert breaches(page, axe) == []
    # Nobody listens there: the test says so in words, and the page stays.
    page.get_by_role("button", name="Ask the camera (ONVIF)").click()
    expect(page.locator(".asked .trouble")).to_contain_text("nothing listens on this port")
    expect(page.locator(".camera-page")).not_to_contain_text("H.265")
    measure(shop, lost=True)
    page.reload()
    expect(page.locator(".camera-page")).to_contain_text("H.265 is recorded, but not every browser plays it")
    expect(state).to_contain_text("Lost since")
    expect(page.locator(".camera-page")).to_contain_text("The camera sent nothing for 5 s")
    expect(page.locator(".camera-page")).to_contain_text("check cable, switch and Wi-Fi")
    complaints.forgive_refusals()


def test_how_much_is_kept_is_set_in_days_and_gigabytes(
    visit: Opener, shop: SettingsShop, axe: str, complaints: Complaints
) -> None:
    """What it means stands beside the fields while one types; mistakes too; saving can be undone."""
    measure(shop)
    page = visit("/settings/cameras/cam-1", name="admin", held_to_axe=True)
    period = page.locator(".camera-page .period")
    expect(period).to_contain_text("as the shop keeps footage")
    expect(period).to_contain_text("At the present rate a day takes")
    page.get_by_role("button", name="Change how much is kept").click()
    dialog = page.locator("dialog.edit")
    dialog.locator("[name=keep_days]").fill("99")
    expect(dialog.locator("[data-field=keep_days] .wrong")).to_contain_text("at most 30")
    dialog.locator("[name=keep_days]").fill("７")
    dialog.locator("[name=max_gb]").fill("100")
    expect(dialog.locator(".means")).to_contain_text("7 days take about")
    expect(dialog.locator(".means")).to_contain_text("100 GB are reached first: about 2 days")
    expect(dialog.locator(".means")).to_contain_text("not the footage")
    assert breaches(page, axe) == []
    dialog.locator("[type=submit]").click()
    expect(period).to_contain_text("It is kept for 7 days; the shop keeps footage for 30 days.")
    expect(period).to_contain_text("Of more than 100 GB")
    assert "keep_days = 7\nmax_gb = 100\n" in shop.text
    page.get_by_role("button", name="Undo").click()
    expect(period).to_contain_text("as the shop keeps footage")
    assert "keep_days" not in shop.text
    installer = visit("/settings/cameras/cam-1", name="setup")
    expect(installer.locator(".camera-page .period")).to_contain_text("as the shop keeps footage")
    expect(installer.get_by_role("button", name="Change how much is kept")).to_have_count(0)
    complaints.forgive_refusals()  # the browser's own, of what was refused while typing


def test_a_camera_never_seen_says_so(visit: Opener, shop: SettingsShop, complaints: Complaints) -> None:
    """A page without figures; one of a camera that is not there leads back."""
    page = visit("/settings/cameras/cam-2", name="setup")
    expect(page.locator(".camera-state")).to_contain_text("never seen yet")
    expect(page.locator(".camera-page")).to_contain_text("No footage yet.")
    expect(page.locator(".camera-figures div")).to_have_count(3)
    page.goto(f"{shop.url}/settings/cameras/cam-99")
    expect(page.locator(".trouble")).to_contain_text("no such camera")
    complaints.forgive_refusals()
