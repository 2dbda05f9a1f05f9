"""Stills of the large stream where the small one is watched: packets, decoded when one is wanted.

Decoding a camera's large stream all the time is what the small one is there to save. A still is wanted a few
times an hour; then the pictures from the keyframe before it are decoded, which takes some milliseconds each.
"""

from __future__ import annotations

import threading
from collections import deque

from tenban.base.clock import Instant, seconds
from tenban.base.errors import NotFound
from tenban.video.decoder import PacketDecoder
from tenban.video.frames import Frame
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.ring import Box, FrameRing, Still, make_still

_MIB = 1 << 20
_REORDERED = 4
"""So many packets after the wanted one are decoded as well: pictures may be shown in another order."""


class PacketRing:
    """Keeps the latest packets of a camera's large stream; safe to use from several threads.

    Args:
        small: the decoded pictures of the small stream, which answer where the large one cannot.
        length_s: how long packets are kept.
        most_mib: how much memory they may take.
    """

    def __init__(self, small: FrameRing, *, length_s: float = 12.0, most_mib: float = 48.0) -> None:
        self._small = small
        self._length_us = seconds(length_s)
        self._most_bytes = round(most_mib * _MIB)
        self._info: StreamInfo | None = None
        self._packets: deque[MediaPacket] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._latest: Frame | None = None

    def begin(self, info: StreamInfo) -> None:
        """Take note of a new run: what was kept of the one before cannot be decoded with it."""
        with self._lock:
            self._info = info
            self._packets.clear()
            self._bytes = 0

    def add(self, packet: MediaPacket) -> None:
        """Take in the next packet."""
        with self._lock:
            self._packets.append(packet)
            self._bytes += len(packet.data)
            while len(self._packets) > 1 and (
                self._bytes > self._most_bytes
                or packet.captured_at - self._packets[0].captured_at > self._length_us
            ):
                self._bytes -= len(self._packets.popleft().data)

    def skip(self) -> None:
        """Take note that packets are missing: what is kept does not lead to what comes."""
        with self._lock:
            self._packets.clear()
            self._bytes = 0

    def still(
        self, at: Instant, *, box: Box | None = None, margin: float = 0.0, width: int | None = None
    ) -> Still:
        """Return a JPEG of the picture nearest to an instant, of the large stream if that has it.

        Raises:
            NotFound: neither stream has the instant.
            BadInput: the box is none.
        """
        try:
            frame = self.nearest(at)
        except NotFound:
            # Policy: a small picture of the moment is worth more than none.
            return self._small.still(at, box=box, margin=margin, width=width)
        return make_still(frame, box=box, margin=margin, width=width)

    def nearest(self, at: Instant) -> Frame:
        """Return the large picture taken nearest to an instant.

        Raises:
            NotFound: the ring is empty or does not reach back so far, or cannot be decoded.
        """
        info, packets, wanted = self._wanted(at)
        latest = self._latest
        if latest is not None and latest.captured_at == wanted:
            return latest
        decoder = PacketDecoder()
        frames = decoder.begin(info)
        for packet in packets:
            frames += decoder.decode(packet)
        frames += decoder.flush()
        if not frames:
            raise NotFound(f"camera {info.camera}: the large picture cannot be decoded")
        found = min(frames, key=lambda frame: abs(frame.captured_at - at))
        # Two stills of one moment are the usual order.
        self._latest = found
        return found

    def _wanted(self, at: Instant) -> tuple[StreamInfo, list[MediaPacket], Instant]:
        """Return what has to be decoded, from a keyframe on, and when the wanted picture was taken."""
        with self._lock:
            info, packets = self._info, list(self._packets)
        places = [place for place, packet in enumerate(packets) if packet.is_keyframe]
        if info is None or not places:
            raise NotFound("there is no large picture in the ring")
        place = min(range(places[0], len(packets)), key=lambda one: abs(packets[one].captured_at - at))
        if place == places[0] and packets[place].captured_at - at > seconds(0.2):
            raise NotFound("the large pictures begin later")
        wanted = packets[place].captured_at
        # What is shown before its keyframe may lean on the group before.
        fit = [one for one in places if one <= place and packets[one].captured_at <= wanted]
        start = max(fit, default=places[0])
        return info, packets[start : place + 1 + _REORDERED], wanted
