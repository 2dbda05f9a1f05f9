"""Figure 9 of JP7845992B2, steps S11 to S29, over real HTTP, a real camera stream and real processes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from stories.running_shop import TILL_TOKEN, RunningShop, film, post_as_rung, running_shop
from tenban.base.clock import SystemClock, from_rfc3339
from tenban.video.frames import read_frames

BEHAVIOURS = ("forgotten_scan",)
SEED = 40


@dataclass
class Heard:
    """What reached the attendant's stream and the till's link."""

    notices: list[dict[str, Any]] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)

    def first(self, kind: str) -> dict[str, Any] | None:
        return next((notice for notice in self.notices if notice["kind"] == kind), None)


def listen(client: httpx.Client, heard: Heard) -> None:
    """Collect notices until the stream ends."""

    def work() -> None:
        try:
            with client.stream("GET", "/api/v1/watch/stream") as answer:
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        heard.notices.append(json.loads(line[6:]))
        except httpx.HTTPError:
            return

    threading.Thread(target=work, daemon=True).start()


def link(shop: RunningShop, heard: Heard) -> Any:
    """Connect the till's link and acknowledge every command."""
    url = shop.base_url.replace("http://", "ws://") + "/api/v1/registers/lane-1/link"
    socket = connect(url, additional_headers={"Authorization": f"Bearer {TILL_TOKEN}"})

    def work() -> None:
        for message in socket:
            command = json.loads(message)
            if "command_id" in command:
                heard.commands.append(command)
                socket.send(json.dumps({"ack": command["command_id"], "result": "done"}))

    threading.Thread(target=work, daemon=True).start()
    return socket


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningShop, Heard, Any, httpx.Client]]:
    """One sale with one forgotten scan, from the opening of the tablet to payment and label."""
    folder = tmp_path_factory.mktemp("figure9")
    movie, script, truth = film(folder, seed=SEED, behaviours=BEHAVIOURS)
    with running_shop(folder, movie) as shop:
        heard = Heard()
        attendant, till = shop.attendant(), shop.till()
        listen(attendant, heard)
        socket = link(shop, heard)
        shop.camera.start()
        start_at = SystemClock().now()
        shop.wait_until("recording", lambda: _camera_state(attendant) == "recording")
        post_as_rung(till, script, start_at=start_at)
        shop.wait_until("a brief", lambda: heard.first("brief"))
        shop.wait_until("the clip", lambda: heard.first("clip"))
        yield shop, heard, truth, attendant
        socket.close()


def _camera_state(attendant: httpx.Client) -> str:
    lanes = attendant.get("/api/v1/lanes").json()
    return str(lanes[0]["cameras"][0]["state"])


def test_the_brief_names_lane_event_and_time(story: Any) -> None:
    """S23: the brief says which register, what was seen and when, before the clip exists."""
    _, heard, truth, _ = story
    card = heard.first("brief")["incident"]
    assert (card["register"], card["register_name"], card["rule"]) == ("lane-1", "1", "item_not_registered")
    assert card["state"] == "unconfirmed"
    assert card["clip"]["state"] == "pending"
    assert card["title"]["ja"] == "商品未登録"
    assert truth.expected == ("item_not_registered",)


def test_two_stills_come_with_the_brief(story: Any) -> None:
    """S16, S22: the operator still from the start of the sale, and the moment the item enters bagging, whole and cropped."""
    _, heard, _, attendant = story
    card = heard.first("brief")["incident"]
    labels = [still["label"] for still in card["evidence"]]
    assert labels[:2] == ["enters_bagging", "left_basket"]
    for url in (card["operator_still"], card["evidence"][0]["url"], card["evidence"][0]["crop_url"]):
        answer = attendant.get(url)
        assert answer.status_code == 200
        assert answer.content.startswith(b"\xff\xd8")


def test_the_register_is_told_with_the_brief(story: Any) -> None:
    """S20, S21: the lamp blinks and the neutral hint shows on the register, and both are acknowledged."""
    _, heard, _, _ = story
    kinds = [command["type"] for command in heard.commands[:2]]
    assert kinds == ["lamp", "hint"]
    assert heard.commands[0]["blink"] is True


def test_the_clip_follows_and_plays(story: Any, tmp_path: Path) -> None:
    """S25 to S28: the second notice carries the clip, which can be fetched by ranges and decoded to its end."""
    _, heard, _, attendant = story
    clip = heard.first("clip")["incident"]["clip"]
    assert clip["state"] == "ready"
    part = attendant.get(clip["url"], headers={"Range": "bytes=0-99"})
    assert part.status_code == 206
    assert part.content[4:8] == b"ftyp"
    path = tmp_path / "clip.mp4"
    path.write_bytes(attendant.get(clip["url"]).content)
    frames = list(read_frames(path))
    asked_s = (from_rfc3339(clip["end_at"]) - from_rfc3339(clip["start_at"])) / 1e6
    assert frames[-1].captured_at / 1e6 == pytest.approx(asked_s, abs=2 / 15)


def test_looking_is_written_down(story: Any) -> None:
    """Whoever fetched a picture of a person stands in the audit log."""
    shop, _, _, attendant = story
    import sqlite3

    with sqlite3.connect(shop.data_dir / "tenban.db") as database:
        seen = database.execute("SELECT count(*) FROM audit WHERE event = 'media:picture:viewed'").fetchone()
    assert seen[0] >= 1
    assert attendant.get("/api/v1/session").json()["name"] == "attendant"


def test_a_label_is_told_to_everybody(story: Any) -> None:
    """One tap labels the incident; every tablet of the group is told."""
    shop, heard, _, attendant = story
    incident = heard.first("brief")["incident"]["id"]
    answer = attendant.post(
        f"/api/v1/incidents/{incident}/state", json={"state": "resolved", "outcome": "true"}
    )
    assert answer.status_code == 200
    told = shop.wait_until("the change", lambda: heard.first("changed"))
    assert told["incident"]["outcome"] == "true"


def test_a_tablet_that_slept_gets_what_it_missed_once_and_in_order(story: Any) -> None:
    """Asking again from an earlier notice gives the later ones, each once, in order."""
    _, heard, _, attendant = story
    first = heard.notices[0]["notice_id"]
    missed: list[int] = []
    with attendant.stream("GET", "/api/v1/watch/stream", headers={"Last-Event-ID": str(first)}) as answer:
        for line in answer.iter_lines():
            if line.startswith("id: "):
                missed.append(int(line[4:]))
            if len(missed) == len(heard.notices) - 1:
                break
    assert missed == [notice["notice_id"] for notice in heard.notices[1:]]


def test_nobody_looks_without_signing_in(story: Any) -> None:
    """Without a session or token every door but the sign-in answers 401, or leads to it."""
    shop, heard, _, _ = story
    incident = heard.first("brief")["incident"]
    stranger = shop.stranger()
    for path in ("/api/v1/incidents", "/api/v1/lanes", "/api/v1/watch/stream", incident["operator_still"]):
        assert stranger.get(path).status_code == 401
    assert stranger.get("/watch").status_code in {302, 303, 307}
