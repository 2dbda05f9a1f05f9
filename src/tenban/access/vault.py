"""The key under which people's shared secrets lie in the database: a file only the server reads.

A secret is sealed with AES-256-GCM (NIST SP 800-38D) together with whose it is: put into another person's row
it does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenban.base.errors import BadInput, Unavailable
from tenban.base.key_file import make_key_file

FILE: Final = "people.key"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class Vault:
    """Seals and opens under one key.

    Args:
        key: 32 random bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._mac_key = hmac.digest(key, b"tenban recovery codes 1", hashlib.sha256)

    def seal(self, plain: bytes, whose: str) -> str:
        """Return a secret sealed for somebody, hexadecimal."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return (nonce + self._cipher.encrypt(nonce, plain, whose.encode())).hex()

    def open(self, sealed: str, whose: str) -> bytes:
        """Return the secret again.

        Raises:
            Unavailable: it was sealed under another key, for somebody else, or was changed.
        """
        try:
            data = bytes.fromhex(sealed)
            return self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], whose.encode())
        except (InvalidTag, ValueError) as error:
            raise Unavailable(
                f"expected what was sealed under {FILE}, got something else (another data folder's key?)"
            ) from error

    def mark(self, text: str, whose: str) -> str:
        """Return what is kept of a short secret: nobody finds it out without the key (HMAC-SHA-256)."""
        return hmac.new(self._mac_key, f"{whose}:{text}".encode(), hashlib.sha256).hexdigest()


@cache
def vault(folder: Path) -> Vault:
    """Return the vault of a folder of keys; its key is made there at the first call.

    Raises:
        BadInput: the file holds something else.
    """
    path = folder / FILE
    if not path.exists():
        make_key_file(path, secrets.token_bytes(_KEY_BYTES))
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise BadInput(str(path), expected=f"{_KEY_BYTES} bytes", came=f"{len(key)}")
    return Vault(key)
