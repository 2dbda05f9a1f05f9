"""Live pictures: who may look opens a viewing, which is written down before its first picture.

A viewing is of one lane or of one camera. Its pictures come as a stream (:mod:`tenban.api.live_stream`: the
camera's own H.264) or as stills, for browsers that cannot play it and for whoever sees a part of the picture
blurred: the watcher has those, and nothing is decoded here.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response

from tenban.access.model import Actor, Function
from tenban.api.cards import sees_unmasked
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.lanes import lane_of
from tenban.api.lens import turning_of
from tenban.api.sending import blurred
from tenban.api.viewings import LONGEST_S, PER_S, Viewing, viewings_of
from tenban.base.clock import SECOND, to_rfc3339
from tenban.base.errors import NotFound, TenbanError, Unavailable
from tenban.base.log import get_log
from tenban.sites.model import Camera, Sites
from tenban.video.live_cameras import LiveCamera, camera_to_see, cameras_to_see
from tenban.video.reason_words import told_reason

log = get_log(__name__)

router = APIRouter(prefix="/api/v1/live", tags=["live"])

STALE_S = 3
WIDTH = 960
SWEEP_S = 5.0
Unmasked = Annotated[bool, Query(description="what is blurred as well")]


class NoCamera(NotFound):
    """Nothing looks at this lane."""

    code = "no_camera"


class StalePicture(Unavailable):
    """The camera's last picture is too old to be called live."""

    code = "stale_picture"


@router.get("/cameras", summary="The cameras one may look at, and how each stands")
async def list_cameras(
    here: TheServer,
    actor: AnActor,
    shop: Annotated[str | None, Query(description="only this shop's")] = None,
) -> list[dict[str, Any]]:
    """Return the cameras in the configuration's order, with the lanes each looks at."""
    found = await here.db.read(lambda connection: cameras_to_see(connection, actor, here.sites, shop))
    return [_listed(here.sites, actor, one) for one in found]


@router.post("/cameras/{camera_id}", summary="Begin to look at a camera", status_code=201)
async def begin_camera(
    camera_id: str, request: Request, here: TheServer, actor: AnActor, *, unmasked: Unmasked = False
) -> dict[str, Any]:
    """Write down who looks at which camera from when, and return the viewing.

    Raises:
        StepUpNeeded: what is blurred was asked for, and the actor has to show once more who it is.
        TooManyViewings: as many look already as the server allows.
    """
    camera = camera_to_see(actor, here.sites, camera_id)
    shows_all = sees_unmasked(actor, camera.shop, here.sites, asked=unmasked)
    subject = f"camera:{camera.id}"
    viewing = await viewings_of(request.app).begin(
        here, actor, subject, (camera,), unmasked=shows_all, asked=unmasked
    )
    return _begun(here.sites, actor, viewing)


@router.post("/{register_id}", summary="Begin to look at a lane", status_code=201)
async def begin(
    register_id: str, request: Request, here: TheServer, actor: AnActor, *, unmasked: Unmasked = False
) -> dict[str, Any]:
    """Write down who looks at which lane from when, and return the viewing.

    Raises:
        StepUpNeeded: what is blurred was asked for, and the actor has to show once more who it is.
        NoCamera: nothing looks at this lane.
        TooManyViewings: as many look already as the server allows.
    """
    register = lane_of(here.sites, actor, register_id)
    actor.must(Function.MEDIA_VIEW, shop=register.shop)
    if not register.views:
        raise NoCamera(f"register {register.id} has no camera")
    cameras = tuple(here.sites.camera(view.camera) for view in register.views)
    shows_all = sees_unmasked(actor, register.shop, here.sites, asked=unmasked)
    viewing = await viewings_of(request.app).begin(
        here, actor, register.id, cameras, register=register, unmasked=shows_all, asked=unmasked
    )
    return _begun(here.sites, actor, viewing)


@router.get("/{viewing_id}/picture", summary="A camera's picture now, as JPEG")
async def picture(
    viewing_id: str,
    camera: str,
    request: Request,
    here: TheServer,
    actor: AnActor,
    width: Annotated[int, Query(ge=160, le=1920, description="the most pixels across")] = WIDTH,
) -> Response:
    """Return the newest picture; when it was taken is in ``X-Captured-At``.

    Raises:
        ViewingEnded: begin another one.
        NotFound: the viewing has no such camera, or there is no picture yet.
        TooFast: more than the viewing's pictures per second.
        StalePicture: the camera's last picture is older than three seconds.
        Unavailable: the watcher does not answer.
    """
    viewings = viewings_of(request.app)
    now_at = here.clock.now()
    await viewings.sweep(here)
    viewing = viewings.of(viewing_id, actor)
    shown = viewing.camera(camera)
    if here.ask_still is None:
        raise Unavailable("no part of this server watches cameras")
    viewings.count_still(now_at)
    early_us = viewing.turn(now_at) - now_at
    if early_us > 0:
        await here.sleep(early_us / SECOND)
    still = await here.ask_still(camera, here.clock.now(), width=width)
    age_us = here.clock.now() - still.captured_at
    if age_us > STALE_S * SECOND:
        raise StalePicture(f"the camera's last picture is {age_us / SECOND:.0f} s old")
    jpeg = still.jpeg
    if not viewing.unmasked:
        jpeg = await blurred(jpeg, here.sites.blurring(shown.id))
    viewing.pictures += 1
    viewing.bytes += len(jpeg)
    headers = {"Cache-Control": "no-store", "X-Captured-At": to_rfc3339(still.captured_at)}
    return Response(jpeg, media_type="image/jpeg", headers=headers)


@router.delete("/{viewing_id}", summary="Stop looking", status_code=204)
async def end(viewing_id: str, request: Request, here: TheServer, actor: AnActor) -> None:
    """End a viewing and write down how long it was."""
    viewings = viewings_of(request.app)
    await viewings.end(here, viewings.of(viewing_id, actor))


async def sweep(app: FastAPI, here: Here) -> None:
    """End what has ended by itself, as long as the process lives: the log says so without being asked."""
    while True:
        await here.sleep(SWEEP_S)
        try:
            await viewings_of(app).sweep(here)
        except TenbanError as error:
            # Policy: a database that does not answer is written to at the next sweep.
            log.warning("the end of a live picture was not written down", why=str(error))


def why_no_stream(sites: Sites, viewing: Viewing, camera: Camera) -> str | None:
    """Tell why a viewing has stills of a camera and not its own pictures; None where it has these.

    ``masked``: parts of the picture are blurred for it, and what the camera sends is not. Of a named view of
    a fisheye camera the whole picture is sent, with what is blurred on any of its views.
    ``not_recorded``: no recorder reads the camera.
    """
    if sites.blurring(camera.id, camera.source) and not viewing.unmasked:
        return "masked"
    return None if camera.record else "not_recorded"


def _begun(sites: Sites, actor: Actor, viewing: Viewing) -> dict[str, Any]:
    return {
        "viewing": viewing.id,
        "since_at": to_rfc3339(viewing.since_at),
        "until_at": to_rfc3339(viewing.since_at + LONGEST_S * SECOND),
        "per_s": PER_S,
        "may_unmask": not viewing.unmasked and actor.may(Function.MEDIA_UNMASKED, shop=viewing.shop),
        "cameras": [
            {
                "id": camera.id,
                "name": camera.name,
                "no_stream": why_no_stream(sites, viewing, camera),
                "hear": why_no_stream(sites, viewing, camera) is None
                and sites.camera(camera.source).sound
                and actor.may(Function.MEDIA_HEAR, shop=camera.shop),
                "turning": turning_of(sites, camera.id),
            }
            for camera in viewing.cameras
        ],
    }


def _listed(sites: Sites, actor: Actor, found: LiveCamera) -> dict[str, Any]:
    camera, state = found.camera, found.state
    masked = bool(sites.blurring(camera.id)) and not sees_unmasked(actor, camera.shop, sites)
    return {
        "id": camera.id,
        "shop": camera.shop,
        "name": camera.name,
        "recorded": camera.record,
        "masked": masked,
        "state": "unknown" if state is None else state.status.value,
        "why": None if state is None else state.why,
        "reason": None if state is None else told_reason(state.why),
        "since_at": None if state is None else to_rfc3339(state.since_at),
        "lanes": [{"id": lane.id, "name": lane.name} for lane in found.lanes],
    }
