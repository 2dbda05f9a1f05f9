"""Key-encryption keys: versioned, kept apart from what they protect, and never written into the database.

Data keys and short secrets are wrapped with the newest version; older versions only open what they wrapped.
Where the keys lie is behind one protocol, so that a key-management service (KMS) can take the place of the
file: it wraps and unwraps, and its keys never come here.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenban.base.errors import BadInput, Conflict, Unavailable
from tenban.base.key_file import make_key_file

ENVIRONMENT = "TENBAN_KEYS"
"""``1:<base64 of 32 bytes>,2:…``: the keys, where no file may hold them; the highest is the newest."""
KEY_BYTES = 32
_NONCE_BYTES = 12
_FILE = re.compile(r"^sealing-([1-9][0-9]{0,5})\.key$")


class KeyMissing(Unavailable):
    """A key that something was wrapped with is not here; the text says where it is looked for."""

    code = "key_missing"


class NotOurs(Unavailable):
    """What was to be unwrapped was changed, or was wrapped with another key or for something else."""

    code = "damaged"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Something short, encrypted with a key of the ring.

    Attributes:
        version: of that key.
        text: what came out; its form is the ring's own.
    """

    version: int
    text: bytes


class Keyring(Protocol):
    """Whoever holds the key-encryption keys; ``where`` says in words where that is."""

    where: str

    def newest(self) -> int:
        """Return the version that wraps from now on."""
        ...

    def versions(self) -> tuple[int, ...]:
        """Return the versions that can be unwrapped, ascending."""
        ...

    def wrap(self, secret: bytes, bound_to: bytes) -> Wrapped:
        """Encrypt something short with the newest key, for this purpose only."""
        ...

    def unwrap(self, wrapped: Wrapped, bound_to: bytes) -> bytes:
        """Return what was wrapped for this purpose.

        Raises:
            KeyMissing: the key is not here.
            NotOurs: it was changed, or was wrapped for something else.
        """
        ...

    def renew(self) -> int:
        """Make another version, which is the newest from now on, and return it.

        Raises:
            Conflict: versions are not made here.
        """
        ...


class LocalKeyring:
    """Keys in this process's memory: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits.

    Args:
        keys: 32 bytes each, by version.
    """

    where = "memory"

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}

    def newest(self) -> int:
        """Return the version that wraps from now on."""
        if not self._ciphers:
            raise KeyMissing(f"expected a sealing key in {self.where}, got none")
        return max(self._ciphers)

    def versions(self) -> tuple[int, ...]:
        """Return the versions that can be unwrapped, ascending."""
        return tuple(sorted(self._ciphers))

    def wrap(self, secret: bytes, bound_to: bytes) -> Wrapped:
        """Encrypt something short with the newest key, for this purpose only."""
        version = self.newest()
        nonce = os.urandom(_NONCE_BYTES)
        return Wrapped(version, nonce + self._ciphers[version].encrypt(nonce, secret, bound_to))

    def unwrap(self, wrapped: Wrapped, bound_to: bytes) -> bytes:
        """Return what was wrapped for this purpose; see :class:`Keyring`."""
        cipher = self._ciphers.get(wrapped.version)
        if cipher is None:
            raise KeyMissing(
                f"expected sealing key {wrapped.version} in {self.where}, got none: "
                "put it back from where you keep a copy, or what it sealed cannot be opened"
            )
        try:
            return cipher.decrypt(wrapped.text[:_NONCE_BYTES], wrapped.text[_NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError) as error:
            raise NotOurs(f"expected what key {wrapped.version} wrapped, got something else") from error

    def renew(self) -> int:
        """Refuse: see :class:`Keyring`."""
        raise Conflict(f"sealing keys in {self.where}: expected them to be made by whoever keeps them there")


class FileKeyring(LocalKeyring):
    """Keys in files of a folder only the server reads (``sealing-1.key``, mode 0600, 32 bytes in base64).

    A version another process makes is seen at the next use: the folder is listed each time (some 10 µs).

    Args:
        folder: made at the first key.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__({})
        self._folder = folder
        self.where = str(folder)
        self._names: frozenset[str] = frozenset()
        self._highest = 0

    def ensure(self, at_least: int = 1) -> int:
        """Return the newest version; where there is none, make one numbered ``at_least`` or higher.

        It never gets the number of one that was seen here before.
        """
        self._look()
        return max(self._ciphers) if self._ciphers else self._make(max(at_least, self._highest + 1))

    def newest(self) -> int:
        """Return the version that wraps from now on."""
        self._look()
        return super().newest()

    def versions(self) -> tuple[int, ...]:
        """Return the versions that can be unwrapped, ascending."""
        self._look()
        return super().versions()

    def unwrap(self, wrapped: Wrapped, bound_to: bytes) -> bytes:
        """Return what was wrapped for this purpose; see :class:`Keyring`."""
        self._look()
        return super().unwrap(wrapped, bound_to)

    def renew(self) -> int:
        """Make another version, which is the newest from now on, and return it."""
        self._look()
        return self._make(max(self._ciphers, default=0) + 1)

    def forget(self, version: int) -> None:
        """Take a version's file away; whoever calls has made sure that nothing needs it."""
        (self._folder / f"sealing-{version}.key").unlink(missing_ok=True)
        self._look()

    def _look(self) -> None:
        """Read the keys if others lie there than before."""
        try:
            names = frozenset(path.name for path in self._folder.iterdir() if _FILE.match(path.name))
        except FileNotFoundError:
            names = frozenset()  # Policy: a folder without keys is made with the first.
        if names == self._names:
            return
        found = {}
        for name in names:
            path = self._folder / name
            found[int(name[len("sealing-") : -len(".key")])] = AESGCM(_key_of(path.read_bytes(), str(path)))
        self._ciphers, self._names = found, names
        self._highest = max(self._highest, max(found, default=0))

    def _make(self, version: int) -> int:
        text = base64.b64encode(AESGCM.generate_key(KEY_BYTES * 8)) + b"\n"
        make_key_file(self._folder / f"sealing-{version}.key", text)
        self._look()
        return version


def open_keyring(
    folder: Path, environ: Mapping[str, str], *, at_least: int = 1, make: bool = True
) -> LocalKeyring:
    """Return the keys of :data:`ENVIRONMENT` where it is set, else those of a folder, made if need be.

    Args:
        folder: of the key files.
        environ: the process's environment.
        at_least: number of the first key where one has to be made; higher than any that was ever used.
        make: False only looks at what is there.

    Raises:
        BadInput: the variable, or a file, holds something else.
    """
    text = environ.get(ENVIRONMENT)
    if text is None:
        ring = FileKeyring(folder)
        if make:
            ring.ensure(at_least)
        return ring
    ring_of_environment = LocalKeyring(keys_of(text, ENVIRONMENT))
    ring_of_environment.where = f"the environment variable {ENVIRONMENT}"
    return ring_of_environment


def keys_of(text: str, where: str) -> dict[int, bytes]:
    """Read keys as :data:`ENVIRONMENT` holds them; an error names where, never what stood there."""
    found = {}
    for part in text.split(","):
        version, _, key = part.strip().partition(":")
        if not (version.isascii() and version.isdecimal() and 1 <= int(version) <= 999_999):
            raise BadInput(where, expected="1:<key in base64>[,2:…]", came="something else")
        found[int(version)] = _key_of(key.encode(), f"{where}, key {version}")
    return found


def _key_of(text: bytes, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""  # Policy: told below; never with what stands there.
    if len(key) != KEY_BYTES:
        raise BadInput(where, expected=f"{KEY_BYTES} bytes in base64", came=f"{len(key)} bytes")
    return key
