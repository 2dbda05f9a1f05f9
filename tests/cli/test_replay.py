"""``tenban replay``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tenban.cli import main


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


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str


Tenban: TypeAlias = Callable[..., Done]


@pytest.fixture
def tenban(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tenban:
    """The command, run as the shell would, in this process."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["tenban", "replay", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Done(int(left.value.code or 0), said.out, said.err)

    return run


def test_says_what_was_found_and_why(tenban: Tenban, story: Path) -> None:
    """The finding comes with its sentence and the facts it rests on."""
    done = tenban(story)
    assert done.code == 0
    assert "Item not registered" in done.out
    assert "An item entered the bag at 12:05:30" in done.out
    assert "12:05:30.0 item entered the bag" in done.out
    assert "1 finding(s), 0 withdrawn" in done.out


def test_speaks_japanese(tenban: Tenban, story: Path) -> None:
    """With ``--language ja`` it is said in Japanese."""
    assert "12:05:30 に商品が袋に入りました" in tenban(story, "--language", "ja").out


def test_reports_to_machines(tenban: Tenban, story: Path) -> None:
    """``--json`` gives both sentences and the instants."""
    report = json.loads(tenban(story, "--json").out)
    (finding,) = report["findings"]
    assert (finding["rule"], finding["register"]) == ("item_not_registered", "lane-5")
    assert finding["at"] == "2026-11-22T03:05:30.000000Z"
    assert set(finding["sentence"]) == {"ja", "en"}
    assert finding["facts"][0]["id"].endswith(":4")
    assert report["withdrawn"] == []


def test_as_received_ends_the_same(tenban: Tenban, story: Path) -> None:
    """Time by arrival gives the same findings."""
    given = json.loads(tenban(story, "--json").out)["findings"]
    assert json.loads(tenban(story, "--json", "--as-received").out)["findings"] == given


def test_takes_the_settings_of_a_file(tenban: Tenban, story: Path, tmp_path: Path) -> None:
    """Settings of the rules are read from ``tenban.toml``."""
    rules = tmp_path / "tenban.toml"
    rules.write_text("[rules.item_not_registered]\non = false\n[rules.scan_omission]\non = false\n")
    assert "0 finding(s)" in tenban(story, "--rules", rules).out


def test_a_bad_line_is_set_aside_and_told(tenban: Tenban, story: Path) -> None:
    """A bad line costs nothing but itself and is told with its number."""
    story.write_text(story.read_text() + "\nnonsense\n", encoding="utf-8")
    done = tenban(story)
    assert done.code == 0
    assert f"set aside: {story}:7: expected a JSON object" in done.err
    assert "1 finding(s)" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jsonl"], "missing.jsonl: expected a readable file of JSON lines"),
        (["STORY", "--language", "fr"], "--language: expected ja or en, got 'fr'"),
        (["STORY", "--timezone", "Moon"], "--timezone: expected an IANA zone"),
        (["STORY", "--rules", "missing.toml"], "missing.toml: expected a readable configuration file"),
    ],
)
def test_bad_input_is_one_sentence(tenban: Tenban, story: Path, arguments: list[str], message: str) -> None:
    """Bad input ends with exit code 2 and one sentence, never a traceback."""
    done = tenban(*(str(story) if one == "STORY" else one for one in arguments))
    assert done.code == 2
    assert done.err.startswith(f"tenban: {message}")
    assert len(done.err.strip().splitlines()) == 1
