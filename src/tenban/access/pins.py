"""A person's six-digit PIN: for what is done several times a day on a tablet or at a till.

Five wrong ones and it is locked until the person signs in with the password. Each try is counted before it
is looked at, so a hundred at once are five.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from argon2 import PasswordHasher
from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.account_rows import account_row, person_of
from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor
from tenban.base.clock import Instant
from tenban.base.errors import BadInput, Forbidden

DIGITS: Final = 6
MOST_TRIES: Final = 5
_RISING: Final = "01234567890"
_HASHER: Final = PasswordHasher()


class PinLocked(Forbidden):
    """Five wrong ones; signing in with the password unlocks it."""

    code = "pin_locked"

    def __init__(self) -> None:
        super().__init__("the PIN is locked after five wrong tries; sign in with the password to unlock it")


class WrongPin(Forbidden):
    """Not this PIN, or there is none."""

    code = "wrong_pin"


def hash_pin(pin: str) -> str:
    """Return the argon2id hash of a PIN somebody chose; takes about 120 ms.

    Raises:
        BadInput: not six digits, or among those that are tried first.
    """
    why = why_trivial(pin)
    if why is not None:
        raise BadInput("pin", expected="six digits that are not guessed at once", came=why)
    return _HASHER.hash(pin)


def why_trivial(pin: str) -> str | None:
    """Tell what makes a PIN one that is tried first, or None: a run, a repeat, a date of the calendar."""
    if len(pin) != DIGITS or not (pin.isascii() and pin.isdigit()):
        return "something else"
    if any(pin == (pin[:n] * DIGITS)[:DIGITS] for n in (1, 2, 3)):
        return "the same over and over"
    if pin in _RISING or pin[::-1] in _RISING:
        return "a row"
    first, second, third = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    orders = ((first, second, third), (third, second, first), (third, first, second))
    if any(_is_date(*parts) for parts in orders):
        return "a date"
    return None


def set_pin(connection: Connection, actor: Actor, at: Instant, pin_hash: str | None) -> None:
    """Give oneself a PIN, or none."""
    person_id = person_of(actor)
    account_row(connection, actor)
    queries.change_person(connection, person_id, pin_hash=pin_hash, pin_failures=0)
    write_down(connection, AuditEvent.PIN_CHANGED, actor, at, person_id, removed=pin_hash is None)


def count_pin_try(connection: Connection, person_id: str) -> str:
    """Count a try as a wrong one and return the hash it is held against.

    Raises:
        PinLocked: too many wrong ones.
        WrongPin: the person has none, or is not there.
    """
    rows = queries.people_by_ids(connection, [person_id])
    if not rows or rows[0]["disabled_at"] is not None or rows[0]["pin_hash"] is None:
        raise WrongPin("expected somebody with a PIN")
    if rows[0]["pin_failures"] >= MOST_TRIES:
        raise PinLocked
    queries.change_person(connection, person_id, pin_failures=rows[0]["pin_failures"] + 1)
    return str(rows[0]["pin_hash"])


def unlock_pin(connection: Connection, person_id: str) -> None:
    """Forget the wrong ones, since the person was found to be who they say."""
    queries.change_person(connection, person_id, pin_failures=0)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(2000 + year, month, day)
    except ValueError:
        return False  # Policy: what is no day of the calendar is nobody's birthday.
    return True
