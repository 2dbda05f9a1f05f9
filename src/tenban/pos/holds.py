"""Payment held and released at a register, by people and by rules; and how it stands for whoever looks.

A hold is a command to the till about one sale. It stands from when it is asked for until a release, until
somebody approves at the register, or until the sale ends; set aside and gone on with, the sale is still held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, RowMapping

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.access.people import names_of
from tenban.base.clock import Instant
from tenban.base.errors import Conflict, NotFound
from tenban.notify.outbox import post
from tenban.pos import command_queries, queries
from tenban.pos.link import HOLD, RELEASE, issue_command
from tenban.sites.model import Register

PAYMENT: Final = "payment"
"""The kind of the notice that payment was held or released; its subject is the register."""


class NoSaleInHand(Conflict):
    """Nobody is buying anything at the register: there is no payment to hold."""

    code = "no_sale"


class HoldState(StrEnum):
    """How payment stands; ``asked`` and ``releasing``: the till has not answered yet."""

    FREE = "free"
    ASKED = "asked"
    HELD = "held"
    RELEASING = "releasing"


@dataclass(frozen=True, slots=True)
class PaymentState:
    """How payment stands at a register.

    Attributes:
        sale: in hand and unpaid; None where nobody is buying.
        by: the actor who held it, ``system:…`` for a rule; None while it is free.
        by_name: as screens call them; None for a rule.
        since_at: when it was held.
    """

    state: HoldState
    sale: str | None
    by: str | None = None
    by_name: str | None = None
    since_at: Instant | None = None


def payment_states(
    connection: Connection, actor: Actor, registers: Sequence[Register], now_at: Instant
) -> dict[str, PaymentState]:
    """Return how payment stands at each of these registers."""
    only = actor.place_of(Function.LANES_READ)
    for place in registers:
        actor.must_reach(place.shop)
        if only not in {None, place.id}:
            raise NotFound(f"there is no register {place.id!r}")
    ids = [place.id for place in registers]
    newest = command_queries.newest_of(connection, (HOLD, RELEASE), ids)
    obeyed = command_queries.newest_of(connection, (HOLD, RELEASE), ids, obeyed=True)
    names = names_of(connection, {str(row["issued_by"]) for row in (*newest.values(), *obeyed.values())})
    states = {}
    for register in ids:
        sale = queries.sale_in_hand(connection, register)
        last = newest.get(register)
        waits = last is not None and last["acked_at"] is None and last["expires_at"] > now_at
        asked = last if last is not None and waits and last["type"] == HOLD else None
        held = _about(obeyed.get(register), sale)
        if held is not None:
            state = HoldState.RELEASING if waits and asked is None else HoldState.HELD
        else:
            held, state = _about(asked, sale), HoldState.ASKED
        if held is None:
            states[register] = PaymentState(HoldState.FREE, sale)
        else:
            by = str(held["issued_by"])
            states[register] = PaymentState(state, sale, by, names.get(by), held["issued_at"])
    return states


def hold_payment(
    connection: Connection, actor: Actor, at: Instant, register: Register, *, reason: str = ""
) -> None:
    """Stop the payment of the sale in hand; everybody who watches the register is told.

    Raises:
        NoSaleInHand: there is none.
        NotFound: the register is another shop's or another group's.
    """
    _may(actor, register)
    sale = queries.sale_in_hand(connection, register.id)
    if sale is None:
        raise NoSaleInHand(f"expected a sale in hand at register {register.id!r}, found none")
    body = {"sale": sale, **({"reason": reason} if reason else {})}
    issue_command(connection, register.id, HOLD, body, at, actor=actor)
    write_down(
        connection,
        AuditEvent.PAYMENT_HELD,
        actor,
        at,
        register.id,
        shop=register.shop,
        sale=sale,
        reason=reason,
    )
    _tell(connection, at, register)


def release_payment(connection: Connection, actor: Actor, at: Instant, register: Register) -> None:
    """Let payment go on; harmless where nothing was held.

    Raises:
        NotFound: the register is another shop's or another group's.
    """
    _may(actor, register)
    issue_command(connection, register.id, RELEASE, {}, at, actor=actor)
    write_down(connection, AuditEvent.PAYMENT_RELEASED, actor, at, register.id, shop=register.shop)
    _tell(connection, at, register)


def _about(command: RowMapping | None, sale: str | None) -> RowMapping | None:
    """Return the command if it holds this sale."""
    if command is None or sale is None or command["type"] != HOLD or command["body"].get("sale") != sale:
        return None
    return command


def _may(actor: Actor, register: Register) -> None:
    actor.must(Function.REGISTER_COMMAND, shop=register.shop, register=register.id)
    if actor.groups and register.group not in actor.groups:
        raise NotFound(f"there is no register {register.id!r}")


def _tell(connection: Connection, at: Instant, register: Register) -> None:
    post(
        connection,
        at,
        shop=register.shop,
        group=register.group,
        kind=PAYMENT,
        subject=register.id,
        body={},
        place=register.id,
    )
