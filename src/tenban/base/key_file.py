"""Files of keys: only the server reads them, and they are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path


def make_key_file(path: Path, content: bytes) -> None:
    """Write a key durably with mode 0600, in a folder of mode 0700 that is made if need be.

    It is whole and has its permissions before it has its name. Of two that are made at once, in whatever
    process, the first one stays: whoever needs the key reads the file afterwards.
    """
    folder = path.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f".{path.name}.{os.getpid()}-{threading.get_ident()}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)  # a key that a power cut takes back would take all it sealed along
    finally:
        os.close(opened)
