"""Passkeys and the company's own sign-in over HTTP, as browsers ask."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from authenticators import Authenticator
from pages.shop import PASSWORD, PageShop, page_shop
from providers import IdentityProvider, identity_provider
from tenban.access.model import Role
from tenban.access.tables import sessions
from tenban.base.clock import SECOND
from tenban.sites.model import Network
from tenban.sites.signing_in import Oidc


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[PageShop]:
    folder = tmp_path_factory.mktemp("company")
    shutil.copy(migrated_sqlite, folder / "tenban.db")
    with page_shop(folder / "tenban.db", folder) as shop:
        shop.add_person("sato", "佐藤")
        shop.add_person("root", "山田", Role.ADMINISTRATOR, shop=None)
        yield shop


@pytest.fixture(scope="module")
def company() -> Iterator[IdentityProvider]:
    with identity_provider() as provider:
        yield provider


@pytest.fixture
def browser(shop: PageShop) -> Iterator[httpx.Client]:
    root = f"http://localhost:{shop.port}"
    with httpx.Client(base_url=root, headers={"origin": root, "accept-language": "en"}, timeout=60) as client:

        def with_token(request: httpx.Request) -> None:
            token = client.cookies.get("tenban_csrf")
            if token and request.method != "GET":
                request.headers["x-tenban-csrf"] = token

        client.event_hooks = {"request": [with_token]}
        yield client


def sign_in(browser: httpx.Client, name: str = "sato") -> None:
    assert browser.post("/api/v1/session", json={"name": name, "password": PASSWORD}).status_code == 204


def name_provider(shop: PageShop, company: IdentityProvider, **more: object) -> None:
    company.time_s = shop.here.clock.now() // SECOND
    named = Oidc(company.issuer, company.client_id, company.secret, label_en="Midori account", **more)  # type: ignore[arg-type]
    shop.here.sites = replace(shop.here.sites, oidc=named, network=Network(("127.0.0.1",)))


def test_a_passkey_is_made_and_signs_in(shop: PageShop, browser: httpx.Client) -> None:
    """Asked for the password some minutes after signing in; each answer once; never at a bare address."""
    sign_in(browser)
    root = "/api/v1/account/passkeys"
    shop.here.db.write_now(lambda c: c.execute(sessions.update().values(created_at=0)))
    for proof, code in (({}, "password_needed"), ({"password": "wrong"}, "forbidden")):
        refused = browser.post(f"{root}/options", json=proof)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, code)
    phone = Authenticator(origin=f"http://localhost:{shop.port}")
    options = browser.post(f"{root}/options", json={"password": PASSWORD}).json()
    made = browser.post(root, json={"name": "電話", "credential": phone.make(options)})
    assert (made.status_code, made.json()["host"], made.json()["used_at"]) == (201, "localhost", None)
    account = browser.get("/api/v1/account").json()
    assert ([one["name"] for one in account["passkeys"]], account["two_factors"]) == (["電話"], True)
    browser.cookies.clear()
    answer = phone.show(browser.post("/api/v1/session/passkey/options").json())
    assert browser.post("/api/v1/session/passkey", json={"credential": answer}).status_code == 204
    assert browser.get("/api/v1/session").json()["name"] == "佐藤"
    again = browser.post("/api/v1/session/passkey", json={"credential": answer})
    assert (again.status_code, again.json()["error"]["code"]) == (401, "challenge_gone")
    foreign = browser.post("/api/v1/session/passkey/options", headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    with httpx.Client(base_url=shop.url, timeout=60) as at_address:
        refused = at_address.post("/api/v1/session/passkey/options")
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "no_passkeys_here")


def test_a_one_time_link_leads_to_a_passkey(shop: PageShop, browser: httpx.Client) -> None:
    """Where the address has passkeys the form offers it, and leads to making one, no password asked."""
    with httpx.Client(base_url=shop.url, headers={"origin": shop.url}, timeout=60) as root:
        root.post("/api/v1/session", json={"name": "root", "password": PASSWORD})
        root.headers["x-tenban-csrf"] = root.cookies["tenban_csrf"]
        asked = {"name": "mori", "roles": ["attendant"], "shop": "shop-1"}
        link = root.post("/api/v1/people", json=asked).json()["link"].removeprefix(shop.url)
        assert "Begin and make a passkey" not in root.get(link).text
    assert "Begin and make a passkey" in browser.get(link).text
    joined = browser.post(link, data={"password": "violet anchor window", "then": "passkey"})
    assert (joined.status_code, joined.headers["location"]) == (303, "/account#make-passkey")
    assert browser.post("/api/v1/account/passkeys/options", json={}).json()["rp"]["id"] == "localhost"


def test_the_company_account_is_linked_and_lets_in(
    shop: PageShop, browser: httpx.Client, company: IdentityProvider
) -> None:
    """Unlinked the page says what to do; linked by oneself it signs in, and leads to where one wanted."""
    name_provider(shop, company)
    assert "Sign in with Midori account" in browser.get("/login").text
    sent = browser.get("/login/company?next=/watch")
    assert sent.status_code == 303
    unlinked = browser.get(company.sign_in(sent.headers["location"]))
    assert (unlinked.status_code, "nobody at this shop is linked" in unlinked.text) == (403, True)
    sign_in(browser)
    begun = browser.post("/api/v1/account/identity/link", json={}).json()
    back = browser.get(company.sign_in(begun["address"]))
    assert (back.status_code, back.headers["location"]) == (303, "/account")
    assert browser.get("/api/v1/account").json()["linked"] is True
    browser.cookies.clear()
    sent = browser.get("/login/company?next=/watch?lane=lane-2")
    back = browser.get(company.sign_in(sent.headers["location"]))
    assert (back.status_code, back.headers["location"]) == (303, "/watch?lane=lane-2")
    assert browser.get("/api/v1/session").json()["name"] == "佐藤"


def test_what_another_browser_began_is_not_taken(
    shop: PageShop, browser: httpx.Client, company: IdentityProvider
) -> None:
    """A link with somebody's state signs nobody in; nor does a refusal, or a provider that is down."""
    name_provider(shop, company)
    sent = browser.get("/login/company")
    brought = company.sign_in(sent.headers["location"])
    browser.cookies.clear()
    assert browser.get(brought).status_code == 401
    sent = browser.get("/login/company")
    state = browser.cookies["tenban_oidc"]
    refused = browser.get(f"/login/company/back?state={state}&error=access_denied")
    assert (refused.status_code, "did not let you in" in refused.text) == (403, True)
    assert "tenban_oidc" not in browser.cookies
    company.down = True
    name_provider(shop, company, groups_claim="another")
    try:
        down = browser.get("/login/company")
        assert (down.status_code, "cannot be reached" in down.text) == (503, True)
    finally:
        company.down = False


def test_with_the_company_alone_passwords_are_off(
    shop: PageShop, browser: httpx.Client, company: IdentityProvider
) -> None:
    """Told to who knows theirs; the administrator for emergencies gets in."""
    name_provider(shop, company, only=True, break_glass="root")
    page = browser.get("/login").text
    assert "the administrator for emergencies" in page
    assert "login-passkey" not in page
    refused = browser.post("/login", data={"name": "sato", "password": PASSWORD})
    assert (refused.status_code, "switched off here" in refused.text) == (403, True)
    wrong = browser.post("/login", data={"name": "sato", "password": "wrong"})
    assert (wrong.status_code, "switched off here" in wrong.text) == (401, False)
    assert browser.post("/login", data={"name": "root", "password": PASSWORD}).status_code == 303
