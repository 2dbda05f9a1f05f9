"""Identifiers that sort by the time they were made: UUIDs of version 7 (RFC 9562, 5.7), and shorter ones."""

from __future__ import annotations

import secrets
import uuid

from tenban.base.clock import MILLISECOND, SECOND, Instant

_DIGITS = "0123456789abcdefghijklmnopqrstuv"


def new_id(at: Instant, *, random_bits: int | None = None) -> str:
    """Return a UUIDv7 as lower-case text.

    Args:
        at: the instant written into the identifier.
        random_bits: 74 bits of randomness; drawn from the system when None.
    """
    bits = secrets.randbits(74) if random_bits is None else random_bits & ((1 << 74) - 1)
    value = (at // MILLISECOND & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= (bits >> 62) << 64
    value |= 0b10 << 62
    value |= bits & ((1 << 62) - 1)
    return str(uuid.UUID(int=value))


def short_id(at: Instant, *, random_bits: int | None = None) -> str:
    """Return 13 of ``0-9a-v``, for what millions of rows refer to: 33 bits of seconds, 32 of randomness.

    Args:
        at: the instant written into the identifier.
        random_bits: 32 bits of randomness; drawn from the system when None.
    """
    bits = secrets.randbits(32) if random_bits is None else random_bits & ((1 << 32) - 1)
    value = (at // SECOND & ((1 << 33) - 1)) << 32 | bits
    return "".join(_DIGITS[value >> shift & 31] for shift in range(60, -1, -5))
