"""What a case is: its states, what it holds, the packages made of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tenban.base.clock import Instant
from tenban.base.span import Span


class State(StrEnum):
    """Where a case stands; a sealed one is never changed again."""

    OPEN = "open"
    SEALED = "sealed"
    DELETED = "deleted"


class Form(StrEnum):
    """What a package shows: footage as recorded, or pictures with blurred parts and nothing below them."""

    ORIGINAL = "original"
    BLURRED = "blurred"


class PackageState(StrEnum):
    """Where a package stands; one that is being made waits with a lease."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Case:
    """A named folder of evidence.

    Attributes:
        reference: year and number within the shop, such as ``2026-0003``.
    """

    id: str
    shop: str
    reference: str
    title: str
    state: State
    opened_at: Instant
    opened_by: str
    opened_by_name: str
    changed_at: Instant
    sealed_at: Instant | None = None
    sealed_by: str | None = None
    sealed_by_name: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a case, by reference.

    Attributes:
        kind: ``incident``, ``sale``, ``footage`` or ``note``.
        incident: its id.
        register: where the incident or the sale was.
        sale: its number at that register.
        cameras: whose footage of the span belongs to it; named views of a fisheye camera are among them.
        start_at: of the footage.
        text: of a note.
    """

    id: str
    case_id: str
    kind: str
    incident: str | None
    register: str | None
    sale: str | None
    cameras: tuple[str, ...]
    start_at: Instant | None
    end_at: Instant | None
    text: str | None
    added_at: Instant
    added_by: str
    added_by_name: str

    @property
    def span(self) -> Span | None:
        """The span of its footage; None where none belongs to it."""
        return None if self.start_at is None or self.end_at is None else Span(self.start_at, self.end_at)


@dataclass(frozen=True, slots=True)
class Package:
    """One file with everything of a sealed case, made to be given away.

    Attributes:
        number: counts a case's packages from 1.
        sound: what was heard is in it, too; only in the original form.
        progress: 0–1.
        why: what went wrong, in ja and en.
        lease_at: somebody makes it, and has it until then.
        ordered_n: number of the audit log's row that ordered it, with its ``ordered_hash``.
    """

    id: str
    case_id: str
    number: int
    state: PackageState
    form: Form
    side_by_side: bool
    purpose: str
    receiver: str
    progress: float
    why: dict[str, str] | None
    attempts: int
    lease_at: Instant | None
    size: int | None
    sha256: str | None
    manifest_sha256: str | None
    files: int | None
    ordered_n: int
    ordered_hash: str
    ordered_at: Instant
    ordered_by: str
    ordered_by_name: str
    made_at: Instant | None
    sound: bool = False


def lock_name(case_id: str, item_id: str) -> str:
    """Return what footage is held for, as its locks say."""
    return f"case:{case_id}:{item_id}"
