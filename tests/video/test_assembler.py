"""Runs begin where they must: at keyframes, after jumps, and where the camera changes its coding."""

from __future__ import annotations

from itertools import pairwise

from tenban.base.clock import SECOND
from tenban.video.assembler import Assembler, RawPacket
from tenban.video.nal import split_sample
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.timing import Arrival

T0 = 1_795_312_800 * SECOND
SPS = bytes.fromhex("6742c016da0280bfe584000003000400000300f23c58ba80")
SPS_LARGE = bytes.fromhex("6742c01fda014016ec0440000003004000000f03c60ca8")
PPS = bytes.fromhex("68ce3c80")
CODE = b"\x00\x00\x00\x01"


def raw(number: int, *, key: bool = False, sps: bytes = SPS, shift: int = 0, wall_us: int = 0) -> RawPacket:
    parameters = CODE + sps + CODE + PPS if key else b""
    picture = CODE + (b"\x65" if key else b"\x41") + b"%d" % number
    at = number * SECOND // 15
    return RawPacket(number * 6000 + shift, None, key, parameters + picture, Arrival(T0 + at + wall_us, at))


def assembler(**more: object) -> Assembler:
    runs = iter(range(100))
    return Assembler("cam", extradata=b"", new_run=lambda at: f"run-{next(runs)}", **more)  # type: ignore[arg-type]


def test_pictures_before_the_first_keyframe_are_left_out_and_counted() -> None:
    """A run begins at a keyframe that brings its parameter sets."""
    one = assembler()
    for number in range(3):
        assert one.add(raw(number)) == []
    messages = one.add(raw(3, key=True)) + one.flush()
    assert isinstance(messages[0], StreamInfo)
    assert [m.is_keyframe for m in messages[1:] if isinstance(m, MediaPacket)] == [True]
    assert one.before_keyframe == 3


def test_new_parameter_sets_begin_a_new_run() -> None:
    """A camera that changes its resolution gets a new run with the new size, and loses no picture."""
    one = assembler()
    messages = []
    for number in range(10):
        messages += one.add(raw(number, key=number % 5 == 0, sps=SPS if number < 5 else SPS_LARGE))
    messages += one.flush()
    infos = [m for m in messages if isinstance(m, StreamInfo)]
    assert [info.run for info in infos] == ["run-0", "run-1"]
    assert infos[0].width != infos[1].width
    assert sum(isinstance(m, MediaPacket) for m in messages) == 10
    assert one.new_run_because == "the camera changed its parameter sets"


def test_a_jump_of_stream_time_begins_a_new_run_at_the_next_keyframe() -> None:
    """After a jump pictures up to the next keyframe are left out; times go on by our clock."""
    one = assembler()
    messages = []
    for number in range(30):
        messages += one.add(raw(number, key=number % 10 == 0, shift=0 if number < 15 else 90_000_000))
    messages += one.flush()
    packets = [m for m in messages if isinstance(m, MediaPacket)]
    assert [m.run for m in messages if isinstance(m, StreamInfo)] == ["run-0", "run-1"]
    assert len(packets) == 25
    for packet, number in zip(packets, [*range(15), *range(20, 30)], strict=True):
        assert abs(packet.captured_at - T0 - number * SECOND // 15) < SECOND // 100
    assert {after.dts - before.dts for before, after in pairwise(packets[15:])} == {6000}


def test_a_step_of_the_wall_clock_begins_a_new_run() -> None:
    """After the wall clock was set back an hour, new pictures carry the new time."""
    one = assembler()
    messages = []
    for number in range(30):
        back_us = 0 if number < 15 else -3600 * SECOND
        messages += one.add(raw(number, key=number % 5 == 0, wall_us=back_us))
    messages += one.flush()
    packets = [m for m in messages if isinstance(m, MediaPacket)]
    assert one.new_run_because == "the wall clock was set"
    assert packets[-1].captured_at < T0
    assert len(packets) == 30


def test_a_length_that_looks_like_a_start_code_is_a_length() -> None:
    """In AVCC form a unit of 256 to 511 bytes begins with 00 00 01, as a start code would."""
    record = bytes([1]) + SPS[1:4] + b"\xff\xe1" + len(SPS).to_bytes(2, "big") + SPS
    record += b"\x01" + len(PPS).to_bytes(2, "big") + PPS
    one = Assembler("cam", extradata=record, new_run=lambda at: "run", anchored_at=T0)
    unit = b"\x65" + b"\xaa" * 300
    data = len(unit).to_bytes(4, "big") + unit
    messages = one.add(RawPacket(0, 0, True, data, Arrival(T0, 0)))
    assert isinstance(messages[1], MediaPacket)
    assert list(split_sample(messages[1].data)) == [unit]


def test_a_broken_picture_costs_only_itself() -> None:
    """A sample whose lengths lie is counted and left out."""
    record = bytes([1]) + SPS[1:4] + b"\xff\xe1" + len(SPS).to_bytes(2, "big") + SPS
    record += b"\x01" + len(PPS).to_bytes(2, "big") + PPS
    one = Assembler("cam", extradata=record, new_run=lambda at: "run", anchored_at=T0)
    assert one.add(RawPacket(0, 0, True, b"\x00\x00\xff\xffshort", Arrival(T0, 0))) == []
    assert one.damaged == 1
    assert len(one.add(RawPacket(6000, 6000, True, b"\x00\x00\x00\x02\x65x", Arrival(T0, 0)))) == 2
