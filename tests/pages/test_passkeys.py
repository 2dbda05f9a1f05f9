"""Passkeys by Chromium's own virtual authenticator, and the authenticator app's dialog, in a real browser."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pages.axe import breaches
from pages.complaints import Complaints
from pages.shop import PASSWORD, PageShop, page_shop
from tenban.access.model import Role
from tenban.access.tables import sessions
from tenban.access.totp import code_at
from tenban.base.clock import SECOND

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[PageShop]:
    folder = tmp_path_factory.mktemp("passkeys")
    shutil.copy(migrated_sqlite, folder / "tenban.db")
    with page_shop(folder / "tenban.db", folder) as shop:
        shop.add_person("root", "山田", Role.ADMINISTRATOR, shop=None)
        shop.add_person("sato", "佐藤")
        yield shop


@pytest.fixture
def at_name(chromium: Browser, shop: PageShop) -> Iterator[Callable[..., Page]]:
    """Open a page at a name (browsers have no passkeys at bare addresses), without complaints."""
    contexts: list[BrowserContext] = []
    complaints = Complaints()

    def open_page(path: str, *, host: str = "localhost") -> Page:
        context = chromium.new_context(locale="en-GB", bypass_csp=True)
        contexts.append(context)
        page = context.new_page()
        complaints.hear(page)
        page.goto(f"http://{host}:{shop.port}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    # What is refused on purpose is in the console by its status.
    complaints.forgive("status of 400", "status of 401", "status of 403")
    assert complaints.unforgiven == []


def with_phone(page: Page) -> Callable[..., None]:
    """Give the browser an authenticator that says yes; return what lays it aside and takes it up again."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def take(*, up: bool) -> None:
        told = {"authenticatorId": added["authenticatorId"], "enabled": up}
        cdp.send("WebAuthn.setAutomaticPresenceSimulation", told)

    return take


def sign_in(page: Page, name: str) -> None:
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(lambda url: "/login" not in url)


def age(shop: PageShop) -> None:
    """Let every session have been opened and proven long ago."""
    shop.here.db.write_now(lambda c: c.execute(sessions.update().values(proven_at=0, created_at=0)))
    shop.here.forget()


def test_a_passkey_from_making_it_to_its_end(at_name: Callable[..., Page], shop: PageShop, axe: str) -> None:
    """Made on /account, it signs in without password, shows who it is once more, and ends."""
    page = at_name("/login?next=/account")
    take_phone = with_phone(page)
    sign_in(page, "root")
    made = page.locator("[data-passkey]")
    section = page.locator("#make-passkey")
    section.locator("[name=passkey-name]").fill("会計の電話")
    section.get_by_role("button", name="Make a passkey").click()
    expect(made).to_have_count(1)
    expect(made).to_contain_text("会計の電話")
    assert breaches(page, axe) == []
    made.get_by_role("button", name="Rename").click()
    page.locator("dialog.passkey input").fill("店の電話")
    page.locator("dialog.passkey button.primary").click()
    expect(made).to_contain_text("店の電話")

    age(shop)
    page.goto(page.url.replace("/account", "/settings/people").split("#")[0])
    page.get_by_role("button", name="Disable 佐藤").click()
    page.locator("dialog.step-up").get_by_role("button", name="Show a passkey").click()
    expect(page.locator("[data-person=sato][data-off]")).to_be_visible()

    take_phone(up=False)
    page.context.clear_cookies()
    page.goto(page.url.replace("/settings/people", "/login?next=/account"))
    button = page.get_by_role("button", name="Sign in with a passkey")
    expect(button).to_be_visible()
    assert breaches(page, axe) == []
    take_phone(up=True)
    button.click()
    page.wait_for_url("**/account")
    expect(made).to_contain_text("last used")
    expect(page.locator("[data-session=here]")).to_contain_text("with a passkey")

    page.context.clear_cookies()
    # The browser offers it by itself in the field of the name, and the phone says yes.
    page.goto(page.url.replace("/account", "/login?next=/account"))
    page.wait_for_url("**/account")
    made.get_by_role("button", name="Delete").click()
    page.locator("dialog.passkey button.primary").click()
    expect(made).to_have_count(0)
    page.context.clear_cookies()
    page.goto(page.url.replace("/account", "/login"))
    expect(page.locator("#passkey-trouble")).to_contain_text("This passkey does not let you in")


def test_a_bare_address_says_what_it_cannot(at_name: Callable[..., Page]) -> None:
    """No button at sign-in, and words instead of a form on /account."""
    page = at_name("/login?next=/account", host="127.0.0.1")
    expect(page.locator("#passkey")).to_have_count(0)
    sign_in(page, "root")
    section = page.locator("#make-passkey")
    expect(section).to_contain_text("bare address 127.0.0.1")
    expect(section.locator("form")).to_have_count(0)


def test_an_app_is_set_up_and_signs_in_by_code(
    at_name: Callable[..., Page], shop: PageShop, axe: str
) -> None:
    """The dialog shows the picture and the secret, takes the first code, then shows the recovery codes."""
    page = at_name("/login?next=/account", host="127.0.0.1")
    sign_in(page, "root")
    page.get_by_role("button", name="Set up an app").click()
    dialog = page.locator("dialog.app")
    expect(dialog.locator("img.qr")).to_be_visible()
    assert breaches(page, axe) == []
    secret = dialog.locator("code.typed").inner_text().replace(" ", "")

    def code(later: int = 0) -> str:
        key = base64.b32decode(secret + "=" * (-len(secret) % 8))
        return code_at(key, shop.here.clock.now() // SECOND // 30 + later)

    dialog.locator("[name=code]").fill("000000" if code() != "000000" else "000001")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.locator(".wrong")).to_contain_text("not the code")
    dialog.locator("[name=code]").fill(code())
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.locator(".codes li")).to_have_count(10)
    assert breaches(page, axe) == []
    dialog.get_by_role("button", name="I have kept them").click()
    expect(page.locator("form.app")).to_contain_text("Remove the app")

    page.context.clear_cookies()
    page.goto(page.url.replace("/account", "/login?next=/account"))
    page.fill("#name", "root")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_selector("#code")
    assert breaches(page, axe) == []
    # The step of the first code is used up; the next one's is taken as a phone's that runs ahead.
    page.fill("#code", code(1))
    page.click("button.primary")
    page.wait_for_url("**/account")
