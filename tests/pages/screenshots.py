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

from pages import cases_scenes, footage_scenes, register_screens, watch_screens
from pages.browser import CHROMIUM, launch
from pages.film import Filmer, Shot
from pages.settings_scenes import picture_settings
from pages.shop import PASSWORD, PageShop, page_shop, self_checkouts
from pages.try_scenes import SCENES, pose
from tenban.base.clock import SystemClock, seconds, to_rfc3339
from tenban.db.engine import sqlite_url
from tenban.db.migrate import upgrade
from tenban.incidents.model import Incident

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
        with page_shop(folder / "empty.db", folder, registers=self_checkouts(6, name="{n}")) as shop:
            shop.add_person("sato", "佐藤")
            _each("empty", shop, browser, wanted, _nothing)
            _login(shop, browser, wanted)
            shop.incidents_status = 503
            _each("error", shop, browser, wanted, _nothing)
            _tries(shop, browser, wanted)
        with page_shop(folder / "pages.db", folder, registers=self_checkouts(6, name="{n}")) as shop:
            shop.add_person("sato", "佐藤")
            shop.add_person("tanaka", "田中")
            _fill(shop)
            _each("busy", shop, browser, wanted, _nothing)
            _each("playing", shop, browser, wanted, _play, themes=("light",), sizes=("tablet", "phone"))
            _each("labelled", shop, browser, wanted, _label, themes=("light",), sizes=("tablet", "phone"))
            _each("lost", shop, browser, wanted, _lose, themes=("dark",), sizes=("tablet", "phone"))
            _each("new", shop, browser, wanted, _arrive, themes=("light", "dark"), sizes=("tablet", "phone"))
            _each("look", shop, browser, wanted, _look, themes=("light",), sizes=("tablet",))
            _each("menu", shop, browser, wanted, _menu, themes=("light",), sizes=("tablet", "phone"))
            _each("keys", shop, browser, wanted, _keys, themes=("light",), sizes=("desktop",))
        upgrade(sqlite_url(folder / "register.db"))
        register_screens.render(browser, folder, folder / "register.db", wanted, _page, _shoot)
        picture_settings(browser, folder, wanted, _page, _shoot)
        upgrade(sqlite_url(folder / "twelve.db"))
        watch_screens.render(browser, folder, folder / "twelve.db", wanted, _page, _shoot)
        upgrade(sqlite_url(folder / "footage.db"))
        footage_scenes.render(browser, folder, folder / "footage.db", wanted, _page, _shoot)
        upgrade(sqlite_url(folder / "cases.db"))
        cases_scenes.render(browser, folder, folder / "cases.db", wanted, _page, _shoot)
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
                page.wait_for_selector("lane-map button", state="attached")
                page.wait_for_timeout(400)
                act(shop, page)
                page.wait_for_timeout(300)
                _shoot(page, name)
                _undo(page)
                _settle(shop)
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


def _tries(shop: PageShop, browser: Browser, wanted: list[str]) -> None:
    for scene in SCENES:
        sizes = [
            (size, language, theme)
            for size in SIZES
            for language in ("ja", "en")
            for theme in ("light", "dark")
            if not wanted or any(part in f"try-{scene}-{size}-{language}-{theme}" for part in wanted)
        ]
        if not sizes:
            continue
        with pose(shop, scene) as path:
            for size, language, theme in sizes:
                page = _page(browser, size, language, theme)
                page.request.post(f"{shop.url}/api/v1/session", data={"name": "ono", "password": PASSWORD})
                page.goto(shop.url + path)
                page.wait_for_selector(".begin .samples button, .one .place > *")
                page.wait_for_timeout(1500)
                _shoot(page, f"try-{scene}-{size}-{language}-{theme}")
                page.context.close()


def _fill(shop: PageShop) -> None:
    filmer = Filmer()
    now_at = SystemClock().now()
    why_not = {"ja": "画像解析が動いていません", "en": "Analysis is not running"}
    shop.lanes[2] = {**shop.lanes[2], "watched": False, "why": why_not}
    since = to_rfc3339(now_at - seconds(95))
    lost = {"id": "cam-4", "name": "C4", "state": "lost", "why": None, "since_at": since}
    shop.lanes[3] = {**shop.lanes[3], "watched": False, "cameras": [lost]}
    shop.lanes[5]["till"] = {"clock_offset_ms": 12400.0, "last_event_at": to_rfc3339(now_at)}

    def forgotten(lane: int, ago_s: float, shot: Shot, kind: str = "item_not_registered") -> Incident:
        stills = (("enters_bagging", shot.seen, shot.crop, shot.box),)
        return shop.open(lane, kind, operator=shot.operator, stills=stills, ago_s=ago_s)

    first, second, third = (filmer.forgotten_scan(seed) for seed in (1, 2, 14))
    settled = [("true", "スキャン忘れ"), ("false_alarm", None), ("unclear", None)]
    for place in range(7):
        kind = ["item_not_registered", "scan_omission"][place % 2]
        one = forgotten(place % 6 + 1, 1500 - place * 190, third, kind)
        outcome, reason = settled[place % 3]
        shop.state(one, "resolved", outcome, reason)
    gone = forgotten(2, 240, second)
    shop.withdraw(gone, {"ja": "その後に登録されました", "en": "It was registered afterwards"})
    held = forgotten(1, 200, third, "items_left_in_basket")
    shop.settle_clip(held, third.clip)
    shop.state(held, "pending")
    walked = filmer.walk_away(3)
    stills = (("leaving", walked.seen, None, None), ("empty_position", walked.after, None, None))
    left = shop.open(6, "left_without_paying", operator=walked.operator, stills=stills, ago_s=48)
    shop.settle_clip(left, walked.clip)
    shop.settle_clip(forgotten(5, 20, first), first.clip)
    forgotten(2, 3, second)


def _nothing(_shop: PageShop, _page: Page) -> None:
    """Show the page as it comes."""


def _play(_shop: PageShop, page: Page) -> None:
    button = page.locator("button.play:enabled").first
    button.click()
    page.wait_for_timeout(1500)


def _label(_shop: PageShop, page: Page) -> None:
    page.locator("incident-card").nth(1).locator("[data-outcome=true]").click()
    page.locator(".toast button").wait_for()
    page.evaluate("scrollTo(0, 0)")


def _settle(shop: PageShop) -> None:
    shop.ensure_started()
    for incident in shop.known_incidents():
        if incident.fold_key.startswith("arrives"):
            shop.state(incident, "resolved", "true")


def _undo(page: Page) -> None:
    undo = page.locator(".toast button")
    if undo.count():
        undo.click()
        page.locator(".toast").wait_for(state="detached")


def _lose(shop: PageShop, page: Page) -> None:
    shop.stop()
    page.wait_for_selector("connection-state[data-kind=lost]")


def _arrive(shop: PageShop, page: Page) -> None:
    known = shop.known_incidents()[0]
    stills = tuple((still.label, still.ref, still.crop, still.box) for still in known.causes[-1].evidence)
    fold = f"arrives-{id(page)}"
    for _ in range(2):
        shop.open(1, operator=known.operator_still, stills=stills, fold=fold)
    page.wait_for_selector(".mark.repeats")


def _look(_shop: PageShop, page: Page) -> None:
    page.locator("still-picture .look").nth(1).click()


def _menu(_shop: PageShop, page: Page) -> None:
    page.click(".menu-button")


def _keys(_shop: PageShop, page: Page) -> None:
    page.keyboard.press("?")


if __name__ == "__main__":
    main()
