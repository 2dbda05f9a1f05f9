"""Renders the pages as customers see them, into ``screenshots/``; run by ``make screenshots``.

python tests/pages/screenshots.py [PART-OF-A-NAME …]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pages.browser import CHROMIUM, launch
from pages.pictures import clip, counter, evidence, jpeg
from pages.shop import PASSWORD, PageShop, page_shop, self_checkouts
from tenban.base.clock import SystemClock, seconds, to_rfc3339
from tenban.db.engine import sqlite_url
from tenban.db.migrate import upgrade

OUT = Path(__file__).resolve().parents[2] / "screenshots"
SIZES = {"desktop": (1440, 900), "tablet": (1180, 820), "phone": (390, 844)}


def main() -> None:
    """Render everything whose name contains one of the arguments, or everything."""
    wanted = sys.argv[1:]
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder_name, sync_playwright() as playwright:
        if not CHROMIUM.exists():
            sys.exit(f"screenshots: expected Chromium at {CHROMIUM}, found none")
        folder = Path(folder_name)
        upgrade(sqlite_url(folder / "pages.db"))
        upgrade(sqlite_url(folder / "empty.db"))
        browser = launch(playwright, fonts=folder)
        with page_shop(folder / "empty.db", folder) as shop:
            shop.add_person("sato", "佐藤")
            _each("empty", shop, browser, wanted, _nothing)
            _login(shop, browser, wanted)
            shop.incidents_status = 503
            _each("error", shop, browser, wanted, _nothing)
        with page_shop(folder / "pages.db", folder, registers=self_checkouts(6)) as shop:
            shop.add_person("sato", "佐藤")
            shop.add_person("tanaka", "田中")
            _fill(shop)
            _each("busy", shop, browser, wanted, _nothing)
            _each("playing", shop, browser, wanted, _play, themes=("light",), sizes=("tablet", "phone"))
            _each("labelled", shop, browser, wanted, _label, themes=("light",), sizes=("tablet", "phone"))
            _each("lost", shop, browser, wanted, _lose, themes=("dark",), sizes=("tablet", "phone"))
            _each("look", shop, browser, wanted, _look, themes=("light",), sizes=("tablet",))
            _each("menu", shop, browser, wanted, _menu, themes=("light",), sizes=("tablet", "phone"))
            _each("keys", shop, browser, wanted, _keys, themes=("light",), sizes=("desktop",))
        browser.close()


def _each(
    scene: str,
    shop: PageShop,
    browser: Browser,
    wanted: list[str],
    act: Callable[[PageShop, Page], None],
    *,
    themes: tuple[str, ...] = ("light", "dark"),
    sizes: tuple[str, ...] = tuple(SIZES),
) -> None:
    for size in sizes:
        for language in ("ja", "en"):
            for theme in themes:
                name = f"watch-{scene}-{size}-{language}-{theme}"
                if wanted and not any(part in name for part in wanted):
                    continue
                page = _page(browser, size, language, theme)
                page.goto(f"{shop.url}/login")
                page.fill("#name", "sato")
                page.fill("#password", PASSWORD)
                page.click("button.primary")
                page.wait_for_url("**/watch")
                page.wait_for_selector(".empty:not([hidden]), incident-card, main > .trouble:not([hidden])")
                page.wait_for_selector("lane-strip button", state="attached")
                page.wait_for_timeout(400)
                act(shop, page)
                page.wait_for_timeout(300)
                _shoot(page, name)
                page.context.close()


def _page(browser: Browser, size: str, language: str, theme: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale={"ja": "ja-JP", "en": "en-GB"}[language],
        color_scheme="dark" if theme == "dark" else "light",
        has_touch=size != "desktop",
        device_scale_factor=1,
    )
    return context.new_page()


def _shoot(page: Page, name: str) -> None:
    page.screenshot(path=OUT / f"{name}.png")
    print(name, flush=True)  # noqa: T201  # the tool's progress


def _login(shop: PageShop, browser: Browser, wanted: list[str]) -> None:
    for size in SIZES:
        for language in ("ja", "en"):
            for theme in ("light", "dark"):
                for scene in ("empty", "error"):
                    name = f"login-{scene}-{size}-{language}-{theme}"
                    if wanted and not any(part in name for part in wanted):
                        continue
                    page = _page(browser, size, language, theme)
                    page.goto(f"{shop.url}/login")
                    if scene == "error":
                        page.fill("#name", "sato")
                        page.fill("#password", "wrong horse")
                        page.click("button.primary")
                        page.wait_for_selector(".trouble")
                    _shoot(page, name)
                    page.context.close()


def _fill(shop: PageShop) -> None:
    video = clip()
    now_at = SystemClock().now()
    why_not = {"ja": "画像解析が動いていません", "en": "Analysis is not running"}
    shop.lanes[2] = {**shop.lanes[2], "watched": False, "why": why_not}
    lost = {
        "id": "cam-4",
        "name": "camera 4",
        "state": "lost",
        "why": None,
        "since_at": to_rfc3339(now_at - seconds(95)),
    }
    shop.lanes[3] = {**shop.lanes[3], "watched": False, "cameras": [lost]}
    shop.lanes[5]["till"] = {"clock_offset_ms": 12400.0, "last_event_at": to_rfc3339(now_at)}

    def opened(lane: int, kind: str, ago_s: float, seed: int, **more: object) -> object:
        operator, whole, crop, box = evidence(seed)
        label = "leaving" if kind == "left_without_paying" else "enters_bagging"
        stills = (
            ((label, whole, crop, box),)
            if kind == "item_not_registered"
            else (
                (label, whole, None, None),
                ("empty_position", jpeg(counter(seed, hand=None)), None, None),
            )
        )
        return shop.open(lane, kind, operator=operator, stills=stills, ago_s=ago_s, **more)  # type: ignore[arg-type]

    settled = [
        ("resolved", "true", "スキャン忘れ"),
        ("resolved", "false_alarm", None),
        ("resolved", "unclear", None),
    ]
    for place in range(7):
        one = opened(
            place % 6 + 1, ["item_not_registered", "scan_omission"][place % 2], 1500 - place * 190, place + 10
        )
        state, outcome, reason = settled[place % 3]
        shop.state(one, state, outcome, reason)  # type: ignore[arg-type]
    gone = opened(2, "item_not_registered", 240, 31)
    shop.withdraw(gone, {"ja": "その後に登録されました", "en": "It was registered afterwards"})  # type: ignore[arg-type]
    held = opened(1, "items_left_in_basket", 200, 32)
    shop.settle_clip(held, video)  # type: ignore[arg-type]
    shop.state(held, "pending")  # type: ignore[arg-type]
    left = opened(6, "left_without_paying", 48, 33)
    shop.settle_clip(left, video)  # type: ignore[arg-type]
    first = opened(5, "item_not_registered", 20, 34, fold="lane-5")
    shop.settle_clip(first, video)  # type: ignore[arg-type]
    opened(2, "item_not_registered", 3, 36)


def _nothing(_shop: PageShop, _page: Page) -> None:
    """Show the page as it comes."""


def _play(_shop: PageShop, page: Page) -> None:
    button = page.locator("button.play:enabled").first
    button.click()
    page.wait_for_timeout(1500)


def _label(_shop: PageShop, page: Page) -> None:
    page.route("**/state", lambda route: route.continue_())
    card = page.locator("incident-card").nth(1)
    card.locator("[data-outcome=true]").click()
    page.wait_for_timeout(300)
    undo = page.locator(".toast button")
    undo.wait_for()
    page.context.once("close", lambda _: None)
    page.evaluate("() => 0")


def _lose(shop: PageShop, page: Page) -> None:
    shop.stop()
    page.wait_for_selector("connection-state[data-kind=lost]")
    shop.start()
    page.evaluate("() => 0")


def _look(_shop: PageShop, page: Page) -> None:
    page.locator("still-picture .look").nth(1).click()


def _menu(_shop: PageShop, page: Page) -> None:
    page.click(".menu-button")


def _keys(_shop: PageShop, page: Page) -> None:
    page.keyboard.press("?")


if __name__ == "__main__":
    main()
