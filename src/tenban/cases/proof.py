"""Proving a package: nothing is needed but the package, and the shop's public key from the shop itself."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tenban.access.chain import key_id
from tenban.base.errors import BadInput
from tenban.cases.manifest import FORMAT, KEY, MANIFEST, OF_THE_MANIFEST, SIGNATURE, canonical
from tenban.db.blobs import Blob

_PART = 1 << 20
_MOST_MANIFEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """The first file that is not as it was signed."""

    path: str
    what: str


@dataclass(slots=True)
class Proof:
    """What was found.

    Attributes:
        files: that hold, of those the manifest names.
        size: their bytes.
        manifest: the document; None where its signature does not hold.
        manifest_sha256: of its bytes.
        key_id: of the key in the package.
        trusted: the key is among those given; None: none were given.
        fault: the first fault, None where all is well.
    """

    files: int = 0
    size: int = 0
    manifest: dict[str, Any] | None = None
    manifest_sha256: str | None = None
    key_id: str | None = None
    trusted: bool | None = None
    fault: Fault | None = None


class Folder(Protocol):
    """A package that is read: a ZIP, or what came out of one."""

    def paths(self) -> list[str]:
        """Return the names of all files, repeated ones as often as they are there."""
        ...

    def open(self, path: str) -> IO[bytes]:
        """Open a file; raises KeyError where there is none."""
        ...


def prove_package(
    folder: Folder,
    trusted: Collection[Ed25519PublicKey] = (),
    told: Callable[[int], None] = lambda _bytes: None,
) -> Proof:
    """Check a package; stops at the first fault.

    Args:
        folder: the package.
        trusted: the shop's public keys, where they are at hand: else the package's own key is only compared
            with its own signature, and its :attr:`Proof.key_id` is to be compared with what the shop says.
        told: of each part's length.
    """
    proof = Proof()
    paths = folder.paths()
    try:
        signed = _read(folder, MANIFEST, _MOST_MANIFEST)
        signature, key = _read(folder, SIGNATURE, 4096), _read(folder, KEY, 65_536)
    except _Broken as error:
        proof.fault = error.fault
        return proof
    proof.fault = _unsigned(proof, signed, signature, key, trusted)
    if proof.fault is not None:
        return proof
    assert proof.manifest is not None, "its signature holds"  # noqa: S101
    named = {str(one["path"]): one for one in proof.manifest["files"]}
    for path in paths:
        if path not in named and path not in OF_THE_MANIFEST:
            proof.fault = Fault(path, "the manifest does not name it: it was put in")
            return proof
    if len(paths) != len(set(paths)):
        twice = next(path for path in paths if paths.count(path) > 1)
        proof.fault = Fault(twice, "it is there more than once")
        return proof
    for path, one in named.items():
        proof.fault = _differs(folder, path, one, told)
        if proof.fault is not None:
            return proof
        proof.files, proof.size = proof.files + 1, proof.size + int(one["bytes"])
    return proof


@contextmanager
def opened_package(path: Path) -> Iterator[Folder]:
    """Open a package to read: a ZIP, or a folder it was unpacked into.

    Raises:
        BadInput: it is neither.
    """
    if path.is_dir():
        yield UnpackedFolder(path)
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadInput(str(path), expected="a package", came=error.strerror or "none") from error
    with file:
        try:
            found = ZipFolder(file)
        except zipfile.BadZipFile as error:
            raise BadInput(str(path), expected="a ZIP file", came=str(error)) from error
        yield found


class ZipFolder:
    """A package as it was taken along."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file)

    def paths(self) -> list[str]:
        """Return the names of all files."""
        return [one.filename for one in self._zip.infolist() if not one.is_dir()]

    def open(self, path: str) -> IO[bytes]:
        """Open a file."""
        return self._zip.open(path)


class UnpackedFolder:
    """A package as it was unpacked."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def paths(self) -> list[str]:
        """Return the names of all files; what systems put into folders by themselves is left out."""
        found = sorted(path for path in self._root.rglob("*") if not stat.S_ISDIR(path.lstat().st_mode))
        own = {".DS_Store", "Thumbs.db", "desktop.ini"}
        return [path.relative_to(self._root).as_posix() for path in found if path.name not in own]

    def open(self, path: str) -> IO[bytes]:
        """Open a file."""
        place = self._root / path
        if ".." in Path(path).parts or place.is_symlink() or not place.is_file():
            raise KeyError(path)
        return place.open("rb")


class BlobFile(io.RawIOBase):
    """A blob as a file that can be sought in: what a ZIP reader wants."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._at = 0
        self._parts: Iterator[bytes] = iter(())
        self._waiting = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Read elsewhere next."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._blob.size}[whence]
        if base + offset != self._at:
            self._parts, self._waiting = iter(()), b""
        self._at = base + offset
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes; in one go they are read one after the other, without seeking again."""
        wanted = self._blob.size - self._at if size is None or size < 0 else size
        out = bytearray()
        while len(out) < wanted and self._at < self._blob.size:
            if not self._waiting:
                self._waiting = next(self._parts, b"")
                if not self._waiting:
                    self._parts = self._blob.read(self._at)
                    self._waiting = next(self._parts)
            part = self._waiting[: wanted - len(out)]
            self._waiting = self._waiting[len(part) :]
            self._at += len(part)
            out += part
        return bytes(out)


class _Broken(Exception):  # noqa: N818  # a fault on its way up
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


def _read(folder: Folder, path: str, most: int) -> bytes:
    try:
        with folder.open(path) as file:
            found = file.read(most + 1)
    except KeyError:
        raise _Broken(Fault(path, "it is missing")) from None
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise _Broken(Fault(path, f"it cannot be read: {error}")) from error
    if len(found) > most:
        raise _Broken(Fault(path, f"expected at most {most} bytes, got more"))
    return found


def _unsigned(
    proof: Proof, signed: bytes, signature: bytes, pem: bytes, trusted: Collection[Ed25519PublicKey]
) -> Fault | None:
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None  # Policy: a key that cannot be read is a finding.
    if not isinstance(key, Ed25519PublicKey):
        return Fault(KEY, "expected an Ed25519 public key in PEM, got something else")
    proof.key_id = key_id(key)
    if trusted:
        proof.trusted = key.public_bytes_raw() in {one.public_bytes_raw() for one in trusted}
        if not proof.trusted:
            return Fault(KEY, f"key {proof.key_id} is not among those given")
    try:
        key.verify(signature, signed)
    except (InvalidSignature, ValueError):
        # Policy: a signature that does not fit is a finding; which of the two was changed nobody can tell.
        return Fault(MANIFEST, f"it was changed, or {SIGNATURE} or {KEY} was: the signature does not fit")
    try:
        document = json.loads(signed)
        files = document["files"]
        fits = document["format"] == FORMAT and canonical(document) == signed
        fits = fits and all(isinstance(one["path"], str) and isinstance(one["bytes"], int) for one in files)
    except (ValueError, KeyError, TypeError):
        fits = False
    if not fits:
        return Fault(MANIFEST, f"expected a manifest of the form {FORMAT!r}, got something else")
    proof.manifest, proof.manifest_sha256 = document, hashlib.sha256(signed).hexdigest()
    return None


def _differs(folder: Folder, path: str, one: dict[str, Any], told: Callable[[int], None]) -> Fault | None:
    digest, size = hashlib.sha256(), 0
    try:
        with folder.open(path) as file:
            while part := file.read(_PART):
                digest.update(part)
                size += len(part)
                told(len(part))
    except KeyError:
        return Fault(path, "it is missing")
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        return Fault(path, f"it was changed: {error}")
    if size != one["bytes"]:
        return Fault(path, f"expected {one['bytes']} bytes, got {size}")
    if digest.hexdigest() != one["sha256"]:
        return Fault(path, "it was changed: its SHA-256 is another")
    return None
