"""All SQL of webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tenban.base.clock import Instant
from tenban.notify.tables import notices, webhook_deliveries, webhooks


def add(connection: Connection, **columns: Any) -> None:
    """Insert a webhook."""
    connection.execute(webhooks.insert().values(**columns))


def all_of(connection: Connection, shop: str | None = None) -> list[RowMapping]:
    """Return webhooks, oldest first; of one shop if given."""
    query = sa.select(webhooks).order_by(webhooks.c.created_at, webhooks.c.id)
    if shop is not None:
        query = query.where(webhooks.c.shop == shop)
    return list(connection.execute(query).mappings())


def by_id(connection: Connection, webhook_id: str) -> RowMapping | None:
    """Return a webhook."""
    query = sa.select(webhooks).where(webhooks.c.id == webhook_id)
    return connection.execute(query).mappings().first()


def change(connection: Connection, webhook_id: str, **columns: Any) -> None:
    """Set columns of a webhook."""
    connection.execute(webhooks.update().where(webhooks.c.id == webhook_id).values(**columns))


def remove(connection: Connection, webhook_id: str) -> None:
    """Delete a webhook and all that was to be sent to it."""
    connection.execute(webhook_deliveries.delete().where(webhook_deliveries.c.webhook_id == webhook_id))
    connection.execute(webhooks.delete().where(webhooks.c.id == webhook_id))


def newest_notice(connection: Connection) -> int:
    """Return the greatest notice's number, 0 before the first."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(notices.c.n), 0))).scalar_one())


def notices_for(
    connection: Connection, shop: str, kinds: Sequence[str], after_n: int, upto_n: int, limit: int
) -> list[RowMapping]:
    """Return a shop's notices of some kinds, in order."""
    query = (
        sa.select(notices)
        .where(
            notices.c.n > after_n,
            notices.c.n <= upto_n,
            notices.c.shop == shop,
            notices.c.kind.in_(kinds),
        )
        .order_by(notices.c.n)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def add_delivery(connection: Connection, **columns: Any) -> None:
    """Insert something to send."""
    connection.execute(webhook_deliveries.insert().values(**columns))


def due(connection: Connection, now_at: Instant, limit: int) -> list[RowMapping]:
    """Return what is to be sent by now to webhooks that are on, oldest first."""
    query = (
        sa.select(webhook_deliveries)
        .join(webhooks, webhooks.c.id == webhook_deliveries.c.webhook_id)
        .where(webhook_deliveries.c.next_at <= now_at, webhooks.c.on)
        .order_by(webhook_deliveries.c.next_at, webhook_deliveries.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def next_due_at(connection: Connection) -> Instant | None:
    """Return when something is to be sent next."""
    query = (
        sa.select(sa.func.min(webhook_deliveries.c.next_at))
        .join(webhooks, webhooks.c.id == webhook_deliveries.c.webhook_id)
        .where(webhooks.c.on)
    )
    found: Instant | None = connection.execute(query).scalar_one()
    return found


def change_delivery(connection: Connection, delivery_id: str, **columns: Any) -> None:
    """Set columns of something to send."""
    query = webhook_deliveries.update().where(webhook_deliveries.c.id == delivery_id)
    connection.execute(query.values(**columns))


def delivery_by_id(connection: Connection, delivery_id: str) -> RowMapping | None:
    """Return something that was to be sent."""
    query = sa.select(webhook_deliveries).where(webhook_deliveries.c.id == delivery_id)
    return connection.execute(query).mappings().first()


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many deliveries each webhook has in each state."""
    query = sa.select(webhook_deliveries.c.webhook_id, webhook_deliveries.c.state, sa.func.count()).group_by(
        webhook_deliveries.c.webhook_id, webhook_deliveries.c.state
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def unsent(connection: Connection, webhook_id: str, limit: int) -> list[RowMapping]:
    """Return what failed at least once and is not there yet, newest first."""
    query = (
        sa.select(webhook_deliveries)
        .where(
            webhook_deliveries.c.webhook_id == webhook_id,
            webhook_deliveries.c.state != "delivered",
            webhook_deliveries.c.attempts > 0,
        )
        .order_by(webhook_deliveries.c.created_at.desc())
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def sweep(connection: Connection, delivered_before: Instant, dead_before: Instant) -> int:
    """Delete what was delivered or given up long ago; return how many."""
    rows = webhook_deliveries
    done = sa.and_(rows.c.state == "delivered", rows.c.last_at < delivered_before)
    dead = sa.and_(rows.c.state == "dead", rows.c.last_at < dead_before)
    return int(connection.execute(rows.delete().where(sa.or_(done, dead))).rowcount)
