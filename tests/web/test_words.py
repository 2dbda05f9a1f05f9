"""Words, dates and times in both languages."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request

from tenban.base.clock import from_rfc3339
from tenban.web.words import LANGUAGES, Written, catalog_of, language_of, preferred, script_words, translator

sys.path.insert(0, str(Path(__file__).parent))
from catalogs import ROOM, said, updated

GAP = re.compile(r"\{\w+\}")


def request(query: str = "", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "query_string": query.encode(), "headers": raw})


def test_every_word_on_a_screen_exists_in_japanese() -> None:
    """No message of a template, script or module lacks its Japanese."""
    say = catalog_of("ja")
    missing = sorted({text for _, text in said() if say.get(text) is None or not say.get(text).string})
    assert missing == [], "run python tests/web/catalogs.py and translate these"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogs_hold_what_the_sources_say_and_no_more(language: str) -> None:
    """Catalogs and sources name the same messages at the same places."""
    fresh = {(m.id, path) for m in updated(language) for path, _ in m.locations}
    kept = {(m.id, path) for m in catalog_of(language) for path, _ in m.locations}  # type: ignore[arg-type]
    assert fresh == kept, "run python tests/web/catalogs.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_gaps_of_its_message(language: str) -> None:
    """What a message fills in, its translation fills in, too."""
    for message in catalog_of(language):  # type: ignore[arg-type]
        if message.id and message.string:
            assert sorted(GAP.findall(message.string)) == sorted(GAP.findall(message.id)), message.id


def test_no_script_says_a_word_that_the_page_does_not_carry() -> None:
    """Every message found in a script by plain search is among those the page carries."""
    spoken = {
        text
        for path in (ROOM / "static").rglob("*.js")
        for text in re.findall(r'\b_\(\s*"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8"))
    }
    assert spoken - script_words()["ja"].keys() == set()


def test_no_screen_accuses() -> None:
    """Words stay neutral in both languages."""
    for path in [*(ROOM / "locale").iterdir(), *(ROOM / "templates").iterdir()]:
        text = path.read_text(encoding="utf-8").lower()
        # The technical name of one figure of a count, as the published work that it follows calls it.
        text = text.replace('msgid "judgement of fraud"', "").replace('msgstr "不正判定"', "")
        assert not re.search(
            r"thief|thieves|steal|fraud|suspect|criminal|万引|窃盗|不正|犯人|容疑|盗", text
        ), path


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        ("en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("de,ja;q=0.5,en;q=0.7", "en"),
        ("fr", "en"),
        ("ja;q=0", "en"),
        ("ja;q=much", "en"),
        ("", "en"),
    ],
)
def test_the_browsers_wish_is_followed(header: str, language: str) -> None:
    """The best-liked language that exists wins; English where none fits."""
    assert preferred(header) == language


def test_the_address_wins_over_the_cookie_and_the_cookie_over_the_browser() -> None:
    """``?lang=``, then the cookie, then Accept-Language; an unknown wish counts as none."""
    assert language_of(request("lang=ja", cookie="tenban_lang=en", accept_language="en")) == "ja"
    assert language_of(request("lang=xx", cookie="tenban_lang=ja", accept_language="en")) == "ja"
    assert language_of(request(accept_language="ja")) == "ja"


def test_times_and_dates_are_the_shops() -> None:
    """An instant is written in the shop's zone, in the language's order."""
    at = from_rfc3339("2026-11-21T15:05:57.9Z")
    ja, en = (Written(ZoneInfo("Asia/Tokyo"), language) for language in LANGUAGES)
    assert (ja.clock_time(at), ja.date(at)) == ("00:05:57", "2026年11月22日(日)")
    assert (en.clock_time(at), en.date(at)) == ("00:05:57", "Sun 22 Nov 2026")


def test_a_message_without_translation_stays_english() -> None:
    """The page shows the English text rather than nothing."""
    assert translator("ja")("No such message") == "No such message"
