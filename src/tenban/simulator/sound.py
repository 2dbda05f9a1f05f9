"""The sound of a test camera: silence, and a tone that begins with known pictures."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import av
import numpy as np

from tenban.base.clock import SECOND, Instant
from tenban.base.errors import Unavailable
from tenban.simulator.sound_rtp import SoundInfo, SoundUnit, sound_time

RATE: Final = 48_000
TONE_HZ: Final = 1_000
TONE_US: Final = SECOND // 5
_ENCODERS: Final = {"aac": "aac", "opus": "libopus"}


class ToneMaker:
    """Encodes the sound of a room in which something beeps.

    Args:
        codec: ``aac`` or ``opus``.
        start_at: when it begins.

    Raises:
        Unavailable: this build of the library has no such encoder.
    """

    def __init__(self, codec: str, start_at: Instant) -> None:
        name = _ENCODERS[codec]
        if name not in av.codecs_available:
            raise Unavailable(f"expected an encoder {name}, and this PyAV has none")
        context: Any = av.CodecContext.create(name, "w")
        context.sample_rate, context.layout, context.format = (
            RATE,
            "mono",
            "flt" if codec == "opus" else "fltp",
        )
        context.bit_rate = 64_000
        context.time_base = Fraction(1, RATE)
        context.open()
        self._context = context
        self._began = sound_time(start_at, RATE)
        self._count = 0
        self._beeps_from: int | None = None
        config = bytes(context.extradata or b"") if codec == "aac" else b""
        self.info = SoundInfo(codec, RATE, 1, config)

    def beep(self, at: Instant) -> None:
        """Begin a tone of a fifth of a second."""
        self._beeps_from = sound_time(at, RATE) - self._began

    def until(self, at: Instant) -> list[SoundUnit]:
        """Return the frames that are whole by an instant."""
        stop = sound_time(at, RATE) - self._began
        if stop <= self._count:
            return []
        place = np.arange(self._count, stop)
        wave = np.zeros(len(place), dtype=np.float32)
        if self._beeps_from is not None:
            since = place - self._beeps_from
            loud = (since >= 0) & (since < TONE_US * RATE // SECOND)
            wave[loud] = 0.5 * np.sin(2 * np.pi * TONE_HZ * since[loud] / RATE)
        frame = av.AudioFrame.from_ndarray(wave[np.newaxis], format=self._context.format.name, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._count, Fraction(1, RATE)
        self._count = stop
        return [
            SoundUnit(bytes(packet), self._began + (packet.pts or 0))
            for packet in self._context.encode(frame)
        ]
