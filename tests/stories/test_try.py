"""A try on the real server: counted by the jobs process, also when that is killed half-way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.films import ZONES, one_item
from stories.running_shop import PASSWORD, RunningShop, free_port

pytestmark = pytest.mark.timeout(300)

CONFIG = """
[company]
name = "Story"

[try]
max_mb = 20

[[shop]]
id = "demo"
name = "Story shop"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[RunningShop]:
    config, people = tmp_path / "tenban.toml", tmp_path / "accounts.json"
    config.write_text(CONFIG, encoding="utf-8")
    ono = {"name": "ono", "password": PASSWORD, "roles": ["supervisor"], "shop": "demo"}
    people.write_text(json.dumps({"people": [ono]}), encoding="utf-8")
    port = free_port()
    arguments = ["--config", str(config), "--data", str(tmp_path / "data"), "--port", str(port)]
    arguments += ["--demo-accounts", str(people)]
    nowhere: Any = None  # a shop without cameras
    url = f"http://127.0.0.1:{port}"
    shop = RunningShop(tmp_path, tmp_path / "data", url, nowhere, nowhere, arguments=arguments)
    try:
        shop.start()
        yield shop
        shop.stop()
    finally:
        for client in shop.clients:
            client.close()
        if shop.process is not None:
            shop.process.kill()
            shop.process.wait()


def test_a_try_is_counted_although_the_jobs_process_is_killed(shop: RunningShop, tmp_path: Path) -> None:
    """Killed half-way, the counting begins again by itself, and its figures come."""
    film = one_item(tmp_path / "film.mp4", length_s=25)
    ono = shop.stranger()
    assert ono.post("/api/v1/session", json={"name": "ono", "password": PASSWORD}).status_code == 204
    limits = ono.get("/api/v1/tries").json()["limits"]
    assert limits["max_mb"] == 20
    home = "/api/v1/tries/" + ono.post("/api/v1/tries?name=film.mp4", content=film.read_bytes()).json()["id"]

    def known() -> dict[str, Any]:
        found: dict[str, Any] = ono.get(home).json()
        return found

    shop.wait_until("the check", lambda: known()["state"] == "ready", patience_s=60)
    assert ono.post(f"{home}/start", json={"zones": ZONES, "registered": 1}).status_code == 200
    shop.wait_until(
        "some progress", lambda: known()["state"] == "counting" and known()["progress"] > 0, patience_s=60
    )
    shop.kill_part("jobs")
    shop.wait_until("the figures", lambda: known()["state"] == "done", patience_s=200)
    assert known()["result"]["brought_in"] == 1
    assert known()["result"]["judgement"] == "not_detected"
