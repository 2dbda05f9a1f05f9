"""What a camera sends, in the one form the rest of the package works with.

Stream times count in ticks of 1/90000 s whatever the source used, because RTP and MPEG-TS count so and
every usual frame rate comes out whole. Pictures are H.264 or H.265 as samples (ISO/IEC 14496-15):
each NAL unit behind its length in four bytes; parameter sets stand in the configuration record alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tenban.base.clock import SECOND, Instant

TICKS_PER_S = 90_000


def ticks_to_us(ticks: int) -> Instant:
    """Return a length in microseconds, rounded to the nearest."""
    return (ticks * 100 + 4) // 9


def us_to_ticks(length_us: int) -> int:
    """Return a length in ticks, rounded to the nearest."""
    return (length_us * TICKS_PER_S + SECOND // 2) // SECOND


@dataclass(frozen=True, slots=True)
class RunStart:
    """How a run began, by both clocks.

    Attributes:
        wall_at: when its first packet came, by the wall clock.
        monotonic_us: the same moment by the clock that is never set, from the machine's start.
        why: why a new run began.
        step_us: by how much our wall clock was set since the run before; negative: back; mostly 0.
    """

    wall_at: Instant
    monotonic_us: int
    why: str
    step_us: int = 0


@dataclass(frozen=True, slots=True)
class SoundCoding:
    """How sound is coded.

    Attributes:
        codec: ``aac`` (AAC-LC) or ``opus``.
        rate: in how many parts of a second its times count: AAC's sampling rate, 48000 for Opus.
        channels: 1 or 2.
        config: the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), or the contents of ``dOps``.
    """

    codec: str
    rate: int
    channels: int
    config: bytes


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What is needed to decode the packets that follow; its arrival begins a new run.

    Attributes:
        camera: the camera's id.
        run: an uninterrupted piece of one stream; stream times of two runs cannot be compared.
        codec: ``h264`` or ``h265``; :func:`tenban.video.coding.coding_of` knows what follows from it.
        width: in pixels.
        height: in pixels.
        avcc: the decoder's configuration record (ISO/IEC 14496-15): ``avcC`` of H.264, ``hvcC`` of H.265.
        start: how the run began; None where that is not known here.
        sound: how the sound that goes with the pictures is coded; None where there is none.
    """

    camera: str
    run: str
    codec: str
    width: int
    height: int
    avcc: bytes
    start: RunStart | None = field(default=None, compare=False)
    sound: SoundCoding | None = None


@dataclass(slots=True)
class MediaPacket:
    """One coded picture.

    Attributes:
        camera: the camera's id.
        captured_at: when the picture was taken, by our clock.
        pts: when it is shown, in ticks of the run.
        dts: when it is decoded, in ticks of the run; grows from packet to packet.
        duration: an estimate in ticks; the next packet's ``dts`` says it exactly.
        is_keyframe: decoding may begin here.
        data: the picture as a sample: each NAL unit behind its length in four bytes.
        ahead_us: our wall clock less our monotonic one when it came; None where that is not known here.
    """

    camera: str
    captured_at: Instant
    pts: int
    dts: int
    duration: int
    is_keyframe: bool
    data: bytes
    ahead_us: int | None = None


@dataclass(frozen=True, slots=True)
class SoundPacket:
    """One coded frame of sound.

    Attributes:
        camera: the camera's id.
        position: of its first sample, in samples from where the pictures' stream time is zero.
        duration: in samples.
        data: the frame, as its coding has it.
    """

    camera: str
    position: int
    duration: int
    data: bytes
