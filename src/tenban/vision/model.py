"""What vision tells the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from tenban.base.clock import Instant

Kind: TypeAlias = Literal["item_moved", "item_returned", "operator_arrived", "operator_left", "basket_state"]

Box: TypeAlias = tuple[float, float, float, float]
"""x0, y0, x1, y1 in 0–1 of the picture."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Something a camera saw happen.

    Attributes:
        kind: what happened.
        camera: the camera's id, or the file's name.
        started_at: when it began: the hand reached for the item, the person came into the zone.
        at: when it happened: the item entered its destination, the person was there or gone.
        proven_at: when the picture was taken that completed the proof; a finding is possible from here on.
        confidence: 0–1.
        from_zone: role of the zone the item left, ``outside`` where it came from none.
        to_zone: role of the zone the item entered, ``outside`` where it went to none.
        track: number of the track that carried it, None where none was followed.
        box: where the item (person) is, at its destination.
        left_box: where the item lay before, where that was seen.
        remains: for ``basket_state``: whether products lie in the basket zone.
    """

    kind: Kind
    camera: str
    started_at: Instant
    at: Instant
    proven_at: Instant
    confidence: float
    from_zone: str | None = None
    to_zone: str | None = None
    track: int | None = None
    box: Box | None = None
    left_box: Box | None = None
    remains: bool | None = None
