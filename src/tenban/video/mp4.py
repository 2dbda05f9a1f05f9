"""MP4 as plain bytes: fragmented for segments, progressive for clips. No media is parsed or encoded.

Sources: ISO/IEC 14496-12 (boxes; 8.6.6 edit list, 8.8 movie fragments, 8.16.5 producer reference time)
and ISO/IEC 14496-15 sections 5.4.2 (``avc1``, ``avcC``) and 8.4.1 (``hvc1``, ``hvcC``). Every timescale
is 90000.
"""

from __future__ import annotations

import json
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, groupby

from tenban.base.clock import SECOND, Instant
from tenban.video.coding import H264, coding_of
from tenban.video.packets import TICKS_PER_S, StreamInfo
from tenban.video.samples import Sample

NOTE_UUID = bytes.fromhex("7b1c5f0e6c1d4b7d9f0a74656e62616e")
"""Marks the box in which a segment says which camera, run and stream time it belongs to."""

TO_1904_S = 2_082_844_800
_TO_1900_S = 2_208_988_800
IDENTITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_SYNC = 0x02000000
_NOT_SYNC = 0x01010000
_LARGEST_OFFSET = 0xFFFFFFFF


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box: its length, its kind, its contents."""
    return (8 + sum(map(len, parts))).to_bytes(4, "big") + kind + b"".join(parts)


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a box with a version and flags before its contents."""
    return box(kind, bytes([version]), flags.to_bytes(3, "big"), *parts)


def numbers(values: Iterable[int]) -> bytes:
    """Return numbers of four bytes each, big-endian."""
    # array is a C loop; struct.pack of a thousand arguments is five times slower.
    packed = array("I", values)
    if sys.byteorder == "little":
        packed.byteswap()
    return packed.tobytes()


def segment_start(
    info: StreamInfo,
    *,
    start_dts: int,
    started_at: Instant,
    monotonic_us: int | None = None,
    second: tuple[bytes, bytes] = (b"", b""),
) -> bytes:
    """Return the beginning of a segment file: it makes the fragments after it playable on their own.

    Args:
        info: how the pictures are coded.
        start_dts: decoding time of the first picture in ticks of the run.
        started_at: when it was taken.
        monotonic_us: the same by the clock that is never set.
        second: ``trak`` and ``trex`` of the sound; empty: there is none.
    """
    tables = [full_box(kind, 0, 0, b"\0\0\0\0") for kind in (b"stts", b"stsc", b"stco")]
    tables.insert(2, full_box(b"stsz", 0, 0, b"\0" * 8))
    trex = full_box(b"trex", 0, 0, struct.pack(">5I", 1, 1, 0, 0, 0))
    note = {"camera": info.camera, "run": info.run, "start_dts": start_dts}
    note |= {} if monotonic_us is None else {"monotonic_us": monotonic_us}
    return b"".join(
        [
            box(b"ftyp", b"iso6", b"\0\0\0\1", b"iso6", *_brands(info), b"mp41"),
            box(
                b"moov",
                _movie_header(started_at, 0),
                _track(info, started_at, 0, 0, b"", tables),
                second[0],
                box(b"mvex", trex, second[1]),
            ),
            box(b"uuid", NOTE_UUID, json.dumps(note, separators=(",", ":")).encode()),
        ]
    )


def fragment_head(
    samples: Sequence[Sample], *, sequence: int, decode_ticks: int, start_at: Instant, data_length: int
) -> bytes:
    """Return the boxes that stand before a fragment's samples in a segment file.

    Args:
        samples: the fragment's pictures.
        sequence: counts the fragments of the file from 1.
        decode_ticks: decoding time of the first picture from the segment's beginning.
        start_at: when the first picture was taken; written as NTP time, exact to the microsecond.
        data_length: bytes of all samples.
    """
    whole_s, part_us = divmod(start_at, SECOND)
    ntp = (whole_s + _TO_1900_S) << 32 | -(-(part_us << 32) // SECOND)
    shown = max(0, decode_ticks + samples[0].offset)
    prft = full_box(b"prft", 1, 0, struct.pack(">IQQ", 1, ntp, shown))
    rows: list[int] = []
    for one in samples:
        rows += (one.duration, one.size, _SYNC if one.is_keyframe else _NOT_SYNC, one.offset & 0xFFFFFFFF)
    trun_length = 20 + 16 * len(samples)
    moof_length = 8 + 16 + 8 + 16 + 20 + trun_length
    moof = box(
        b"moof",
        full_box(b"mfhd", 0, 0, sequence.to_bytes(4, "big")),
        box(
            b"traf",
            full_box(b"tfhd", 0, 0x020000, b"\0\0\0\1"),
            full_box(b"tfdt", 1, 0, decode_ticks.to_bytes(8, "big")),
            full_box(b"trun", 1, 0xF01, struct.pack(">II", len(samples), moof_length + 8), numbers(rows)),
        ),
    )
    return b"".join([prft, moof, (8 + data_length).to_bytes(4, "big"), b"mdat"])


def instant_of_ntp(ntp: int) -> Instant:
    """Return the instant of a 64-bit NTP time, as :func:`fragment_head` writes it."""
    return ((ntp >> 32) - _TO_1900_S) * SECOND + ((ntp & 0xFFFFFFFF) * SECOND >> 32)


def clip_head(
    info: StreamInfo,
    samples: Sequence[Sample],
    chunks: Sequence[tuple[int, int]],
    *,
    start_at: Instant,
    skip_ticks: int,
    shown_ticks: int,
    sound: Callable[[int], bytes] | None = None,
    sound_length: int = 0,
) -> bytes:
    """Return everything of a progressive MP4 that stands before the samples.

    Args:
        info: how the pictures are coded.
        samples: all pictures in decoding order, the first a keyframe.
        chunks: (number of pictures, bytes) of each piece of media, in the order they are copied.
        start_at: when the first shown picture was taken; written as the movie's creation time.
        skip_ticks: presentation time at which showing begins; what lies before is decoded and not shown.
        shown_ticks: how long the clip is.
        sound: makes the ``trak`` of the sound for media that begins at a byte of the file; None: none.
        sound_length: bytes of it, which stand before those of the pictures.
    """
    media_length = sound_length + sum(length for _, length in chunks)
    tables = [
        _stts(samples),
        *_ctts(samples),
        _stss(samples),
        chunk_table([count for count, _ in chunks]),
        full_box(
            b"stsz", 0, 0, bytes(4), len(samples).to_bytes(4, "big"), numbers(one.size for one in samples)
        ),
    ]
    edit = box(b"edts", full_box(b"elst", 1, 0, struct.pack(">IQqI", 1, shown_ticks, skip_ticks, 0x10000)))
    media_ticks = sum(one.duration for one in samples)
    large = media_length > _LARGEST_OFFSET - (1 << 24)

    def head(first: int) -> bytes:
        starts = accumulate((length for _, length in chunks[:-1]), initial=first + sound_length)
        if large:
            offsets = full_box(b"co64", 0, 0, struct.pack(f">I{len(chunks)}Q", len(chunks), *starts))
        else:
            offsets = full_box(b"stco", 0, 0, len(chunks).to_bytes(4, "big"), numbers(starts))
        moov = box(
            b"moov",
            _movie_header(start_at, shown_ticks),
            _track(info, start_at, shown_ticks, media_ticks, edit, [*tables, offsets]),
            b"" if sound is None else sound(first),
        )
        if large:
            mdat = b"\0\0\0\1mdat" + (16 + media_length).to_bytes(8, "big")
        else:
            mdat = (8 + media_length).to_bytes(4, "big") + b"mdat"
        brands = (b"isom", b"iso2", *_brands(info), b"mp41")
        return box(b"ftyp", b"isom", b"\0\0\2\0", *brands) + moov + mdat

    return head(len(head(0)))


def _brands(info: StreamInfo) -> tuple[bytes, ...]:
    """Return what a reader has to know besides: ``avc1`` promises H.264, for H.265 there is no such word."""
    return (b"avc1",) if info.codec == H264.id else ()


def _movie_header(at: Instant, ticks: int) -> bytes:
    created = at // SECOND + TO_1904_S
    times = struct.pack(">QQIQ", created, created, TICKS_PER_S, ticks)
    rest = struct.pack(">IH10x", 0x10000, 0x100) + IDENTITY + bytes(24) + b"\0\0\0\3"
    return full_box(b"mvhd", 1, 0, times, rest)


def _track(  # called twice, right here
    info: StreamInfo, at: Instant, shown_ticks: int, media_ticks: int, edit: bytes, tables: list[bytes]
) -> bytes:
    created = at // SECOND + TO_1904_S
    tkhd = full_box(
        b"tkhd",
        1,
        3,
        struct.pack(">QQIIQ", created, created, 1, 0, shown_ticks),
        bytes(16),
        IDENTITY,
        struct.pack(">II", info.width << 16, info.height << 16),
    )
    mdhd = full_box(
        b"mdhd", 1, 0, struct.pack(">QQIQHH", created, created, TICKS_PER_S, media_ticks, 0x55C4, 0)
    )
    handler = full_box(b"hdlr", 0, 0, bytes(4), b"vide", bytes(12), b"footage\0")
    coding = coding_of(info.codec)
    entry = box(
        coding.entry,
        struct.pack(">6xH16xHHIIIH", 1, info.width, info.height, 0x480000, 0x480000, 0, 1),
        bytes(32),
        struct.pack(">Hh", 24, -1),
        box(coding.record_box, info.avcc),
    )
    stsd = full_box(b"stsd", 0, 0, b"\0\0\0\1", entry)
    dinf = box(b"dinf", full_box(b"dref", 0, 0, b"\0\0\0\1", full_box(b"url ", 0, 1)))
    minf = box(b"minf", full_box(b"vmhd", 0, 1, bytes(8)), dinf, box(b"stbl", stsd, *tables))
    return box(b"trak", tkhd, edit, box(b"mdia", mdhd, handler, minf))


def _stts(samples: Sequence[Sample]) -> bytes:
    rows: list[int] = []
    for duration, run in groupby(one.duration for one in samples):
        rows += (sum(1 for _ in run), duration)
    return full_box(b"stts", 0, 0, (len(rows) // 2).to_bytes(4, "big"), numbers(rows))


def _ctts(samples: Sequence[Sample]) -> list[bytes]:
    if not any(one.offset for one in samples):
        return []
    rows: list[int] = []
    for offset, run in groupby(one.offset for one in samples):
        rows += (sum(1 for _ in run), offset & 0xFFFFFFFF)
    version = int(any(one.offset < 0 for one in samples))
    return [full_box(b"ctts", version, 0, (len(rows) // 2).to_bytes(4, "big"), numbers(rows))]


def _stss(samples: Sequence[Sample]) -> bytes:
    keys = [number for number, one in enumerate(samples, 1) if one.is_keyframe]
    return full_box(b"stss", 0, 0, len(keys).to_bytes(4, "big"), numbers(keys))


def chunk_table(counts: Sequence[int]) -> bytes:
    """Return the ``stsc`` of chunks with so many samples each."""
    rows: list[int] = []
    last = None
    for number, count in enumerate(counts, 1):
        if count != last:
            rows += (number, count, 1)
            last = count
    return full_box(b"stsc", 0, 0, (len(rows) // 3).to_bytes(4, "big"), numbers(rows))
