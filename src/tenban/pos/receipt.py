"""The receipt of a sale: what is printed, whoever prints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.base.errors import Conflict, NotFound
from tenban.pos.model import Payment, SaleEventType
from tenban.pos.sales import ENDED, Sale, SaleLine, sale
from tenban.sites.model import Register, Shop


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says; money in minor units.

    Attributes:
        tendered: cash that went in, where the till told it.
        change: cash that came out.
    """

    shop: str
    register: str
    sale: str
    at: Instant
    zone: ZoneInfo
    currency: str
    lines: tuple[SaleLine, ...]
    total: int
    payments: tuple[Payment, ...]
    tendered: int | None
    change: int | None
    cashier: str | None
    voided: bool


def receipt_of(known: Sale, shop: Shop, register: Register) -> Receipt:
    """Return the receipt of a sale.

    Raises:
        Conflict: it is not finished.
    """
    if known.state not in ENDED or known.ended_at is None or known.sale is None:
        raise Conflict(f"expected a finished sale, got one that is {known.state.value}")
    paid = next((event for event in known.events if event.type is SaleEventType.PAID), None)
    return Receipt(
        shop=shop.name,
        register=register.name,
        sale=known.sale,
        at=known.ended_at,
        zone=shop.timezone,
        currency=shop.currency,
        lines=tuple(line for line in known.lines if line.quantity > 0),
        total=known.total,
        payments=paid.payments if paid else (),
        tendered=_amount(paid.extra.get("tendered")) if paid else None,
        change=_amount(paid.extra.get("change")) if paid else None,
        cashier=known.cashier,
        voided=known.voided,
    )


def receipt(connection: Connection, actor: Actor, shop: Shop, register: Register, number: str) -> Receipt:
    """Return the receipt of one of a register's sales.

    Raises:
        NotFound: no such sale is known; its events may still be on their way.
        Conflict: it is not finished.
    """
    return receipt_of(sale_at(connection, actor, register, number), shop, register)


def sale_at(connection: Connection, actor: Actor, register: Register, number: str) -> Sale:
    """Return one of a register's sales, for the register itself or whoever may read sales.

    Raises:
        NotFound: no such sale is known.
    """
    if actor.register is None:
        actor.must(Function.SALES_READ, shop=register.shop)
    else:
        actor.must(Function.SALES_WRITE, shop=register.shop, register=register.id)
    known = sale(connection, register.id, number)
    if known is None:
        raise NotFound(f"register {register.id!r} has no sale {number[:64]!r}")
    return known


def _amount(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
