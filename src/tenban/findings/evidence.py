"""The stills of a brief: asked of the watcher while it holds the moment, else ordered from footage."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from tenban.base.clock import Instant
from tenban.base.errors import TenbanError
from tenban.base.log import get_log
from tenban.db.blobs import BlobStore
from tenban.findings.facts import Box
from tenban.findings.model import StillWish
from tenban.incidents.model import Still
from tenban.sites.model import Register

log = get_log(__name__)

STILL_WIDTH = 960
CROP_WIDTH = 480
MARGIN = 0.06
PATIENCE_S = 0.12


class StillAnswer(Protocol):
    """A picture and when it was taken."""

    @property
    def jpeg(self) -> bytes:
        """The picture."""
        ...

    @property
    def captured_at(self) -> Instant:
        """When it was taken."""
        ...


class StillAsker(Protocol):
    """Asks whoever holds decoded frames for a still."""

    async def __call__(
        self, camera: str, at: Instant, *, box: Box | None, width: int, timeout_s: float
    ) -> StillAnswer:
        """Return the still nearest to the instant; raises a TenbanError when there is none."""
        ...


@dataclass(slots=True)
class Gathered:
    """What could be had at once, and what must be ordered from footage."""

    stills: list[Still] = field(default_factory=list)
    missing: list[StillWish] = field(default_factory=list)


async def gather(
    ask: StillAsker, blobs: BlobStore, register: Register, wishes: tuple[StillWish, ...]
) -> Gathered:
    """Fetch every wished still in parallel, whole and (where there is something to look at) cropped."""
    found = await asyncio.gather(*(_fetch(ask, blobs, register, wish) for wish in wishes))
    gathered = Gathered()
    for wish, still in zip(wishes, found, strict=True):
        if still is None:
            gathered.missing.append(wish)
        else:
            gathered.stills.append(still)
    return gathered


async def fetch_operator(
    ask: StillAsker, blobs: BlobStore, register: Register, at: Instant
) -> tuple[str, Instant] | None:
    """Fetch the person at the operator position; None when no frame is at hand."""
    camera = camera_of(register, None)
    if camera is None:
        return None
    box = operator_box(register, camera)
    try:
        answer = await ask(camera, at, box=box, width=CROP_WIDTH, timeout_s=PATIENCE_S)
        blob = await asyncio.to_thread(blobs.put, answer.jpeg, "jpg", wait=False)
    except (TenbanError, OSError) as error:
        # Policy: the brief goes without, be it a full disk or a missing key; it is ordered from footage.
        log.warning("operator still missing", register=register.id, why=str(error))
        return None
    return f"blob:{blob}", answer.captured_at


def camera_of(register: Register, wished: str | None) -> str | None:
    """Return the camera to look through: the one that saw it, else the register's first."""
    if wished is not None:
        return wished
    return register.views[0].camera if register.views else None


def zone_box(register: Register, camera: str, role: str | None) -> Box | None:
    """Return the box around a zone of this role on this camera, with a margin, or None."""
    for view in register.views:
        for zone in view.zones:
            if view.camera == camera and zone.role == role:
                xs = [x for x, _ in zone.polygon]
                ys = [y for _, y in zone.polygon]
                return _widened((min(xs), min(ys), max(xs), max(ys)))
    return None


def operator_box(register: Register, camera: str) -> Box | None:
    """Return where the person at the operator position is seen: the zone, made as high as it is wide.

    Seen from above, the zone is the strip of floor the person stands on, and the person reaches over it.
    """
    box = zone_box(register, camera, "operator")
    if box is None:
        return None
    x0, y0, x1, y1 = box
    return (x0, max(0.0, min(y0, y1 - (x1 - x0))), x1, y1)


async def _fetch(ask: StillAsker, blobs: BlobStore, register: Register, wish: StillWish) -> Still | None:
    camera = camera_of(register, wish.camera)
    if camera is None:
        return None
    box = crop_box(register, camera, wish)
    try:
        asks = [ask(camera, wish.at, box=None, width=STILL_WIDTH, timeout_s=PATIENCE_S)]
        if box is not None:
            asks.append(ask(camera, wish.at, box=box, width=CROP_WIDTH, timeout_s=PATIENCE_S))
        answers = await asyncio.gather(*asks)
        names = await asyncio.gather(
            *(asyncio.to_thread(blobs.put, answer.jpeg, "jpg", wait=False) for answer in answers)
        )
    except (TenbanError, OSError) as error:
        # Policy: the brief goes without, be it a full disk or a missing key; it is ordered from footage.
        log.warning("still missing", register=register.id, label=wish.label, why=str(error))
        return None
    return Still(
        label=wish.label,
        ref=f"blob:{names[0]}",
        crop=f"blob:{names[1]}" if box is not None else None,
        box=wish.crop,
        part=box,
        captured_at=answers[0].captured_at,
    )


def crop_box(register: Register, camera: str, wish: StillWish) -> Box | None:
    """Return where a wished still is to be cropped: around the item, else around the zone, else nowhere."""
    if wish.crop is not None:
        return _widened(wish.crop)
    return zone_box(register, camera, wish.zone)


def _widened(box: Box) -> Box:
    x0, y0, x1, y1 = box
    return (max(0.0, x0 - MARGIN), max(0.0, y0 - MARGIN), min(1.0, x1 + MARGIN), min(1.0, y1 + MARGIN))
