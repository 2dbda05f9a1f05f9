"""A revision of the configuration file, and what differs between two. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tenban.base.clock import Instant
from tenban.base.errors import BadInput, Conflict

RevisionKind = Literal["found", "page", "hand", "undo"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs between two revisions.

    Attributes:
        key: of the sentence that says it, see :mod:`tenban.settings.words`.
        values: that go into the sentence; never a secret.
        shop: the only shop it touches; None where it touches all.
    """

    key: str
    values: dict[str, Any] = field(default_factory=dict)
    shop: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the difference as it is stored."""
        return {"key": self.key, "values": self.values, "shop": self.shop}


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of the file.

    Attributes:
        kind: ``found`` at the first start, saved on a ``page``, edited by ``hand``, or put back (``undo``).
        what: how it differs from the one before.
        mistake: why it does not check; None where it does.
        written_at: when it was in the file; None while it is accepted and not there yet.
    """

    n: int
    at: Instant
    actor: str
    actor_name: str
    kind: RevisionKind
    what: tuple[Difference, ...]
    sha256: str
    base_sha256: str | None
    text: str
    mistake: str | None
    written_at: Instant | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake, told beside the field it is in.

    Attributes:
        field: of the change that was asked for; empty where the mistake stands elsewhere.
        where: the key in the file.
    """

    field: str
    where: str
    expected: str
    came: str


class SettingsRefused(BadInput):
    """A change that does not check."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        first = mistakes[0]
        super().__init__(first.field or first.where, expected=first.expected, came=first.came)
        self.mistakes = mistakes


class SettingsMoved(Conflict):
    """Somebody else changed the file since the form was read.

    Attributes:
        since: the revisions that came meanwhile, oldest first.
    """

    code = "settings_moved"

    def __init__(self, since: list[Revision]) -> None:
        super().__init__("expected the revision the form was read at, got a newer one")
        self.since = since
