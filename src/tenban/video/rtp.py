"""H.264 out of RTP packets (RFC 3550, RFC 6184): single units, STAP-A and FU-A. Pure.

A picture is handed out with its last packet (the marker bit), not with the first packet of the next. H.265
differs in how units are packed alone (:mod:`tenban.video.rtp_h265`).
"""

from __future__ import annotations

from dataclasses import dataclass

_STAP_A = 24
_FU_A = 28
_MOST_PICTURE_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class RtpPicture:
    """One picture.

    Attributes:
        timestamp: in ticks of 1/90000 s, without the wrap-around of RTP's 32 bits.
        nals: its NAL units.
    """

    timestamp: int
    nals: list[bytes]


def is_rtp(packet: bytes) -> bool:
    """Tell whether it is an RTP packet that can hold something (RFC 3550, section 5.1)."""
    return len(packet) >= 13 and packet[0] >> 6 == 2


def payload_place(packet: bytes) -> tuple[int, int]:
    """Return from where to where the payload of an RTP packet lies; nothing where they meet or cross."""
    start = 12 + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10 and len(packet) >= start + 4:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    return start, len(packet) - (packet[-1] if packet[0] & 0x20 else 0)


class Depacketizer:
    """Puts pictures together from the packets of one RTP stream.

    Attributes:
        lost: packets missing by their sequence numbers.
        refused: packets that were of no known form.
    """

    def __init__(self) -> None:
        self.lost = 0
        self.refused = 0
        self._sequence: int | None = None
        self._timestamp: int | None = None
        self._nals: list[bytes] = []
        self._unit: list[bytes] | None = None
        self._bytes = 0

    def feed(self, packet: bytes) -> list[RtpPicture]:
        """Take in one RTP packet; return the pictures it completes, mostly none or one."""
        if not is_rtp(packet):
            self.refused += 1
            return []
        start, end = payload_place(packet)
        if start >= end:
            return []
        self._follow(int.from_bytes(packet[2:4], "big"))
        ready = self._turn(int.from_bytes(packet[4:8], "big"))
        self._take(packet, start, end)
        if packet[1] & 0x80:
            ready += self._done()
        return ready

    def _follow(self, sequence: int) -> None:
        if self._sequence is not None and sequence != (self._sequence + 1) & 0xFFFF:
            self.lost += (sequence - self._sequence - 1) & 0xFFFF
            self._unit = None
        self._sequence = sequence

    def _turn(self, stamp: int) -> list[RtpPicture]:
        """Notice that a new picture begins although the last one's end never came."""
        if self._timestamp is None:
            self._timestamp = stamp
            return []
        step = ((stamp - self._timestamp + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        if not step:
            return []
        ready = self._done()
        self._timestamp += step
        return ready

    def _has_room(self, length: int) -> bool:
        """Count a payload; tell whether the picture may still be that large."""
        self._bytes += length
        return self._bytes <= _MOST_PICTURE_BYTES

    def _take(self, packet: bytes, start: int, end: int) -> None:
        """Take in a payload."""
        kind = packet[start] & 0x1F
        if not self._has_room(end - start):
            self.refused += 1
        elif kind == _FU_A and end - start > 2:
            self._take_part(packet, start, end)
        elif kind == _STAP_A:
            self._take_several(packet, start + 1, end)
        elif 0 < kind < _STAP_A:
            self._nals.append(packet[start:end])
        else:
            self.refused += 1

    def _take_several(self, packet: bytes, at: int, end: int) -> None:
        """Take in units that stand behind their lengths in two bytes."""
        while at + 2 < end:
            length = int.from_bytes(packet[at : at + 2], "big")
            if length and at + 2 + length <= end:
                self._nals.append(packet[at + 2 : at + 2 + length])
            at += 2 + length

    def _take_part(self, packet: bytes, start: int, end: int) -> None:
        head = packet[start + 1]
        self._put_together(head, bytes([packet[start] & 0xE0 | head & 0x1F]), packet[start + 2 : end])

    def _put_together(self, head: int, unit_head: bytes, part: bytes) -> None:
        """Take in a part of a unit; the two highest bits of ``head`` mark its first and its last."""
        if head & 0x80:
            self._unit = [unit_head]
        if self._unit is None:
            return  # its beginning was lost
        self._unit.append(part)
        if head & 0x40:
            self._nals.append(b"".join(self._unit))
            self._unit = None

    def _done(self) -> list[RtpPicture]:
        nals, self._nals = self._nals, []
        self._unit = None
        self._bytes = 0
        assert self._timestamp is not None  # noqa: S101  # _turn() came before
        return [RtpPicture(self._timestamp, nals)] if nals else []
