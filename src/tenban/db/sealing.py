"""Sealed files: AES-256-GCM in chunks, so that any range opens alone and nothing can be cut off or moved.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: *Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance*, CRYPTO 2015, section 7): each chunk's nonce holds its number and whether it is
the last one, so a chunk that is left out, moved, put in, or made the end opens no more.

::

    file  = "TNBS" version(1) reserved(4) prefix(7) chunk*
    chunk = up to 65,536 bytes, encrypted, and a tag of 16 bytes
    nonce = prefix(7) number(4, big endian) last(1: 0 or 1)
    associated data = the header and the blob's name

Each file has a data key of its own, so a nonce never meets a key twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenban.base.errors import NotFound, Unavailable

CHUNK_BYTES = 65_536
TAG_BYTES = 16
_SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES
_MAGIC = b"TNBS\x01\x00\x00\x00\x00"
_PREFIX_BYTES = 7
HEADER_BYTES = len(_MAGIC) + _PREFIX_BYTES


class Damaged(Unavailable):
    """A blob is not as it was sealed: changed, cut off, put together from others, or of another key."""

    code = "damaged"


class Gone(NotFound):
    """A blob that is not kept any more, or whose key was destroyed."""

    code = "not_kept"


def sealed_length(length: int) -> int:
    """Return how long the file becomes that seals so many bytes."""
    chunks = max(1, -(-length // CHUNK_BYTES))
    return HEADER_BYTES + length + chunks * TAG_BYTES


class Sealing:
    """One file on its way through the seal: parts of any length in, sealed bytes out.

    Args:
        key: its data key, which seals nothing else.
        name: what it is sealed as.
    """

    def __init__(self, key: bytes, name: str) -> None:
        self.header = _MAGIC + os.urandom(_PREFIX_BYTES)
        self.size = 0
        self._cipher = AESGCM(key)
        self._bound_to = _bound_to(self.header, name)
        self._number = 0
        self._waiting = bytearray()

    def add(self, part: bytes) -> bytes:
        """Return what of it is ready to be written, which follows :attr:`header` or what came before."""
        self.size += len(part)
        self._waiting += part
        out: list[bytes] = []
        at = 0
        with memoryview(self._waiting) as waiting:
            # A full chunk is held back until more comes: the last one is sealed as such.
            while len(waiting) - at > CHUNK_BYTES:
                out.append(self._sealed(bytes(waiting[at : at + CHUNK_BYTES]), last=False))
                at += CHUNK_BYTES
        del self._waiting[:at]
        return b"".join(out)

    def end(self) -> bytes:
        """Return the last chunk."""
        return self._sealed(bytes(self._waiting), last=True)

    def _sealed(self, chunk: bytes, *, last: bool) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self.header, self._number, last=last), chunk, self._bound_to)
        self._number += 1
        return sealed


def seal_parts(key: bytes, name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the sealed form of what comes in parts of any length."""
    sealing = Sealing(key, name)
    yield sealing.header
    for part in parts:
        yield sealing.add(part)
    yield sealing.end()


def write_sealed(path: Path, key: bytes, name: str, parts: Iterable[bytes]) -> None:
    """Write a sealed file, which is there whole and durable or not at all.

    Raises:
        OSError: it cannot be written.
    """
    partial = path.with_name(f"{path.name}.part")
    try:
        with partial.open("xb") as file:
            for sealed in seal_parts(key, name, parts):
                file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


class SealedFile:
    """A sealed file that is read; any range of it costs the chunks it touches.

    Args:
        path: of the file.
        key: its data key.
        name: what it was sealed as.
        size: bytes it holds, as written down apart from it.
        told: told of what is found damaged while it is read.

    Raises:
        Gone: there is no such file.
        Damaged: its length or its head is not what it must be.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        name: str,
        size: int,
        *,
        told: Callable[[Damaged], None] = lambda _found: None,
    ) -> None:
        self.name = name
        self.size = size
        self._told = told
        self._path = path
        self._cipher = AESGCM(key)
        try:
            length = path.stat().st_size
        except FileNotFoundError as error:
            raise Gone(f"blob {name} is not kept (any more)") from error
        if length != sealed_length(size):
            raise self._damaged(f"expected {sealed_length(size)} bytes on the disk, got {length}")

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes ``[start, stop)``, each part only once it was found to be genuine.

        Raises:
            Damaged: a chunk is not as it was sealed.
        """
        stop = self.size if stop is None else min(stop, self.size)
        last = max(0, -(-self.size // CHUNK_BYTES) - 1)
        with self._path.open("rb") as file:
            header = file.read(HEADER_BYTES)
            if header[: len(_MAGIC)] != _MAGIC:
                raise self._damaged("expected the head of a sealed file, got something else")
            bound_to = _bound_to(header, self.name)
            first = min(start // CHUNK_BYTES, last)
            file.seek(HEADER_BYTES + first * _SEALED_CHUNK)
            number = first
            while number <= last and (number * CHUNK_BYTES < stop or number == first):
                opened = self._open(file, header, number, bound_to, last=number == last)
                at = number * CHUNK_BYTES
                part = opened[max(0, start - at) : max(0, stop - at)]
                if part:
                    yield part
                number += 1

    def all(self) -> bytes:
        """Return everything; raises Damaged."""
        return b"".join(self.read())

    def _open(self, file: BinaryIO, header: bytes, number: int, bound_to: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(header, number, last=last), file.read(_SEALED_CHUNK), bound_to)
        except (InvalidTag, ValueError) as error:
            what = f"part {number} is not as it was sealed: it was changed, or is of another key or blob"
            raise self._damaged(what) from error

    def _damaged(self, what: str) -> Damaged:
        found = Damaged(f"blob {self.name}: {what}")
        self._told(found)
        return found


class PlainFile:
    """A file from before files were sealed, read the same way.

    Raises:
        Gone: there is no such file.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path
        try:
            self.size = path.stat().st_size
        except FileNotFoundError as error:
            raise Gone(f"blob {name} is not kept (any more)") from error

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes ``[start, stop)``."""
        left = (self.size if stop is None else min(stop, self.size)) - start
        with self._path.open("rb") as file:
            file.seek(start)
            while left > 0:
                part = file.read(min(left, CHUNK_BYTES))
                if not part:
                    return
                left -= len(part)
                yield part

    def all(self) -> bytes:
        """Return everything."""
        return b"".join(self.read())


def _nonce(header: bytes, number: int, *, last: bool) -> bytes:
    return header[-_PREFIX_BYTES:] + number.to_bytes(4, "big") + bytes([last])


def _bound_to(header: bytes, name: str) -> bytes:
    return header + name.encode()
