"""Every difference has its words."""

from __future__ import annotations

import re

import pytest

from tenban.settings.words import SENTENCES

GAP = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("key", sorted(SENTENCES))
def test_both_languages_say_the_same(key: str) -> None:
    """What one language fills in, the other fills in, too."""
    assert set(SENTENCES[key]) == {"ja", "en"}
    assert sorted(GAP.findall(SENTENCES[key]["ja"])) == sorted(GAP.findall(SENTENCES[key]["en"]))
