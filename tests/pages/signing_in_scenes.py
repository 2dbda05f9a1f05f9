"""Signing in as customers see it: passkeys on one's account, the company's own sign-in, its settings."""

from __future__ import annotations

from playwright.sync_api import Page

from pages.settings_shop import PASSWORD, SettingsShop
from tenban.access import factor_queries, queries
from tenban.access.tables import sessions

SIGNING_IN = """
[step_up]
settings = true
minutes = 10
app_roles = ["administrator", "auditor"]

[sessions.auditor]
idle_min = 20
absolute_h = 8

[oidc]
issuer = "https://login.example.com/realms/midori-foods-headquarters-and-shops"
client_id = "tenban-omiya"
client_secret = "env:TENBAN_OIDC_SECRET"
label_ja = "みどりアカウント"
label_en = "Midori account"

[[oidc.group]]
name = "store-managers-of-the-eastern-area"
roles = ["supervisor", "analyst"]
shop = "shop-1"
"""


def keep_passkeys(shop: SettingsShop) -> None:
    """Give the administrator three passkeys, of which one was made at another name."""
    now_at = shop.here.clock.now()
    row = shop.here.db.read_now(lambda c: queries.person_by_name(c, "admin"))
    assert row is not None
    names = ("高橋の電話", "店長室のノートパソコン（予備、鍵のかかる引き出しの中）", "FIDO2 security key")
    for n, name in enumerate(names):
        columns = {
            "id": str(n),
            "person_id": row["id"],
            "credential_id": str(n),
            "public_key": "",
            "rp_id": "localhost" if n < 2 else "tenban.example",
            "name": name,
            "sign_count": 0,
            "transports": [],
            "may_sync": n == 0,
            "synced": n == 0,
            "made_at": now_at - n * 86_400_000_000,
            "used_at": None if n == 1 else now_at,
        }
        shop.here.db.write_now(lambda c, columns=columns: factor_queries.add_passkey(c, **columns))


def at_name(shop: SettingsShop, page: Page, path: str, who: str | None = "admin") -> None:
    """Go to a page by the name of the server, where browsers have passkeys."""
    root = f"http://localhost:{shop.port}"
    if who is not None:
        page.request.post(f"{root}/api/v1/session", data={"name": who, "password": PASSWORD})
        shop.here.db.write_now(lambda c: c.execute(sessions.update().values(two_factors=True)))
        shop.here.forget()
    page.goto(root + path)


def account(shop: SettingsShop, page: Page) -> None:
    """One's account with passkeys."""
    at_name(shop, page, "/account")
    page.wait_for_selector("[data-passkey]")
    page.locator("#make-passkey").scroll_into_view_if_needed()


def account_at_address(_shop: SettingsShop, page: Page) -> None:
    """The same, opened by a bare address."""
    page.wait_for_selector("#make-passkey")
    page.locator("#make-passkey").scroll_into_view_if_needed()


def removing(shop: SettingsShop, page: Page) -> None:
    """A passkey about to be removed, some time after signing in."""
    account(shop, page)
    shop.here.db.write_now(lambda c: c.execute(sessions.update().values(created_at=0)))
    page.reload()
    page.locator("[data-passkey] .acts button").nth(1).click()


def proof(shop: SettingsShop, page: Page) -> None:
    """Asked once more, with a passkey to show."""
    at_name(shop, page, "/settings/people")
    page.wait_for_selector("[data-person]")
    shop.here.db.write_now(lambda c: c.execute(sessions.update().values(proven_at=0)))
    shop.here.forget()
    page.locator("[data-person] .acts button").last.click()
    page.wait_for_selector("dialog.step-up button.primary")


def sign_in(shop: SettingsShop, page: Page) -> None:
    """The form, with every way in."""
    page.context.clear_cookies()
    at_name(shop, page, "/login?lang=" + str(page.evaluate("document.documentElement.lang")), None)
    page.wait_for_selector("#passkey:not([hidden])")


def company_down(shop: SettingsShop, page: Page) -> None:
    """The company's provider does not answer."""
    sign_in(shop, page)
    page.locator("a[href^='/login/company']").click()
    page.wait_for_selector("#trouble")


def settings(shop: SettingsShop, page: Page) -> None:
    """What signing in asks for."""
    shop.here.db.write_now(lambda c: c.execute(sessions.update().values(two_factors=True)))
    shop.here.forget()
    page.reload()
    page.wait_for_selector("[data-key=people]")


def settings_provider(shop: SettingsShop, page: Page) -> None:
    """The company's provider, with mistakes."""
    settings(shop, page)
    page.locator("section.part").last.locator(".acts button").click()
    page.fill("dialog [name=issuer]", "login.example.com")
    page.check("dialog [name=only]")
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog [aria-invalid=true]")
