"""Sound out of RTP packets: AAC (RFC 3640) and Opus (RFC 7587). Pure; raises for nothing that comes."""

from __future__ import annotations

from dataclasses import dataclass

from tenban.video.packets import SoundCoding
from tenban.video.rtp import is_rtp, payload_place
from tenban.video.sound import frame_samples

_MOST_FRAME_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class AuHeaders:
    """How many bits each part of an AU-header has (RFC 3640, section 3.2.1); those of AAC-hbr by default."""

    size: int = 13
    index: int = 3
    delta: int = 3


@dataclass(frozen=True, slots=True)
class RtpFrame:
    """One frame: its time in samples, without the wrap-around of RTP's 32 bits, its length, its bytes."""

    timestamp: int
    duration: int
    data: bytes


class SoundDepacketizer:
    """Takes frames out of the packets of one RTP stream.

    Args:
        coding: of the sound.
        headers: of AAC, as the description says.

    Attributes:
        lost: packets missing by their sequence numbers.
        refused: packets that were none of this form.
        timestamp: of the last packet, without the wrap-around; None before the first.
    """

    def __init__(self, coding: SoundCoding, headers: AuHeaders | None = None) -> None:
        self._coding = coding
        self._headers = headers or AuHeaders()
        self._sequence: int | None = None
        self._part: bytearray | None = None
        self.timestamp: int | None = None
        self.lost = 0
        self.refused = 0

    def feed(self, packet: bytes) -> list[RtpFrame]:
        """Take in one RTP packet; return the frames it completes."""
        if not is_rtp(packet):
            self.refused += 1
            return []
        start, end = payload_place(packet)
        if start >= end:
            return []
        if not self._follow(int.from_bytes(packet[2:4], "big")):
            return []
        at = self._unwrap(int.from_bytes(packet[4:8], "big"))
        payload = packet[start:end]
        if self._coding.codec == "opus":
            return self._frames(at, [payload])
        return self._frames(at, self._units(payload, is_last=bool(packet[1] & 0x80)))

    def _follow(self, sequence: int) -> bool:
        """Take note of a packet's number; tell whether it is a new one."""
        step = 1 if self._sequence is None else (sequence - self._sequence) & 0xFFFF
        if not step or step > 0x8000:
            return False  # twice, or too late: its place is taken
        if step > 1:
            self.lost += step - 1
            self._part = None
        self._sequence = sequence
        return True

    def _unwrap(self, stamp: int) -> int:
        before = stamp if self.timestamp is None else self.timestamp
        self.timestamp = before + ((stamp - before + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        return self.timestamp

    def _frames(self, at: int, units: list[bytes]) -> list[RtpFrame]:
        frames = []
        for unit in units:
            duration = frame_samples(self._coding, unit)
            if not duration:
                self.refused += 1
                break
            frames.append(RtpFrame(at, duration, unit))
            at += duration
        return frames

    def _units(self, payload: bytes, *, is_last: bool) -> list[bytes]:
        """Return the access units of a payload: several whole ones, or a part of one (section 3.2.3)."""
        bits = int.from_bytes(payload[:2], "big")
        place = 2 + (bits + 7) // 8
        sizes = self._sizes(payload[2:place], bits)
        if not sizes or place >= len(payload):
            self.refused += 1
            return []
        if len(sizes) == 1 and sizes[0] > len(payload) - place:
            return self._joined(payload[place:], sizes[0], is_last=is_last)
        self._part = None
        units = []
        for size in sizes:
            if not size or place + size > len(payload):
                self.refused += 1
                break
            units.append(payload[place : place + size])
            place += size
        return units

    def _sizes(self, data: bytes, bits: int) -> list[int]:
        headers, value, left = self._headers, int.from_bytes(data, "big"), len(data) * 8
        sizes: list[int] = []
        stop = max(0, left - bits)  # a packet may be shorter than it says
        while left - headers.size - (headers.delta if sizes else headers.index) >= stop:
            left -= headers.size
            sizes.append(value >> left & (1 << headers.size) - 1)
            left -= headers.delta if len(sizes) > 1 else headers.index
        return sizes

    def _joined(self, data: bytes, size: int, *, is_last: bool) -> list[bytes]:
        self._part = bytearray() if self._part is None else self._part
        self._part += data
        if not is_last and len(self._part) < min(size, _MOST_FRAME_BYTES):
            return []
        whole, self._part = bytes(self._part), None
        if len(whole) != size:
            self.refused += 1
            return []
        return [whole]
