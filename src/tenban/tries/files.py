"""Where the files of tries lie; every name is our own, nothing a visitor wrote becomes a path."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tenban.base.clock import SECOND, Instant
from tenban.base.errors import NotFound
from tenban.tries import refusals

_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_RESERVE_BYTES = 500_000_000
"""Left free on the disk for recording, whatever is uploaded."""


@dataclass(frozen=True, slots=True)
class TryFiles:
    """The folder of tries: ``<id>/video``, ``<id>/first.jpg``, ``<id>/annotated.mp4``, ``samples/``.

    Attributes:
        folder: of all tries.
        reserve_bytes: an upload that would leave less than this free is refused.
    """

    folder: Path
    reserve_bytes: int = _RESERVE_BYTES

    def of(self, try_id: str) -> Path:
        """Return the folder of a try, or raise NotFound for what is no id of ours."""
        if not _ID.match(try_id):
            raise NotFound(f"there is no try {try_id[:40]!r}")
        return self.folder / try_id

    def video(self, try_id: str) -> Path:
        """Return where the video lies."""
        return self.of(try_id) / "video"

    def first(self, try_id: str) -> Path:
        """Return where the first picture lies."""
        return self.of(try_id) / "first.jpg"

    def annotated(self, try_id: str) -> Path:
        """Return where the annotated video lies."""
        return self.of(try_id) / "annotated.mp4"

    @property
    def samples(self) -> Path:
        """Folder of the rendered sample clips."""
        return self.folder / "samples"

    def check_room(self, size: int) -> None:
        """Refuse what would fill the disk.

        Raises:
            Unavailable: it would.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free < size + self.reserve_bytes:
            raise refusals.no_space()

    def begin(self, *, most_mb: int) -> Incoming:
        """Begin to take a file in."""
        folder = self.folder / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{secrets.token_hex(16)}.part"
        return Incoming(path, path.open("xb"), most_mb)

    def keep(self, incoming: Incoming, try_id: str) -> None:
        """Take a finished file over as the video of a try."""
        place = self.video(try_id)
        place.parent.mkdir(parents=True, exist_ok=True)
        incoming.path.replace(place)

    def remove(self, try_id: str) -> None:
        """Delete everything of a try; nothing happens where nothing is left."""
        shutil.rmtree(self.of(try_id), ignore_errors=True)

    def sweep(self, kept: Iterable[str], now_at: Instant, *, older_s: float = 3600) -> list[str]:
        """Delete folders of tries that are not kept, and uploads that broke off; return what went.

        Only what was not touched for a while: an upload may be on its way into the database.
        """
        kept = set(kept)
        gone = []
        for path in self.folder.glob("*") if self.folder.is_dir() else ():
            if _ID.match(path.name) and path.name not in kept and _old(path, now_at, older_s):
                shutil.rmtree(path, ignore_errors=True)
                gone.append(path.name)
        for path in self.folder.glob("incoming/*.part"):
            if _old(path, now_at, older_s):
                path.unlink(missing_ok=True)
                gone.append(path.name)
        return gone


@dataclass(slots=True)
class Incoming:
    """A file on its way in: counted and hashed as it comes, never in memory as a whole."""

    path: Path
    _file: BinaryIO
    most_mb: int
    size: int = 0
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        """Of what came so far."""
        return self._hash.hexdigest()

    def add(self, part: bytes) -> None:
        """Write the next part.

        Raises:
            TooLarge: more came than is taken.
            Unavailable: the disk is full.
        """
        self.size += len(part)
        if self.size > self.most_mb * 1_000_000:
            raise refusals.too_large(self.most_mb, None)
        self._hash.update(part)
        self._guarded(lambda: self._file.write(part))

    def finish(self) -> None:
        """Make sure that it is on the disk."""

        def flush() -> None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

        self._guarded(flush)

    def drop(self) -> None:
        """Forget what came."""
        with contextlib.suppress(
            OSError
        ):  # Policy: a full disk refuses the last bytes; the file goes anyway.
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                raise refusals.no_space() from error
            raise


def _old(path: Path, now_at: Instant, older_s: float) -> bool:
    try:
        return now_at / SECOND - path.stat().st_mtime > older_s
    except OSError:
        return False  # Policy: what vanished meanwhile needs no sweeping.
