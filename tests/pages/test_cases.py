"""A case from the incident's card to the package in somebody else's hands, in a real browser."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.axe import breaches
from pages.cases_shop import CasesShop, cases_shop
from pages.complaints import Complaints
from pages.conftest import Opener
from pages.until import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def cases_house(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[CasesShop]:
    with cases_shop(migrated_sqlite, tmp_path_factory.mktemp("cases-shop")) as shop:
        yield shop


@pytest.fixture
def shop(cases_house: CasesShop) -> CasesShop:
    return cases_house


def test_a_case_is_put_together_sealed_and_taken_along(  # noqa: PLR0915  # one visit from end to end
    visit: Opener, shop: CasesShop, axe: str, complaints: Complaints, tmp_path: Path
) -> None:
    """From the card into a new case; a note; sealed; a package made, proven and downloaded."""
    assert shop.house is not None
    shop.state(shop.house.incident(), "resolved", "true")
    page = visit("/watch", name="mori", held_to_axe=True)
    page.locator("incident-list .row").first.click()
    page.get_by_role("button", name="Add to case…").click()
    # A title is there already: where, what and when.
    expect(page.locator(".contained [name=title]")).to_have_value(
        re.compile(r"Lane 1 · Item not registered · .*\d\d:\d\d:\d\d")
    )
    page.fill(".contained [name=title]", "")
    page.get_by_role("button", name="Add to the case").click()
    expect(page.locator(".contained [role=alert]")).to_have_text("Enter a title of 1 to 200 characters.")
    page.fill(".contained [name=title]", "レーン1 11月22日")
    page.get_by_role("button", name="Add to the case").click()
    page.get_by_role("link", name="レーン1 11月22日").click()
    expect(page.locator("h1")).to_have_text("レーン1 11月22日")
    expect(page.locator(".case-items li")).to_contain_text(
        "Incident · Item not registered · Lane 1 · sale 17"
    )
    expect(page.get_by_role("button", name="Make a package…")).to_be_hidden()
    page.get_by_role("button", name="Add a note…").click()
    page.fill("[name=note]", "店長が確認しました。")
    page.get_by_role("button", name="Add to the case").click()
    expect(page.locator(".case-items li")).to_have_count(2)
    page.locator("[data-kind=note]").get_by_role("button", name="Take out").click()
    expect(page.locator(".case-items li")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-kind=note] .text")).to_have_text("店長が確認しました。")
    page.get_by_role("button", name="Seal the case…").click()
    page.get_by_role("button", name="Seal it").click()
    expect(page.locator(".marks .case-state")).to_have_text("Sealed")
    expect(page.get_by_role("button", name="Add a note…")).to_be_hidden()
    page.get_by_role("button", name="Make a package…").click()
    page.fill("[name=purpose]", "警察からの依頼")
    page.fill("[name=receiver]", "大宮警察署")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("[data-package='1']")).to_contain_text("Waits for its turn")
    shop.make_packages()
    expect(page.locator("[data-package='1'] .sum")).to_be_visible()
    page.get_by_role("button", name="Prove now").click()
    expect(page.locator("[data-package='1'] .proof")).to_contain_text("files are as they were signed")
    assert breaches(page, axe) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    taken = tmp_path / "package.zip"
    download.value.save_as(taken)
    assert download.value.suggested_filename.startswith("case-ebisu-2026-")
    assert zipfile.ZipFile(taken).testzip() is None
    page.reload()
    expect(page.locator(".case-history")).to_contain_text("Package 1 taken along")
    page.goto(f"{shop.url}/cases")
    expect(page.locator(".case-list li")).to_contain_text("packages: 1")
    page.fill("#search", "nothing like it")
    expect(page.locator(".empty")).to_contain_text("No case fits.")
    assert breaches(page, axe) == []
    # An auditor proves it, and reads nothing of what it is about.
    auditor = visit("/cases", name="ono")
    auditor.locator(".case-list a").click()
    expect(auditor.locator("[data-package='1']")).not_to_contain_text("警察")
    auditor.get_by_role("button", name="Prove now").click()
    expect(auditor.locator("[data-package='1'] .proof")).to_contain_text("files are as they were signed")
    expect(auditor.get_by_role("link", name="Download")).to_have_count(0)
    complaints.forgive_refusals()  # the title that was refused


@pytest.fixture
def unpacked(shop: CasesShop, tmp_path: Path) -> tuple[Path, Path]:
    """A package as somebody gets it: the ZIP, and the folder it was unpacked into."""
    assert shop.house is not None
    # Larger than what a browser hashes at once: its own SHA-256 is used for this one.
    incident = shop.house.incident(clip=os.urandom(33 << 20))
    case = shop.house.sealed(incident=incident, note="</script><b>メモ</b>")
    _, data = shop.house.make(case)
    zipped, folder = tmp_path / "package.zip", tmp_path / "package"
    zipped.write_bytes(data)
    with zipfile.ZipFile(zipped) as files:
        files.extractall(folder)
    return zipped, folder


def test_a_package_shows_and_proves_itself_from_a_disk(
    chromium: Browser, unpacked: tuple[Path, Path], axe: str
) -> None:
    """As a file with no network: a line of the journal is a moment of the video; a bent file is named."""
    zipped, folder = unpacked
    context = chromium.new_context(offline=True, locale="en-GB", bypass_csp=False)
    page = context.new_page()
    complaints = Complaints()
    complaints.hear(page)
    page.goto((folder / "index.html").as_uri())
    expect(page.locator("h1")).to_have_text("レーン1の件")
    expect(page.locator(".journal li")).to_have_count(5)
    assert page.locator("b:has-text('メモ')").count() == 0
    expect(page.locator(".note")).to_have_text("</script><b>メモ</b>")
    page.locator(".journal button").nth(3).click()
    expect(page.locator(".journal li").nth(3)).to_have_attribute("aria-current", "true")
    until(page, "() => Math.abs(document.querySelector('video').currentTime - 4.5) < 0.2")
    page.get_by_role("button", name="天井 cam-2").click()
    page.locator(".journal button").nth(1).click()
    expect(page.locator(".journal li").nth(1)).to_have_attribute("aria-current", "true")
    expect(page.locator(".stills img")).to_have_count(3)
    until(page, "() => [...document.images].every((one) => one.naturalWidth > 0)")
    assert complaints.unforgiven == []
    page.set_input_files("#zip", zipped)
    expect(page.locator(".result.ok")).to_contain_text("files are as they were signed")
    page.set_input_files("#folder", folder)
    expect(page.locator(".result.ok")).to_contain_text("files are as they were signed")
    _bend(folder / "clips" / next(one.name for one in (folder / "clips").iterdir() if "incident" in one.name))
    page.set_input_files("#folder", folder)
    expect(page.locator(".result.bad")).to_contain_text("incident-1.mp4: it was changed")
    _bend(folder / "manifest.sig")
    page.set_input_files("#folder", folder)
    expect(page.locator(".result.bad")).to_contain_text("manifest.json: the signature does not fit")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator(".proof h2")).to_have_text("改ざんがないことの確認")
    context.close()
    _look(chromium, folder, axe)


def _look(chromium: Browser, folder: Path, axe: str) -> None:
    context = chromium.new_context(bypass_csp=True)
    page: Page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    assert breaches(page, axe) == []
    context.close()


def _bend(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
