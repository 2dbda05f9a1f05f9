"""Cameras as an installer needs them: a picture now, a trial of an address, what the detector sees."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from tenban.access.audit import AuditEvent
from tenban.access.looks import Seen, write_look
from tenban.access.model import Actor, Function
from tenban.api.context import AnActor, Here, TheServer, find_actor
from tenban.api.settings import desk_of, sites_now, told_refusal
from tenban.base.clock import SECOND, Instant, seconds
from tenban.base.errors import BadInput, NotFound, TenbanError, Unavailable
from tenban.settings.model import Mistake, SettingsRefused
from tenban.sites.address import compose, shown
from tenban.sites.model import Camera
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
    known = None
    if tried.camera is not None:
        camera = sites_now(await desk_of(here).look()).camera(tried.camera)
        actor.must(Function.SETTINGS_EDIT, shop=camera.shop)
        known = camera.url
    try:
        url = compose(tried.address, tried.user, tried.password, known=known)
    except BadInput as error:
        return told_refusal(
            SettingsRefused([Mistake(error.where, error.where, error.expected, str(error.came))])
        )
    return _told(
        await _tried(
            here, actor, tried.shop, url, tried.transport, tried.camera or shown(tried.address).address
        )
    )


@router.get("/cameras/{camera_id}/still", summary="What the camera shows now")
async def still(
    camera_id: str,
    here: TheServer,
    actor: AnActor,
    at: Annotated[int | None, Query(description="microseconds since 1970; now when left out")] = None,
    width: Annotated[int, Query(ge=160, le=1920)] = 1280,
) -> Response:
    """Send a picture from the watcher, or from a trial where nothing watches the camera."""
    camera = sites_now(await desk_of(here).look()).camera(camera_id)
    actor.must(Function.SETTINGS_EDIT, shop=camera.shop)
    actor.must(Function.MEDIA_VIEW, shop=camera.shop)
    await _note(here, actor, camera, at)
    try:
        path = here.run_dir / "stills.sock"
        found = await ask_still(path, camera_id, at if at is not None else here.clock.now(), width=width)
        jpeg, captured_at = found.jpeg, found.captured_at
    except (NoWatcher, NotFound):
        if at is not None:
            raise
        trial = await _tried(here, actor, camera.shop, camera.url, camera.transport, camera_id)
        if trial.jpeg is None or trial.captured_at is None:
            raise Unavailable(f"camera_{trial.trouble}: {trial.detail}") from None
        jpeg, captured_at = trial.jpeg, trial.captured_at
    headers = {"Cache-Control": "no-store", "X-Captured-At": str(captured_at)}
    return Response(jpeg, media_type="image/jpeg", headers=headers)


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


async def _tried(here: Here, actor: Actor, shop: str, url: str, transport: str, subject: str) -> Trial:
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
        return await try_camera(opened, transport, reach=here.sites.camera_reach)


async def _note(here: Here, actor: Actor, camera: Camera, at: Instant | None) -> None:
    """Write down who looks, before the first byte leaves; looking on is written down once a minute."""
    now_at = here.clock.now()
    key = f"{actor.id} {camera.id}"
    if at is None and now_at - here.looked.get(key, 0) < _NOTED_US:
        return
    if len(here.looked) > 10_000:
        here.looked.clear()
    from_at = now_at if at is None else at
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
        )
    )
    if at is None:
        here.looked[key] = now_at


def _told(trial: Trial) -> dict[str, Any]:
    document = trial.as_json()
    jpeg = document.pop("jpeg")
    document["picture"] = None if jpeg is None else f"data:image/jpeg;base64,{jpeg}"
    return document
