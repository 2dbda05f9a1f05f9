"""What the cookies of signing in are called. Over HTTPS browsers guard names that begin with ``__Host-``.

Such a cookie goes back to this very host only, over HTTPS only, and no other host can plant one
(RFC 6265bis, 4.1.3.2). Over plain HTTP, on loopback or in a demo, browsers refuse these names, so the bare
one serves there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SESSION_COOKIE: Final = "tenban_session"
BROWSER_COOKIE: Final = "tenban_browser"
STATE_COOKIE: Final = "tenban_oidc"
"""For some minutes: that this very browser was sent to the company's identity provider."""
_MONTH_S: Final = 31 * 24 * 3600
"""A cookie may outlive its session: the server knows when that ends."""
_YEAR_S: Final = 365 * 24 * 3600
_SECURE: Final = frozenset({"https", "wss"})


def cookie_name(name: str, scheme: str) -> str:
    """Return what a cookie is called over this scheme."""
    return f"__Host-{name}" if scheme in _SECURE else name


def cookie_of(cookies: Mapping[str, str], name: str, scheme: str) -> str | None:
    """Return a cookie's value; over HTTPS a bare one is not looked at: another host may have planted it."""
    return cookies.get(cookie_name(name, scheme)) or None


def given(secret: str, browser: str | None, scheme: str) -> list[dict[str, Any]]:
    """Return what to set the cookies of somebody who signed in with: the session's and the browser's."""
    cookies = [guarded(SESSION_COOKIE, secret, scheme, max_age_s=_MONTH_S)]
    if browser is not None:
        cookies.append(guarded(BROWSER_COOKIE, browser, scheme, max_age_s=_YEAR_S))
    return cookies


def guarded(name: str, value: str, scheme: str, *, max_age_s: int) -> dict[str, Any]:
    """Return what to set a cookie with: out of reach of scripts, of other sites, where it can be of HTTP."""
    return {
        "key": cookie_name(name, scheme),
        "value": value,
        "max_age": max_age_s,
        "httponly": True,
        "samesite": "lax",
        "secure": scheme in _SECURE,
        "path": "/",
    }
