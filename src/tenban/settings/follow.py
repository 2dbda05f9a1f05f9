"""Following the configuration file: each part looks once in a while and changes only what it concerns.

A part that starts while the file does not check runs with the newest revision that did: a hand edit that
went wrong must not stop the recording.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tenban.base.clock import Clock
from tenban.base.errors import BadInput, TenbanError
from tenban.base.log import get_log
from tenban.db import Database
from tenban.findings.settings import RulesSettings
from tenban.settings import queries
from tenban.settings.file import check, mistake_in, read_file, sha256_of, signature
from tenban.sites.config import load_sites
from tenban.sites.model import Sites

log = get_log(__name__)

LOOK_S = 0.5
"""How often the file is looked at: one stat."""


def text_to_run(path: Path, db: Database) -> tuple[str, str | None]:
    """Return the text to start with, and why that is not the file's; None where it is.

    Raises:
        BadInput: the file does not check, and no revision of it ever did.
    """
    held = read_file(path)
    why = mistake_in(held)
    if why is None:
        return held.text, None
    good = db.read_now(queries.newest_good)
    if good is None:
        load_sites(path)  # says what is wrong as ``tenban check-config`` does
        raise BadInput(str(path), expected="a file that checks", came=why.splitlines()[0])
    log.error("configuration does not check; an earlier revision runs", revision=good.n, why=why)
    return good.text, why


@dataclass(slots=True)
class Follower:
    """What one part runs with.

    Attributes:
        path: of the file.
        part: as it is called on screens and in ``settings_applied``.
        sha256: of what the part was given last.
    """

    path: Path
    part: str
    db: Database
    clock: Clock
    sha256: str = ""
    _seen: tuple[int, int, int] = field(default=(-1, -1, -1))
    _is_behind: bool = False

    def first(self) -> tuple[Sites, RulesSettings]:
        """Return what to start with.

        Raises:
            BadInput: the file does not check, and no revision of it ever did.
        """
        self._seen = signature(self.path)
        text, why = text_to_run(self.path, self.db)
        self.sha256 = sha256_of(text.encode())
        if why is not None:
            self.applied(why)
        return check(text)

    def changed(self) -> tuple[Sites, RulesSettings] | None:
        """Return what the file says now where that differs from what the part runs with, else None.

        A file that does not check changes nothing; why is written down for the settings page.
        """
        seen = signature(self.path)
        if seen == self._seen:
            return None
        self._seen = seen
        try:
            held = read_file(self.path)
        except TenbanError as error:
            # Policy: what cannot be read now is looked at again with the next change; the part goes on.
            log.warning("configuration cannot be read", why=str(error))
            return None
        if held.sha256 == self.sha256:
            if self._is_behind:
                self.applied()
            return None
        why = mistake_in(held)
        if why is not None:
            log.error("configuration does not check; the part goes on as it was", why=why)
            self.applied(why)
            return None
        self.sha256 = held.sha256
        return check(held.text)

    def applied(self, why: str | None = None) -> None:
        """Write down that the part runs with what it was given last."""
        self._is_behind = why is not None
        now_at = self.clock.now()
        self.db.writer.submit(
            lambda connection: queries.save_applied(connection, self.part, self.sha256, now_at, why)
        )
