"""A change on a settings page reaches what it concerns, and nothing else stops for it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from brokers import Broker
from stories.settings_story import SettingsStory, settings_story
from tenban.base.clock import SystemClock
from tenban.base.span import Span
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.video.queries import FootageIndex

ZONE = {"role": "operator", "polygon": [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9], [0.1, 0.9]]}
BAGGING = {"role": "bagging", "polygon": [[0.5, 0.2], [0.95, 0.2], [0.95, 0.8], [0.5, 0.8]], "was": 0}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SettingsStory]:
    with settings_story(tmp_path_factory.mktemp("settings")) as story:
        yield story


@pytest.fixture
def admin(story: SettingsStory) -> httpx.Client:
    return story.person("admin")


def base(person: httpx.Client) -> str:
    sha256: str = person.get("/api/v1/settings").json()["revision"]["sha256"]
    return sha256


def change(person: httpx.Client, **wanted: Any) -> httpx.Response:
    return person.post("/api/v1/settings/changes", json={"base": base(person), "change": wanted})


def watched(person: httpx.Client, *lanes: str) -> bool:
    states = {lane["id"]: lane for lane in person.get("/api/v1/lanes").json()}
    return all(lane in states and states[lane]["watched"] for lane in lanes)


def recorded(person: httpx.Client, *lanes: str) -> bool:
    states = {lane["id"]: lane for lane in person.get("/api/v1/lanes").json()}
    return all(states[lane]["cameras"][0]["state"] == "recording" for lane in lanes)


def in_force(person: httpx.Client) -> bool:
    running = person.get("/api/v1/settings/running").json()
    return bool(running["all"]) and {one["part"] for one in running["parts"]} == {
        "web",
        "recorder",
        "watcher",
    }


def gaps_ms(story: SettingsStory, camera: str) -> list[float]:
    """How long the pauses between this camera's fragments are up to now, in milliseconds."""
    now = SystemClock().now()
    database = Database(sqlite_url(Path(story.folder) / "data" / "tenban.db"))
    try:
        index = FootageIndex(database)
        story.wait_until("its footage", lambda: (index.recorded_until(camera) or 0) > now)
        rows = [row for row, _ in index.for_span(camera, Span(0, 1 << 62))]
    finally:
        database.close()
    return [(after.start_at - before.end_at) / 1000 for before, after in pairwise(rows)]


def test_a_changed_zone_reaches_the_running_watcher_and_no_recording_has_a_gap(
    story: SettingsStory, admin: httpx.Client
) -> None:
    """Zones saved on the page are in force at once; no process is restarted and no footage is lost."""
    story.wait_until(
        "two lanes", lambda: watched(admin, "lane-1", "lane-2") and recorded(admin, "lane-1", "lane-2")
    )
    parts = story.parts()
    answer = change(admin, kind="view", register="lane-1", place=0, camera="cam-1", zones=[BAGGING, ZONE])
    assert answer.status_code == 200, answer.text
    assert answer.json()["effects"] == [{"what": "watching", "id": "lane-1", "name": "1"}]
    story.wait_until("the change in force", lambda: in_force(admin) and watched(admin, "lane-1", "lane-2"))
    with admin.stream("GET", "/api/v1/settings/registers/lane-1/look?camera=cam-1") as looks:
        line = next(line for line in looks.iter_lines() if line.startswith("data:"))
    assert '"brought_in":' in line
    assert story.parts() == parts
    for camera in ("cam-1", "cam-2"):
        assert max(gaps_ms(story, camera)) < 150


def test_a_camera_with_another_address_begins_anew_alone(story: SettingsStory, admin: httpx.Client) -> None:
    """Only the camera whose address changed has a gap; the other goes on, and nothing is restarted."""
    story.wait_until("two lanes", lambda: recorded(admin, "lane-1", "lane-2"))
    parts = story.parts()
    known = admin.get("/api/v1/settings").json()["shops"][0]["cameras"][0]
    answer = change(
        admin, kind="camera", shop="demo", id="cam-1", name="Camera 1",
        address=known["address"].replace("lane-1", "lane-2"),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert [one["what"] for one in answer.json()["effects"]] == ["recording"]
    story.wait_until("the change in force", lambda: in_force(admin) and recorded(admin, "lane-1", "lane-2"))
    back = admin.get("/api/v1/settings/history").json()
    undone = admin.post("/api/v1/settings/undo", json={"base": back["base"], "to": back["newest"] - 1})
    assert undone.status_code == 200, undone.text
    story.wait_until("the way back", lambda: in_force(admin) and recorded(admin, "lane-1", "lane-2"))
    assert story.parts() == parts
    assert max(gaps_ms(story, "cam-2")) < 150


def test_a_hand_edit_is_followed_and_written_down(story: SettingsStory, admin: httpx.Client) -> None:
    """Who edits the file by hand needs no restart, and finds the edit in the history."""
    story.config.write_text(story.config.read_text().replace('name = "Front"', 'name = "Vorne"'))
    story.wait_until("the edit in force", lambda: in_force(admin))
    newest = admin.get("/api/v1/settings/history").json()["revisions"][0]
    assert newest["kind"] == "hand"
    assert newest["what"] == [
        {"ja": "グループ名を「Front」から「Vorne」に変更", "en": "Group renamed from Front to Vorne"}
    ]


def test_a_broken_hand_edit_stops_nothing_and_can_be_put_back(
    story: SettingsStory, admin: httpx.Client
) -> None:
    """While the file has mistakes everything goes on as before, also through a crash; saving is refused."""
    good = admin.get("/api/v1/settings/history").json()["newest"]
    story.config.write_text("[company\n")
    told = story.wait_until("the mistake", lambda: admin.get("/api/v1/settings").json()["mistakes"])
    assert "expected TOML" in told[0]
    answer = change(admin, kind="shop", shop="demo", name="X", timezone="Asia/Tokyo", currency="JPY")
    assert answer.status_code == 409
    before = story.parts()["watcher"]
    os.kill(before, signal.SIGKILL)
    story.wait_until("another watcher", lambda: story.parts().get("watcher") not in {None, before})
    story.wait_until("lanes", lambda: watched(admin, "lane-1", "lane-2"))
    undone = admin.post("/api/v1/settings/undo", json={"base": base(admin), "to": good})
    assert undone.status_code == 200, undone.text
    story.wait_until("the good one in force", lambda: in_force(admin))
    assert "Vorne" in story.config.read_text()


def test_a_lane_added_and_removed_needs_no_restart(story: SettingsStory, admin: httpx.Client) -> None:
    """A new lane with a new camera is recorded and watched within seconds, and taken out as quietly."""
    parts = story.parts()
    camera = {
        "kind": "camera", "shop": "demo", "id": "cam-3", "name": "Three", "new": True,
        "address": story.spare, "user": "admin", "password": "p@ss word",
    }  # fmt: skip
    register = {
        "kind": "register",
        "shop": "demo",
        "id": "lane-3",
        "name": "3",
        "group": "front",
        "new": True,
    }
    view = {"kind": "view", "register": "lane-3", "camera": "cam-3", "zones": [{**BAGGING, "was": None}]}
    answer = change(admin, kind="lane", camera=camera, register=register, view=view)
    assert answer.status_code == 200, answer.text
    story.wait_until("the lane", lambda: watched(admin, "lane-3") and recorded(admin, "lane-3"))
    shown = admin.get("/api/v1/settings").text
    assert "p@ss" not in shown
    assert "p%40ss" not in shown
    assert change(admin, kind="remove", shop="demo", of="camera", id="cam-3").status_code == 400
    assert change(admin, kind="remove", shop="demo", of="register", id="lane-3").status_code == 200
    assert change(admin, kind="remove", shop="demo", of="camera", id="cam-3").status_code == 200
    story.wait_until("the change in force", lambda: in_force(admin))
    assert story.parts() == parts
    assert max(gaps_ms(story, "cam-2")) < 150


def test_a_second_shop_is_taken_up_by_every_part_without_a_restart(
    story: SettingsStory, admin: httpx.Client
) -> None:
    """A shop added on the page gets a lane that is watched; whoever is of the first shop sees none of it."""
    story.wait_until("two lanes", lambda: watched(admin, "lane-1", "lane-2"))
    parts, head = story.parts(), story.person("head")
    shop = {"kind": "shop", "shop": "second", "name": "Second", "timezone": "Europe/Paris", "currency": "EUR"}
    assert change(admin, **shop, new=True).status_code == 403
    assert change(head, **shop, new=True).status_code == 200
    free = head.get("/api/v1/settings?shop=second").json()["shops"][0]["free"]
    assert free == {"camera": "second-cam-1", "register": "second-lane-1"}
    camera = {
        "kind": "camera", "shop": "second", "id": free["camera"], "name": "Four", "new": True,
        "address": story.spare, "user": "admin", "password": "p@ss word",
    }  # fmt: skip
    register = {"kind": "register", "shop": "second", "id": free["register"], "name": "1", "new": True}
    zones = [{**BAGGING, "was": None}]
    view = {"kind": "view", "register": free["register"], "camera": free["camera"], "zones": zones}
    answer = change(head, kind="lane", camera=camera, register=register, view=view)
    assert answer.status_code == 200, answer.text
    lane = free["register"]
    story.wait_until("its lane", lambda: in_force(head) and watched(head, lane) and recorded(head, lane))
    assert [one["id"] for one in head.get("/api/v1/lanes?shop=second").json()] == [lane]
    assert lane not in admin.get("/api/v1/lanes").text
    assert admin.get("/api/v1/lanes?shop=second").status_code == 404
    assert change(head, kind="remove_shop", shop="second").status_code == 400
    assert change(head, kind="remove", shop="second", of="register", id=lane).status_code == 200
    assert change(head, kind="remove", shop="second", of="camera", id=free["camera"]).status_code == 200
    assert change(head, kind="remove_shop", shop="second").status_code == 200
    story.wait_until("the shop gone", lambda: in_force(head))
    assert story.parts() == parts
    assert max(gaps_ms(story, "cam-2")) < 150


def test_lamps_over_mqtt_are_switched_on_moved_and_off_while_everything_runs(story: SettingsStory) -> None:
    """The running server connects to a real broker, follows it to another, says why not, and lets go."""
    head, parts = story.person("head"), story.parts()

    def state() -> tuple[str, str | None]:
        told = head.get("/api/v1/settings/mqtt").json()
        return told["state"], told["trouble"]

    assert state() == ("off", None)
    first, second = Broker(), Broker()
    try:
        first.start()
        answer = change(head, kind="mqtt", on=True, host="127.0.0.1", port=first.port)
        assert answer.status_code == 200, answer.text
        story.wait_until("the first broker", lambda: state() == ("connected", None))
        moved = change(head, kind="mqtt", on=True, host="127.0.0.1", port=second.port)
        assert moved.status_code == 200, moved.text
        story.wait_until("why not", lambda: state() == ("down", "refused"))
        second.start()
        story.wait_until("the second broker", lambda: state() == ("connected", None))
        assert change(head, kind="mqtt", on=False, host="127.0.0.1", port=second.port).status_code == 200
        story.wait_until("quiet", lambda: state() == ("off", None))
    finally:
        first.stop()
        second.stop()
    assert story.parts() == parts
