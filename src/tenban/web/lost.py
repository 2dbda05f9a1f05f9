"""Errors met by somebody who opened an address in a browser: a page where a client gets the API's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tenban.base.errors import TenbanError
from tenban.web.page import render

_WHY = {403: "role", 404: "lost", 429: "rate", 503: "later"}


def answer_people_with_pages(app: FastAPI) -> None:
    """Wrap the application's answers to errors; what they write down and count stays theirs."""
    for kind in (TenbanError, HTTPException, RequestValidationError):
        told = app.exception_handlers.get(kind)
        if told is not None:
            app.exception_handlers[kind] = _or_page(told)


def _or_page(told: Callable[[Request, Any], Any]) -> Callable[[Request, Any], Awaitable[Response]]:
    async def answer(request: Request, error: Any) -> Response:
        refused: Response = await told(request, error)
        if not _opened_by_somebody(request):
            return refused
        page = render(
            request, "refused.html", status=refused.status_code, why=_WHY.get(refused.status_code, "other")
        )
        if "retry-after" in refused.headers:
            page.headers["Retry-After"] = refused.headers["retry-after"]
        return page

    return answer


def _opened_by_somebody(request: Request) -> bool:
    """Tell whether a browser shows the answer: scripts and players of ours do not ask for HTML."""
    opened = request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", "")
    return opened and not request.url.path.startswith("/static/")
