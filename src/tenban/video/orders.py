"""Orders for clips and stills out of footage: written with the brief, worked off by the jobs process.

An order waits in the database, so a clip still comes after whoever should cut it was killed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.base.clock import Instant
from tenban.base.span import Span
from tenban.video.tables import media_orders

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class MediaOrder:
    """One clip, still, or blurred copy of a clip, that somebody waits for.

    Attributes:
        held_for: reference of whoever ordered it, e.g. an incident's id.
        part: which part of that, e.g. a cause's key.
        around_at: the moment that matters most; of a still, the moment it shows.
    """

    id: str
    kind: Literal["clip", "still", "blur"]
    camera: str
    start_at: Instant
    end_at: Instant
    around_at: Instant
    held_for: str
    part: str
    box: Box | None = None
    label: str | None = None

    @property
    def span(self) -> Span:
        """The span asked for."""
        return Span(self.start_at, self.end_at)


def place_order(connection: Connection, order: MediaOrder, now_at: Instant) -> None:
    """Write an order in the caller's transaction."""
    connection.execute(
        media_orders.insert().values(**asdict(order), state="pending", ordered_at=now_at, settled_at=None)
    )


def due_orders(connection: Connection, now_at: Instant, *, limit: int = 64) -> list[MediaOrder]:
    """Return the orders whose footage should exist by now, the longest due first."""
    query = (
        sa.select(media_orders)
        .where(media_orders.c.state == "pending", media_orders.c.end_at <= now_at)
        .order_by(media_orders.c.end_at)
        .limit(limit)
    )
    orders = []
    for row in connection.execute(query).mappings():
        columns = {key: row[key] for key in MediaOrder.__dataclass_fields__}
        columns["box"] = tuple(columns["box"]) if columns["box"] else None
        orders.append(MediaOrder(**columns))
    return orders


def next_due_at(connection: Connection) -> Instant | None:
    """Return when the next order's footage should exist; None while nothing waits."""
    query = sa.select(sa.func.min(media_orders.c.end_at)).where(media_orders.c.state == "pending")
    return connection.execute(query).scalar()


def has_pending(connection: Connection, held_for: str) -> bool:
    """Tell whether anything ordered for something is still being made."""
    query = sa.select(media_orders.c.id).where(
        media_orders.c.held_for == held_for, media_orders.c.state == "pending"
    )
    return connection.execute(query.limit(1)).first() is not None


def latest_order(
    connection: Connection, held_for: str, part: str, kind: str
) -> tuple[str, int | None] | None:
    """Return the state of the newest order of a kind, and how many per cent are done; None: there is none."""
    query = (
        sa.select(media_orders.c.state, media_orders.c.progress)
        .where(media_orders.c.held_for == held_for, media_orders.c.part == part, media_orders.c.kind == kind)
        .order_by(media_orders.c.ordered_at.desc(), media_orders.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else (row[0], row[1])


def tell_progress(connection: Connection, order_id: str, progress: int) -> None:
    """Write down how many per cent of an order are done."""
    connection.execute(media_orders.update().where(media_orders.c.id == order_id).values(progress=progress))


def settle_order(
    connection: Connection, order_id: str, state: Literal["ready", "failed"], now_at: Instant
) -> bool:
    """Close an order; False when it was closed before."""
    changed = connection.execute(
        media_orders.update()
        .where(media_orders.c.id == order_id, media_orders.c.state == "pending")
        .values(state=state, settled_at=now_at)
    )
    return changed.rowcount == 1
