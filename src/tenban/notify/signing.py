"""Signing what goes out to webhooks, after the Standard Webhooks specification. Pure.

https://github.com/standard-webhooks/standard-webhooks: HMAC-SHA256 over ``id.timestamp.body``, in base64,
as ``v1,SIGNATURE``; several signatures, with blanks between, while a secret is rotated.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32


def secret_text(key: bytes) -> str:
    """Return a key as receivers are given it."""
    return PREFIX + b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """Return the key of such a text."""
    return b64decode(secret.removeprefix(PREFIX), validate=True)


def headers_of(message_id: str, timestamp_s: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Return the headers of a message, signed with each secret.

    Args:
        message_id: the same at each attempt, so that a receiver can tell a repeat.
        timestamp_s: seconds since 1970, of this attempt.
        body: as it is sent.
        secrets: the present one first.
    """
    content = f"{message_id}.{timestamp_s}.".encode() + body
    signatures = [b64encode(hmac.digest(key_of(one), content, "sha256")).decode() for one in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }
