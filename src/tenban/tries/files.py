"""Where the files of tries lie, sealed; every name is our own, nothing a visitor wrote becomes a path.

While a child works on a video, the video and what it makes of it lie open in a work folder, and only then.
"""

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
from typing import BinaryIO, Literal, TypeAlias, get_args

from tenban.base.clock import SECOND, Instant
from tenban.base.errors import NotFound
from tenban.db.blobs import Blob
from tenban.db.sealing import PlainFile, Sealing
from tenban.db.vault import Vault, in_parts
from tenban.tries import refusals

_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
Kind: TypeAlias = Literal["video", "first.jpg", "annotated.mp4"]
KINDS: tuple[Kind, ...] = get_args(Kind)
VIDEO: Kind = "video"
FIRST: Kind = "first.jpg"
ANNOTATED: Kind = "annotated.mp4"
_RESERVE_BYTES = 500_000_000
"""Left free on the disk for recording, whatever is uploaded."""


@dataclass(frozen=True, slots=True)
class TryFiles:
    """The folder of tries: ``<id>/video``, ``<id>/first.jpg``, ``<id>/annotated.mp4``, ``samples/``.

    Attributes:
        folder: of all tries.
        reserve_bytes: an upload that would leave less than this free is refused.
        vault: seals the files of tries; None keeps them as they are.
    """

    folder: Path
    reserve_bytes: int = _RESERVE_BYTES
    vault: Vault | None = None

    def of(self, try_id: str) -> Path:
        """Return the folder of a try, or raise NotFound for what is no id of ours."""
        if not _ID.match(try_id):
            raise NotFound(f"there is no try {try_id[:40]!r}")
        return self.folder / try_id

    def open(self, try_id: str, kind: Kind) -> Blob:
        """Return a file of a try to read.

        Raises:
            Gone: it is not kept (any more).
            Damaged: it is not as it was sealed.
        """
        path, name = self.of(try_id) / kind, _name(try_id, kind)
        sealed = None if self.vault is None else self.vault.open(path, name)
        return sealed or PlainFile(path, name)

    def has_video(self, try_id: str) -> bool:
        """Tell whether there is a video to work on."""
        return (self.of(try_id) / VIDEO).exists()

    def lay_out(self, try_id: str) -> Path:
        """Return a fresh work folder with the video lying open as ``video``, where there is one.

        Raises:
            Damaged: the video is not as it was sealed.
            OSError: the disk is full.
        """
        work = self._work(try_id)
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True, mode=0o700)
        if self.has_video(try_id):
            with (work / VIDEO).open("wb") as file:
                for part in self.open(try_id, VIDEO).read():
                    file.write(part)
        return work

    def take_back(self, try_id: str) -> None:
        """Seal what a child left in the work folder, and take that folder away."""
        work = self._work(try_id)
        self.of(try_id).mkdir(parents=True, exist_ok=True)
        for kind in KINDS:
            made = work / kind
            if made.is_file() and not (kind == VIDEO and self.has_video(try_id)):
                self._put(try_id, kind, made)
        self.clear(try_id)

    def clear(self, try_id: str) -> None:
        """Take the work folder away."""
        shutil.rmtree(self._work(try_id), ignore_errors=True)

    def _put(self, try_id: str, kind: Kind, made: Path) -> None:
        place = self.of(try_id) / kind
        if self.vault is None:
            made.replace(place)
            return
        place.unlink(missing_ok=True)  # of an earlier count; its key goes with the new one
        place.with_name(f"{kind}.part").unlink(missing_ok=True)
        self.vault.seal(place, _name(try_id, kind), in_parts(made), made.stat().st_size)

    def _work(self, try_id: str) -> Path:
        return self.folder / "work" / self.of(try_id).name

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

    def begin(self, try_id: str, *, most_mb: int) -> Incoming:
        """Begin to take a file in, as the video of a try."""
        folder = self.folder / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{secrets.token_hex(16)}.part"
        key = None if self.vault is None else self.vault.new_key()
        return Incoming(path, path.open("xb"), most_mb, key, _name(try_id, VIDEO))

    def keep(self, incoming: Incoming, try_id: str) -> None:
        """Take a finished file over as the video of the try it was begun for."""
        place = self.of(try_id) / VIDEO
        place.parent.mkdir(parents=True, exist_ok=True)
        incoming.path.replace(place)
        if self.vault is not None and incoming.key is not None:
            self.vault.keep(_name(try_id, VIDEO), incoming.key, incoming.size)

    def remove(self, try_id: str) -> int:
        """Delete everything of a try, the keys first, and return its bytes; 0 where nothing is left."""
        folder = self.of(try_id)
        size = sum(path.stat().st_size for path in folder.glob("*"))
        if self.vault is not None:
            self.vault.destroy([_name(try_id, kind) for kind in KINDS])
        shutil.rmtree(folder, ignore_errors=True)
        self.clear(try_id)
        return size

    def sweep(self, kept: Iterable[str], now_at: Instant, *, older_s: float = 3600) -> list[str]:
        """Delete folders of tries that are not kept, and uploads that broke off; return what went.

        Only what was not touched for a while: an upload may be on its way into the database.
        """
        kept = set(kept)
        gone = []
        for path in self.folder.glob("*") if self.folder.is_dir() else ():
            if _ID.match(path.name) and path.name not in kept and _old(path, now_at, older_s):
                self.remove(path.name)
                gone.append(path.name)
        for path in self.folder.glob("work/*"):
            if path.name not in kept and _old(path, now_at, older_s):
                shutil.rmtree(path, ignore_errors=True)
        for path in self.folder.glob("incoming/*.part"):
            if _old(path, now_at, older_s):
                path.unlink(missing_ok=True)
                gone.append(path.name)
        return gone


@dataclass(slots=True)
class Incoming:
    """A file on its way in: counted, hashed and sealed as it comes, never in memory as a whole."""

    path: Path
    _file: BinaryIO
    most_mb: int
    key: bytes | None = None
    name: str = ""
    size: int = 0
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    _sealing: Sealing | None = None

    def __post_init__(self) -> None:
        if self.key is not None:
            self._sealing = Sealing(self.key, self.name)
            self._file.write(self._sealing.header)

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
        sealed = part if self._sealing is None else self._sealing.add(part)
        self._guarded(lambda: self._file.write(sealed))

    def finish(self) -> None:
        """Make sure that it is on the disk."""

        def flush() -> None:
            if self._sealing is not None:
                self._file.write(self._sealing.end())
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


def _name(try_id: str, kind: str) -> str:
    return f"tries/{try_id}/{kind}"


def _old(path: Path, now_at: Instant, older_s: float) -> bool:
    try:
        return now_at / SECOND - path.stat().st_mtime > older_s
    except OSError:
        return False  # Policy: what vanished meanwhile needs no sweeping.
