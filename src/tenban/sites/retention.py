"""How long a shop keeps what, and what its notice says of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

Kept: TypeAlias = Literal["footage", "sale_stills", "pictures", "incidents", "sales", "sessions"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a period may be, in days."""

    default: int
    least: int
    most: int


LIMITS: dict[Kept, Limit] = {
    "footage": Limit(30, 1, 366),
    "sale_stills": Limit(1, 1, 30),
    "pictures": Limit(90, 1, 1096),
    "incidents": Limit(365, 30, 3653),
    "sales": Limit(400, 30, 3653),
    "sessions": Limit(30, 1, 366),
}
"""``sale_stills``: who stood at a register when a sale began, where nothing came of it."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Days after which each kind of data is destroyed, unless it is held (``[shop.retention]``).

    Attributes:
        footage: recorded video.
        sale_stills: the still of each sale's beginning, where no incident shows it.
        pictures: stills and clips of incidents, counted from their opening.
        incidents: what is written of incidents and findings; their pictures go with them at the latest.
        sales: sale events and observations.
        sessions: who was signed in, counted from the session's end.
    """

    footage: int = LIMITS["footage"].default
    sale_stills: int = LIMITS["sale_stills"].default
    pictures: int = LIMITS["pictures"].default
    incidents: int = LIMITS["incidents"].default
    sales: int = LIMITS["sales"].default
    sessions: int = LIMITS["sessions"].default

    def days(self, kind: Kept) -> int:
        """Return the period of a kind."""
        length: int = getattr(self, kind)
        return length

    def as_dict(self) -> dict[str, int]:
        """Return all periods by kind."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


PURPOSES = ("loss_prevention", "safety", "register_support")


@dataclass(frozen=True, slots=True)
class Notice:
    """What a shop publishes about its cameras (``[shop.notice]``).

    Attributes:
        on: it is published.
        responsible: who answers for the data: the company's name, and its address where wanted.
        contact: a telephone number, an e-mail address or a counter.
        purposes: of :data:`PURPOSES`.
        extra: a sentence of the shop's own; empty for none.
    """

    on: bool = False
    responsible: str = ""
    contact: str = ""
    purposes: tuple[str, ...] = PURPOSES
    extra: str = ""

    @property
    def published(self) -> bool:
        """Whether anybody may read it: switched on, and it says whom to ask."""
        return self.on and bool(self.responsible.strip()) and bool(self.contact.strip())


DEFAULT_RETENTION = Retention()
NO_NOTICE = Notice()
