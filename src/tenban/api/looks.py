"""What a look is at: which registers are on a picture, and when it was taken."""

from __future__ import annotations

from tenban.access.looks import Presence, Seen
from tenban.access.model import Actor
from tenban.access.staff_codes import held_by
from tenban.base.clock import Instant
from tenban.db import Connection
from tenban.incidents.model import Incident
from tenban.pos.shifts import shifts
from tenban.sites.model import Sites


def seen_of(sites: Sites, incident: Incident, blob: str) -> Seen:
    """Return what a still or clip of an incident shows."""
    ref = f"blob:{blob}"
    registers = sites.seen_with(incident.place)
    for cause in incident.causes:
        if cause.clip is not None and ref in {cause.clip.ref, cause.clip.masked}:
            return Seen(registers, cause.clip.start_at, cause.clip.end_at)
        for still in cause.evidence:
            if ref in {still.ref, still.crop}:
                return Seen(registers, still.captured_at, still.captured_at)
    # The operator's still is the best of the sale's: it says no time of its own.
    told = [cause.occurred_at for cause in incident.causes]
    told += [still.captured_at for cause in incident.causes for still in cause.evidence]
    return Seen(registers, min(told), max(told))


def presences_of(connection: Connection, actor: Actor) -> list[Presence]:
    """Return where and when a person was signed on at registers, by the codes they are known under there."""
    found: list[Presence] = []
    for held in held_by(connection, actor.id.removeprefix("person:")):
        until_at: Instant | None = held.ended_at
        for shift in shifts(connection, held.shop, held.code):
            from_at = max(shift.from_at, held.since_at)
            to_at = shift.to_at if until_at is None else min(shift.to_at, until_at)
            if from_at <= to_at:
                found.append(Presence(held.shop, shift.register, from_at, to_at))
    return found
