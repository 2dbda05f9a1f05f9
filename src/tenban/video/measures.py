"""All SQL about how streams do, and about what a camera's footage takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.base.clock import SECOND, Instant
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.health import Measured
from tenban.video.queries import latest_state
from tenban.video.tables import camera_health, camera_states, fragments, segments

HOUR_US = 3600 * SECOND
DAY_US = 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class CameraNow:
    """What is known of one camera at the moment.

    Attributes:
        state: what it is doing; None where it was never recorded.
        streams: what was measured last of its large stream, and of its small one, by their ids.
        hour_kbit_s: what the last hour's footage took a second; None where there is none.
        losses: how often it was lost in the last day.
        newest_at: when its last footage ended; None where there is none.
    """

    state: CameraState | None
    streams: dict[str, Measured]
    hour_kbit_s: float | None
    losses: int
    newest_at: Instant | None


@dataclass(frozen=True, slots=True)
class FileKept:
    """One file of footage: when it began, its bytes, and its length (None while it is written)."""

    started_at: Instant
    length: int
    span_us: int | None


def save_measured(connection: Connection, measured: Sequence[Measured]) -> None:
    """Write how streams do over what was written before."""
    if not measured:
        return
    connection.execute(
        sa.delete(camera_health).where(camera_health.c.stream.in_([one.stream for one in measured]))
    )
    connection.execute(camera_health.insert(), [one.as_row() for one in measured])


def measured(connection: Connection, streams: Sequence[str]) -> dict[str, Measured]:
    """Return what was measured last, of those streams that were ever measured."""
    rows = connection.execute(sa.select(*camera_health.c).where(camera_health.c.stream.in_(streams))).all()
    return {row.stream: Measured(*row) for row in rows}


def camera_now(connection: Connection, camera: str, streams: Sequence[str], now_at: Instant) -> CameraNow:
    """Return what is known of a camera.

    Args:
        connection: to the database.
        camera: its id.
        streams: the ids of its streams.
        now_at: the present.
    """
    of_hour = connection.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(fragments.c.length), 0),
            sa.func.coalesce(sa.func.sum(fragments.c.end_at - fragments.c.start_at), 0),
        ).where(fragments.c.camera == camera, fragments.c.start_at >= now_at - HOUR_US)
    ).one()
    losses = connection.scalar(
        sa.select(sa.func.count())
        .select_from(camera_states)
        .where(camera_states.c.camera == camera, camera_states.c.state == CameraStatus.LOST.value)
        .where(camera_states.c.since_at >= now_at - DAY_US)
    )
    newest = (
        sa.select(fragments.c.end_at)
        .where(fragments.c.camera == camera)
        .order_by(fragments.c.start_at.desc())
        .limit(1)
    )
    kbit_s = round(int(of_hour[0]) * 8_000 / int(of_hour[1]), 1) if of_hour[1] else None
    return CameraNow(
        latest_state(connection, camera),
        measured(connection, streams),
        kbit_s,
        int(losses or 0),
        connection.scalar(newest),
    )


def files_kept(connection: Connection, camera: str) -> list[FileKept]:
    """Return the files of a camera's footage, oldest first; a file's last fragment says how long it is."""
    last = (
        sa.select(fragments.c.offset + fragments.c.length)
        .where(fragments.c.segment == segments.c.id)
        .order_by(fragments.c.offset.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        sa.select(segments.c.started_at, last, segments.c.ended_at - segments.c.started_at)
        .where(segments.c.camera == camera)
        .order_by(segments.c.started_at)
    )
    return [FileKept(row[0], int(row[1] or 0), row[2]) for row in rows]
