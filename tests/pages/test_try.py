"""``/try`` in a real browser: from a video to figures that ``tenban count`` gives too."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from pages.complaints import Complaints
from pages.conftest import Opener
from pages.shop import PageShop
from pages.trying import files_of, try_worker
from pages.until import until
from server.films import one_item
from tenban.access.model import Role
from tenban.cli import app
from tenban.tries.files import VIDEO

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_item(tmp_path_factory.mktemp("film") / "店の動画 1.mp4")


@pytest.fixture(autouse=True)
def supervisor(shop: PageShop) -> None:
    shop.add_person("ono", "小野", Role.SUPERVISOR)


def counted(film: Path, zones: object, registered: int, folder: Path) -> object:
    path = folder / "zones.json"
    path.write_text(json.dumps({"zones": zones}), encoding="utf-8")
    arguments = ["count", str(film), "--zones", str(path), "--registered", str(registered), "--json"]
    return json.loads(CliRunner().invoke(app, arguments, catch_exceptions=False).stdout)


def id_of(page: Page) -> str:
    found = re.search(r"/try/([0-9a-f-]{36})$", page.url)
    assert found
    return found[1]


def test_a_sample_clip_gives_the_figures_of_tenban_count(
    shop: PageShop, visit: Opener, tmp_path: Path
) -> None:
    """Picked, drawn, counted: the page shows what the command line says, and a move leads into the video."""
    with try_worker(shop):
        page = visit("/try", name="ono")
        page.click("[data-sample=honest]")
        page.wait_for_selector("zone-board[data-picture=shown]", timeout=PATIENCE_MS)
        assert page.input_value("#registered") == "2"
        page.fill("#registered", "1")
        page.click(".order button.primary")
        page.wait_for_selector(".three", timeout=PATIENCE_MS)
        known = page.request.get(f"{shop.url}/api/v1/tries/{id_of(page)}").json()
        film = tmp_path / "video"
        film.write_bytes(files_of(shop).open(known["id"], VIDEO).all())
        assert known["result"] == counted(film, known["zones"], 1, tmp_path)
        shown = page.locator(".three dd").all_text_contents()
        assert shown == ["1", str(known["result"]["brought_in"]), "Detected"]
        expect(page.locator(".truth")).to_contain_text("2 scanned, 2 brought in")
        until(page, "document.querySelector('clip-player video')?.readyState >= 2")
        move = page.locator(".moves-list button").last
        at_s = known["result"]["moves"][-1]["at_s"]
        page.evaluate("document.querySelector('clip-player video').pause()")
        move.click()
        until(
            page,
            "at => Math.abs(document.querySelector('clip-player video').currentTime - at) < 0.05",
            at_s,
        )
        expect(move).to_have_attribute("aria-current", "true")
        page.click("footer button")
        page.click("dialog .primary")
        page.wait_for_selector(".begin")
        assert not files_of(shop).of(known["id"]).exists()


def test_a_video_of_ones_own_is_uploaded_drawn_on_with_keys_and_counted(
    shop: PageShop, visit: Opener, film: Path
) -> None:
    """An upload shows its name, its zones move by keyboard, and other zones need no second upload."""
    with try_worker(shop):
        page = visit("/try", name="ono", locale="ja-JP")
        page.set_input_files("#own-file", film)
        page.wait_for_selector("zone-board[data-picture=shown]", timeout=PATIENCE_MS)
        expect(page.locator("h1")).to_have_text("店の動画 1.mp4")
        page.locator(".zone-list .choose").nth(1).click()
        corner = page.locator("zone-board [data-zone='1'] .corner").first
        corner.focus()
        page.keyboard.press("ArrowRight")
        page.locator("button", has_text="元に戻す").first.click()
        page.click(".order button.primary")
        expect(page.locator(".order .trouble")).to_contain_text("整数")
        page.fill("#registered", "0")
        page.click(".order button.primary")
        page.wait_for_selector(".three", timeout=PATIENCE_MS)
        assert page.locator(".three dd").all_text_contents() == ["0", "1", "あり"]
        page.click(".result .primary")
        page.check("input[value=journal]")
        event = {"type": "item_registered", "sale": "s", "item": {"line": "1", "quantity": 1}}
        journal = {"name": "記録.jsonl", "mimeType": "text/plain", "buffer": json.dumps(event).encode()}
        page.set_input_files("#journal", journal)
        page.click(".order button.primary")
        page.wait_for_selector(".three [data-kind=not_detected]", timeout=PATIENCE_MS)
        expect(page.locator(".result > .help").first).to_contain_text("記録.jsonl")


def test_a_file_that_is_no_video_is_told_and_can_be_deleted(
    shop: PageShop, visit: Opener, tmp_path: Path
) -> None:
    """The page says what was expected, what came, and what is kept."""
    path = tmp_path / "holiday.mp4"
    path.write_bytes(b"PK\x03\x04 a zip file by another name")
    with try_worker(shop):
        page = visit("/try", name="ono")
        page.set_input_files("#own-file", path)
        page.wait_for_selector(".failure", timeout=PATIENCE_MS)
        expect(page.locator(".failure")).to_contain_text("this file is a ZIP file")


def test_an_attendant_is_told_that_the_role_does_not_allow_it(visit: Opener, complaints: Complaints) -> None:
    """Whoever may not try has no entry in the menu, and the page says who may."""
    page = visit("/watch")
    page.click(".menu-button")
    assert page.locator("a[href='/try']").count() == 0
    page.goto(page.url.replace("/watch", "/try"))
    expect(page.locator("main .trouble")).to_contain_text("supervisor")
    complaints.forgive_refusals()  # the browser notes the 403


def test_the_menu_of_the_watch_page_leads_to_trying(visit: Opener) -> None:
    """A supervisor finds the entry in the menu."""
    page = visit("/watch", name="ono")
    page.click(".menu-button")
    page.click("a[href='/try']")
    page.wait_for_selector(".begin .samples button")
    expect(page.locator(".mine .help").first).to_contain_text("Nothing yet")
