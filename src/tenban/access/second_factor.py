"""The second factor: codes of an authenticator app, each good once, and ten recovery codes."""

from __future__ import annotations

import base64
import json
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.account_rows import account_row, person_of
from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor
from tenban.access.passkeys import LastFactor, has_passkey
from tenban.access.totp import SECRET_BYTES, base32, step_of, uri
from tenban.access.vault import Vault
from tenban.base.clock import Instant, seconds
from tenban.base.errors import BadInput, Conflict, NotSignedIn

RECOVERY_CODES: Final = 10
_RECOVERY_BYTES: Final = 10
HALFWAY_S: Final = 300


class SecondFactorNeeded(NotSignedIn):
    """The password fits; a code is asked for as well.

    Attributes:
        halfway: what comes back with the code, instead of the password.
    """

    code = "second_factor"

    def __init__(self, halfway: str) -> None:
        super().__init__("expected a code of the authenticator app as well, got none")
        self.halfway = halfway


class WrongCode(NotSignedIn):
    """Neither the app's code at this time nor a recovery code."""

    code = "wrong_code"

    def __init__(self) -> None:
        super().__init__("the code is another one, or was used already")


@dataclass(frozen=True, slots=True)
class Begun:
    """What the app has to learn; shown once."""

    typed: str
    uri: str


def has_second_factor(connection: Connection, person_id: str) -> bool:
    """Tell whether somebody's sign-in asks for a code."""
    row = queries.one_time_code_of(connection, person_id)
    return row is not None and row["confirmed_at"] is not None


def begin(connection: Connection, actor: Actor, at: Instant, vault: Vault, issuer: str) -> Begun:
    """Make a secret for one's app; it is asked for once a code has confirmed it.

    Raises:
        Conflict: there is a confirmed one already.
    """
    person_id = person_of(actor)
    name = str(account_row(connection, actor)["name"])
    if has_second_factor(connection, person_id):
        raise Conflict("expected no authenticator app yet; remove the present one first")
    secret = secrets.token_bytes(SECRET_BYTES)
    queries.drop_one_time_code(connection, person_id)
    queries.add_one_time_code(
        connection,
        person_id=person_id,
        sealed=vault.seal(secret, person_id),
        made_at=at,
        confirmed_at=None,
        last_step=0,
    )
    return Begun(base32(secret), uri(secret, issuer=issuer, account=name))


def confirm(connection: Connection, actor: Actor, at: Instant, vault: Vault, code: str) -> list[str]:
    """Ask for codes from now on, since the app has shown one; return the recovery codes, which are not kept.

    Raises:
        BadInput: the code does not fit.
        Conflict: nothing was begun.
    """
    person_id = person_of(actor)
    row = queries.one_time_code_of(connection, person_id)
    if row is None or row["confirmed_at"] is not None:
        raise Conflict("expected an app that waits for its first code, and there is none")
    step = step_of(vault.open(row["sealed"], person_id), _plain(code), at, row["last_step"])
    if step is None:
        raise BadInput("code", expected="the six digits that the app shows now", came="others")
    queries.use_one_time_code(connection, person_id, step, confirmed_at=at)
    write_down(connection, AuditEvent.SECOND_FACTOR_ON, actor, at, person_id)
    return _fresh_recovery_codes(connection, person_id, at, vault)


def remove(connection: Connection, actor: Actor, at: Instant, *, app_roles: Collection[str] = ()) -> None:
    """Ask for codes no more.

    Raises:
        LastFactor: the role asks for an app or a passkey, and there is no passkey.
    """
    person_id = person_of(actor)
    roles = account_row(connection, actor)["roles"]
    if not set(app_roles).isdisjoint(roles) and not has_passkey(connection, person_id):
        raise LastFactor("your role asks for a second factor, and this app is the only one")
    queries.drop_one_time_code(connection, person_id)
    queries.drop_recovery_codes(connection, person_id)
    write_down(connection, AuditEvent.SECOND_FACTOR_OFF, actor, at, person_id)


def check_code(connection: Connection, person_id: str, code: str, at: Instant, vault: Vault) -> str:
    """Use a code up; return whether it was the ``app``'s or a ``recovery`` one.

    Raises:
        WrongCode: it fits neither, or was used before.
    """
    row = queries.one_time_code_of(connection, person_id)
    if row is None:
        raise WrongCode
    typed = _plain(code)
    step = step_of(vault.open(row["sealed"], person_id), typed, at, row["last_step"])
    if step is not None:
        queries.use_one_time_code(connection, person_id, step)
        return "app"
    if queries.use_recovery_code(connection, person_id, vault.mark(typed, person_id), at):
        return "recovery"
    raise WrongCode


def codes_left(connection: Connection, person_id: str) -> int:
    """Return how many recovery codes are still good."""
    return queries.recovery_codes_left(connection, person_id)


def halfway(vault: Vault, name: str, password_hash: str, at: Instant) -> str:
    """Return what says for five minutes that somebody's password was found to fit."""
    return vault.seal(json.dumps([name, password_hash[-16:], at]).encode(), "halfway")


def name_of_halfway(vault: Vault, token: str, at: Instant) -> tuple[str, str] | None:
    """Return (name, end of the password's hash) that a token stands for; None where it is too old.

    Raises:
        Unavailable: it is none of ours.
    """
    name, mark, made_at = json.loads(vault.open(token, "halfway"))
    return (str(name), str(mark)) if at - int(made_at) < seconds(HALFWAY_S) else None


def _fresh_recovery_codes(connection: Connection, person_id: str, at: Instant, vault: Vault) -> list[str]:
    queries.drop_recovery_codes(connection, person_id)
    codes = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    for code in codes:
        queries.add_recovery_code(
            connection, person_id=person_id, code_hash=vault.mark(code, person_id), made_at=at
        )
    return ["-".join(code[n : n + 4] for n in range(0, len(code), 4)) for code in codes]


def _plain(code: str) -> str:
    """Return a code as it is compared: half width, capitals, without gaps."""
    typed = unicodedata.normalize("NFKC", code).upper()
    return "".join(sign for sign in typed if sign.isalnum())
