"""Cameras as an installer needs them: a picture now, a trial of an address, what the detector sees."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from tenban.access.audit import AuditEvent
from tenban.access.looks import Seen, write_look
from tenban.access.model import Actor, Function
from tenban.api.cards import sees_unmasked
from tenban.api.context import AnActor, Here, TheServer, find_actor
from tenban.api.sending import blurred
from tenban.api.settings import desk_of, sites_now, told_refusal
from tenban.base.clock import SECOND, Instant, seconds
from tenban.base.errors import BadInput, NotFound, TenbanError, Unavailable
from tenban.settings.model import Mistake, SettingsRefused
from tenban.sites.address import compose, shown
from tenban.sites.fisheye import Aim
from tenban.sites.model import Blurring, Camera
from tenban.sites.secrets import opened_address
from tenban.video.stills import NoWatcher, ask_still
from tenban.video.trial import Trial, try_camera
from tenban.vision.looks import look_on

router = APIRouter(prefix="/api/v1/settings", tags=["settings"])

_TRIALS = asyncio.Semaphore(2)
_MOST_ZONES_TEXT = 16_000
_NOTED_US = 60 * SECOND
_TRIAL_S = 20.0
_CHECK_SESSION_S = 10.0


class Tried(BaseModel):
    """An address to try; a password of None stands for the one that is kept for ``camera``."""

    shop: str
    camera: str | None = None
    address: str
    user: str = ""
    password: str | None = None
    transport: Literal["tcp", "udp"] = "tcp"


@router.post("/cameras/try", summary="Open a camera for a few seconds")
async def try_address(tried: Tried, here: TheServer, actor: AnActor) -> Any:
    """Return what the camera sends and a picture, or in one word what is wrong."""
    actor.must(Function.SETTINGS_EDIT, shop=tried.shop)
    known: str | None = None
    aim: Aim | None = None
    masks = Blurring()
    if tried.camera is not None:
        sites = sites_now(await desk_of(here).look())
        camera = sites.camera(tried.camera)
        actor.must(Function.SETTINGS_EDIT, shop=camera.shop)
        known, aim = camera.url, camera.aim
        masks = Blurring() if sees_unmasked(actor, camera.shop, sites) else sites.blurring(camera.id)
    try:
        url = compose(tried.address, tried.user, tried.password, known=known)
    except BadInput as error:
        return told_refusal(
            SettingsRefused([Mistake(error.where, error.where, error.expected, str(error.came))])
        )
    subject = tried.camera or shown(tried.address).address
    trial = await _tried(here, actor, tried.shop, url, tried.transport, subject, aim)
    if trial.jpeg is not None and masks:
        trial = replace(trial, jpeg=await blurred(trial.jpeg, masks))
    return _told(trial)


@router.get("/cameras/{camera_id}/still", summary="What the camera shows now")
async def still(
    camera_id: str,
    here: TheServer,
    actor: AnActor,
    at: Annotated[int | None, Query(description="microseconds since 1970; now when left out")] = None,
    width: Annotated[int, Query(ge=160, le=1920)] = 1280,
    *,
    unmasked: Annotated[bool, Query(description="what is blurred as well")] = False,
) -> Response:
    """Send a picture from the watcher, or from a trial where nothing watches the camera."""
    sites = sites_now(await desk_of(here).look())
    camera = sites.camera(camera_id)
    actor.must(Function.SETTINGS_EDIT, shop=camera.shop)
    actor.must(Function.MEDIA_VIEW, shop=camera.shop)
    shows_all = sees_unmasked(actor, camera.shop, sites, asked=unmasked)
    await _note(here, actor, camera, at, unmasked=unmasked)
    try:
        path = here.run_dir / "stills.sock"
        found = await ask_still(path, camera_id, at if at is not None else here.clock.now(), width=width)
        jpeg, captured_at = found.jpeg, found.captured_at
    except (NoWatcher, NotFound):
        if at is not None:
            raise
        trial = await _tried(here, actor, camera.shop, camera.url, camera.transport, camera_id, camera.aim)
        if trial.jpeg is None or trial.captured_at is None:
            raise Unavailable(f"camera_{trial.trouble}: {trial.detail}") from None
        jpeg, captured_at = trial.jpeg, trial.captured_at
    if not shows_all:
        jpeg = await blurred(jpeg, sites.blurring(camera_id))
    headers = {"Cache-Control": "no-store", "X-Captured-At": str(captured_at)}
    return Response(jpeg, media_type="image/jpeg", headers=headers)


@router.post("/cameras/{camera_id}/circle", summary="Find the image circle of a fisheye camera")
async def circle(
    camera_id: str,
    here: TheServer,
    actor: AnActor,
    at: Annotated[int | None, Query(description="microseconds since 1970; now when left out")] = None,
) -> dict[str, Any]:
    """Return the circle's middle (shares of width and height) and radius (share of the width).

    Raises:
        NoCircle: the picture shows no dark edge of one.
    """
    from tenban.vision.circle import find_circle_in  # OpenCV, only where a lens is set up

    picture = await still(camera_id, here, actor, at, 1280)
    x, y, radius = await asyncio.to_thread(find_circle_in, bytes(picture.body))
    return {"circle": [round(x, 4), round(y, 4), round(radius, 4)]}


@router.get("/registers/{register_id}/look", summary="What the detector sees, as server-sent events")
async def look(
    request: Request,
    register_id: str,
    here: TheServer,
    actor: AnActor,
    camera: Annotated[str, Query()],
    zones: Annotated[
        str | None, Query(max_length=_MOST_ZONES_TEXT, description="JSON; drawn, not saved")
    ] = None,
) -> StreamingResponse:
    """Send boxes, tracks and counted moves for as long as somebody looks; drawn zones may be tried."""
    shop = sites_now(await desk_of(here).look()).register(register_id).shop
    actor.must(Function.SETTINGS_EDIT, shop=shop)
    actor.must(Function.MEDIA_VIEW, shop=shop)
    try:
        drawn = None if zones is None else json.loads(zones)
    except ValueError as error:
        raise BadInput("zones", expected="JSON", came=error) from error
    now_at = here.clock.now()
    await here.db.write(
        lambda connection: write_look(
            connection,
            AuditEvent.LANE_LOOKED_AT,
            actor,
            now_at,
            register_id,
            shop=shop,
            function=Function.SETTINGS_EDIT,
            seen=Seen((register_id, *here.sites.seen_by(camera)), now_at, now_at),
            camera=camera,
        )
    )
    looks = _looks(request, here, register_id, camera, drawn)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(looks, media_type="text/event-stream", headers=headers)


async def _looks(
    request: Request, here: Here, register_id: str, camera: str, drawn: list[dict[str, Any]] | None
) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    checked_s = here.clock.monotonic_s()
    states = look_on(here.run_dir / "looks.sock", register_id, camera, drawn)
    try:
        async for state in states:
            if await request.is_disconnected():
                return
            if here.clock.monotonic_s() - checked_s > _CHECK_SESSION_S:
                checked_s = here.clock.monotonic_s()
                if await find_actor(request) is None:
                    return  # signed out, or the session has ended
            yield b": still here\n\n" if state is None else b"event: look\ndata: %s\n\n" % orjson.dumps(state)
    except TenbanError as error:
        # Policy: whoever looks is told why it ended; the page asks again where that helps.
        yield b"event: trouble\ndata: %s\n\n" % orjson.dumps({"code": error.code, "message": str(error)})
    finally:
        await states.aclose()  # type: ignore[attr-defined]  # an async generator


async def _tried(
    here: Here, actor: Actor, shop: str, url: str, transport: str, subject: str, aim: Aim | None
) -> Trial:
    """Open an address for a few seconds; of a named view the picture comes turned."""
    now_at = here.clock.now()
    seen = Seen(here.sites.seen_by(subject), now_at, now_at + seconds(_TRIAL_S))
    await here.db.write(
        lambda connection: write_look(
            connection,
            AuditEvent.CAMERA_TRIED,
            actor,
            now_at,
            subject,
            shop=shop,
            function=Function.SETTINGS_EDIT,
            seen=seen,
        )
    )
    opened = await asyncio.to_thread(opened_address, url, here.blobs.vault)
    async with _TRIALS:
        trial = await try_camera(opened, transport, reach=here.sites.camera_reach)
    if aim is None or trial.jpeg is None:
        return trial
    from tenban.vision.turned import turn_jpeg  # OpenCV, only for fisheye cameras

    return replace(trial, jpeg=await asyncio.to_thread(turn_jpeg, trial.jpeg, aim))


async def _note(here: Here, actor: Actor, camera: Camera, at: Instant | None, *, unmasked: bool) -> None:
    """Write down who looks, before the first byte leaves; looking on is written down once a minute."""
    now_at = here.clock.now()
    key = f"{actor.id} {camera.id} {unmasked}"
    if at is None and now_at - here.looked.get(key, 0) < _NOTED_US:
        return
    if len(here.looked) > 10_000:
        here.looked.clear()
    from_at = now_at if at is None else at
    told: dict[str, Any] = {"unmasked": True} if unmasked else {}
    await here.db.write(
        lambda connection: write_look(
            connection,
            AuditEvent.MEDIA_VIEWED,
            actor,
            now_at,
            f"camera:{camera.id}",
            shop=camera.shop,
            function=Function.SETTINGS_EDIT,
            # Whoever looks on is not written down anew before the minute is over.
            seen=Seen(here.sites.seen_by(camera.id), from_at, from_at + (_NOTED_US if at is None else 0)),
            **told,
        )
    )
    if at is None:
        here.looked[key] = now_at


def _told(trial: Trial) -> dict[str, Any]:
    document = trial.as_json()
    jpeg = document.pop("jpeg")
    document["picture"] = None if jpeg is None else f"data:image/jpeg;base64,{jpeg}"
    return document
