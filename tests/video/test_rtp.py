"""RTP packets become pictures, whole, in order, at their last packet, whatever is lost or broken."""

from __future__ import annotations

import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tenban.simulator.rtp import VideoPacket, packetise
from tenban.video.rtp import Depacketizer

CODE = b"\x00\x00\x00\x01"

units = st.integers(1, 4000).map(lambda size: b"\x41" + b"\xab" * size + b"\x80")


def rtp(sequence: int, stamp: int, payload: bytes, *, last: bool = True, first: int = 0x80) -> bytes:
    return struct.pack(">BBHII", first, 96 | (0x80 if last else 0), sequence & 0xFFFF, stamp, 7) + payload


@given(st.lists(st.lists(units, min_size=1, max_size=4), min_size=1, max_size=6), st.integers(0, 0xFFFF))
def test_what_a_camera_splits_is_put_together_again(pictures: list[list[bytes]], first: int) -> None:
    """Units of any size come out as they went in, each picture with its own last packet."""
    one = Depacketizer()
    sequence = first
    for number, picture in enumerate(pictures):
        coded = VideoPacket(b"".join(CODE + unit for unit in picture), number * 66_667, keyframe=False)
        packets = packetise(coded, first_seq=sequence & 0xFFFF, ssrc=7)
        sequence += len(packets)
        for packet in packets[:-1]:
            assert one.feed(packet) == []
        (made,) = one.feed(packets[-1])
        assert made.nals == picture
    assert (one.lost, one.refused) == (0, 0)


def test_an_aggregation_packet_holds_several_units() -> None:
    """STAP-A is taken apart."""
    payload = b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in (b"\x67abc", b"\x68d"))
    (made,) = Depacketizer().feed(rtp(1, 9000, payload))
    assert made.nals == [b"\x67abc", b"\x68d"]


def test_a_picture_without_its_marker_ends_with_the_next_one() -> None:
    """Cameras that set no marker bit cost one picture of delay, no picture."""
    one = Depacketizer()
    assert one.feed(rtp(1, 9000, b"\x41one", last=False)) == []
    (made,) = one.feed(rtp(2, 15_000, b"\x41two", last=False))
    assert (made.timestamp, made.nals) == (9000, [b"\x41one"])


def test_time_goes_on_across_the_wrap_of_32_bits() -> None:
    """The timestamp of RTP starts over after thirteen hours; ours does not."""
    one = Depacketizer()
    times = [
        one.feed(rtp(n, (0xFFFFFFFF - 9000 + n * 6000) & 0xFFFFFFFF, b"\x41x"))[0].timestamp for n in range(4)
    ]
    assert [after - before for before, after in pairwise(times)] == [6000] * 3


def test_a_lost_packet_costs_its_unit_alone() -> None:
    """A unit with a hole is left out and counted, the next one is whole."""
    one = Depacketizer()
    one.feed(rtp(1, 9000, b"\x5c\x81begin", last=False))
    assert one.feed(rtp(3, 9000, b"\x5c\x41end")) == []
    assert one.lost == 1
    (made,) = one.feed(rtp(4, 15_000, b"\x41next"))
    assert made.nals == [b"\x41next"]


def test_extension_and_padding_are_no_picture() -> None:
    """Header extensions, contributing sources and padding are passed over."""
    body = b"\x00\x00\x00\x05" + b"\xbe\xde\x00\x01" + b"\xff" * 4 + b"\x41picture" + b"\x00\x00\x03"
    (made,) = Depacketizer().feed(rtp(1, 9000, body, first=0x80 | 0x20 | 0x10 | 0x01))
    assert made.nals == [b"\x41picture"]


@given(st.lists(st.binary(max_size=80), max_size=30))
def test_garbage_never_breaks_it(packets: list[bytes]) -> None:
    """Any bytes give pictures or nothing."""
    one = Depacketizer()
    for packet in packets:
        one.feed(packet)
        one.feed(b"\x80\xe0" + packet)
