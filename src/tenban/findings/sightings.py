"""What cameras saw at a register, for whoever places its events: the watcher's items beside the journal."""

from __future__ import annotations

from tenban.base.span import Span
from tenban.db import Connection
from tenban.pos.sightings import Sighting
from tenban.vision.queries import moves_seen


def seen_at(connection: Connection, register: str, span: Span) -> list[Sighting]:
    """Return the items that were seen to leave the basket of a register in a span."""
    return [Sighting(*one) for one in moves_seen(connection, register, span)]
