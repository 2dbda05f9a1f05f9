"""The footage folder: its files, plain or sealed, read alike; and the keys of those that are sealed.

A file's data key is wrapped and kept in the database with the row of its segment, in one transaction. Until
that is durable it lies, wrapped, beside the file: recording waits for no database, and what a killed recorder
left opens all the same.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from tenban.base.clock import Instant
from tenban.base.errors import TenbanError, Unavailable
from tenban.base.log import get_log
from tenban.db.keyring import Wrapped
from tenban.db.queries import DataKey
from tenban.db.sealing import Damaged
from tenban.db.vault import Vault
from tenban.video.sealed import SUFFIX, FootageGone, PlainFootage, RecordSealer, SealedFootage

_SIDE = ".key"
_NAME = "footage/"

FootageFile: TypeAlias = PlainFootage | SealedFootage
"""What is read of a file: its plain ``length``, ``at(offset, length)`` and ``read(offset, length)``."""

log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a file of footage, counted in the plain file."""

    path: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class FileKey:
    """The wrapped key of a sealed file, and where it lies until the database keeps it."""

    known: DataKey
    made_at: Instant
    beside: Path

    def kept(self) -> None:
        """Take note that the database keeps it."""
        self.beside.unlink(missing_ok=True)


class NotSealed(Unavailable):  # reads as what happened
    """A file of footage cannot be sealed, because no key can be had for it."""

    code = "not_sealed"


@dataclass(slots=True)
class Footage:
    """The footage folder.

    Attributes:
        root: where it lies.
        vault: has the keys of sealed files; None where there are none.
        damaged: files that were not as they were sealed, each time one was read.
        unsealed: files that should have been sealed and are not, because no key could be had.
    """

    root: Path
    vault: Vault | None = None
    damaged: int = 0
    unsealed: int = 0

    def open(self, path: str) -> FootageFile:
        """Return a file to read; whoever opens it closes it.

        Args:
            path: below the footage folder.

        Raises:
            FootageGone: there is no such file, or its key was destroyed.
            Damaged: it or its key is not as it was.
            KeyMissing: the key that wraps its key is not here.
        """
        if not is_sealed(path):
            return PlainFootage(self.root / path)
        if self.vault is None:
            raise Unavailable(f"footage {path}: expected a vault to open it with, got none")
        try:
            key = self.vault.data_key(key_name(path))
            if key is None:
                known = self.left(path)
                key = None if known is None else self.vault.unwrap(known.known)
            if key is None:
                raise FootageGone(f"footage {path}: there is no key to it (any more)")
            return SealedFootage(self.root / path, key, path)
        except Damaged as error:
            raise self._told(error) from None

    def read(self, pieces: Sequence[Piece]) -> Iterator[bytes]:
        """Yield the bytes of pieces one after the other; each file is opened once in a row.

        Raises:
            FootageGone: a file is missing or too short.
            Damaged: a part is not as it was sealed; what came before it is genuine.
        """
        for path, some in groupby(pieces, key=lambda one: one.path):
            with self.open(path) as file:
                try:
                    for one in some:
                        yield from file.read(one.offset, one.length)
                except Damaged as error:
                    raise self._told(error) from None

    def begin(self, path: str, at: Instant) -> tuple[RecordSealer, FileKey]:
        """Make the key of a new sealed file and lay it, wrapped, beside it.

        Returns:
            what seals the records, and the key for the index.

        Raises:
            NotSealed: no key can be had.
        """
        assert self.vault is not None, "sealing needs a vault"  # noqa: S101
        try:
            key, known = self.vault.fresh(key_name(path))
            found = FileKey(known, at, beside(self.root, path))
            _lay(found)
        except (TenbanError, OSError) as error:
            self.unsealed += 1
            raise NotSealed(f"footage is not sealed: {error}") from error
        return RecordSealer(key, path), found

    def left(self, path: str) -> FileKey | None:
        """Return the key that lies beside a file; None where there is none that can be read."""
        side = beside(self.root, path)
        try:
            kept = json.loads(side.read_bytes())
            wrapped = Wrapped(int(kept["version"]), base64.b64decode(kept["wrapped"]))
            made_at = int(kept["made_at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # Policy: a key that cannot be read is like none; the caller says so.
        return FileKey(DataKey(key_name(path), wrapped, 0), made_at, side)

    def waiting(self) -> int:
        """Return how many keys lie beside their files still."""
        return sum(1 for _ in self.root.glob(f"*/*/*{SUFFIX}{_SIDE}"))

    def _told(self, error: Damaged) -> Damaged:
        self.damaged += 1
        log.error("damaged", why=str(error), times=self.damaged)
        return error


def beside(root: Path, path: str) -> Path:
    """Return where the key of a file lies until the database keeps it."""
    return root / f"{path}{_SIDE}"


def is_sealed(path: str) -> bool:
    """Tell whether a file of footage is a sealed one."""
    return path.endswith(SUFFIX)


def key_name(path: str) -> str:
    """Return the name under which the key of a file is kept: by its segment's id."""
    return _NAME + Path(path).stem.partition("-")[2]


def key_of_segment(segment: str) -> str:
    """Return the name under which the key of a segment's file is kept, if it is sealed."""
    return _NAME + segment


def _lay(key: FileKey) -> None:
    wrapped = key.known.wrapped
    kept = {"version": wrapped.version, "wrapped": base64.b64encode(wrapped.text).decode()}
    text = json.dumps(kept | {"made_at": key.made_at}).encode()
    file = os.open(key.beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, text)
    finally:
        os.close(file)
