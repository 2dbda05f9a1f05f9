"""Destroying on request, before a period is over."""

from __future__ import annotations

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.base.errors import BadInput, Conflict
from tenban.base.ids import new_id
from tenban.cases import queries as case_queries
from tenban.db import queries as key_queries
from tenban.incidents import engine
from tenban.keeping import queries
from tenban.keeping.model import Destroyed, pictures_of
from tenban.keeping.sweep import report
from tenban.video.orders import has_pending


def erase_pictures(
    connection: Connection, actor: Actor, at: Instant, incident_id: str, *, reason: str
) -> list[str]:
    """Destroy an incident's stills and clips for good; what was written of it stays.

    Their keys go in this transaction; the caller deletes the files of the names returned once it is durable.
    Footage of the time goes when its period is over: it shows others too.

    Raises:
        NotFound: there is no such incident, or it is another shop's.
        StepUpNeeded: the actor has to show once more who it is.
        BadInput: no reason.
        Conflict: it is held, has no pictures any more, or its clip is still being cut.
    """
    incident = engine.get(connection, actor, incident_id, Function.PERSONAL_ERASE)
    actor.must_prove(Function.PERSONAL_ERASE)
    reason = reason.strip()
    if not 1 <= len(reason) <= 500:
        raise BadInput("reason", expected="1 to 500 characters", came=f"{len(reason)}")
    held = [hold for hold in queries.holds_of(connection, incident.id) if hold.released_at is None]
    if held:
        raise _refused(incident.id, "one that nobody holds", f"one held by {held[0].owner}")
    contained = case_queries.cases_of_incident(connection, incident.id)
    if contained:
        raise _refused(incident.id, "one that is in no case", f"one in case {contained[0].reference}")
    if queries.pictures_gone(connection, incident.id) is not None:
        raise _refused(incident.id, "pictures", "none: they were destroyed")
    if any(cause.clip is not None and cause.clip.state == "pending" for cause in incident.causes):
        raise _refused(incident.id, "a clip that is cut", "one still being cut; try again in a minute")
    if has_pending(connection, incident.id):
        raise _refused(incident.id, "pictures that are whole", "some still being made; try again in a minute")
    names = sorted(pictures_of([incident]))
    gone = key_queries.drop_keys(connection, names)
    queries.mark_pictures_gone(connection, [incident.id], at, "erased")
    size = sum(size for _, size in gone)
    opened_at = incident.opened_at
    told = Destroyed(incident.shop, "pictures", len(names), size, opened_at, opened_at, None, reason)
    report(connection, actor, at, new_id(at), told)
    write_down(
        connection, AuditEvent.PICTURES_ERASED, actor, at, incident.id, shop=incident.shop, count=len(names)
    )
    engine.record(connection, actor, at, incident, "pictures_erased", {"reason": reason})
    return names


def _refused(incident_id: str, expected: str, came: str) -> Conflict:
    return Conflict(f"incident {incident_id}: expected {expected}, got {came}")
