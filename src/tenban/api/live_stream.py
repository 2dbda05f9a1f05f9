"""``WS /api/v1/live/{viewing}/stream?camera=…``: a camera's own pictures, as the recorder hands them on.

Server → viewer: JSON in text messages, and pictures in binary ones (:mod:`tenban.video.live_words`)::

    {"type": "begin", …}                       how what follows is coded; first, and at each new run
    {"type": "skipped", "pictures", "total"}   so many were left out for a slow viewer; a keyframe follows
    {"type": "lost", "state", "why", "since_at"}   no picture came for three seconds
    {"type": "back"}                           one has come again

Viewer → server: ``{"have": n}``, the number of the last picture it has taken in, every few pictures: what is
not acknowledged fills a window (:mod:`tenban.video.feed`), and no more is sent; ``{"pictures": "all"}`` or
``"keyframes"``, to change what it gets; ``{}`` while there is nothing to say, at least every ten seconds.

Closed with 4001 (the viewing has ended), 4003 (no longer allowed, or signed out), 4008 (its time is over; a
new one may begin), 1008 (a message that could not be read).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from tenban.access.model import Actor, Function, OtherShop
from tenban.api.context import Here, find_actor, websocket_here
from tenban.api.errors import answer_to
from tenban.api.lanes import lane_of
from tenban.api.live import STALE_S, why_no_stream
from tenban.api.sound import WithSound, must_hear
from tenban.api.viewings import Viewing, Viewings, note_hearing, viewings_of, why_over
from tenban.base.clock import SECOND, to_rfc3339
from tenban.base.errors import BadInput, Forbidden, NotFound, NotSignedIn, TenbanError
from tenban.sites.model import Camera
from tenban.video.feed import Viewer
from tenban.video.live_cameras import camera_to_see, state_of
from tenban.video.live_words import begin_message, picture_message
from tenban.video.packets import StreamInfo
from tenban.video.reason_words import told_reason
from tenban.video.sound_live import sound_stream

router = APIRouter(prefix="/api/v1/live", tags=["live"])

ENDED, NOT_ALLOWED, TIME_OVER, NOT_READ = 4001, 4003, 4008, 1008
LOOK_S = 1.0
"""How often is looked whether the viewing still holds and the camera still sends."""
CHECK_S = 5.0
"""How often is looked whether whoever looks still may."""
LONGEST_MESSAGE = 1_000
EXPECTED = 'expected {"have": number}, {"pictures": "all" or "keyframes"} or {}'
MOST_STREAMS = 4
"""Of one viewing: a page that reconnects may have an old one for a moment."""


class StillsOnly(Forbidden):
    """The camera's own pictures are not for this actor; its stills are."""

    code = "stills_only"


class _Over(Exception):  # noqa: N818  # no error: how a stream ends
    """The stream has to end."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


@router.websocket("/{viewing_id}/stream")
async def stream(
    websocket: WebSocket,
    viewing_id: str,
    camera: str,
    pictures: Annotated[Literal["all", "keyframes"], Query()] = "all",
    *,
    sound: WithSound = False,
) -> None:
    """Send a camera's pictures from the newest keyframe on, for as long as the viewing lasts.

    With ``sound=true`` the camera's sound is sent in their place, over a connection of its own.
    """
    here, viewings = websocket_here(websocket), viewings_of(websocket.app)
    try:
        actor = await find_actor(websocket)
        if actor is None:
            raise NotSignedIn("expected a session or a bearer token, got neither")
        await viewings.sweep(here)
        viewing = viewings.of(viewing_id, actor)
        shown = viewing.camera(camera)
        _allow(here, actor, viewing, shown)
        if sound:
            await _begin_hearing(here, actor, viewing, shown)
        if viewing.streams >= MOST_STREAMS:
            raise BadInput("streams", expected=f"at most {MOST_STREAMS} of a viewing", came="one more")
    except TenbanError as error:
        if isinstance(error, OtherShop):
            await here.write_down_refused(error)
        await websocket.send_denial_response(answer_to(error))
        return
    await websocket.accept()
    viewing.streams += 1
    viewing.asked_at = here.clock.now()
    news = asyncio.Event()
    try:
        async with viewings.feeds.look(
            sound_stream(shown.source) if sound else shown.source,
            news.set,
            only_keyframes=pictures == "keyframes" and not sound,
        ) as viewer:
            await _serve(_Stream(websocket, here, viewings, viewing, shown, viewer, news, sound=sound))
    finally:
        viewing.streams -= 1


class _Stream:
    """One open WebSocket of a viewing."""

    def __init__(
        self,
        websocket: WebSocket,
        here: Here,
        viewings: Viewings,
        viewing: Viewing,
        camera: Camera,
        viewer: Viewer,
        news: asyncio.Event,
        *,
        sound: bool,
    ) -> None:
        self._sound = sound
        self.websocket = websocket
        self._here = here
        self._viewings = viewings
        self._viewing = viewing
        self._camera = camera
        self._viewer = viewer
        self._news = news
        self._info: StreamInfo | None = None
        self._began_at = here.clock.now()
        self._lost = False

    async def send(self) -> None:
        """Send pictures as they come."""
        while True:
            self._news.clear()
            while (taken := self._viewer.take()) is not None:
                picture = taken.picture
                if taken.skipped:
                    self._viewing.skipped += taken.skipped
                    await self._tell(type="skipped", pictures=taken.skipped, total=self._viewer.skipped)
                if picture.info != self._info:
                    self._info = picture.info
                    await self._tell(**begin_message(picture.info))
                if self._lost:
                    self._lost = False
                    await self._tell(type="back")
                message = picture_message(picture)
                self._viewing.pictures += not self._sound
                self._viewing.bytes += len(message)
                await self.websocket.send_bytes(message)
            await self._news.wait()

    async def receive(self) -> None:
        """Take acknowledgements; return when whoever looks has left."""
        while True:
            message = await self.websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            have, pictures = _read(message.get("text") or message.get("bytes") or "")
            self._viewing.asked_at = self._here.clock.now()
            if have is not None:
                self._viewer.acknowledge(have)
            if pictures is not None:
                self._viewer.only_keyframes = pictures == "keyframes"
            self._news.set()

    async def watch(self) -> None:
        """Look again and again whether this may go on, and whether the camera sends.

        Raises:
            _Over: it may not.
        """
        here, checked_s = self._here, self._here.clock.monotonic_s()
        while True:
            await here.sleep(LOOK_S)
            now_at = here.clock.now()
            why = why_over(self._viewing, now_at)
            if why is not None:
                await self._viewings.end(here, self._viewing)
                raise _Over(TIME_OVER if why == "limit" else ENDED, why)
            if self._viewing.id not in self._viewings.by_id:
                raise _Over(ENDED, "ended")
            if here.clock.monotonic_s() - checked_s >= CHECK_S:
                checked_s = here.clock.monotonic_s()
                await self._check()
            await self._look_at_camera()

    async def _check(self) -> None:
        """Raise _Over where whoever looks may no longer, or sees less than before."""
        actor = await find_actor(self.websocket)
        try:
            if actor is None:
                raise NotSignedIn("the session has ended")
            _allow(self._here, actor, self._viewing, self._camera)
            if self._sound:
                actor.must(Function.MEDIA_HEAR, shop=self._camera.shop)
        except TenbanError as error:
            await self._viewings.end(self._here, self._viewing)
            raise _Over(NOT_ALLOWED, error.code) from error

    async def _look_at_camera(self) -> None:
        now_at = self._here.clock.now()
        heard_at = self._viewer.feed.heard_at or self._began_at
        if self._lost or now_at - heard_at <= STALE_S * SECOND:
            return
        self._lost = True
        state = await self._here.db.read(lambda connection: state_of(connection, self._camera.source))
        why = None if state is None else state.why
        status = "unknown" if state is None else state.status.value
        told = {"why": why, "reason": told_reason(why), "since_at": to_rfc3339(heard_at)}
        await self._tell(type="lost", state=status, **told)

    async def _tell(self, **message: Any) -> None:
        await self.websocket.send_text(orjson.dumps(message).decode())


async def _serve(stream: _Stream) -> None:
    ends = [asyncio.create_task(one) for one in (stream.send(), stream.receive(), stream.watch())]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
        outcomes = await asyncio.gather(*ends, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, _Over):
            with contextlib.suppress(RuntimeError):  # Policy: a connection that is gone needs no goodbye.
                await stream.websocket.close(outcome.code, outcome.why)
            return
    gone = (asyncio.CancelledError, WebSocketDisconnect, RuntimeError)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, gone):
            raise outcome


def _allow(here: Here, actor: Actor, viewing: Viewing, camera: Camera) -> None:
    """Refuse unless the actor may see this camera's own pictures now.

    Raises:
        NotFound: the camera, or the lane, is none of the actor's (any more).
        Forbidden: it may not look at live pictures.
        StillsOnly: parts of the picture are blurred for the actor, or no recorder reads the camera.
    """
    if viewing.register is None:
        now = camera_to_see(actor, here.sites, camera.id)
    else:
        lane = lane_of(here.sites, actor, viewing.register.id)
        if camera.id not in {view.camera for view in lane.views}:
            raise NotFound(f"register {lane.id} has no camera {camera.id!r}")
        now = here.sites.camera(camera.id)
        actor.must(Function.MEDIA_VIEW, shop=now.shop)
    if viewing.unmasked and here.sites.blurring(now.id, now.source):
        actor.must(Function.MEDIA_UNMASKED, shop=now.shop)
    why = why_no_stream(here.sites, viewing, now)
    if why is not None:
        raise StillsOnly(f"camera {camera.id} comes as stills: {why}")


async def _begin_hearing(here: Here, actor: Actor, viewing: Viewing, camera: Camera) -> None:
    """Refuse whoever may not hear, and write down whoever may, before the first byte.

    Raises:
        Forbidden, StepUpNeeded: as :func:`must_hear`.
        NotFound: the camera's sound is not recorded.
    """
    must_hear(actor, camera.shop)
    if not here.sites.camera(camera.source).sound:
        raise NotFound(f"camera {camera.id} has no sound")
    await note_hearing(here, viewing, camera)


def _read(data: str | bytes) -> tuple[int | None, str | None]:
    """Return what a message acknowledges, and which pictures it asks for from now on; None: neither.

    Raises:
        _Over: it cannot be read.
    """
    try:
        said = orjson.loads(data) if len(data) <= LONGEST_MESSAGE else None
    except orjson.JSONDecodeError:
        said = None  # Policy: whoever speaks wrongly is told so and closed.
    have, pictures = (said.get("have"), said.get("pictures")) if isinstance(said, dict) else ("", "")
    if not isinstance(have, int | None) or pictures not in {None, "all", "keyframes"}:
        raise _Over(NOT_READ, EXPECTED)
    return have, pictures
