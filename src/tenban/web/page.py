"""How every page is rendered: templates and words. The headers are added by :mod:`tenban.web.guard`."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from orjson import dumps
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tenban.access.cookies import SESSION_COOKIE
from tenban.access.origin import page_token
from tenban.web.context import cookies_named
from tenban.web.files import static_tree
from tenban.web.words import LANGUAGE_COOKIE, LANGUAGES, language_of, translator

THEME_COOKIE = "tenban_theme"
_THEMES = ("light", "dark")
YEAR_S = 365 * 24 * 3600

TOKEN_COOKIE = "tenban_csrf"  # noqa: S105  # the name of a cookie
"""Holds the token of the session's pages, for scripts to send with whatever changes something."""
TOKEN_FIELD = "csrf"  # noqa: S105  # the name of a form's field
"""The same in a form without a script."""


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
    """Return a page in the visitor's language and theme.

    A form that somebody signed in may send needs ``<input type="hidden" name="csrf" value="{{ csrf }}">``.
    """
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
            csrf=next((page_token(one) for one in cookies_named(request.headers, SESSION_COOKIE)), ""),
            **context,
        )
    )
    response = HTMLResponse(text, status_code=status)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax", path="/")
    return response
