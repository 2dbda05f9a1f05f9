"""Tokens and webhooks on the settings page: made, shown once, renewed, ended."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from pages.axe import breaches
from pages.settings_shop import PASSWORD, settings_shop

pytestmark = pytest.mark.browser


def test_an_administrator_makes_renews_and_ends_tokens_and_adds_a_webhook(  # noqa: PLR0915  # one visit
    chromium: Browser, tmp_path: Path, migrated_sqlite: Path, axe: str
) -> None:
    """A secret is seen once; both work while one is renewed; an ended one is nobody's; WCAG 2.2 AA."""
    with settings_shop(migrated_sqlite, tmp_path) as shop:
        context = chromium.new_context(bypass_csp=True, locale="en-GB")
        page = context.new_page()
        page.request.post(f"{shop.url}/api/v1/session", data={"name": "admin", "password": PASSWORD})
        page.goto(f"{shop.url}/settings/devices")
        expect(page.locator(".nothing").first).to_have_text("No token yet.")

        def works(secret: str) -> bool:
            headers = {"authorization": f"Bearer {secret}"}
            return httpx.get(f"{shop.url}/api/v1/incidents", headers=headers, timeout=60).status_code == 200

        page.get_by_role("button", name="For a service").click()
        page.fill("[name=subject]", "Not An Id")
        page.get_by_role("button", name="Make a token").click()
        expect(page.locator("dialog .trouble")).to_be_visible()
        page.fill("[name=subject]", "warehouse")
        page.get_by_label("read incidents").check()
        assert breaches(page, axe) == []
        page.get_by_role("button", name="Make a token").click()
        expect(page.locator("dialog.once")).to_be_visible()
        first = page.input_value(".secret")
        assert works(first)
        page.get_by_role("button", name="I have kept it").click()
        row = page.locator("[data-token]")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("read incidents")
        assert first not in page.content()
        row.get_by_role("button", name="renew").click()
        page.locator("dialog [type=submit]").click()
        second = page.input_value(".secret")
        page.get_by_role("button", name="I have kept it").click()
        expect(row).to_have_count(2)
        assert works(first)
        assert works(second)
        old = row.nth(1)
        old.get_by_role("button", name="end the token").click()
        old.get_by_role("button", name="end the token now").click()
        expect(row).to_have_count(1)
        assert not works(first)
        assert works(second)

        page.get_by_role("button", name="Add a webhook").click()
        page.fill("dialog [name=name]", "Chat")
        page.fill("dialog [name=url]", "https://127.0.0.1/hook")
        page.locator("dialog [type=submit]").click()
        expect(page.locator("dialog .trouble")).to_contain_text("Messages are not sent to this address")
        page.fill("dialog [name=url]", "https://hooks.example/tenban")
        page.locator("dialog [type=submit]").click()
        assert page.input_value(".secret").startswith("whsec_")
        page.get_by_role("button", name="I have kept it").click()
        hook = page.locator("[data-hook]")
        expect(hook).to_contain_text("nothing sent yet")
        hook.get_by_role("button", name="Switch off").click()
        expect(hook).to_contain_text("switched off")
        assert breaches(page, axe) == []
        context.close()
