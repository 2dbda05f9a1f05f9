"""All SQL of incidents."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.access.model import Actor
from tenban.base.clock import Instant
from tenban.incidents.model import Cause, Incident, Outcome, State
from tenban.incidents.tables import incident_history, incidents


def add(connection: Connection, incident: Incident) -> None:
    """Insert an incident."""
    connection.execute(incidents.insert().values(**_columns(incident)))


def save(connection: Connection, incident: Incident) -> None:
    """Write an incident's present form."""
    connection.execute(incidents.update().where(incidents.c.id == incident.id).values(**_columns(incident)))


def by_id(connection: Connection, incident_id: str) -> Incident | None:
    """Return an incident; locked for update where the database has row locks."""
    query = sa.select(incidents).where(incidents.c.id == incident_id).with_for_update()
    return _one(connection.execute(query).mappings().first())


def by_fold_key(connection: Connection, fold_key: str) -> Incident | None:
    """Return the incident that repeats are folded into; locked as above."""
    query = sa.select(incidents).where(incidents.c.fold_key == fold_key).with_for_update()
    return _one(connection.execute(query).mappings().first())


def opened_since(connection: Connection, actor: Actor, since_at: Instant, limit: int) -> list[Incident]:
    """Return the actor's incidents opened since then, newest first."""
    query = (
        sa.select(incidents)
        .where(incidents.c.opened_at >= since_at)
        .order_by(incidents.c.opened_at.desc(), incidents.c.id.desc())
        .limit(limit)
    )
    if actor.shop is not None:
        query = query.where(incidents.c.shop == actor.shop)
    if actor.groups:
        query = query.where(sa.or_(incidents.c.group.is_(None), incidents.c.group.in_(actor.groups)))
    return [_incident(row) for row in connection.execute(query).mappings()]


def outcomes(connection: Connection, actor: Actor) -> list[tuple[str, str, str, int]]:
    """Return (kind, place, outcome, count) of all labelled incidents the actor may see."""
    query = (
        sa.select(incidents.c.kind, incidents.c.place, incidents.c.outcome, sa.func.count())
        .where(incidents.c.outcome.is_not(None))
        .group_by(incidents.c.kind, incidents.c.place, incidents.c.outcome)
    )
    if actor.shop is not None:
        query = query.where(incidents.c.shop == actor.shop)
    return [(kind, place, outcome, count) for kind, place, outcome, count in connection.execute(query)]


def labels(
    connection: Connection, actor: Actor, since_at: Instant, until_at: Instant
) -> list[tuple[str, str, str, str | None, int]]:
    """Return (kind, place, state, outcome, count) of the incidents opened in ``[since_at, until_at)``."""
    query = (
        sa.select(
            incidents.c.kind, incidents.c.place, incidents.c.state, incidents.c.outcome, sa.func.count()
        )
        .where(incidents.c.opened_at >= since_at, incidents.c.opened_at < until_at)
        .group_by(incidents.c.kind, incidents.c.place, incidents.c.state, incidents.c.outcome)
    )
    if actor.shop is not None:
        query = query.where(incidents.c.shop == actor.shop)
    if actor.groups:
        query = query.where(sa.or_(incidents.c.group.is_(None), incidents.c.group.in_(actor.groups)))
    return [tuple(row) for row in connection.execute(query)]


def add_history(connection: Connection, **columns: Any) -> None:
    """Append to an incident's history."""
    connection.execute(incident_history.insert().values(**columns))


def history(connection: Connection, incident_id: str) -> list[RowMapping]:
    """Return an incident's history, oldest first."""
    query = (
        sa.select(incident_history)
        .where(incident_history.c.incident == incident_id)
        .order_by(incident_history.c.n)
    )
    return list(connection.execute(query).mappings())


def _columns(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "shop": incident.shop,
        "group": incident.group,
        "kind": incident.kind,
        "place": incident.place,
        "about": incident.about,
        "fold_key": incident.fold_key,
        "state": incident.state.value,
        "outcome": incident.outcome.value if incident.outcome else None,
        "reason": incident.reason,
        "owner": incident.owner,
        "owner_name": incident.owner_name,
        "occurred_at": incident.occurred_at,
        "opened_at": incident.opened_at,
        "changed_at": incident.changed_at,
        "causes": [cause.as_json() for cause in incident.causes],
        "operator_still": incident.operator_still,
    }


def _one(row: RowMapping | None) -> Incident | None:
    return None if row is None else _incident(row)


def _incident(row: RowMapping) -> Incident:
    columns: dict[str, Any] = dict(row)
    columns["state"] = State(columns["state"])
    columns["outcome"] = Outcome(columns["outcome"]) if columns["outcome"] else None
    columns["causes"] = tuple(Cause.from_json(cause) for cause in columns["causes"])
    return Incident(**columns)
