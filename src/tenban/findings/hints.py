"""The clip that goes with a hint: for the register that was asked, while the hint is about its sale."""

from __future__ import annotations

from sqlalchemy import Connection

from tenban.access.model import Actor
from tenban.base.clock import Instant
from tenban.base.errors import NotFound
from tenban.findings import queries
from tenban.incidents import queries as incident_queries
from tenban.incidents.model import Clip, Incident
from tenban.pos.link import shown_to
from tenban.pos.queries import last_event_of

FOLLOWS = "follows"
"""What a hint's ``clip`` says: there will be one, to be asked for by the hint's command."""


def hint_clip(connection: Connection, actor: Actor, register: str, command_id: str, now_at: Instant) -> Clip:
    """Return the clip of a hint that the register shows, ready or not.

    Raises:
        Forbidden: somebody else asks.
        NotFound: the hint has none, is long over, was withdrawn, or another shopper has begun.
    """
    body = shown_to(connection, actor, register, command_id, now_at)
    none = NotFound(f"hint {command_id[:40]!r} has no clip")
    if body.get("clip") != FOLLOWS:
        raise none
    finding = queries.standing(connection, str(body.get("about")))
    if finding is None or finding["register"] != register:
        raise none
    last = last_event_of(connection, register, in_a_sale=True)
    if last is not None and last.sale != finding["sale"]:
        raise none
    incident = incident_queries.by_fold_key(connection, str(finding["fold"]))
    causes = () if incident is None else incident.causes
    clip = next((cause.clip for cause in causes if cause.key == finding["key"]), None)
    if clip is None:
        raise none
    return clip


def hint_incident(connection: Connection, about: str, register: str) -> Incident | None:
    """Return the incident that a register's hint is about; None where there is none (yet)."""
    finding = queries.standing(connection, about)
    if finding is None or finding["register"] != register:
        return None
    return incident_queries.by_fold_key(connection, str(finding["fold"]))
