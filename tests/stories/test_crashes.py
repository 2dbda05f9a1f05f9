"""What survives when things break: killed processes, an unplugged camera, a missing watcher."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from databases import renamed
from stories.running_shop import RunningShop, a_move, film, running_shop
from tenban.base.clock import SECOND, SystemClock, from_rfc3339
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.vision.queries import add_observations
from tills import event

CLIP_BEFORE_S = 8.0
"""A clip begins five seconds before the hand reached for the item, which see_a_move puts two seconds back."""


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path, _, _ = film(tmp_path_factory.mktemp("movie"), seed=3, behaviours=())
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, movie: Path) -> Iterator[RunningShop]:
    """One shop for all that breaks, its footage sealed, its lane watched by a second stream."""
    with running_shop(tmp_path_factory.mktemp("shop"), movie, sealed=True, small=True) as shop:
        attendant = shop.attendant()
        shop.wait_until("enough footage for a clip", lambda: _recorded_s(attendant) > CLIP_BEFORE_S)
        yield shop


def _recorded_s(attendant: Any) -> float:
    camera = attendant.get("/api/v1/lanes").json()[0]["cameras"][0]
    if camera["state"] != "recording":
        return 0.0
    return (SystemClock().now() - from_rfc3339(camera["since_at"])) / SECOND


def start_sale(shop: RunningShop) -> str:
    """Start another sale at lane-1; return its number."""
    now_at = SystemClock().now()
    sale = f"s-{now_at}"
    told = event("sale_started", sale=sale, rung_at=now_at)
    answer = shop.till().post("/api/v1/sale-events", json=[told])
    assert answer.json()["results"][0]["status"] == "stored"
    return sale


def see_a_move(shop: RunningShop, url: str | None = None) -> None:
    """Write down, as the watcher would, that an item went into the bag just now."""
    now_at = SystemClock().now()
    seen = a_move("cam-1", now_at)
    database = Database(url or sqlite_url(shop.data_dir.resolve() / "tenban.db"))
    database.write_now(lambda c: add_observations(c, "lane-1", [seen], now_at))
    database.close()


def incident_of(shop: RunningShop, sale: str) -> Any:
    """Return the card of the sale's incident, or None."""
    incidents = shop.anybody().get("/api/v1/incidents").json()["incidents"]
    return next((one for one in incidents if one["sale"] == sale), None)


def clip_state(shop: RunningShop, sale: str) -> str | None:
    incident = incident_of(shop, sale)
    return incident["clip"]["state"] if incident else None


def test_recording_goes_on_while_the_watcher_is_killed(shop: RunningShop) -> None:
    """Killing the analysis leaves the recording alone; the brief goes with stills cut from footage."""
    attendant = shop.anybody()
    shop.wait_until("the lane watched", lambda: attendant.get("/api/v1/lanes").json()[0]["watched"])
    before = attendant.get("/api/v1/lanes").json()[0]["cameras"]
    sale = start_sale(shop)
    shop.kill_part("watcher")
    see_a_move(shop)
    card = shop.wait_until("a brief", lambda: incident_of(shop, sale))
    shop.wait_until("the clip", lambda: clip_state(shop, sale) == "ready")
    card = shop.wait_until("stills", lambda: (c := incident_of(shop, sale)) and c["evidence"] and c)
    assert card["clip"]["why"] is None
    assert {still["label"] for still in card["evidence"]} >= {"enters_bagging"}
    lane = shop.wait_until(
        "the lane watched again",
        lambda: (one := attendant.get("/api/v1/lanes").json()[0])["watched"] and one,
    )
    assert lane["cameras"] == before, "the recording of neither stream was interrupted"


def test_facts_that_were_acknowledged_survive_a_kill(shop: RunningShop) -> None:
    """Every sale event answered with stored is there after kill -9 of the web process."""
    till = shop.till()
    stored = 0
    for _ in range(30):
        answer = till.post("/api/v1/sale-events", json=[event("drawer_opened", sale=None, reason="x")])
        stored += answer.json()["results"][0]["status"] == "stored"
    shop.kill_part("web")
    import sqlite3

    with sqlite3.connect(shop.data_dir / "tenban.db") as database:
        kept = database.execute("SELECT count(*) FROM sale_events WHERE type = 'drawer_opened'").fetchone()[0]
    assert kept == stored == 30
    shop.wait_until("the web process", lambda: _answers(shop))


def test_the_clip_comes_after_everything_was_killed(shop: RunningShop) -> None:
    """When the whole product is killed between brief and clip, the clip still comes after a restart."""
    sale = start_sale(shop)
    see_a_move(shop)
    shop.wait_until("a brief", lambda: clip_state(shop, sale) == "pending")
    shop.kill()
    shop.start()
    shop.wait_until("the clip", lambda: clip_state(shop, sale) == "ready")
    assert incident_of(shop, sale)["repeats"] == 1


def test_a_camera_that_is_unplugged_is_said_to_be_lost(shop: RunningShop) -> None:
    """An unplugged camera shows on the lane; the clip holds what there is and says what is missing."""
    sale = start_sale(shop)
    see_a_move(shop)
    shop.wait_until("a brief", lambda: incident_of(shop, sale))
    shop.cameras.cut("lane-1")
    attendant = shop.attendant()
    lane = shop.wait_until(
        "the lane not watched",
        lambda: (one := attendant.get("/api/v1/lanes").json()[0])["watched"] is False and one,
    )
    assert lane["cameras"][0]["state"] in {"lost", "connecting"}
    shop.wait_until("the clip", lambda: clip_state(shop, sale) in {"ready", "failed"}, patience_s=60)
    clip = incident_of(shop, sale)["clip"]
    assert clip["state"] == "ready"
    assert clip["why"] is not None
    shop.cameras.restore("lane-1")


def test_a_corrupt_detector_leaves_the_lane_unwatched_and_recorded(
    tmp_path: Path, movie: Path, postgres_server: str
) -> None:
    """On PostgreSQL: the lane says why it is not watched; recording goes on, and clips are cut."""
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    name = f"tenban_story_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    url = renamed(postgres_server, name)
    with running_shop(tmp_path, movie, database=url, detector=f"onnx:{broken}") as shop:
        attendant = shop.attendant()
        shop.wait_until("enough footage for a clip", lambda: _recorded_s(attendant) > CLIP_BEFORE_S)
        (lane,) = attendant.get("/api/v1/lanes").json()
        assert lane["watched"] is False
        assert "broken.onnx" in lane["why"]["en"]
        sale = start_sale(shop)
        see_a_move(shop, url)
        shop.wait_until("the clip", lambda: clip_state(shop, sale) == "ready")


def _answers(shop: RunningShop) -> bool:
    import httpx

    try:
        return shop.stranger().get("/healthz", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False
