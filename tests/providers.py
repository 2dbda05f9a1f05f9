"""A small identity provider on a real port: real keys, real signatures, and levers for what goes wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jwt


@dataclass
class IdentityProvider:
    """The provider; a test turns what it wants to see refused.

    Attributes:
        subject: who signs in there.
        more: claims beside the usual ones, which they replace.
        algorithm: what tokens are signed by; ``none``: they are not.
        keys: those it publishes; the last one signs.
        time_s: what time it is there.
        down: it answers nothing of use.
        asked: what each request asked for, by path.
    """

    port: int = 0
    client_id: str = "tenban"
    secret: str = "a client's secret: %&+"
    subject: str = "1234"
    more: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    keys: list[Any] = field(default_factory=list)
    foreign_key: Any = None
    time_s: int = 0
    down: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/realm"

    def rotate(self, kind: str = "RSA") -> None:
        """Sign with another key from now on, and publish it alone."""
        made = jwk.RSAKey.generate_key(2048) if kind == "RSA" else jwk.ECKey.generate_key("P-256")
        self.keys = [jwk.import_key({**made.as_dict(private=True), "kid": f"key-{len(self.asked)}-{kind}"})]
        self.algorithm = "RS256" if kind == "RSA" else "ES256"

    def sign_in(self, address: str) -> str:
        """Do what a person does at the provider's page; return the address they are sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """Give the tokens of a code, once, to the client that asked for it."""
        asked = self.codes.pop(form.get("code", ""), None)
        both = base64.b64encode(f"{self.client_id}:a%20client%27s%20secret%3A%20%25%26%2B".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        fits = (
            asked is not None
            and authorization == f"Basic {both}"
            and form["redirect_uri"] == asked["redirect_uri"]
            and base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        )
        if not fits or asked is None:
            return {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.client_id,
            "nonce": asked["nonce"],
            "iat": self.time_s,
            "exp": self.time_s + 300,
            **self.more,
        }
        if self.algorithm == "none":
            parts = [{"alg": "none", "typ": "JWT"}, claims]
            told = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts]
            return {"id_token": f"{told[0]}.{told[1]}.", "token_type": "Bearer"}
        key = self.foreign_key or self.keys[-1]
        head = {"alg": self.algorithm, "kid": self.keys[-1].kid}
        return {
            "id_token": jwt.encode(head, claims, key, algorithms=[self.algorithm]),
            "token_type": "Bearer",
        }

    def answer(self, path: str) -> dict[str, Any]:
        """Say what it says of itself, or its keys."""
        if path == "/realm/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        return {"keys": [key.as_dict(private=False) for key in self.keys]}


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """Run a provider on a free port."""
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            self.say(provider.answer(self.path))

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.say(provider.token(form, self.headers.get("authorization", "")))

        def say(self, told: dict[str, Any]) -> None:
            text = json.dumps(told).encode()
            self.send_response(503 if provider.down else 400 if "error" in told else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.port = server.server_address[1]
    provider.rotate()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
