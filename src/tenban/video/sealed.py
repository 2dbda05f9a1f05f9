"""Sealed files of footage: the bytes of a plain one in AES-256-GCM records, appended as they are recorded.

::

    file   = "TNBF" version(1) reserved(3) record*
    record = length(4, big endian) that many bytes, encrypted, and a tag of 16 bytes
    nonce  = the record's number from 0, 96 bits, big endian
    associated data = the file's head, where the record's bytes begin in the plain file, the file's path

The first record is the plain file's beginning, each one after it a fragment. Each file has a data key of its
own and no record is ever written twice, so a nonce never meets a key twice (NIST SP 800-38D, 8.2.1). What is
changed, left out, moved or put in opens no more. A growing file has no last record: that one is missing at
its end is told by the index, whose rows say where the bytes must be.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenban.base.errors import Unavailable
from tenban.db.sealing import Damaged

SUFFIX = ".sealed"
HEAD = b"TNBF\x01\x00\x00\x00"
TAG_BYTES = 16
_LENGTH_BYTES = 4
RECORD_BYTES = _LENGTH_BYTES + TAG_BYTES
"""What a record is longer than the bytes in it."""
_PART_BYTES = 1 << 20


class FootageGone(Unavailable):  # reads as what happened
    """The index knows the footage, but its file is missing or too short."""

    code = "footage_gone"


class RecordSealer:
    """Seals the records of one file, one after the other.

    Args:
        key: the file's data key, which seals nothing else.
        path: of the file below the footage folder.
    """

    def __init__(self, key: bytes, path: str) -> None:
        self._cipher = AESGCM(key)
        self._path = path
        self._number = 0
        self._at = 0

    def seal(self, parts: Sequence[bytes]) -> bytes:
        """Return the next record, behind the file's head where it is the first."""
        plain = b"".join(parts)
        sealed = self._cipher.encrypt(_nonce(self._number), plain, _bound_to(self._path, self._at))
        head = HEAD if self._number == 0 else b""
        self._number += 1
        self._at += len(plain)
        return b"".join((head, len(plain).to_bytes(_LENGTH_BYTES, "big"), sealed))


class PlainFootage:
    """A file of footage that lies there as it is.

    Raises:
        FootageGone: there is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._file = _opened(path)
        self.length = os.fstat(self._file).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def at(self, offset: int, length: int) -> bytes:
        """Return bytes of the file, fewer at its end."""
        return os.pread(self._file, length, offset)

    def read(self, offset: int, length: int) -> Iterator[bytes]:
        """Yield bytes of the file in parts of up to 1 MiB.

        Raises:
            FootageGone: the file is too short.
        """
        end = offset + length
        while offset < end:
            data = os.pread(self._file, min(_PART_BYTES, end - offset), offset)
            if not data:
                raise FootageGone(f"footage {self._name}: expected {end} bytes, got {offset}")
            offset += len(data)
            yield data

    def stored(self, length: int) -> int:
        """Return where so many bytes of the plain file end on the disk."""
        return length


class SealedFootage:
    """A sealed file, read as if it were the plain one; only the records asked for are opened.

    It may grow meanwhile: what is known is what was whole when it was opened.

    Args:
        file: where it lies.
        key: its data key.
        path: below the footage folder, as it was sealed.

    Raises:
        FootageGone: there is no such file.
        Damaged: its head is not that of a sealed file.
    """

    def __init__(self, file: Path, key: bytes, path: str) -> None:
        self._path = path
        self._cipher = AESGCM(key)
        self._file = _opened(file)
        self._starts: list[int] = []
        self._places: list[int] = []
        self._held: tuple[int, bytes] = (-1, b"")
        self.size = os.fstat(self._file).st_size
        head = os.pread(self._file, len(HEAD), 0)
        if head != HEAD[: len(head)]:
            os.close(self._file)
            raise Damaged(f"footage {path}: expected the head of a sealed file, got something else")
        self.length = self._walk()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    @property
    def records(self) -> int:
        """Whole records in the file."""
        return len(self._starts)

    def at(self, offset: int, length: int) -> bytes:
        """Return bytes of the plain file, fewer at its end.

        Raises:
            Damaged: a record is not as it was sealed.
        """
        return b"".join(self._parts(offset, min(self.length, offset + length)))

    def read(self, offset: int, length: int) -> Iterator[bytes]:
        """Yield bytes of the plain file, each part only once it was found to be genuine.

        Raises:
            FootageGone: the file is too short.
            Damaged: a record is not as it was sealed.
        """
        end = offset + length
        if end > self.length:
            raise FootageGone(f"footage {self._path}: expected {end} bytes, got {self.length}")
        yield from self._parts(offset, end)

    def verify(self) -> None:
        """Open every record; raises Damaged where one is not as it was sealed."""
        for number in range(self.records):
            self._open(number)

    def stored(self, length: int) -> int:
        """Return where so many bytes of the plain file, which end with a record, end on the disk."""
        number = bisect_right(self._starts, length - 1)
        return len(HEAD) + number * RECORD_BYTES + length if length else 0

    def tail(self, length: int) -> bytes:
        """Return the sealed bytes behind so many of the plain file, which end with a record."""
        place = self.stored(length)
        return os.pread(self._file, self.size - place, place)

    def lies_here(self, end: int) -> bool:
        """Tell whether the record behind the last whole one is here, although its length says otherwise.

        Args:
            end: where that record's bytes end in the plain file, as the index knows.
        """
        return self.size >= self.stored(self.length) + RECORD_BYTES + end - self.length

    def _walk(self) -> int:
        at, length = len(HEAD), 0
        while at + RECORD_BYTES <= self.size:
            count = int.from_bytes(os.pread(self._file, _LENGTH_BYTES, at), "big")
            if count == 0 or at + RECORD_BYTES + count > self.size:
                break
            self._starts.append(length)
            self._places.append(at)
            at += RECORD_BYTES + count
            length += count
        return length

    def _parts(self, offset: int, end: int) -> Iterator[bytes]:
        number = bisect_right(self._starts, offset) - 1
        while offset < end:
            opened = self._open(number)
            skip = offset - self._starts[number]
            part = opened[skip : skip + end - offset] if skip or len(opened) > end - offset else opened
            offset += len(part)
            number += 1
            yield part

    def _open(self, number: int) -> bytes:
        if self._held[0] == number:
            return self._held[1]
        start, at = self._starts[number], self._places[number]
        stop = self._starts[number + 1] if number + 1 < len(self._starts) else self.length
        sealed = os.pread(self._file, stop - start + TAG_BYTES, at + _LENGTH_BYTES)
        try:
            opened = self._cipher.decrypt(_nonce(number), sealed, _bound_to(self._path, start))
        except (InvalidTag, ValueError) as error:
            what = f"record {number} is not as it was sealed: it was changed, or is of another key or file"
            raise Damaged(f"footage {self._path}: {what}") from error
        self._held = (number, opened)
        return opened


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise FootageGone(f"footage {path.name} is gone: {error.strerror}") from error


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound_to(path: str, start: int) -> bytes:
    return HEAD + start.to_bytes(8, "big") + path.encode()
