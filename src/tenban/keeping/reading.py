"""What pages read of keeping."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.keeping import queries

PAGE = 50


def deletions(
    connection: Connection, actor: Actor, shop: str | None = None, before: int | None = None
) -> list[dict[str, Any]]:
    """Return what was destroyed in the shops the actor may see, newest first, a page at a time."""
    actor.must(Function.RETENTION_EDIT, shop=shop)
    return queries.destroyed(connection, actor.shops if shop is None else {shop}, PAGE, before)


def pictures_end(connection: Connection, incident_id: str) -> tuple[Instant, str] | None:
    """Return when and why pictures were destroyed; the caller has found that the incident may be seen."""
    return queries.pictures_gone(connection, incident_id)
