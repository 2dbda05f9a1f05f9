"""The two ways in which cameras code their pictures, behind one door.

Whoever has a stream, a segment or a clip in hand asks :func:`coding_of` and needs not know more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from tenban.base.errors import BadInput
from tenban.video import h264, h265
from tenban.video.nal import AccessUnit, Sequence


@dataclass(frozen=True, slots=True)
class Coding:
    """How pictures are coded.

    Attributes:
        id: as the index and the wire name it.
        name: for people.
        ffmpeg: as FFmpeg names it.
        rtp: as a session description names it.
        entry: the box that describes a sample in MP4.
        record_box: the box in it that holds the configuration record.
        sets: the kinds of parameter sets without which nothing can be decoded.
        sequence_set: the kind that says how large the picture is.
        kind_of: tells what a NAL unit is.
        access_unit: sorts a picture's NAL units.
        build_record: makes the configuration record of parameter sets; raises BadInput.
        parameters_of: returns a configuration record's parameter sets; raises BadInput.
        read_sequence: reads a sequence parameter set; raises BadInput.
        codec_string: names the codec as browsers do (RFC 6381); raises BadInput.
    """

    id: str
    name: str
    ffmpeg: str
    rtp: str
    entry: bytes
    record_box: bytes
    sets: frozenset[int]
    sequence_set: int
    kind_of: Callable[[bytes], int]
    access_unit: Callable[[Iterable[bytes]], AccessUnit]
    build_record: Callable[[Iterable[bytes]], bytes]
    parameters_of: Callable[[bytes], tuple[bytes, ...]]
    read_sequence: Callable[[bytes], Sequence]
    codec_string: Callable[[bytes], str]

    def sequence_of(self, parameters: Iterable[bytes]) -> Sequence:
        """Read the first sequence parameter set among some sets.

        Raises:
            BadInput: there is none, or it breaks off.
        """
        for one in parameters:
            if self.kind_of(one) == self.sequence_set:
                return self.read_sequence(one)
        raise BadInput(f"{self.name} stream", expected="a sequence parameter set", came="none")


H264: Final = Coding(
    id="h264",
    name="H.264",
    ffmpeg="h264",
    rtp="H264",
    entry=b"avc1",
    record_box=b"avcC",
    sets=frozenset({h264.NAL_SPS, h264.NAL_PPS}),
    sequence_set=h264.NAL_SPS,
    kind_of=h264.kind_of,
    access_unit=h264.access_unit,
    build_record=h264.build_avcc,
    parameters_of=h264.parameters_of,
    read_sequence=h264.read_sps,
    codec_string=h264.codec_string,
)

H265: Final = Coding(
    id="h265",
    name="H.265",
    ffmpeg="hevc",
    rtp="H265",
    entry=b"hvc1",
    record_box=b"hvcC",
    sets=frozenset(h265.PARAMETER_SETS),
    sequence_set=h265.NAL_SPS,
    kind_of=h265.kind_of,
    access_unit=h265.access_unit,
    build_record=h265.build_record,
    parameters_of=h265.parameters_of,
    read_sequence=h265.read_sps,
    codec_string=h265.codec_string,
)

CODINGS: Final = (H264, H265)


def coding_of(name: str) -> Coding:
    """Return the coding that the index, FFmpeg or a session description calls so.

    Raises:
        BadInput: nothing that is recorded is called so.
    """
    for one in CODINGS:
        if name in {one.id, one.ffmpeg, one.rtp}:
            return one
    raise BadInput("coding of video", expected="H.264 or H.265", came=name or "nothing")
