"""The one door to the disk that footage is written through: what is written, and what is forced to stay."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


class Disk:
    """Writes, and forces to the disk. Tests put one in its place that loses what was not forced."""

    def create(self, path: Path, mode: int) -> int:
        """Make a file that does not exist yet and return its descriptor, open for writing."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)

    def write(self, file: int, parts: Sequence[bytes]) -> int:
        """Append parts with one gathering write; return how many bytes were taken."""
        return os.writev(file, parts)

    def truncate(self, path: Path, length: int) -> None:
        """Cut a file off."""
        os.truncate(path, length)

    def remove(self, path: Path) -> None:
        """Take a file away, where it is there."""
        path.unlink(missing_ok=True)

    def force(self, path: Path) -> None:
        """Return once all bytes of a file are on the disk; by name, so that it may be closed already.

        Raises:
            OSError: it is gone, or the disk could not keep it.
        """
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(file)
        finally:
            os.close(file)

    def force_folder(self, path: Path) -> None:
        """Return once the names in a folder are on the disk.

        Raises:
            OSError: as of :meth:`force`.
        """
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def boot_id(path: Path = Path("/proc/sys/kernel/random/boot_id")) -> str:
    """Return which start of the machine this is; empty where the system does not say."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""  # Policy: only comparisons of monotonic times across starts need it.


DISK = Disk()
"""The machine's own."""
