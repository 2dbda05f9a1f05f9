"""What the pages say, found in their sources; run as a script it brings the catalogs up to date.

python tests/web/catalogs.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import tenban.web
from tenban.web.words import LANGUAGES

ROOM = Path(tenban.web.__file__).parent
METHODS = [
    ("**.py", "python"),
    ("templates/**.html", "jinja2.ext.babel_extract"),
    ("static/**.js", "javascript"),
]


def said() -> Iterator[tuple[str, str]]:
    """Return every message in the sources, as (path, English text)."""
    for path, _line, message, _comments, _context in extract_from_dir(
        ROOM,
        method_map=METHODS,
        options_map={
            "templates/**.html": {"extensions": "jinja2.ext.i18n"},
            "static/**.js": {"parse_template_string": "True"},
        },
        keywords={"_": None},
    ):
        assert isinstance(message, str), f"{path}: no plurals in these catalogs: {message!r}"
        yield path, message


def updated(language: str) -> Catalog:
    """Return the catalog with exactly the messages of the sources; what has a translation keeps it."""
    with (ROOM / "locale" / f"{language}.po").open("rb") as file:
        known = read_po(file, locale=language)
    fresh = Catalog(locale=language, project="tenban", fuzzy=False)
    fresh.header_comment = known.header_comment
    for path, text in sorted(set(said())):
        old = known.get(text)
        fresh.add(text, old.string if old else "", locations=[(path, None)])
    return fresh


def main() -> None:
    """Rewrite both catalogs."""
    for language in LANGUAGES:
        catalog = updated(language)
        with (ROOM / "locale" / f"{language}.po").open("wb") as file:
            write_po(file, catalog, width=100, sort_output=True, include_lineno=False, omit_header=True)


if __name__ == "__main__":
    main()
