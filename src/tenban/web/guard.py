"""The guard before every route: who sent it, how often, how long, and the headers of every answer.

One ASGI layer, so that no route can forget any of it. It knows addresses and secrets, no people: what
somebody may do is decided behind it.
"""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tenban.access.cookies import SESSION_COOKIE
from tenban.access.origin import Asked, page_token, token_fits
from tenban.access.rates import buckets_of, refusals_of
from tenban.base.clock import Clock
from tenban.base.ids import new_id
from tenban.base.log import get_log
from tenban.web import limits
from tenban.web.context import TILL_COOKIE, cookies_named, here_of, value_named
from tenban.web.headers import dress
from tenban.web.page import TOKEN_COOKIE, TOKEN_FIELD, render
from tenban.web.proxies import seen_through

log = get_log(__name__)

TOKEN_HEADER = "x-tenban-csrf"  # noqa: S105  # the name of a header
_REGISTER_HEADER = "x-tenban-register"
_LOOPBACK = ("127.", "::1")


def install_guard(app: FastAPI) -> None:
    """Put the guard before every route of an application."""
    app.add_middleware(Guard)


class Guard:
    """Stands before an application whose ``state.here`` is the running server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request or connection through, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        visit = Visit(scope)
        refused = visit.refusal()
        if scope["type"] == "websocket":
            if refused is None:
                await self._app(scope, receive, send)
            else:
                # Closed before it was accepted: the server answers 403 (ASGI, WebSocket close).
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            return
        send = partial(visit.answer, send)
        if refused is None and visit.needs_token:
            receive, fits = await visit.token_in_form(receive)
            refused = None if fits else visit.refuse(403, "csrf")
        if refused is not None:
            await refused(scope, receive, send)
            return
        if visit.longest is not None:
            receive = visit.measured(receive)
        try:
            await self._app(scope, receive, send)
        except Exception:
            # Policy: whatever breaks is logged whole and answered without its inside.
            number = new_id(visit.clock.now())
            log.exception("a request broke", path=shown(scope["path"]), number=number)
            refusals_of(scope["app"]).count("broken", visit.clock.now())
            if visit.answered:
                raise
            await visit.refuse(500, "broken", number=number)(scope, receive, send)


class Visit:
    """One request or connection on its way in and out.

    Attributes:
        longest: how many bytes its body may have; None: its route counts.
        answered: the head of an answer has left.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._headers = Headers(scope=scope)
        self._here = here_of(Request(scope) if scope["type"] == "http" else _Connection(scope))
        self.clock: Clock = self._here.clock
        peer = scope.get("client") or ("", 0)
        proxies = self._here.sites.network.trusted_proxies
        client, scheme, proxied = seen_through(peer[0], scope["scheme"], self._headers, proxies)
        if proxied:
            scope["client"], scope["scheme"] = (client, 0), scheme
        self._client = client
        self._method = scope["method"] if scope["type"] == "http" else "CONNECT"
        self._path: str = scope["path"]
        self._secrets = list(cookies_named(self._headers, SESSION_COOKIE))
        self.longest = limits.longest_body(self._method, self._path)
        self.answered = False
        get = self._headers.get
        self._asked = Asked(
            self._method,
            scheme,
            get("host", ""),
            get("origin"),
            get("referer"),
            get("sec-fetch-site"),
            get("sec-fetch-mode"),
            get("sec-fetch-dest"),
        )

    def refusal(self) -> Response | None:
        """Return the answer to what is refused before its body is read; None lets it through."""
        length = len(self._scope.get("raw_path") or b"") + len(self._scope.get("query_string", b""))
        if length > limits.URL_BYTES:
            return self.refuse(414, "url", most=limits.URL_BYTES, came=length)
        length = sum(len(name) + len(value) for name, value in self._scope["headers"])
        if length > limits.HEADER_BYTES:
            return self.refuse(431, "headers", most=limits.HEADER_BYTES, came=length)
        if self._asked.foreign:
            return self.refuse(403, "foreign")
        wait_s = self._wait_s()
        if wait_s > 0:
            return self.refuse(429, "rate", wait_s=wait_s)
        declared = self._headers.get("content-length", "")
        if self.longest is not None and declared.isdecimal() and int(declared) > self.longest:
            return self.refuse(413, "size", most=self.longest, came=int(declared))
        return None

    @property
    def needs_token(self) -> bool:
        """Whether a page has to show that it is ours: a browser changes something by a session's cookie.

        Not where nothing rides along by itself: a bearer token, a password in the body, or a register's own
        header, which another site's page cannot send (it is no CORS-safelisted one).
        """
        return (
            self._asked.changes
            and self._asked.by_browser
            and bool(self._secrets)
            and not self._headers.get("authorization", "").lower().startswith("bearer ")
            and _REGISTER_HEADER not in self._headers
            and not limits.SIGN_IN_PATHS.match(self._path)
            and not token_fits(self._headers.get(TOKEN_HEADER), self._secrets)
        )

    async def token_in_form(self, receive: Receive) -> tuple[Receive, bool]:
        """Look for the token in a form; return how to read the request again, and whether it was there."""
        kind = self._headers.get("content-type", "")
        if not kind.startswith("application/x-www-form-urlencoded"):
            return receive, False
        body = b"".join([part async for part in Request(self._scope, self.measured(receive)).stream()])
        try:
            fields = parse_qs(body.decode("latin-1"), max_num_fields=200)
        except ValueError:
            fields = {}  # Policy: a form with more fields than any of ours has no token.
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        return again, token_fits(fields.get(TOKEN_FIELD, [None])[0], self._secrets)

    def measured(self, receive: Receive) -> Receive:
        """Return a way to read the body that counts its bytes and its time."""
        most = self.longest if self.longest is not None else 0
        began_s, size, whole = self.clock.monotonic_s(), 0, False

        async def next_part() -> Message:
            nonlocal size, whole
            if whole:
                return await receive()
            left_s = began_s + limits.WHOLE_S - self.clock.monotonic_s()
            try:
                async with asyncio.timeout(max(0.0, min(left_s, limits.SILENT_S))):
                    message = await receive()
            except TimeoutError:
                self._count("slow")
                raise HTTPException(
                    408, f"body: expected it within {limits.WHOLE_S:g} s, got {size} bytes"
                ) from None
            size += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if size > most:
                self._count("size")
                raise HTTPException(413, f"body: expected at most {most} bytes, got more")
            return message

        return next_part

    async def answer(self, send: Send, message: Message) -> None:
        """Send on, with all headers that an answer has."""
        if message["type"] == "http.response.start":
            self.answered = True
            headers = MutableHeaders(scope=message)
            tls = self._scope["scheme"] == "https"
            dress(headers, path=self._path, tls=tls)
            self._hand_token(headers, tls=tls)
        await send(message)

    def refuse(self, status: int, why: str, **told: Any) -> Response:
        """Return an answer that says what was expected and what came, and count it."""
        kind = f"rate:{limits.kind_of(self._method, self._path)}" if why == "rate" else why
        self._count(kind)
        code, message = _WORDS[why]
        headers = {"Retry-After": str(int(told["wait_s"]) + 1)} if "wait_s" in told else {}
        if status in {408, 413, 431}:
            headers["Connection"] = "close"  # what is still on its way is not read
        if "text/html" in self._headers.get("accept", "") and self._scope["type"] == "http":
            page = render(Request(self._scope), "refused.html", status=status, why=why, told=told)
            page.headers.update(headers)
            return page
        error = {"code": code, "message": message.format(**told)}
        return JSONResponse({"error": error}, status_code=status, headers=headers)

    def _count(self, kind: str) -> None:
        if refusals_of(self._scope["app"]).count(kind, self.clock.now()):
            log.warning("request refused", kind=kind, path=shown(self._path), address=self._client)

    def _wait_s(self) -> float:
        app, now_at = self._scope["app"], self.clock.now()
        if not self._client.startswith(_LOOPBACK):
            wait_s = buckets_of(app, "address", limits.ADDRESS).take(self._client, now_at)
            if wait_s > 0:
                return wait_s
        kind = limits.kind_of(self._method, self._path)
        if kind is None:
            return 0.0
        key = self._client if kind == "sign_in" else self._actor_key()
        return buckets_of(app, kind, limits.RATES[kind]).take(key, now_at)

    def _actor_key(self) -> str | bytes:
        """Return what stands for whoever asks, by what is shown; an address where nothing is."""
        shown = self._headers.get("authorization") or "".join(
            self._secrets or cookies_named(self._headers, TILL_COOKIE)
        )
        return hashlib.blake2b(shown.encode(), digest_size=16).digest() if shown else self._client

    def _hand_token(self, headers: MutableHeaders, *, tls: bool) -> None:
        """Give the page the token of its session, where it has none or another one's."""
        fresh = [
            value for text in headers.getlist("set-cookie") for value in value_named(text, SESSION_COOKIE)
        ]
        if fresh:
            secret = fresh[-1]
        elif self._secrets and headers.get("content-type", "").startswith("text/html"):
            secret = self._secrets[0]
            if page_token(secret) in cookies_named(self._headers, TOKEN_COOKIE):
                return
        else:
            return
        name, more = (f"__Host-{TOKEN_COOKIE}", "; Secure") if tls else (TOKEN_COOKIE, "")
        value = page_token(secret) if secret.strip('"') else ""
        more += "" if value else "; Max-Age=0"
        headers.append("set-cookie", f"{name}={value}; Path=/; SameSite=Strict{more}")


_WORDS = {
    "foreign": ("foreign", "expected a request of this server's own page, got one of another site's"),
    "csrf": ("csrf", f"expected the page's token ({TOKEN_HEADER}), got none or another session's; reload"),
    "rate": ("too_many", "too many requests: expected the next one in {wait_s:.1f} s"),
    "size": ("too_large", "body: expected at most {most} bytes, got {came}"),
    "url": ("too_large", "address: expected at most {most} bytes, got {came}"),
    "headers": ("too_large", "headers: expected at most {most} bytes, got {came}"),
    "broken": ("broken", "something broke here; the server's log tells what, under {number}"),
}


def shown(path: str) -> str:
    """Return a path as the log may hold it: a one-time link's secret stands in its path."""
    return limits.LINK.sub(r"\1…", path)[:200]


class _Connection(Request):
    """A WebSocket's head, read like a request's."""

    def __init__(self, scope: Scope) -> None:
        super().__init__({**scope, "type": "http", "method": "GET"})
