"""H.264 is split, joined and understood as far as recording needs it, and nothing breaks on garbage."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.errors import BadInput
from tenban.video.h264 import (
    NAL_SPS,
    access_unit,
    build_avcc,
    parameters_of,
    read_sps,
)
from tenban.video.nal import split_annex_b, split_sample

SPS = bytes.fromhex("6742c016da0280bfe584000003000400000300f23c58ba80")
PPS = bytes.fromhex("68ce3c80")

nal_units = st.binary(min_size=1, max_size=600).map(
    lambda data: b"\x41" + data.replace(b"\x00", b"\x01") + b"\x80"
)


@given(st.lists(st.tuples(st.sampled_from([b"\x00\x00\x01", b"\x00\x00\x00\x01"]), nal_units)))
def test_a_byte_stream_splits_into_the_units_it_was_made_of(parts: list[tuple[bytes, bytes]]) -> None:
    """Start codes of three and four bytes separate units and belong to none."""
    stream = b"".join(code + unit for code, unit in parts)
    assert list(split_annex_b(stream)) == [unit for _, unit in parts]


@given(st.lists(nal_units))
def test_a_sample_holds_its_units_behind_their_lengths(units: list[bytes]) -> None:
    """What access_unit writes, split_sample reads, lengths of 256 to 511 bytes included."""
    assert list(split_sample(access_unit(units).data)) == units


@given(st.binary(max_size=300))
def test_garbage_is_split_or_refused_but_never_breaks(data: bytes) -> None:
    """Any bytes give units or a BadInput."""
    list(split_annex_b(data))
    for read in (lambda: list(split_sample(data)), lambda: parameters_of(data), lambda: read_sps(data)):
        with contextlib.suppress(BadInput):
            read()


def test_parameter_sets_leave_the_picture_for_the_record() -> None:
    """SPS and PPS stand in the configuration record alone, each once."""
    unit = access_unit([b"\x09\xf0", SPS, PPS, b"\x65picture", b"\x06note"])
    assert unit.is_keyframe
    assert unit.parameters == (SPS, PPS)
    assert list(split_sample(unit.data)) == [b"\x65picture", b"\x06note"]
    assert parameters_of(build_avcc([SPS, PPS, SPS])) == (SPS, PPS)


def test_a_stream_without_parameter_sets_says_what_is_missing() -> None:
    """A record needs both kinds."""
    with pytest.raises(BadInput, match="expected SPS and PPS, got 1 SPS, 0 PPS"):
        build_avcc([SPS])


@pytest.mark.parametrize("size", [(320, 180), (1280, 720), (1920, 1080), (638, 358)])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_the_size_and_the_reordering_are_those_the_encoder_was_given(
    size: tuple[int, int], b_frames: int, film: Callable[..., Any]
) -> None:
    """Width, height and reordering come out of the sequence parameter set."""
    with av.open(str(film(size=size, frames=3, b_frames=b_frames).path)) as container:
        extradata = container.streams.video[0].codec_context.extradata
    assert extradata is not None
    sps = next(one for one in parameters_of(extradata) if one[0] & 0x1F == NAL_SPS)
    read = read_sps(sps)
    assert (read.width, read.height) == size
    assert bool(read.reorder) == bool(b_frames)
