"""The facts a running shop has written down, for replaying them under other rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from tenban.base.clock import Instant
from tenban.db import Connection
from tenban.findings.facts import Fact
from tenban.findings.mapping import fact_of_event, fact_of_observation
from tenban.pos import queries as pos_queries
from tenban.server.accounts import open_database
from tenban.server.settings import ServeSettings
from tenban.vision import queries as vision_queries

T = TypeVar("T")

PAGE = 5_000


def kept_facts(settings: ServeSettings, start_at: Instant, end_at: Instant) -> list[Fact]:
    """Return the sale events and observations received in ``[start_at, end_at)``, by their numbers."""
    with open_database(settings) as database:

        def read(connection: Connection) -> list[Fact]:
            event_n = pos_queries.first_number_from(connection, start_at)
            seen_n = vision_queries.first_number_from(connection, start_at)
            events = _pages(
                lambda n: pos_queries.events_since(connection, n, limit=PAGE), event_n, lambda e: e.n
            )
            seen = _pages(
                lambda n: vision_queries.observations_since(connection, n, limit=PAGE), seen_n, lambda o: o.n
            )
            facts: list[Fact] = [fact_of_event(event) for event in events]
            facts += [fact_of_observation(one) for one in seen]
            return [fact for fact in facts if fact.received_at < end_at]

        return database.read_now(read)


def _pages(page_after: Callable[[int], list[T]], start: int, number: Callable[[T], int]) -> Iterator[T]:
    last = start
    while page := page_after(last):
        yield from page
        last = number(page[-1])
