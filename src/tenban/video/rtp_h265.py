"""H.265 out of RTP packets (RFC 7798): single units, aggregation packets and fragmentation units. Pure.

Without decoding order numbers: a stream that has them (``sprop-max-don-diff`` above 0) interleaves units of
several pictures, and is left to the demuxer.
"""

from __future__ import annotations

from tenban.video.rtp import Depacketizer

_HEAD_BYTES = 2
_AGGREGATION = 48
_FRAGMENTATION = 49


class H265Depacketizer(Depacketizer):
    """Puts pictures together from the packets of one RTP stream of H.265."""

    def _take(self, packet: bytes, start: int, end: int) -> None:
        kind = packet[start] >> 1 & 0x3F
        if not self._has_room(end - start) or end - start <= _HEAD_BYTES:
            self.refused += 1
        elif kind == _FRAGMENTATION and end - start > _HEAD_BYTES + 1:
            head = packet[start + 2]
            # The unit's own kind stands in the third byte; its layers are those of the packet.
            unit_head = bytes([packet[start] & 0x81 | (head & 0x3F) << 1, packet[start + 1]])
            self._put_together(head, unit_head, packet[start + 3 : end])
        elif kind == _AGGREGATION:
            self._take_several(packet, start + _HEAD_BYTES, end)
        elif kind < _AGGREGATION:
            self._nals.append(packet[start:end])
        else:
            self.refused += 1
