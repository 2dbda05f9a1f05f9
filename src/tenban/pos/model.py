"""What a till tells: sale events and their items.

Money is in minor units of the shop's currency, weight in grams. Text has been through
:mod:`tenban.pos.masking` before it gets here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tenban.base.clock import Instant


class SaleEventType(StrEnum):
    """The steps of a sale, and what happens at a register beside sales."""

    SALE_STARTED = "sale_started"
    ITEM_REGISTERED = "item_registered"
    ITEM_VOIDED = "item_voided"
    PAYMENT_STARTED = "payment_started"
    PAID = "paid"
    SALE_CANCELLED = "sale_cancelled"
    SALE_SUSPENDED = "sale_suspended"
    SALE_RESUMED = "sale_resumed"
    REFUNDED = "refunded"
    SALE_VOIDED = "sale_voided"
    DRAWER_OPENED = "drawer_opened"
    ASSIST_REQUESTED = "assist_requested"
    CASHIER_SIGNED_ON = "cashier_signed_on"
    CASHIER_SIGNED_OFF = "cashier_signed_off"
    HINT_ANSWERED = "hint_answered"


class Answer(StrEnum):
    """What a shopper answers to a hint: will scan the item, or put it back."""

    SCAN = "scan"
    PUT_BACK = "put_back"


class Entered(StrEnum):
    """How an item came into the sale."""

    SCAN = "scan"
    KEY = "key"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a sale as the till tells it; None where it tells nothing.

    ``quantity`` counts pieces and is 1 for a weighed item; in ``item_voided`` None means the whole line.
    """

    line: str | None = None
    plu: str | None = None
    name: str | None = None
    quantity: int | None = 1
    weight_g: int | None = None
    unit_price: int | None = None
    amount: int | None = None
    entered: Entered | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """One means by which a sale was paid; ``card`` is ``…`` and the last four digits."""

    method: str
    amount: int | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True)
class SaleEvent:
    """One step of a sale.

    ``rung_at`` is the till's clock, ``received_at`` ours, ``occurred_at`` the till's corrected to ours.
    ``seq`` orders the events of one sale, whatever the clocks say; without a sale it counts per register.
    ``answer`` is the shopper's to a hint, ``about`` the finding that the hint named.
    ``approval`` is the id of what staff approved for this step, in the audit log.
    ``n`` is the number in our log (0 before it is kept). ``clock_doubted``: the till's time made no
    sense, and ``occurred_at`` is the time of receipt. ``extra`` holds fields we do not know.
    """

    event_id: str
    shop: str
    register: str
    sale: str | None
    seq: int
    type: SaleEventType
    rung_at: Instant
    received_at: Instant
    occurred_at: Instant
    item: Item | None = None
    total: int | None = None
    amount: int | None = None
    payments: tuple[Payment, ...] = ()
    of_sale: str | None = None
    reason: str | None = None
    cashier: str | None = None
    note: str | None = None
    answer: Answer | None = None
    about: str | None = None
    approval: str | None = None
    n: int = 0
    clock_doubted: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
