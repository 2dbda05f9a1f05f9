"""Settings of the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tenban.base.errors import BadInput
from tenban.findings.rules import RULES
from tenban.findings.settings import check_rules, describe, parse_rules, rules_of
from tenban.sites.config import parse_sites


@pytest.mark.parametrize(
    ("shared", "own", "shows"),
    [
        ({"hint_still": True}, {}, "still"),
        ({"hint_still": True}, {"hint_still": False}, "nothing"),
        ({"hint_shows": "clip"}, {"hint_still": True}, "still"),
        ({"hint_still": True}, {"hint_shows": "clip"}, "clip"),
        ({"hint_still": True, "hint_shows": "nothing"}, {}, "nothing"),
    ],
)
def test_a_setting_is_read_under_its_former_name(
    shared: dict[str, Any], own: dict[str, Any], shows: str
) -> None:
    """A file that still says hint_still is read as it was meant; a register's own goes before the shared."""
    settings = parse_rules({"sale": shared}, {"lane-1": {"sale": own}})
    assert settings.lane("lane-1").sale.hint_shows == shows


def test_a_register_has_its_own() -> None:
    """What a register sets replaces the shared value; what it doesn't set is as shared."""
    settings = parse_rules(
        {"item_not_registered": {"before_s": 5, "after_s": 2.5}},
        {"lane-5": {"item_not_registered": {"before_s": 9.0}}},
    )
    assert settings.lane("lane-1").item_not_registered.before_s == 5
    assert settings.lane("lane-5").item_not_registered.before_s == 9
    assert settings.lane("lane-5").item_not_registered.after_s == 2.5


@pytest.mark.parametrize(
    ("shared", "message"),
    [
        ({"unknown": {}}, "rules.unknown: expected one of sale, item_not_registered"),
        (
            {"item_not_registered": {"before": 4}},
            "rules.item_not_registered.before: expected one of on, before_s",
        ),
        (
            {"item_not_registered": {"before_s": "4"}},
            "rules.item_not_registered.before_s: expected a number from 0.1 to 60 s, got '4'",
        ),
        (
            {"left_without_paying": {"grace_s": -1}},
            "rules.left_without_paying.grace_s: expected a number from 0 to 600 s, got -1",
        ),
        ({"item_not_registered": 4}, "rules.item_not_registered: expected a table of settings, got 4"),
        ({"scan_omission": {"on": 1}}, "rules.scan_omission.on: expected a valid boolean, got 1"),
    ],
)
def test_mistakes_name_key_expected_and_came(shared: dict[str, Any], message: str) -> None:
    """Every mistake says where it is, what was expected and what came."""
    with pytest.raises(BadInput) as mistake:
        parse_rules(shared)
    assert str(mistake.value).startswith(message)


def test_a_mistake_of_a_register_names_it() -> None:
    """A mistake in a register's own settings says which register."""
    with pytest.raises(BadInput, match="rules of lane-5"):
        parse_rules({}, {"lane-5": {"scan_omission": {"settle_s": 99}}})


def test_every_setting_can_be_shown() -> None:
    """Each has a title in both languages, and each rule can be switched off."""
    settings = describe()
    assert all(setting.title["ja"] and setting.title["en"] for setting in settings)
    switches = {setting.rule for setting in settings if setting.key == "on"}
    assert switches == set(RULES)
    numbers = [s for s in settings if isinstance(s.default, float)]
    assert all(s.least is not None and s.most is not None and s.least <= s.default <= s.most for s in numbers)  # type: ignore[operator]  # a float, as asked above


def test_staffed_registers_are_not_cleared_by_their_cashier() -> None:
    """A signed-on cashier clears nothing at a staffed register, unless the file says so."""
    document = {
        "company": {"name": "Example"},
        "shop": [
            {
                "id": "shop",
                "name": "Shop",
                "register": [
                    {"id": "self", "name": "1", "kind": "self"},
                    {"id": "staffed", "name": "2", "kind": "staffed"},
                    {"id": "set", "name": "3", "kind": "staffed", "rules": {"sale": {"staff_clears": True}}},
                ],
            }
        ],
        "rules": {"item_not_registered": {"before_s": 5.0}},
    }
    sites = parse_sites(document, Path("tenban.toml"))
    settings = rules_of(sites, "tenban.toml")
    assert [settings.lane(r).sale.staff_clears for r in ("self", "staffed", "set")] == [True, False, True]
    assert settings.lane("staffed").item_not_registered.before_s == 5
    check_rules(sites, "tenban.toml")
