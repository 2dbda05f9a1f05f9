"""``tenban replay``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def event(second: float, seq: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "event_id": f"e{seq}", "register": "lane-5", "sale": "s1", "seq": seq, "type": kind,
        "rung_at": f"2026-11-22T12:05:{second:06.3f}+09:00", **fields,
    }  # fmt: skip


def move(second: float) -> dict[str, Any]:
    return {
        "register": "lane-5", "kind": "item_moved", "from_zone": "basket", "to_zone": "bagging",
        "at": f"2026-11-22T12:05:{second:06.3f}+09:00", "confidence": 0.9,
    }  # fmt: skip


STORY = [
    event(0, 1, "sale_started"),
    event(10, 2, "item_registered", item={"line": "1", "plu": "4901", "name": "Tea"}),
    move(11),
    move(30),
    event(50, 3, "payment_started", total=198),
    event(55, 4, "paid", total=198),
]


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "facts.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in STORY), encoding="utf-8")
    return path


def tenban(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tenban", "replay", *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_says_what_was_found_and_why(story: Path) -> None:
    """The finding comes with its sentence and the facts it rests on."""
    done = tenban(story)
    assert done.returncode == 0
    assert "Item not registered" in done.stdout
    assert "An item entered the bag at 12:05:30" in done.stdout
    assert "12:05:30.0 item entered the bag" in done.stdout
    assert "1 finding(s), 0 withdrawn" in done.stdout


def test_speaks_japanese(story: Path) -> None:
    """With ``--language ja`` it is said in Japanese."""
    assert "12:05:30 に商品が袋に入りました" in tenban(story, "--language", "ja").stdout


def test_reports_to_machines(story: Path) -> None:
    """``--json`` gives both sentences and the instants."""
    report = json.loads(tenban(story, "--json").stdout)
    (finding,) = report["findings"]
    assert (finding["rule"], finding["register"]) == ("item_not_registered", "lane-5")
    assert finding["at"] == "2026-11-22T03:05:30.000000Z"
    assert set(finding["sentence"]) == {"ja", "en"}
    assert finding["facts"][0]["id"].endswith(":4")
    assert report["withdrawn"] == []


def test_as_received_ends_the_same(story: Path) -> None:
    """Time by arrival gives the same findings."""
    given = json.loads(tenban(story, "--json").stdout)["findings"]
    assert json.loads(tenban(story, "--json", "--as-received").stdout)["findings"] == given


def test_takes_the_settings_of_a_file(story: Path, tmp_path: Path) -> None:
    """Settings of the rules are read from ``tenban.toml``."""
    rules = tmp_path / "tenban.toml"
    rules.write_text("[rules.item_not_registered]\non = false\n[rules.scan_omission]\non = false\n")
    assert "0 finding(s)" in tenban(story, "--rules", rules).stdout


def test_a_bad_line_is_set_aside_and_told(story: Path) -> None:
    """A bad line costs nothing but itself and is told with its number."""
    story.write_text(story.read_text() + "\nnonsense\n", encoding="utf-8")
    done = tenban(story)
    assert done.returncode == 0
    assert f"set aside: {story}:7: expected a JSON object" in done.stderr
    assert "1 finding(s)" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jsonl"], "missing.jsonl: expected a readable file of JSON lines"),
        (["STORY", "--language", "fr"], "--language: expected ja or en, got 'fr'"),
        (["STORY", "--timezone", "Moon"], "--timezone: expected an IANA zone"),
        (["STORY", "--rules", "missing.toml"], "missing.toml: expected a readable configuration file"),
    ],
)
def test_bad_input_is_one_sentence(story: Path, arguments: list[str], message: str) -> None:
    """Bad input ends with exit code 2 and one sentence, never a traceback."""
    done = tenban(*(str(story) if one == "STORY" else one for one in arguments))
    assert done.returncode == 2
    assert done.stderr.startswith(f"tenban: {message}")
    assert len(done.stderr.strip().splitlines()) == 1
