"""Tokens of tills and devices: shown once, kept as a hash."""

from __future__ import annotations

from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import FUNCTIONS_OF_DEVICE, FUNCTIONS_OF_REGISTER, Actor, Function
from tenban.access.secrets import hash_secret, new_secret
from tenban.base.clock import Instant
from tenban.base.errors import BadInput
from tenban.base.ids import new_id

KINDS = {"register": FUNCTIONS_OF_REGISTER, "device": FUNCTIONS_OF_DEVICE}


def make_token(
    connection: Connection,
    actor: Actor,
    at: Instant,
    *,
    kind: str,
    subject: str,
    shop: str,
    secret: str | None = None,
) -> str:
    """Make a token for a register or device and return its secret, which is not kept.

    Raises:
        BadInput: an unknown kind.
    """
    actor.must(Function.PEOPLE_MANAGE, shop=shop)
    if kind not in KINDS:
        raise BadInput("token kind", expected=" or ".join(KINDS), came=kind)
    secret = secret or new_secret(kind)
    token_id = new_id(at)
    queries.add_token(
        connection,
        id=token_id,
        kind=kind,
        subject=subject,
        shop=shop,
        secret_hash=hash_secret(secret),
        created_at=at,
    )
    write_down(connection, AuditEvent.TOKEN_MADE, actor, at, token_id, kind=kind, of=subject)
    return secret


def actor_of_token(connection: Connection, secret: str) -> Actor | None:
    """Return the register or device that a token speaks for, or None."""
    token = queries.token_by_hash(connection, hash_secret(secret))
    if token is None:
        return None
    kind, subject = str(token["kind"]), str(token["subject"])
    return Actor(
        kind,
        f"{kind}:{subject}",
        subject,
        str(token["shop"]),
        KINDS[kind],
        register=subject,
    )
