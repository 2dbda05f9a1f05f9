"""Staff who approve at a register: what needs whom, and the line in the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.base.errors import BadInput, Forbidden
from tenban.base.ids import new_id
from tenban.pos.link import RELEASE, issue_command


class Approval(StrEnum):
    """What a register asks staff for."""

    AGE = "age"
    RELEASE = "release"
    SIGN_ON = "sign_on"
    DRAWER = "drawer"
    SALE_VOID = "sale_void"
    REFUND = "refund"
    UNPAIR = "unpair"


NEEDS: Final[dict[Approval, Function]] = {
    Approval.AGE: Function.REGISTER_SERVE,
    Approval.RELEASE: Function.REGISTER_ASSIST,
    Approval.SIGN_ON: Function.REGISTER_SERVE,
    Approval.DRAWER: Function.REGISTER_APPROVE,
    Approval.SALE_VOID: Function.REGISTER_APPROVE,
    Approval.REFUND: Function.REGISTER_APPROVE,
    Approval.UNPAIR: Function.REGISTER_PAIR,
}


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval: its number, which the sale's event carries on, and who gave it."""

    id: str
    by: str
    by_name: str


def read_approval(text: str) -> Approval:
    """Return what is asked for; raises BadInput."""
    try:
        return Approval(text)
    except ValueError as error:
        raise BadInput("what", expected=" | ".join(Approval), came=repr(text[:40])) from error


def approve(
    connection: Connection,
    register: Actor,
    person: Actor,
    now_at: Instant,
    *,
    what: Approval,
    shop: str,
    sale: str | None,
    note: str = "",
    how: str = "password",
) -> Approved:
    """Write down that a person, who was found to be who they say, approves something at a register.

    Args:
        connection: in the caller's transaction.
        register: the till that asks.
        person: who approves.
        now_at: when.
        what: is approved.
        shop: of the register.
        sale: the sale it is about, where it is about one.
        note: what exactly, such as the article and the age.
        how: what the person showed: ``password`` or ``pin``.

    Raises:
        Forbidden: the asker is no register, or the person's role does not reach.
    """
    if register.register is None:
        raise Forbidden("expected a register to ask for approval, got somebody else")
    register.must(Function.SALES_WRITE, shop=shop, register=register.register)
    person.must(NEEDS[what], shop=shop)
    approval = new_id(now_at)
    write_down(
        connection,
        AuditEvent.APPROVAL_GIVEN,
        person,
        now_at,
        approval,
        shop=shop,
        what=what.value,
        register=register.register,
        sale=sale,
        note=note[:200],
        how=how,
    )
    if what is Approval.RELEASE:
        # The register lets go by itself; the command says so to whoever watches from elsewhere.
        issue_command(connection, register.register, RELEASE, {}, now_at, actor=person)
    return Approved(approval, person.id, person.name)


def refuse(
    connection: Connection, register: Actor, now_at: Instant, *, what: Approval, name: str, why: str
) -> None:
    """Write down an approval that was not given."""
    write_down(
        connection, AuditEvent.APPROVAL_REFUSED, register, now_at, name[:100], what=what.value, why=why
    )
