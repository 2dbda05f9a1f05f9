"""From an incident to its card painted on the attendants' tablets: 12 lanes, 5 tablets, one machine.

The real server runs in its own process; incidents are opened through the domain by this process, as another
part of the server does, so that the wake-up between processes is in the figure. Five pages of one
Chromium show /watch, each in a context of its own (its own sign-in, worker and stream). Each page notes the
clock in the first animation frame after the card is in its DOM. All clocks are this machine's.

    event → painted     before the write that opens the incident → that animation frame, per tablet
    first paint         navigation → first-contentful-paint of /watch, signed in, the browser's cache cold

The baseline is the same page and card without server and network: a card put into the page by its own script,
to the same animation frame.

Run: python benchmarks/event_to_paint.py [--incidents 60] [--write]
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tenban.access.model import system_actor
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.incidents import engine
from tenban.incidents.model import Cause

RESULTS = Path(__file__).parent / "results" / "event-to-paint.md"
LANES, TABLETS = 12, 5
CHROMIUM = os.environ.get("TENBAN_CHROMIUM", "/usr/bin/chromium")
PASSWORD = "correct horse"  # noqa: S105  # of a server that lives for a minute
GAP_S = 1.0

NOTE = """() => { window.painted = [];
new MutationObserver((changes) => { for (const { addedNodes } of changes) for (const node of addedNodes)
  if (node.localName === 'incident-card') requestAnimationFrame(() => window.painted.push(
    [node.entry.card.id, performance.timeOrigin + performance.now()]));
}).observe(document.querySelector('.cards'), {childList: true}); }"""

BARE = """() => new Promise((resolve) => { const from = performance.now();
const card = document.createElement('incident-card');
card.entry = document.querySelector('incident-card').entry;
document.querySelector('.cards').prepend(card);
requestAnimationFrame(() => { const took = performance.now() - from; card.remove(); resolve(took); }); })"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_shop(folder: Path) -> None:
    lines = ["[company]", 'name = "Benchmark"', "[[shop]]", 'id = "shop"', 'name = "Benchmark"']
    for lane in range(1, LANES + 1):
        place = f"at = [{(lane - 1) % 6 + 1}, {(lane - 1) // 6 + 1}]"
        lines += ["[[shop.register]]", f'id = "lane-{lane}"', f'name = "{lane}"', 'kind = "self"', place]
    (folder / "tenban.toml").write_text("\n".join(lines), encoding="utf-8")
    people = [
        {"name": f"tablet{n}", "password": PASSWORD, "roles": ["attendant"], "shop": "shop"}
        for n in range(TABLETS)
    ]
    (folder / "accounts.json").write_text(json.dumps({"people": people}), encoding="utf-8")


def wait_for(url: str) -> None:
    for _ in range(1200):
        try:
            urllib.request.urlopen(url, timeout=1)  # noqa: S310  # our own server
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("event_to_paint: expected the server to answer within two minutes")


def open_pages(browser: Browser, url: str) -> tuple[list[Page], list[float]]:
    pages, first_ms = [], []
    for n in range(TABLETS):
        context = browser.new_context(viewport={"width": 1180, "height": 820})
        answer = context.request.post(
            f"{url}/api/v1/session", data={"name": f"tablet{n}", "password": PASSWORD}
        )
        assert answer.ok, answer.text()
        page = context.new_page()
        page.goto(f"{url}/watch")
        page.wait_for_selector("connection-state[data-kind=live]")
        page.wait_for_timeout(300)
        first_ms.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        page.evaluate(NOTE)
        pages.append(page)
    return pages, first_ms


def open_incidents(database: Database, count: int, pages: list[Page]) -> dict[str, float]:
    """Open incidents one after the other on changing lanes; return when each began, in ms since 1970."""
    began: dict[str, float] = {}
    judge = system_actor("judge")
    words = {"ja": "商品未登録", "en": "Item not registered"}
    for n in range(count):
        at = time.time_ns() // 1000
        cause = Cause(f"cause-{n}", at, at, words, {"ja": "…", "en": "An item went into the bag."})
        lane = f"lane-{n % LANES + 1}"
        opening = engine.Opening("shop", None, "item_not_registered", lane, None, f"fold-{n}", cause)
        from_ms = time.time_ns() / 1e6
        incident = database.write_now(lambda c, o=opening, t=at: engine.open_incident(c, judge, t, o))
        began[incident.id] = from_ms
        time.sleep(GAP_S)
        if n >= 2 * LANES:  # an attendant settles the oldest: two per lane stand open, as in a bad hour
            old = list(began)[n - 2 * LANES]
            database.write_now(
                lambda c, i=old: engine.set_state(
                    c, judge, time.time_ns() // 1000, i, state="resolved", outcome="true"
                )
            )
    pages[0].wait_for_timeout(1_000)
    return began


def row(name: str, values: np.ndarray) -> str:
    p50, p99 = np.percentile(values, [50, 99])
    return f"| {name} | {len(values)} | {p50:.0f} ms | {p99:.0f} ms | {values.max():.0f} ms |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--incidents", type=int, default=60)
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {RESULTS.name}")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder, port = Path(name), free_port()
        write_shop(folder)
        load = os.getloadavg()[0]
        command = [sys.executable, "-m", "tenban", "serve", "--config", str(folder / "tenban.toml")]
        command += ["--data", str(folder), "--port", str(port)]
        command += ["--demo-accounts", str(folder / "accounts.json")]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/login")
            pages, first_ms = open_pages(browser, url)
            database = Database.open(sqlite_url(folder / "tenban.db"), str(folder.resolve() / "run"))
            began = open_incidents(database, given.incidents, pages)
            database.close()
            painted = [dict(page.evaluate("window.painted")) for page in pages]
            bare = np.array([pages[0].evaluate(BARE) for _ in range(60)])
        finally:
            browser.close()
            server.terminate()
            server.wait(20)
    took = np.array(
        [seen[one] - from_ms for seen in painted for one, from_ms in began.items() if one in seen]
    )
    missed = sum(one not in seen for seen in painted for one in began)
    report = "\n".join(
        [
            "| what | count | p50 | p99 | longest |",
            "|---|---|---|---|---|",
            row(f"event → painted, {TABLETS} tablets, {LANES} lanes", took),
            row("baseline: a card put into the page by its own script, painted", bare),
            row("first contentful paint of /watch", np.array(first_ms)),
            "",
            (
                f"Ratio to the baseline at p50: {np.median(took) / np.median(bare):.1f}. "
                f"Cards that were never painted: {missed} of {len(began) * TABLETS}. "
                f"Load average (1 min) before the run: {load:.1f} on {os.cpu_count()} cores."
            ),
        ]
    )
    print(report)
    if given.write:
        RESULTS.write_text(f"# {Path(__file__).stem}\n\n```\n{__doc__}```\n\n{report}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
