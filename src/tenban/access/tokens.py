"""Tokens of tills, devices and services: shown once, kept as a hash, scoped, ending, rotated with overlap.

A browser that serves as a register is *paired* with it: the secret lies in a cookie that no script can read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import FUNCTIONS_OF_DEVICE, FUNCTIONS_OF_REGISTER, Actor, Function
from tenban.access.secrets import hash_secret, new_secret
from tenban.base.clock import Instant, seconds
from tenban.base.errors import BadInput, NotFound
from tenban.base.ids import new_id

FUNCTIONS_OF_SERVICE = frozenset(
    {
        Function.SALES_WRITE,
        Function.SALES_READ,
        Function.PLU_READ,
        Function.INCIDENTS_READ,
        Function.LANES_READ,
        Function.FACTS_READ,
        Function.MEDIA_VIEW,
    }
)
"""What a service may be given: reading, and telling sales; never changing what people decide."""

SERVICE = "service"
KINDS = {"register": FUNCTIONS_OF_REGISTER, "device": FUNCTIONS_OF_DEVICE, SERVICE: FUNCTIONS_OF_SERVICE}
BROWSER = "browser"
_ALL_KINDS = {**KINDS, BROWSER: FUNCTIONS_OF_REGISTER}
LONGEST_OVERLAP_S = 30 * 24 * 3600
_SHOW_ENDED_S = 7 * 24 * 3600
_SUBJECT = re.compile(r"^[a-z0-9][a-z0-9_-]{0,62}$")


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh token; the secret is kept nowhere."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Token:
    """A till's, device's or service's token, without its secret.

    Attributes:
        subject: the register or service it speaks for.
        functions: what it may do.
        expires_at: None: never.
        follows: the token it takes over from.
        seen_at: to the minute; None: never used.
    """

    id: str
    kind: str
    subject: str
    shop: str
    name: str | None
    functions: tuple[str, ...]
    created_at: Instant
    expires_at: Instant | None
    made_by_name: str | None
    seen_at: Instant | None
    follows: str | None


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
    """Make a token that may do all of its kind and does not end; return its secret, which is not kept."""
    return issue(connection, actor, at, kind=kind, subject=subject, shop=shop, secret=secret).secret


def issue(
    connection: Connection,
    actor: Actor,
    at: Instant,
    *,
    kind: str,
    subject: str,
    shop: str,
    name: str | None = None,
    functions: Sequence[str] | None = None,
    expires_at: Instant | None = None,
    secret: str | None = None,
) -> Issued:
    """Make a token.

    Args:
        connection: the caller's transaction.
        actor: who makes it.
        at: when.
        kind: ``register``, ``device`` (something beside a register, such as a lamp) or ``service``.
        subject: the register, or the service's own id.
        shop: the only one it may touch.
        name: what people call it.
        functions: the only ones it may use; None: all of its kind. A service has to say which.
        expires_at: None: never.
        secret: given by whoever makes a demo.

    Raises:
        BadInput: an unknown kind, a function its kind cannot have, or an end that is past.
        Forbidden: the actor may not make tokens.
    """
    actor.must(Function.PEOPLE_MANAGE, shop=shop)
    actor.must_prove(Function.PEOPLE_MANAGE)
    if kind not in KINDS:
        raise BadInput("token kind", expected=" or ".join(KINDS), came=kind)
    if not _SUBJECT.match(subject):
        raise BadInput("subject", expected="lower-case letters, digits, - and _", came=repr(subject[:80]))
    if functions is None and kind == SERVICE:
        raise BadInput(
            "functions", expected=f"some of {', '.join(sorted(FUNCTIONS_OF_SERVICE))}", came="none"
        )
    wrong = sorted(set(functions or ()) - KINDS[kind])
    if wrong or functions == []:
        came = ", ".join(wrong)[:200] or "none"
        raise BadInput("functions", expected=f"some of {', '.join(sorted(KINDS[kind]))}", came=came)
    if expires_at is not None and expires_at <= at:
        raise BadInput("expires_at", expected="a time to come", came="one that is past")
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
        made_by=actor.id,
        made_by_name=actor.name,
        name=None if not name else name[:100].replace("\x00", " "),
        functions=None if functions is None else sorted(functions),
        expires_at=expires_at,
    )
    write_down(connection, AuditEvent.TOKEN_MADE, actor, at, token_id, shop=shop, kind=kind, of=subject)
    return Issued(token_id, secret)


def rotate(connection: Connection, actor: Actor, at: Instant, token_id: str, *, overlap_s: float) -> Issued:
    """Make a successor that may do the same; the old one works on for the overlap.

    So nothing stands still meanwhile. A token that ends gets a successor that lives as long.

    Raises:
        NotFound: there is no such token.
        BadInput: an overlap of less than nothing, or more than thirty days.
    """
    old = _known(connection, actor, token_id)
    actor.must_prove(Function.PEOPLE_MANAGE)
    if not 0 <= overlap_s <= LONGEST_OVERLAP_S:
        raise BadInput("overlap", expected="0 to 30 days", came=f"{overlap_s:g} s")
    ends_at = at + seconds(overlap_s)
    lives = None if old["expires_at"] is None else old["expires_at"] - old["created_at"]
    fresh = new_secret(str(old["kind"]))
    fresh_id = new_id(at)
    queries.add_token(
        connection,
        **{key: old[key] for key in ("kind", "subject", "shop", "name", "functions")},
        id=fresh_id,
        secret_hash=hash_secret(fresh),
        created_at=at,
        made_by=actor.id,
        made_by_name=actor.name,
        expires_at=None if lives is None else at + lives,
        follows=token_id,
    )
    if old["expires_at"] is None or old["expires_at"] > ends_at:
        queries.end_token_at(connection, token_id, ends_at)
    write_down(
        connection,
        AuditEvent.TOKEN_ROTATED,
        actor,
        at,
        token_id,
        shop=str(old["shop"]),
        to=fresh_id,
        overlap_s=round(overlap_s),
    )
    return Issued(fresh_id, fresh)


def revoke(connection: Connection, actor: Actor, at: Instant, token_id: str) -> Token:
    """End a token at once, such as that of a till that was sold.

    Raises:
        NotFound: there is no such token.
    """
    token = _known(connection, actor, token_id)
    queries.revoke_token(connection, token_id, at)
    write_down(
        connection,
        AuditEvent.TOKEN_REVOKED,
        actor,
        at,
        token_id,
        shop=str(token["shop"]),
        kind=token["kind"],
        of=token["subject"],
    )
    return _token(token)


def tokens_in_force(
    connection: Connection, actor: Actor, at: Instant, *, shop: str | None = None
) -> list[Token]:
    """Return the tokens that work, and those that ended in the last days, newest first."""
    actor.must(Function.PEOPLE_MANAGE, shop=shop)
    found = queries.tokens_but(connection, BROWSER, at - seconds(_SHOW_ENDED_S))
    return [
        _token(row)
        for row in found
        if shop in {None, row["shop"]} and actor.may(Function.PEOPLE_MANAGE, shop=str(row["shop"]))
    ]


def _known(connection: Connection, actor: Actor, token_id: str) -> queries.Row:
    actor.must(Function.PEOPLE_MANAGE)
    token = queries.token_by_id(connection, token_id)
    if (
        token is None
        or token["kind"] == BROWSER
        or not actor.may(Function.PEOPLE_MANAGE, shop=str(token["shop"]))
    ):
        raise NotFound(f"there is no token {token_id[:40]!r}")
    return token


def _token(row: queries.Row) -> Token:
    functions = row["functions"] if row["functions"] is not None else sorted(KINDS[str(row["kind"])])
    return Token(
        str(row["id"]),
        str(row["kind"]),
        str(row["subject"]),
        str(row["shop"]),
        row["name"],
        tuple(functions),
        row["created_at"],
        row["expires_at"],
        row["made_by_name"],
        row["seen_at"],
        row["follows"],
    )


def actor_of_token(connection: Connection, secret: str, at: Instant) -> Actor | None:
    """Return the register, device or service that a token speaks for; None where it is none, or has ended."""
    token = queries.token_by_hash(connection, hash_secret(secret), at)
    if token is None:
        return None
    kind, subject = str(token["kind"]), str(token["subject"])
    acts_as = "register" if kind == BROWSER else kind
    functions = _ALL_KINDS[kind]
    if token["functions"] is not None:
        # What a kind may no longer do, none of its tokens may.
        functions &= {Function(one) for one in token["functions"] if one in set(Function)}
    return Actor(
        acts_as,
        f"{acts_as}:{subject}",
        token["name"] or subject,
        str(token["shop"]),
        functions,
        register=None if kind == SERVICE else subject,
    )


def saw_token(connection: Connection, at: Instant, secret: str) -> None:
    """Write down that a token was used; nothing happens where it is none any more."""
    token = queries.token_by_hash(connection, hash_secret(secret), at)
    if token is not None:
        queries.see_token(connection, str(token["id"]), at)


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
    write_down(connection, AuditEvent.REGISTER_PAIRED, actor, at, token_id, shop=shop, register=register)
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
    write_down(connection, AuditEvent.REGISTER_UNPAIRED, actor, at, pairing, shop=shop, register=register)
