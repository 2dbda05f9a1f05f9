"""axe-core (MPL-2.0), as the wheel of axe-playwright-python carries it.

``TENBAN_AXE`` names another ``axe.min.js``, such as a newer one.
"""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_source() -> str:
    """Return axe-core, as a script."""
    given = os.environ.get("TENBAN_AXE")
    if given:
        return Path(given).read_text(encoding="utf-8")
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


_IN = """async (only) => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return (await axe.run({runOnly: only})).violations;
}"""
_COLOURS = {"type": "rule", "values": ["color-contrast"]}


def breaches(page: Page, axe: str) -> list[str]:
    """Return the rules that the page breaks as it stands, in light and in dark colours, each with where."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
        # A colour on its way to another would be judged halfway.
        page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    found = []
    for scheme, only in (("light", STANDARDS), ("dark", _COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        broken = page.evaluate(_IN, only)
        found += [f"{scheme}: {one['id']}: {one['nodes'][0]['html'][:120]}" for one in broken]
    return found
