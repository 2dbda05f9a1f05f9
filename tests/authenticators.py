"""A phone that keeps passkeys, in software: what a browser brings (Web Authentication, ES256, unattested)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, MAY_SYNC, SYNCED, WITH_KEY = 0x01, 0x04, 0x08, 0x10, 0x40


def text(data: bytes) -> str:
    """Return bytes as base64url."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class Authenticator:
    """One phone in front of pages of one origin; a test turns what it wants to see refused.

    Attributes:
        flags: of what it shows besides being present: the person was verified, by default.
        counts: whether it counts its uses.
    """

    origin: str = "https://shop.example"
    flags: int = PRESENT | VERIFIED
    counts: bool = True
    count: int = 0
    handle: str = ""
    rp_id: str = ""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Make a passkey; return what the browser sends."""
        self.rp_id, self.handle = options["rp"]["id"], options["user"]["id"]
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        head = self._data(self.flags | WITH_KEY)
        told = head + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        made = {"fmt": "none", "attStmt": {}, "authData": told}
        return self._credential(
            clientDataJSON=text(self._client("webauthn.create", options["challenge"])),
            attestationObject=text(cbor2.dumps(made)),
            transports=["internal", "something new"],
        )

    def show(self, options: dict[str, Any]) -> dict[str, Any]:
        """Show the passkey; return what the browser sends."""
        self.count += 1 if self.counts else 0
        client, data = self._client("webauthn.get", options["challenge"]), self._data(self.flags)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            clientDataJSON=text(client),
            authenticatorData=text(data),
            signature=text(signed),
            userHandle=self.handle,
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _credential(self, **response: Any) -> dict[str, Any]:
        its_id = text(self.id)
        return {"id": its_id, "rawId": its_id, "type": "public-key", "response": response}
