"""Sound: what codings are, how frames wait for their pictures, what stands for those that are missing."""

from __future__ import annotations

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounding import encoder_or_skip
from tenban.base.errors import BadInput
from tenban.video.packets import SoundCoding, SoundPacket
from tenban.video.sound import (
    SoundHeld,
    aac_coding,
    frame_samples,
    opus_coding,
    position_of,
    silence,
    ticks_of,
)
from tenban.video.sound_decoder import SoundDecoder
from tenban.video.sound_mp4 import read_coding, read_fragment, segment_track, sound_fragment

AAC = aac_coding(bytes.fromhex("1188"))
STEREO = aac_coding(bytes.fromhex("1210"))


def test_the_configuration_of_aac_says_rate_and_channels() -> None:
    """Two bytes say it all; what is not AAC-LC of one or two channels is refused in words."""
    assert (AAC.rate, AAC.channels) == (48_000, 1)
    assert (STEREO.rate, STEREO.channels) == (44_100, 2)
    for other in ("", "2b11", "11b0", "1188"[:2]):
        with pytest.raises(BadInput, match="AAC"):
            aac_coding(bytes.fromhex(other))


@pytest.mark.parametrize("coding", [AAC, STEREO, opus_coding(1), opus_coding(2)])
def test_silence_decodes_to_silence(coding: SoundCoding) -> None:
    """What stands for missing sound is a frame like any other, and nothing is heard of it."""
    encoder_or_skip("aac")
    data, duration = silence(coding)
    assert frame_samples(coding, data) == duration
    context = SoundDecoder(coding)
    assert all(context.takes(data) for _ in range(3))
    decoder = av.CodecContext.create(coding.codec, "r")
    decoder.extradata = coding.config if coding.codec == "aac" else None
    if coding.codec == "aac":
        frames = [frame for _ in range(3) for frame in decoder.decode(av.Packet(data))]
        assert all(frame.samples == duration for frame in frames)
        assert all(not frame.to_ndarray().any() for frame in frames)


@given(st.binary(max_size=40))
def test_the_length_of_an_opus_packet_is_that_of_the_standard_or_nothing(data: bytes) -> None:
    """Never more than 120 ms, whatever the bytes (RFC 6716, section 3.2.5)."""
    samples = frame_samples(opus_coding(1), data)
    assert 0 <= samples <= 5_760


@given(
    st.integers(-(10**6), 10**6),
    st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=30)), min_size=1, max_size=30),
    st.integers(0, 10**9),
)
def test_a_fragment_of_sound_is_read_as_it_was_written(
    since: int, frames: list[tuple[int, bytes]], start_dts: int
) -> None:
    """Position, sizes and gaps come back, also of sound from before its file's first picture."""
    from tenban.video.samples import Sample

    position = position_of(start_dts, AAC.rate) + since
    samples = [Sample(len(data), 1024, gap, is_keyframe=True) for gap, data in frames]
    boxes = sound_fragment(AAC, samples, sequence=3, position=position, start_dts=start_dts)
    length = int.from_bytes(boxes[:4], "big")
    assert read_fragment(AAC, boxes[:length], start_dts) == (position, tuple(samples))
    assert int.from_bytes(boxes[length : length + 4], "big") == 8 + sum(one.size for one in samples)


@pytest.mark.parametrize("coding", [AAC, STEREO, opus_coding(1), opus_coding(2)])
def test_a_file_says_how_its_sound_is_coded(coding: SoundCoding) -> None:
    """What a segment's beginning says is read back."""
    assert read_coding(segment_track(coding, 0)[0]) == coding
    assert read_coding(b"") is None


def test_sound_goes_with_the_fragment_of_its_moment_or_a_later_one() -> None:
    """Sound of later pictures waits; what comes late goes with the next; what is far too late is left out."""
    held = SoundHeld(AAC)
    for number in range(94):
        held.add(SoundPacket("cam", number * 1024, 1024, b"x"))
    first = held.take(0, 90_000)
    assert first is not None
    assert (first.start, len(first.samples)) == (0, 47)
    second = held.take(90_000, 180_000)
    assert second is not None
    assert second.start == 47 * 1024
    late = SoundHeld(AAC)
    late.add(SoundPacket("cam", 0, 1024, b"old"))
    late.add(SoundPacket("cam", 96_000, 1024, b"late"))
    kept = late.take(ticks_of(120_000, 48_000), ticks_of(144_000, 48_000))
    assert kept is not None
    assert (kept.parts, late.left_out) == ((b"late",), 1)
    assert late.take(0, 10) is None


@given(st.lists(st.tuples(st.integers(0, 200_000), st.integers(1, 3000)), max_size=60))
def test_whatever_comes_is_kept_in_order_with_gaps_that_add_up(packets: list[tuple[int, int]]) -> None:
    """Frames that come twice or back in time are left out; positions are the sum of lengths and gaps."""
    held = SoundHeld(AAC)
    for position, duration in packets:
        held.add(SoundPacket("cam", position, duration, b"x"))
    part = held.take(0, 10**9)
    if part is None:
        assert not packets
        return
    at = part.start
    for one in part.samples:
        assert one.duration + one.offset > 0
        at += one.duration + one.offset
    assert len(part.samples) + held.left_out == len(packets)
