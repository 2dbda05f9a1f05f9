"""What was, or would be, destroyed; and what is held. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenban.base.clock import Instant
from tenban.incidents.model import Incident

_BLOB = "blob:"


@dataclass(frozen=True, slots=True)
class Destroyed:
    """Things of one kind and shop that went together.

    Attributes:
        shop: empty where it is of no shop in particular.
        kind: a retention class, or ``orphans``: what nothing refers to; or ``person``.
        count: how many.
        size: bytes on the disk; 0 for rows of the database.
        from_at: when the oldest was made.
        to_at: when the newest was made.
        period_days: how long it was kept; None: destroyed on request.
        why: ``period``; ``room``: the disk would have been full; ``share``: the camera would have had more
            than its ``max_gb``; or the reason that was given.
    """

    shop: str
    kind: str
    count: int
    size: int
    from_at: Instant
    to_at: Instant
    period_days: int | None
    why: str = "period"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an incident's pictures and footage are kept beyond their period.

    Attributes:
        owner: who answers for it, in words: a person, an office, a case number.
        released_at: None while it is in force.
    """

    id: str
    shop: str
    incident: str
    owner: str
    reason: str
    placed_at: Instant
    placed_by: str
    placed_by_name: str
    released_at: Instant | None = None
    released_by: str | None = None
    released_by_name: str | None = None
    release_reason: str | None = None


def pictures_of(incidents: Sequence[Incident]) -> set[str]:
    """Return the names of all blobs these incidents show."""
    refs: list[str | None] = []
    for incident in incidents:
        refs.append(incident.operator_still)
        for cause in incident.causes:
            refs += [still.ref for still in cause.evidence] + [still.crop for still in cause.evidence]
            refs += [cause.clip.ref, cause.clip.masked, cause.clip.blurred] if cause.clip else []
    return {ref.removeprefix(_BLOB) for ref in refs if ref and ref.startswith(_BLOB)}
