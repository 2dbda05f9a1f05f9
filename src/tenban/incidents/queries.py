"""All SQL of incidents."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.base.span import Span
from tenban.incidents.model import Cause, Incident, Outcome, State
from tenban.incidents.tables import incident_history, incidents, place_keepers


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


def opened_since(
    connection: Connection, actor: Actor, since_at: Instant, limit: int, place: str | None = None
) -> list[Incident]:
    """Return the actor's incidents opened since then, newest first; only those of one place if given."""
    query = (
        sa.select(incidents)
        .where(incidents.c.opened_at >= since_at)
        .order_by(incidents.c.opened_at.desc(), incidents.c.id.desc())
        .limit(limit)
    )
    if place is not None:
        query = query.where(incidents.c.place == place)
    return [_incident(row) for row in connection.execute(_theirs(query, actor)).mappings()]


def occurred_in(
    connection: Connection, actor: Actor, span: Span, places: Collection[str], limit: int
) -> list[Incident]:
    """Return the actor's incidents of some places that occurred in a span, oldest first."""
    query = (
        sa.select(incidents)
        .where(incidents.c.place.in_(places))
        .where(incidents.c.occurred_at >= span.start_at, incidents.c.occurred_at < span.end_at)
        .order_by(incidents.c.occurred_at, incidents.c.id)
        .limit(limit)
    )
    return [_incident(row) for row in connection.execute(_theirs(query, actor)).mappings()]


def _theirs(query: sa.Select[Any], actor: Actor) -> sa.Select[Any]:
    """Leave out the incidents of other shops and of other groups than the actor's."""
    if actor.shops is not None:
        query = query.where(incidents.c.shop.in_(actor.shops))
    if actor.groups:
        # What was handed over or passed on to somebody is theirs, whichever group it came from.
        theirs = [
            incidents.c.group.is_(None),
            incidents.c.group.in_(actor.groups),
            incidents.c.owner == actor.id,
        ]
        if actor.may(Function.INCIDENTS_OVERSEE):
            theirs.append(incidents.c.passed_on_at.is_not(None))
        query = query.where(sa.or_(*theirs))
    return query


def due_to_go_on(connection: Connection, now_at: Instant, limit: int) -> list[Incident]:
    """Return the incidents whose time to be answered has run out, longest waiting first; locked as above."""
    query = (
        sa.select(incidents)
        .where(incidents.c.pass_on_due_at <= now_at)
        .order_by(incidents.c.pass_on_due_at, incidents.c.id)
        .limit(limit)
        .with_for_update()
    )
    return [_incident(row) for row in connection.execute(query).mappings()]


def next_due_at(connection: Connection) -> Instant | None:
    """Return when the next incident goes on unless somebody answers; None: none waits."""
    found: Instant | None = connection.execute(
        sa.select(sa.func.min(incidents.c.pass_on_due_at))
    ).scalar_one()
    return found


def open_of_owner(connection: Connection, owner: str) -> list[Incident]:
    """Return the unsettled incidents somebody has, oldest first; locked as above."""
    open_states = [State.UNCONFIRMED.value, State.CONFIRMED.value, State.PENDING.value]
    query = (
        sa.select(incidents)
        .where(incidents.c.owner == owner, incidents.c.state.in_(open_states))
        .order_by(incidents.c.opened_at, incidents.c.id)
        .with_for_update()
    )
    return [_incident(row) for row in connection.execute(query).mappings()]


def from_rows(rows: Iterable[RowMapping]) -> list[Incident]:
    """Return the incidents that rows of the table hold."""
    return [_incident(row) for row in rows]


def keepers(connection: Connection, shops: Collection[str] | None) -> list[RowMapping]:
    """Return who looks after which place of some shops, or of all where None is given."""
    query = sa.select(place_keepers)
    if shops is not None:
        query = query.where(place_keepers.c.shop.in_(shops))
    return list(connection.execute(query).mappings())


def set_keeper(connection: Connection, place: str, **columns: Any) -> None:
    """Say who looks after a place; whoever did before does no longer."""
    connection.execute(place_keepers.delete().where(place_keepers.c.place == place))
    connection.execute(place_keepers.insert().values(place=place, **columns))


def drop_keeper(connection: Connection, place: str) -> None:
    """Say that nobody looks after a place in particular."""
    connection.execute(place_keepers.delete().where(place_keepers.c.place == place))


def outcomes(connection: Connection, actor: Actor) -> list[tuple[str, str, str, int]]:
    """Return (kind, place, outcome, count) of all labelled incidents the actor may see."""
    query = (
        sa.select(incidents.c.kind, incidents.c.place, incidents.c.outcome, sa.func.count())
        .where(incidents.c.outcome.is_not(None))
        .group_by(incidents.c.kind, incidents.c.place, incidents.c.outcome)
    )
    if actor.shops is not None:
        query = query.where(incidents.c.shop.in_(actor.shops))
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
    if actor.shops is not None:
        query = query.where(incidents.c.shop.in_(actor.shops))
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
        "pass_on_ms": incident.pass_on_ms,
        "pass_on_due_at": incident.pass_on_due_at,
        "passed_on_at": incident.passed_on_at,
    }


def _one(row: RowMapping | None) -> Incident | None:
    return None if row is None else _incident(row)


def _incident(row: RowMapping) -> Incident:
    columns: dict[str, Any] = dict(row)
    columns["state"] = State(columns["state"])
    columns["outcome"] = Outcome(columns["outcome"]) if columns["outcome"] else None
    columns["causes"] = tuple(Cause.from_json(cause) for cause in columns["causes"])
    return Incident(**columns)
