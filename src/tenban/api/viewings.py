"""Who looks at what right now; a viewing is written down before its first picture and when it has ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi import FastAPI

from tenban.access.audit import AuditEvent
from tenban.access.looks import Seen, write_look
from tenban.access.model import Actor, Function
from tenban.api.context import Here
from tenban.base.clock import SECOND, Instant, to_rfc3339
from tenban.base.errors import NotFound, TenbanError, Unavailable
from tenban.base.ids import new_id
from tenban.sites.model import Camera, Register
from tenban.video.feeds import Feeds

PER_S = 4
"""How many stills a second a page asks for."""
MOST_PER_S = 5
"""How many it gets at most."""
MOST_STILLS_PER_S = 60
"""Of all viewings together: each costs the watcher some milliseconds."""
MOST_VIEWINGS = 128
MOST_OF_ONE = 48
"""A wall of sixteen, opened three times: one person cannot use up everybody's."""
LONGEST_S = 600
IDLE_S = 15
"""A viewing of which so long nothing is heard has ended: a tablet that went to sleep says no goodbye."""


class ViewingEnded(NotFound):
    """It was ended, or ended by itself, or is somebody else's."""

    code = "viewing_ended"


class TooManyViewings(Unavailable):
    """As many look already as the server allows."""

    code = "too_many_viewings"


class TooFast(Unavailable):
    """More stills were asked for than a viewing may have."""

    code = "too_fast"


@dataclass(slots=True)
class Viewing:
    """One person looking at one lane, or at one camera.

    Attributes:
        subject: what is looked at, as the audit log has it: a register's id, or ``camera:`` and a camera's.
        shop: whose it is.
        cameras: the cameras it shows.
        register: the lane; None for a camera that was chosen by itself.
        unmasked: nothing is blurred.
        pictures: stills and pictures of streams that were sent.
        skipped: pictures that were left out because whoever looks was slow.
        streams: open WebSockets.
        heard: the sound of a camera was listened to.
    """

    id: str
    actor: Actor
    subject: str
    shop: str
    cameras: tuple[Camera, ...]
    since_at: Instant
    asked_at: Instant
    register: Register | None = None
    unmasked: bool = False
    next_at: Instant = 0
    pictures: int = 0
    bytes: int = 0
    skipped: int = 0
    streams: int = 0
    heard: bool = False

    def turn(self, now_at: Instant) -> Instant:
        """Give out the next turn for a still, and return when it is.

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

    def camera(self, camera_id: str) -> Camera:
        """Return a camera of the viewing, or raise NotFound."""
        found = next((one for one in self.cameras if one.id == camera_id), None)
        if found is None:
            raise NotFound(f"{self.subject} has no camera {camera_id[:60]!r}")
        return found


@dataclass(slots=True)
class Viewings:
    """Who looks at what right now; kept in memory, since a viewing ends with the process that shows it."""

    feeds: Feeds
    by_id: dict[str, Viewing] = field(default_factory=dict)
    _second: int = 0
    _stills: int = 0

    def of(self, viewing_id: str, actor: Actor) -> Viewing:
        """Return a viewing of the actor's; raises ViewingEnded once it has ended."""
        found = self.by_id.get(viewing_id)
        if found is None or found.actor.id != actor.id:
            raise ViewingEnded("the viewing has ended")
        return found

    def count_still(self, now_at: Instant) -> None:
        """Count a still of anybody's; raises TooFast where the watcher has enough to do."""
        second = now_at // SECOND
        if second != self._second:
            self._second, self._stills = second, 0
        if self._stills >= MOST_STILLS_PER_S:
            raise TooFast(f"expected at most {MOST_STILLS_PER_S} stills a second of all that look")
        self._stills += 1

    async def begin(
        self,
        here: Here,
        actor: Actor,
        subject: str,
        cameras: tuple[Camera, ...],
        *,
        register: Register | None = None,
        unmasked: bool = False,
        asked: bool = False,
    ) -> Viewing:
        """Write down that somebody begins to look, and return the viewing.

        Args:
            here: the running server.
            actor: who looks.
            subject: at what, as the log has it.
            cameras: which are shown.
            register: the lane, if it is one.
            unmasked: nothing is blurred.
            asked: somebody asked for that, which is written down.

        Raises:
            TooManyViewings: as many look already as the server allows, or as this person may open.
        """
        now_at = here.clock.now()
        await self.sweep(here)
        own = sum(one.actor.id == actor.id for one in self.by_id.values())
        if len(self.by_id) >= MOST_VIEWINGS or own >= MOST_OF_ONE:
            most = f"{MOST_VIEWINGS} live pictures at a time, {MOST_OF_ONE} of one person"
            raise TooManyViewings(f"expected at most {most}, got one more")
        viewing = Viewing(
            new_id(now_at), actor, subject, cameras[0].shop, cameras, now_at, now_at, register, unmasked
        )
        self.by_id[viewing.id] = viewing
        detail = {"viewing": viewing.id, **({"unmasked": True} if asked else {})}
        try:
            await _note(here, AuditEvent.LIVE_OPENED, viewing, now_at, detail)
        except BaseException:
            del self.by_id[viewing.id]  # Policy: what is not written down is not shown.
            raise
        return viewing

    async def sweep(self, here: Here) -> None:
        """End the viewings that have ended by themselves."""
        now_at = here.clock.now()
        for one in list(self.by_id.values()):
            if why_over(one, now_at) is not None:
                await self.end(here, one)

    async def end(self, here: Here, viewing: Viewing) -> None:
        """End a viewing, and write down how long it was and how much was seen."""
        if self.by_id.pop(viewing.id, None) is None:
            return  # somebody else was faster
        now_at = here.clock.now()
        detail: dict[str, Any] = {
            "viewing": viewing.id,
            "since": to_rfc3339(viewing.since_at),
            "length_s": round((now_at - viewing.since_at) / SECOND, 1),
            "pictures": viewing.pictures,
            "bytes": viewing.bytes,
            "skipped": viewing.skipped,
            **({"sound": True} if viewing.heard else {}),
        }
        try:
            await _note(here, AuditEvent.LIVE_CLOSED, viewing, now_at, detail)
        except TenbanError:
            self.by_id[viewing.id] = viewing  # Policy: it is written down with the next sweep.
            raise


async def note_hearing(here: Here, viewing: Viewing, camera: Camera) -> None:
    """Write down that a viewing's sound is listened to, once, before its first byte."""
    if not viewing.heard:
        detail = {"viewing": viewing.id, "what": "live", "camera": camera.id}
        await _note(here, AuditEvent.SOUND_HEARD, viewing, here.clock.now(), detail, Function.MEDIA_HEAR)
        viewing.heard = True


async def _note(
    here: Here,
    event: AuditEvent,
    viewing: Viewing,
    now_at: Instant,
    detail: dict[str, Any],
    function: Function = Function.MEDIA_VIEW,
) -> None:
    shown = here.sites.seen_by(*(camera.id for camera in viewing.cameras))
    if viewing.register is not None:
        shown = (viewing.register.id, *(one for one in shown if one != viewing.register.id))
    note = partial(write_look, event=event, actor=viewing.actor, at=now_at, subject=viewing.subject)
    seen = Seen(shown, viewing.since_at, now_at)
    await here.db.write(partial(note, shop=viewing.shop, function=function, seen=seen, **detail))


def why_over(viewing: Viewing, now_at: Instant) -> str | None:
    """Tell why a viewing has ended by itself: ``limit`` or ``idle``; None while it goes on."""
    if now_at - viewing.since_at > LONGEST_S * SECOND:
        return "limit"
    return "idle" if now_at - viewing.asked_at > IDLE_S * SECOND else None


def viewings_of(app: FastAPI) -> Viewings:
    """Return the viewings of an application."""
    if not hasattr(app.state, "viewings"):
        server: Here = app.state.here
        app.state.viewings = Viewings(Feeds(server.run_dir / "packets.sock", server.clock))
    found: Viewings = app.state.viewings
    return found
