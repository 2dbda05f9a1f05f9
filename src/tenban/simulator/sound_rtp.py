"""RTP packets of sound as cameras send them: AAC-hbr (RFC 3640) and Opus (RFC 7587). Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tenban.base.clock import SECOND, Instant
from tenban.simulator.rtp import sender_report

PAYLOAD_TYPE = 97


@dataclass(frozen=True, slots=True)
class SoundInfo:
    """What a session description says of the sound.

    Attributes:
        codec: ``aac``, ``opus``, or any other name, for cameras that send what is not recorded.
        rate: of its RTP clock.
        channels: 1 or 2.
        config: AAC's AudioSpecificConfig.
    """

    codec: str
    rate: int
    channels: int = 1
    config: bytes = b""


@dataclass(frozen=True, slots=True)
class SoundUnit:
    """One coded frame, and the time of its first sample on the RTP clock."""

    data: bytes
    timestamp: int


def sound_time(at: Instant, rate: int) -> int:
    """Return an instant on a sound's RTP clock, without the wrap-around."""
    return at * rate // SECOND


def packetise_sound(info: SoundInfo, unit: SoundUnit, *, seq: int, ssrc: int) -> bytes:
    """Return the RTP packet of one frame."""
    head = struct.pack(">BBHII", 0x80, PAYLOAD_TYPE | 0x80, seq & 0xFFFF, unit.timestamp & 0xFFFFFFFF, ssrc)
    if info.codec == "aac":
        return head + struct.pack(">HH", 16, len(unit.data) << 3) + unit.data
    return head + unit.data


def describe_sound(info: SoundInfo, *, control_url: str) -> str:
    """Return the lines a session description has of the sound."""
    if info.codec == "aac":
        name = f"MPEG4-GENERIC/{info.rate}/{info.channels}"
        fmtp = "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3"
        fmtp += f";config={info.config.hex().upper()}"
    elif info.codec == "opus":
        name, fmtp = "opus/48000/2", f"sprop-stereo={info.channels - 1}"
    else:
        name, fmtp = f"{info.codec}/{info.rate}/{info.channels}", ""
    lines = [f"m=audio 0 RTP/AVP {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} {name}"]
    lines += [f"a=fmtp:{PAYLOAD_TYPE} {fmtp}"] if fmtp else []
    return "\r\n".join([*lines, f"a=control:{control_url}/audio"]) + "\r\n"


def sound_report(info: SoundInfo, *, ssrc: int, wall_at: Instant) -> bytes:
    """Return a sender report of the sound: ``wall_at`` is :func:`sound_time` on its clock."""
    report = sender_report(ssrc=ssrc, wall_at=wall_at, packets=0, octets=0)
    stamp = sound_time(wall_at, info.rate) & 0xFFFFFFFF
    return report[:16] + stamp.to_bytes(4, "big") + report[20:]
