"""What people do with tries: every function demands an actor, and all but listing are written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Instant, seconds
from tenban.base.errors import BadInput, Conflict, NotFound
from tenban.base.ids import new_id
from tenban.pos.registered import count_registered
from tenban.sites.model import Trying
from tenban.tries import queries, refusals
from tenban.tries.model import (
    AT_WORK,
    JOURNAL_BYTES,
    MOST_ITEMS,
    State,
    Try,
    checked_zones,
    display_name,
)
from tenban.tries.samples import sample_of


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came whole."""

    name: str
    size: int
    sha256: str


def may_begin(connection: Connection, actor: Actor, limits: Trying) -> None:
    """Refuse a new try before anything is sent.

    Raises:
        Forbidden: not among the actor's functions.
        Conflict: the actor keeps as many as one may.
    """
    actor.must(Function.TRIES_MAKE)
    if queries.count_of(connection, actor.id) >= limits.per_person:
        raise refusals.too_many(limits.per_person)


def take_upload(
    connection: Connection, actor: Actor, at: Instant, limits: Trying, try_id: str, upload: Upload
) -> Try:
    """Write a new try about an uploaded file that lies where it belongs; it is checked next."""
    return _take(
        connection,
        actor,
        at,
        limits,
        try_id,
        {"name": display_name(upload.name), "size": upload.size, "sha256": upload.sha256},
    )


def take_sample(connection: Connection, actor: Actor, at: Instant, limits: Trying, key: str) -> Try:
    """Write a new try about a sample clip; the registered items are proposed."""
    sample = sample_of(key)
    columns = {"name": sample.title["en"], "sample": key, "registered": sample.registered}
    return _take(connection, actor, at, limits, new_id(at), columns)


def _take(
    connection: Connection, actor: Actor, at: Instant, limits: Trying, try_id: str, columns: dict[str, Any]
) -> Try:
    may_begin(connection, actor, limits)
    one = {
        "id": try_id,
        "shop": actor.shop,
        "owner": actor.id,
        "owner_name": actor.name[:100],
        "state": State.CHECKING,
        "progress": 0.0,
        "attempts": 0,
        "created_at": at,
        "changed_at": at,
        "delete_at": at + seconds(limits.keep_h * 3600),
        **columns,
    }
    queries.add(connection, one)
    told = {name: columns[name] for name in ("size", "sha256", "sample") if name in columns}
    write_down(connection, AuditEvent.TRY_MADE, actor, at, try_id, **told)
    return _known(connection, try_id)


def list_for(connection: Connection, actor: Actor) -> list[Try]:
    """Return the tries an actor may see, newest first."""
    actor.must(Function.TRIES_MAKE)
    owner = None if actor.may(Function.TRIES_ALL) else actor.id
    return queries.alive(connection, owner=owner, shops=actor.shops)


def get(connection: Connection, actor: Actor, try_id: str) -> Try:
    """Return one try that is not deleted.

    Raises:
        Forbidden: not among the actor's functions.
        NotFound: there is none, or it is another person's.
    """
    actor.must(Function.TRIES_MAKE)
    one = queries.by_id(connection, try_id)
    theirs = one is not None and (
        one.owner == actor.id or (actor.may(Function.TRIES_ALL) and actor.reaches(one.shop))
    )
    if one is None or not theirs or one.state == State.DELETED:
        raise NotFound(f"there is no try {try_id[:40]!r} (any more)")
    return one


def view(connection: Connection, actor: Actor, at: Instant, try_id: str, what: str) -> Try:
    """Return a try, and write down that somebody looks at its pictures."""
    one = get(connection, actor, try_id)
    write_down(connection, AuditEvent.TRY_VIEWED, actor, at, try_id, what=what)
    return one


def start(
    connection: Connection,
    actor: Actor,
    at: Instant,
    try_id: str,
    *,
    zones: Sequence[Any],
    registered: int | None = None,
    journal: tuple[str, str] | None = None,
) -> Try:
    """Order the counting; also of one that was counted before, with other zones.

    Args:
        connection: of the transaction.
        actor: who asks.
        at: now.
        try_id: which.
        zones: as drawn, untrusted.
        registered: how many items; None where a journal says so or nobody does.
        journal: name and text of a file of sale events.

    Raises:
        BadInput: the zones, the number or the journal.
        Conflict: it is being worked on, or was never found fit.
    """
    one = get(connection, actor, try_id)
    drawn = checked_zones(zones)
    told = None
    if journal is not None:
        if registered is not None:
            raise BadInput("registered, journal", expected="one of the two", came="both")
        told = _read_journal(*journal)
        registered = told["registered"]
    elif registered is not None and not 0 <= registered <= MOST_ITEMS:
        raise BadInput("registered", expected=f"0 to {MOST_ITEMS} items", came=registered)
    if one.video is None or one.state in AT_WORK:
        raise Conflict(f"try {try_id}: expected a video that was checked, got one that is {one.state}")
    write_down(connection, AuditEvent.TRY_STARTED, actor, at, try_id, zones=len(drawn), registered=registered)
    return _to(
        connection,
        one,
        at,
        State.WAITING,
        zones=drawn,
        registered=registered,
        journal=told,
        result=None,
    )


def cancel(connection: Connection, actor: Actor, at: Instant, try_id: str) -> Try:
    """Stop the counting; zones and figures stay. What is not being counted stays as it is."""
    one = get(connection, actor, try_id)
    if one.state not in {State.WAITING, State.COUNTING}:
        return one
    return _to(connection, one, at, State.READY)


def retry(connection: Connection, actor: Actor, at: Instant, try_id: str) -> Try:
    """Do again what failed.

    Raises:
        Conflict: it did not fail.
    """
    one = get(connection, actor, try_id)
    if one.state != State.FAILED:
        raise Conflict(f"try {try_id}: expected one that failed, got one that is {one.state}")
    return _to(connection, one, at, State.WAITING if one.video and one.zones else State.CHECKING)


def delete(connection: Connection, actor: Actor, at: Instant, try_id: str) -> None:
    """Mark a try as deleted; whoever calls removes its files once this is durable."""
    one = get(connection, actor, try_id)
    forget(connection, one, actor, at, why="asked")


def forget(connection: Connection, one: Try, actor: Actor, at: Instant, *, why: str) -> None:
    """Blank what a try said; that there was one, whose, and its hash stay for the proof."""
    write_down(connection, AuditEvent.TRY_DELETED, actor, at, one.id, why=why, sha256=one.sha256)
    queries.change(
        connection,
        one.id,
        state=State.DELETED,
        name="",
        video=None,
        zones=None,
        registered=None,
        journal=None,
        result=None,
        error=None,
        lease_at=None,
        changed_at=at,
    )


def _to(connection: Connection, one: Try, at: Instant, state: State, **columns: Any) -> Try:
    columns = {"error": None, "progress": 0.0, "attempts": 0, **columns}
    queries.change(connection, one.id, state=state, changed_at=at, **columns)
    return _known(connection, one.id)


def _known(connection: Connection, try_id: str) -> Try:
    one = queries.by_id(connection, try_id)
    assert one is not None, "written in this transaction"  # noqa: S101
    return one


def _read_journal(name: str, text: str) -> dict[str, Any]:
    if len(text.encode()) > JOURNAL_BYTES:
        raise BadInput("journal", expected=f"at most {JOURNAL_BYTES} bytes", came=len(text.encode()))
    total, set_aside = count_registered(text)
    if total <= 0 and not text.strip():
        raise BadInput("journal", expected="sale events, one JSON object per line or CSV", came="nothing")
    if set_aside and len(set_aside) == sum(1 for line in text.splitlines() if line.strip()):
        number, why = set_aside[0]
        raise BadInput(f"journal: line {number}", expected="a sale event (JSON or CSV)", came=why[:120])
    shown = [{"line": number, "why": why[:200]} for number, why in set_aside[:20]]
    return {
        "name": display_name(name),
        "registered": max(total, 0),
        "set_aside": len(set_aside),
        "first": shown,
    }
