"""One camera's own page: how its streams do and what its footage takes; and finding and asking cameras."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.settings import desk_of, sites_now, told_refusal
from tenban.base.clock import SECOND, Instant, to_datetime, to_rfc3339
from tenban.base.errors import BadInput
from tenban.settings.model import Mistake, SettingsRefused
from tenban.sites.address import password_of, shown
from tenban.sites.model import Camera, Sites
from tenban.sites.secrets import opened_address
from tenban.video.health import Measured
from tenban.video.measures import CameraNow, FileKept, camera_now, files_kept
from tenban.video.onvif.ask import ask_camera, service_address
from tenban.video.onvif.discover import find_cameras
from tenban.video.onvif.known import known_names
from tenban.video.reason_words import told_reason
from tenban.video.room import free_bytes
from tenban.video.sound_words import told_of

router = APIRouter(prefix="/api/v1/settings/cameras", tags=["settings"])

STALE_US = 20 * SECOND
"""What was measured longer ago is not how the camera does now: nobody measures any more."""
_RATE_FILES = 40
"""Files of three minutes: two hours, so that a quiet minute is no rate."""
_CALLS = asyncio.Semaphore(1)
_ASKS = asyncio.Semaphore(2)
_Short = Annotated[str, Field(max_length=500)]


class Searched(BaseModel):
    """For which shop cameras are looked for; the network is the server's own."""

    shop: str


class AskedCamera(BaseModel):
    """A camera to ask; a password of None stands for the one that is kept for ``camera``."""

    shop: str
    camera: str | None = None
    address: _Short = ""
    user: _Short = ""
    password: _Short | None = None


@router.post("/find", summary="Call all cameras in the server's network")
async def find(searched: Searched, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return the cameras that answered within three seconds (WS-Discovery), and which are known already."""
    actor.must(Function.SETTINGS_EDIT, shop=searched.shop)
    await _write_down(here, actor, "network", searched.shop)
    sites = sites_now(await desk_of(here).look())
    known = [(one.name, one.url) for one in sites.cameras if actor.reaches(one.shop)]
    async with _CALLS:
        found = await find_cameras(here.sites.camera_reach, sleep=here.sleep)
    return {"cameras": [{**one.as_json(), "known_as": known_names(one, known)} for one in found]}


@router.post("/ask", summary="Ask a camera what it is and what it sends (ONVIF)")
async def ask(asked: AskedCamera, here: TheServer, actor: AnActor) -> Any:
    """Return its streams, its clock and its events, or in one word what is wrong."""
    actor.must(Function.SETTINGS_EDIT, shop=asked.shop)
    known = None
    if asked.camera is not None:
        known = sites_now(await desk_of(here).look()).camera(asked.camera)
        actor.must(Function.SETTINGS_EDIT, shop=known.shop)
    try:
        address, user, password = await _credentials(here, asked, known)
    except BadInput as error:
        return _refused(error)
    await _write_down(here, actor, asked.camera or address, asked.shop)
    async with _ASKS:
        report = await ask_camera(address, user, password, clock=here.clock, reach=here.sites.camera_reach)
    return report.as_json()


@router.get("/{camera_id}", summary="How a camera does now")
async def now(camera_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return its state, what was measured of its streams last, and since when it is so."""
    sites = sites_now(await desk_of(here).look())
    camera = sites.camera(camera_id)
    actor.must(Function.SETTINGS_EDIT, shop=camera.shop)
    now_at = here.clock.now()
    streams = list(dict.fromkeys([camera.source, camera.stream]))
    found = await here.db.read(partial(camera_now, camera=camera.source, streams=streams, now_at=now_at))
    return _told(camera, sites, found, now_at)


@router.get("/{camera_id}/footage", summary="What a camera's footage takes, day by day")
async def footage(camera_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return bytes and hours of each day that is kept, newest first, and how long footage is kept."""
    sites = sites_now(await desk_of(here).look())
    camera = sites.camera(camera_id)
    actor.must(Function.SETTINGS_EDIT, shop=camera.shop)
    shop = sites.shop(camera.shop)
    files = await here.db.read(partial(files_kept, camera=camera.source))
    free = await asyncio.to_thread(free_bytes, here.data_dir)
    return {
        "days": _days(files, shop.timezone),
        "bytes": sum(one.length for one in files),
        "oldest_at": to_rfc3339(files[0].started_at) if files else None,
        "kept_days": shop.retention.footage,
        "keep_days": camera.keep_days,
        "max_gb": camera.max_gb,
        "bytes_a_day": _a_day(files),
        "free_bytes": free,
    }


async def _credentials(here: Here, asked: AskedCamera, known: Camera | None) -> tuple[str, str, str]:
    """Return whom to ask with which user and password; a kept password goes to its own device only."""
    address = asked.address.strip() or (shown(known.url).address if known else "")
    if not address:
        raise BadInput("address", expected="the address of a camera", came="nothing")
    if asked.password is not None or known is None:
        return address, asked.user, asked.password or ""
    service = urlsplit(service_address(address, here.sites.camera_reach))
    kept = await asyncio.to_thread(opened_address, known.url, here.blobs.vault)
    if service.hostname != urlsplit(kept).hostname:
        expected = "the password again, because the address leads to another device"
        raise BadInput("password", expected=expected, came="nothing")
    return address, asked.user or shown(kept).user, password_of(kept)


def _refused(error: BadInput) -> JSONResponse:
    mistake = Mistake(error.where, error.where, error.expected, str(error.came))
    return told_refusal(SettingsRefused([mistake]))


async def _write_down(here: Here, actor: Actor, subject: str, shop: str) -> None:
    now_at = here.clock.now()
    await here.db.write(
        partial(
            write_down,
            event=AuditEvent.CAMERA_ASKED,
            actor=actor,
            at=now_at,
            subject=subject[:200],
            shop=shop,
        )
    )


def _told(camera: Camera, sites: Sites, found: CameraNow, now_at: Instant) -> dict[str, Any]:
    seen, state = shown(camera.url), found.state
    shows = {camera.id, *(preset.id for preset in camera.presets())}
    lanes = [one.name for one in sites.registers if any(view.camera in shows for view in one.views)]
    stream = None if camera.stream == camera.source else found.streams.get(camera.stream)
    return {
        "id": camera.id,
        "name": camera.name,
        "shop": camera.shop,
        "address": seen.address,
        "sub": shown(camera.sub).address if camera.sub else "",
        "transport": camera.transport,
        "record": camera.record,
        "sound": camera.sound,
        "lanes": lanes,
        "at": to_rfc3339(now_at),
        "state": None
        if state is None
        else {
            "status": state.status.value,
            "why": state.why,
            "reason": told_reason(state.why),
            "since_at": to_rfc3339(state.since_at),
            "retry_at": None if state.retry_at is None else to_rfc3339(state.retry_at),
        },
        "main": _stream(found.streams.get(camera.source), now_at),
        "small": _stream(stream, now_at),
        "hour_kbit_s": found.hour_kbit_s,
        "losses_day": found.losses,
        "newest_at": None if found.newest_at is None else to_rfc3339(found.newest_at),
    }


def _stream(measured: Measured | None, now_at: Instant) -> dict[str, Any] | None:
    if measured is None:
        return None
    figures = asdict(measured)
    del figures["stream"]
    figures["sound"] = told_of(measured.sound)
    figures["at"] = to_rfc3339(measured.at)
    figures["since_at"] = to_rfc3339(measured.since_at)
    figures["reason"] = told_reason(measured.why)
    figures["is_stale"] = now_at - measured.at > STALE_US
    return figures


def _a_day(files: list[FileKept]) -> int | None:
    """Return how many bytes a whole day takes, at the rate of the newest hours; None: nothing is known."""
    ended = [(one.length, one.span_us) for one in files[-_RATE_FILES:] if one.span_us and one.length]
    if not ended:
        return None
    return round(sum(size for size, _ in ended) * 86_400 * SECOND / sum(span_us for _, span_us in ended))


def _days(files: list[FileKept], timezone: ZoneInfo) -> list[dict[str, Any]]:
    days: dict[date, list[int]] = {}
    for one in files:
        day = days.setdefault(to_datetime(one.started_at).astimezone(timezone).date(), [0, 0])
        day[0] += one.length
        day[1] += one.span_us or 0
    return [
        {"day": day.isoformat(), "bytes": length, "hours": round(span_us / 3600 / SECOND, 2)}
        for day, (length, span_us) in sorted(days.items(), reverse=True)
    ]
