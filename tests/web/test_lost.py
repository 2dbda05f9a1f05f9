"""What somebody sees who opened an address that leads nowhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from tenban.api import errors
from tenban.base.errors import Forbidden, NotFound, TooMany, Unavailable
from tenban.web.app import install_pages

BY_BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": "ja"}


@pytest.fixture
async def anybody() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.here = SimpleNamespace()
    errors.install(app)

    @app.get("/refused/{how}")
    async def refused(how: str) -> None:
        raise {"role": Forbidden, "lost": NotFound, "rate": TooMany, "later": Unavailable}[how]("the inside")

    @app.get("/number/{number}")
    async def number(number: int) -> int:
        return number

    install_pages(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/nowhere", 404, "ここには何もありません"),
        ("/refused/lost", 404, "ここには何もありません"),
        ("/refused/role", 403, "管理者"),
        ("/refused/rate", 429, "少し待って"),
        ("/refused/later", 503, "応答できません"),
        ("/number/x", 400, "アドレス"),
    ],
)
async def test_a_browser_gets_a_page_and_a_client_the_apis_words(
    anybody: httpx.AsyncClient, path: str, status: int, word: str
) -> None:
    """The same status for both; the page has a way on, and tells nothing of the inside."""
    page = await anybody.get(path, headers=BY_BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert word in page.text
    assert 'href="/"' in page.text
    assert "the inside" not in page.text
    told = await anybody.get(path)
    assert (told.status_code, set(told.json()["error"])) == (status, {"code", "message"})
    assert page.headers.get("retry-after") == told.headers.get("retry-after")
