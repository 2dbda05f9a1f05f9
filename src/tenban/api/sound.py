"""Who may hear: asked wherever media is sent with its sound. Without ``sound=true`` no byte of it leaves."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from tenban.access.model import Actor, Function
from tenban.base.errors import Unavailable
from tenban.video.sound_strip import Whole, muted

WithSound = Annotated[
    bool, Query(description="with its sound; asks for the right to hear, and the PIN where the shop says so")
]


def must_hear(actor: Actor, shop: str) -> None:
    """Refuse whoever may not hear what was said in a shop.

    Raises:
        StepUpNeeded: the actor may, and has to show once more who it is.
        Forbidden: the actor may not.
    """
    actor.must(Function.MEDIA_HEAR, shop=shop)
    actor.must_prove(Function.MEDIA_HEAR)


class NotMuted(Unavailable):  # reads as what happened
    """A clip's sound cannot be taken out, so the clip is not shown."""

    code = "not_muted"


def muted_clip(clip: Whole) -> Whole:
    """Return a clip without its sound; itself where it has none.

    Raises:
        NotMuted: it is not laid out as our clips are.
    """
    try:
        return muted(clip)
    except ValueError as error:
        raise NotMuted(f"the clip is not shown: {error}") from error
