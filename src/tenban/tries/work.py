"""How the jobs process works on tries: one at a time, under a lease, so that what was killed is done again.

A lease is an instant: until then nobody else takes the try. Whoever works renews it; every change names the
lease it holds, so a worker that lost it (cancelled, deleted, too slow) changes nothing any more.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from tenban.access.model import Actor
from tenban.base.clock import Instant, seconds
from tenban.tries import queries, refusals
from tenban.tries.desk import forget
from tenban.tries.model import MOST_ATTEMPTS, State, Told, Try

LEASE_S = 12.0


def claim(connection: Connection, at: Instant) -> Try | None:
    """Return the next try to work on, held for ``LEASE_S``; None while there is none.

    One that was begun too often is failed instead: its video brings the worker down.
    """
    one = queries.next_to_work_on(connection, at)
    if one is None:
        return None
    if one.attempts >= MOST_ATTEMPTS:
        queries.change(connection, one.id, state=State.FAILED, error=refusals.gave_up(), changed_at=at)
        return None
    state = State.COUNTING if one.state == State.WAITING else one.state
    queries.change(
        connection,
        one.id,
        state=state,
        attempts=one.attempts + 1,
        lease_at=at + seconds(LEASE_S),
        progress=0.0,
        changed_at=at,
    )
    return queries.by_id(connection, one.id)


def renew(connection: Connection, one: Try, held_at: Instant, at: Instant, progress: float) -> Instant | None:
    """Say how far it got and hold it longer; None where it is no longer ours."""
    lease_at = at + seconds(LEASE_S)
    ours = queries.change_held(connection, one.id, held_at, lease_at=lease_at, progress=round(progress, 3))
    return lease_at if ours else None


def release(connection: Connection, one: Try, held_at: Instant, at: Instant) -> None:
    """Give a try back unfinished, so that the next worker begins it at once; not counted as an attempt."""
    _settle(connection, one, held_at, at, one.state, attempts=max(0, one.attempts - 1))


def checked(connection: Connection, one: Try, held_at: Instant, at: Instant, found: dict[str, Any]) -> None:
    """The video is fit: zones can be drawn on it."""
    _settle(connection, one, held_at, at, State.READY, attempts=0, progress=0.0, error=None, **found)


def counted(connection: Connection, one: Try, held_at: Instant, at: Instant, result: dict[str, Any]) -> None:
    """The counting is done."""
    _settle(connection, one, held_at, at, State.DONE, attempts=0, progress=1.0, error=None, result=result)


def failed(connection: Connection, one: Try, held_at: Instant, at: Instant, why: Told) -> None:
    """It cannot be done; what was brought and drawn is kept."""
    _settle(connection, one, held_at, at, State.FAILED, attempts=0, error=why)


def expire(connection: Connection, actor: Actor, at: Instant) -> list[str]:
    """Mark those whose time is over as deleted; return their ids, whose files go next."""
    over = queries.overdue(connection, at)
    for one in over:
        forget(connection, one, actor, at, why="time over")
    return [one.id for one in over]


def _settle(
    connection: Connection, one: Try, held_at: Instant, at: Instant, state: State, **columns: Any
) -> None:
    queries.change_held(connection, one.id, held_at, state=state, lease_at=None, changed_at=at, **columns)
