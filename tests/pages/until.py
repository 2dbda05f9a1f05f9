"""Waiting for what a page's own script says."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

import waiting


def until(page: Page, script: str, arg: Any = None) -> None:
    """Ask the page again and again until ``script`` is true there.

    Not Playwright's ``wait_for_function``: after its first look it evaluates strings inside the page, which
    a policy without ``unsafe-eval`` stops; whether that comes up depends on how busy the machine is.
    """
    waiting.until(
        lambda: page.evaluate(script, arg),
        script,
        pause=lambda length_s: page.wait_for_timeout(length_s * 1000),
    )
