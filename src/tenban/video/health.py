"""How a stream is doing: counted while it is read, turned into rates every few seconds.

Counting costs a handful of additions a picture and is done by the thread that reads; whoever shows it takes
snapshots, so nothing is locked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from tenban.base.clock import MILLISECOND, SECOND, Instant
from tenban.video.camera_state import CameraState
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.sound_words import SoundTold

LATE_US = SECOND
"""A picture that reaches us so long after it was taken is too late for whoever watches live."""
_MOST_OFF_US = 30 * 86_400 * SECOND
"""Farther off, a camera's reports do not mean the time of day: some count from their start."""
_NTP_EPOCH_S = 2_208_988_800


class _Lossy(Protocol):
    lost: int


class _Damaged(Protocol):
    damaged: int


@dataclass(slots=True)
class StreamHealth:
    """What was counted of one stream since the recorder began with it.

    Attributes:
        packets: pictures.
        length: bytes of all of them.
        keyframes: pictures to begin at.
        keyframe_us: from the last keyframe but one to the last; None before there were two.
        late: pictures that came later than :data:`LATE_US` after they were taken.
        connections: how often the camera was opened.
        info: size and codec of the run; None before the first.
        clock_off_us: how far the camera's clock is ahead of ours by its sender reports; None: it sends none.
        sound: what is known of its sound; None: nobody asked for it.
    """

    packets: int = 0
    length: int = 0
    keyframes: int = 0
    keyframe_us: int | None = None
    late: int = 0
    connections: int = 0
    info: StreamInfo | None = None
    clock_off_us: int | None = None
    sound: SoundTold | None = None
    _last_keyframe_at: Instant | None = None
    _lossy: list[_Lossy] = field(default_factory=list)
    _damaged: list[_Damaged] = field(default_factory=list)
    _lost: int = 0
    _broken: int = 0

    def attach(self, lossy: _Lossy, damaged: _Damaged) -> None:
        """Count along with what puts packets together on a new connection."""
        self._lost, self._broken = self.lost or 0, self.damaged
        self._lossy, self._damaged = [lossy], [damaged]

    @property
    def lost(self) -> int | None:
        """Packets missing by their numbers; None where nobody counts them (not RTSP over TCP)."""
        return self._lost + self._lossy[0].lost if self._lossy else None

    @property
    def damaged(self) -> int:
        """Pictures that could not be read."""
        return self._broken + (self._damaged[0].damaged if self._damaged else 0)

    def begin(self, info: StreamInfo) -> None:
        """Take note of a run."""
        self.info = info
        self._last_keyframe_at = None

    def take(self, packet: MediaPacket, now_at: Instant) -> None:
        """Count a picture."""
        self.packets += 1
        self.length += len(packet.data)
        if now_at - packet.captured_at > LATE_US:
            self.late += 1
        if packet.is_keyframe:
            self.keyframes += 1
            if self._last_keyframe_at is not None:
                self.keyframe_us = packet.captured_at - self._last_keyframe_at
            self._last_keyframe_at = packet.captured_at

    def report(self, packet: bytes, now_at: Instant) -> None:
        """Take in an RTCP packet (RFC 3550, section 6.4.1); what is no sender report is left out."""
        if len(packet) < 28 or packet[0] >> 6 != 2 or packet[1] != 200:
            return
        whole_s = int.from_bytes(packet[8:12], "big") - _NTP_EPOCH_S
        part_us = int.from_bytes(packet[12:16], "big") * SECOND >> 32
        off_us = whole_s * SECOND + part_us - now_at
        self.clock_off_us = off_us if abs(off_us) <= _MOST_OFF_US else None


@dataclass(frozen=True, slots=True)
class Measured:
    """How a stream does now; the figures of one row that is written over every few seconds.

    Attributes:
        stream: the camera's id, or the id of its smaller stream.
        at: when it was measured.
        since_at: when counting began.
        state: as of :class:`tenban.video.camera_state.CameraStatus`.
        why: what went wrong; None where nothing did.
        codec: of the stream; None before the first picture.
        width: in pixels.
        height: in pixels.
        kbit_s: of the last seconds; None where nothing came to measure.
        fps: pictures a second of the last seconds.
        keyframe_ms: between the last two keyframes.
        packets: pictures since counting began.
        lost: network packets missing; None: nobody counts them.
        late: pictures that came too late to be live.
        damaged: pictures that could not be read.
        not_kept: fragments that could not be written.
        connections: how often the camera was opened.
        clock_off_ms: how far the camera's clock is ahead of ours; None where it does not report.
        sound: its coding, or why there is none, as ``sound_words`` has it; None: not asked for.
    """

    stream: str
    at: Instant
    since_at: Instant
    state: str
    why: str | None
    codec: str | None
    width: int | None
    height: int | None
    kbit_s: float | None
    fps: float | None
    keyframe_ms: int | None
    packets: int
    lost: int | None
    late: int
    damaged: int
    not_kept: int
    connections: int
    clock_off_ms: int | None
    sound: str | None = None

    def as_row(self) -> dict[str, Any]:
        """Return it as a row's values."""
        return asdict(self)


class Meter:
    """Turns one stream's counts into rates.

    Args:
        stream: its id.
        since_at: when counting began.
    """

    def __init__(self, stream: str, since_at: Instant) -> None:
        self._stream = stream
        self._since_at = since_at
        self._before: tuple[Instant, int, int] | None = None

    def measure(
        self, health: StreamHealth, now_at: Instant, *, state: str, why: str | None, not_kept: int = 0
    ) -> Measured:
        """Return how the stream does since it was measured last."""
        before, self._before = self._before, (now_at, health.packets, health.length)
        kbit_s = fps = None
        if before is not None and now_at > before[0] and health.packets >= before[1]:
            span_s = (now_at - before[0]) / SECOND
            kbit_s = round((health.length - before[2]) * 8 / 1000 / span_s, 1)
            fps = round((health.packets - before[1]) / span_s, 1)
        info, off_us = health.info, health.clock_off_us
        return Measured(
            self._stream,
            now_at,
            self._since_at,
            state,
            why,
            None if info is None else info.codec,
            None if info is None else info.width,
            None if info is None else info.height,
            kbit_s,
            fps,
            None if health.keyframe_us is None else round(health.keyframe_us / MILLISECOND),
            health.packets,
            health.lost,
            health.late,
            health.damaged,
            not_kept,
            health.connections,
            None if off_us is None else round(off_us / MILLISECOND),
            None if health.sound is None else health.sound.as_text(),
        )


class Meters:
    """Measures all streams of a recorder.

    Args:
        health: what is counted of each stream, by its id.
        since_at: when counting began.
    """

    def __init__(self, health: Mapping[str, StreamHealth], since_at: Instant) -> None:
        self._health = health
        self._since_at = since_at
        self._meters: dict[str, Meter] = {}

    def measure(
        self, states: Mapping[str, CameraState], not_kept: Callable[[str], int], now_at: Instant
    ) -> list[Measured]:
        """Return how every stream does.

        Args:
            states: what each is doing.
            not_kept: tells how many fragments of a stream could not be written.
            now_at: the present.
        """
        found = []
        for stream, health in list(self._health.items()):
            meter = self._meters.setdefault(stream, Meter(stream, self._since_at))
            state = states.get(stream)
            doing, why = ("connecting", None) if state is None else (state.status.value, state.why)
            found.append(meter.measure(health, now_at, state=doing, why=why, not_kept=not_kept(stream)))
        return found
