"""Copies of clips in which nobody can be recognised, made on request; the clip itself is not touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.base.errors import Conflict
from tenban.base.ids import new_id
from tenban.incidents import engine
from tenban.incidents.model import Cause, Incident
from tenban.sites.model import Sites
from tenban.video.orders import MediaOrder, latest_order, place_order

BLUR: Literal["blur"] = "blur"


class NoPeopleModel(Conflict):
    """Nothing finds people in this shop, so they cannot be blurred."""

    code = "no_people_model"


@dataclass(frozen=True, slots=True)
class Copy:
    """A blurred copy of an incident's newest clip.

    Attributes:
        state: ``none``, ``pending``, ``ready`` or ``failed``.
        progress: per cent of it, while it is made.
        ref: ``blob:…`` once ready.
        can: one can be made: there is a clip, and something finds people.
    """

    state: str
    progress: int | None
    ref: str | None
    can: bool


def copy_of(connection: Connection, actor: Actor, sites: Sites, incident_id: str) -> Copy:
    """Return how it stands about an incident's blurred copy.

    Raises:
        NotFound: there is no such incident, or it is another shop's.
    """
    incident = engine.get(connection, actor, incident_id, Function.HOLDS_MANAGE)
    cause = _with_clip(incident)
    can = cause is not None and bool(_model(sites, incident.shop))
    if cause is None or cause.clip is None:
        return Copy("none", None, None, can)
    if cause.clip.blurred is not None:
        return Copy("ready", 100, cause.clip.blurred, can)
    found = latest_order(connection, incident.id, cause.key, BLUR)
    if found is None:
        return Copy("none", None, None, can)
    state, progress = found
    return Copy("failed" if state != "pending" else state, progress, None, can)


def order_copy(connection: Connection, actor: Actor, at: Instant, sites: Sites, incident_id: str) -> None:
    """Have a blurred copy of an incident's newest clip made; one that is on its way is enough.

    Raises:
        NotFound: there is no such incident, or it is another shop's.
        NoPeopleModel: the shop has no detector that finds people.
        Conflict: there is no clip.
    """
    incident = engine.get(connection, actor, incident_id, Function.HOLDS_MANAGE)
    if not _model(sites, incident.shop):
        raise NoPeopleModel(f"shop {incident.shop}: expected shop.masking.model to name a detector, got none")
    cause = _with_clip(incident)
    if cause is None:
        raise Conflict(f"incident {incident.id}: expected a clip, got none")
    if copy_of(connection, actor, sites, incident_id).state in {"pending", "ready"}:
        return
    order = MediaOrder(new_id(at), BLUR, "", at, at, at, incident.id, cause.key)
    place_order(connection, order, at)
    write_down(connection, AuditEvent.COPY_ORDERED, actor, at, incident.id, shop=incident.shop)


def _with_clip(incident: Incident) -> Cause | None:
    found = [cause for cause in incident.causes if cause.clip is not None and cause.clip.state == "ready"]
    return found[-1] if found else None


def _model(sites: Sites, shop_id: str) -> str:
    return next((shop.masking.model for shop in sites.shops if shop.id == shop_id), "")
