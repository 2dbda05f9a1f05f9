"""Whether another site's page makes a browser ask, and the token that shows that one of ours does. Pure.

The browser itself says where a request comes from: ``Sec-Fetch-Site`` (W3C Fetch Metadata) to addresses it
trusts, ``Origin`` (RFC 6454) with everything that changes something. The token is derived from the session's
secret (HMAC, RFC 2104), so it holds for that session alone and nothing has to be kept.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = frozenset({"same-origin", "none"})
_WITH_TLS = {"https", "wss"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser says of where a request comes from.

    Attributes:
        method: of the request; a WebSocket's is ``CONNECT``, since it may change something.
        scheme: of this server, as the browser sees it.
        host: likewise, with its port.
        origin: the ``Origin`` header.
        referer: the ``Referer`` header.
        site: ``Sec-Fetch-Site``.
        mode: ``Sec-Fetch-Mode``.
        dest: ``Sec-Fetch-Dest``.
    """

    method: str
    scheme: str
    host: str
    origin: str | None = None
    referer: str | None = None
    site: str | None = None
    mode: str | None = None
    dest: str | None = None

    @property
    def changes(self) -> bool:
        """Whether it may change something."""
        return self.method not in SAFE_METHODS

    @property
    def by_browser(self) -> bool:
        """Whether a browser says anything about it; tills, services and scripts say nothing."""
        return any(one is not None for one in (self.origin, self.referer, self.site))

    @property
    def foreign(self) -> bool:
        """Whether another site's page asks, be it a sibling under the same domain.

        Such a page may only lead here, as a link does: never change, embed or read anything.
        """
        if self.site is not None:
            if self.site in _OURS:
                return False
            return self.changes or self.mode != "navigate" or self.dest not in {None, "document", "empty"}
        if self.changes and self.origin is not None:
            return not self._is_ours(self.origin)
        return False

    def _is_ours(self, origin: str) -> bool:
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False  # Policy: what cannot be read is not ours.
        if self.scheme in _WITH_TLS and parts.scheme != "https":
            return False
        return parts.scheme in {"http", "https"} and parts.netloc == self.host


def page_token(secret: str) -> str:
    """Return the token that pages of a session send with whatever changes something: 128 bits, base64url."""
    digest = hmac.new(secret.encode(), b"tenban page token v1", hashlib.sha256).digest()
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def token_fits(token: str | None, secrets: Iterable[str]) -> bool:
    """Tell whether the token belongs to one of the sessions a request carries."""
    if not token:
        return False
    # Of bytes: compare_digest refuses text that is not ASCII.
    return any(hmac.compare_digest(token.encode(), page_token(secret).encode()) for secret in secrets)
