"""Waiting for what a page's own script says."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

_EVERY_MS = 25


def until(page: Page, script: str, arg: Any = None, *, within_ms: int = 10_000) -> None:
    """Ask the page again and again until ``script`` is true there.

    Not Playwright's ``wait_for_function``: after its first look it evaluates strings inside the page, which
    a policy without ``unsafe-eval`` stops; whether that comes up depends on how busy the machine is.
    """
    for _ in range(within_ms // _EVERY_MS):
        if page.evaluate(script, arg):
            return
        page.wait_for_timeout(_EVERY_MS)
    raise AssertionError(f"expected {script!r} to be true within {within_ms} ms")
