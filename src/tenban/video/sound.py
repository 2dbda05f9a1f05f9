"""A camera's sound, in the one form the rest of the package works with. Pure.

Its times are positions: counted in samples of its own rate, from where the pictures' stream time is zero. So
what follows without a hole counts on exactly, whatever the rate, and a position times 90000 over the rate is
the stream time of the picture that goes with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tenban.base.errors import BadInput
from tenban.video.packets import TICKS_PER_S, SoundCoding, SoundPacket
from tenban.video.samples import Sample

MOST_HELD = 2_000
"""Frames that wait for their pictures at most: forty seconds of AAC."""
LATEST_S = 1
"""By so much sound may come later than its pictures; older is left out."""

_AAC_LC = 2
RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_OPUS_RATE = 48_000
_OPUS_MS = (
    (10, 20, 40, 60) * 3,
    (10, 20) * 2,
    (2.5, 5, 10, 20) * 4,
)
_OPUS_SAMPLES = tuple(round(ms * _OPUS_RATE / 1000) for some in _OPUS_MS for ms in some)
_SILENT = {
    # raw_data_block() of one element without any band, and its end (ISO/IEC 14496-3, 4.4.2.1).
    ("aac", 1): bytes.fromhex("00000007"),
    ("aac", 2): bytes.fromhex("2000000000000e"),
}


def ticks_of(position: int, rate: int) -> int:
    """Return the pictures' stream time at a position of the sound."""
    return position * TICKS_PER_S // rate


def position_of(ticks: int, rate: int) -> int:
    """Return the position of the sound at a stream time of the pictures."""
    return ticks * rate // TICKS_PER_S


def aac_coding(config: bytes) -> SoundCoding:
    """Return the coding an AudioSpecificConfig describes (ISO/IEC 14496-3, 1.6.2.1).

    Raises:
        BadInput: it breaks off, or is not AAC-LC of one or two channels.
    """
    bits = int.from_bytes(config[:8].ljust(8, b"\0"), "big")
    left = 64

    def take(count: int) -> int:
        nonlocal left
        left -= count
        return bits >> left & (1 << count) - 1

    if len(config) < 2:
        raise BadInput("AAC configuration", expected="2 bytes or more", came=len(config))
    kind = take(5)
    if kind != _AAC_LC:
        raise BadInput("AAC", expected="AAC-LC", came=f"object type {kind}")
    index = take(4)
    rate = take(24) if index == 15 else RATES[index] if index < len(RATES) else 0
    channels = take(4)
    is_short = bool(take(1))
    if channels not in (1, 2) or not 7_000 <= rate <= 96_000 or is_short:
        came = f"{channels} channels, {rate} Hz, {960 if is_short else 1024} samples a frame"
        raise BadInput("AAC", expected="1 or 2 channels, 7350 to 96000 Hz, 1024 samples a frame", came=came)
    return SoundCoding("aac", rate, channels, config)


def opus_coding(channels: int) -> SoundCoding:
    """Return the coding of Opus; its configuration is what stands in ``dOps``.

    Nothing is skipped at its beginning: a camera's stream is always joined on its way.
    """
    config = bytes([0, channels]) + bytes(2) + _OPUS_RATE.to_bytes(4, "big") + bytes(3)
    return SoundCoding("opus", _OPUS_RATE, channels, config)


def frame_samples(coding: SoundCoding, data: bytes) -> int:
    """Return how many samples a coded frame is long; 0 where it is none (RFC 6716, section 3.1)."""
    if coding.codec == "aac":
        return 1024 if data else 0
    if not data:
        return 0
    each = _OPUS_SAMPLES[data[0] >> 3]
    count = (1, 2, 2, data[1] & 0x3F if len(data) > 1 else 0)[data[0] & 3]
    return each * count if each * count <= _OPUS_RATE * 120 // 1000 else 0


def silence(coding: SoundCoding) -> tuple[bytes, int]:
    """Return a frame of silence and how many samples it is long."""
    if coding.codec == "aac":
        return _SILENT["aac", coding.channels], 1024
    # 20 ms of CELT, full band, without a byte of it: the decoder fades out what was before.
    return bytes([31 << 3 | (4 if coding.channels == 2 else 0)]), 960


@dataclass(frozen=True, slots=True)
class SoundPart:
    """The sound that is written with a fragment of pictures.

    Attributes:
        start: position of the first frame.
        samples: size, length in samples, and how many samples are missing until the next one.
        parts: the bytes of each.
    """

    start: int
    samples: tuple[Sample, ...]
    parts: tuple[bytes, ...]

    @property
    def length(self) -> int:
        """Bytes of all frames."""
        return sum(one.size for one in self.samples)


class SoundHeld:
    """Sound of one run that waits for the fragment of the pictures it goes with.

    It goes with the fragment that shows its moment, or, where that is written already, with the next: never
    with one before. So whoever cuts from a moment on needs no fragment before that moment's.

    Attributes:
        left_out: frames that came twice, far too late, or that no picture ever came for.
    """

    def __init__(self, coding: SoundCoding) -> None:
        self._coding = coding
        self._held: deque[SoundPacket] = deque()
        self._last: int | None = None
        self.left_out = 0

    def add(self, packet: SoundPacket) -> None:
        """Take in a frame; one that does not begin after the last one's beginning is left out."""
        if packet.duration <= 0 or (self._last is not None and packet.position <= self._last):
            self.left_out += 1
            return
        self._last = packet.position
        self._held.append(packet)
        if len(self._held) > MOST_HELD:
            self._held.popleft()
            self.left_out += 1

    def take(self, start_ticks: int, end_ticks: int) -> SoundPart | None:
        """Return what goes with a fragment from one stream time to another; None where there is nothing."""
        end, first = position_of(end_ticks, self._coding.rate), position_of(start_ticks, self._coding.rate)
        taken: list[SoundPacket] = []
        while self._held and self._held[0].position < end:
            taken.append(self._held.popleft())
        kept = [one for one in taken if one.position >= first - LATEST_S * self._coding.rate]
        self.left_out += len(taken) - len(kept)
        return _part(kept) if kept else None


def _part(packets: Sequence[SoundPacket]) -> SoundPart:
    nexts = [one.position for one in packets[1:]] + [packets[-1].position + packets[-1].duration]
    samples = tuple(
        Sample(len(one.data), one.duration, after - one.position - one.duration, is_keyframe=True)
        for one, after in zip(packets, nexts, strict=True)
    )
    return SoundPart(packets[0].position, samples, tuple(one.data for one in packets))
