"""The live picture of a lane: stills at a steady rate, for whoever may look, written down before the first.

The watcher has the pictures; nothing is decoded here. A viewing belongs to one person and one lane, shows at
most :data:`MOST_PER_S` pictures a second, and ends by itself. H.264 to the browser will replace the stills.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response

from tenban.access.audit import AuditEvent
from tenban.access.looks import Seen, write_look
from tenban.access.model import Actor, Function
from tenban.api.cards import sees_unmasked
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.lanes import lane_of
from tenban.api.sending import blurred
from tenban.base.clock import SECOND, Instant, to_rfc3339
from tenban.base.errors import NotFound, Unavailable
from tenban.base.ids import new_id
from tenban.sites.model import Register

router = APIRouter(prefix="/api/v1/live", tags=["live"])

PER_S = 4
"""How many pictures a second a page asks for."""
MOST_PER_S = 5
"""How many it gets at most."""
MOST_VIEWINGS = 12
LONGEST_S = 600
IDLE_S = 15
"""A viewing that asks for no picture for this long has ended: a tablet that went to sleep says no goodbye."""
STALE_S = 3
WIDTH = 960


class NoCamera(NotFound):
    """Nothing looks at this lane."""

    code = "no_camera"


class ViewingEnded(NotFound):
    """It was ended, or ended by itself, or is somebody else's."""

    code = "viewing_ended"


class StalePicture(Unavailable):
    """The camera's last picture is too old to be called live."""

    code = "stale_picture"


class TooManyViewings(Unavailable):
    """As many look already as the server allows."""

    code = "too_many_viewings"


class TooFast(Unavailable):
    """More pictures were asked for than a viewing may have."""

    code = "too_fast"


@dataclass(slots=True)
class Viewing:
    """One person looking at one lane."""

    id: str
    actor: Actor
    register: Register
    since_at: Instant
    asked_at: Instant
    next_at: Instant = 0
    pictures: int = 0
    unmasked: bool = False

    def turn(self, now_at: Instant) -> Instant:
        """Give out the next turn for a picture, and return when it is.

        A network delivers unevenly: a request that comes early waits for its turn; one that comes while
        another one waits is refused.

        Raises:
            TooFast: a turn was given out already that has not come yet.
        """
        turn_at = max(now_at, self.next_at)
        if turn_at - now_at > SECOND // MOST_PER_S:
            raise TooFast(f"expected at most {MOST_PER_S} pictures a second")
        self.asked_at = now_at
        self.next_at = turn_at + SECOND // MOST_PER_S
        return turn_at


@dataclass(slots=True)
class Viewings:
    """Who looks at what right now; kept in memory, since a viewing ends with the process that shows it."""

    by_id: dict[str, Viewing] = field(default_factory=dict)

    def over(self, now_at: Instant) -> list[Viewing]:
        """Take out and return the viewings that have ended by themselves."""
        over = [
            one
            for one in self.by_id.values()
            if now_at - one.asked_at > IDLE_S * SECOND or now_at - one.since_at > LONGEST_S * SECOND
        ]
        for one in over:
            del self.by_id[one.id]
        return over

    def of(self, viewing_id: str, actor: Actor) -> Viewing:
        """Return a viewing of the actor's; raises ViewingEnded once it has ended."""
        found = self.by_id.get(viewing_id)
        if found is None or found.actor.id != actor.id:
            raise ViewingEnded("the viewing has ended")
        return found


def viewings_of(app: FastAPI) -> Viewings:
    """Return the viewings of an application."""
    if not hasattr(app.state, "viewings"):
        app.state.viewings = Viewings()
    found: Viewings = app.state.viewings
    return found


@router.post("/{register_id}", summary="Begin to look at a lane", status_code=201)
async def begin(
    register_id: str,
    request: Request,
    here: TheServer,
    actor: AnActor,
    *,
    unmasked: Annotated[bool, Query(description="what is blurred as well")] = False,
) -> dict[str, Any]:
    """Write down who looks at what from when, and return the viewing.

    Raises:
        StepUpNeeded: what is blurred was asked for, and the actor has to show once more who it is.
        NoCamera: nothing looks at this lane.
        TooManyViewings: as many look already as the server allows.
    """
    register = lane_of(here.sites, actor, register_id)
    actor.must(Function.MEDIA_VIEW, shop=register.shop)
    if not register.views:
        raise NoCamera(f"register {register.id} has no camera")
    shows_all = sees_unmasked(actor, register.shop, here.sites, asked=unmasked)
    viewings = viewings_of(request.app)
    now_at = here.clock.now()
    await _close(here, viewings.over(now_at), now_at)
    if len(viewings.by_id) >= MOST_VIEWINGS:
        raise TooManyViewings(f"expected at most {MOST_VIEWINGS} live pictures at a time, got one more")
    viewing = Viewing(new_id(now_at), actor, register, now_at, now_at, unmasked=shows_all)
    viewings.by_id[viewing.id] = viewing
    await here.db.write(
        lambda connection: write_look(
            connection,
            AuditEvent.LIVE_OPENED,
            actor,
            now_at,
            register.id,
            shop=register.shop,
            function=Function.MEDIA_VIEW,
            seen=Seen(here.sites.seen_with(register.id), now_at, now_at),
            viewing=viewing.id,
            **({"unmasked": True} if unmasked else {}),
        )
    )
    return {
        "viewing": viewing.id,
        "since_at": to_rfc3339(now_at),
        "until_at": to_rfc3339(now_at + LONGEST_S * SECOND),
        "per_s": PER_S,
        "cameras": [
            {"id": view.camera, "name": here.sites.camera(view.camera).name} for view in register.views
        ],
    }


@router.get("/{viewing_id}/picture", summary="The lane's picture now, as JPEG")
async def picture(
    viewing_id: str, camera: str, request: Request, here: TheServer, actor: AnActor
) -> Response:
    """Return the newest picture; when it was taken is in ``X-Captured-At``.

    Raises:
        ViewingEnded: begin another one.
        NotFound: the lane has no such camera, or there is no picture yet.
        TooFast: more than the viewing's pictures per second.
        StalePicture: the camera's last picture is older than three seconds.
        Unavailable: the watcher does not answer.
    """
    viewings = viewings_of(request.app)
    now_at = here.clock.now()
    await _close(here, viewings.over(now_at), now_at)
    viewing = viewings.of(viewing_id, actor)
    if camera not in {view.camera for view in viewing.register.views}:
        raise NotFound(f"register {viewing.register.id} has no camera {camera[:60]!r}")
    if here.ask_still is None:
        raise Unavailable("no part of this server watches cameras")
    early_us = viewing.turn(now_at) - now_at
    if early_us > 0:
        await here.sleep(early_us / SECOND)
    still = await here.ask_still(camera, here.clock.now(), width=WIDTH)
    age_us = here.clock.now() - still.captured_at
    if age_us > STALE_S * SECOND:
        raise StalePicture(f"the camera's last picture is {age_us / SECOND:.0f} s old")
    jpeg, masks = still.jpeg, here.sites.masks(camera)
    if not viewing.unmasked:
        jpeg = await blurred(jpeg, masks)
    viewing.pictures += 1
    headers = {"Cache-Control": "no-store", "X-Captured-At": to_rfc3339(still.captured_at)}
    return Response(jpeg, media_type="image/jpeg", headers=headers)


@router.delete("/{viewing_id}", summary="Stop looking", status_code=204)
async def end(viewing_id: str, request: Request, here: TheServer, actor: AnActor) -> None:
    """End a viewing and write down how long it was."""
    viewings = viewings_of(request.app)
    viewing = viewings.of(viewing_id, actor)
    del viewings.by_id[viewing.id]
    await _close(here, [viewing], here.clock.now())


async def _close(here: Here, ended: list[Viewing], now_at: Instant) -> None:
    for viewing in ended:
        detail = {
            "viewing": viewing.id,
            "since": to_rfc3339(viewing.since_at),
            "pictures": viewing.pictures,
        }
        seen = Seen(here.sites.seen_with(viewing.register.id), viewing.since_at, now_at)
        await here.db.write(
            lambda connection, one=viewing, more=detail, seen=seen: write_look(  # type: ignore[misc]
                connection,
                AuditEvent.LIVE_CLOSED,
                one.actor,
                now_at,
                one.register.id,
                shop=one.register.shop,
                function=Function.MEDIA_VIEW,
                seen=seen,
                **more,
            )
        )
