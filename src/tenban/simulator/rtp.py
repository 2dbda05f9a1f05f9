"""RTP packets of H.264 and H.265 (RFC 3550, RFC 6184, RFC 7798), and the RTCP sender reports with them.

Pure: bytes in, bytes out. Access units come as Annex B (ITU-T H.264, H.265): NAL units behind start codes.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass

from tenban.base.clock import SECOND, Instant

RTP_CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96
MAX_PAYLOAD_BYTES = 1_400

_NAL_SPS, _NAL_PPS, _NAL_AUD, _NAL_FU_A = 7, 8, 9, 28
_NAL_VPS_265, _NAL_SPS_265, _NAL_PPS_265, _NAL_AUD_265, _NAL_FU_265 = 32, 33, 34, 35, 49
_NTP_EPOCH_S = 2_208_988_800  # from 1900, where NTP begins, to 1970


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """One encoded picture.

    Attributes:
        data: the access unit, Annex B; parameter sets may be inside.
        captured_at: when the picture was taken; RTP time stamps follow from it.
        keyframe: the picture can be decoded without any before it.
    """

    data: bytes
    captured_at: Instant
    keyframe: bool


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a session description says of a stream.

    Attributes:
        sps: sequence parameter set, without start code.
        pps: picture parameter set, without start code.
        fps: pictures per second, as announced.
        vps: video parameter set of H.265, without start code; empty: the stream is H.264.
    """

    sps: bytes
    pps: bytes
    fps: float
    vps: bytes = b""

    @property
    def is_h265(self) -> bool:
        """Whether the stream is H.265."""
        return bool(self.vps)

    @classmethod
    def of_keyframe(cls, annex_b: bytes, *, fps: float) -> StreamInfo:
        """Take the parameter sets from a keyframe or an encoder's extradata.

        Raises:
            ValueError: there is no SPS or no PPS inside.
        """
        by_type = {nal[0] & 0x1F: nal for nal in split_nals(annex_b)}
        if _NAL_SPS not in by_type or _NAL_PPS not in by_type:
            raise ValueError(f"expected SPS and PPS in Annex B, got NAL units of types {sorted(by_type)}")
        return cls(sps=by_type[_NAL_SPS], pps=by_type[_NAL_PPS], fps=fps)

    @classmethod
    def of_h265_keyframe(cls, annex_b: bytes, *, fps: float) -> StreamInfo:
        """Take the parameter sets of H.265 from a keyframe or an encoder's extradata.

        Raises:
            ValueError: one of the three sets is missing.
        """
        by_type = {nal[0] >> 1 & 0x3F: nal for nal in split_nals(annex_b)}
        try:
            vps, sps, pps = (by_type[kind] for kind in (_NAL_VPS_265, _NAL_SPS_265, _NAL_PPS_265))
        except KeyError as error:
            found = sorted(by_type)
            raise ValueError(
                f"expected VPS, SPS and PPS in Annex B, got NAL units of types {found}"
            ) from error
        return cls(sps=sps, pps=pps, fps=fps, vps=vps)


def split_nals(annex_b: bytes) -> list[bytes]:
    """Return the NAL units between the start codes ``00 00 01`` and ``00 00 00 01``, empty ones left out."""
    parts = annex_b.split(b"\x00\x00\x01")[1:]
    # A zero before the next start code is its leading byte or padding; no NAL unit ends in zero (7.4.1).
    return [nal for part in parts if (nal := part.rstrip(b"\x00"))]


def rtp_time(captured_at: Instant) -> int:
    """Return the instant on the RTP clock, modulo 2³²."""
    return captured_at * RTP_CLOCK_HZ // SECOND & 0xFFFFFFFF


def packetise(packet: VideoPacket, *, first_seq: int, ssrc: int, is_h265: bool = False) -> list[bytes]:
    """Return the RTP packets of one access unit: single NAL unit or FU-A (FU of H.265), marker on the last.

    Args:
        packet: the encoded picture.
        first_seq: sequence number of the first RTP packet; the others follow, modulo 2¹⁶.
        ssrc: synchronisation source, 32 bits.
        is_h265: the unit is H.265, not H.264.
    """
    nals = split_nals(packet.data)
    if is_h265:
        parts = [_payloads_h265(nal) for nal in nals if nal[0] >> 1 & 0x3F != _NAL_AUD_265]
    else:
        parts = [_payloads(nal) for nal in nals if nal[0] & 0x1F != _NAL_AUD]
    payloads = [payload for one in parts for payload in one]
    time = rtp_time(packet.captured_at)
    last = len(payloads) - 1
    return [
        struct.pack(
            ">BBHII",
            0x80,
            PAYLOAD_TYPE | (0x80 if i == last else 0),
            (first_seq + i) & 0xFFFF,
            time,
            ssrc,
        )
        + payload
        for i, payload in enumerate(payloads)
    ]


def _payloads(nal: bytes) -> list[bytes]:
    if len(nal) <= MAX_PAYLOAD_BYTES:
        return [nal]
    indicator = nal[0] & 0xE0 | _NAL_FU_A
    kind = nal[0] & 0x1F
    room = MAX_PAYLOAD_BYTES - 2
    pieces = [nal[i : i + room] for i in range(1, len(nal), room)]
    last = len(pieces) - 1
    return [
        bytes((indicator, (0x80 if i == 0 else 0) | (0x40 if i == last else 0) | kind)) + piece
        for i, piece in enumerate(pieces)
    ]


def _payloads_h265(nal: bytes) -> list[bytes]:
    if len(nal) <= MAX_PAYLOAD_BYTES:
        return [nal]
    head = bytes((nal[0] & 0x81 | _NAL_FU_265 << 1, nal[1]))
    kind = nal[0] >> 1 & 0x3F
    room = MAX_PAYLOAD_BYTES - 3
    pieces = [nal[i : i + room] for i in range(2, len(nal), room)]
    last = len(pieces) - 1
    return [
        head + bytes([(0x80 if i == 0 else 0) | (0x40 if i == last else 0) | kind]) + piece
        for i, piece in enumerate(pieces)
    ]


def sender_report(*, ssrc: int, wall_at: Instant, packets: int, octets: int) -> bytes:
    """Return a compound RTCP packet: sender report and CNAME (RFC 3550, sections 6.4.1 and 6.5.1).

    It tells that ``wall_at`` on the wall clock is ``rtp_time(wall_at)`` on the RTP clock.
    """
    whole_s, rest_us = divmod(wall_at, SECOND)
    report = struct.pack(
        ">BBHIIIIII",
        0x80,
        200,
        6,
        ssrc,
        (whole_s + _NTP_EPOCH_S) & 0xFFFFFFFF,
        (rest_us << 32) // SECOND,
        rtp_time(wall_at),
        packets & 0xFFFFFFFF,
        octets & 0xFFFFFFFF,
    )
    name = b"tenban"
    items = bytes((1, len(name))) + name
    items += bytes(4 - len(items) % 4)
    description = struct.pack(">BBHI", 0x81, 202, 1 + len(items) // 4, ssrc) + items
    return report + description


def describe(info: StreamInfo, *, control_url: str, address: str) -> str:
    """Return the session description (SDP, RFC 8866) of a stream."""
    name = "H265" if info.is_h265 else "H264"
    lines = [
        "v=0",
        f"o=- 0 0 IN IP4 {address}",
        "s=Tenban camera",
        f"c=IN IP4 {address}",
        "t=0 0",
        f"a=control:{control_url}",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {name}/{RTP_CLOCK_HZ}",
        f"a=fmtp:{PAYLOAD_TYPE} {_format(info)}",
        f"a=framerate:{info.fps:g}",
        f"a=control:{control_url}/video",
    ]
    return "\r\n".join(lines) + "\r\n"


def _format(info: StreamInfo) -> str:
    def coded(nal: bytes) -> str:
        return base64.b64encode(nal).decode()

    if info.is_h265:
        return f"sprop-vps={coded(info.vps)};sprop-sps={coded(info.sps)};sprop-pps={coded(info.pps)}"
    sets = f"{coded(info.sps)},{coded(info.pps)}"
    return f"packetization-mode=1;profile-level-id={info.sps[1:4].hex().upper()};sprop-parameter-sets={sets}"
