"""Footage for whoever sits at the machine: cuts into files, written down like any other look."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import system_actor
from tenban.base.clock import Instant, SystemClock, to_rfc3339
from tenban.base.errors import BadInput, NotFound
from tenban.base.span import Span
from tenban.db import Database
from tenban.server.sealing import open_vault
from tenban.server.settings import ServeSettings
from tenban.sites.config import load_sites
from tenban.sites.fisheye import Aim
from tenban.sites.model import Sites
from tenban.video.clips import ClipPlan, plan_clip, write_clip
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex

_ACTOR = system_actor("cli")


@dataclass(frozen=True, slots=True)
class Cut:
    """What was written.

    Attributes:
        span: what it shows.
        gaps: camera, span and reason of what is missing in it.
        note: what else is to be known, such as a change of the camera's settings.
    """

    cameras: tuple[str, ...]
    span: Span
    frames: int
    gaps: tuple[tuple[str, Span, str], ...]
    note: str | None
    coded_anew: bool
    sound: bool = False


def zone_of(settings: ServeSettings, cameras: Sequence[str]) -> ZoneInfo:
    """Return the zone of the cameras' shop.

    Raises:
        BadInput: a camera is not in the configuration; those there are, are named.
    """
    sites = load_sites(settings.config)
    return sites.shop(_shop_of(sites, cameras)).timezone


def cut_out(
    settings: ServeSettings, camera: str, times: tuple[Instant, Instant], to: Path, *, sound: bool = False
) -> Cut:
    """Write a cut of one camera's footage, as recorded; with its sound where that is wanted.

    Of a named view it is turned and coded anew, and has no sound.

    Raises:
        NoFootage: there is none.
        FootageGone: a file of it is missing.
        BadInput: the file cannot be written.
    """
    database = Database(settings.database_url)
    try:
        known = load_sites(settings.config).camera(camera)
        plan = plan_clip(
            FootageIndex(database), known.source, Span(*times), sound=sound and known.aim is None
        )
        _write_down(settings, database, [camera], times)
        if plan.sound is not None:
            _write_down(settings, database, [camera], times, AuditEvent.SOUND_HEARD)
        footage = _footage(settings, database)
        if known.aim is None:
            _written(partial(write_clip, plan, footage, to), to)
        else:
            _written(partial(_write_turned, plan, footage, known.aim, to), to)
    finally:
        database.close()
    gaps = tuple((camera, gap.span, gap.why) for gap in plan.gaps)
    return Cut(
        (camera,),
        plan.span,
        plan.frames,
        gaps,
        plan.note,
        coded_anew=known.aim is not None,
        sound=plan.sound is not None,
    )


def _write_turned(plan: ClipPlan, footage: Footage, aim: Aim, to: Path) -> None:
    from tenban.vision.turned import turn_clip  # OpenCV

    with tempfile.TemporaryDirectory(dir=to.parent) as scratch:
        whole = Path(scratch) / "whole.mp4"
        write_clip(plan, footage, whole)
        turn_clip(whole, aim, to)


def cut_side_by_side(
    settings: ServeSettings,
    cameras: Sequence[str],
    times: tuple[Instant, Instant],
    to: Path,
    watched: Callable[[Callable[[Callable[[float], None]], Any]], Any],
) -> Cut:
    """Write several cameras' footage as one picture.

    Args:
        settings: where things lie.
        cameras: from left to right, then down.
        times: from when to when.
        to: where the video goes.
        watched: runs a step that tells how far it is.

    Raises:
        NoFootage: there is none of any camera.
        FootageGone: a file of it is missing.
        BadInput: the file cannot be written.
    """
    from tenban.vision.side_by_side import FPS, Beside, gaps_of, write_side_by_side  # OpenCV

    zone = zone_of(settings, cameras)
    database, span = Database(settings.database_url), Span(*times)
    try:
        index, footage = FootageIndex(database), _footage(settings, database)
        _write_down(settings, database, cameras, times)
        known = [load_sites(settings.config).camera(one) for one in cameras]
        besides = [Beside(one.source, one.id, aim=one.aim) for one in known]
        with tempfile.TemporaryDirectory(dir=settings.data_dir) as scratch:

            def step(told: Callable[[float], None]) -> Span:
                return write_side_by_side(
                    index, footage, besides, span, to, zone=zone, scratch=Path(scratch), told=told
                )

            shown: Span = watched(step)
        gaps = tuple((one.id, gap, why) for one in known for gap, why in gaps_of(index, one.source, span))
    finally:
        database.close()
    return Cut(tuple(cameras), shown, round(shown.length_s * FPS), gaps, None, coded_anew=True)


def _footage(settings: ServeSettings, database: Database) -> Footage:
    return Footage(settings.data_dir / "footage", open_vault(settings, database))


def _written(write: Callable[[], None], to: Path) -> None:
    try:
        write()
    except OSError as error:
        raise BadInput(str(to), expected="a place that can be written", came=error.strerror) from error


def _shop_of(sites: Sites, cameras: Sequence[str]) -> str:
    for camera in cameras:
        try:
            shop = sites.camera(camera).shop
        except NotFound as error:
            known = ", ".join(one.id for one in sites.cameras) or "none"
            raise BadInput("camera", expected=f"one of {known}", came=camera) from error
    return shop


def _write_down(
    settings: ServeSettings,
    database: Database,
    cameras: Sequence[str],
    times: tuple[Instant, Instant],
    event: AuditEvent = AuditEvent.CLIP_EXPORTED,
) -> None:
    """Whoever sits at the machine is written down before a byte is written, by what was taken."""
    shop, now_at = _shop_of(load_sites(settings.config), cameras), SystemClock().now()
    told = {"start_at": to_rfc3339(times[0]), "end_at": to_rfc3339(times[1])}
    database.write_now(lambda c: write_down(c, event, _ACTOR, now_at, ",".join(cameras), shop=shop, **told))
