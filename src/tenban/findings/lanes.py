"""The state of every lane: is it watched, does its camera record, does its till talk?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tenban.access.model import Actor, Function
from tenban.base.clock import MILLISECOND, SECOND, Instant
from tenban.db import Connection
from tenban.pos import queries as pos_queries
from tenban.sites.model import Register, Sites
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.queries import latest_states
from tenban.vision import queries as vision_queries
from tenban.vision.queries import LaneWatch

SILENT_WATCHER_US = 10 * SECOND


@dataclass(frozen=True, slots=True)
class LaneCamera:
    """One camera of a lane and what it does."""

    id: str
    name: str
    status: str
    why: str | None
    since_at: Instant | None


@dataclass(frozen=True, slots=True)
class LaneState:
    """Everything an attendant needs to know of one lane.

    Attributes:
        watched: items are being counted there.
        why: why not, in ja and en; None while watched.
        clock_offset_ms: what the till's clock is put right by; None before its first event.
        last_event_at: when the till was last heard.
    """

    register: Register
    watched: bool
    why: dict[str, str] | None
    cameras: tuple[LaneCamera, ...]
    clock_offset_ms: float | None
    last_event_at: Instant | None


def lane_states(connection: Connection, actor: Actor, sites: Sites, now_at: Instant) -> list[LaneState]:
    """Return the lanes of the actor's shop (and groups, if any), in the configuration's order."""
    only = actor.place_of(Function.LANES_READ)
    watches = vision_queries.lane_watches(connection)
    cameras = latest_states(connection)
    clocks = {reading.register: reading for reading in pos_queries.clocks(connection)}
    states = []
    for register in sites.registers:
        if not actor.reaches(register.shop):
            continue
        if actor.groups and register.group not in actor.groups:
            continue
        if only not in {None, register.id}:
            continue
        seen_by = tuple(_camera(sites, view.camera, cameras) for view in register.views)
        watched, why = _watched(register, watches.get(register.id), seen_by, now_at)
        clock = clocks.get(register.id)
        states.append(
            LaneState(
                register,
                watched,
                why,
                seen_by,
                clock.offset_us / MILLISECOND if clock else None,
                clock.observed_at if clock else None,
            )
        )
    return states


def _camera(sites: Sites, camera_id: str, states: Mapping[str, CameraState]) -> LaneCamera:
    camera = sites.camera(camera_id)
    name, state = camera.name, states.get(camera.source)
    if state is None:
        return LaneCamera(camera_id, name, "unknown", None, None)
    return LaneCamera(camera_id, name, state.status.value, state.why, state.since_at)


def _watched(
    register: Register, watch: LaneWatch | None, cameras: tuple[LaneCamera, ...], now_at: Instant
) -> tuple[bool, dict[str, str] | None]:
    if not register.views:
        return False, {"ja": "カメラが割り当てられていません", "en": "No camera is assigned"}
    lost = [camera for camera in cameras if camera.status == CameraStatus.LOST]
    if lost:
        name = lost[0].name
        return False, {"ja": f"カメラ「{name}」が応答しません", "en": f"Camera {name} does not answer"}
    if watch is None or now_at - watch.beat_at > SILENT_WATCHER_US:
        return False, {"ja": "画像解析が動いていません", "en": "Analysis is not running"}
    return watch.watched, None if watch.watched else watch.why
