"""All SQL of observations and of which lanes are watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.base.clock import Instant
from tenban.base.ids import new_id
from tenban.base.span import Span
from tenban.vision.model import Observation
from tenban.vision.tables import lane_watch, observations


@dataclass(frozen=True, slots=True)
class KeptObservation:
    """An observation as it was written down.

    Attributes:
        n: its number in the log, in the order of commit.
        register: the lane it belongs to.
        received_at: when it was written.
    """

    n: int
    id: str
    register: str
    received_at: Instant
    seen: Observation


@dataclass(frozen=True, slots=True)
class LaneWatch:
    """Whether one register is being watched, and why not."""

    register: str
    watched: bool
    why: dict[str, str] | None
    since_at: Instant
    beat_at: Instant
    frames_seen: int = 0
    frames_skipped: int = 0


def add_observations(
    connection: Connection, register: str, seen: Sequence[Observation], received_at: Instant
) -> None:
    """Append observations of one lane."""
    if not seen:
        return
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(received_at),
            "register": register,
            "camera": one.camera,
            "kind": one.kind,
            "at": one.at,
            "proven_at": one.proven_at,
            "received_at": received_at,
            "body": asdict(one),
        }
        for one in seen
    ]
    connection.execute(observations.insert(), rows)


def observations_since(connection: Connection, n: int, *, limit: int = 1_000) -> list[KeptObservation]:
    """Return the observations after a log number, in the order of commit."""
    query = sa.select(observations).where(observations.c.n > n).order_by(observations.c.n).limit(limit)
    return _kept(connection, query)


def moves_seen(connection: Connection, register: str, span: Span) -> list[tuple[Instant, Instant]]:
    """Return when items left the basket of a register and entered the bag, in a span."""
    query = (
        sa.select(observations.c.body)
        .where(observations.c.register == register, observations.c.kind == "item_moved")
        .where(observations.c.at >= span.start_at, observations.c.at < span.end_at)
        .order_by(observations.c.at)
    )
    return [(body["started_at"], body["at"]) for body in connection.execute(query).scalars()]


def last_number(connection: Connection) -> int:
    """Return the number of the newest observation; 0 where there is none."""
    return int(connection.execute(sa.select(sa.func.max(observations.c.n))).scalar() or 0)


def first_number_from(connection: Connection, received_at: Instant) -> int:
    """Return the number before the first observation written at or after an instant."""
    query = sa.select(sa.func.max(observations.c.n)).where(observations.c.received_at < received_at)
    return int(connection.execute(query).scalar() or 0)


def save_lane_watch(connection: Connection, lanes: Sequence[LaneWatch]) -> None:
    """Write the present state of lanes."""
    for lane in lanes:
        values = asdict(lane)
        changed = connection.execute(
            lane_watch.update().where(lane_watch.c.register == lane.register).values(**values)
        )
        if changed.rowcount == 0:
            connection.execute(lane_watch.insert().values(**values))


def lane_watches(connection: Connection) -> dict[str, LaneWatch]:
    """Return the last known state of every lane."""
    return {row["register"]: LaneWatch(**row) for row in connection.execute(sa.select(lane_watch)).mappings()}


def _kept(connection: Connection, query: sa.Select[Any]) -> list[KeptObservation]:
    return [
        KeptObservation(row["n"], row["id"], row["register"], row["received_at"], _seen(row["body"]))
        for row in connection.execute(query).mappings()
    ]


def _seen(body: dict[str, Any]) -> Observation:
    for name in ("box", "left_box"):
        if body.get(name) is not None:
            body[name] = tuple(body[name])
    return Observation(**body)
