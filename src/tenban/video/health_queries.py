"""All SQL about how streams do, and about what a camera's footage takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.base.clock import SECOND, Instant
from tenban.video.health import Measured
from tenban.video.tables import camera_health, fragments


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a camera lies on the disk.

    Attributes:
        days: of each day with footage, oldest first: when it began, its bytes, and its microseconds.
        hour_bytes: of the last hour.
        hour_us: length of the last hour's footage.
    """

    days: tuple[tuple[Instant, int, int], ...]
    hour_bytes: int
    hour_us: int


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


def kept_of(connection: Connection, camera: str, now_at: Instant, days: Sequence[Instant]) -> Kept:
    """Return what of a camera is on the disk.

    Args:
        connection: to the database.
        camera: the camera's id.
        now_at: the present.
        days: when each day begins, oldest first; the last one's end is the present.
    """
    ends = [*days[1:], now_at + 1]
    found = [
        (begin, *_between(connection, camera, begin, end)) for begin, end in zip(days, ends, strict=True)
    ]
    hour = _between(connection, camera, now_at - 3600 * SECOND, now_at + 1)
    return Kept(tuple(one for one in found if one[1]), *hour)


def kept_since(connection: Connection, camera: str) -> Instant | None:
    """Return when the oldest footage of a camera was taken; None where there is none."""
    return connection.scalar(
        sa.select(fragments.c.start_at)
        .where(fragments.c.camera == camera)
        .order_by(fragments.c.start_at)
        .limit(1)
    )


def _between(connection: Connection, camera: str, begin_at: Instant, end_at: Instant) -> tuple[int, int]:
    row = connection.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(fragments.c.length), 0),
            sa.func.coalesce(sa.func.sum(fragments.c.end_at - fragments.c.start_at), 0),
        )
        .where(fragments.c.camera == camera)
        .where(fragments.c.start_at >= begin_at, fragments.c.start_at < end_at)
    ).one()
    return int(row[0]), int(row[1])
