"""Tokens of tills and devices: shown once, kept as a hash.

A browser that serves as a register is *paired* with it: the secret lies in a cookie that no script can read.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import FUNCTIONS_OF_DEVICE, FUNCTIONS_OF_REGISTER, Actor, Function
from tenban.access.secrets import hash_secret, new_secret
from tenban.base.clock import Instant
from tenban.base.errors import BadInput, NotFound
from tenban.base.ids import new_id

KINDS = {"register": FUNCTIONS_OF_REGISTER, "device": FUNCTIONS_OF_DEVICE}
BROWSER = "browser"
_ALL_KINDS = {**KINDS, BROWSER: FUNCTIONS_OF_REGISTER}


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
    acts_as = "register" if kind == BROWSER else kind
    return Actor(
        acts_as,
        f"{acts_as}:{subject}",
        subject,
        str(token["shop"]),
        _ALL_KINDS[kind],
        register=subject,
    )


@dataclass(frozen=True, slots=True)
class Pairing:
    """A browser that serves as a register.

    Attributes:
        by_name: who paired it; None where it was not written down then.
        device: what the browser calls itself; None likewise.
        seen_at: to the minute; None: not since it was paired.
    """

    id: str
    register: str
    shop: str
    paired_at: Instant
    by_name: str | None
    device: str | None
    seen_at: Instant | None


def pair_browser(
    connection: Connection, actor: Actor, at: Instant, *, register: str, shop: str, device: str | None = None
) -> str:
    """Let a browser serve as a register; return the secret for its cookie, which is not kept.

    Raises:
        Forbidden: the actor may not set registers up.
    """
    actor.must(Function.REGISTER_PAIR, shop=shop)
    secret = new_secret(BROWSER)
    token_id = new_id(at)
    queries.add_token(
        connection,
        id=token_id,
        kind=BROWSER,
        subject=register,
        shop=shop,
        secret_hash=hash_secret(secret),
        created_at=at,
        made_by=actor.id,
        made_by_name=actor.name,
        device=None if device is None else device[:300].replace("\x00", " "),
    )
    write_down(connection, AuditEvent.REGISTER_PAIRED, actor, at, token_id, register=register)
    return secret


def unpair_this(connection: Connection, actor: Actor, at: Instant, secret: str) -> None:
    """End the pairing of the browser that asks; nothing happens where there is none."""
    token = queries.token_by_hash(connection, hash_secret(secret))
    if token is not None and token["kind"] == BROWSER and token["subject"] == actor.register:
        queries.revoke_token(connection, str(token["id"]), at)
        write_down(
            connection, AuditEvent.REGISTER_UNPAIRED, actor, at, str(token["id"]), register=token["subject"]
        )


def pairings(
    connection: Connection, actor: Actor, *, register: str | None = None, shop: str | None = None
) -> list[Pairing]:
    """Return the browsers paired with a register, or with all of the actor's shop, newest first."""
    actor.must(Function.REGISTER_PAIR, shop=shop)
    return [
        Pairing(
            str(token["id"]),
            str(token["subject"]),
            str(token["shop"]),
            token["created_at"],
            token["made_by_name"],
            token["device"],
            token["seen_at"],
        )
        for token in queries.tokens_of(connection, BROWSER, register)
        if shop in {None, token["shop"]} and actor.reaches(token["shop"])
    ]


def saw_browser(connection: Connection, actor: Actor, at: Instant, secret: str) -> None:
    """Write down that a paired browser was here; nothing happens where it is no longer paired."""
    token = queries.token_by_hash(connection, hash_secret(secret))
    if token is not None and token["kind"] == BROWSER and token["subject"] == actor.register:
        queries.see_token(connection, str(token["id"]), at)


def unpair(
    connection: Connection, actor: Actor, at: Instant, *, pairing: str, register: str, shop: str
) -> None:
    """End one pairing from elsewhere, such as of a tablet that was lost.

    Raises:
        NotFound: this register has no such pairing.
    """
    actor.must(Function.REGISTER_PAIR, shop=shop)
    if pairing not in {one.id for one in pairings(connection, actor, register=register, shop=shop)}:
        raise NotFound(f"register {register!r} has no pairing {pairing[:40]!r}")
    queries.revoke_token(connection, pairing, at)
    write_down(connection, AuditEvent.REGISTER_UNPAIRED, actor, at, pairing, register=register)
