"""Blobs: pictures and clips under names of their own, sealed, written whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from tenban.base.errors import NotFound
from tenban.db.sealing import Gone, PlainFile, SealedFile, write_sealed
from tenban.db.vault import Vault, in_parts

_NAME = re.compile(r"^[0-9a-f]{64}\.(jpg|mp4)$")
_SEALED = ".sealed"

Blob: TypeAlias = SealedFile | PlainFile
"""What is read of a blob: its ``size``, and ``read(start, stop)``."""


class BlobStore:
    """Files under one folder, spread over 256 sub-folders.

    Args:
        folder: of the blobs.
        vault: seals them; None keeps them as they are, for what stands beside no database.
    """

    def __init__(self, folder: Path, vault: Vault | None = None) -> None:
        self._folder = folder
        self._vault = vault

    @property
    def vault(self) -> Vault | None:
        """Whoever seals them; for what is kept elsewhere by the same people."""
        return self._vault

    def put(self, data: bytes, suffix: str, *, wait: bool = True) -> str:
        """Keep the bytes and return their name (64 random hexadecimal digits and the suffix).

        Args:
            data: what to keep.
            suffix: ``jpg`` or ``mp4``.
            wait: False where this process's own next write refers to it, see :meth:`Vault.seal`.
        """
        name = _new_name(suffix)
        path = self._place(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._vault is not None:
            self._vault.seal(self._sealed(name), name, [data], len(data), wait=wait)
            return name
        partial = path.with_name(f"{name}.part")
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        return name

    def adopt(self, finished: Path, suffix: str) -> str:
        """Take over a finished file (same file system) and return its name; the file itself is gone then."""
        name = _new_name(suffix)
        path = self._place(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._vault is None:
            with finished.open("rb") as file:
                os.fsync(file.fileno())
            finished.replace(path)
        else:
            self._vault.seal(self._sealed(name), name, in_parts(finished), finished.stat().st_size)
            finished.unlink()
        return name

    def open(self, name: str) -> Blob:
        """Return a blob to read.

        Raises:
            NotFound: the name is none that this store gives.
            Gone: the blob is not kept any more.
            Damaged: it is not as it was sealed.
            KeyMissing: the key that wraps its key is not here.
        """
        if not _NAME.match(name):
            raise NotFound(f"expected a blob's name, got {name[:80]!r}")
        sealed = None if self._vault is None else self._vault.open(self._sealed(name), name)
        if sealed is not None:
            return sealed
        plain = self._place(name)
        if not plain.exists() and self._sealed(name).exists():
            raise Gone(f"blob {name} is not kept any more: its key was destroyed")
        return PlainFile(plain, name)  # from before blobs were sealed

    def destroy(self, names: list[str]) -> list[tuple[str, int]]:
        """Destroy blobs, the keys first; return name and size of those there were."""
        gone = [] if self._vault is None else self._vault.destroy(names)
        known = {name for name, _ in gone}
        for name in names:
            if not _NAME.match(name):
                continue
            plain = self._place(name)
            if plain.exists() and name not in known:
                gone.append((name, plain.stat().st_size))
            plain.unlink(missing_ok=True)
            self._sealed(name).unlink(missing_ok=True)
        return gone

    def sizes(self, names: list[str]) -> dict[str, int]:
        """Return how many bytes each of these blobs takes on the disk; what is not there is left out."""
        found = {}
        for name in names:
            for path in (self._sealed(name), self._place(name)):
                if _NAME.match(name) and path.is_file():
                    found[name] = path.stat().st_size
        return found

    def destroy_plain(self, names: list[str]) -> None:
        """Delete those of these blobs that lie unsealed: without a key, only the file can go."""
        for name in names:
            if _NAME.match(name):
                self._place(name).unlink(missing_ok=True)

    def unsealed(self) -> Iterator[str]:
        """Yield the names of blobs that lie there as they are, from before blobs were sealed."""
        for path in sorted(self._folder.glob("??/*")):
            if _NAME.match(path.name):
                yield path.name

    def seal_one(self, name: str) -> None:
        """Seal a blob that lies there as it is; it can be read at any moment meanwhile, killed or not."""
        assert self._vault is not None, "only a store with a vault seals"  # noqa: S101
        plain, sealed = self._place(name), self._sealed(name)
        if not self._vault.knows(name):  # else killed before the last step
            key = self._vault.new_key()
            sealed.with_name(f"{sealed.name}.part").unlink(missing_ok=True)
            write_sealed(sealed, key, name, in_parts(plain))
            self._vault.keep(name, key, plain.stat().st_size)
        plain.unlink()

    def leftovers(self, before_s: float) -> Iterator[Path]:
        """Yield files without a key or broken off, last changed before (seconds since 1970)."""
        assert self._vault is not None, "only a store with a vault seals"  # noqa: S101
        for folder in self._folder.glob("??"):
            old = [path for path in folder.iterdir() if path.stat().st_mtime < before_s]
            sealed = {path.name.removesuffix(_SEALED): path for path in old if path.suffix == _SEALED}
            yield from (path for path in old if path.suffix == ".part")
            yield from (sealed[name] for name in sealed.keys() - self._vault.known(list(sealed)))

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _sealed(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}{_SEALED}"


def _new_name(suffix: str) -> str:
    return f"{secrets.token_hex(32)}.{suffix}"
