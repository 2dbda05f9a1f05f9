"""The configuration file itself: read whole, checked whole, written so that it is never half there."""

from __future__ import annotations

import hashlib
import os
import tempfile
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tenban.base.errors import BadInput, Unavailable
from tenban.findings.settings import RulesSettings, rules_of
from tenban.sites.config import ConfigMistakes, parse_sites
from tenban.sites.model import Sites

NAME = Path("tenban.toml")
"""What mistakes call the file; where it lies on the machine is nobody's business on a page."""


@dataclass(frozen=True, slots=True)
class FileText:
    """What the file holds now.

    Attributes:
        text: its characters; what is no UTF-8 is replaced, and the file does not check.
        sha256: of its bytes; of nothing where there is no file.
        readable: whether ``text`` is all of it.
    """

    text: str
    sha256: str
    readable: bool = True


def read_file(path: Path) -> FileText:
    """Read the file; one that is gone reads as empty.

    Raises:
        Unavailable: it is there and cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = b""
    except OSError as error:
        raise Unavailable(f"tenban.toml: expected a readable file, got: {error.strerror}") from error
    text = data.decode("utf-8", errors="replace").replace("\0", "�")
    return FileText(text, sha256_of(data), text.encode() == data)


def sha256_of(data: bytes) -> str:
    """Return the hash that names a state of the file."""
    return hashlib.sha256(data).hexdigest()


def signature(path: Path) -> tuple[int, int, int]:
    """Return what changes whenever the file is written anew; zeros where it is gone."""
    try:
        seen = path.stat()
    except OSError:
        return (0, 0, 0)  # Policy: reading it says what is wrong.
    return (seen.st_mtime_ns, seen.st_size, seen.st_ino)


@lru_cache(maxsize=4)  # pages ask for the same text again and again; many shops take seconds to read
def check(text: str) -> tuple[Sites, RulesSettings]:
    """Check a text as ``tenban check-config`` does.

    Raises:
        ConfigMistakes: everything that is wrong in it.
        BadInput: it is no TOML, or a rule's setting is wrong.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput("tenban.toml", expected="TOML", came=error) from error
    sites = parse_sites(document, NAME)
    return sites, rules_of(sites, str(NAME))


def mistake_in(text: FileText) -> str | None:
    """Return why a file does not check, all its mistakes in lines; None where it does."""
    if not text.readable:
        return "tenban.toml: expected UTF-8 text, got other bytes"
    if not text.text:
        return "tenban.toml: expected a configuration, got an empty file or none"
    try:
        check(text.text)
    except BadInput as error:
        return (
            "\n".join(str(one) for one in error.mistakes) if isinstance(error, ConfigMistakes) else str(error)
        )
    return None


def write_file(path: Path, text: str) -> None:
    """Put a text into the file: whole or not at all, also when the power fails.

    A link is followed; permissions stay as they are (0600 for a new file, which may hold passwords).

    Raises:
        Unavailable: the folder cannot be written.
    """
    target = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
        try:
            with os.fdopen(handle, "wb") as file:
                if target.exists():
                    seen = target.stat()
                    os.fchmod(file.fileno(), seen.st_mode & 0o7777)
                    if (seen.st_uid, seen.st_gid) != (os.geteuid(), os.getegid()) and os.geteuid() == 0:
                        os.fchown(file.fileno(), seen.st_uid, seen.st_gid)
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise Unavailable(
            f"tenban.toml: expected a folder that can be written, got: {error.strerror}; nothing was changed"
        ) from error
