"""Take the README's pictures of a running demo: sign in, wait for incidents with clips, photograph /watch.

Usage: ``tenban demo`` in one terminal, ``python scripts/demo_pictures.py [ADDRESS]`` in another.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from pages.browser import launch

DOCS = Path(__file__).resolve().parents[1] / "docs"


def main() -> None:
    """Write docs/watch.png and docs/watch.ja.png."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
    DOCS.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as fonts:
        browser = launch(playwright, fonts=Path(fonts))
        for language, name, open_word in (
            ("en", "watch.png", "Unconfirmed"),
            ("ja", "watch.ja.png", "未確認"),
        ):
            page = browser.new_page(viewport={"width": 1180, "height": 820}, device_scale_factor=1)
            page.goto(f"{address}/login?lang={language}")
            page.fill("input[name=name]", "attendant")
            page.fill("input[name=password]", "tenban-demo")
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/watch*")
            fresh = page.locator("incident-card", has_text=open_word).locator("button.play:enabled")
            fresh.first.wait_for(timeout=300_000)
            page.wait_for_timeout(400)
            page.screenshot(path=DOCS / name)
            print(DOCS / name)
        browser.close()


if __name__ == "__main__":
    main()
