"""A full disk, foreseen."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from tenban.base.clock import Clock

_MIB = 1 << 20


def free_bytes(folder: Path) -> int:
    """Return how many bytes an ordinary process may still write on the folder's disk."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


class DiskGuard:
    """Says whether footage may be written; shared by all cameras of a process.

    Recording pauses below the limit and resumes only with half as much again free, so that it does not
    flutter while retention makes room.

    Args:
        folder: somewhere on the disk; must exist.
        min_free_mib: the limit.
        clock: the disk is asked at most once per second.
        free: asks the disk.
        is_all_held: asks whether nothing that is recorded may be destroyed; asked once a second while full.
    """

    def __init__(
        self,
        folder: Path,
        *,
        min_free_mib: float,
        clock: Clock,
        free: Callable[[Path], int] = free_bytes,
        is_all_held: Callable[[], bool] = lambda: False,
    ) -> None:
        self._folder = folder
        self._limit = round(min_free_mib * _MIB)
        self._clock = clock
        self._free = free
        self._is_all_held = is_all_held
        self._held = False
        self._asked_s = float("-inf")
        self._is_full = False
        self._left = 0
        self._refused: str | None = None
        self._lock = threading.Lock()

    def why_not(self) -> str | None:
        """Return why nothing may be written, for people, or None."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            if now_s - self._asked_s >= 1.0:
                self._asked_s = now_s
                self._left = self._free(self._folder)
                self._is_full = self._left < self._limit * (1.5 if self._is_full else 1)
                self._refused = None
                self._held = self._is_full and self._is_all_held()
            if not self._is_full:
                return None
            if self._refused is not None:
                return self._refused
            return (
                f"the disk is full: {self._left // _MIB} MiB are free, "
                f"recording goes on with {self._limit * 3 // 2 // _MIB} MiB"
                + ("; what is left is held and not deleted" if self._held else "")
            )

    def was_refused(self, why: str | None = None, *, wait_s: float = 0.0) -> None:
        """Take note that a write failed although there seemed to be room.

        Args:
            why: what the disk said, where it said something else than that it is full.
            wait_s: leave it alone for so much longer.
        """
        with self._lock:
            self._is_full = True
            self._refused = None if why is None else f"the disk does not keep what is written: {why}"
            self._asked_s = self._clock.monotonic_s() + wait_s
            self._left = self._free(self._folder)
