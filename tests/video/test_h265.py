"""H.265 is split, joined and understood as far as recording needs it, and nothing breaks on garbage."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.errors import BadInput
from tenban.video.coding import H264, H265, coding_of
from tenban.video.h265 import access_unit, build_record, codec_string, parameters_of, read_sps
from tenban.video.nal import split_sample

VPS = bytes.fromhex("40010c01ffff01600000030090000003000003003c959809")
SPS = bytes.fromhex(
    "42010101600000030090000003000003003ca00a080b9f596565924caf016a02020208000003000800000300f040"
)
PPS = bytes.fromhex("4401c172b46240")


@given(st.binary(max_size=300))
def test_garbage_is_read_or_refused_but_never_breaks(data: bytes) -> None:
    """Any bytes give a value or a BadInput."""
    access_unit([data] if data else [])
    for read in (parameters_of, read_sps, codec_string, lambda data: build_record([VPS, data, PPS])):
        with contextlib.suppress(BadInput):
            read(data)


@given(st.binary(min_size=1, max_size=60), st.integers(0, 60))
def test_a_changed_set_is_read_or_refused_but_never_breaks(change: bytes, at: int) -> None:
    """A sequence parameter set and a record with some bytes overwritten give a value or a BadInput."""
    record = build_record([VPS, SPS, PPS])
    for read, whole in ((read_sps, SPS), (parameters_of, record), (codec_string, record)):
        with contextlib.suppress(BadInput):
            read(whole[:at] + change + whole[at + len(change) :])


def test_parameter_sets_leave_the_picture_for_the_record() -> None:
    """VPS, SPS and PPS stand in the record alone, each once; delimiters, filling and other layers nowhere."""
    idr, note = b"\x26\x01picture", b"\x4e\x01note"
    other = [b"\x46\x01\x50", b"\x4c\x01\xff\x80", b"\x26\x09second view", b"\x26"]
    unit = access_unit([*other[:1], VPS, SPS, PPS, note, idr, *other[1:]])
    assert (unit.is_keyframe, unit.leans_back, unit.breaks) == (True, False, False)
    assert unit.parameters == (VPS, SPS, PPS)
    assert list(split_sample(unit.data)) == [note, idr]
    record = build_record([VPS, SPS, PPS, SPS])
    assert parameters_of(record) == (VPS, SPS, PPS)
    assert [record[23], record[22]] == [0x80 | 32, 3]


@pytest.mark.parametrize(
    ("kind", "is_keyframe", "leans_back", "breaks"),
    [
        (1, 0, 0, 0),
        (7, 0, 0, 0),
        (8, 0, 1, 0),
        (9, 0, 1, 0),
        (16, 1, 0, 1),
        (19, 1, 0, 0),
        (20, 1, 0, 0),
        (21, 1, 0, 0),
    ],
)
def test_kinds_of_pictures_are_told_apart(kind: int, is_keyframe: int, leans_back: int, breaks: int) -> None:
    """IDR, CRA and BLA begin a group; RASL pictures lean on what was before it."""
    unit = access_unit([bytes([kind << 1, 1]) + b"picture"])
    assert (unit.is_keyframe, unit.leans_back, unit.breaks) == (is_keyframe, leans_back, breaks)


def test_a_stream_without_parameter_sets_says_what_is_missing() -> None:
    """A record needs all three kinds."""
    with pytest.raises(BadInput, match="expected VPS, SPS and PPS, got 1 VPS, 1 SPS, 0 PPS"):
        build_record([VPS, SPS])
    with pytest.raises(BadInput, match=r"expected H\.264 or H\.265, got av1"):
        coding_of("av1")


def test_sets_that_fit_into_no_record_are_refused() -> None:
    """A set beyond 64 KiB, or a crowd of them, is no parameter set of a camera."""
    for coding, sets in ((H265, [VPS, SPS, PPS]), (H264, [b"\x67\x42\x00\x1f", b"\x68\xce"])):
        for wrong in ([sets[-1] + b"\x80" * 65_536], [sets[-1] + bytes([n]) for n in range(40)]):
            with pytest.raises(BadInput, match="parameter sets of 65535 bytes"):
                coding.build_record([*sets, *wrong])


def test_browsers_are_told_the_codec_by_its_name() -> None:
    """Profile, compatibility (bits reversed), tier and level, and constraints without trailing zeros."""
    record = build_record([VPS, SPS, PPS])
    assert codec_string(record) == "hvc1.1.6.L60.90"
    high = record[:1] + bytes.fromhex("6220000000b00000000000") + bytes([153]) + record[13:]
    assert codec_string(high) == "hvc1.A2.4.H153.B0"
    assert H264.codec_string(b"\x01\x64\x00\x1f") == "avc1.64001f"
    assert [coding_of(name) for name in ("h265", "hevc", "H265")] == [H265] * 3


@pytest.mark.parametrize("size", [(320, 180), (1280, 720), (1920, 1080), (638, 358)])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_the_size_and_the_reordering_are_those_the_encoder_was_given(
    size: tuple[int, int], b_frames: int, film: Callable[..., Any]
) -> None:
    """Width, height and reordering come out of the sequence parameter set, as FFmpeg reads them."""
    made = film(size=size, frames=3, b_frames=b_frames, codec="libx265")
    with av.open(str(made.path)) as container:
        extradata = container.streams.video[0].codec_context.extradata
    assert extradata is not None
    sets = parameters_of(extradata)
    read = H265.sequence_of(sets)
    assert (read.width, read.height) == size
    assert bool(read.reorder) == bool(b_frames)
    # FFmpeg's own record says the same up to the lengths of its arrays.
    mine = build_record(sets)
    assert mine[1:13] == extradata[1:13]
    assert mine[16:19] == extradata[16:19]
    assert mine[21] & 0x7F == extradata[21] & 0x7F
