"""A shop, a browser and people in front of it; every page is held to no console error and no CSP breach."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from pages.axe import axe_source
from pages.browser import CHROMIUM, launch
from pages.complaints import Complaints
from pages.pictures import clip
from pages.shop import PASSWORD, PageShop, page_shop

Opener = Callable[..., Page]

# The machine may be very busy with other tests; nobody waits longer than it takes.
PATIENCE_MS = 45_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def axe() -> str:
    return axe_source()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"CHROMIUM MISSING: no {CHROMIUM}; set TENBAN_CHROMIUM to run the browser tests")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def video() -> bytes:
    return clip(2.0)


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[PageShop]:
    path = tmp_path / "tenban.db"
    shutil.copy(migrated_sqlite, path)
    with page_shop(path, tmp_path) as shop:
        shop.add_person("sato", "佐藤")
        shop.add_person("tanaka", "田中")
        yield shop


@pytest.fixture
def complaints() -> Complaints:
    """What browsers complain of."""
    return Complaints()


@pytest.fixture
def visit(chromium: Browser, shop: PageShop, complaints: Complaints) -> Iterator[Opener]:
    """Open a page of the shop, in a browser of its own; signed in unless ``name`` is None."""
    contexts: list[BrowserContext] = []

    def open_page(
        path: str = "/watch",
        *,
        name: str | None = "sato",
        locale: str = "en-GB",
        width: int = 1180,
        height: int = 820,
        touch: bool = False,
        javascript: bool = True,
        held_to_axe: bool = False,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            has_touch=touch,
            java_script_enabled=javascript,
            bypass_csp=held_to_axe,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        complaints.hear(page)
        if name is not None:
            page.request.post(f"{shop.url}/api/v1/session", data={"name": name, "password": PASSWORD})
        page.goto(shop.url + path)
        if path.startswith("/watch") and name is not None and javascript:
            page.wait_for_selector("connection-state[data-kind=live]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints.unforgiven == []
