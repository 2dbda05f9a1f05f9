"""Footage itself: any span as MP4, planned first; pictures of any moment. Written down before the first byte.

Whoever may not see blurred zones gets blurred pictures and no video: what is hidden in a cut can be brought
back, and blurring needs decoding, which this process does not do.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Query, Request, Response

from tenban.access.audit import AuditEvent
from tenban.access.looks import Seen, write_look
from tenban.access.model import Actor, Function
from tenban.api.cards import sees_unmasked
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.filmed import From, Until, camera_of, footage_of, instant_of, span_of
from tenban.api.lens import turning_of
from tenban.api.sending import blurred, send_blob
from tenban.api.sound import WithSound, must_hear
from tenban.api.turned_video import send_turned
from tenban.base.clock import SECOND, Instant, to_datetime, to_rfc3339
from tenban.base.errors import Forbidden, NotFound
from tenban.base.span import Span
from tenban.sites.model import Camera
from tenban.video.clips import ClipPlan, NoFootage
from tenban.video.live_words import codec_of
from tenban.video.playback import Playback
from tenban.video.reason_words import told_reason
from tenban.video.stills import ask_still

router = APIRouter(prefix="/api/v1/footage/cameras", tags=["footage"])

LONGEST_S = 600
"""The longest span of one video: what is played on is asked for piece by piece."""
PICTURE_PATIENCE_S = 8.0
MOST_PLANS = 128
_VIDEO_BLOCK_S, _PICTURE_BLOCK_S = 300, 3600
_ONE_LOOK_S = 15 * 60
_MOST_LOOKED = 10_000
_FUNCTIONS = {
    AuditEvent.FOOTAGE_TAKEN: Function.MEDIA_TAKE,
    AuditEvent.SOUND_HEARD: Function.MEDIA_HEAR,
}


class OnlyBlurred(Forbidden):
    """This camera has blurred zones that the actor may not look behind: pictures, no video."""

    code = "only_blurred"


@dataclass(frozen=True, slots=True)
class Footage:
    """A planned cut, read as blobs are."""

    plan: ClipPlan
    playback: Playback
    name: str

    @property
    def size(self) -> int:
        """Bytes of the whole."""
        return self.plan.length_bytes

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes ``[start, stop)``."""
        return self.playback.read(self.plan, start, stop)


PlanKey: TypeAlias = tuple[str, Instant, Instant, bool]
"""Camera, span, and whether its sound is in it."""


@dataclass(slots=True)
class Plans:
    """The cuts that players are reading: the same for all ranges of one address, whatever is recorded on."""

    by_key: OrderedDict[PlanKey, ClipPlan] = field(default_factory=OrderedDict)

    def keep(self, key: PlanKey, plan: ClipPlan) -> None:
        """Remember a plan in place of the one that was asked for longest ago."""
        self.by_key[key] = plan
        self.by_key.move_to_end(key)
        while len(self.by_key) > MOST_PLANS:
            self.by_key.popitem(last=False)


def plans_of(app: FastAPI) -> Plans:
    """Return the plans of an application."""
    if not hasattr(app.state, "footage_plans"):
        app.state.footage_plans = Plans()
    found: Plans = app.state.footage_plans
    return found


@router.get("/{camera_id}/plan", summary="What a span's video would show")
async def plan(
    camera_id: str,
    request: Request,
    here: TheServer,
    actor: AnActor,
    from_at: From,
    until_at: Until,
    *,
    stepping: Annotated[bool, Query(description="also tell when each picture was taken")] = False,
    unmasked: Annotated[bool, Query(description="what is blurred as well")] = False,
    sound: WithSound = False,
) -> dict[str, Any]:
    """Return the video's address, what of the span it shows, and the gaps in it; ``none`` says why nothing.

    ``sound`` says whether there is any of the span, and ``hear`` whether the actor may ask for it.

    A video's time is the wall's: ``start + currentTime``, also across gaps, in which the last picture stays.
    ``video`` is null where there is none to have: no footage, or only pictures for this actor. ``codec``
    names its coding as browsers do, so that a page can ask its own whether it plays that.
    """
    camera = camera_of(here.sites, actor, camera_id)
    span = span_of(from_at, until_at, LONGEST_S)
    is_blurred = _is_blurred(here, actor, camera, unmasked=unmasked)
    if sound:
        must_hear(actor, camera.shop)
    try:
        found = await _planned(request, here, camera, span, anew=True, sound=sound)
    except NoFootage as error:
        # Policy: a span without footage is no failure to whoever plays through a day; why is told.
        nothing = {
            "start": to_rfc3339(span.start_at),
            "end": to_rfc3339(span.end_at),
            "frames": 0,
            "gaps": [],
        }
        return {"camera": camera.id, "video": None, "blurred": is_blurred, "none": str(error), **nothing}
    taken = None
    if stepping:
        taken = await asyncio.to_thread(footage_of(here).pictures, camera.source, found.span)
    asked = {"from": to_rfc3339(span.start_at), "to": to_rfc3339(span.end_at)}
    asked |= {"unmasked": "true"} if unmasked else {}
    query = urlencode(asked | ({"sound": "true"} if sound else {}))
    return {
        "camera": camera.id,
        "video": None if is_blurred else f"/api/v1/footage/cameras/{camera.id}/video?{query}",
        "blurred": is_blurred,
        "may_show": is_blurred and actor.may(Function.MEDIA_UNMASKED, shop=camera.shop),
        "none": None,
        "start": to_rfc3339(found.span.start_at),
        "end": to_rfc3339(found.span.end_at),
        "turning": turning_of(here.sites, camera.id),
        "width": found.info.width,
        "height": found.info.height,
        "codec": codec_of(found.info),
        "frames": found.frames,
        "bytes": found.length_bytes,
        "note": found.note,
        "sound": found.has_sound,
        "hear": found.has_sound and not is_blurred and actor.may(Function.MEDIA_HEAR, shop=camera.shop),
        "gaps": [
            {
                "from": to_rfc3339(gap.span.start_at),
                "to": to_rfc3339(gap.span.end_at),
                "why": gap.why,
                "reason": told_reason(gap.why),
            }
            for gap in found.gaps
        ],
        "pictures": None if taken is None else [at - found.span.start_at for at in taken],
    }


@router.get("/{camera_id}/video", summary="A span as MP4, with ranges")
async def video(
    camera_id: str,
    request: Request,
    here: TheServer,
    actor: AnActor,
    from_at: From,
    until_at: Until,
    *,
    take: Annotated[bool, Query(description="as a file to keep; asks for the right to")] = False,
    unmasked: Annotated[bool, Query(description="what is blurred as well")] = False,
    sound: WithSound = False,
) -> Response:
    """Send the video once it is written down who looks, listens, or takes it along.

    A named view of a fisheye camera is looked at whole, and turned by the page; what is taken is turned here.

    Raises:
        NoFootage: there is none of this span.
        OnlyBlurred: the camera has blurred zones, and the actor may not see what is below.
        FootageGone: a file of footage is missing.
    """
    camera = camera_of(here.sites, actor, camera_id)
    if take:
        actor.must(Function.MEDIA_TAKE, shop=camera.shop)
    if sound:
        must_hear(actor, camera.shop)
    span = span_of(from_at, until_at, LONGEST_S)
    if _is_blurred(here, actor, camera, unmasked=unmasked):
        raise OnlyBlurred(f"camera {camera.id} has blurred zones: expected somebody who may see all of it")
    # Turned and coded anew, it has no sound.
    turned = take and camera.aim is not None
    sound = sound and not turned
    found = await _planned(request, here, camera, span, anew=False, sound=sound)
    if sound and take:
        await _write_look(here, AuditEvent.SOUND_HEARD, actor, camera, found.span, what="taken")
    elif sound:
        await note_look(
            here, actor, camera, found.span, _VIDEO_BLOCK_S, "footage", event=AuditEvent.SOUND_HEARD
        )
    # The time that people know it by: the shop's, as the page showed it.
    begins = to_datetime(found.span.start_at).astimezone(here.sites.shop(camera.shop).timezone)
    filename = f"{camera.id}-{begins:%Y%m%dT%H%M%S}.mp4"
    if take:
        await _write_look(here, AuditEvent.FOOTAGE_TAKEN, actor, camera, found.span)
    else:
        await note_look(here, actor, camera, found.span, _VIDEO_BLOCK_S, "video")
    if take and camera.aim is not None:
        return await send_turned(here, footage_of(here), found, camera.aim, filename)
    heard = "-sound" if sound else ""
    name = f"{camera.id}-{span.start_at}-{found.span.end_at}-{found.length_bytes}{heard}"
    whole = Footage(found, footage_of(here), name)
    saved = filename if take else None
    return await send_blob(request, whole, "video/mp4", cache="private, no-store", filename=saved)


@router.get("/{camera_id}/picture", summary="The picture shown at a moment, as JPEG")
async def picture(
    camera_id: str,
    here: TheServer,
    actor: AnActor,
    at: Annotated[str, Query(max_length=40, description="RFC 3339")],
    width: Annotated[int, Query(ge=80, le=1920)] = 240,
    *,
    exact: Annotated[bool, Query(description="not only the nearest one that is quickly had")] = False,
    unmasked: Annotated[bool, Query(description="what is blurred as well")] = False,
) -> Response:
    """Send a picture; when it was taken is in ``X-Captured-At``. It is decoded in another process.

    Raises:
        NotFound: there is no footage of this moment.
        Unavailable: nothing answers that could decode it.
    """
    camera = camera_of(here.sites, actor, camera_id)
    wanted_at = instant_of("at", at)
    if not exact:
        near_at = await asyncio.to_thread(footage_of(here).keyframe_at, camera.source, wanted_at)
        if near_at is None or wanted_at - near_at > 10 * SECOND:
            raise NotFound(f"camera {camera.id}: there is no footage of this moment")
        wanted_at = near_at
    await note_look(here, actor, camera, Span(wanted_at, wanted_at + 1), _PICTURE_BLOCK_S, "pictures")
    still = await ask_still(
        here.run_dir / "pictures.sock", camera.id, wanted_at, width=width, timeout_s=PICTURE_PATIENCE_S
    )
    jpeg = still.jpeg
    if _is_blurred(here, actor, camera, unmasked=unmasked):
        jpeg = await blurred(jpeg, here.sites.blurring(camera.id))
    headers = {"Cache-Control": "private, no-store", "X-Captured-At": to_rfc3339(still.captured_at)}
    return Response(jpeg, media_type="image/jpeg", headers=headers)


async def note_look(
    here: Here,
    actor: Actor,
    camera: Camera,
    span: Span,
    block_s: int,
    what: str,
    *,
    event: AuditEvent = AuditEvent.FOOTAGE_VIEWED,
) -> None:
    """Write down that somebody looks at footage, or listens, before the first byte leaves.

    A player asks for many ranges, and plays on: each block of footage is written down once a quarter of an
    hour, so that the log says which part of which day was looked at.
    """
    now_at, block_us = here.clock.now(), block_s * SECOND
    for start_at in range(
        span.start_at // block_us * block_us, max(span.end_at, span.start_at + 1), block_us
    ):
        key = f"{actor.id} {camera.id} {event} {what} {start_at}"
        if now_at - here.looked.get(key, -_ONE_LOOK_S * SECOND) < _ONE_LOOK_S * SECOND:
            continue
        if len(here.looked) > _MOST_LOOKED:
            here.looked.clear()
        seen = Span(start_at, start_at + block_us)
        await _write_look(here, event, actor, camera, seen, what=what)
        here.looked[key] = now_at


async def _write_look(
    here: Here, event: AuditEvent, actor: Actor, camera: Camera, span: Span, **detail: str
) -> None:
    now_at, registers = here.clock.now(), here.sites.seen_by(camera.id)
    function = _FUNCTIONS.get(event, Function.MEDIA_VIEW)
    await here.db.write(
        lambda connection: write_look(
            connection,
            event,
            actor,
            now_at,
            f"camera:{camera.id}",
            shop=camera.shop,
            function=function,
            seen=Seen(registers, span.start_at, span.end_at),
            **detail,
        )
    )


def _is_blurred(here: Here, actor: Actor, camera: Camera, *, unmasked: bool) -> bool:
    # A cut of a named view is the whole picture of its camera.
    hides = here.sites.blurring(camera.id, camera.source)
    return bool(hides) and not sees_unmasked(actor, camera.shop, here.sites, asked=unmasked)


async def _planned(
    request: Request, here: Here, camera: Camera, span: Span, *, anew: bool, sound: bool
) -> ClipPlan:
    plans, key = plans_of(request.app), (camera.source, span.start_at, span.end_at, sound)
    found = None if anew else plans.by_key.get(key)
    if found is None:
        found = await asyncio.to_thread(footage_of(here).plan, camera.source, span, sound=sound)
    plans.keep(key, found)
    return found
