"""The incident card: an incident as screens and integrators get it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tenban.access.model import Actor, Function
from tenban.base.clock import SECOND, Instant, to_rfc3339
from tenban.base.errors import NotFound
from tenban.incidents.model import Cause, Clip, Incident
from tenban.sites.model import Polygon, Sites

BEFORE_US = 5 * SECOND
"""How long before a sale, a step of it or an incident its video begins."""
_BLOB = "blob:"
_NO_BLURRED_CLIP = {
    "ja": "ぼかした動画を作成しています。しばらくしても表示されない場合は、責任者にお尋ねください。",
    "en": "The blurred clip is being made; where it does not come, somebody who may see all of it can help.",
}


def card_of(incident: Incident, sites: Sites) -> dict[str, Any]:
    """Return the card of an incident; its first form is the brief of JP7845992B2."""
    latest = incident.latest
    return {
        "id": incident.id,
        "rule": incident.kind,
        "shop": incident.shop,
        "register": incident.place,
        "register_name": _register_name(sites, incident.place),
        "sale": incident.about.removeprefix("sale:") if incident.about else None,
        "occurred_at": to_rfc3339(latest.occurred_at),
        "decidable_at": to_rfc3339(latest.decidable_at),
        "opened_at": to_rfc3339(incident.opened_at),
        "changed_at": to_rfc3339(incident.changed_at),
        "state": incident.state.value,
        "outcome": incident.outcome.value if incident.outcome else None,
        "reason": incident.reason,
        "group": incident.group,
        "passed_on_at": _time(incident.passed_on_at),
        "owner": {"id": incident.owner, "name": incident.owner_name} if incident.owner else None,
        "title": latest.title,
        "sentence": latest.sentence,
        "repeats": max(len(incident.standing), 1),
        "withdrawn": latest.withdrawn if not incident.standing else None,
        "operator_still": _url(incident, incident.operator_still),
        "evidence": _evidence(incident, latest),
        "clip": _clip(incident, latest.clip),
        "footage": _footage(incident, sites),
        "causes": [_cause(incident, cause) for cause in incident.causes],
    }


def card_for(actor: Actor, incident: Incident, sites: Sites) -> dict[str, Any]:
    """Return the card as this actor may have it: a register's own screen gets the pictures, and no clip."""
    card = card_of(incident, sites)
    if is_masked_for(actor, incident, sites):
        _mask(card, incident)
    if actor.register is not None or not actor.may(Function.MEDIA_VIEW, shop=incident.shop):
        card["footage"] = None
    if actor.register is None:
        return card
    for part in (card, *card["causes"]):
        part["clip"] = _clip(incident, None)
        part["evidence"] = [
            {**still, "url": _own_url(actor, still["url"]), "crop_url": _own_url(actor, still["crop_url"])}
            for still in part["evidence"]
        ]
    return {**card, "operator_still": _own_url(actor, card["operator_still"])}


def is_masked_for(actor: Actor, incident: Incident, sites: Sites) -> bool:
    """Tell whether this actor sees the incident's pictures with blurred zones only."""
    return not actor.may(Function.MEDIA_UNMASKED, shop=incident.shop) and bool(masks_of(incident, sites))


def masks_of(incident: Incident, sites: Sites) -> tuple[Polygon, ...]:
    """Return what is blurred on the cameras of the incident's register."""
    try:
        register = sites.register(incident.place)
    except NotFound:
        return ()  # Policy: a register that is gone from the file has no zones any more.
    return sites.masks(*(view.camera for view in register.views))


def _mask(card: dict[str, Any], incident: Incident) -> None:
    """Leave out what cannot be blurred, and show the blurred clip in the clip's place."""
    latest = incident.latest
    for part, cause in ((card, latest), *zip(card["causes"], incident.causes, strict=True)):
        for still in part["evidence"]:
            # A cut-out does not say which part of the picture it is.
            still["crop_url"] = None
        clip = cause.clip
        if clip is None or clip.state != "ready":
            continue
        part["clip"]["url"] = _url(incident, clip.masked)
        if clip.masked is None:
            part["clip"] |= {"state": "failed", "why": _NO_BLURRED_CLIP}


def _own_url(actor: Actor, url: str | None) -> str | None:
    return url and url.replace("/api/v1/incidents/", f"/api/v1/registers/{actor.register}/incidents/", 1)


def stills_of(incident: Incident) -> set[str]:
    """Return the names of the pictures an incident shows, without its clips."""
    return {name for name in blobs_of(incident) if not name.endswith(".mp4")}


def blobs_of(incident: Incident) -> set[str]:
    """Return the names of all blobs an incident shows; others are not reachable through it."""
    refs = [incident.operator_still]
    for cause in incident.causes:
        refs += [still.ref for still in cause.evidence] + [still.crop for still in cause.evidence]
        refs += [cause.clip.ref, cause.clip.masked] if cause.clip else []
    return {ref.removeprefix(_BLOB) for ref in refs if ref}


def _cause(incident: Incident, cause: Cause) -> dict[str, Any]:
    return {
        "key": cause.key,
        "occurred_at": to_rfc3339(cause.occurred_at),
        "decidable_at": to_rfc3339(cause.decidable_at),
        "sentence": cause.sentence,
        "facts": cause.facts,
        "withdrawn": cause.withdrawn,
        "evidence": _evidence(incident, cause),
        "clip": _clip(incident, cause.clip),
    }


def _evidence(incident: Incident, cause: Cause) -> list[dict[str, Any]]:
    return [
        {
            "label": still.label,
            "url": _url(incident, still.ref),
            "crop_url": _url(incident, still.crop),
            "box": still.box,
            "captured_at": to_rfc3339(still.captured_at),
        }
        for still in cause.evidence
    ]


def _clip(incident: Incident, clip: Clip | None) -> dict[str, Any]:
    if clip is None:
        return {"state": "none", "url": None, "why": None}
    return {
        "state": clip.state,
        "url": _url(incident, clip.ref),
        "why": clip.why,
        "start_at": to_rfc3339(clip.start_at),
        "end_at": to_rfc3339(clip.end_at),
        "ready_at": _time(clip.ready_at),
    }


def _footage(incident: Incident, sites: Sites) -> str | None:
    """Return the page that plays what happened, from a few seconds before; None where nothing filmed it."""
    try:
        register = sites.register(incident.place)
    except NotFound:
        return None  # Policy: a register that is gone from the file has no cameras any more.
    if not register.views:
        return None
    at = to_rfc3339(incident.latest.occurred_at - BEFORE_US)
    return f"/footage?{urlencode({'register': register.id, 'at': at})}"


def sale_page(register: str, sale: str) -> str:
    """Return the page that plays a sale, for whoever may see it."""
    return f"/footage/open?{urlencode({'register': register, 'sale': sale})}"


def _time(at: Instant | None) -> str | None:
    return None if at is None else to_rfc3339(at)


def _url(incident: Incident, ref: str | None) -> str | None:
    if ref is None:
        return None
    return f"/api/v1/incidents/{incident.id}/media/{ref.removeprefix(_BLOB)}"


def _register_name(sites: Sites, register_id: str) -> str:
    try:
        return sites.register(register_id).name
    except NotFound:
        return register_id  # Policy: an incident outlives the register it came from.
