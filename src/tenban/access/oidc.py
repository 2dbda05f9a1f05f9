"""Signing in by the company's identity provider: who it is there, and who that is here.

Somebody is known here by the provider's address and the subject it gives them, which it never gives to
anybody else. They are linked by themselves once, while signed in here; or, where the configuration says so,
by a claim that is their sign-in name, or by a group. An e-mail address alone never links anybody.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tenban.access import factor_queries, queries
from tenban.access.account_rows import account_row, person_of
from tenban.access.audit import AuditEvent, write_down
from tenban.access.challenges import keep_challenge, take_challenge
from tenban.access.model import Actor, Role, system_actor
from tenban.access.passkeys import LastFactor
from tenban.access.passwords import is_mighty
from tenban.access.people import Source, actor_of_person, add_person, folded
from tenban.access.provider import IdentityRefused, Provider, ProviderDown, client_secret
from tenban.access.queries import Row
from tenban.access.secrets import hash_secret
from tenban.access.sign_in import House, SignedIn, let_in
from tenban.base.clock import Instant
from tenban.base.errors import BadInput, Conflict, TenbanError
from tenban.base.log import get_log
from tenban.sites.signing_in import GroupRule, Oidc

log = get_log(__name__)

Purpose = Literal["oidc:sign-in", "oidc:link"]
_BY: Final = system_actor("oidc")
_FOR: Final = "oidc"


class UnknownIdentity(IdentityRefused):
    """The provider knows them; nobody here is linked with them."""

    code = "identity_unknown"

    def __init__(self) -> None:
        super().__init__("nobody here is linked with them")


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a browser goes, and what it has to bring back beside the code.

    Attributes:
        address: at the provider.
        state: for a cookie: whoever comes back without it was sent by somebody else.
    """

    address: str
    state: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back, still to be turned into a session.

    Attributes:
        claims: what the provider says, checked.
        wanted: where the browser wanted to go.
        person_id: who began to link themselves; None: somebody signs in.
    """

    claims: Mapping[str, Any]
    wanted: str
    person_id: str | None


async def begin(
    house: House, provider: Provider, *, redirect_uri: str, wanted: str, person_id: str | None = None
) -> Begun:
    """Send a browser to the provider.

    Args:
        house: the database and the key its secrets lie under.
        provider: of the company.
        redirect_uri: where the provider sends the browser back to.
        wanted: where the browser goes in the end.
        person_id: who links themselves; None: somebody signs in.

    Raises:
        ProviderDown: it cannot be asked where to send the browser.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    address = await provider.way_in(redirect_uri=redirect_uri, state=state, nonce=nonce, verifier=verifier)
    with_it = orjson.dumps([nonce, verifier, redirect_uri, wanted])
    purpose: Purpose = "oidc:sign-in" if person_id is None else "oidc:link"
    await house.db.write(
        partial(
            keep_challenge,
            secret=state,
            purpose=purpose,
            at=house.clock.now(),
            person_id=person_id,
            sealed=house.vault.seal(with_it, _FOR),
        )
    )
    return Begun(address, state)


async def returned(
    house: House, provider: Provider, *, state: str, code: str, person_id: str | None
) -> Returned:
    """Return what the provider says of whoever came back.

    Args:
        house: the database and the key its secrets lie under.
        provider: of the company.
        state: as it came back, and as the cookie holds it.
        code: as it came back.
        person_id: who is linking themselves; None: somebody signs in.

    Raises:
        ChallengeGone: nobody was sent there (any more), or somebody else.
        IdentityRefused: the provider says nothing, or what does not hold.
        ProviderDown: it cannot be asked.
    """
    purpose: Purpose = "oidc:sign-in" if person_id is None else "oidc:link"
    row = await house.db.write(
        partial(take_challenge, secret=state, purpose=purpose, at=house.clock.now(), person_id=person_id)
    )
    secret = await _secret(house, provider.oidc)
    nonce, verifier, redirect_uri, wanted = orjson.loads(house.vault.open(row["sealed"], _FOR))
    claims = await provider.claims(
        code=code,
        redirect_uri=redirect_uri,
        nonce=nonce,
        verifier=verifier,
        secret=secret,
    )
    return Returned(claims, str(wanted), person_id)


async def sign_in_by_provider(
    house: House, oidc: Oidc, claims: Mapping[str, Any], *, source: Source
) -> SignedIn:
    """Open a session for whoever the provider says it is.

    Raises:
        UnknownIdentity: nobody here is linked with them.
        IdentityRefused: they may not sign in here, or not any more.
    """
    both = oidc.two_factors or "mfa" in _texts(claims.get("amr"))  # RFC 8176
    source = replace(source, how="oidc", two_factors=both)

    def run(connection: Connection) -> SignedIn:
        person = _person(connection, house, oidc, claims)
        factor_queries.use_identity(connection, oidc.issuer, str(claims["sub"]), house.clock.now())
        return let_in(connection, house, str(person["name"]), source)

    return await house.db.write(run)


def link(connection: Connection, actor: Actor, at: Instant, oidc: Oidc, claims: Mapping[str, Any]) -> None:
    """Let whoever this is at the provider in as oneself from now on.

    Raises:
        Conflict: they are somebody else here.
    """
    person_id = person_of(actor)
    account_row(connection, actor)
    known = factor_queries.person_of_identity(connection, oidc.issuer, str(claims["sub"]))
    if known is not None and known["id"] != person_id:
        raise Conflict("expected a company account that nobody here has, got somebody else's")
    if known is None:
        _link(connection, actor, at, oidc, claims, person_id)


def unlink(connection: Connection, actor: Actor, at: Instant) -> None:
    """Let nobody in as oneself by the provider any more.

    Raises:
        LastFactor: nothing else lets in.
    """
    row = account_row(connection, actor)
    person_id = str(row["id"])
    if not row["password_hash"] and not factor_queries.passkeys_of(connection, person_id):
        raise LastFactor("expected another way to sign in, and the company's account is the only one")
    if factor_queries.drop_identities(connection, person_id):
        write_down(connection, AuditEvent.IDENTITY_UNLINKED, actor, at, person_id)


def is_to_link(connection: Connection, state: str) -> bool:
    """Tell whether a browser was sent to the provider to link somebody."""
    row = factor_queries.challenge(connection, hash_secret(state))
    return row is not None and row["purpose"] == "oidc:link"


def is_linked(connection: Connection, person_id: str) -> bool:
    """Tell whether somebody may sign in by the provider."""
    return bool(factor_queries.identities_of(connection, person_id))


def write_refused(connection: Connection, at: Instant, why: str, address: str | None) -> None:
    """Write down that the provider let nobody in."""
    write_down(connection, AuditEvent.IDENTITY_REFUSED, _BY, at, "oidc", why=why[:200], address=address)


async def _secret(house: House, oidc: Oidc) -> str:
    """Return this client's secret; raises ProviderDown where the one that the file names is not there."""
    try:
        opened = await asyncio.to_thread(house.opened, "oidc", oidc.client_secret)
        return client_secret(opened)
    except TenbanError as error:
        # Policy: nobody can sign in by the provider until it is mended; the log says what is missing.
        log.warning("the identity provider's client secret is missing", why=str(error))
        raise ProviderDown("the company's sign-in is not set up whole") from error


def _person(connection: Connection, house: House, oidc: Oidc, claims: Mapping[str, Any]) -> Row:
    """Return the row of whoever a provider's claims stand for here."""
    subject, now_at = str(claims["sub"]), house.clock.now()
    rule = _rule(oidc, claims)
    person = factor_queries.person_of_identity(connection, oidc.issuer, subject)
    if person is None:
        person = _by_claim(connection, oidc, claims)
        if person is not None:
            _link(connection, actor_of_person(person, house.areas), now_at, oidc, claims, str(person["id"]))
        elif rule is not None:
            person = _made(connection, house, oidc, claims, rule)
        else:
            raise UnknownIdentity
    if person["disabled_at"] is not None:
        raise IdentityRefused("they are disabled here")
    if any(one["by_groups"] for one in factor_queries.identities_of(connection, str(person["id"]))):
        if rule is None:
            raise IdentityRefused("they are in no group any more that may sign in here")
        person = _with_rights(connection, person, rule, now_at)
    return person


def _by_claim(connection: Connection, oidc: Oidc, claims: Mapping[str, Any]) -> Row | None:
    """Return whom a claim names, where the configuration says that it may; an administrator links oneself."""
    name = claims.get(oidc.link_by) if oidc.link_by else None
    if not isinstance(name, str) or not name.strip():
        return None
    if oidc.link_by == "email" and claims.get("email_verified") is not True:
        return None
    person = queries.person_by_name(connection, folded(name))
    if person is None or is_mighty(Role(role) for role in person["roles"]):
        return None
    # Who has another account there already is not taken over by a second one of the same name.
    return None if factor_queries.identities_of(connection, str(person["id"])) else person


def _made(
    connection: Connection, house: House, oidc: Oidc, claims: Mapping[str, Any], rule: GroupRule
) -> Row:
    name = next(
        (said for key in ("preferred_username", "email", "sub") if (said := _text(claims.get(key)))), ""
    )[:100]
    try:
        person_id = add_person(
            connection,
            _BY,
            house.clock.now(),
            name=name,
            password_hash="",
            roles=[Role(role) for role in rule.roles],
            shop=rule.shop,
            area=rule.area,
            display_name=_text(claims.get("name"))[:100] or None,
        )
    except (BadInput, Conflict) as error:
        raise IdentityRefused(f"they cannot be added: {error}") from error
    _link(connection, _BY, house.clock.now(), oidc, claims, person_id, by_groups=True)
    return queries.people_by_ids(connection, [person_id])[0]


def _with_rights(connection: Connection, person: Row, rule: GroupRule, at: Instant) -> Row:
    """Give somebody what their group is now; other rights end the sessions of before."""
    before = (list(person["roles"]), person["shop"], person["area"])
    after = (list(rule.roles), rule.shop, rule.area)
    if before == after:
        return person
    queries.change_person(connection, person["id"], roles=after[0], shop=rule.shop, area=rule.area)
    queries.end_sessions(connection, person["id"])
    event = AuditEvent.PERSON_CHANGED
    write_down(connection, event, _BY, at, str(person["id"]), before=before, after=after)
    return queries.people_by_ids(connection, [person["id"]])[0]


def _link(
    connection: Connection,
    actor: Actor,
    at: Instant,
    oidc: Oidc,
    claims: Mapping[str, Any],
    person_id: str,
    *,
    by_groups: bool = False,
) -> None:
    subject = str(claims["sub"])
    try:
        factor_queries.add_identity(
            connection,
            issuer=oidc.issuer,
            subject=subject,
            person_id=person_id,
            linked_at=at,
            by_groups=by_groups,
            used_at=None,
        )
    except IntegrityError as error:
        raise Conflict("expected a company account that nobody here has, got somebody else's") from error
    write_down(connection, AuditEvent.IDENTITY_LINKED, actor, at, person_id, issuer=oidc.issuer)


def _rule(oidc: Oidc, claims: Mapping[str, Any]) -> GroupRule | None:
    """Return the first rule one of whose members this is."""
    groups = set(_texts(claims.get(oidc.groups_claim)))
    return next((rule for rule in oidc.groups if rule.name in groups), None)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
