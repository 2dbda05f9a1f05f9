"""Words in ja and en, and how times and money are written.

Catalogs are gettext ``.po`` files, read as they are: no compile step, so what a translator edits is what
runs. A message's id is its English text. Messages that scripts need are those located under ``static/``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from starlette.requests import Request

from tenban.base.clock import Instant, to_datetime

Language = Literal["ja", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")
LANGUAGE_COOKIE = "tenban_lang"

_DATE_PATTERNS: Final[dict[Language, str]] = {"ja": "y年M月d日(E)", "en": "EEE d MMM y"}


@cache
def catalog_of(language: Language) -> Catalog:
    """Return a language's catalog."""
    with files("tenban.web").joinpath("locale", f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def translator(language: Language) -> Callable[[str], str]:
    """Return ``_``: English text in, the language's text out; a message without translation stays English."""
    catalog = catalog_of(language)

    def say(text: str) -> str:
        message = catalog.get(text)
        return str(message.string) if message is not None and message.string else text

    return say


@cache
def script_words() -> dict[Language, dict[str, str]]:
    """Return per language what the scripts of a page may say; what equals its id is left out."""
    return {language: _of_scripts(language) for language in LANGUAGES}


def _of_scripts(language: Language) -> dict[str, str]:
    say = translator(language)
    ids = [
        str(message.id)
        for message in catalog_of(language)
        if message.id and any(path.startswith("static/") for path, _ in message.locations)
    ]
    return {text: said for text in ids if (said := say(text)) != text}


def language_of(request: Request) -> Language:
    """Return the language to answer in: ``?lang=``, then the cookie, then what the browser prefers."""
    for wish in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wish in LANGUAGES:
            return wish
    return preferred(request.headers.get("accept-language", ""))


def preferred(accept_language: str) -> Language:
    """Return the language an Accept-Language header (RFC 9110, 12.5.4) likes best; English when none fits."""
    wishes = []
    for place, part in enumerate(accept_language.split(",")):
        tag, _, parameters = part.strip().partition(";")
        wishes.append((-_quality(parameters), place, tag.strip().lower().split("-")[0]))
    for quality, _place, language in sorted(wishes):
        if language in LANGUAGES and quality < 0:
            return language
    return "en"


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0  # Policy: a weight that cannot be read is no wish.


@dataclass(frozen=True, slots=True)
class Written:
    """Writes instants the way a shop reads them.

    Attributes:
        zone: the shop's time zone.
        language: ja or en.
    """

    zone: ZoneInfo
    language: Language

    def clock_time(self, at: Instant) -> str:
        """Return the time of day as 12:05:57."""
        return format_time(to_datetime(at), "HH:mm:ss", tzinfo=self.zone, locale=self.language)

    def date(self, at: Instant) -> str:
        """Return the day as 2026年11月22日(日), or Sun 22 Nov 2026."""
        day = to_datetime(at).astimezone(self.zone).date()
        return format_date(day, _DATE_PATTERNS[self.language], locale=self.language)
