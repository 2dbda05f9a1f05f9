"""Zones drawn on the camera's picture: by mouse, by finger, by keyboard; saved as one revision."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pages.complaints import Complaints
from pages.conftest import Opener
from pages.settings_shop import SettingsShop, settings_shop

pytestmark = pytest.mark.browser

Place = tuple[float, float]


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[SettingsShop]:
    with settings_shop(migrated_sqlite, tmp_path) as shop:
        yield shop


def open_zones(visit: Opener, **more: Any) -> Page:
    page = visit("/settings/zones/lane-1/0", name="admin", **more)
    page.wait_for_selector("zone-board[data-picture=shown]")
    page.wait_for_selector(".zone.bagging .name")
    return page


def on_screen(page: Page, place: Place) -> Place:
    """Where a place of the picture (0–1) is on the screen."""
    box = page.locator("zone-board svg").bounding_box()
    assert box is not None
    return box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"]


def drag(page: Page, start: Place, end: Place) -> None:
    page.mouse.move(*on_screen(page, start))
    page.mouse.down()
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    for place in (middle, end):
        page.mouse.move(*on_screen(page, place), steps=4)
    page.mouse.up()


def zones(shop: SettingsShop, lane: int = 0) -> list[tuple[str, list[list[float]]]]:
    register = tomllib.loads(shop.text)["shop"][0]["register"][lane]
    return [(zone["role"], zone["polygon"]) for zone in register["view"][0]["zone"]]


def save(page: Page) -> None:
    page.get_by_role("button", name="Save zones").click()
    page.wait_for_selector(".toast button")


def near(came: list[list[float]], wanted: list[Place]) -> bool:
    return len(came) == len(wanted) and all(
        abs(x - a) < 0.012 and abs(y - b) < 0.012 for (x, y), (a, b) in zip(came, wanted, strict=True)
    )


def test_a_corner_is_moved_by_mouse_and_saved_as_one_revision(visit: Opener, shop: SettingsShop) -> None:
    """Two corners dragged and saved are one change; comments of the zone stay in the file."""
    page = open_zones(visit)
    page.mouse.click(*on_screen(page, (0.7, 0.35)))
    drag(page, (0.6, 0.2), (0.5, 0.1))
    drag(page, (0.95, 0.2), (0.998, 0.004))
    expect(page.locator(".saving .note")).to_contain_text("Saving starts anew: Watching of Lane 1.")
    save(page)
    bagging = zones(shop)[1]
    assert bagging[0] == "bagging"
    assert near(bagging[1], [(0.5, 0.1), (1, 0), (0.95, 0.8), (0.6, 0.8)])
    assert 'role = "bagging"  # 袋詰め台' in shop.text
    expect(page.locator(".toast p")).to_contain_text("Lane 1: zones changed (reshaped: bagging)")
    page.click(".toast button")
    expect(page.locator(".toast p")).to_have_text("Undone.")
    assert near(zones(shop)[1][1], [(0.6, 0.2), (0.95, 0.2), (0.95, 0.8), (0.6, 0.8)])


def test_a_zone_is_drawn_corner_by_corner(visit: Opener, shop: SettingsShop) -> None:
    """Clicks set corners, a click on the first closes; the role is chosen before."""
    page = open_zones(visit)
    page.get_by_label("Kind of the new zone").select_option("scan")
    page.get_by_role("button", name="Draw", exact=True).click()
    corners = [(0.4, 0.3), (0.55, 0.3), (0.55, 0.7), (0.4, 0.7)]
    for corner in [*corners, corners[0]]:
        page.mouse.click(*on_screen(page, corner))
    expect(page.locator(".zone.scan .name text")).to_have_text("Scan")
    save(page)
    assert zones(shop)[2][0] == "scan"
    assert near(zones(shop)[2][1], corners)


def test_sides_that_would_cross_are_refused(visit: Opener, shop: SettingsShop) -> None:
    """A drag that would cross the zone's sides is taken back, and the page says why."""
    page = open_zones(visit)
    page.mouse.click(*on_screen(page, (0.7, 0.35)))
    drag(page, (0.6, 0.2), (0.8, 0.95))
    expect(page.locator(".zone-panel .note")).to_have_text("The sides of a zone may not cross.")
    expect(page.get_by_role("button", name="Save zones")).to_be_disabled()


def test_drawing_goes_back_and_forth(visit: Opener, shop: SettingsShop) -> None:
    """Each step of drawing can be undone and redone before anything is saved."""
    page = open_zones(visit)
    before = shop.text
    page.get_by_label("Kind of the new zone").select_option("exit")
    page.get_by_role("button", name="Add zone", exact=True).click()
    expect(page.locator(".zone.exit")).to_have_count(1)
    page.mouse.click(*on_screen(page, (0.15, 0.35)))
    drag(page, (0.1, 0.3), (0.2, 0.3))
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator(".zone.exit")).to_have_count(0)
    expect(page.get_by_role("button", name="Save zones")).to_be_disabled()
    page.get_by_role("button", name="Redo").click()
    expect(page.locator(".zone.exit")).to_have_count(1)
    page.get_by_role("button", name="Drop changes").click()
    expect(page.locator(".zone.exit")).to_have_count(0)
    assert shop.text == before


def test_a_whole_zone_stays_inside_the_picture(visit: Opener, shop: SettingsShop) -> None:
    """A zone dragged over the edge stops at it and keeps its shape."""
    page = open_zones(visit)
    page.mouse.click(*on_screen(page, (0.15, 0.35)))
    drag(page, (0.15, 0.35), (-0.2, 0.4))
    save(page)
    assert near(zones(shop)[0][1], [(0, 0.25), (0.25, 0.25), (0.25, 0.85), (0, 0.85)])


def test_a_corner_is_moved_added_and_removed_by_keyboard(visit: Opener, shop: SettingsShop) -> None:
    """Everything works without a pointer: choose, move, add, remove; the focus stays where one works."""
    page = open_zones(visit)
    page.locator("[data-zone='1']").focus()
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    focused = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(focused) == "Bagging: corner 1 of 4, 58 % from the left, 18 % from the top"
    page.keyboard.press("Enter")
    assert "corner 2 of 5" in page.evaluate(focused)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    assert "corner 3 of 5" in page.evaluate(focused)
    page.keyboard.press("Delete")
    assert "of 4" in page.evaluate(focused)
    save(page)
    assert near(zones(shop)[1][1], [(0.58, 0.18), (0.765, 0.185), (0.95, 0.8), (0.6, 0.8)])


def test_a_zone_is_reshaped_by_finger(visit: Opener, shop: SettingsShop) -> None:
    """On a phone a first touch chooses, the second drags a corner; handles are as large as a finger."""
    page = open_zones(visit, width=390, height=844, touch=True)
    page.touchscreen.tap(*on_screen(page, (0.8, 0.35)))
    page.wait_for_selector(".zone.bagging[data-chosen=true] .corner")
    hit = page.locator(".zone.bagging .corner .hit").first.bounding_box()
    assert hit is not None
    assert hit["width"] >= 44
    finger = page.context.new_cdp_session(page)
    places = [(0.6, 0.2), (0.55, 0.15), (0.5, 0.12)]
    for kind, place in zip(("touchStart", "touchMove", "touchMove"), places, strict=True):
        x, y = on_screen(page, place)
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    save(page)
    assert near(zones(shop)[1][1], [(0.5, 0.12), (0.95, 0.2), (0.95, 0.8), (0.6, 0.8)])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_zone_is_deleted_and_the_page_says_what_is_lacking(visit: Opener, shop: SettingsShop) -> None:
    """Without a bagging zone nothing is counted; the page says so before it is saved."""
    page = open_zones(visit)
    page.locator(".zone-list .choose", has_text="Bagging").click()
    page.get_by_role("button", name="Delete zone").click()
    expect(page.locator(".lack").first).to_have_text("Without a bagging zone no item is counted.")
    save(page)
    assert [role for role, _ in zones(shop)] == ["basket"]


def test_two_who_draw_are_told_of_each_other(
    visit: Opener, shop: SettingsShop, complaints: Complaints
) -> None:
    """Who saves second sees what changed meanwhile, and may save on top or drop the own drawing."""
    first, second = open_zones(visit), open_zones(visit)
    for page, role in ((first, "scan"), (second, "operator")):
        page.get_by_label("Kind of the new zone").select_option(role)
        page.get_by_role("button", name="Add zone", exact=True).click()
    save(first)
    second.get_by_role("button", name="Save zones").click()
    expect(second.locator(".moved")).to_contain_text("zones changed (added: scan)")
    second.get_by_role("button", name="Drop mine").click()
    expect(second.locator(".zone.scan")).to_have_count(1)
    expect(second.locator(".zone.operator")).to_have_count(0)
    complaints.forgive_refusals()
