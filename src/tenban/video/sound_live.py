"""Sound handed on while it is recorded: a stream of its own beside its camera's, for whoever may hear it.

It goes through the fan-out like pictures of which each is a keyframe: any frame may be the first one heard.
How it is coded stands where a picture's coding does: its rate as the width, its channels as the height.
"""

from __future__ import annotations

from tenban.base.clock import Instant
from tenban.video.fanout import FanOut
from tenban.video.packets import MediaPacket, SoundPacket, StreamInfo, ticks_to_us
from tenban.video.sound import ticks_of

CODECS = {"aac": "mp4a.40.2", "opus": "opus"}
"""As browsers name them (RFC 6381)."""


def sound_stream(camera: str) -> str:
    """Return the name under which a camera's sound is handed on; no camera's id has a full stop."""
    return f"{camera}.sound"


class SoundRelay:
    """Hands on one camera's sound.

    Args:
        camera: the camera's id.
        fan_out: takes the frames; offers the stream already.
    """

    def __init__(self, camera: str, fan_out: FanOut) -> None:
        self._stream = sound_stream(camera)
        self._fan_out = fan_out
        self._rate = 0
        self._shown: tuple[int, Instant] | None = None

    def begin(self, info: StreamInfo) -> None:
        """Take note of a run."""
        self._shown, self._rate = None, 0
        sound = info.sound
        if sound is not None:
            self._rate = sound.rate
            self._fan_out.begin(
                StreamInfo(self._stream, info.run, sound.codec, sound.rate, sound.channels, sound.config)
            )

    def picture(self, packet: MediaPacket) -> None:
        """Learn from a picture when which stream time was."""
        self._shown = packet.pts, packet.captured_at

    def take(self, packet: SoundPacket) -> None:
        """Hand on a frame; before the first picture it is not known of when it is."""
        if self._shown is None or not self._rate:
            return
        pts, captured_at = self._shown
        ticks = ticks_of(packet.position, self._rate)
        at = captured_at + ticks_to_us(ticks - pts)
        length = ticks_of(packet.duration, self._rate)
        self._fan_out.publish(MediaPacket(self._stream, at, ticks, ticks, length, True, packet.data))

    def forget(self) -> None:
        """Drop what is kept of a lost camera."""
        self._fan_out.forget(self._stream)
