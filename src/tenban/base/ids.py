"""Identifiers: UUID version 7 (RFC 9562, section 5.7), so that they sort by the time they were made."""

from __future__ import annotations

import secrets
import uuid

from tenban.base.clock import MILLISECOND, Instant


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
