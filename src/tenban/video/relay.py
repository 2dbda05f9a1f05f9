"""Hands on a camera's smaller stream: packets that are watched and never kept."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from tenban.base.clock import SECOND, Clock
from tenban.base.errors import TenbanError
from tenban.base.log import get_log
from tenban.video.camera_state import CameraState, first_state
from tenban.video.fanout import FanOut
from tenban.video.health import StreamHealth
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.reader import read_camera
from tenban.video.settings import CameraSettings

log = get_log(__name__)


class CameraRelay:
    """Reads one stream for the fan-out until it is told to stop; nothing of it goes to the disk.

    It runs in the recorder's process, which stamps both streams of a camera by one clock in one way, holds
    the camera's password, and comes back to a lost camera as it does for recording.

    Args:
        camera: the stream, under an id of its own.
        fan_out: takes the packets.
        clock: the time.
        states: what the stream is doing, by its id.
        health: measured into.
        jitter: a random number from 0 to 1, new each time.
    """

    def __init__(
        self,
        camera: CameraSettings,
        *,
        fan_out: FanOut,
        clock: Clock,
        states: dict[str, CameraState],
        health: StreamHealth,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._camera = camera
        self._fan_out = fan_out
        self._clock = clock
        self._states = states
        self._health = health
        self._jitter = jitter

    def run(self, stop: threading.Event) -> None:
        """Hand on packets until ``stop`` is set."""
        state = first_state(self._camera.id, self._clock.now())
        while not stop.is_set():
            self._states[self._camera.id] = state
            why = None
            try:
                self._health.connections += 1
                for item in read_camera(self._camera, clock=self._clock, stop=stop, health=self._health):
                    if isinstance(item, StreamInfo):
                        self._health.begin(item)
                        self._fan_out.begin(item)
                        state = state.recording(self._clock.now())
                        self._states[self._camera.id] = state
                    elif isinstance(item, MediaPacket):
                        self._health.take(item, self._clock.now())
                        self._fan_out.publish(item)
            except TenbanError as error:
                why = str(error)
            except Exception as error:  # worker loop
                # Policy: whatever goes wrong with one stream is told and tried again.
                log.exception("relaying failed", camera=self._camera.id)
                why = f"camera {self._camera.id}: {type(error).__name__}: {error}"
            self._fan_out.forget(self._camera.id)
            if stop.is_set():
                break
            state = state.lost(self._clock.now(), why or "its stream ended", jitter=self._jitter())
            self._states[self._camera.id] = state
            log.warning("smaller stream", camera=self._camera.id, why=state.why)
            if stop.wait(max(0, (state.retry_at or 0) - state.since_at) / SECOND):
                break
            state = state.connecting(self._clock.now())
