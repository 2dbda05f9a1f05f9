"""Bytes first, then the row: forces what was written to the disk before the index may say it is there.

The order is that of the invariants in ``design/footage.md``: the wrapped key of a new sealed file, the bytes,
the names of a new file and of its folders; the rows are committed after it. Each round forces the files of
all cameras that wrote since the last one, a few at a time: the file system then joins their journal commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tenban.base.clock import Clock
from tenban.base.log import get_log
from tenban.video.disk import Disk
from tenban.video.model import IndexBatch

_AT_ONCE = 4
LONGEST_S = 0.5
"""Rows wait no longer than this for the next round: a power cut costs it beside a fragment of a second."""
_SHARE = 4.0
"""The disk is left alone this many times as long as the last round took."""

log = get_log(__name__)


def wait_s(batch_s: float, took_s: float) -> float:
    """Return how long to wait before the next round: longer on a slow disk, never more than half a second."""
    return max(batch_s, min(LONGEST_S, took_s * _SHARE))


@dataclass(slots=True)
class Forcer:
    """Forces rounds to the disk; used by one thread.

    Attributes:
        root: the footage folder.
        clock: measures the rounds.
        on_failure: told why where a file could not be forced.
        rounds: rounds so far.
        files: files forced so far.
        failures: files that could not be forced.
        last_s: how long the last round took.
        longest_s: how long the longest took.
    """

    root: Path
    disk: Disk
    clock: Clock
    on_failure: Callable[[str], None] = lambda _why: None
    rounds: int = 0
    files: int = 0
    failures: int = 0
    last_s: float = 0.0
    longest_s: float = 0.0
    _folders: set[Path] = field(default_factory=set)
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="force")
    )

    def force(self, batch: IndexBatch) -> set[str]:
        """Force everything the facts of a batch name.

        Returns:
            The segments whose bytes are not known to be on the disk: their rows must not be written.
        """
        if not batch.written:
            return set()
        began_s = self.clock.monotonic_s()
        lost: set[str] = set()
        new = {one.id: one.path for one in batch.segments if one.id in batch.written}
        beside = {key.beside for key in batch.keys}
        paths = {segment: self.root / path for segment, path in batch.written.items()}
        refused = self._each(self.disk.force, [*beside, *paths.values()])
        lost |= {segment for segment, path in paths.items() if path in refused}
        folders = {(self.root / path).parent for segment, path in new.items() if segment not in lost}
        refused |= self._each(self.disk.force_folder, self._with_parents(folders))
        if refused:
            lost |= {segment for segment, path in new.items() if refused & set((self.root / path).parents)}
        self._folders |= folders - refused
        self.rounds += 1
        self.files += len(paths)
        self.last_s = self.clock.monotonic_s() - began_s
        self.longest_s = max(self.longest_s, self.last_s)
        return lost

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def _with_parents(self, folders: Iterable[Path]) -> list[Path]:
        """Return folders to force: those with new files, and above a day's folder that is new, all."""
        found = dict.fromkeys(folders)
        for one in list(found):
            if one not in self._folders:
                found |= dict.fromkeys([one.parent, self.root])
        return list(found)

    def _each(self, force: Callable[[Path], None], paths: list[Path]) -> set[Path]:
        def attempt(path: Path) -> tuple[Path, str | None]:
            try:
                force(path)
            except OSError as error:
                # Policy: what may not be there is not announced; the next start looks into the file.
                return path, error.strerror or type(error).__name__
            return path, None

        found = [attempt(paths[0])] if len(paths) == 1 else self._pool.map(attempt, paths)
        refused = {path: why for path, why in found if why is not None}
        for path, why in refused.items():
            self.failures += 1
            log.error("footage not forced", path=str(path), why=why)
            self.on_failure(why)
        return set(refused)
