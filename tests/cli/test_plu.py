"""``tenban plu``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tenban.base.errors import BadInput
from tenban.cli import app

TOML = """
[company]
name = "Example"
[[shop]]
id = "ebisu"
name = "Ebisu"
[[shop.register]]
id = "lane-1"
name = "Lane 1"
kind = "self"
[[shop]]
id = "meguro"
name = "Meguro"
"""


@pytest.fixture
def place(tmp_path: Path) -> list[str]:
    (tmp_path / "tenban.toml").write_text(TOML, encoding="utf-8")
    return ["--config", str(tmp_path / "tenban.toml"), "--data", str(tmp_path / "data")]


def test_import_then_show(tmp_path: Path, place: list[str]) -> None:
    """Articles go into the shop asked for, bad lines are told with their number, show finds them by code."""
    file = tmp_path / "plu.csv"
    file.write_bytes("商品コード,商品名,単価\n4901234567894,緑茶,198\n4901234567890,だめ,1\n".encode("cp932"))
    run = CliRunner().invoke(app, ["plu", "import", str(file), "--shop", "ebisu", "--json", *place])
    assert run.exit_code == 0, run.output
    [report] = json.loads(run.stdout)
    assert (report["shop"], report["version"], report["added"]) == ("ebisu", 1, 1)
    assert report["bad"][0]["line"] == 3
    again = CliRunner().invoke(app, ["plu", "import", str(file), *place])
    assert "plu.csv, line 3: code 4901234567890: expected check digit 4, got 0" in again.stderr
    assert "ebisu: version 1, 0 added, 0 changed, 1 as they were" in again.stdout
    assert "meguro: version 1, 1 added" in again.stdout
    shown = CliRunner().invoke(
        app, ["plu", "show", "--shop", "ebisu", "--code", "４９０１２３４５６７８９４", *place]
    )
    assert shown.stdout.splitlines() == ["ebisu: version 1, 1 articles", "4901234567894\t198\tpiece\t緑茶"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "nowhere.csv"], "nowhere.csv: expected a file that can be read, got No such file"),
        (["show", "--shop", "ueno"], "--shop: expected ebisu | meguro, got 'ueno'"),
        (["show", "--code", "4901234567890"], "code 4901234567890: expected check digit 4, got 0"),
    ],
)
def test_bad_input_is_one_clear_sentence(place: list[str], arguments: list[str], message: str) -> None:
    """What cannot be done is said with what was expected and what came."""
    run = CliRunner().invoke(app, ["plu", *arguments, *place])
    assert isinstance(run.exception, BadInput)
    assert message in str(run.exception)
