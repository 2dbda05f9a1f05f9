"""The command line, run in the tests' own process: the interpreter is not started anew for each line."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tenban.cli import main

TOML = """
[company]
name = "T"
[[shop]]
id = "demo"
name = "Demo"
[[shop.register]]
id = "lane-1"
name = "1"
kind = "self"
"""


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


class Command(Protocol):
    """Runs ``tenban`` with these words."""

    def __call__(self, *arguments: str) -> Done: ...


@pytest.fixture
def tenban(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["tenban", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with the configuration of a shop of one register."""
    (tmp_path / "tenban.toml").write_text(TOML, encoding="utf-8")
    return tmp_path
