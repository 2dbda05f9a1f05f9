"""What a camera sends: read for a moment, one keyframe decoded, and the trouble told in one word."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace

from tenban.base.clock import SECOND, Clock
from tenban.base.errors import BadInput, TenbanError
from tenban.sites.reach import NotReached
from tenban.video.coding import coding_of
from tenban.video.decoder import PacketDecoder
from tenban.video.frames import Frame
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.reader import CameraLost, CameraRefused, read_camera
from tenban.video.ring import make_still
from tenban.video.rtsp_client import RtspRefused
from tenban.video.settings import CameraSettings
from tenban.video.trial import Trial

LOOK_S = 3.0
"""How long the stream is watched once its first keyframe has come: a rate can be told by then."""
KEYFRAME_PATIENCE_S = 10.0
STILL_WIDTH = 1280


def probe(camera: CameraSettings, clock: Clock) -> Trial:
    """Read a camera for a moment and return what it sends; never raises for what a camera does."""
    stop = threading.Event()
    found = _Found(clock)
    try:
        for item in read_camera(camera, clock=clock, stop=stop):
            if isinstance(item, StreamInfo):
                found.begin(item)
            elif isinstance(item, MediaPacket):
                found.take(item)
            if found.enough:
                stop.set()
        return found.trial()
    except CameraRefused as error:
        return _refused(error)
    except CameraLost as error:
        if found.jpeg is not None:
            return found.trial()
        return Trial(_trouble(error), _without_camera(error, camera))
    except BadInput as error:
        return Trial("not_rtsp" if error.where.startswith("RTSP") else "address", str(error))
    except TenbanError as error:
        return Trial("broken", str(error))


class _Found:
    """What has come so far."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self._first_s: float | None = None
        self._decoder = PacketDecoder()
        self._times: list[int] = []
        self._keyframes: list[int] = []
        self._bytes = 0
        self._info: StreamInfo | None = None
        self.jpeg: bytes | None = None
        self._captured_at: int | None = None
        self._size = (0, 0)

    @property
    def enough(self) -> bool:
        waited_s = self._clock.monotonic_s() - self._started_s
        if self.jpeg is None or self._first_s is None:
            return waited_s > KEYFRAME_PATIENCE_S
        return waited_s - self._first_s > LOOK_S

    def begin(self, info: StreamInfo) -> None:
        self._info = info
        self._show(self._decoder.begin(info))

    def take(self, packet: MediaPacket) -> None:
        self._times.append(packet.captured_at)
        self._bytes += len(packet.data)
        if packet.is_keyframe:
            self._keyframes.append(packet.captured_at)
        if self.jpeg is None and self._keyframes:
            self._show(self._decoder.decode(packet))

    def _show(self, frames: list[Frame]) -> None:
        for frame in frames:
            still = make_still(frame, width=STILL_WIDTH)
            self.jpeg, self._captured_at = still.jpeg, still.captured_at
            self._first_s = self._clock.monotonic_s() - self._started_s
            return

    def trial(self) -> Trial:
        info = self._info
        if info is None:
            return Trial("silent", "it sent nothing")
        span_us = self._times[-1] - self._times[0] if len(self._times) > 1 else 0
        gaps = [after - before for before, after in zip(self._keyframes, self._keyframes[1:], strict=False)]
        known = Trial(
            codec=coding_of(info.codec).name,
            width=info.width,
            height=info.height,
            fps=round((len(self._times) - 1) * SECOND / span_us, 1) if span_us else None,
            kbit_s=round(self._bytes * 8 / 1000 / (span_us / SECOND)) if span_us else None,
            keyframe_s=round(max(gaps) / SECOND, 2) if gaps else None,
            first_s=None if self._first_s is None else round(self._first_s, 2),
            jpeg=self.jpeg,
            captured_at=self._captured_at,
        )
        return known if self.jpeg is not None else replace(known, trouble="no_keyframe")


def _refused(error: CameraRefused) -> Trial:
    if isinstance(error.__cause__, NotReached):
        return Trial("not_allowed", str(error.__cause__))
    codec = str(error.came)
    return Trial("no_video" if codec == "none" else "codec", str(error), None if codec == "none" else codec)


def _trouble(error: CameraLost) -> str:
    cause, said = error.__cause__, str(error)
    status = cause.status if isinstance(cause, RtspRefused) else None
    signs = {
        "password": status in {401, 403} or "user name or password" in said,
        "path": status == 404 or "no stream of this path" in said,
        "refused": isinstance(cause, ConnectionRefusedError) or "Connection refused" in said,
        "no_name": isinstance(cause, socket.gaierror) or "resolve" in said,
        "silent": "silent" in said and "cannot be opened" not in said,
        "unreachable": isinstance(cause, OSError) or "timed out" in said or "silent" in said,
    }
    return next((trouble for trouble, shows in signs.items() if shows), "broken")


def _without_camera(error: CameraLost, camera: CameraSettings) -> str:
    return str(error).removeprefix(f"camera {camera.id}: ").replace(camera.url, camera.shown_url)
