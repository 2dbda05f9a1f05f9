"""The facts that rules judge: what the till said, and what vision saw.

Both carry two clocks. ``occurred_at`` and ``at`` say when it happened and join till and camera;
``received_at`` says when we learnt it and never decides anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from tenban.base.clock import Instant

EventType: TypeAlias = Literal[
    "sale_started",
    "item_registered",
    "item_voided",
    "payment_started",
    "paid",
    "sale_cancelled",
    "sale_suspended",
    "sale_resumed",
    "refunded",
    "sale_voided",
    "drawer_opened",
    "assist_requested",
    "cashier_signed_on",
    "cashier_signed_off",
    "hint_answered",
]
EVENT_TYPES: frozenset[str] = frozenset(get_args(EventType))

ObservationKind: TypeAlias = Literal[
    "item_moved", "item_returned", "operator_arrived", "operator_left", "basket_state"
]
OBSERVATION_KINDS: frozenset[str] = frozenset(get_args(ObservationKind))

STAFF_TYPES: frozenset[str] = frozenset({"assist_requested", "cashier_signed_on", "cashier_signed_off"})

Box: TypeAlias = tuple[float, float, float, float]
"""x0, y0, x1, y1 in 0–1 of the picture."""


@dataclass(frozen=True, slots=True)
class Item:
    """What one line of a sale says.

    Attributes:
        quantity: pieces, 1 for a weighed product; None: the whole line (of a void).
        amount: in minor units of the shop's currency.
        entered: how the line came into the till.
    """

    line: str | None = None
    plu: str | None = None
    name: str | None = None
    quantity: int | None = 1
    weight_g: int | None = None
    unit_price: int | None = None
    amount: int | None = None
    entered: str | None = None


@dataclass(frozen=True, slots=True)
class SaleEvent:
    """One step of a sale, or of the register itself where ``sale`` is None.

    Attributes:
        id: the till's own identifier of the event; the same event twice has the same one.
        seq: 1, 2, 3 … within the sale, without gaps.
        occurred_at: the till's time, put right by the register's clock offset.
        of_sale: the sale that a refund or a void is about.
        answer: the shopper's to a hint, ``scan`` or ``put_back``.
        about: key of the finding that the hint named.
    """

    id: str
    register: str
    sale: str | None
    seq: int
    type: EventType
    occurred_at: Instant
    received_at: Instant
    item: Item | None = None
    total: int | None = None
    cashier: str | None = None
    of_sale: str | None = None
    answer: str | None = None
    about: str | None = None

    @property
    def known_at(self) -> Instant:
        """The earliest instant at which anybody could know it."""
        return self.occurred_at


@dataclass(frozen=True, slots=True)
class Observation:
    """What a camera saw happen at one register.

    Attributes:
        started_at: when the hand reached for the item, when the person came into the zone.
        at: when the item entered its destination, when the person was there or gone.
        proven_at: captured time of the frame that completed the proof.
        from_zone: role of the zone that was left, ``outside`` where there was none.
        confidence: 0–1.
        remains: for ``basket_state``: whether products lie in the basket zone.
    """

    id: str
    register: str
    kind: ObservationKind
    started_at: Instant
    at: Instant
    proven_at: Instant
    received_at: Instant
    confidence: float = 1.0
    from_zone: str | None = None
    to_zone: str | None = None
    track: int | None = None
    remains: bool | None = None
    camera: str | None = None
    box: Box | None = None
    left_box: Box | None = None

    @property
    def known_at(self) -> Instant:
        """The earliest instant at which anybody could know it."""
        return max(self.at, self.proven_at)


Fact: TypeAlias = SaleEvent | Observation
