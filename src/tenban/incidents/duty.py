"""Who looks after what: places kept by one attendant, and handing everything over to a colleague."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.base.errors import BadInput
from tenban.base.ids import new_id
from tenban.incidents import engine, queries
from tenban.incidents.model import Incident, timed
from tenban.notify.outbox import post

HANDED_OVER = "handed_over"
"""The kind of the notice to whoever takes over; it is about no single incident."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Whoever looks after a place."""

    id: str
    name: str
    since_at: Instant


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What went from one to the other."""

    incidents: tuple[Incident, ...]
    places: tuple[str, ...]


def keepers(connection: Connection, actor: Actor) -> dict[str, Keeper]:
    """Return who looks after which place; a place that is not there has nobody in particular."""
    only = actor.place_of(Function.INCIDENTS_READ)
    return {
        row["place"]: Keeper(row["keeper"], row["keeper_name"], row["since_at"])
        for row in queries.keepers(connection, actor.shops)
        if only in {None, row["place"]}
    }


def keep_place(
    connection: Connection, actor: Actor, at: Instant, *, place: str, shop: str, take: bool
) -> None:
    """Look after a place, or no longer; taking it over from somebody is possible and seen by all."""
    actor.must(Function.INCIDENTS_HANDLE, shop=shop)
    known = keepers(connection, actor).get(place)
    if take and (known is None or known.id != actor.id):
        queries.set_keeper(connection, place, shop=shop, keeper=actor.id, keeper_name=actor.name, since_at=at)
    elif not take and known is not None and known.id == actor.id:
        queries.drop_keeper(connection, place)


def hand_over(connection: Connection, actor: Actor, at: Instant, to: Actor) -> HandedOver:
    """Give everything the actor has to a colleague, who is told once; the groups see the new owner at once.

    Args:
        connection: the caller's transaction.
        actor: whoever goes.
        at: when.
        to: the colleague.

    Raises:
        BadInput: to oneself, or to somebody who may not handle incidents here.
    """
    actor.must(Function.INCIDENTS_HANDLE)
    if to.id == actor.id:
        raise BadInput("colleague", expected="somebody else", came="yourself")
    given = queries.open_of_owner(connection, actor.id)
    kept = [row for row in queries.keepers(connection, actor.shops) if row["keeper"] == actor.id]
    shops = {one.shop for one in given} | {row["shop"] for row in kept}
    if not all(to.may(Function.INCIDENTS_HANDLE, shop=shop) for shop in shops or {None}):
        raise BadInput("colleague", expected="somebody who handles incidents in this shop", came=to.name)
    gone = []
    for known in given:
        incident = timed(known, replace(known, owner=to.id, owner_name=to.name), at)
        detail = {"from": actor.name, "to": to.name}
        gone.append(engine.record(connection, actor, at, incident, "handed_over", detail))
    for row in kept:
        queries.set_keeper(
            connection, row["place"], shop=row["shop"], keeper=to.id, keeper_name=to.name, since_at=at
        )
    done = HandedOver(tuple(gone), tuple(sorted(row["place"] for row in kept)))
    if not (done.incidents or done.places):
        return done
    body = {"from": actor.name, "incidents": [one.id for one in gone], "places": list(done.places)}
    for shop in sorted(shops):
        post(
            connection,
            at,
            shop=shop,
            group=None,
            kind=HANDED_OVER,
            subject=new_id(at),
            body=body,
            audience=to.id,
        )
    # Who gave is the row's actor: the chain, which cannot be changed, holds no name.
    told = {key: value for key, value in body.items() if key != "from"}
    write_down(connection, AuditEvent.HANDED_OVER, actor, at, to.id, shop=shop, **told)
    return done
