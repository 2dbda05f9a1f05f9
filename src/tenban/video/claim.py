"""One process at a time writes a camera's footage."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from tenban.base.errors import Conflict


def claim(root: Path, camera: str) -> IO[bytes]:
    """Hold the camera's folder for this process; the kernel lets go of it however the process ends.

    Args:
        root: the footage folder.
        camera: the camera's id.

    Raises:
        Conflict: another process has it.
    """
    folder = root / camera
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / ".recorder").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise Conflict(f"camera {camera} is being recorded into {folder} by another process") from None
    return lock


def is_claimed(root: Path, camera: str, locks: Path = Path("/proc/locks")) -> bool:
    """Tell whether a process has the camera's folder, without taking it for a moment.

    Args:
        root: the footage folder.
        camera: the camera's id.
        locks: where the kernel lists all locks; where it does not, it may be claimed.
    """
    try:
        place = (root / camera / ".recorder").stat()
    except FileNotFoundError:
        return False
    try:
        held = locks.read_text()
    except OSError:
        return True  # Policy: rather too careful than into a recorder's way.
    name = f"{os.major(place.st_dev):02x}:{os.minor(place.st_dev):02x}:{place.st_ino}"
    return any("FLOCK" in line and name in line.split() for line in held.splitlines())
