"""A company's identity provider over HTTP: what it says of itself, its keys, its tokens (OpenID Connect).

Discovery 1.0, the authorization code flow of Core 1.0 with PKCE (RFC 7636), keys by RFC 7517. Signatures are
joserfc's; which claims must say what is told here, after Core 3.1.3.7.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import ssl
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx
import orjson
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from tenban.base.clock import SECOND, Clock, Instant, seconds
from tenban.base.errors import BadInput, NotSignedIn, TenbanError, Unavailable
from tenban.base.log import get_log
from tenban.sites.reach import Reach
from tenban.sites.signing_in import Oidc

log = get_log(__name__)

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
)
"""Signatures by a key that the provider alone has: no ``none``, and no HMAC under the client's secret."""
_FRESH_S: Final = 3600
_AGAIN_S: Final = 60
"""An unknown key is looked for once a minute, so that made-up ones do not keep the provider busy."""
_LEEWAY_S: Final = 60
_LONGEST: Final = 512 * 1024
_PATIENCE_S: Final = 10.0


class IdentityRefused(NotSignedIn):
    """What the provider says of somebody does not hold, or it says nothing.

    Attributes:
        why: for the audit log.
    """

    code = "identity_refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"the company's sign-in does not let in: {why}")
        self.why = why


class ProviderDown(Unavailable):
    """The provider cannot be asked, or answers nonsense."""

    code = "provider_down"


@dataclass(slots=True)
class Provider:
    """One provider, and what is remembered of it; one per process.

    Attributes:
        oidc: as the configuration names it.
        reach: where it may be.
        clock: what time it is.
    """

    oidc: Oidc
    reach: Reach
    clock: Clock
    _said: dict[str, Any] = field(default_factory=dict)
    _said_at: Instant = 0
    _keys: jwk.KeySet | None = None
    _keys_at: Instant = 0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def way_in(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return the address at the provider that a browser goes to.

        Raises:
            ProviderDown: it cannot be asked where that is.
        """
        said = await self._metadata()
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.oidc.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        address = str(said["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    async def claims(
        self, *, code: str, redirect_uri: str, nonce: str, verifier: str, secret: str
    ) -> dict[str, Any]:
        """Return what the provider says of whoever brought this code.

        Args:
            code: as it came back.
            redirect_uri: as it was asked with.
            nonce: likewise.
            verifier: whose digest it was asked with.
            secret: of this client; empty where it has none.

        Raises:
            IdentityRefused: it says nothing, or what does not hold.
            ProviderDown: it cannot be asked.
        """
        said = await self._metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {}
        ways = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret and "client_secret_basic" in ways:
            # Each half form-encoded before they are joined (RFC 6749, 2.3.1).
            both = f"{quote(self.oidc.client_id, safe='')}:{quote(secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
        else:
            form["client_id"] = self.oidc.client_id
            if secret:
                form["client_secret"] = secret
        status, told = await self._ask(str(said["token_endpoint"]), form=form, headers=headers)
        if status != 200 or not isinstance(told.get("id_token"), str):
            raise IdentityRefused(f"the code was not taken ({str(told.get('error', status))[:80]})")
        claims = await self._verified(told["id_token"])
        self._check(claims, nonce)
        return claims

    async def _verified(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that the provider signed."""
        keys = await self._known_keys(token)
        try:
            found = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError, TypeError) as error:
            raise IdentityRefused(f"its token is not signed by one of its keys ({error})"[:200]) from error
        return dict(found.claims)

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        """Check who says it, of whom, to whom and when (Core 3.1.3.7)."""
        now_s = self.clock.now() // SECOND
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        subject, ends_s, made_s = claims.get("sub"), claims.get("exp"), claims.get("iat")
        if claims.get("iss") != self.oidc.issuer:
            raise IdentityRefused("its token names another issuer")
        if self.oidc.client_id not in audiences:
            raise IdentityRefused("its token is for another server")
        if len(audiences) > 1 and claims.get("azp") != self.oidc.client_id:
            raise IdentityRefused("its token is for several servers, and was given to another one")
        if not isinstance(ends_s, (int, float)) or ends_s + _LEEWAY_S <= now_s:
            raise IdentityRefused("its token has expired")
        if not isinstance(made_s, (int, float)) or made_s - _LEEWAY_S > now_s:
            raise IdentityRefused("its token is from the future")
        if claims.get("nonce") != nonce:
            raise IdentityRefused("its token answers another question")
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise IdentityRefused("its token names nobody")

    async def _metadata(self) -> dict[str, Any]:
        """Return what the provider says of itself; remembered for an hour, and longer while it is down."""
        now_at = self.clock.now()
        if self._said and now_at - self._said_at < seconds(_FRESH_S):
            return self._said
        async with self._lock:
            address = f"{self.oidc.issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                status, said = await self._ask(address)
                self._must_be_metadata(status, said)
            except ProviderDown:
                if not self._said:
                    raise
                # Policy: what it said before holds on; what it signs is checked all the same.
                log.warning("identity provider is down; its earlier metadata is used")
                return self._said
            self._said, self._said_at = said, now_at
            return said

    def _must_be_metadata(self, status: int, said: dict[str, Any]) -> None:
        if status != 200 or said.get("issuer") != self.oidc.issuer:
            raise ProviderDown("expected the provider to name itself as [oidc] issuer does")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            self._must_be_address(name, said.get(name))

    def _must_be_address(self, name: str, address: object) -> None:
        """Refuse an endpoint whose traffic others could read."""
        parts = urlsplit(address) if isinstance(address, str) else None
        plain = parts is not None and parts.scheme == "http" and self.oidc.issuer.startswith("http:")
        if parts is None or not parts.hostname or (parts.scheme != "https" and not plain):
            raise ProviderDown(f"expected the provider's {name} to be an address with https, got another one")

    async def _known_keys(self, token: str) -> jwk.KeySet:
        """Return the provider's keys; read anew where the one that signed a token is not among them."""
        wanted, now_at = _key_id(token), self.clock.now()
        if self._keys is not None:
            known = wanted is None or any(key.kid == wanted for key in self._keys.keys)
            patience_s = _FRESH_S if known else _AGAIN_S
            if now_at - self._keys_at < seconds(patience_s):
                return self._keys
        said = await self._metadata()
        async with self._lock:
            try:
                _, told = await self._ask(str(said["jwks_uri"]))
                found = _public_keys(told)
            except ProviderDown:
                if self._keys is None:
                    raise
                return self._keys  # Policy: the keys of before hold on while it is down.
            self._keys, self._keys_at = jwk.KeySet(found), now_at
            return self._keys

    async def _ask(
        self, address: str, *, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Return the status and the JSON of an answer; raises ProviderDown."""
        parts = urlsplit(address)
        try:
            host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
            numbers = await asyncio.to_thread(self.reach.addresses, host, port)
            number = f"[{numbers[0]}]" if ":" in numbers[0] else numbers[0]
            # To the number that was checked; the name goes along for TLS and for the provider.
            url = urlunsplit(parts._replace(netloc=f"{number}:{port}", fragment=""))
            sent = {"accept": "application/json", "host": parts.netloc, **(headers or {})}
            async with (
                asyncio.timeout(_PATIENCE_S),
                httpx.AsyncClient(
                    trust_env=False, follow_redirects=False, timeout=_PATIENCE_S, verify=_trusted()
                ) as client,
                client.stream(
                    "GET" if form is None else "POST",
                    url,
                    data=form,
                    headers=sent,
                    extensions={"sni_hostname": host},
                ) as answer,
            ):
                body = await _short(answer)
                told = orjson.loads(body)
        except ProviderDown:
            raise
        except (TenbanError, OSError, httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            log.warning("identity provider not reached", host=parts.hostname, why=str(error)[:200])
            raise ProviderDown("the company's identity provider cannot be asked just now") from error
        if not isinstance(told, dict):
            raise ProviderDown("expected a JSON object of the provider, got something else")
        return answer.status_code, told


_PROVIDERS: Final[dict[tuple[Oidc, Reach], Provider]] = {}


def provider_of(oidc: Oidc, reach: Reach, clock: Clock) -> Provider:
    """Return the provider of a configuration; what it said is remembered for that configuration."""
    known = _PROVIDERS.get((oidc, reach))
    if known is None:
        _PROVIDERS.clear()
        known = _PROVIDERS[oidc, reach] = Provider(oidc, reach, clock)
    return known


def client_secret(written: str) -> str:
    """Return the secret of this client that the configuration names.

    Args:
        written: ``env:NAME``, ``file:PATH``, or the secret itself, opened where it was sealed.

    Raises:
        BadInput: there is no such variable or file.
    """
    way, _, name = written.partition(":")
    if way == "env":
        if name not in os.environ:
            raise BadInput("[oidc] client_secret", expected="a variable of the environment", came=name)
        return os.environ[name]
    if way == "file":
        try:
            return Path(name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput("[oidc] client_secret", expected="a readable file", came=name) from error
    return written


@cache
def _trusted() -> ssl.SSLContext:
    # The system's authorities, to which a company adds its own.
    return ssl.create_default_context()


async def _short(answer: httpx.Response) -> bytes:
    """Return the body of an answer, which is not read beyond what any provider says."""
    body = b""
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > _LONGEST:
            raise ProviderDown("expected a short answer of the provider, got a long one")
    return body


def _key_id(token: str) -> str | None:
    try:
        head = orjson.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    except ValueError:
        return None  # Policy: what cannot be read is refused where it is checked.
    kid = head.get("kid") if isinstance(head, dict) else None
    return kid if isinstance(kid, str) else None


def _public_keys(told: dict[str, Any]) -> list[Any]:
    if not isinstance(told.get("keys"), list):
        raise ProviderDown("expected the provider's keys, got something else")
    return [key for one in told["keys"] if (key := _public_key(one)) is not None]


def _public_key(one: object) -> Any:
    """Return a key for signatures; None for others, and for such as are no keys."""
    if not isinstance(one, dict) or one.get("kty") not in {"RSA", "EC", "OKP"} or one.get("use") == "enc":
        return None
    try:
        return jwk.import_key(one)
    except (JoseError, ValueError, TypeError, KeyError):
        return None  # Policy: a key of a kind that we do not know signs nothing that we take.
