"""The sound track of MP4 files: of segments, of clips, and how it is taken out of a clip.

Sources: ISO/IEC 14496-12; 14496-14 section 5.6 (``mp4a``, ``esds``); "Encapsulation of Opus in ISO Base Media
File Format" section 4.3 (``Opus``, ``dOps``). A clip's sound stands before its pictures in one ``mdat``.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tenban.base.clock import SECOND, Instant
from tenban.base.errors import BadInput
from tenban.video.mp4 import IDENTITY, TO_1904_S, box, chunk_table, full_box, numbers
from tenban.video.packets import SoundCoding
from tenban.video.samples import Sample
from tenban.video.sound import aac_coding, position_of

TRACK = 2
EARLY_UUID = bytes.fromhex("0d3c1a7e52f64b0c8e1b74656e62616e")
"""Marks the box that says by how much a fragment's sound begins before its file's first picture."""
_SYNC = 0x02000000


def segment_track(coding: SoundCoding, started_at: Instant) -> tuple[bytes, bytes]:
    """Return the ``trak`` and ``trex`` of a segment's sound."""
    tables = [full_box(kind, 0, 0, b"\0\0\0\0") for kind in (b"stts", b"stsc", b"stco")]
    tables.insert(2, full_box(b"stsz", 0, 0, b"\0" * 8))
    trex = full_box(b"trex", 0, 0, struct.pack(">5I", TRACK, 1, 0, 0, 0))
    return _track(coding, started_at, 0, 0, b"", tables), trex


def sound_fragment(
    coding: SoundCoding, samples: Sequence[Sample], *, sequence: int, position: int, start_dts: int
) -> bytes:
    """Return what stands before the sound of a fragment: a ``moof`` of its own and the head of an ``mdat``.

    Args:
        coding: of the sound.
        samples: the frames.
        sequence: counts the fragments of the file.
        position: of the first frame.
        start_dts: decoding time of the segment's first picture in ticks of the run.
    """
    decode = position - position_of(start_dts, coding.rate)
    # Sound that came late may belong before its file's first picture, where no file has a time for it.
    early = box(b"uuid", EARLY_UUID, (-decode).to_bytes(8, "big")) if decode < 0 else b""
    rows: list[int] = []
    for one in samples:
        rows += (max(0, one.duration + one.offset), one.size, _SYNC)
    moof_length = 8 + 16 + 8 + 16 + 20 + len(early) + 20 + 12 * len(samples)
    moof = box(
        b"moof",
        full_box(b"mfhd", 0, 0, sequence.to_bytes(4, "big")),
        box(
            b"traf",
            full_box(b"tfhd", 0, 0x020000, TRACK.to_bytes(4, "big")),
            full_box(b"tfdt", 1, 0, max(0, decode).to_bytes(8, "big")),
            early,
            full_box(b"trun", 0, 0x701, struct.pack(">II", len(samples), moof_length + 8), numbers(rows)),
        ),
    )
    return moof + (8 + sum(one.size for one in samples)).to_bytes(4, "big") + b"mdat"


def read_fragment(coding: SoundCoding, moof: bytes, start_dts: int) -> tuple[int, tuple[Sample, ...]] | None:
    """Return position and frames of a ``moof`` as :func:`sound_fragment` writes it; None: it is of pictures.

    The lengths of Opus frames stand in the frames; here each is taken to last until the next.
    """
    if moof[moof.index(b"tfhd") + 8 :][:4] != TRACK.to_bytes(4, "big"):
        return None
    (decode,) = struct.unpack_from(">Q", moof, moof.index(b"tfdt") + 8)
    early = moof.find(EARLY_UUID)
    if early >= 0:
        decode -= int.from_bytes(moof[early + 16 : early + 24], "big")
    trun = moof.index(b"trun")
    (count,) = struct.unpack_from(">I", moof, trun + 8)
    usual = 1024 if coding.codec == "aac" else 0
    samples = []
    for number in range(count):
        step, size, _ = struct.unpack_from(">III", moof, trun + 16 + 12 * number)
        samples.append(Sample(size, usual or step, step - (usual or step), is_keyframe=True))
    return decode + position_of(start_dts, coding.rate), tuple(samples)


def read_coding(moov: bytes) -> SoundCoding | None:
    """Return how the sound of a segment is coded; None where it has none, or none of ours.

    Args:
        moov: the contents of the box.
    """
    opus = moov.find(b"dOps")
    if opus >= 0:
        config = moov[opus + 4 : opus + 15]
        return SoundCoding("opus", 48_000, config[1], config)
    entry, place = moov.find(b"mp4a"), moov.find(b"esds")
    if entry < 0 or place < 0:
        return None
    config = _decoder_config(moov[place + 8 :])
    try:
        return aac_coding(config)
    except BadInput:
        return None  # Policy: sound that cannot be read is like none; pictures go on.


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """The sound of a clip.

    Attributes:
        coding: how it is coded.
        durations: of its frames, in samples.
        sizes: of its frames, in bytes.
        chunks: (number of frames, where they begin in bytes from the beginning of the media).
        length: bytes of sound in the file, silence with it.
        skip: samples that are decoded and not heard.
        shown_ticks: how long the clip is, in ticks of 1/90000 s.
    """

    coding: SoundCoding
    durations: tuple[int, ...]
    sizes: tuple[int, ...]
    chunks: tuple[tuple[int, int], ...]
    length: int
    skip: int
    shown_ticks: int

    def trak(self, start_at: Instant, first: int) -> bytes:
        """Return the track's box, for media that begins at a byte of the file."""
        runs: list[int] = []
        for duration, some in groupby(self.durations):
            runs += (sum(1 for _ in some), duration)
        starts = [first + start for _, start in self.chunks]
        tables = [
            full_box(b"stts", 0, 0, (len(runs) // 2).to_bytes(4, "big"), numbers(runs)),
            chunk_table([count for count, _ in self.chunks]),
            full_box(b"stsz", 0, 0, bytes(4), len(self.sizes).to_bytes(4, "big"), numbers(self.sizes)),
            full_box(b"co64", 0, 0, struct.pack(f">I{len(starts)}Q", len(starts), *starts)),
        ]
        edit = _edit(self.shown_ticks, self.skip)
        return _track(self.coding, start_at, self.shown_ticks, sum(self.durations), edit, tables)


def _edit(shown_ticks: int, skip: int) -> bytes:
    return box(b"edts", full_box(b"elst", 1, 0, struct.pack(">IQqI", 1, shown_ticks, skip, 0x10000)))


def _track(
    coding: SoundCoding, at: Instant, shown_ticks: int, length: int, edit: bytes, tables: list[bytes]
) -> bytes:
    created = at // SECOND + TO_1904_S
    tkhd = full_box(
        b"tkhd",
        1,
        3,
        struct.pack(">QQIIQ", created, created, TRACK, 0, shown_ticks),
        struct.pack(">8xHHH2x", 0, 0, 0x100),
        IDENTITY,
        bytes(8),
    )
    mdhd = full_box(b"mdhd", 1, 0, struct.pack(">QQIQHH", created, created, coding.rate, length, 0x55C4, 0))
    handler = full_box(b"hdlr", 0, 0, bytes(4), b"soun", bytes(12), b"sound\0")
    head = struct.pack(">6xH8xHHIHH", 1, coding.channels, 16, 0, coding.rate & 0xFFFF, 0)
    entry = (
        box(b"mp4a", head, _esds(coding.config))
        if coding.codec == "aac"
        else box(b"Opus", head, box(b"dOps", coding.config))
    )
    stsd = full_box(b"stsd", 0, 0, b"\0\0\0\1", entry)
    dinf = box(b"dinf", full_box(b"dref", 0, 0, b"\0\0\0\1", full_box(b"url ", 0, 1)))
    minf = box(b"minf", full_box(b"smhd", 0, 0, bytes(4)), dinf, box(b"stbl", stsd, *tables))
    return box(b"trak", tkhd, edit, box(b"mdia", mdhd, handler, minf))


def _esds(config: bytes) -> bytes:
    specific = b"\x05" + bytes([len(config)]) + config
    decoder = bytes([0x40, 0x15]) + bytes(11) + specific
    inner = struct.pack(">HB", TRACK, 0) + b"\x04" + bytes([len(decoder)]) + decoder + b"\x06\x01\x02"
    return full_box(b"esds", 0, 0, b"\x03" + bytes([len(inner)]) + inner)


def _decoder_config(esds: bytes) -> bytes:
    """Return the DecoderSpecificInfo of an ``esds`` as :func:`_esds` writes it."""
    place = 2 + 3 + 2 + 13  # two descriptors' heads, the first one's three bytes, the second one's thirteen
    if esds[:1] != b"\x03" or esds[place : place + 1] != b"\x05":
        return b""
    return esds[place + 2 : place + 2 + esds[place + 1]]
