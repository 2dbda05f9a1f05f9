"""The incident card: an incident as screens and integrators get it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tenban.access.model import Actor, Function
from tenban.api.lens import turning_of
from tenban.base.clock import SECOND, Instant, to_rfc3339
from tenban.base.errors import NotFound
from tenban.findings.evidence import camera_of, operator_box
from tenban.findings.facts import Box
from tenban.incidents.model import Cause, Clip, Incident, Still
from tenban.sites.model import Blurring, Sites

BEFORE_US = 5 * SECOND
"""How long before a sale, a step of it or an incident its video begins."""
_BLOB = "blob:"
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
"""A part of a picture that is all of it."""
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
        "clip": _clip(incident, latest.clip, sites),
        "footage": _footage(incident, sites),
        "causes": [_cause(incident, cause, sites) for cause in incident.causes],
    }


def card_for(actor: Actor, incident: Incident, sites: Sites, *, unmasked: bool = False) -> dict[str, Any]:
    """Return the card as this actor may have it: a register's own screen gets the pictures, and no clip.

    Args:
        actor: who asks.
        incident: which.
        sites: what is blurred.
        unmasked: the actor asks to see what is below; the addresses in the card ask the same.

    Raises:
        StepUpNeeded: the actor may, and has to show once more who it is.
        Forbidden: the actor may not.
    """
    card = card_of(incident, sites)
    masked = is_masked_for(actor, incident, sites, unmasked=unmasked)
    may = actor.may(Function.MEDIA_UNMASKED, shop=incident.shop)
    if masked or not actor.may(Function.MEDIA_HEAR, shop=incident.shop):
        for part in (card, *card["causes"]):
            part["clip"]["sound"] = False
    card["masked"] = ("may_show" if may else "yes") if masked else None
    if masked:
        _mask(card, incident, sites)
    elif unmasked:
        _ask_unmasked(card)
    if actor.register is not None or not actor.may(Function.MEDIA_VIEW, shop=incident.shop):
        card["footage"] = None
    if actor.register is None:
        return card
    for part in (card, *card["causes"]):
        part["clip"] = _clip(incident, None, sites)
        part["evidence"] = [
            {**still, "url": _own_url(actor, still["url"]), "crop_url": _own_url(actor, still["crop_url"])}
            for still in part["evidence"]
        ]
    return {**card, "operator_still": _own_url(actor, card["operator_still"])}


def is_masked_for(actor: Actor, incident: Incident, sites: Sites, *, unmasked: bool = False) -> bool:
    """Tell whether this actor sees the incident's pictures with blurred zones only; raises as `card_for`."""
    return not sees_unmasked(actor, incident.shop, sites, asked=unmasked) and bool(masks_of(incident, sites))


def sees_unmasked(actor: Actor, shop: str, sites: Sites, *, asked: bool = False) -> bool:
    """Tell whether this actor sees what is blurred for others.

    Nobody is asked for a PIN at every brief: where the shop wants one for this, who may see all of it gets
    the blurred picture as everybody does, until they ask for the other one.

    Args:
        actor: who looks.
        shop: whose picture.
        sites: what asks for the PIN.
        asked: the actor asks for it.

    Raises:
        StepUpNeeded: the actor may, and has to show once more who it is.
        Forbidden: the actor asks for it, and may not.
    """
    if asked:
        actor.must(Function.MEDIA_UNMASKED, shop=shop)
        actor.must_prove(Function.MEDIA_UNMASKED)
        return True
    waits = sites.step_up.pictures and actor.kind == "person"
    return actor.may(Function.MEDIA_UNMASKED, shop=shop) and not waits


def masks_of(incident: Incident, sites: Sites) -> Blurring:
    """Return what is blurred on the cameras of the incident's register."""
    try:
        register = sites.register(incident.place)
    except NotFound:
        return Blurring()  # Policy: a register that is gone from the file has no zones any more.
    return sites.blurring(*(view.camera for view in register.views))


def _mask(card: dict[str, Any], incident: Incident, sites: Sites) -> None:
    """Leave out what cannot be blurred, and show the blurred clip in the clip's place."""
    latest = incident.latest
    for part, cause in ((card, latest), *zip(card["causes"], incident.causes, strict=True)):
        for told, still in zip(part["evidence"], cause.evidence, strict=True):
            if not can_blur(still, masks_of(incident, sites)):
                told["crop_url"] = None
        clip = cause.clip
        if clip is None or clip.state != "ready":
            continue
        part["clip"] |= {"url": _url(incident, clip.masked), "turning": None}  # it comes turned
        if clip.masked is None:
            part["clip"] |= {"state": "failed", "why": _NO_BLURRED_CLIP}


def _ask_unmasked(card: dict[str, Any]) -> None:
    card["operator_still"] = _unmasked(card["operator_still"])
    for part in (card, *card["causes"]):
        part["clip"]["url"] = _unmasked(part["clip"]["url"])
        part["evidence"] = [
            {**still, "url": _unmasked(still["url"]), "crop_url": _unmasked(still["crop_url"])}
            for still in part["evidence"]
        ]


def _unmasked(url: str | None) -> str | None:
    return None if url is None else f"{url}?unmasked=true"


def can_blur(still: Still, what: Blurring) -> bool:
    """Tell whether a still's cut-out can be shown blurred.

    Of stills from before it is not known which part of the picture was cut out; and on a cut-out nobody is
    found whose head is in it by half.
    """
    return still.part is not None and not what.model


def part_of(incident: Incident, blob: str, sites: Sites) -> Box | None:
    """Return what of a camera's picture a still shows; None where that is not known.

    Args:
        incident: that shows it.
        blob: the still's name.
        sites: say where the operator stands.
    """
    ref = f"{_BLOB}{blob}"
    if incident.operator_still == ref:
        return _operator_part(incident, sites) or WHOLE
    for cause in incident.causes:
        for still in cause.evidence:
            if still.ref == ref:
                return WHOLE
            if still.crop == ref:
                return still.part if can_blur(still, masks_of(incident, sites)) else None
    return None


def _operator_part(incident: Incident, sites: Sites) -> Box | None:
    try:
        register = sites.register(incident.place)
    except NotFound:
        return None  # Policy: a register that is gone from the file has no zones any more.
    camera = camera_of(register, None)
    return None if camera is None else operator_box(register, camera)


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
        refs += [cause.clip.ref, cause.clip.masked, cause.clip.blurred] if cause.clip else []
    return {ref.removeprefix(_BLOB) for ref in refs if ref}


def _cause(incident: Incident, cause: Cause, sites: Sites) -> dict[str, Any]:
    return {
        "key": cause.key,
        "occurred_at": to_rfc3339(cause.occurred_at),
        "decidable_at": to_rfc3339(cause.decidable_at),
        "sentence": cause.sentence,
        "facts": cause.facts,
        "withdrawn": cause.withdrawn,
        "evidence": _evidence(incident, cause),
        "clip": _clip(incident, cause.clip, sites),
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


def _clip(incident: Incident, clip: Clip | None, sites: Sites) -> dict[str, Any]:
    if clip is None:
        return {"state": "none", "url": None, "why": None, "turning": None, "sound": False}
    return {
        "state": clip.state,
        "url": _url(incident, clip.ref),
        "why": clip.why,
        "start_at": to_rfc3339(clip.start_at),
        "end_at": to_rfc3339(clip.end_at),
        "ready_at": _time(clip.ready_at),
        "turning": turning_of(sites, clip.camera),
        "sound": clip.sound,
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
    return f"/footage?{urlencode({'register': register.id, 'at': at, 'play': 1})}"


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
