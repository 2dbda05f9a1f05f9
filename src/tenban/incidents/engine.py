"""The one door by which incidents open, change hands and close; every change is told and written down."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import MILLISECOND, Instant
from tenban.base.errors import Conflict, NotFound
from tenban.base.ids import new_id
from tenban.base.span import Span
from tenban.incidents import queries
from tenban.incidents.model import (
    Cause,
    Clip,
    Incident,
    Outcome,
    State,
    Still,
    folded,
    passed_on,
    stated,
    timed,
    with_cause,
    withdrawn,
)
from tenban.notify.outbox import PAGE, post


@dataclass(frozen=True, slots=True)
class Opening:
    """What is needed to open an incident, or to fold a repeat into one."""

    shop: str
    group: str | None
    kind: str
    place: str
    about: str | None
    fold_key: str
    cause: Cause
    operator_still: str | None = None
    pass_on_ms: int | None = None


def open_incident(connection: Connection, actor: Actor, at: Instant, opening: Opening) -> Incident:
    """Open an incident, or fold the cause into the one with the same fold key; tell the group."""
    actor.must(Function.INCIDENTS_OPEN, shop=opening.shop)
    known = queries.by_fold_key(connection, opening.fold_key)
    if known is None:
        incident = Incident(
            id=new_id(at),
            shop=opening.shop,
            group=opening.group,
            kind=opening.kind,
            place=opening.place,
            about=opening.about,
            fold_key=opening.fold_key,
            state=State.UNCONFIRMED,
            outcome=None,
            reason=None,
            owner=None,
            owner_name=None,
            occurred_at=opening.cause.occurred_at,
            opened_at=at,
            changed_at=at,
            causes=(opening.cause,),
            operator_still=opening.operator_still,
            pass_on_ms=opening.pass_on_ms,
        )
        incident = timed(None, incident, at)
        queries.add(connection, incident)
        _write_down(connection, incident, actor, at, "opened", {"cause": opening.cause.key})
        _tell(connection, incident, at, "brief")
        return incident
    incident = folded(known, opening.cause)
    if incident is known:
        return known
    incident = replace(incident, changed_at=at, operator_still=known.operator_still or opening.operator_still)
    incident = timed(known, incident, at)
    queries.save(connection, incident)
    _write_down(connection, incident, actor, at, "repeated", {"cause": opening.cause.key})
    _tell(connection, incident, at, "brief")
    return incident


def withdraw(
    connection: Connection, actor: Actor, at: Instant, *, fold_key: str, cause: str, why: dict[str, str]
) -> Incident | None:
    """Withdraw one cause; returns None when nothing stood."""
    known = queries.by_fold_key(connection, fold_key)
    if known is None:
        return None
    actor.must(Function.INCIDENTS_OPEN, shop=known.shop)
    incident = withdrawn(known, cause, why)
    if incident.causes == known.causes:
        return None
    return record(
        connection, actor, at, timed(known, incident, at), "withdrawn", {"cause": cause, "why": why}
    )


def set_state(
    connection: Connection,
    actor: Actor,
    at: Instant,
    incident_id: str,
    *,
    state: str,
    outcome: str | None = None,
    reason: str | None = None,
) -> Incident:
    """State and label an incident."""
    known = get(connection, actor, incident_id, Function.INCIDENTS_HANDLE)
    incident = timed(known, stated(known, state, outcome, reason), at)
    detail = {
        "from": known.state.value,
        "to": incident.state.value,
        "outcome": incident.outcome.value if incident.outcome else None,
        "reason": reason,
    }
    return record(connection, actor, at, incident, "stated", detail)


def take(connection: Connection, actor: Actor, at: Instant, incident_id: str) -> Incident:
    """Become the owner; taking over from somebody else is possible and seen by all."""
    known = get(connection, actor, incident_id, Function.INCIDENTS_HANDLE)
    if known.owner == actor.id:
        return known
    incident = timed(known, replace(known, owner=actor.id, owner_name=actor.name), at)
    return record(connection, actor, at, incident, "taken", {"from": known.owner_name})


def let_go(connection: Connection, actor: Actor, at: Instant, incident_id: str) -> Incident:
    """Stop being the owner.

    Raises:
        Conflict: somebody else is.
    """
    known = get(connection, actor, incident_id, Function.INCIDENTS_HANDLE)
    if known.owner is None:
        return known
    if known.owner != actor.id:
        raise Conflict(f"expected the owner to let go, who is {known.owner_name}")
    incident = timed(known, replace(known, owner=None, owner_name=None), at)
    return record(connection, actor, at, incident, "let_go", {})


def pass_on_due(connection: Connection, actor: Actor, at: Instant) -> list[Incident]:
    """Tell the supervisors of what nobody answered in time; each spell without an answer once.

    Returns the incidents that went on, longest waiting first.
    """
    actor.must(Function.INCIDENTS_OPEN)
    gone = []
    for known in queries.due_to_go_on(connection, at, limit=PAGE):
        waited_ms = (at - known.pass_on_due_at) // MILLISECOND if known.pass_on_due_at is not None else 0
        detail = {"after_ms": (known.pass_on_ms or 0) + waited_ms}
        incident = record(connection, actor, at, passed_on(known, at), "passed_on", detail)
        post(
            connection,
            at,
            shop=incident.shop,
            group=None,
            kind="passed_on",
            subject=incident.id,
            body={"changed_at": incident.changed_at, **detail},
            audience=Function.INCIDENTS_OVERSEE.value,
            place=incident.place,
        )
        write_down(
            connection, AuditEvent.INCIDENT_PASSED_ON, actor, at, incident.id, shop=incident.shop, **detail
        )
        gone.append(incident)
    return gone


def settle_clip(
    connection: Connection, actor: Actor, at: Instant, incident_id: str, cause: str, clip: Clip
) -> Incident | None:
    """Attach a finished or failed clip to its cause and tell the group; None when it was settled before."""

    def settled(known: Cause) -> Cause:
        if known.clip is not None and known.clip.state == clip.state:
            return known
        return replace(known, clip=clip)

    return _replace_cause(connection, actor, at, incident_id, cause, settled, "clip")


def add_masked_clip(
    connection: Connection, actor: Actor, at: Instant, incident_id: str, cause: str, masked: str
) -> Incident | None:
    """Attach the clip's form with blurred zones and tell the group; None where the clip is gone."""

    def masked_too(known: Cause) -> Cause:
        if known.clip is None or known.clip.state != "ready":
            return known
        return replace(known, clip=replace(known.clip, masked=masked))

    return _replace_cause(connection, actor, at, incident_id, cause, masked_too, "clip")


def add_blurred_clip(
    connection: Connection, actor: Actor, at: Instant, incident_id: str, cause: str, blurred: str
) -> Incident | None:
    """Attach a copy of the clip in which nobody can be recognised; None where the clip is gone."""

    def blurred_too(known: Cause) -> Cause:
        if known.clip is None or known.clip.state != "ready":
            return known
        return replace(known, clip=replace(known.clip, blurred=blurred))

    return _replace_cause(connection, actor, at, incident_id, cause, blurred_too, "copied")


def revise(
    connection: Connection,
    actor: Actor,
    at: Instant,
    *,
    fold_key: str,
    cause: str,
    sentence: dict[str, str],
    facts: list[dict[str, Any]],
) -> Incident | None:
    """Say a cause anew, because facts that came later tell it otherwise; None when nothing changed."""
    known = queries.by_fold_key(connection, fold_key)
    if known is None:
        return None
    return _replace_cause(
        connection,
        actor,
        at,
        known.id,
        cause,
        lambda one: replace(one, sentence=sentence, facts=facts),
        "revised",
    )


def add_stills(
    connection: Connection,
    actor: Actor,
    at: Instant,
    incident_id: str,
    cause: str,
    stills: list[Still],
    operator_still: str | None,
) -> Incident | None:
    """Attach stills that came after the brief; None when there was nothing new."""
    known = get(connection, actor, incident_id, Function.INCIDENTS_OPEN)
    if operator_still and known.operator_still is None:
        queries.save(connection, replace(known, operator_still=operator_still))

    def shown(one: Cause) -> Cause:
        have = {still.label for still in one.evidence}
        return replace(one, evidence=[*one.evidence, *(s for s in stills if s.label not in have)])

    changed = _replace_cause(connection, actor, at, incident_id, cause, shown, "changed")
    if changed is None and operator_still and known.operator_still is None:
        return record(
            connection, actor, at, get(connection, actor, incident_id), "changed", {"still": "operator"}
        )
    return changed


_OF_THE_PLACE = frozenset({Function.INCIDENTS_READ, Function.MEDIA_VIEW, Function.INCIDENTS_HANDLE})


def get(
    connection: Connection,
    actor: Actor,
    incident_id: str,
    function: Function = Function.INCIDENTS_READ,
) -> Incident:
    """Return an incident the actor may see.

    Raises:
        NotFound: there is none, or it is another shop's.
    """
    incident = queries.by_id(connection, incident_id)
    if incident is None:
        raise NotFound(f"there is no incident {incident_id[:40]!r}")
    if actor.register is not None and function in _OF_THE_PLACE:
        # Another register's incident is none of its business: it is not even told that there is one.
        if incident.place != actor.register or incident.shop != actor.shop:
            raise NotFound(f"there is no incident {incident_id[:40]!r}")
        if function is not Function.INCIDENTS_HANDLE:
            actor.place_of(function)
            return incident
    actor.must(function, shop=incident.shop)
    return incident


def recent(
    connection: Connection, actor: Actor, since_at: Instant, limit: int = 500, place: str | None = None
) -> list[Incident]:
    """Return the incidents opened since then that the actor may see, newest first; of one place if given."""
    only = actor.place_of(Function.INCIDENTS_READ)
    if only is not None and place not in {None, only}:
        raise NotFound(f"there is no register {str(place)[:60]!r}")
    return queries.opened_since(connection, actor, since_at, limit, only or place)


def occurred(
    connection: Connection, actor: Actor, span: Span, places: Collection[str], limit: int = 500
) -> list[Incident]:
    """Return the actor's incidents of some places that occurred in a span, oldest first."""
    actor.must(Function.INCIDENTS_READ)
    return queries.occurred_in(connection, actor, span, places, limit)


def history_of(connection: Connection, actor: Actor, incident_id: str) -> list[dict[str, Any]]:
    """Return who did what with an incident, oldest first."""
    get(connection, actor, incident_id)
    return [dict(row) for row in queries.history(connection, incident_id)]


def precision(connection: Connection, actor: Actor) -> list[dict[str, Any]]:
    """Return per kind and place how many were labelled true, false and unclear, and the precision.

    Precision is true / (true + false alarm); None while nobody has labelled either.
    """
    actor.must(Function.INCIDENTS_READ)
    table: dict[tuple[str, str], dict[str, int]] = {}
    for kind, place, outcome, count in queries.outcomes(connection, actor):
        table.setdefault((kind, place), dict.fromkeys((one.value for one in Outcome), 0))[outcome] = count
    rows = []
    for (kind, place), counts in sorted(table.items()):
        judged = counts[Outcome.TRUE] + counts[Outcome.FALSE_ALARM]
        share = counts[Outcome.TRUE] / judged if judged else None
        rows.append({"kind": kind, "place": place, **counts, "precision": share})
    return rows


def _replace_cause(
    connection: Connection,
    actor: Actor,
    at: Instant,
    incident_id: str,
    key: str,
    change: Callable[[Cause], Cause],
    what: str,
) -> Incident | None:
    known = get(connection, actor, incident_id, Function.INCIDENTS_OPEN)
    for cause in known.causes:
        if cause.key == key:
            changed = change(cause)
            if changed == cause:
                return None
            return record(connection, actor, at, with_cause(known, changed), what, {"cause": key})
    return None


def record(
    connection: Connection, actor: Actor, at: Instant, incident: Incident, what: str, detail: dict[str, Any]
) -> Incident:
    """Keep what an incident has become, write down who did what, and tell the group."""
    incident = replace(incident, changed_at=at)
    queries.save(connection, incident)
    _write_down(connection, incident, actor, at, what, detail)
    kind = what if what in {"clip", "withdrawn"} else "changed"
    _tell(connection, incident, at, kind)
    return incident


def _write_down(
    connection: Connection, incident: Incident, actor: Actor, at: Instant, what: str, detail: dict[str, Any]
) -> None:
    queries.add_history(
        connection,
        incident=incident.id,
        at=at,
        actor=actor.id,
        actor_name=actor.name,
        what=what,
        detail=detail,
    )


def _tell(connection: Connection, incident: Incident, at: Instant, kind: str) -> None:
    post(
        connection,
        at,
        shop=incident.shop,
        group=incident.group,
        kind=kind,
        subject=incident.id,
        body={"changed_at": incident.changed_at},
        place=incident.place,
    )
