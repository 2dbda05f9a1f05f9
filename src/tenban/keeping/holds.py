"""Legal holds: an incident's pictures and footage are kept beyond their periods, and by whom and why."""

from __future__ import annotations

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Instant, seconds
from tenban.base.errors import BadInput, Conflict, NotFound
from tenban.base.ids import new_id
from tenban.base.span import Span
from tenban.incidents import engine
from tenban.incidents.model import Incident
from tenban.keeping import queries
from tenban.keeping.model import Hold
from tenban.sites.model import Sites

AROUND_S = 120
"""Footage from this long before an incident's first cause to this long after its last is held along."""


def place(
    connection: Connection,
    actor: Actor,
    at: Instant,
    sites: Sites,
    incident_id: str,
    *,
    owner: str,
    reason: str,
) -> Hold:
    """Hold an incident: nothing of it is destroyed until this and every other hold on it is released.

    Args:
        connection: of the transaction.
        actor: who holds it.
        at: now.
        sites: tell which cameras saw it.
        incident_id: which.
        owner: who answers for the hold: a person, an office, a case number.
        reason: why.

    Raises:
        NotFound: there is no such incident, or it is another shop's.
        BadInput: no owner or no reason.
        Conflict: its pictures were destroyed already.
    """
    incident = engine.get(connection, actor, incident_id, Function.HOLDS_MANAGE)
    owner, reason = _said("owner", owner, 100), _said("reason", reason, 500)
    if queries.pictures_gone(connection, incident.id) is not None:
        raise Conflict(f"incident {incident.id}: expected pictures to hold, got none: they were destroyed")
    hold = Hold(new_id(at), incident.shop, incident.id, owner, reason, at, actor.id, actor.name[:100])
    queries.add_hold(connection, hold)
    span = footage_of(incident)
    cameras = _cameras(sites, incident)
    queries.lock_footage(connection, f"hold:{hold.id}", cameras, span.start_at, span.end_at)
    # Who answers for it is said in words that may name a person: those stand in the hold, not in the chain.
    told = {"hold": hold.id, "cameras": sorted(cameras)}
    write_down(connection, AuditEvent.HOLD_PLACED, actor, at, incident.id, shop=hold.shop, **told)
    return hold


def release(connection: Connection, actor: Actor, at: Instant, hold_id: str, *, reason: str) -> Hold:
    """Release a hold; what is past its period goes with the next run.

    Raises:
        NotFound: there is no such hold, or it is another shop's.
        StepUpNeeded: the actor has to show once more who it is.
        BadInput: no reason.
        Conflict: it was released before.
    """
    actor.must(Function.HOLDS_MANAGE)
    known = queries.hold_by_id(connection, hold_id)
    if known is None or not actor.reaches(known.shop):
        raise NotFound(f"there is no hold {hold_id[:40]!r}")
    actor.must_prove(Function.HOLDS_MANAGE)
    columns = {
        "released_at": at,
        "released_by": actor.id,
        "released_by_name": actor.name[:100],
        "release_reason": _said("reason", reason, 500),
    }
    if not queries.release(connection, hold_id, **columns):
        raise Conflict(f"hold {hold_id}: expected one in force, got one that was released")
    queries.unlock_footage(connection, f"hold:{hold_id}")
    write_down(connection, AuditEvent.HOLD_RELEASED, actor, at, known.incident, shop=known.shop, hold=hold_id)
    found = queries.hold_by_id(connection, hold_id)
    assert found is not None, "released in this transaction"  # noqa: S101
    return found


def in_force(connection: Connection, actor: Actor, shop: str | None = None) -> list[Hold]:
    """Return what is held now, longest first, of the shops the actor may see."""
    actor.must(Function.HOLDS_MANAGE, shop=shop)
    return queries.holds_in_force(connection, actor.shops if shop is None else {shop})


def of_incident(connection: Connection, actor: Actor, incident_id: str) -> list[Hold]:
    """Return an incident's holds, released ones too, newest first."""
    engine.get(connection, actor, incident_id, Function.HOLDS_MANAGE)
    return queries.holds_of(connection, incident_id)


def footage_of(incident: Incident) -> Span:
    """Return the footage that belongs to an incident: its clips, and what was around its causes."""
    times = [cause.occurred_at for cause in incident.causes] or [incident.occurred_at]
    clips = [cause.clip for cause in incident.causes if cause.clip is not None]
    start_at = min([*times, *(clip.start_at for clip in clips)]) - seconds(AROUND_S)
    end_at = max([*times, *(clip.end_at for clip in clips)]) + seconds(AROUND_S)
    return Span(start_at, end_at)


def _cameras(sites: Sites, incident: Incident) -> set[str]:
    try:
        register = sites.register(incident.place)
    except NotFound:
        return set()  # Policy: the register is gone from the file; its pictures are held all the same.
    return {sites.camera(view.camera).source for view in register.views}


def _said(field: str, text: str, most: int) -> str:
    text = text.strip()
    if not 1 <= len(text) <= most:
        raise BadInput(field, expected=f"1 to {most} characters", came=f"{len(text)}")
    return text
