"""What a try is, and what may become of it. Pure.

::

    checking ──► ready ──► waiting ──► counting ──► done
        │          ▲          └──cancel──┘│           │
        └► failed ─┴── retry ─────────────┴► failed   └─ other zones ─► waiting
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from tenban.base.clock import Instant
from tenban.base.errors import BadInput
from tenban.sites.zone import Zone

Told: TypeAlias = dict[str, str]
"""The same sentence in ja and en."""

MOST_ZONES = 24
MOST_ITEMS = 10_000
MOST_ATTEMPTS = 3
JOURNAL_BYTES = 1_000_000


class State(StrEnum):
    """Where a try stands."""

    CHECKING = "checking"
    READY = "ready"
    WAITING = "waiting"
    COUNTING = "counting"
    DONE = "done"
    FAILED = "failed"
    DELETED = "deleted"


AT_WORK = (State.CHECKING, State.WAITING, State.COUNTING)
"""States that the jobs process moves on."""


@dataclass(frozen=True, slots=True)
class Try:
    """One video, and what was asked and found about it; columns as in ``tries.tables``."""

    id: str
    shop: str | None
    owner: str
    owner_name: str
    state: State
    sample: str | None
    name: str
    size: int | None
    sha256: str | None
    video: dict[str, Any] | None
    zones: list[dict[str, Any]] | None
    registered: int | None
    journal: dict[str, Any] | None
    progress: float
    result: dict[str, Any] | None
    error: Told | None
    attempts: int
    lease_at: Instant | None
    created_at: Instant
    changed_at: Instant
    delete_at: Instant


def display_name(given: str) -> str:
    """Return a file's name as it may be shown: no folders, no control characters, at most 120 characters.

    The name is shown and nothing else; files on disk have names of our own.
    """
    plain = unicodedata.normalize("NFC", given).replace("\\", "/")
    last = PurePosixPath(plain).name if plain.strip("/") else ""
    # Cf holds what turns the direction of writing around and so disguises an extension.
    kept = "".join(one for one in last if unicodedata.category(one)[0] != "C").strip()
    return kept[:120] or "video"


def checked_zones(drawn: Sequence[Any]) -> list[dict[str, Any]]:
    """Return zones as they are kept, from untrusted JSON.

    Raises:
        BadInput: too many, one is wrong, or none to count into.
    """
    if len(drawn) > MOST_ZONES:
        raise BadInput("zones", expected=f"at most {MOST_ZONES} zones", came=len(drawn))
    zones = []
    for number, one in enumerate(drawn):
        where = f"zones[{number}]"
        if not isinstance(one, dict):
            raise BadInput(where, expected='{"role": …, "polygon": [[x, y], …]}', came=repr(one)[:80])
        zones.append(Zone.checked(one.get("role"), one.get("polygon"), where=where))
    if not {"bagging", "exit"} & {zone.role for zone in zones}:
        came = ", ".join(zone.role for zone in zones) or "no zone"
        raise BadInput("zones", expected='a zone with the role "bagging"', came=came)
    return [{"role": zone.role, "polygon": [list(point) for point in zone.polygon]} for zone in zones]
