"""Command issued → painted on the register's page → acknowledged, in a real Chromium.

The baseline is the same command over the same link to a client that acknowledges at once and paints nothing.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import orjson
from websockets.asyncio.client import connect

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from playwright.sync_api import Page, sync_playwright

from pages.browser import launch
from pages.goods import TEA, stock
from pages.shop import JUDGE, PASSWORD, PageShop, page_shop
from tenban.access.model import Role
from tenban.access.tokens import make_token
from tenban.db.engine import sqlite_url
from tenban.db.migrate import upgrade
from tenban.pos.link import issue_command
from tenban.sites.model import Register

COMMANDS = 100
RESULTS = Path(__file__).resolve().parent / "results" / "register-commands.md"
WATCH = """() => { window.painted = []; new MutationObserver(() => requestAnimationFrame(
  () => window.painted.push(Date.now()))).observe(document.querySelector('.band'),
  {attributes: true, attributeFilter: ['data-colour']}); }"""


def issue(shop: PageShop, register: str, n: int) -> None:
    body = {"colour": ("amber", "red")[n % 2], "blink": False}
    now_at = shop.here.clock.now()
    shop.here.db.write_now(lambda c: issue_command(c, register, "lamp", body, now_at, actor=JUDGE))


def acknowledged_ms(shop: PageShop, register: str) -> list[float]:
    rows = [row for row in shop.commands() if row["register"] == register and row["acked_at"]]
    return [(row["acked_at"] - row["issued_at"]) / 1000 for row in rows]


def baseline_ms(shop: PageShop) -> list[float]:
    """Acknowledge at once, without a page."""
    now_at = shop.here.clock.now()
    token = shop.here.db.write_now(
        lambda c: make_token(c, JUDGE, now_at, kind="register", subject="bare-2", shop="shop-1")
    )
    stop = threading.Event()

    async def obey() -> None:
        url = f"{shop.url.replace('http', 'ws')}/api/v1/registers/bare-2/link"
        async with connect(url, additional_headers={"authorization": f"Bearer {token}"}) as link:
            while not stop.is_set():
                try:
                    message = orjson.loads(await asyncio.wait_for(link.recv(), 0.5))
                except TimeoutError:
                    continue
                await link.send(orjson.dumps({"ack": message["command_id"], "result": "done"}).decode())

    thread = threading.Thread(target=lambda: asyncio.run(obey()), daemon=True)
    thread.start()
    time.sleep(0.5)
    for n in range(COMMANDS):
        issue(shop, "bare-2", n)
        time.sleep(0.03)
    time.sleep(0.5)
    stop.set()
    thread.join(5)
    return acknowledged_ms(shop, "bare-2")


def page_ms(shop: PageShop, page: Page) -> list[float]:
    """Wall time from before the command is written to the frame that shows it."""
    page.evaluate(WATCH)
    found = []
    for n in range(COMMANDS):
        page.evaluate("window.painted.length = 0")
        began_ms = time.time() * 1000
        issue(shop, "lane-1", n)
        while not page.evaluate("window.painted.length"):
            time.sleep(0.005)
        found.append(page.evaluate("window.painted[0]") - began_ms)
    return found


def row(name: str, values: list[float], base: float) -> str:
    values = sorted(values)
    p50, p99 = statistics.median(values), values[int(len(values) * 0.99) - 1]
    return f"| {name} | {len(values)} | {p50:.1f} | {p99:.1f} | {p50 / base:.1f} |"


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        upgrade(sqlite_url(folder / "tenban.db"))
        registers = [Register("lane-1", "shop-1", "1", "self"), Register("bare-2", "shop-1", "2", "self")]
        browser = launch(playwright)
        with page_shop(folder / "tenban.db", folder, registers=registers) as shop:
            stock(shop)
            shop.add_person("mori", "森", Role.SUPERVISOR)
            bare = baseline_ms(shop)
            page = browser.new_context(viewport={"width": 1180, "height": 820}).new_page()
            page.request.post(
                f"{shop.url}/api/v1/registers/lane-1/pairing",
                data={"name": "mori", "password": PASSWORD},
                headers={"Origin": shop.url},
            )
            page.goto(f"{shop.url}/register/lane-1")
            page.wait_for_selector(".start")
            page.keyboard.type(TEA)
            page.keyboard.press("Enter")
            page.wait_for_selector(".line")
            painted = page_ms(shop, page)
            acknowledged = acknowledged_ms(shop, "lane-1")
        browser.close()
    base = statistics.median(bare)
    text = "\n".join(
        [
            "# A command on the register's screen",
            "",
            "`python benchmarks/register_commands.py`: milliseconds from the command being issued, before it",
            "is durable. The promise is 300 ms. Chromium without a GPU, server on the same machine, SQLite.",
            "",
            "| | commands | p50 | p99 | ratio |",
            "|---|---|---|---|---|",
            row("acknowledged by a bare client (baseline)", bare, base),
            row("painted on the page", painted, base),
            row("acknowledged by the page", acknowledged, base),
            "",
        ]
    )
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
