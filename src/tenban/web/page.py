"""How every page is rendered: templates, words, and the headers that keep strangers out."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from orjson import dumps
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tenban.web.files import static_tree
from tenban.web.words import LANGUAGE_COOKIE, LANGUAGES, language_of, translator

THEME_COOKIE = "tenban_theme"
_THEMES = ("light", "dark")
YEAR_S = 365 * 24 * 3600

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; "
        "script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
        "object-src 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": that would turn the Origin of our own forms into "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("tenban.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def as_data(document: object) -> Markup:
    """Return JSON that can stand inside ``<script type="application/json">``."""
    # "</script" and "<!--" would end the block or change how it is read: no "<" survives.
    return Markup(dumps(document).decode().replace("<", "\\u003c"))  # noqa: S704  # escaped here, for this place


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page in the visitor's language and theme."""
    language = language_of(request)
    theme = request.cookies.get(THEME_COOKIE)
    text = (
        _templates()
        .get_template(template)
        .render(
            _=translator(language),
            language=language,
            languages=LANGUAGES,
            theme=theme if theme in _THEMES else "auto",
            static=static_tree().url,
            as_data=as_data,
            **context,
        )
    )
    response = HTMLResponse(text, status_code=status, headers=HEADERS)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax", path="/")
    return response
