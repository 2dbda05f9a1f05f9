"""Where a request comes from, as signing in wants to know it; whatever framework brought it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tenban.access.cookies import BROWSER_COOKIE, SESSION_COOKIE, cookie_of
from tenban.access.people import Source


class _Address(Protocol):
    @property
    def host(self) -> str: ...


class _Url(Protocol):
    @property
    def scheme(self) -> str: ...


class Asking(Protocol):
    """A request or a WebSocket."""

    @property
    def cookies(self) -> Mapping[str, str]:
        """What the browser brought along."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """By name, in whatever case."""
        ...

    @property
    def client(self) -> _Address | None:
        """Who is connected; None where nobody knows."""
        ...

    @property
    def url(self) -> _Url:
        """What is asked for."""
        ...


def session_secret(asking: Asking) -> str | None:
    """Return the secret of the session that a browser's cookie carries."""
    return cookie_of(asking.cookies, SESSION_COOKIE, asking.url.scheme)


def source_of(asking: Asking, how: str = "password") -> Source:
    """Return where a request comes from."""
    address = asking.client.host if asking.client else None
    browser = cookie_of(asking.cookies, BROWSER_COOKIE, asking.url.scheme)
    return Source(address, asking.headers.get("user-agent"), how, browser, session_secret(asking))
