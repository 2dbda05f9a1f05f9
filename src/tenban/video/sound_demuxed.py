"""Sound as the demuxer hands it out: of files, MPEG-TS, and RTSP that our own client does not read."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from tenban.base.clock import Instant
from tenban.base.errors import BadInput
from tenban.video.packets import SoundPacket
from tenban.video.sound import RATES, aac_coding, frame_samples, opus_coding, position_of
from tenban.video.sound_words import SoundTold, codec_name

_MOST_WAITING = 2_000
_ADTS_BYTES = 7


class DemuxedSound:
    """Takes packets of a demuxer's sound; its times and the pictures' are already joined there.

    Args:
        camera: the camera's id.
        streams: the demuxer's streams of sound, maybe none.

    Attributes:
        stream: the one that is taken; None: none.
        told: how it is coded, or why it is not taken.
    """

    def __init__(self, camera: str, streams: Sequence[Any]) -> None:
        self._camera = camera
        self._waiting: deque[SoundPacket] = deque()
        self._next: int | None = None
        told = [(one, _told(one)) for one in streams]
        self.stream: Any
        self.stream, self.told = next(
            ((one, known) for one, known in told if known.coding is not None),
            (None, told[0][1] if told else SoundTold()),
        )

    def take(self, packet: Any, shift_ticks: Instant = 0) -> None:
        """Take in a packet; ``shift_ticks`` is how far the pictures' times were set on."""
        coding = self.told.coding
        if coding is None or not packet.size:
            return
        data = _bare(bytes(packet)) if coding.codec == "aac" else bytes(packet)
        duration = frame_samples(coding, data)
        if not duration:
            return  # Policy: what is no frame costs itself; the gap is filled with silence.
        if packet.pts is not None and packet.time_base is not None:
            at = round(packet.pts * packet.time_base * coding.rate) + position_of(shift_ticks, coding.rate)
            # Containers round times; what lies within a millisecond of the end of the last one follows it.
            if self._next is None or abs(at - self._next) > coding.rate // 1000 + 1:
                self._next = at
        if self._next is None:
            return
        self._waiting.append(SoundPacket(self._camera, self._next, duration, data))
        self._next += duration
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.popleft()

    def ready(self) -> list[SoundPacket]:
        """Return what has come since it was asked last."""
        some = list(self._waiting)
        self._waiting.clear()
        return some


def _told(stream: Any) -> SoundTold:
    name, extradata = stream.codec_context.name, stream.codec_context.extradata or b""
    try:
        if name in {"opus", "libopus"}:
            return SoundTold(opus_coding(min(2, max(1, stream.codec_context.channels))))
        if name == "aac" and extradata:
            return SoundTold(aac_coding(extradata))
        if name == "aac":
            return SoundTold(aac_coding(_config(stream)))
    except BadInput as error:
        return SoundTold(None, "codec", f"AAC ({error.came})")
    return SoundTold(None, "codec", codec_name(name))


def _config(stream: Any) -> bytes:
    """Return the AudioSpecificConfig of AAC whose frames carry ADTS heads (MPEG-TS): LC, rate, channels."""
    rate, channels = int(stream.codec_context.sample_rate), int(stream.codec_context.channels)
    if rate not in RATES:
        raise BadInput("AAC", expected="a usual rate", came=f"{rate} Hz")
    return (2 << 11 | RATES.index(rate) << 7 | channels << 3).to_bytes(2, "big")


def _bare(data: bytes) -> bytes:
    """Return a frame without its ADTS head (ISO/IEC 13818-7, 6.2)."""
    if len(data) > _ADTS_BYTES and data[0] == 0xFF and data[1] & 0xF6 == 0xF0:
        return data[_ADTS_BYTES if data[1] & 1 else _ADTS_BYTES + 2 :]
    return data
