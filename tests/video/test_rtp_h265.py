"""RTP packets of H.265 become pictures, whole and in order, whatever is lost or broken."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.simulator.rtp import StreamInfo, VideoPacket, describe, packetise
from tenban.video.nal import split_annex_b
from tenban.video.rtp_h265 import H265Depacketizer
from tenban.video.rtsp_words import video_of

CODE = b"\x00\x00\x00\x01"

units = st.tuples(st.integers(0, 34), st.integers(1, 4000)).map(
    lambda one: bytes([one[0] << 1, 1]) + b"\xab" * one[1] + b"\x80"
)


def rtp(sequence: int, stamp: int, payload: bytes, *, last: bool = True) -> bytes:
    return struct.pack(">BBHII", 0x80, 96 | (0x80 if last else 0), sequence & 0xFFFF, stamp, 7) + payload


@given(st.lists(st.lists(units, min_size=1, max_size=4), min_size=1, max_size=6), st.integers(0, 0xFFFF))
def test_what_a_camera_splits_is_put_together_again(pictures: list[list[bytes]], first: int) -> None:
    """Units of any kind and size come out as they went in, each picture with its own last packet."""
    one = H265Depacketizer()
    sequence = first
    for number, picture in enumerate(pictures):
        coded = VideoPacket(b"".join(CODE + unit for unit in picture), number * 66_667, keyframe=False)
        packets = packetise(coded, first_seq=sequence & 0xFFFF, ssrc=7, is_h265=True)
        sequence += len(packets)
        for packet in packets[:-1]:
            assert one.feed(packet) == []
        (made,) = one.feed(packets[-1])
        assert made.nals == picture
    assert (one.lost, one.refused) == (0, 0)


def test_an_aggregation_packet_holds_several_units() -> None:
    """Parameter sets often come so; what is cut short is left out."""
    parts = [b"\x40\x01vps", b"\x42\x01sps", b"\x44\x01pps"]
    payload = b"\x60\x01" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in parts)
    (made,) = H265Depacketizer().feed(rtp(1, 9000, payload))
    assert made.nals == parts
    (made,) = H265Depacketizer().feed(rtp(1, 9000, payload[:-1]))
    assert made.nals == parts[:-1]


def test_a_lost_packet_costs_its_unit_alone() -> None:
    """A unit with a hole is left out and counted, the next one is whole."""
    one = H265Depacketizer()
    one.feed(rtp(1, 9000, b"\x62\x01\x93begin", last=False))
    assert one.feed(rtp(3, 9000, b"\x62\x01\x53end")) == []
    assert one.lost == 1
    (made,) = one.feed(rtp(4, 15_000, b"\x02\x01next"))
    assert made.nals == [b"\x02\x01next"]


def test_packets_of_no_known_form_are_counted() -> None:
    """PACI packets, and payloads too short to be a unit."""
    one = H265Depacketizer()
    assert one.feed(rtp(1, 9000, b"\x64\x01\x00\x00what")) == one.feed(rtp(2, 9000, b"\x02")) == []
    assert one.refused == 2


@given(st.lists(st.binary(max_size=80), max_size=30))
def test_garbage_never_breaks_it(packets: list[bytes]) -> None:
    """Any bytes give pictures or nothing."""
    one = H265Depacketizer()
    for packet in packets:
        one.feed(packet)
        one.feed(b"\x80\xe0" + packet)


@pytest.mark.parametrize("more", ["", ";sprop-max-don-diff=0;tx-mode=SRST", ";sprop-max-don-diff=2"])
def test_a_description_tells_the_sets_and_whether_units_are_interleaved(more: str) -> None:
    """VPS, SPS and PPS in this order, from wherever they stand; decoding order numbers are noticed."""
    info = StreamInfo(sps=b"\x42\x01sps", pps=b"\x44\x01pps", fps=15, vps=b"\x40\x01vps")
    sdp = describe(info, control_url="rtsp://cam/live", address="127.0.0.1")
    media = video_of(sdp.replace("sprop-vps", f"profile-id=1{more};sprop-vps"), "rtsp://cam/live")
    assert media is not None
    assert media.codec == "H265"
    assert list(split_annex_b(media.parameters)) == [info.vps, info.sps, info.pps]
    assert media.is_interleaved == more.endswith("2")
    several = base64.b64encode(b"\x44\x01more").decode()
    listed = video_of(sdp.replace("sprop-pps=", f"sprop-pps={several},"), "rtsp://cam/live")
    assert listed is not None
    assert list(split_annex_b(listed.parameters))[2:] == [b"\x44\x01more", info.pps]
