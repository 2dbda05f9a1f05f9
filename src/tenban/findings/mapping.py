"""Kept sale events and observations as the facts that rules judge."""

from __future__ import annotations

from tenban.findings.facts import Item
from tenban.findings.facts import Observation as ObservationFact
from tenban.findings.facts import SaleEvent as EventFact
from tenban.pos.model import SaleEvent
from tenban.vision.queries import KeptObservation


def fact_of_event(event: SaleEvent) -> EventFact:
    """Return the fact a kept sale event is."""
    item = event.item
    return EventFact(
        id=event.event_id,
        register=event.register,
        sale=event.sale,
        seq=event.seq,
        type=event.type.value,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        item=None
        if item is None
        else Item(
            line=item.line,
            plu=item.plu,
            name=item.name,
            quantity=item.quantity,
            weight_g=item.weight_g,
            unit_price=item.unit_price,
            amount=item.amount,
            entered=item.entered.value if item.entered else None,
        ),
        total=event.total,
        cashier=event.cashier,
        of_sale=event.of_sale,
        answer=event.answer.value if event.answer else None,
        about=event.about,
    )


def fact_of_observation(kept: KeptObservation) -> ObservationFact:
    """Return the fact a kept observation is."""
    seen = kept.seen
    return ObservationFact(
        id=kept.id,
        register=kept.register,
        kind=seen.kind,
        started_at=seen.started_at,
        at=seen.at,
        proven_at=seen.proven_at,
        received_at=kept.received_at,
        confidence=seen.confidence,
        from_zone=seen.from_zone,
        to_zone=seen.to_zone,
        track=seen.track,
        remains=seen.remains,
        camera=seen.camera,
        box=seen.box,
        left_box=seen.left_box,
    )
