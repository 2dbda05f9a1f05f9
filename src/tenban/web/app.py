"""Putting the pages on an application."""

from __future__ import annotations

from fastapi import FastAPI

from tenban.web import (
    account,
    audit,
    cases,
    company,
    docs,
    first,
    footage,
    notice,
    register,
    settings,
    sign_in,
    try_it,
    wall,
    watch,
)
from tenban.web.files import serve_static, static_tree
from tenban.web.lost import answer_people_with_pages
from tenban.web.words import LANGUAGES, catalog_of


def install_pages(app: FastAPI) -> None:
    """Add every page and the static files; each request expects the running server at ``app.state.here``.

    Catalogs and static files are read here, so that a broken one stops the start and not a page.
    """
    for language in LANGUAGES:
        catalog_of(language)
    static_tree()
    for page in (
        sign_in,
        company,
        first,
        account,
        watch,
        wall,
        register,
        settings,
        try_it,
        notice,
        audit,
        cases,
        footage,
        docs,
    ):
        app.router.routes.extend(page.router.routes)
    answer_people_with_pages(app)
    app.add_route("/static/{version}/{path:path}", serve_static, methods=["GET", "HEAD"])
