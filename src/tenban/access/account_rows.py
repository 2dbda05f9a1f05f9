"""Whose account an actor's is."""

from __future__ import annotations

from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.model import Actor
from tenban.base.errors import Forbidden, NotFound


def person_of(actor: Actor) -> str:
    """Return the id of the person an actor is; raises Forbidden where the actor is none."""
    if actor.kind != "person":
        raise Forbidden("expected a person, who has an account; got somebody else")
    return actor.id.removeprefix("person:")


def account_row(connection: Connection, actor: Actor) -> queries.Row:
    """Return one's own row; raises NotFound where one is gone."""
    found = queries.people_by_ids(connection, [person_of(actor)])
    if not found:
        raise NotFound("you are no longer known here")
    return found[0]
