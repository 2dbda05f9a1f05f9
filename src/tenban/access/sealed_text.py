"""Short secrets that have to be read again, such as what signs webhooks: sealed by a key of its own file.

AES-256-GCM with a random nonce of 96 bits, bound to what the secret is for (NIST SP 800-38D).
"""

from __future__ import annotations

import contextlib
import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenban.base.errors import BadInput, Unavailable

_NONCE_BYTES = 12


class TextSealer(Protocol):
    """Whoever seals short secrets."""

    def seal(self, text: str, bound_to: str) -> str:
        """Return a secret as the database may hold it, for this purpose only."""
        ...

    def open(self, sealed: str, bound_to: str) -> str:
        """Return what was sealed for this purpose.

        Raises:
            Unavailable: it was changed, or sealed for something else or with another key.
        """
        ...


class KeySealer:
    """Seals with one key.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, text: str, bound_to: str) -> str:
        """See :class:`TextSealer`."""
        nonce = os.urandom(_NONCE_BYTES)
        return b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), bound_to.encode())).decode()

    def open(self, sealed: str, bound_to: str) -> str:
        """See :class:`TextSealer`."""
        try:
            raw = b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound_to.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unavailable(
                f"{bound_to}: expected what this server's key sealed, got something else"
            ) from error


def sealer_of(folder: Path) -> KeySealer:
    """Return the sealer of a folder that only the server reads; its key is made there at the first call.

    Raises:
        BadInput: the file holds no key.
    """
    path = folder / "secrets.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = folder / f".secrets.key.{os.getpid()}"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(b64encode(AESGCM.generate_key(256)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # of two that start at once, the first one's stays
            os.link(fresh, path)
        fresh.unlink()
    try:
        return KeySealer(b64decode(path.read_bytes().strip(), validate=True))
    except ValueError as error:
        raise BadInput(str(path), expected="32 bytes in base64", came=str(error)) from error
