"""How often each kind of request may come, and how long it may be."""

from __future__ import annotations

import re
from typing import Final, Literal

from tenban.access.origin import SAFE_METHODS
from tenban.access.rates import Rate

Kind = Literal["sign_in", "media", "write", "read"]

RATES: Final[dict[Kind, Rate]] = {
    # By address; each account has its own delays beside it.
    "sign_in": Rate(1, 60),
    # A page of incidents shows some dozens of stills at once; a live picture asks four times a second.
    "media": Rate(60, 400),
    "write": Rate(30, 300),
    "read": Rate(100, 600),
}
ADDRESS: Final = Rate(500, 2000)
"""Of all that comes from one address; a shop behind one router has some dozens of screens."""

LINK: Final = re.compile(r"^(/first/)[^/]+")
"""A one-time link: its secret is all that opens it."""
SIGN_IN_PATHS: Final = re.compile(
    r"^(/login(/.*)?|/first/[^/]+|/api/v1/session(/passkey(/options)?)?|/api/v1/registers/[^/]+/pairing)$"
)
"""Where whoever asks proves it with a password in the request itself."""
_MEDIA = re.compile(r"/(media|picture|still|video|clip)(/|$)")

_JSON_BYTES = 256 * 1024
_LONGEST: Final = {
    # With a journal of up to a million characters.
    re.compile(r"^/api/v1/tries/[^/]+/start$"): 4 * 1024 * 1024,
    re.compile(r"^/api/v1/sale-events$"): 1024 * 1024,
}
_STREAMED = ("POST", "/api/v1/tries")
"""A video, written to the disk as it comes, under a limit and a patience of its own."""

URL_BYTES: Final = 52 * 1024
"""Zones that are tried before they are saved travel in a query."""
HEADER_BYTES: Final = 32 * 1024
SILENT_S: Final = 20.0
"""A body of which nothing comes for so long is given up."""
WHOLE_S: Final = 60.0
"""A body has to be there within this."""


def kind_of(method: str, path: str) -> Kind | None:
    """Return what a request is limited as; None: static files, which are served from memory."""
    if path.startswith("/static/"):
        return None
    if path.startswith("/login/company"):
        return "sign_in"  # each makes the identity provider work
    changes = method not in SAFE_METHODS
    if changes and SIGN_IN_PATHS.match(path):
        return "sign_in"
    if not changes and path.startswith("/api/") and _MEDIA.search(path):
        return "media"
    return "write" if changes else "read"


def longest_body(method: str, path: str) -> int | None:
    """Return how many bytes a request's body may have; None: its route counts for itself."""
    if (method, path) == _STREAMED:
        return None
    return next((size for pattern, size in _LONGEST.items() if pattern.match(path)), _JSON_BYTES)
