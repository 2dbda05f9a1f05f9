"""A disk whose power can be cut at any step: what was not forced is lost, torn, or there after all."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tenban.video.disk import Disk
from tenban.video.model import IndexBatch
from tenban.video.queries import FootageIndex

PAGE = 4096


@dataclass(frozen=True)
class Step:
    """One thing that happened: create, write, force, folder, commit or packet."""

    kind: str
    path: str = ""
    data: bytes = b""
    batch: IndexBatch | None = None
    at: int = 0


@dataclass
class _File:
    data: bytearray = field(default_factory=bytearray)
    forced: int = 0
    named: bool = False


class JournalDisk(Disk):
    """The real disk, and a journal of what was asked of it, in order."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.steps: list[Step] = []
        self._names: dict[int, str] = {}
        self._lock = threading.Lock()

    def note(self, step: Step) -> None:
        with self._lock:
            self.steps.append(step)

    def create(self, path: Path, mode: int) -> int:
        file = super().create(path, mode)
        self._names[file] = self._name(path)
        self.note(Step("create", self._name(path)))
        return file

    def write(self, file: int, parts: Sequence[bytes]) -> int:
        written = super().write(file, parts)
        self.note(Step("write", self._names[file], b"".join(parts)[:written]))
        return written

    def force(self, path: Path) -> None:
        # What is written meanwhile need not be forced by this, so only what was there before counts.
        data = path.read_bytes()
        super().force(path)
        self.note(Step("force", self._name(path), data))

    def force_folder(self, path: Path) -> None:
        super().force_folder(path)
        self.note(Step("folder", self._name(path)))

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


class JournalIndex(FootageIndex):
    """The index, and its commits in the same journal."""

    def __init__(self, database: object, journal: JournalDisk) -> None:
        super().__init__(database)  # type: ignore[arg-type]
        self._journal = journal

    def add(self, batch: IndexBatch) -> None:
        super().add(batch)
        self._journal.note(Step("commit", batch=batch))


def cut_power(steps: Sequence[Step], folder: Path, chance: random.Random) -> IndexBatch:
    """Lay into a folder what a power cut after these steps leaves; return what the database had committed.

    What was forced is there. Of the rest any part may be: nothing, a beginning, or all but some pages,
    which read as zeros. The name of a file is there for certain only once its folder and those above it were.
    """
    files: dict[str, _File] = {}
    named: set[str] = set()
    committed = IndexBatch()
    for step in steps:
        if step.kind == "create":
            files[step.path] = _File()
        elif step.kind == "write":
            files[step.path].data += step.data
        elif step.kind == "force":
            one = files.setdefault(step.path, _File(bytearray(step.data)))
            one.forced = max(one.forced, len(step.data))
        elif step.kind == "folder":
            named |= _entries(step.path, files)
        elif step.kind == "commit":
            assert step.batch is not None
            committed.take(step.batch)
    for path, one in files.items():
        parts = path.split("/")
        is_named = all("/".join(parts[:count]) in named for count in range(1, len(parts) + 1))
        if not is_named and chance.random() < 0.5:
            continue
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(bytes(one.data[: one.forced]) + _torn(bytes(one.data), one.forced, chance))
    return committed


def _entries(folder: str, files: dict[str, _File]) -> set[str]:
    depth = 0 if folder == "." else folder.count("/") + 1
    inside = [path for path in files if folder == "." or path.startswith(f"{folder}/")]
    return {"/".join(path.split("/")[: depth + 1]) for path in inside}


def _torn(data: bytes, forced: int, chance: random.Random) -> bytes:
    rest = data[forced:]
    how = chance.randrange(4)
    if how == 0:
        return b""
    if how == 1:
        return rest
    if how == 2:
        return rest[: chance.randint(0, len(rest))]
    torn = bytearray(rest)
    for start in range(-forced % PAGE, len(torn), PAGE):
        if chance.random() < 0.4:
            torn[start : start + PAGE] = bytes(len(torn[start : start + PAGE]))
    return bytes(torn)
