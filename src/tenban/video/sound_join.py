"""The sound's clock joined with the pictures'. Pure: no clock is read here.

RTP counts each medium from a number of its own. Sender reports (RFC 3550, section 6.4.1) say of both what
time it is by the camera's clock, which need not be right, only the same one. Until there is one of each, and
where there never is, packets' arrivals have to do: those that came quickest are taken to have come equally
quickly, so what the camera takes longer to send of one than of the other is off by that much.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tenban.base.clock import MILLISECOND, SECOND, Instant
from tenban.video.packets import TICKS_PER_S

LOOK_US = SECOND
"""So long arrivals are looked at before sound is laid down by them."""
JUMP_US = 20 * MILLISECOND
"""By less than this a join is not changed: each change is a click."""
_MOST_APART_US = 5 * SECOND
"""Reports that put sound so far from where arrivals do were not made by one clock."""


@dataclass(slots=True)
class _Medium:
    rate: int
    low_us: int | None = None
    since_us: int | None = None
    last: int | None = None
    report: tuple[int, int] | None = None

    def came(self, timestamp: int, arrived_us: Instant) -> None:
        self.last = timestamp
        delay_us = arrived_us - timestamp * SECOND // self.rate
        self.low_us = delay_us if self.low_us is None else min(self.low_us, delay_us)
        self.since_us = arrived_us if self.since_us is None else self.since_us

    def told(self, packet: bytes) -> None:
        if len(packet) < 28 or packet[0] >> 6 != 2 or packet[1] != 200:
            return
        wall_us = int.from_bytes(packet[8:12], "big") * SECOND
        wall_us += int.from_bytes(packet[12:16], "big") * SECOND >> 32
        self.report = (wall_us, int.from_bytes(packet[16:20], "big"))

    def zero_us(self) -> int | None:
        """Return what the camera's clock shows where this medium's time is zero."""
        if self.report is None or self.last is None:
            return None
        wall_us, stamp = self.report
        # The report's stamp is of 32 bits, and may come before the first packet: it is near what came last.
        stamp = self.last + ((stamp - self.last + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        return wall_us - stamp * SECOND // self.rate


@dataclass(slots=True)
class SoundJoin:
    """Says at which stream time of the pictures a sound was.

    Attributes:
        rate: of the sound's clock.
        by_reports: whether sender reports say so; else arrivals do.
    """

    rate: int
    by_reports: bool = False
    _sound: _Medium = field(init=False)
    _pictures: _Medium = field(default_factory=lambda: _Medium(TICKS_PER_S))
    _shift_us: int | None = None

    def __post_init__(self) -> None:
        self._sound = _Medium(self.rate)

    def picture(self, timestamp: int, arrived_us: int) -> None:
        """Take note of when a picture came, by a clock that is never set."""
        self._pictures.came(timestamp, arrived_us)

    def sound(self, timestamp: int, arrived_us: int) -> None:
        """Take note of when a frame came; ``timestamp`` is its end, since it is sent no sooner."""
        self._sound.came(timestamp, arrived_us)

    def picture_report(self, packet: bytes) -> None:
        """Take in an RTCP packet about the pictures."""
        self._pictures.told(packet)

    def sound_report(self, packet: bytes) -> None:
        """Take in an RTCP packet about the sound."""
        self._sound.told(packet)

    def position(self, timestamp: int, now_us: int) -> int | None:
        """Return where a frame belongs on the pictures' line, in samples; None: that is not known yet."""
        wanted_us = self._wanted_us(now_us)
        if wanted_us is not None and (
            self._shift_us is None or (self.by_reports and abs(wanted_us - self._shift_us) >= JUMP_US)
        ):
            self._shift_us = wanted_us
        return None if self._shift_us is None else timestamp + self._shift_us * self.rate // SECOND

    def _wanted_us(self, now_us: int) -> int | None:
        low, pictures_low = self._sound.low_us, self._pictures.low_us
        if low is None or pictures_low is None:
            return None
        arrived_us = low - pictures_low
        zero, pictures_zero = self._sound.zero_us(), self._pictures.zero_us()
        if zero is not None and pictures_zero is not None:
            told_us = zero - pictures_zero
            if abs(told_us - arrived_us) < _MOST_APART_US:
                self.by_reports = True
                return told_us
        begun_us = max(self._sound.since_us or 0, self._pictures.since_us or 0)
        return arrived_us if now_us - begun_us >= LOOK_US else None
