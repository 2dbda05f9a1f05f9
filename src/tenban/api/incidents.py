"""Incidents over HTTP: listing, stating, owning, and the pictures they show."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from tenban.access.audit import AuditEvent
from tenban.access.looks import write_look
from tenban.access.model import Actor, Function
from tenban.api.cards import blobs_of, can_blur, card_for, is_masked_for, masks_of, part_of, stills_of
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.looks import seen_of
from tenban.api.sending import blurred, send_blob
from tenban.api.sound import WithSound, must_hear, muted_clip
from tenban.base.clock import SECOND, from_rfc3339, seconds, to_rfc3339
from tenban.base.errors import BadInput, NotFound
from tenban.incidents import engine
from tenban.incidents.model import Incident
from tenban.notify.outbox import newest
from tenban.sites.model import Sites

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])

Unmasked = Annotated[
    bool, Query(description="what is blurred as well; asks for the PIN where the shop says so")
]
_SHOWN_S = 12 * 3600
_ONE_LOOK_S = 15 * 60
_MOST_LOOKED = 10_000


class Stated(BaseModel):
    """What a person says of an incident."""

    state: Annotated[str, Field(examples=["resolved"])]
    outcome: Annotated[str | None, Field(examples=["true"])] = None
    reason: str | None = None


class Owned(BaseModel):
    """Taking an incident, or letting it go."""

    take: bool


@router.get("", summary="Incidents opened since a time, newest first")
async def list_incidents(
    here: TheServer,
    actor: AnActor,
    since: Annotated[str | None, Query(description="RFC 3339; twelve hours ago when left out")] = None,
    register: Annotated[str | None, Query(description="only this register's")] = None,
) -> dict[str, Any]:
    """Return cards, and the number of the newest notice: listen on the stream from there."""
    since_at = here.clock.now() - seconds(_SHOWN_S)
    if since is not None:
        try:
            since_at = from_rfc3339(since)
        except ValueError as error:
            raise BadInput("since", expected="an RFC 3339 time with an offset", came=repr(since)) from error
    # The number is read before the cards: what comes in between is told twice rather than never.
    last = await here.db.read(lambda connection: newest(connection, actor))
    found = await here.db.read(lambda connection: engine.recent(connection, actor, since_at, place=register))
    return {
        "last_notice_id": last,
        "incidents": [card_for(actor, incident, here.sites) for incident in found],
    }


@router.get("/precision", summary="Precision of each rule on each register, from people's labels")
async def precision(here: TheServer, actor: AnActor) -> list[dict[str, Any]]:
    """Return counts of labels and the precision they give."""
    return await here.db.read(lambda connection: engine.precision(connection, actor))


@router.get("/{incident_id}", summary="One incident with its history")
async def one_incident(
    incident_id: str, here: TheServer, actor: AnActor, *, unmasked: Unmasked = False
) -> dict[str, Any]:
    """Return the card and who did what."""
    incident = await here.db.read(lambda connection: engine.get(connection, actor, incident_id))
    history = await here.db.read(lambda connection: engine.history_of(connection, actor, incident_id))
    told = [
        {"at": to_rfc3339(row["at"]), "who": row["actor_name"], "what": row["what"], "detail": row["detail"]}
        for row in history
    ]
    return {**card_for(actor, incident, here.sites, unmasked=unmasked), "history": told}


@router.post("/{incident_id}/state", summary="State and label")
async def set_state(incident_id: str, stated: Stated, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Write down what a person says of the incident; everybody of the group sees it at once."""
    now_at = here.clock.now()
    incident = await here.db.write(
        lambda connection: engine.set_state(
            connection,
            actor,
            now_at,
            incident_id,
            state=stated.state,
            outcome=stated.outcome,
            reason=stated.reason,
        )
    )
    return card_for(actor, incident, here.sites)


@router.post("/{incident_id}/owner", summary="Take over, or let go")
async def set_owner(incident_id: str, owned: Owned, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Change who has the incident."""
    now_at = here.clock.now()
    change = engine.take if owned.take else engine.let_go
    incident = await here.db.write(lambda connection: change(connection, actor, now_at, incident_id))
    return card_for(actor, incident, here.sites)


@router.get("/{incident_id}/media/{blob}", summary="A still or clip that the incident shows")
async def media(
    incident_id: str,
    blob: str,
    request: Request,
    here: TheServer,
    actor: AnActor,
    *,
    unmasked: Unmasked = False,
    sound: WithSound = False,
) -> Response:
    """Send a picture or clip (with Range) once it is written down who looks, and who listens."""
    return await show_media(incident_id, blob, request, here, actor, unmasked=unmasked, sound=sound)


async def show_media(
    incident_id: str,
    blob: str,
    request: Request,
    here: Here,
    actor: Actor,
    *,
    unmasked: bool = False,
    sound: bool = False,
) -> Response:
    """Send what an incident shows to whoever may see it; a register sees the pictures of its own.

    Raises:
        NotFound: it does not show this, or not to this actor.
        StepUpNeeded: what is blurred was asked for, and the actor has to show once more who it is.
        Forbidden: it was asked for, and the actor may not.
        Damaged: it is not as it was sealed.
    """
    incident = await here.db.read(
        lambda connection: engine.get(connection, actor, incident_id, Function.MEDIA_VIEW)
    )
    shown = blobs_of(incident) if actor.register is None else stills_of(incident)
    masked = is_masked_for(actor, incident, here.sites, unmasked=unmasked)
    if masked:
        shown -= _unmaskable(incident, here.sites)
    if blob not in shown:
        raise NotFound(f"incident {incident_id} shows no {blob[:80]!r}")
    if sound:
        must_hear(actor, incident.shop)
    found: Any = await asyncio.to_thread(here.blobs.open, blob)
    if blob.endswith(".mp4") and not sound:
        found = await asyncio.to_thread(muted_clip, found)
    elif sound:
        await _write_down_heard(here, actor, incident, blob)
    now_at, key = here.clock.now(), f"{actor.id} {incident_id} {blob} {unmasked}"
    # A player asks for one clip in many ranges: that is one look, unless it begins anew or long after.
    begins = request.headers.get("range", "bytes=0-").startswith("bytes=0-")
    if begins or now_at - here.looked.get(key, 0) > _ONE_LOOK_S * SECOND:
        await here.db.write(
            lambda connection: write_look(
                connection,
                AuditEvent.MEDIA_VIEWED,
                actor,
                now_at,
                incident_id,
                shop=incident.shop,
                function=Function.MEDIA_VIEW if actor.register is None else Function.REGISTER_WATCH,
                seen=seen_of(here.sites, incident, blob),
                blob=blob,
                place=incident.place,
                **({"unmasked": True} if unmasked else {}),
            )
        )
        if len(here.looked) > _MOST_LOOKED:
            here.looked.clear()
        here.looked[key] = now_at
    if blob.endswith(".jpg") and masked:
        part = part_of(incident, blob, here.sites)
        assert part is not None  # noqa: S101  # what is of no known part is not shown
        jpeg = await blurred(await asyncio.to_thread(found.all), masks_of(incident, here.sites), part=part)
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})
    kind = "video/mp4" if blob.endswith(".mp4") else "image/jpeg"
    # A browser that kept it would go on showing what was erased, and to whoever uses the tablet next.
    return await send_blob(request, found, kind, cache="private, no-store")


async def _write_down_heard(here: Here, actor: Actor, incident: Incident, blob: str) -> None:
    """Write down that somebody listens, before the first byte leaves."""
    now_at, key = here.clock.now(), f"{actor.id} {incident.id} {blob} heard"
    if now_at - here.looked.get(key, -_ONE_LOOK_S * SECOND) <= _ONE_LOOK_S * SECOND:
        return
    await here.db.write(
        lambda connection: write_look(
            connection,
            AuditEvent.SOUND_HEARD,
            actor,
            now_at,
            incident.id,
            shop=incident.shop,
            function=Function.MEDIA_HEAR,
            seen=seen_of(here.sites, incident, blob),
            blob=blob,
            what="clip",
        )
    )
    here.looked[key] = now_at


def _unmaskable(incident: Incident, sites: Sites) -> set[str]:
    """Return what cannot be shown blurred: clips as they were cut, and cut-outs of who knows what part."""
    refs = [cause.clip.ref for cause in incident.causes if cause.clip]
    what = masks_of(incident, sites)
    refs += [still.crop for cause in incident.causes for still in cause.evidence if not can_blur(still, what)]
    return {ref.removeprefix("blob:") for ref in refs if ref}
