"""Where finished packages lie: sealed, each under a key of its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tenban.base.errors import NotFound
from tenban.db.blobs import Blob
from tenban.db.sealing import PlainFile
from tenban.db.vault import Vault

_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


@dataclass(frozen=True, slots=True)
class PackageFiles:
    """The folder of packages: ``<case>/<package>.zip``, and ``work/`` while one is made.

    Attributes:
        vault: seals them; None keeps them as they are.
    """

    folder: Path
    vault: Vault | None = None

    def put(self, case_id: str, package_id: str, parts: Iterator[bytes], size: int) -> None:
        """Keep a package, which is there whole and durable or not at all."""
        path = self._place(case_id, package_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Left by a killed process; its key, if there is one, gives way to the new one.
        for old in (path, path.with_name(f"{path.name}.part")):
            old.unlink(missing_ok=True)
        if self.vault is not None:
            self.vault.destroy([_name(case_id, package_id)])
            self.vault.seal(path, _name(case_id, package_id), parts, size)
            return
        partial = path.with_name(f"{path.name}.part")
        with partial.open("wb") as file:
            for part in parts:
                file.write(part)
        partial.replace(path)

    def open(self, case_id: str, package_id: str) -> Blob:
        """Return a package to read.

        Raises:
            Gone: it is not kept (any more).
            Damaged: it is not as it was sealed.
        """
        path, name = self._place(case_id, package_id), _name(case_id, package_id)
        sealed = None if self.vault is None else self.vault.open(path, name)
        return sealed or PlainFile(path, name)

    def remove(self, case_id: str, package_id: str) -> None:
        """Destroy a package, its key first."""
        path = self._place(case_id, package_id)
        if self.vault is not None:
            self.vault.destroy([_name(case_id, package_id)])
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()

    def work(self, package_id: str) -> Path:
        """Return a fresh folder for what is made on the way."""
        self.clear(package_id)
        folder = self._work(package_id)
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def clear(self, package_id: str) -> None:
        """Take the work folder away."""
        shutil.rmtree(self._work(package_id), ignore_errors=True)

    def sweep(self, kept: Collection[str]) -> int:
        """Destroy packages that are not kept, and what a killed process left; return how many went."""
        gone = 0
        for path in self.folder.glob("*/*.zip"):
            if path.stem not in kept and _ID.match(path.stem) and _ID.match(path.parent.name):
                self.remove(path.parent.name, path.stem)
                gone += 1
        for path in self.folder.glob("work/*"):
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)
        return gone

    def _place(self, case_id: str, package_id: str) -> Path:
        return self.folder / _checked(case_id) / f"{_checked(package_id)}.zip"

    def _work(self, package_id: str) -> Path:
        return self.folder / "work" / _checked(package_id)


def _checked(its_id: str) -> str:
    if not _ID.match(its_id):
        raise NotFound(f"there is no package {its_id[:40]!r}")
    return its_id


def _name(case_id: str, package_id: str) -> str:
    return f"cases/{case_id}/{package_id}"
