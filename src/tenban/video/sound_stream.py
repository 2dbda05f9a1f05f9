"""A camera's sound beside its pictures: from packets to frames on the pictures' line of time.

Whatever comes as sound, pictures are not harmed by it: nothing here raises or waits, and all
that is held is bounded.
"""

from __future__ import annotations

from collections import deque

from tenban.video.packets import SoundCoding, SoundPacket
from tenban.video.sound_join import SoundJoin
from tenban.video.sound_rtp import AuHeaders, RtpFrame, SoundDepacketizer

_MOST_WAITING = 500


class SoundReceiver:
    """Takes in the RTP and RTCP packets of one camera's sound.

    Args:
        camera: the camera's id.
        coding: of the sound, as the camera describes it.
        headers: of AAC's access units.
    """

    def __init__(self, camera: str, coding: SoundCoding, headers: AuHeaders | None = None) -> None:
        self._camera = camera
        self.coding = coding
        self._frames = SoundDepacketizer(coding, headers)
        self._join = SoundJoin(coding.rate)
        self._waiting: deque[RtpFrame] = deque()
        self._has_begun = False

    @property
    def lost(self) -> int:
        """Packets of sound missing by their numbers."""
        return self._frames.lost

    def begin_run(self) -> None:
        """Begin to join anew: the pictures' stream time may have jumped."""
        if self._has_begun:
            self._join = SoundJoin(self.coding.rate)
            self._waiting.clear()
        self._has_begun = True

    def take(self, packet: bytes, arrived_us: int) -> None:
        """Take in an RTP packet of the sound."""
        for frame in self._frames.feed(packet):
            self._join.sound(frame.timestamp + frame.duration, arrived_us)
            self._waiting.append(frame)
            if len(self._waiting) > _MOST_WAITING:
                self._waiting.popleft()

    def report(self, packet: bytes) -> None:
        """Take in an RTCP packet of the sound."""
        self._join.sound_report(packet)

    def picture_report(self, packet: bytes) -> None:
        """Take in an RTCP packet of the pictures."""
        self._join.picture_report(packet)

    def after(self, timestamp: int, arrived_us: int) -> list[SoundPacket]:
        """Return the sound that has come, after a picture of this time came."""
        self._join.picture(timestamp, arrived_us)
        ready: list[SoundPacket] = []
        while self._waiting and self._has_begun:
            frame = self._waiting[0]
            position = self._join.position(frame.timestamp, arrived_us)
            if position is None:
                break
            ready.append(SoundPacket(self._camera, position, frame.duration, frame.data))
            self._waiting.popleft()
        return ready
