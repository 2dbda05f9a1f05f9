"""What every command has in common, and the words of ``tenban serve``."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.conftest import Command

REPORTS = [
    ("check",),
    ("keys", "status"),
    ("keys", "rotate"),
    ("retention", "report"),
    ("retention", "run"),
    ("clip", "cam", "10:00:00", "10:00:10", "out.mp4"),
    ("person", "export", "sato", "out"),
    ("audit", "export", "out.jsonl"),
    ("user", "list"),
    ("token", "list"),
    ("token", "rotate", "some"),
    ("token", "revoke", "some"),
]


@pytest.mark.parametrize("words", REPORTS, ids=" ".join)
def test_a_mistyped_folder_is_neither_made_nor_good_news(
    tenban: Command, shop: Path, words: tuple[str, ...]
) -> None:
    """A report on a folder that no server wrote to is refused with its name."""
    done = tenban(*words, "--data", "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "tenban: --data: expected the folder of a shop's data, got no such folder: nowhere\n"
    )
    assert not (shop / "nowhere").exists()


def test_an_unknown_level_of_the_log_is_bad_input(tenban: Command, shop: Path) -> None:
    """The words that are known are told."""
    done = tenban("serve", "--log-level", "loud")
    assert done.returncode == 2
    assert "warning" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_told(tenban: Command) -> None:
    """``tenban --version`` says which one this is."""
    assert tenban("--version").stdout.startswith("tenban 0.")


def test_a_file_that_is_not_there_is_told_once(tenban: Command, tmp_path: Path) -> None:
    """The system's reason comes without its number and without the path a second time."""
    done = tenban("count", "v.mp4", "--zones", str(tmp_path / "z.json"))
    assert done.returncode == 2
    assert done.stderr.endswith("expected a zones file (JSON, UTF-8), got No such file or directory\n")
