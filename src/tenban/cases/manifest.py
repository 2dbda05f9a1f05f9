"""The manifest of a package: what is in it, by whom and why, signed as it stands.

It is one JSON document in a canonical form: keys in order, no spaces, whole numbers only, UTF-8 (what RFC
8785 asks for, of documents without fractions). The signature is Ed25519 (RFC 8032) over its bytes, by the key
that seals the audit log. Those seals begin with other words, so that neither can pass for the other.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

FORMAT = "tenban evidence 1"
MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "public-key.pem"
OF_THE_MANIFEST = frozenset({MANIFEST, SIGNATURE, KEY})
"""Files that the manifest does not name: itself, and what proves it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a file is known by."""

    size: int
    sha256: str
    crc32: int


def measured(
    read: Callable[[], Iterator[bytes]], told: Callable[[int], None] = lambda _bytes: None
) -> Measured:
    """Read a file once and return what it is known by; each part's length is told."""
    digest, size, crc = hashlib.sha256(), 0, 0
    for part in read():
        digest.update(part)
        size, crc = size + len(part), zlib.crc32(part, crc)
        told(len(part))
    return Measured(size, digest.hexdigest(), crc)


def canonical(document: dict[str, Any]) -> bytes:
    """Return a document's one form in bytes; it holds no fractions."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()
