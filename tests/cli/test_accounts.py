"""``tenban user`` and ``tenban token``, and how the command line answers bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.conftest import TOML, Command


def alone(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tenban", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_a_person_who_was_added_is_listed(shop: Path) -> None:
    """The first administrator is made on the machine itself, in an empty folder."""
    done = alone("user", "add", "佐藤", "--role", "administrator", "--password", "long enough now", cwd=shop)
    assert done.returncode == 0, done.stderr
    listed = json.loads(alone("user", "list", "--json", cwd=shop).stdout)
    assert listed == [{"name": "佐藤", "roles": ["administrator"], "shop": None, "groups": []}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("user", "add", "x", "--role", "boss", "--password", "long enough"),
            "--role: expected administrator",
        ),
        (("user", "add", "x", "--role", "attendant", "--password", "short"), "password: expected 8 to 256"),
        (
            ("user", "add", "x", "--role", "attendant", "--shop", "nowhere", "--password", "long enough"),
            "--shop: expected demo, got 'nowhere'",
        ),
        (("token", "new", "lane-9"), "register: expected lane-1, got 'lane-9'"),
    ],
)
def test_bad_input_ends_with_one_sentence(
    shop: Path, tenban: Command, arguments: tuple[str, ...], message: str
) -> None:
    """Bad input ends with exit code 2 and one sentence that says what was expected; never a traceback."""
    done = tenban(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("serve", "--config", "nowhere.toml"), "nowhere.toml: expected a configuration file"),
        (("part", "kitchen"), "part: expected web | recorder | watcher | jobs, got kitchen"),
    ],
)
def test_a_server_that_cannot_start_says_why_in_one_sentence(
    shop: Path, arguments: tuple[str, ...], message: str
) -> None:
    """As any bad input; in a process of its own, since a server sets up its log."""
    done = alone(*arguments, cwd=shop)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert message in done.stderr


def test_a_token_is_shown_once(shop: Path, tenban: Command) -> None:
    """A new token is printed and is recognisable as Tenban's."""
    done = tenban("token", "new", "lane-1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("tnb_register_")


def test_check_config_tells_every_mistake(shop: Path, tenban: Command) -> None:
    """check-config reports mistakes as JSON for machines and exits with 2."""
    (shop / "tenban.toml").write_text(TOML.replace('"self"', '"x"'), encoding="utf-8")
    done = tenban("check-config", "--json")
    assert done.returncode == 2
    report = json.loads(done.stdout)
    assert report["mistakes"][0]["where"].endswith("shop[0].register[0].kind")


def test_a_rule_setting_that_is_wrong_is_told(shop: Path, tenban: Command) -> None:
    """check-config also checks the settings of rules."""
    (shop / "tenban.toml").write_text(
        TOML + "\n[rules.item_not_registered]\nbefore_s = -1\n", encoding="utf-8"
    )
    done = tenban("check-config")
    assert done.returncode == 2
    assert "before_s: expected" in done.stderr
