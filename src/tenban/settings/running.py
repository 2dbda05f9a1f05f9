"""Which revision every part of the server runs with."""

from __future__ import annotations

from dataclasses import dataclass

from tenban.base.clock import Instant
from tenban.db import Connection
from tenban.settings import queries


@dataclass(frozen=True, slots=True)
class Running:
    """What one part runs with.

    Attributes:
        part: web, recorder or watcher.
        sha256: of the configuration it runs with.
        at: since when.
        why: why it does not follow the file; None where it does.
    """

    part: str
    sha256: str
    at: Instant
    why: str | None


def running(connection: Connection) -> list[Running]:
    """Return all parts that ever said what they run with."""
    return [Running(**row) for row in queries.applied(connection)]
