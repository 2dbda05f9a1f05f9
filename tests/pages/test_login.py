"""Signing in and out, in a real browser."""

from __future__ import annotations

import pytest

from pages.complaints import Complaints
from pages.conftest import Opener
from pages.shop import PASSWORD, PageShop

pytestmark = pytest.mark.browser


def test_who_is_not_signed_in_comes_back_to_where_they_wanted(visit: Opener, shop: PageShop) -> None:
    """A visitor is led to the form, and from there to the very page that was asked for."""
    page = visit("/watch?lane=lane-2", name=None)
    assert page.url == f"{shop.url}/login?next=/watch%3Flane%3Dlane-2"
    page.fill("#name", "ｓａｔｏ")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/watch?lane=lane-2")
    page.wait_for_selector("connection-state[data-kind=live]")


def test_signing_in_needs_no_script(visit: Opener) -> None:
    """The form works where JavaScript does not, and the page says that it needs it."""
    page = visit("/login", name=None, javascript=False)
    page.fill("#name", "sato")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    assert "needs JavaScript" in page.inner_text("body")


def test_a_wrong_password_is_told_in_the_visitors_language(visit: Opener, complaints: Complaints) -> None:
    """The answer helps, keeps the name, and is in Japanese for a Japanese browser."""
    page = visit("/login", name=None, locale="ja-JP")
    page.fill("#name", "sato")
    page.fill("#password", "wrong horse")
    page.click("button.primary")
    assert "一致しません" in page.inner_text("[role=alert]")
    assert page.input_value("#name") == "sato"
    assert page.input_value("#password") == ""
    complaints.forgive("status of 401")


def test_the_password_can_be_shown(visit: Opener) -> None:
    """One button shows what was typed and hides it again."""
    page = visit("/login", name=None)
    page.fill("#password", "secret")
    page.click("#reveal")
    assert page.get_attribute("#password", "type") == "text"
    page.click("#reveal")
    assert page.get_attribute("#password", "type") == "password"


def test_signing_out_closes_the_door(visit: Opener, shop: PageShop) -> None:
    """After signing out the watch page leads to the form again."""
    page = visit()
    page.click(".menu-button")
    page.click("form[action='/logout'] button")
    page.wait_for_url("**/login")
    page.goto(f"{shop.url}/watch")
    assert "/login" in page.url


def test_the_language_link_changes_the_form(visit: Opener) -> None:
    """The form switches to Japanese by its link and remembers it."""
    page = visit("/login?next=/watch", name=None)
    page.click("a[hreflang=ja]")
    assert page.inner_text("button.primary") == "サインイン"
    page.goto(page.url.split("?")[0])
    assert page.get_attribute("html", "lang") == "ja"
