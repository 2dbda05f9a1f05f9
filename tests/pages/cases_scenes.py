"""The pages of cases, and the offline page of a package, as customers see them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

from pages.cases_shop import CasesShop, cases_shop
from pages.shop import PASSWORD
from tenban.cases.model import Case

Pages = Callable[[Browser, str, str, str], Page]
Shoot = Callable[[Page, str], None]
_WAYS = (*product(("desktop", "tablet", "phone"), ("ja", "en"), ("light",)), ("desktop", "ja", "dark"))


def render(
    browser: Browser, folder: Path, migrated: Path, wanted: list[str], make: Pages, shoot: Shoot
) -> None:
    """Shoot list, one case and a package unpacked, in sizes, languages and colours."""
    if wanted and not any("case" in one for one in wanted):
        return
    place = folder / "cases-shop"
    place.mkdir()
    with cases_shop(migrated, place) as shop:
        _each(browser, shop, "cases-empty", "/cases", make, shoot)
        case, data = _fill(shop)
        _each(browser, shop, "cases", "/cases", make, shoot)
        _each(browser, shop, "case", f"/cases/{case.id}", make, shoot)
        package = folder / "package"
        with zipfile.ZipFile(io.BytesIO(data)) as files:
            files.extractall(package)
        for size, language, theme in _WAYS:
            page = make(browser, size, language, theme)
            page.goto((package / "index.html").as_uri())
            page.locator(".journal button").nth(3).click()
            page.set_input_files("#folder", package)
            page.wait_for_selector(".result.ok")
            shoot(page, f"case-package-{size}-{language}-{theme}")
            page.context.close()


def _fill(shop: CasesShop) -> tuple[Case, bytes]:
    assert shop.house is not None
    case = shop.house.sealed(note="店長が売場で確認しました。")
    _, data = shop.house.make(case)
    shop.house.case("レーン4：袋詰め台へ移した商品の登録がなかった件（確認中）")
    return case, data


def _each(browser: Browser, shop: CasesShop, name: str, path: str, make: Pages, shoot: Shoot) -> None:
    for size, language, theme in _WAYS:
        page = make(browser, size, language, theme)
        page.request.post(f"{shop.url}/api/v1/session", data={"name": "mori", "password": PASSWORD})
        page.goto(shop.url + path)
        page.wait_for_selector(".case-list li, .case-items li, .empty:not([hidden])")
        shoot(page, f"{name}-{size}-{language}-{theme}")
        page.context.close()
