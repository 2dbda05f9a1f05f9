"""What findings say, in ja and en."""

from __future__ import annotations

import re
import string
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from findings.story import LaneStory, at
from tenban.findings import words
from tenban.findings.facts import EVENT_TYPES, OBSERVATION_KINDS
from tenban.findings.model import Label, Phrase, Reason
from tenban.findings.rules import RULES

TOKYO = ZoneInfo("Asia/Tokyo")


def test_says_when_and_what() -> None:
    """The sentence gives the shop's time and the window, in both languages."""
    lane = LaneStory()
    lane.move(10)
    phrase = lane.replay().findings[0].phrase
    time = words.time_of_day(at(10), TOKYO)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", time)
    assert words.say(phrase, "en", TOKYO) == (
        f"An item entered the bag at {time} and no registration was found within 6 s before or 3 s after."
    )
    assert words.say(phrase, "ja", TOKYO) == (
        f"{time} に商品が袋に入りましたが、前6秒・後3秒に登録が見つかりません。"
    )


def test_the_zone_is_the_shops() -> None:
    """The same instant is another time of day in another zone."""
    assert words.time_of_day(0, TOKYO) == "09:00:00"
    assert words.time_of_day(0, ZoneInfo("UTC")) == "00:00:00"
    assert words.time_of_day(1_950_000, TOKYO, tenths=True) == "09:00:01.9"


@pytest.mark.parametrize("key", words.SENTENCES)
def test_both_languages_say_the_same_things(key: str) -> None:
    """Japanese and English fill the same gaps, but for a length Japanese leaves to the end of the window."""
    gaps = {
        language: {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for language, text in words.SENTENCES[key].items()
    }
    assert gaps["ja"] == gaps["en"]


def test_everything_has_words() -> None:
    """Every rule, reason, label and kind of fact is said in both languages."""
    assert set(words.TITLES) == set(words.HINTS) == set(RULES)
    assert set(words.REASONS) == set(get_args(Reason))
    assert set(words.LABELS) == set(get_args(Label))
    assert set(words._FACTS) == EVENT_TYPES | OBSERVATION_KINDS
    every = (words.TITLES, words.HINTS, words.SENTENCES, words.REASONS, words.LABELS, words._FACTS)
    for table in every:
        assert all(set(said) == set(words.LANGUAGES) and all(said.values()) for said in table.values())  # type: ignore[attr-defined]  # tables of different keys


def test_nothing_accuses() -> None:
    """No sentence, title or hint calls anybody anything."""
    said = " ".join(
        text
        for table in (words.TITLES, words.HINTS, words.SENTENCES, words.REASONS)
        for both in table.values()  # type: ignore[attr-defined]  # tables of different keys
        for text in both.values()
    ).lower()
    assert not re.search(r"thief|theft|steal|stole|fraud|suspect|万引|窃盗|不正|犯", said)


def test_facts_are_said() -> None:
    """A registration is said with its product and its pieces, a move without."""
    lane = LaneStory()
    lane.scan(1, 2)
    lane.move(2)
    scan, move = (words.say_fact(fact, "en", TOKYO) for fact in lane.facts[-2:])
    assert scan.endswith("item registered 4901 ×2")
    assert move.endswith("item entered the bag")


def test_whole_seconds_have_no_point() -> None:
    """A length is said as short as it is: 4 and 2.5."""
    phrase = Phrase("items_left_in_basket", {"paid_at": 0, "grace_s": 2.5})
    assert "2.5 s later" in words.say(phrase, "en", TOKYO)
