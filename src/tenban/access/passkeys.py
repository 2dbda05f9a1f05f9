"""Passkeys (W3C Web Authentication): made, listed, renamed, removed, and what they show held against them.

The cryptography is py_webauthn's. Ours is what is asked for: a key kept by the authenticator that the person
unlocks by finger, face or PIN, so that it counts as both factors; and that each answer is to a challenge of
ours, once, from a page of ours, by a passkey made at this very name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tenban.access import factor_queries, queries
from tenban.access.account_rows import account_row, person_of
from tenban.access.audit import AuditEvent, write_down
from tenban.access.challenges import LIVES_S, Purpose, keep_challenge, take_challenge
from tenban.access.model import Actor
from tenban.access.queries import Row
from tenban.access.relying_party import RelyingParty
from tenban.access.secrets import hash_secret
from tenban.base.clock import Instant
from tenban.base.errors import BadInput, Conflict, NotFound, NotSignedIn
from tenban.base.ids import new_id

MOST: Final = 20
"""Of one person; nobody has more devices."""
_TRANSPORTS: Final = frozenset(one.value for one in AuthenticatorTransport)
# What malformed input makes the library raise: its own errors, and Python's where it does not look.
_MALFORMED: Final = (WebAuthnException, ValueError, TypeError, KeyError, OverflowError)


class WrongPasskey(NotSignedIn):
    """Not a passkey of anybody here, or it does not show what it should."""

    code = "wrong_passkey"

    def __init__(self, why: str) -> None:
        super().__init__(f"the passkey does not let in: {why}")
        self.why = why
        self.told = {
            "ja": "このパスキーは使えません。別の方法でサインインしてください。",
            "en": "This passkey does not let you in. Please sign in another way.",
        }


class LastFactor(Conflict):
    """Without it the person could not do what their role allows, or not get in at all."""

    code = "last_factor"


@dataclass(frozen=True, slots=True)
class Passkey:
    """One of a person's passkeys.

    Attributes:
        name: what the person calls it.
        rp_id: the host name at which it works.
        synced: it is copied to the person's other devices, such as by the phone's maker.
        made_at: when it was made.
        used_at: when it last let in or showed who it is; None: not yet.
    """

    id: str
    name: str
    rp_id: str
    synced: bool
    made_at: Instant
    used_at: Instant | None


def listed(connection: Connection, person_id: str) -> list[Passkey]:
    """Return a person's passkeys, the oldest first."""
    return [
        Passkey(row["id"], row["name"], row["rp_id"], row["synced"], row["made_at"], row["used_at"])
        for row in factor_queries.passkeys_of(connection, person_id)
    ]


def has_passkey(connection: Connection, person_id: str) -> bool:
    """Tell whether somebody has one."""
    return bool(factor_queries.passkeys_of(connection, person_id))


def begin_making(
    connection: Connection, actor: Actor, at: Instant, party: RelyingParty, company: str
) -> dict[str, Any]:
    """Return what a browser makes a passkey by (PublicKeyCredentialCreationOptionsJSON).

    Raises:
        Conflict: the person has too many.
    """
    row = account_row(connection, actor)
    person_id, known = str(row["id"]), factor_queries.passkeys_of(connection, str(row["id"]))
    if len(known) >= MOST:
        raise Conflict(f"expected fewer than {MOST} passkeys; remove one first")
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=f"Tenban {company}"[:100],
        user_id=person_id.encode(),
        user_name=str(row["name"]),
        user_display_name=str(row["display_name"]),
        timeout=LIVES_S * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(known, party),
    )
    _keep(connection, options.challenge, "passkey:make", at, person_id)
    return _plain(options)


def finish_making(
    connection: Connection,
    actor: Actor,
    at: Instant,
    party: RelyingParty,
    *,
    name: str,
    answer: dict[str, Any],
    session: str | None = None,
) -> Passkey:
    """Keep the passkey that a browser made; the session in which it was made has shown both factors.

    Args:
        connection: the caller's transaction.
        actor: whose it is.
        at: when.
        party: this server, at the name the browser knows.
        name: what the person calls it.
        answer: what the browser brought (RegistrationResponseJSON); its challenge was taken before.
        session: the secret of the session.

    Raises:
        BadInput: no name, or no passkey.
        Conflict: it is kept already.
    """
    person_id = person_of(actor)
    name = _named_by_people(name)
    challenge = challenge_of(answer)
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _MALFORMED as error:
        raise BadInput("passkey", expected="one that was made here", came=error) from error
    transports = answer["response"].get("transports")
    kept = Passkey(new_id(at), name, party.id, made.credential_backed_up, at, None)
    try:
        factor_queries.add_passkey(
            connection,
            id=kept.id,
            person_id=person_id,
            credential_id=bytes_to_base64url(made.credential_id),
            public_key=bytes_to_base64url(made.credential_public_key),
            rp_id=party.id,
            name=name,
            sign_count=made.sign_count,
            transports=sorted(_TRANSPORTS.intersection(_texts(transports))),
            may_sync=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            synced=made.credential_backed_up,
            made_at=at,
            used_at=None,
        )
    except IntegrityError as error:
        raise Conflict("expected a new passkey, got one that is kept already") from error
    if session is not None:
        queries.mark_two_factors(connection, hash_secret(session))
    write_down(connection, AuditEvent.PASSKEY_ADDED, actor, at, person_id, name=name, host=party.id)
    return kept


def begin_asking(
    connection: Connection, at: Instant, party: RelyingParty, person_id: str | None = None
) -> dict[str, Any]:
    """Return what a browser shows a passkey by (PublicKeyCredentialRequestOptionsJSON).

    Args:
        connection: the caller's transaction.
        at: when.
        party: this server, at the name the browser knows.
        person_id: whose passkeys may be shown; None: anybody's, to sign in with.
    """
    known = [] if person_id is None else factor_queries.passkeys_of(connection, person_id)
    options = generate_authentication_options(
        rp_id=party.id,
        timeout=LIVES_S * 1000,
        allow_credentials=_named(known, party),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    purpose: Purpose = "passkey:sign-in" if person_id is None else "passkey:prove"
    _keep(connection, options.challenge, purpose, at, person_id)
    return _plain(options)


def owner_of(connection: Connection, answer: dict[str, Any]) -> Row | None:
    """Return whose passkey an answer claims to be of, before anything of it is believed; None: nobody's."""
    row = factor_queries.passkey_by_credential(connection, _text(answer.get("id")))
    found = [] if row is None else queries.people_by_ids(connection, [row["person_id"]])
    return found[0] if found and found[0]["disabled_at"] is None else None


def check_answer(
    connection: Connection,
    at: Instant,
    party: RelyingParty,
    answer: dict[str, Any],
    *,
    person_id: str | None = None,
) -> str:
    """Hold what a browser shows against the passkey it names; return whose it is.

    Args:
        connection: the caller's transaction.
        at: when.
        party: this server, at the name the browser knows.
        answer: what the browser brought (AuthenticationResponseJSON); its challenge was taken before.
        person_id: whose passkey it has to be; None: anybody's.

    Raises:
        WrongPasskey: it is nobody's, another's, made at another name, or shows something else.
    """
    challenge = challenge_of(answer)
    row = factor_queries.passkey_by_credential(connection, _text(answer.get("id")))
    owner = owner_of(connection, answer)
    if row is None or owner is None or person_id not in {None, row["person_id"]}:
        raise WrongPasskey("it is not kept here")
    if row["rp_id"] != party.id:
        raise WrongPasskey("it was made at another name of this server")
    try:
        shown = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(row["public_key"]),
            credential_current_sign_count=row["sign_count"],
            require_user_verification=True,
        )
        handle = answer["response"].get("userHandle")
        whose = None if handle is None else base64url_to_bytes(_text(handle)).decode()
    except _MALFORMED as error:
        raise WrongPasskey(str(error)[:200]) from error
    if whose not in {None, row["person_id"]}:
        raise WrongPasskey("it names somebody else")
    if (shown.credential_device_type is CredentialDeviceType.MULTI_DEVICE) != row["may_sync"]:
        raise WrongPasskey("it says otherwise than before whether it can be copied")
    factor_queries.change_passkey(
        connection,
        row["person_id"],
        row["id"],
        sign_count=shown.new_sign_count,
        synced=shown.credential_backed_up,
        used_at=at,
    )
    return str(row["person_id"])


def rename(connection: Connection, actor: Actor, at: Instant, passkey_id: str, name: str) -> None:
    """Call one of one's own passkeys something else.

    Raises:
        NotFound: there is none (any more), or it is somebody else's.
    """
    person_id, name = person_of(actor), _named_by_people(name)
    if not factor_queries.change_passkey(connection, person_id, passkey_id, name=name):
        raise NotFound(f"you have no passkey {passkey_id[:40]!r} (any more)")
    write_down(connection, AuditEvent.PASSKEY_RENAMED, actor, at, person_id, name=name)


def remove(
    connection: Connection, actor: Actor, at: Instant, passkey_id: str, *, app_roles: Collection[str] = ()
) -> None:
    """Let one of one's own passkeys in no more.

    Raises:
        NotFound: there is none (any more), or it is somebody else's.
        LastFactor: the role asks for a second factor and this is the only one, or nothing else lets in.
    """
    row = account_row(connection, actor)
    person_id = str(row["id"])
    known = factor_queries.passkeys_of(connection, person_id)
    this = next((one for one in known if one["id"] == passkey_id), None)
    if this is None:
        raise NotFound(f"you have no passkey {passkey_id[:40]!r} (any more)")
    if len(known) == 1:
        app = queries.one_time_code_of(connection, person_id)
        needed = not set(app_roles).isdisjoint(row["roles"])
        if needed and (app is None or app["confirmed_at"] is None):
            raise LastFactor("your role asks for a second factor, and this passkey is the only one")
        if not row["password_hash"] and not factor_queries.identities_of(connection, person_id):
            raise LastFactor("expected another way to sign in, and this passkey is the only one")
    factor_queries.drop_passkeys(connection, person_id, passkey_id)
    write_down(connection, AuditEvent.PASSKEY_REMOVED, actor, at, person_id, name=this["name"])


def _named(known: list[Row], party: RelyingParty) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(one["credential_id"]),
            transports=[AuthenticatorTransport(way) for way in one["transports"] if way in _TRANSPORTS],
        )
        for one in known
        if one["rp_id"] == party.id
    ]


def _keep(
    connection: Connection, challenge: bytes, purpose: Purpose, at: Instant, person_id: str | None
) -> None:
    keep_challenge(connection, bytes_to_base64url(challenge), purpose, at, person_id=person_id)


def _plain(options: Any) -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(options_to_json(options))
    return plain


def take(
    connection: Connection,
    answer: dict[str, Any],
    purpose: Purpose,
    at: Instant,
    person_id: str | None = None,
) -> None:
    """Use up the challenge that a browser answers: in a transaction of its own, be the answer right or not.

    Raises:
        BadInput: it is no answer.
        ChallengeGone: it was not asked for (any more), or of somebody else.
    """
    take_challenge(connection, bytes_to_base64url(challenge_of(answer)), purpose, at, person_id=person_id)


def challenge_of(answer: dict[str, Any]) -> bytes:
    """Return the challenge an answer claims to answer; whether it does is seen later.

    Raises:
        BadInput: it is no answer.
    """
    try:
        said = parse_client_data_json(base64url_to_bytes(answer["response"]["clientDataJSON"]))
    except (*_MALFORMED, AttributeError) as error:
        raise BadInput("passkey", expected="what a browser answers", came="something else") from error
    return said.challenge


def _named_by_people(name: str) -> str:
    name = unicodedata.normalize("NFC", name).replace("\x00", "").strip()
    if not 1 <= len(name) <= 100:
        raise BadInput("name", expected="1 to 100 characters", came=repr(name[:120]))
    return name


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
