"""The guard before every route: other sites' pages, page tokens, rates, sizes, and what breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI, Request, Response

from tenban.access.origin import page_token
from tenban.access.rates import refusals_of
from tenban.api import errors
from tenban.base.fakes import FakeClock
from tenban.sites.model import Network, Sites
from tenban.web import limits
from tenban.web.guard import install_guard

SECRET = "tnb_session_x"
TOKEN = page_token(SECRET)
OURS = {"origin": "http://shop"}
SIGNED_IN = {"cookie": f"tenban_session={SECRET}"}


@pytest.fixture
def app(clock: FakeClock) -> FastAPI:
    app = FastAPI()
    errors.install(app)
    app.state.here = SimpleNamespace(clock=clock, sites=Sites("Example", ()))

    @app.post("/api/v1/thing")
    async def change(request: Request) -> int:
        return len(await request.body())

    @app.post("/api/v1/session")
    async def sign_in(response: Response) -> None:
        response.set_cookie("__Host-tenban_session", SECRET, path="/")

    @app.post("/logout")
    async def form(request: Request) -> list[str]:
        return sorted(await request.form())

    @app.get("/watch")
    async def page() -> Response:
        return Response("<p>", media_type="text/html")

    @app.get("/api/v1/who")
    async def who(request: Request) -> list[Any]:
        assert request.client is not None
        return [request.client.host, request.url.scheme]

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise ValueError("the inside: tnb_session_secret")

    install_guard(app)
    return app


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


def client_of(app: FastAPI, address: str = "192.0.2.7") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://shop")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://elsewhere"},
        {"origin": "null"},
        {"origin": "http://shop.elsewhere"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://till.shop"},
    ],
)
async def test_another_sites_page_changes_nothing(
    browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """Origin and Sec-Fetch-Site are believed, whatever cookie and token come along."""
    more = {**SIGNED_IN, "x-tenban-csrf": TOKEN, **headers}
    answer = await browser.post("/api/v1/thing", headers=more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign")


async def test_another_site_may_link_here_and_not_embed_or_read(browser: httpx.AsyncClient) -> None:
    """A link opens a page; a frame, a picture and a script's question are refused."""
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert (await browser.get("/watch", headers=link)).status_code == 200
    for dest, mode in (("iframe", "navigate"), ("image", "no-cors"), ("empty", "cors")):
        asked = {**link, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
        assert (await browser.get("/watch", headers=asked)).status_code == 403


async def test_a_browser_that_changes_something_shows_its_pages_token(browser: httpx.AsyncClient) -> None:
    """The token belongs to the session: none, another one's and a cut one are refused."""
    for token in (None, page_token("another"), TOKEN[:-1], "ä"):
        more = {"x-tenban-csrf": token.encode()} if token else {}
        answer = await browser.post("/api/v1/thing", headers={**SIGNED_IN, **OURS, **more})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
    for origin in (OURS, {"sec-fetch-site": "same-origin"}, {"referer": "http://shop/watch"}):
        more = {**SIGNED_IN, **origin, "x-tenban-csrf": TOKEN}
        assert (await browser.post("/api/v1/thing", headers=more)).status_code == 200


async def test_who_brings_no_cookie_along_by_itself_needs_no_token(browser: httpx.AsyncClient) -> None:
    """A bearer token, a register's own header, a first sign-in and a client that is no browser go through."""
    for more in (
        {**OURS},
        {**OURS, **SIGNED_IN, "authorization": "Bearer x"},
        {**OURS, **SIGNED_IN, "x-tenban-register": "lane-1"},
        {**SIGNED_IN},
    ):
        assert (await browser.post("/api/v1/thing", headers=more)).status_code == 200
    assert (await browser.post("/api/v1/session", headers={**OURS, **SIGNED_IN})).status_code == 200


async def test_a_form_carries_the_token_in_a_field_and_reaches_its_route_whole(
    browser: httpx.AsyncClient,
) -> None:
    """A form needs no script; what it holds is read again by the route."""
    headers = {**SIGNED_IN, **OURS}
    answer = await browser.post("/logout", headers=headers, data={"csrf": TOKEN, "more": "x"})
    assert answer.json() == ["csrf", "more"]
    refused = await browser.post("/logout", headers={**headers, "accept": "text/html"}, data={"csrf": "x"})
    assert refused.status_code == 403
    assert "This page is out of date" in refused.text
    many = "&".join(f"f{n}=1" for n in range(300))
    form = {**headers, "content-type": "application/x-www-form-urlencoded"}
    assert (await browser.post("/logout", headers=form, content=many)).status_code == 403


async def test_a_page_and_a_sign_in_hand_the_token_out(app: FastAPI, browser: httpx.AsyncClient) -> None:
    """Scripts find it in a cookie of its own, which is renewed where it is another session's."""
    given = (await browser.get("/watch", headers=SIGNED_IN)).headers["set-cookie"]
    assert given == f"tenban_csrf={TOKEN}; Path=/; SameSite=Strict"
    both = {"cookie": f"tenban_session={SECRET}; tenban_csrf={TOKEN}"}
    assert "set-cookie" not in (await browser.get("/watch", headers=both)).headers
    assert "set-cookie" not in (await browser.get("/watch")).headers
    tls = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://shop")
    fresh = (await tls.post("/api/v1/session", headers={"origin": "https://shop"})).headers
    assert fresh.get_list("set-cookie")[-1] == f"__Host-tenban_csrf={TOKEN}; Path=/; SameSite=Strict; Secure"
    assert fresh["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    plain = await tls.post("/api/v1/session", headers={"origin": "http://shop"})
    assert plain.status_code == 403


async def test_too_many_wait_and_are_counted(
    app: FastAPI, browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    """Each actor and each address has so many; 429 says when the next one is taken."""
    rate = limits.RATES["sign_in"]
    statuses = [(await browser.post("/api/v1/session")).status_code for _ in range(int(rate.burst) + 1)]
    assert set(statuses[:-1]) == {200}
    answer = await browser.post("/api/v1/session")
    assert (statuses[-1], answer.status_code, answer.headers["retry-after"]) == (429, 429, "2")
    assert (await client_of(app, "192.0.2.8").post("/api/v1/session")).status_code == 200
    clock.fast_forward(length_s=1)
    assert (await browser.post("/api/v1/session")).status_code == 200
    assert refusals_of(app).counts["rate:sign_in"] == 2


async def test_one_actor_does_not_use_up_anothers_turn(app: FastAPI, browser: httpx.AsyncClient) -> None:
    """Writes are counted by who shows which secret."""
    mine, other = {"authorization": "Bearer a"}, {"authorization": "Bearer b"}
    burst = int(limits.RATES["write"].burst)
    statuses = {(await browser.post("/api/v1/thing", headers=mine)).status_code for _ in range(burst)}
    assert statuses == {200}
    assert (await browser.post("/api/v1/thing", headers=mine)).status_code == 429
    assert (await browser.post("/api/v1/thing", headers=other)).status_code == 200


async def test_bodies_addresses_and_heads_have_a_size(app: FastAPI, browser: httpx.AsyncClient) -> None:
    """What is too long is refused with what was expected, declared or not."""
    big = b"x" * (256 * 1024 + 1)

    async def parts() -> AsyncIterator[bytes]:
        yield big[:1000]
        yield big[1000:]

    for content in (big, parts()):
        answer = await browser.post("/api/v1/thing", content=content)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
        assert "expected at most 262144 bytes" in answer.json()["error"]["message"]
    assert (await browser.get(f"/watch?x={'y' * 60_000}")).status_code == 414
    assert (await browser.get("/watch", headers={"x": "y" * 40_000})).status_code == 431
    assert refusals_of(app).counts == {"size": 2, "url": 1, "headers": 1}


async def test_a_body_that_never_comes_is_given_up(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that sends nothing is answered 408."""
    monkeypatch.setattr(limits, "SILENT_S", 0.01)

    async def never() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    async with client_of(app) as client:
        answer = await client.post("/api/v1/thing", content=never())
    assert (answer.status_code, answer.json()["error"]["code"]) == (408, "too_slow")


async def test_a_one_time_links_secret_is_not_logged(browser: httpx.AsyncClient) -> None:
    """It stands in the path, which the log would hold for whoever reads it."""
    with structlog.testing.capture_logs() as logged:
        await browser.post("/first/tnb_link_x", headers={"origin": "http://elsewhere"})
    assert [one["path"] for one in logged] == ["/first/…"]


async def test_no_route_answers_trace(browser: httpx.AsyncClient) -> None:
    """What was sent is never sent back."""
    for path in ("/watch", "/api/v1/thing"):
        assert (await browser.request("TRACE", path, headers=SIGNED_IN)).status_code == 405


async def test_what_breaks_shows_nothing_of_its_inside(browser: httpx.AsyncClient) -> None:
    """The answer names a line of the log, which has it whole."""
    with structlog.testing.capture_logs() as logged:
        answer = await browser.get("/api/v1/broken")
    assert answer.status_code == 500
    assert "tnb_session" not in answer.text
    assert logged[0]["number"] in answer.json()["error"]["message"]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_proxy_is_believed_only_where_the_file_names_it(app: FastAPI, clock: FakeClock) -> None:
    """The last address that is no trusted proxy is the client, whatever was written before it."""
    told = {"x-forwarded-for": "203.0.113.9, 198.51.100.4, 10.0.0.9", "x-forwarded-proto": "https"}
    async with client_of(app, "10.0.0.5") as client:
        assert (await client.get("/api/v1/who", headers=told)).json() == ["10.0.0.5", "http"]
        network = Network(trusted_proxies=(ip_network("10.0.0.0/24"),))
        app.state.here.sites = replace(app.state.here.sites, network=network)
        answer = await client.get("/api/v1/who", headers=told)
        assert answer.json() == ["198.51.100.4", "https"]
        assert "strict-transport-security" in answer.headers
        nonsense = {"x-forwarded-for": "198.51.100.4, [, 10.0.0.9"}
        assert (await client.get("/api/v1/who", headers=nonsense)).json()[0] == "10.0.0.9"
