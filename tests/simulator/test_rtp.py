"""RTP packets and RTCP reports, byte by byte."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenban.simulator.rtp import (
    MAX_PAYLOAD_BYTES,
    StreamInfo,
    VideoPacket,
    packetise,
    rtp_time,
    sender_report,
    split_nals,
)

START = b"\x00\x00\x00\x01"
NALS = st.lists(
    st.builds(
        lambda kind, body: bytes((0x60 | kind,)) + body,
        st.sampled_from([1, 5, 6, 7, 8]),
        st.binary(min_size=1, max_size=6_000).map(lambda body: body.replace(b"\x00", b"\x01")),
    ),
    min_size=1,
    max_size=5,
)


def reassemble(packets: list[bytes]) -> list[bytes]:
    nals: list[bytes] = []
    for packet in packets:
        payload = packet[12:]
        if payload[0] & 0x1F != 28:
            nals.append(payload)
        elif payload[1] & 0x80:
            nals.append(bytes((payload[0] & 0xE0 | payload[1] & 0x1F,)) + payload[2:])
        else:
            nals[-1] += payload[2:]
    return nals


@given(nals=NALS, first_seq=st.integers(0, 0xFFFF))
@settings(deadline=None)
def test_what_is_packetised_can_be_put_together_again(nals: list[bytes], first_seq: int) -> None:
    """Packets carry every NAL unit, number on without gaps, fit the size and mark only the last."""
    unit = VideoPacket(b"".join(START + nal for nal in nals), captured_at=1_000_000, keyframe=True)
    packets = packetise(unit, first_seq=first_seq, ssrc=7)
    assert reassemble(packets) == nals
    heads = [struct.unpack(">BBHII", packet[:12]) for packet in packets]
    assert [head[2] for head in heads] == [(first_seq + i) & 0xFFFF for i in range(len(packets))]
    assert [head[1] >> 7 for head in heads] == [0] * (len(packets) - 1) + [1]
    assert all(len(packet) <= MAX_PAYLOAD_BYTES + 12 for packet in packets)
    assert {(head[3], head[4]) for head in heads} == {(90_000, 7)}


def test_both_start_codes_part_nal_units() -> None:
    """Three- and four-byte start codes are the same to the splitter."""
    assert split_nals(b"\x00\x00\x00\x01\x67ab\x00\x00\x01\x68c") == [b"\x67ab", b"\x68c"]


def test_a_stream_without_parameter_sets_is_refused() -> None:
    """A keyframe that brings no SPS cannot be described."""
    with pytest.raises(ValueError, match="expected SPS and PPS"):
        StreamInfo.of_keyframe(START + b"\x65abc", fps=15)


def test_a_sender_report_ties_wall_clock_to_rtp_clock() -> None:
    """The NTP time and the RTP time of a report name the same instant."""
    wall_at = 1_795_312_800_250_000
    report = sender_report(ssrc=9, wall_at=wall_at, packets=3, octets=400)
    _, kind, length, ssrc, ntp_s, ntp_fraction, time = struct.unpack(">BBHIIII", report[:20])
    assert (kind, length, ssrc) == (200, 6, 9)
    assert ntp_s - 2_208_988_800 == 1_795_312_800
    assert ntp_fraction == 1 << 30
    assert time == rtp_time(wall_at)
    assert len(report) % 4 == 0
