"""What requests name of footage: cameras the actor may see, spans, instants."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from tenban.access.model import Actor, Function
from tenban.api.context import Here
from tenban.base.clock import SECOND, Instant, from_rfc3339
from tenban.base.errors import BadInput, NotFound
from tenban.base.span import Span
from tenban.sites.model import Camera, Sites
from tenban.video.footage import Footage
from tenban.video.playback import Playback

From = Annotated[str, Query(alias="from", max_length=40, description="RFC 3339")]
Until = Annotated[str, Query(alias="to", max_length=40, description="RFC 3339")]


def footage_of(here: Here) -> Playback:
    """Return the footage of the running server."""
    return Playback(here.db, Footage(here.data_dir / "footage", here.blobs.vault))


def camera_of(sites: Sites, actor: Actor, camera_id: str) -> Camera:
    """Return a camera whose footage the actor may see.

    Raises:
        NotFound: there is none, or it is another shop's, or looks at other groups' registers only.
        Forbidden: the actor may see no footage.
    """
    camera = sites.camera(camera_id)
    actor.must(Function.MEDIA_VIEW, shop=camera.shop)
    seen = {sites.register(one).group for one in sites.seen_by(camera_id)}
    if actor.groups and not seen & actor.groups:
        raise NotFound(f"there is no camera {camera_id[:60]!r}")
    return camera


def cameras_of(sites: Sites, actor: Actor, shop: str) -> list[Camera]:
    """Return the cameras of a shop, and named views of them, whose footage the actor may see."""
    found = []
    for camera in (one for whole in sites.shop(shop).cameras for one in (whole, *whole.presets())):
        try:
            found.append(camera_of(sites, actor, camera.id))
        except NotFound:
            continue  # Policy: what one may not see is left out of lists.
    return found


def span_of(from_at: str, until_at: str, longest_s: int) -> Span:
    """Return the span between two times as a request gives them, of at most so many seconds."""
    start_at, end_at = instant_of("from", from_at), instant_of("to", until_at)
    if not 0 < end_at - start_at <= longest_s * SECOND:
        length_s = (end_at - start_at) / SECOND
        raise BadInput("to", expected=f"up to {longest_s} s after from", came=f"{length_s:g} s")
    return Span(start_at, end_at)


def instant_of(name: str, text: str) -> Instant:
    """Return the instant a request names."""
    try:
        return from_rfc3339(text)
    except (ValueError, OverflowError) as error:
        raise BadInput(name, expected="a time such as 2026-11-22T12:05:57+09:00", came=repr(text)) from error
