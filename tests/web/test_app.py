"""Pages over HTTP, without a browser: doors, headers, files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pages.shop import PASSWORD, PageShop, page_shop
from tenban.web.files import static_tree
from tenban.web.sign_in import local_path


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[PageShop]:
    path = tmp_path / "tenban.db"
    shutil.copy(migrated_sqlite, path)
    with page_shop(path, tmp_path, name="</script><b>店") as shop:
        shop.add_person("sato", "佐藤")
        yield shop


@pytest.fixture
def visitor(shop: PageShop) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.url, timeout=60) as client:
        yield client


def sign_in(visitor: httpx.Client, **more: str) -> httpx.Response:
    return visitor.post("/login", data={"name": "sato", "password": PASSWORD, **more})


def test_the_front_door_leads_to_the_watch_page_and_that_to_signing_in(visitor: httpx.Client) -> None:
    """Nobody sees a page before signing in."""
    assert visitor.get("/").headers["location"] == "/watch"
    answer = visitor.get("/watch?lane=a&state=all")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/login?next=/watch%3Flane%3Da%26state%3Dall",
    )


def test_signing_in_sets_a_guarded_cookie_and_goes_on(visitor: httpx.Client) -> None:
    """The session's cookie is out of reach of scripts and other sites; the visitor goes where they wanted."""
    answer = sign_in(visitor, next="/watch?lane=a")
    assert (answer.status_code, answer.headers["location"]) == (303, "/watch?lane=a")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert visitor.get("/watch").status_code == 200
    assert visitor.get("/login").headers["location"] == "/"


@pytest.mark.parametrize(
    "fields", [{}, {"name": "sato"}, {"name": "  ", "password": PASSWORD}, {"name": "sato", "password": ""}]
)
def test_a_form_with_gaps_is_told_so(visitor: httpx.Client, fields: dict[str, str]) -> None:
    """Missing fields are answered with the form, not with a bare error."""
    answer = visitor.post("/login", data=fields)
    assert answer.status_code == 400
    assert "both your name and your password" in answer.text


@pytest.mark.parametrize("name", ["sato", "nobody"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(visitor: httpx.Client, name: str) -> None:
    """Nobody learns from the form which names exist."""
    answer = visitor.post("/login", data={"name": name, "password": "wrong horse"})
    assert answer.status_code == 401
    assert "do not fit together" in answer.text
    assert "tenban_session" not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_a_form_sent_by_another_site_is_refused(visitor: httpx.Client, origin: str) -> None:
    """Neither signing in nor signing out works from elsewhere."""
    answer = visitor.post("/login", data={"name": "sato", "password": PASSWORD}, headers={"origin": origin})
    assert answer.status_code == 403
    sign_in(visitor)
    visitor.post("/logout", headers={"origin": origin})
    assert visitor.get("/watch").status_code == 200


def test_signing_out_works_at_once(visitor: httpx.Client, shop: PageShop) -> None:
    """The session is over for a copy of its cookie as well."""
    sign_in(visitor)
    assert visitor.get("/watch").status_code == 200
    cookies = dict(visitor.cookies)
    token = visitor.cookies["tenban_csrf"]
    visitor.post("/logout", headers={"origin": shop.url}, data={"csrf": token})
    assert httpx.get(f"{shop.url}/watch", cookies=cookies, timeout=60).status_code == 303


@pytest.mark.parametrize(
    ("wanted", "gone_to"),
    [
        ("/watch?lane=a", "/watch?lane=a"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("/\n/elsewhere.example", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_to_another_site(wanted: str, gone_to: str) -> None:
    """Only paths of this server are gone to after signing in."""
    assert local_path(wanted) == gone_to


def test_every_page_carries_the_policy(visitor: httpx.Client) -> None:
    """No page may be framed, kept, or run what is not its own."""
    sign_in(visitor)
    for path in ("/login", "/watch"):
        headers = visitor.get(path, follow_redirects=True).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


def test_a_name_cannot_break_out_of_the_pages_data(visitor: httpx.Client) -> None:
    """What a shop is called stays text wherever it stands."""
    sign_in(visitor)
    assert "<b>店" not in visitor.get("/watch").text


def test_static_files_are_kept_for_ever_under_the_hash_of_all(visitor: httpx.Client) -> None:
    """A file is packed and immutable under this version, and not found under any other."""
    answer = visitor.get(static_tree().url("watch.js"))
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == static_tree().by_path["watch.js"].content
    plain = visitor.get(static_tree().url("watch.js"), headers={"accept-encoding": "identity"})
    assert plain.content == answer.content
    assert visitor.get("/static/other/watch.js").status_code == 404
    assert visitor.get(f"/static/{static_tree().version}/%2e%2e/app.py").status_code == 404


def test_a_template_that_names_a_missing_file_fails() -> None:
    """A wrong name is found by the first test that renders the page."""
    with pytest.raises(KeyError):
        static_tree().url("no-such.js")
