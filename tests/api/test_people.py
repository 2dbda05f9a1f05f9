"""People and one's own account over HTTP, as the pages ask."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pages.shop import PASSWORD, PageShop, page_shop
from tenban.access.invitations import invite_first
from tenban.access.model import Role
from tenban.access.totp import code_at
from tenban.base.clock import SECOND


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[PageShop]:
    path = tmp_path / "tenban.db"
    shutil.copy(migrated_sqlite, path)
    with page_shop(path, tmp_path) as shop:
        yield shop


def a_browser(shop: PageShop) -> httpx.Client:
    """A client that sends, like a page's scripts, the token that shows it is one of ours."""
    client = httpx.Client(base_url=shop.url, headers={"origin": shop.url}, timeout=60)

    def with_token(request: httpx.Request) -> None:
        token = client.cookies.get("tenban_csrf")
        if token and request.method != "GET":
            request.headers["x-tenban-csrf"] = token

    client.event_hooks = {"request": [with_token]}
    return client


@pytest.fixture
def browser(shop: PageShop) -> Iterator[httpx.Client]:
    with a_browser(shop) as client:
        yield client


def test_from_an_empty_server_to_a_colleague_who_signs_in(shop: PageShop, browser: httpx.Client) -> None:
    """The first link makes the administrator, who invites somebody by a link, which is good once."""
    now_at = shop.here.clock.now()
    first = shop.here.db.write_now(lambda c: invite_first(c, now_at))
    assert "become the administrator" in browser.get(f"/first/{first}").text
    short = browser.post(f"/first/{first}", data={"name": "root", "password": "short"})
    assert (short.status_code, "12 to 256 characters" in short.text) == (400, True)
    joined = browser.post(f"/first/{first}", data={"name": "root", "password": "correct horse battery"})
    assert (joined.status_code, joined.headers["location"]) == (303, "/")
    assert browser.get("/api/v1/session").json()["shop"] is None
    assert browser.get(f"/first/{first}").status_code == 404
    asked = {"name": "sato", "display_name": "佐藤", "roles": ["attendant"], "shop": "shop-1"}
    invited = browser.post("/api/v1/people", json=asked).json()
    assert invited["person"]["has_password"] is False
    assert browser.post("/api/v1/people", json=asked).status_code == 409
    with a_browser(shop) as other:
        assert "佐藤" in other.get(invited["link"]).text
        assert other.post(invited["link"], data={"password": "another long one"}).status_code == 303
        assert other.get(f"{shop.url}/api/v1/session").json()["name"] == "佐藤"
        person = f"/api/v1/people/{invited['person']['id']}"
        assert browser.post(f"{person}/access", json={"disabled": True}).json()["disabled_at"]
        assert other.get(f"{shop.url}/api/v1/session").status_code == 401
    names = [one["name"] for one in browser.get("/api/v1/people").json()["people"]]
    assert names == ["root", "sato"]
    (mine,) = [one for one in browser.get("/api/v1/people").json()["people"] if one["name"] == "root"]
    refused = browser.post(f"/api/v1/people/{mine['id']}/access", json={"disabled": True})
    assert refused.json()["error"]["code"] == "last_administrator"


def test_ones_own_sessions_are_listed_and_ended(shop: PageShop, browser: httpx.Client) -> None:
    """Each says where and on what; another's is not there; ending one holds at once; so does a new one's."""
    shop.add_person("sato", "佐藤")
    shop.add_person("tanaka", "田中", Role.CASHIER)
    signing = {"name": "sato", "password": PASSWORD}
    browser.post("/api/v1/session", json=signing, headers={"user-agent": "Tablet"})
    with a_browser(shop) as other:
        other.post("/api/v1/session", json=signing, headers={"user-agent": "Phone"})
        found = browser.get("/api/v1/account").json()["sessions"]
        assert {(one["agent"], one["here"]) for one in found} == {("Tablet", True), ("Phone", False)}
        assert {one["address"] for one in found} == {"127.0.0.1"}
        phone = next(one["id"] for one in found if not one["here"])
        with a_browser(shop) as stranger:
            stranger.post("/api/v1/session", json={"name": "tanaka", "password": PASSWORD})
            assert stranger.delete(f"/api/v1/account/sessions/{phone}").status_code == 404
            # A cashier has no incidents, and an account.
            assert stranger.get("/").headers["location"] == "/account"
            assert stranger.get("/watch").status_code == 403
        assert browser.delete(f"/api/v1/account/sessions/{phone}").status_code == 204
        assert other.get("/api/v1/session").status_code == 401
        other.post("/api/v1/session", json=signing)
        assert browser.delete("/api/v1/account/sessions").json() == {"ended": 1}
        assert other.get("/api/v1/session").status_code == 401
    assert browser.get("/api/v1/session").status_code == 200
    before = browser.cookies["tenban_session"]
    browser.post("/api/v1/session", json=signing)
    assert (
        httpx.get(f"{shop.url}/api/v1/session", cookies={"tenban_session": before}, timeout=60).status_code
        == 401
    )


def test_another_password_signs_out_everywhere_else(shop: PageShop, browser: httpx.Client) -> None:
    """Who changes it goes on with a new secret; old cookies, passwords and other browsers do not."""
    shop.add_person("sato", "佐藤")
    signing = {"name": "sato", "password": PASSWORD}
    with a_browser(shop) as other:
        for one in (browser, other):
            one.post("/api/v1/session", json=signing)
        before = browser.cookies["tenban_session"]
        wrong = browser.put("/api/v1/account/password", json={"old": "wrong horse", "new": "violet anchor"})
        assert wrong.status_code == 403
        asked = {"old": PASSWORD, "new": "violet anchor"}
        assert browser.put("/api/v1/account/password", json=asked).status_code == 204
        assert browser.cookies["tenban_session"] != before
        assert browser.get("/api/v1/session").status_code == 200
        assert other.get("/api/v1/session").status_code == 401
    assert browser.post("/api/v1/session", json=signing).status_code == 401


def test_an_app_is_set_up_and_then_asked_for(shop: PageShop, browser: httpx.Client) -> None:
    """A picture and a text to type, ten codes once; the form asks for a code after the password."""
    shop.add_person("sato", "佐藤")
    signing = {"name": "sato", "password": PASSWORD}
    browser.post("/api/v1/session", json=signing)
    begun = browser.post("/api/v1/account/totp", json={"password": PASSWORD}).json()
    assert begun["picture"].startswith("data:image/svg+xml")
    secret = base64.b32decode(begun["secret"])
    assert begun["secret"] in begun["uri"]

    def shown(later: int = 0) -> str:
        return code_at(secret, shop.here.clock.now() // SECOND // 30 + later)

    wrong = browser.put("/api/v1/account/totp", json={"code": "no"})
    assert wrong.json()["error"]["code"] == "bad_input"
    codes = browser.put("/api/v1/account/totp", json={"code": shown()}).json()["recovery_codes"]
    assert len(codes) == 10
    assert browser.get("/api/v1/account").json()["codes_left"] == 10
    asked = browser.post("/api/v1/session", json=signing)
    assert (asked.status_code, asked.json()["error"]["code"]) == (401, "second_factor")
    page = browser.post("/login", data={**signing, "next": "/watch?lane=a"})
    halfway = re.search(r'name="halfway" value="([^"]+)"', page.text)
    assert halfway is not None
    form = {"halfway": halfway[1], "next": "/watch?lane=a"}
    assert browser.post("/login/code", data={**form, "code": "000000"}).status_code == 401
    done = browser.post("/login/code", data={**form, "code": shown(1)})
    assert (done.status_code, done.headers["location"]) == (303, "/watch?lane=a")
    gone = browser.post("/login/code", data={"halfway": "x", "code": shown()})
    assert (gone.status_code, "sign in once more" in gone.text) == (401, True)
