"""Tokens of tills, devices and services, for whoever sits at the machine itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenban.access import tokens
from tenban.access.model import system_actor
from tenban.base.clock import SystemClock, seconds, to_rfc3339
from tenban.base.errors import BadInput
from tenban.server.accounts import open_database
from tenban.server.settings import ServeSettings
from tenban.sites.config import load_sites

_ACTOR = system_actor("console")


def new_token(
    settings: ServeSettings,
    *,
    kind: str,
    subject: str,
    shop: str | None = None,
    name: str | None = None,
    functions: Sequence[str] | None = None,
    expires_s: float | None = None,
) -> tokens.Issued:
    """Make a token for a register (or a device beside it), or for a service of a shop."""
    sites = load_sites(settings.config)
    if kind == tokens.SERVICE:
        shops = [one.id for one in sites.shops]
        if shop is None and len(shops) == 1:
            shop = shops[0]
        if shop not in shops:
            raise BadInput("--shop", expected=" | ".join(shops), came=repr(shop))
    else:
        registers = {one.id: one.shop for one in sites.registers}
        if subject not in registers:
            expected = " | ".join(registers) or "a register in the file"
            raise BadInput("register", expected=expected, came=repr(subject))
        shop = registers[subject]
    now_at = SystemClock().now()
    expires_at = None if expires_s is None else now_at + seconds(expires_s)
    with open_database(settings) as database:
        return database.write_now(
            lambda connection: tokens.issue(
                connection,
                _ACTOR,
                now_at,
                kind=kind,
                subject=subject,
                shop=shop,
                name=name,
                functions=functions,
                expires_at=expires_at,
            )
        )


def list_tokens(settings: ServeSettings) -> list[dict[str, Any]]:
    """Return the tokens that work, and those that ended in the last days."""
    now_at = SystemClock().now()
    with open_database(settings) as database:
        found = database.read_now(lambda connection: tokens.tokens_in_force(connection, _ACTOR, now_at))
    return [_told(one) for one in found]


def rotate_token(settings: ServeSettings, token_id: str, overlap_s: float) -> tokens.Issued:
    """Make a token's successor; the old one works on for the overlap."""
    now_at = SystemClock().now()
    with open_database(settings) as database:
        return database.write_now(
            lambda connection: tokens.rotate(connection, _ACTOR, now_at, token_id, overlap_s=overlap_s)
        )


def revoke_token(settings: ServeSettings, token_id: str) -> tokens.Token:
    """End a token; a server that runs knows within five seconds."""
    now_at = SystemClock().now()
    with open_database(settings) as database:
        return database.write_now(lambda connection: tokens.revoke(connection, _ACTOR, now_at, token_id))


def _told(one: tokens.Token) -> dict[str, Any]:
    times = {key: getattr(one, key) for key in ("created_at", "expires_at", "seen_at")}
    return {
        "id": one.id,
        "kind": one.kind,
        "subject": one.subject,
        "shop": one.shop,
        "name": one.name,
        "functions": list(one.functions),
        "follows": one.follows,
        **{key: None if at is None else to_rfc3339(at) for key, at in times.items()},
    }
