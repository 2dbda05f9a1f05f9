"""Every difference has its words."""

from __future__ import annotations

import re

import pytest

from tenban.settings.model import Difference
from tenban.settings.words import SENTENCES, say

GAP = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("key", sorted(SENTENCES))
def test_both_languages_say_the_same(key: str) -> None:
    """What one language fills in, the other fills in, too."""
    assert set(SENTENCES[key]) == {"ja", "en"}
    assert sorted(GAP.findall(SENTENCES[key]["ja"])) == sorted(GAP.findall(SENTENCES[key]["en"]))


def test_a_threshold_taken_back_names_what_holds_instead() -> None:
    """What is no longer set is the default for all lanes, and for one lane what all have."""
    values = {"rule": "left_without_paying", "key": "grace_s", "old": 15.0, "new": None}
    assert say(Difference("rules.shared", values))["en"].endswith("changed from 15 to the default (10)")
    lane = say(Difference("rules.lane", {**values, "name": "4"}))
    assert lane["en"].endswith("“How long the operator may be away” changed from 15 to as for all lanes")
    assert lane["ja"].startswith("未会計退出（レーン4）")
