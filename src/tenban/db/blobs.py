"""Blobs: pictures and clips, named by the SHA-256 of what they hold, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from pathlib import Path

from tenban.base.errors import NotFound

_NAME = re.compile(r"^[0-9a-f]{64}\.(jpg|mp4)$")


class BlobStore:
    """Files under one folder, spread over 256 sub-folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes, suffix: str) -> str:
        """Keep the bytes and return their name (``<sha256>.<suffix>``)."""
        name = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
        path = self._place(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # The same bytes may be put by two threads at once; each has its own partial file.
            partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        return name

    def adopt(self, finished: Path, suffix: str) -> str:
        """Take over a finished file (same file system) and return its name."""
        with finished.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        name = f"{digest}.{suffix}"
        path = self._place(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        finished.replace(path)
        return name

    def path(self, name: str) -> Path:
        """Return where a blob lies.

        Raises:
            NotFound: the name is none that this store gives, or the blob is gone.
        """
        if not _NAME.match(name):
            raise NotFound(f"expected a blob's name, got {name[:80]!r}")
        path = self._place(name)
        if not path.is_file():
            raise NotFound(f"blob {name} is not kept (any more)")
        return path

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name
