"""From a camera's address to a watched lane, on the real server with real streams; and looking on live."""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from stories.running_shop import PASSWORD, film
from stories.settings_story import CAMERA_PASSWORD, CAMERA_USER, SettingsStory, settings_story

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PATIENCE_MS = 45_000


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SettingsStory]:
    folder = tmp_path_factory.mktemp("wizard")
    movie, _, _ = film(folder, seed=5, behaviours=())
    with settings_story(folder, film=movie) as story:
        yield story


@pytest.fixture
def installer(chromium: Browser, story: SettingsStory) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1180, "height": 820}, locale="en-GB")
    context.request.post(f"{story.url}/api/v1/session", data={"name": "setup", "password": PASSWORD})
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield context
    context.close()
    assert broken == []


def open_page(installer: BrowserContext, story: SettingsStory, path: str) -> Page:
    page = installer.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(story.url + path)
    return page


def test_a_wrong_address_is_explained_and_a_right_one_becomes_a_watched_lane(
    installer: BrowserContext, story: SettingsStory
) -> None:
    """Each thing that can be wrong is said in words; then the lane is recorded and watched, and stays so."""
    page = open_page(installer, story, "/settings/lanes/new")
    page.fill("[name=name]", "Spare")
    for address, words in (
        ("rtsp://127.0.0.1:1/none", "refuses the connection"),
        (story.spare.replace("spare", "nowhere"), "wants another user name or password"),
        (story.spare, "wants another user name or password"),
    ):
        page.fill("[name=address]", address)
        page.get_by_role("button", name="Open the camera").click()
        expect(page.locator(".tried .trouble")).to_contain_text(words)
        expect(page.get_by_role("button", name="Next")).to_be_disabled()
        page.get_by_role("button", name="Back").click()
    page.fill("[name=user]", CAMERA_USER)
    page.fill("[name=password]", CAMERA_PASSWORD)
    page.get_by_role("button", name="Open the camera").click()
    expect(page.locator(".tried .good")).to_contain_text("H.264 · 640×360")
    assert page.locator(".tried img").evaluate("image => image.naturalWidth") == 640
    page.get_by_role("button", name="Next").click()
    page.locator("[data-field=which] select").select_option("")
    assert page.input_value("[name=id]") == "lane-3"
    page.fill("[name=name]", "3")
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".zone")).to_have_count(4)
    page.wait_for_selector("zone-board[data-picture=shown]")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Save and watch").click()
    expect(page.locator(".step h2")).to_have_text("The lane is watched.")
    expect(page.locator(".stages [data-state=done]")).to_have_count(4)
    document = tomllib.loads(story.config.read_text(encoding="utf-8"))
    lane = document["shop"][0]["register"][2]
    assert (lane["id"], lane["name"], lane["view"][0]["camera"]) == ("lane-3", "3", "cam-3")
    assert [zone["role"] for zone in lane["view"][0]["zone"]] == ["basket", "scan", "bagging", "operator"]
    page.get_by_role("link", name="See what the detector sees").click()
    page.wait_for_selector("zone-board[data-picture=shown]")
    page.close()


def test_whoever_looks_on_sees_boxes_tracks_and_counted_moves(
    installer: BrowserContext, story: SettingsStory
) -> None:
    """The picture runs, what moves has a box and a track, and items are counted as they come to rest."""
    page = open_page(installer, story, "/settings/zones/lane-1/0")
    page.wait_for_selector("zone-board[data-picture=shown]")
    page.get_by_role("button", name="Look on live").click()
    expect(page.locator(".live-state")).to_have_text("Live: zones as saved")
    page.wait_for_selector(".seen .box", state="attached")
    page.wait_for_selector(".seen .trail", state="attached")
    expect(page.locator(".moves")).to_contain_text("item counted: Basket → Bagging")
    page.get_by_role("button", name="Look on live").click()
    page.close()


def test_drawn_zones_are_tried_without_touching_the_lane(
    installer: BrowserContext, story: SettingsStory
) -> None:
    """Zones that are only drawn count beside the lane's own; nothing is saved, nothing starts anew."""
    before = story.config.read_text(encoding="utf-8")
    page = open_page(installer, story, "/settings/zones/lane-1/0")
    page.wait_for_selector("zone-board[data-picture=shown]")
    page.get_by_label("Kind of the new zone").select_option("exit")
    page.get_by_role("button", name="Add zone", exact=True).click()
    page.get_by_role("button", name="Look on live").click()
    expect(page.locator(".live-state")).to_have_text("Live: trying the drawn zones, not saved")
    expect(page.locator(".moves")).to_contain_text("item counted")
    page.close(run_before_unload=False)
    assert story.config.read_text(encoding="utf-8") == before


def test_who_looked_is_written_down(installer: BrowserContext, story: SettingsStory) -> None:
    """Looking at people through a camera leaves a line in the audit log, before the first picture."""
    with sqlite3.connect(story.folder / "data" / "tenban.db") as database:
        events = {event for (event,) in database.execute("SELECT DISTINCT event FROM audit")}
    database.close()
    assert {
        "settings:camera:tried",
        "settings:lane:looked-at",
        "settings:revision:saved",
        "media:picture:viewed",
    } <= events
