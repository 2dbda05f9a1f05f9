"""Who was signed on at which register when, from what the tills told. The rule is pure.

A till tells ``cashier_signed_on`` and ``cashier_signed_off``; it forgets either now and then, and a queue may
bring them late. What is missing is filled in on the side of whoever may have been there: somebody learns of a
look too many rather than of one too few.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.base.clock import Instant, seconds
from tenban.pos.model import SaleEventType
from tenban.pos.tables import sale_events

LONGEST_S: Final = 16 * 3600
"""How long somebody counts as signed on where the till forgot one end of it."""
_ON, _OFF = SaleEventType.CASHIER_SIGNED_ON.value, SaleEventType.CASHIER_SIGNED_OFF.value


@dataclass(frozen=True, slots=True)
class Signing:
    """Somebody signed on or off at a register; ``cashier`` is None where the till did not say who."""

    register: str
    at: Instant
    is_on: bool
    cashier: str | None


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody was signed on at a register from an instant to another one, both included."""

    register: str
    from_at: Instant
    to_at: Instant


def shifts_of(cashier: str, signings: Iterable[Signing]) -> list[Shift]:
    """Return when a cashier was signed on, by register and time.

    Between two signings at a register that follow one another it is the cashier if the first was theirs to
    sign on, or the second theirs to sign off. Where only one of the two says so, at most
    :data:`LONGEST_S` of it.

    Args:
        cashier: as the tills tell it.
        signings: each register's in the order in which they occurred.
    """
    by_register: dict[str, list[Signing]] = {}
    for one in signings:
        by_register.setdefault(one.register, []).append(one)
    found: list[Shift] = []
    longest = seconds(LONGEST_S)
    for register, some in sorted(by_register.items()):
        first, last = some[0], some[-1]
        if not first.is_on and first.cashier == cashier:
            found.append(Shift(register, first.at - longest, first.at))
        for one, next_one in pairwise(some):
            came = one.is_on and one.cashier == cashier
            went = not next_one.is_on and next_one.cashier == cashier
            just_left = not one.is_on and one.cashier == cashier  # told twice
            if came and (went or next_one.cashier is None):
                found.append(Shift(register, one.at, next_one.at))
            elif came:
                found.append(Shift(register, one.at, min(next_one.at, one.at + longest)))
            elif went and not just_left:
                found.append(Shift(register, max(one.at, next_one.at - longest), next_one.at))
        if last.is_on and last.cashier == cashier:
            found.append(Shift(register, last.at, last.at + longest))
    return found


def shifts(connection: Connection, shop: str, cashier: str) -> list[Shift]:
    """Return when a cashier was signed on at a shop's registers, as far as sale events are kept."""
    # Written out: SQLite takes an index of some rows only where it can read which.
    kinds: list[sa.ColumnElement[str]] = [sa.literal_column(f"'{one}'") for one in (_ON, _OFF)]
    signed = sa.and_(sale_events.c.shop == shop, sale_events.c.type.in_(kinds))
    there, order = sale_events.c.register, [sale_events.c.occurred_at, sale_events.c.n]
    every = (
        sa.select(
            sale_events.c.register,
            sale_events.c.occurred_at,
            sale_events.c.n,
            sale_events.c.type,
            sale_events.c.cashier,
            sa.func.lag(sale_events.c.cashier).over(partition_by=there, order_by=order).label("before"),
            sa.func.lead(sale_events.c.cashier).over(partition_by=there, order_by=order).label("after"),
        )
        .where(signed)
        .subquery()
    )
    # The cashier's own, and what stands beside them: all that the rule looks at.
    near = sa.select(every).where(
        sa.or_(every.c.cashier == cashier, every.c.before == cashier, every.c.after == cashier)
    )
    rows = connection.execute(near.order_by(every.c.register, every.c.occurred_at, every.c.n))
    return shifts_of(
        cashier, [Signing(row.register, row.occurred_at, row.type == _ON, row.cashier) for row in rows]
    )
