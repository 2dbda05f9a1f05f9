"""Commands to registers: written down first, sent until acknowledged or expired.

The till's WebSocket (:mod:`tenban.api.register_link`) and MQTT (:mod:`tenban.api.mqtt`) both read from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from tenban.access.model import Actor, Function
from tenban.base.clock import Instant, seconds
from tenban.base.errors import BadInput, NotFound
from tenban.base.ids import new_id
from tenban.pos import command_queries as queries
from tenban.pos.masking import mask_text

COLOURS: Final = ("red", "amber", "green", "blue", "off")
RESULTS: Final = ("done", "refused")
HOLD: Final = "hold_payment"
RELEASE: Final = "release"

# How long a command is worth carrying out, and which waiting ones a newer one makes pointless.
_TTL_S: Final = {
    "lamp": 600.0,
    "hint": 60.0,
    "hold_payment": 600.0,
    "release": 600.0,
    "plu_changed": 86_400.0,
}
SHOWN_FOR_S: Final = 900.0
_REPLACES: Final = {
    "lamp": ("lamp",),
    "hint": ("hint",),
    "hold_payment": ("hold_payment", "release"),
    "release": ("hold_payment", "release"),
    "plu_changed": ("plu_changed",),
}


@dataclass(frozen=True, slots=True)
class Command:
    """One command; ``n`` is its number in the log of commands."""

    n: int
    id: str
    register: str
    type: str
    body: Mapping[str, Any]
    issued_at: Instant
    expires_at: Instant

    def message(self) -> dict[str, Any]:
        """Return the command as it goes to the till."""
        return {"command_id": self.id, "type": self.type, **self.body}


def issue_command(
    connection: Connection,
    register: str,
    type_: str,
    body: Mapping[str, Any],
    now_at: Instant,
    *,
    actor: Actor,
    ttl_s: float | None = None,
) -> str:
    """Write down a command and return its id; it is sent once this transaction is committed.

    A waiting command that it makes pointless (the lamp's former colour) is not sent any more.

    Raises:
        BadInput: an unknown type, or a body that does not fit it.
        Forbidden: the actor may not command registers.
    """
    actor.must(Function.REGISTER_COMMAND, register=register)
    if type_ not in _CHECKS:
        raise BadInput("command type", expected=" | ".join(_CHECKS), came=repr(type_)[:80])
    checked = _CHECKS[type_](body)
    command_id = new_id(now_at)
    queries.add(
        connection,
        replaces=_REPLACES[type_],
        id=command_id,
        register=register,
        type=type_,
        body=checked,
        issued_at=now_at,
        issued_by=actor.id,
        expires_at=now_at + seconds(_TTL_S[type_] if ttl_s is None else ttl_s),
    )
    return command_id


def waiting_commands(connection: Connection, registers: list[str], now_at: Instant) -> list[Command]:
    """Return what these registers have neither acknowledged nor let expire, in the order of issue."""
    return [Command(**row) for row in queries.waiting(connection, registers, now_at)]


def commands_since(connection: Connection, n: int, now_at: Instant) -> list[Command]:
    """Return what was issued to any register after number ``n`` and has not expired, in that order."""
    return [Command(**row) for row in queries.since(connection, n, now_at)]


def newest_command(connection: Connection) -> int:
    """Return the number of the newest command; 0 where there is none."""
    return queries.last_number(connection)


def last_lamps(connection: Connection) -> list[Command]:
    """Return the last lamp command of each register, expired or not: what its lamp should show."""
    return [Command(**row) for row in queries.last_of_type(connection, "lamp")]


def shown_to(
    connection: Connection, actor: Actor, register: str, command_id: str, now_at: Instant
) -> Mapping[str, Any]:
    """Return the body of a command that the register was sent and may still show.

    Raises:
        NotFound: it had no such command within the last minutes.
    """
    actor.must(Function.REGISTER_LINK, register=register)
    row = queries.one(connection, register, command_id)
    if row is None or row["issued_at"] < now_at - seconds(SHOWN_FOR_S):
        raise NotFound(f"register {register!r} has no command {command_id[:40]!r}")
    body: Mapping[str, Any] = row["body"]
    return body


def mark_sent(connection: Connection, command_ids: list[str], now_at: Instant) -> None:
    """Write down when commands were first sent."""
    queries.mark_sent(connection, command_ids, now_at)


def acknowledge(
    connection: Connection,
    actor: Actor,
    register: str,
    command_id: str,
    result: str,
    now_at: Instant,
    *,
    reason: str | None = None,
) -> None:
    """Write down what the till made of a command; the first answer counts, repeats change nothing.

    Raises:
        NotFound: this register has no such command.
        BadInput: the result is neither done nor refused.
    """
    actor.must(Function.REGISTER_LINK, register=register)
    if result not in RESULTS:
        raise BadInput("result", expected=" | ".join(RESULTS), came=repr(result)[:80])
    kept_reason = None if reason is None else mask_text(reason[:500].replace("\x00", " "))
    if not queries.acknowledge(connection, register, command_id, result, kept_reason, now_at):
        raise NotFound(f"register {register!r} has no command {command_id[:40]!r}")


def read_ack(message: object) -> tuple[str, str, str | None] | None:
    """Return command id, result and reason of a till's acknowledgement, or None where it is none.

    Raises:
        BadInput: it is one, and something in it is wrong.
    """
    if not isinstance(message, dict) or "ack" not in message:
        return None
    command_id, result, reason = message["ack"], message.get("result", "done"), message.get("reason")
    if not isinstance(command_id, str) or not 0 < len(command_id) <= 64 or "\x00" in command_id:
        raise BadInput("ack", expected="a command's id", came=type(command_id).__name__)
    if result not in RESULTS:
        raise BadInput("result", expected=" | ".join(RESULTS), came=mask_text(repr(result)[:40]))
    if reason is not None and not isinstance(reason, str):
        raise BadInput("reason", expected="text", came=type(reason).__name__)
    return command_id, str(result), reason


def _lamp(body: Mapping[str, Any]) -> dict[str, Any]:
    colour, blink = body.get("colour"), body.get("blink", False)
    if colour not in COLOURS:
        raise BadInput("lamp.colour", expected=" | ".join(COLOURS), came=repr(colour)[:40])
    if not isinstance(blink, bool):
        raise BadInput("lamp.blink", expected="true or false", came=repr(blink)[:40])
    return {"colour": colour, "blink": blink}


def _hint(body: Mapping[str, Any]) -> dict[str, Any]:
    text = body.get("text")
    if not isinstance(text, Mapping) or not {"ja", "en"} <= text.keys():
        raise BadInput("hint.text", expected="an object with ja and en", came=type(text).__name__)
    hint: dict[str, Any] = {"text": {"ja": str(text["ja"])[:200], "en": str(text["en"])[:200]}}
    for name in ("still", "clip", "rule", "about"):
        if body.get(name) is not None:
            hint[name] = str(body[name])[:500]
    if body.get("answers") is not None:
        hint["answers"] = int(body["answers"])
    return hint


def _hold(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(body[name])[:200] for name in ("reason", "sale") if body.get(name) is not None}


def _plu_changed(body: Mapping[str, Any]) -> dict[str, Any]:
    version = body.get("version")
    if not isinstance(version, int):
        raise BadInput("plu_changed.version", expected="a whole number", came=type(version).__name__)
    return {"version": version}


_CHECKS: Final[dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "lamp": _lamp,
    "hint": _hint,
    "hold_payment": _hold,
    "release": _hold,
    "plu_changed": _plu_changed,
}
