"""The key that seals the audit log: an Ed25519 key pair in a folder only the server reads."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tenban.access.chain import key_id
from tenban.base.errors import BadInput
from tenban.base.key_file import make_key_file

KEYS = "keys"
"""The folder in the data folder."""
PRIVATE, PUBLIC = "audit.pem", "audit.pub.pem"


class SealingKey:
    """A private key that signs seals.

    Args:
        key: the private key.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key()
        self.key_id = key_id(self.public)

    def sign(self, text: bytes) -> bytes:
        """Return the Ed25519 signature of a text, 64 bytes."""
        return self._key.sign(text)


def sealing_key(folder: Path) -> SealingKey:
    """Return the key of a folder, made there at the first call; the public half lies beside it.

    Raises:
        BadInput: the file holds something else.
    """
    path = folder / PRIVATE
    if not path.exists():
        fresh = Ed25519PrivateKey.generate()
        make_key_file(
            path,
            fresh.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadInput(str(path), expected="an Ed25519 private key in PEM", came=str(error)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(str(path), expected="an Ed25519 private key", came=type(key).__name__)
    found = SealingKey(key)
    public = found.public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    beside = folder / PUBLIC
    if not beside.exists() or beside.read_bytes() != public:
        beside.write_bytes(public)
    return found


def public_key(path: Path) -> Ed25519PublicKey:
    """Return the public key a PEM file holds.

    Raises:
        BadInput: there is no such file, or it holds something else.
    """
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise BadInput(
            str(path), expected="a file with a public key", came=error.strerror or "none"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadInput(str(path), expected="an Ed25519 public key in PEM", came=str(error)) from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadInput(str(path), expected="an Ed25519 public key", came=type(key).__name__)
    return key
