"""The register's page as customers see it, for ``make screenshots``: scenes from pairing to receipt."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from pages.goods import APPLE, BANANAS, BEER, MILK, SALMON_LABEL, TEA, stock, wedge
from pages.hinted import hinted
from pages.pictures import clip, evidence
from pages.shop import JUDGE, PASSWORD, PageShop, page_shop
from tenban.access.model import Role
from tenban.pos.link import issue_command
from tenban.sites.model import Printer, Register

Shooter = Callable[[Page, str], None]
Opener = Callable[[Browser, str, str, str], Page]
Act = Callable[[PageShop, Page], None]

HINT = {
    "ja": "最後に袋に入れた商品の登録をご確認ください。",
    "en": "Please check that the last item was registered.",
}


def registers() -> list[Register]:
    return [
        Register("lane-7", "shop-1", "7", "self", printer=Printer("127.0.0.1", 9)),
        Register("counter-8", "shop-1", "8", "semi_self"),
        Register("staffed-9", "shop-1", "9", "staffed"),
    ]


def render(
    browser: Browser, folder: Path, database: Path, wanted: list[str], open_page: Opener, shoot: Shooter
) -> None:
    """Render every scene whose name contains one of the wanted parts, or all."""
    with page_shop(database, folder, registers=registers()) as shop:
        stock(shop)
        shop.add_person("mori", "森", Role.SUPERVISOR)
        for name, act, register, sizes, themes in SCENES:
            for size in sizes:
                for language in ("ja", "en"):
                    for theme in themes:
                        title = f"register-{name}-{size}-{language}-{theme}"
                        if wanted and not any(part in title for part in wanted):
                            continue
                        page = open_page(browser, size, language, theme)
                        _visit(shop, page, register, paired=name != "pair")
                        act(shop, page)
                        page.wait_for_timeout(350)
                        shoot(page, title)
                        page.context.close()


def _visit(shop: PageShop, page: Page, register: str, *, paired: bool) -> None:
    address = f"{shop.url}/register/{register}"
    if paired:
        page.request.post(
            f"{shop.url}/api/v1/registers/{register.partition('?')[0]}/pairing",
            data={"name": "mori", "password": PASSWORD},
            headers={"Origin": shop.url},
        )
    page.goto(address)
    page.wait_for_selector(".stage")
    page.wait_for_timeout(500)


def _nothing(_shop: PageShop, _page: Page) -> None:
    """Show the page as it comes."""


def _started(_shop: PageShop, page: Page) -> None:
    page.click(".start")


def _busy(_shop: PageShop, page: Page) -> None:
    for code in (TEA, MILK, "1004", TEA, SALMON_LABEL, "1008", "1009"):
        wedge(page, code)
    _fruit(page, BANANAS, "642")
    wedge(page, TEA)


def _fruit(page: Page, code: str, grams: str) -> None:
    wedge(page, code)
    page.fill("#weight-text", grams)
    page.click(".weigh-sheet .primary")


def _lookup(shop: PageShop, page: Page) -> None:
    _started(shop, page)
    page.click(".find")


def _search(shop: PageShop, page: Page) -> None:
    _lookup(shop, page)
    page.fill("#lookup-text", "negi")


def _how_many(shop: PageShop, page: Page) -> None:
    _lookup(shop, page)
    page.click(f"[data-code='{APPLE}']")


def _weigh(_shop: PageShop, page: Page) -> None:
    wedge(page, BANANAS)
    page.fill("#weight-text", "642")


def _code(shop: PageShop, page: Page) -> None:
    _started(shop, page)
    page.keyboard.press("F3")
    page.locator(".pad button").first.wait_for()
    page.fill("#code-text", MILK)


def _pay(shop: PageShop, page: Page) -> None:
    _busy(shop, page)
    page.click(".pay.primary")


def _cash(shop: PageShop, page: Page) -> None:
    _pay(shop, page)
    page.click("[data-method=cash]")
    page.click("[data-value='1000']")
    page.click("[data-value='500']")


def _card(shop: PageShop, page: Page) -> None:
    _pay(shop, page)
    page.click("[data-method=card]")


def _done(shop: PageShop, page: Page) -> None:
    _pay(shop, page)
    page.click("[data-method=cash]")
    page.click("[data-value='5000']")
    page.click(".confirm")
    page.wait_for_selector(".done")


def _unprinted(shop: PageShop, page: Page) -> None:
    _done(shop, page)
    page.click(".print-device")
    page.wait_for_selector(".done .trouble:not([hidden])")


def _hint(shop: PageShop, page: Page) -> None:
    _busy(shop, page)
    _tell(shop, "lamp", {"colour": "amber", "blink": False})
    blob = f"blob:{shop.here.blobs.put(evidence(1)[2], 'jpg')}"
    body = {"text": HINT, "rule": "item_not_registered", "about": "x", "answers": 2, "still": blob}
    _tell(shop, "hint", body)
    page.wait_for_selector(".hint-sheet[open] img:not([hidden])")


def _film(shop: PageShop, page: Page) -> None:
    _busy(shop, page)
    _tell(shop, "lamp", {"colour": "amber", "blink": False})
    number = page.evaluate(
        "() => fetch('/api/v1/registers/lane-7/sale', {headers: {'X-Tenban-Register': 'lane-7'}})"
        ".then((answer) => answer.json()).then((sale) => sale.sale)"
    )
    incident = hinted(shop, number, about=f"fold-{number}", lane=7)
    shop.settle_clip(incident, clip(4.0))
    page.wait_for_selector(".hint-sheet video:not([hidden])")


def _camera(shop: PageShop, page: Page) -> None:
    page.add_init_script("window.BarcodeDetector = class { async detect() { return []; } };")
    page.reload()
    _started(shop, page)
    page.get_by_role("button", name=re.compile("camera|カメラ")).click()
    page.wait_for_timeout(600)


def _incidents(shop: PageShop, page: Page) -> None:
    _sign_on(page)
    page.click(".staff-button")


def _held(shop: PageShop, page: Page) -> None:
    _pay(shop, page)
    _tell(shop, "lamp", {"colour": "red", "blink": False})
    _tell(shop, "hold_payment", {})
    page.wait_for_selector(".held:not([hidden])")


def _age(shop: PageShop, page: Page) -> None:
    _busy(shop, page)
    wedge(page, BEER)
    page.wait_for_selector(".sheet.age[open]")


def _unknown(shop: PageShop, page: Page) -> None:
    _busy(shop, page)
    wedge(page, "4909999999998")


def _cancel(shop: PageShop, page: Page) -> None:
    _busy(shop, page)
    page.locator(".actions button").last.click()


def _aside(_shop: PageShop, page: Page) -> None:
    for code in (TEA, MILK, MILK):
        wedge(page, code)
    page.locator(".side .actions button").nth(-2).click()


def _menu(shop: PageShop, page: Page) -> None:
    _started(shop, page)
    page.click(".staff-button")


def _sign_on(page: Page) -> None:
    page.click(".start")
    page.fill("#sign-on-name", "mori")
    page.fill("#sign-on-password", PASSWORD)
    page.click(".sheet.sign-on .primary")
    page.wait_for_selector(".sheet.sign-on:not([open])", state="attached")


def _staffed(shop: PageShop, page: Page) -> None:
    _sign_on(page)
    _busy(shop, page)


def _undo(shop: PageShop, page: Page) -> None:
    _sign_on(page)
    _done(shop, page)
    page.click(".done .primary.huge")
    page.click(".staff-button")
    page.click("[data-go=undo]")
    page.wait_for_timeout(500)
    page.click(".undo-sheet .search-row button")
    page.wait_for_selector(".undo-body:not([hidden])")


def _tell(shop: PageShop, type_: str, body: dict[str, object]) -> None:
    now_at = shop.here.clock.now()
    shop.here.db.write_now(
        lambda connection: issue_command(connection, "lane-7", type_, body, now_at, actor=JUDGE)
    )


ALL = ("desktop", "tablet", "phone")
HAND = ("tablet", "phone")
BOTH = ("light", "dark")
LIGHT = ("light",)
SCENES: list[tuple[str, Act, str, tuple[str, ...], tuple[str, ...]]] = [
    ("pair", _nothing, "lane-7", HAND, LIGHT),
    ("empty", _nothing, "lane-7", ALL, BOTH),
    ("first", _started, "lane-7", HAND, LIGHT),
    ("busy", _busy, "lane-7", ALL, BOTH),
    ("lookup", _lookup, "lane-7", ALL, BOTH),
    ("search", _search, "lane-7", HAND, LIGHT),
    ("quantity", _how_many, "lane-7", HAND, LIGHT),
    ("weigh", _weigh, "lane-7", HAND, LIGHT),
    ("code", _code, "lane-7", HAND, LIGHT),
    ("pay", _pay, "lane-7", ALL, BOTH),
    ("cash", _cash, "lane-7", ALL, BOTH),
    ("card", _card, "lane-7", HAND, LIGHT),
    ("done", _done, "lane-7", ALL, BOTH),
    ("error-printer", _unprinted, "lane-7", HAND, LIGHT),
    ("error-unknown", _unknown, "lane-7", HAND, LIGHT),
    ("hint", _hint, "lane-7", ALL, BOTH),
    ("hint-clip", _film, "lane-7", HAND, LIGHT),
    ("camera-refused", _camera, "lane-7", HAND, LIGHT),
    ("staff-incidents", _incidents, "staffed-9", HAND, LIGHT),
    ("held", _held, "lane-7", HAND, LIGHT),
    ("age", _age, "lane-7", HAND, LIGHT),
    ("cancel", _cancel, "lane-7", HAND, LIGHT),
    ("aside", _aside, "lane-7", HAND, LIGHT),
    ("menu", _menu, "lane-7", HAND, LIGHT),
    ("sides", _nothing, "counter-8", HAND, LIGHT),
    ("closed", _nothing, "staffed-9", HAND, LIGHT),
    ("staffed", _staffed, "staffed-9", ("desktop", "tablet"), BOTH),
    ("undo", _undo, "staffed-9", ("desktop", "tablet"), LIGHT),
]
