"""Time-based one-time passwords (RFC 6238 over RFC 4226): SHA-1, six digits, thirty seconds. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import quote

from tenban.base.clock import SECOND, Instant

DIGITS: Final = 6
PERIOD_S: Final = 30
SECRET_BYTES: Final = 20
_SLACK_STEPS: Final = 1
"""How many steps a phone's clock may be off, either way (RFC 6238, 5.2)."""


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """Return the code of one step (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(secret: bytes, code: str, now_at: Instant, after: int) -> int | None:
    """Return the step a code belongs to, or None where it fits none that is new.

    Args:
        secret: shared with the phone.
        code: as typed.
        now_at: by the server's clock.
        after: the step of the last code that was used; neither it nor an older one is taken again.
    """
    now = now_at // SECOND // PERIOD_S
    found = None
    for step in range(now - _SLACK_STEPS, now + _SLACK_STEPS + 1):
        # Every step is looked at, so that the time taken tells nothing.
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def base32(secret: bytes) -> str:
    """Return a secret as authenticator apps take it typed."""
    return base64.b32encode(secret).decode().rstrip("=")


def uri(secret: bytes, *, issuer: str, account: str) -> str:
    """Return what the QR code holds (the Key URI format that authenticator apps read)."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    return f"otpauth://totp/{label}?secret={base32(secret)}&issuer={quote(issuer, safe='')}"
