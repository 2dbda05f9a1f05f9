"""Passwords (argon2id, RFC 9106) and random secrets (kept as SHA-256, since they cannot be guessed)."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tenban.base.errors import BadInput

_HASHER = PasswordHasher()
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256

# The hash of nothing anybody knows, verified when the name is unknown, so that both answers take as long.
_NOBODY = _HASHER.hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """Return the argon2id hash; takes about 120 ms, so call it off the event loop.

    Raises:
        BadInput: too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(
            "password",
            expected=f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
            came=f"{len(password)}",
        )
    return _HASHER.hash(password)


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than passwords are hashed with now."""
    try:
        return _HASHER.check_needs_rehash(password_hash)
    except InvalidHashError:
        return False  # Policy: what is no hash is nobody's password, and is left alone.


def password_fits(password_hash: str | None, password: str) -> bool:
    """Tell whether the password belongs to the hash; None stands for an unknown person."""
    try:
        fits = _HASHER.verify(password_hash or _NOBODY, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False  # Policy: what cannot be checked is refused.
    return fits and password_hash is not None


def new_secret(prefix: str) -> str:
    """Return a random secret of 256 bits with a recognisable prefix."""
    return f"tnb_{prefix}_{secrets.token_urlsafe(32)}"


def hash_secret(secret: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
