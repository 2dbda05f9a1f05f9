"""Webhooks: who is told of incidents outside of this server, and what still has to be sent to them.

What is to be sent is written before it is sent, in the order of the outbox, and stays until the receiver has
answered 2xx. It may come twice (the id tells), never not at all; what was refused for three days is given up,
shown, and sent again by hand.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Connection, RowMapping

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Instant, seconds, to_rfc3339
from tenban.base.errors import BadInput, NotFound
from tenban.base.ids import new_id
from tenban.db.queries import remove_secret
from tenban.notify import webhook_queries as queries
from tenban.notify.secrets import SecretKeeper
from tenban.notify.signing import SECRET_BYTES, secret_text
from tenban.sites.reach import Reach

EVENTS: Mapping[str, str] = {
    "incident.brief": "brief",
    "incident.clip": "clip",
    "incident.changed": "changed",
    "incident.withdrawn": "withdrawn",
    "incident.passed_on": "passed_on",
}
"""Event types, each with the kind of notice it tells of."""
PING = "ping"
MOST = 20
"""How many webhooks a shop may have."""
_MINUTE, _HOUR = 60, 3600
WAITS_S = (5, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
"""How long is waited after each attempt that failed, as the specification recommends; then it is given up."""
KEEP_DELIVERED_S, KEEP_DEAD_S = 7 * 24 * _HOUR, 30 * 24 * _HOUR
_PAGE = 200

Describe = Callable[[Connection, RowMapping], dict[str, Any] | None]
"""Makes of a notice what is told of it; None: there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Made:
    """A fresh webhook or secret; the secret is shown once."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Sending:
    """Something to send now.

    Attributes:
        id: of the message, the same at each attempt.
        secrets: that sign it, the present one first.
    """

    id: str
    webhook: str
    url: str
    body: bytes
    attempts: int
    secrets: tuple[str, ...]


def add(
    connection: Connection,
    actor: Actor,
    at: Instant,
    keeper: SecretKeeper,
    reach: Reach,
    *,
    shop: str,
    name: str,
    url: str,
    events: Sequence[str],
) -> Made:
    """Add a webhook, which is told of what comes from now on.

    Raises:
        BadInput: no name, no address that may be reached, no known event, or too many webhooks.
        Forbidden: the actor may not.
    """
    actor.must(Function.PEOPLE_MANAGE, shop=shop)
    actor.must_prove(Function.PEOPLE_MANAGE)
    if len(queries.all_of(connection, shop)) >= MOST:
        raise BadInput("webhooks", expected=f"at most {MOST} of a shop", came=f"{MOST + 1}")
    key = secret_text(secrets.token_bytes(SECRET_BYTES))
    webhook_id = new_id(at)
    queries.add(
        connection,
        id=webhook_id,
        shop=shop,
        name=_name(name),
        url=checked_url(url, reach),
        events=_events(events),
        secret=keeper.keep(connection, at, key),
        after_n=queries.newest_notice(connection),
        created_at=at,
        made_by_name=actor.name,
    )
    host = urlsplit(url).hostname
    write_down(connection, AuditEvent.WEBHOOK_MADE, actor, at, webhook_id, host=host, events=list(events))
    return Made(webhook_id, key)


def change(
    connection: Connection,
    actor: Actor,
    at: Instant,
    reach: Reach,
    webhook_id: str,
    *,
    name: str | None = None,
    url: str | None = None,
    events: Sequence[str] | None = None,
    on: bool | None = None,
) -> None:
    """Change what is given; one that is switched on again is told of what came meanwhile."""
    _known(connection, actor, webhook_id)
    actor.must_prove(Function.PEOPLE_MANAGE)
    wanted: dict[str, Any] = {
        "name": None if name is None else _name(name),
        "url": None if url is None else checked_url(url, reach),
        "events": None if events is None else _events(events),
        "on": on,
    }
    values = {key: value for key, value in wanted.items() if value is not None}
    if values:
        queries.change(connection, webhook_id, **values)
        told = {key: value for key, value in values.items() if key != "url"}
        if url is not None:
            told["host"] = urlsplit(url).hostname
        write_down(connection, AuditEvent.WEBHOOK_CHANGED, actor, at, webhook_id, **told)


def rotate_secret(
    connection: Connection,
    actor: Actor,
    at: Instant,
    keeper: SecretKeeper,
    webhook_id: str,
    *,
    overlap_s: float,
) -> Made:
    """Make a new secret; the old one signs beside it for the overlap."""
    known = _known(connection, actor, webhook_id)
    actor.must_prove(Function.PEOPLE_MANAGE)
    if not 0 <= overlap_s <= KEEP_DEAD_S:
        raise BadInput("overlap", expected="0 to 30 days", came=f"{overlap_s:g} s")
    key = secret_text(secrets.token_bytes(SECRET_BYTES))
    _forget(connection, known["previous_secret"])
    queries.change(
        connection,
        webhook_id,
        secret=keeper.keep(connection, at, key),
        previous_secret=known["secret"],
        previous_until_at=at + seconds(overlap_s),
    )
    write_down(connection, AuditEvent.WEBHOOK_CHANGED, actor, at, webhook_id, secret="rotated")  # noqa: S106  # says that it was
    return Made(webhook_id, key)


def remove(connection: Connection, actor: Actor, at: Instant, webhook_id: str) -> None:
    """Take a webhook away, with all that was to be sent to it."""
    known = _known(connection, actor, webhook_id)
    _forget(connection, known["secret"], known["previous_secret"])
    queries.remove(connection, webhook_id)
    host = urlsplit(known["url"]).hostname
    write_down(connection, AuditEvent.WEBHOOK_REMOVED, actor, at, webhook_id, host=host)


def ping(connection: Connection, actor: Actor, at: Instant, webhook_id: str) -> str:
    """Have a message sent that says nothing but that it came; return its id."""
    _known(connection, actor, webhook_id)
    return _put(connection, at, webhook_id, PING, {"webhook": webhook_id})


def send_again(connection: Connection, actor: Actor, at: Instant, delivery_id: str) -> None:
    """Have something sent again at once that was given up or waits."""
    found = queries.delivery_by_id(connection, delivery_id)
    if found is None or found["state"] == "delivered":
        raise NotFound(f"nothing waits to be sent under {delivery_id[:40]!r}")
    _known(connection, actor, str(found["webhook_id"]))
    queries.change_delivery(connection, delivery_id, state="waiting", next_at=at, attempts=0)


def listed(connection: Connection, actor: Actor, *, shop: str | None = None) -> list[dict[str, Any]]:
    """Return webhooks with how they do; never their secrets."""
    actor.must(Function.PEOPLE_MANAGE, shop=shop)
    counts = queries.counts(connection)
    return [
        {
            **{key: row[key] for key in ("id", "shop", "name", "url", "events", "on", "made_by_name")},
            **{
                key: row[key]
                for key in ("created_at", "delivered_at", "failing_since_at", "previous_until_at")
            },
            "waiting": counts.get((row["id"], "waiting"), 0),
            "dead": counts.get((row["id"], "dead"), 0),
            "unsent": [
                {
                    key: one[key]
                    for key in ("id", "event", "state", "attempts", "next_at", "last_at", "last_error")
                }
                for one in queries.unsent(connection, str(row["id"]), 10)
            ],
        }
        for row in queries.all_of(connection, shop)
        if actor.may(Function.PEOPLE_MANAGE, shop=str(row["shop"]))
    ]


def is_behind(connection: Connection) -> bool:
    """Tell whether something came that a webhook was not told of yet."""
    newest = queries.newest_notice(connection)
    return any(row["on"] and row["after_n"] < newest for row in queries.all_of(connection))


def gather(connection: Connection, at: Instant, describe: Describe) -> int:
    """Write down what has to be sent of the notices that came since; return how many.

    In one transaction with how far each webhook was told, so that nothing is told twice or left out.
    """
    newest, made = queries.newest_notice(connection), 0
    for row in queries.all_of(connection):
        if not row["on"] or row["after_n"] >= newest:
            continue
        types = {EVENTS[event]: event for event in row["events"] if event in EVENTS}
        found = queries.notices_for(connection, str(row["shop"]), list(types), row["after_n"], newest, _PAGE)
        for notice in found:
            told = describe(connection, notice)
            if told is not None:
                _put(connection, at, str(row["id"]), types[notice["kind"]], told, notice["at"])
                made += 1
        reached = found[-1]["n"] if len(found) == _PAGE else newest
        queries.change(connection, str(row["id"]), after_n=reached)
    return made


def due(connection: Connection, at: Instant, keeper: SecretKeeper, *, limit: int = 50) -> list[Sending]:
    """Return what is to be sent now, oldest first."""
    hooks = {str(row["id"]): row for row in queries.all_of(connection)}
    return [
        Sending(
            str(row["id"]),
            str(row["webhook_id"]),
            str(hooks[row["webhook_id"]]["url"]),
            row["body"].encode(),
            row["attempts"],
            _secrets(connection, hooks[row["webhook_id"]], at, keeper),
        )
        for row in queries.due(connection, at, limit)
    ]


def taken(connection: Connection, at: Instant, sending: Sending) -> None:
    """Write down that the receiver took something."""
    queries.change_delivery(
        connection,
        sending.id,
        state="delivered",
        attempts=sending.attempts + 1,
        next_at=None,
        last_at=at,
        last_error=None,
    )
    queries.change(connection, sending.webhook, delivered_at=at, failing_since_at=None)


def refused(
    connection: Connection,
    at: Instant,
    sending: Sending,
    why: str,
    *,
    jitter: float = 1.0,
    gone: bool = False,
) -> None:
    """Write down that it did not, and when it is tried again, if it is.

    Args:
        connection: the caller's transaction.
        at: when it was refused.
        sending: what.
        why: in words.
        jitter: the wait is multiplied by it, so that not all come back at once.
        gone: the receiver wants no more (410): the webhook is switched off.
    """
    attempts = sending.attempts + 1
    given_up = gone or attempts > len(WAITS_S)
    queries.change_delivery(
        connection,
        sending.id,
        state="dead" if given_up else "waiting",
        attempts=attempts,
        next_at=None if given_up else at + seconds(WAITS_S[attempts - 1] * jitter),
        last_at=at,
        last_error=why[:300],
    )
    known = queries.by_id(connection, sending.webhook)
    if known is not None and known["failing_since_at"] is None:
        queries.change(connection, sending.webhook, failing_since_at=at)
    if gone:
        queries.change(connection, sending.webhook, on=False)


def checked_url(url: str, reach: Reach) -> str:
    """Return an address that webhooks may have.

    Raises:
        BadInput: it is none, carries a password, or leads where none is reached.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"https", "http"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or len(url) > 2000 or not url.isascii() or not url.isprintable() or " " in url:
        raise BadInput("url", expected="https://HOST/PATH", came=repr(url[:80]))
    if "@" in parts.netloc:
        raise BadInput(
            "url", expected="no name and password in it: the signature proves us", came="one with @"
        )
    assert parts.hostname is not None  # noqa: S101  # it is good
    reach.check_name(parts.hostname)
    if parts.scheme == "http" and not _is_named(parts.hostname, reach):
        raise BadInput("url", expected="https://, since it tells of people", came="http://")
    return url


def _is_named(host: str, reach: Reach) -> bool:
    """Tell whether the file allows this host on purpose, such as one in the shop's own network."""
    try:
        Reach(reach.purpose).check_name(host)
    except BadInput:
        return True
    return host.lower() in {one.lower() for one in reach.allow}


def _put(
    connection: Connection,
    at: Instant,
    webhook_id: str,
    event: str,
    data: dict[str, Any],
    happened_at: Instant | None = None,
) -> str:
    body = {"type": event, "timestamp": to_rfc3339(happened_at or at), "data": data}
    delivery_id = new_id(at)
    queries.add_delivery(
        connection,
        id=delivery_id,
        webhook_id=webhook_id,
        event=event,
        body=orjson.dumps(body).decode(),
        state="waiting",
        attempts=0,
        created_at=at,
        next_at=at,
    )
    return delivery_id


def _secrets(connection: Connection, row: RowMapping, at: Instant, keeper: SecretKeeper) -> tuple[str, ...]:
    kept = [row["secret"]]
    if row["previous_secret"] is not None and at < row["previous_until_at"]:
        kept.append(row["previous_secret"])
    return tuple(keeper.open(connection, str(one)) for one in kept)


def _forget(connection: Connection, *markers: str | None) -> None:
    for marker in markers:
        if marker is not None:
            remove_secret(connection, marker)


def _known(connection: Connection, actor: Actor, webhook_id: str) -> RowMapping:
    actor.must(Function.PEOPLE_MANAGE)
    found = queries.by_id(connection, webhook_id)
    if found is None or not actor.may(Function.PEOPLE_MANAGE, shop=str(found["shop"])):
        raise NotFound(f"there is no webhook {webhook_id[:40]!r}")
    return found


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 100 or "\x00" in name:
        raise BadInput("name", expected="1 to 100 characters", came=repr(name[:120]))
    return name


def _events(events: Sequence[str]) -> list[str]:
    wrong = sorted(set(events) - set(EVENTS))
    if wrong or not events:
        raise BadInput(
            "events", expected=f"some of {', '.join(EVENTS)}", came=", ".join(wrong)[:200] or "none"
        )
    return sorted(set(events))
