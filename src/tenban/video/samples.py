"""The sample table of a fragment: all a cut needs to know, so that it never parses media.

As bytes it takes two to three per picture: version, count, then sizes with the keyframe flag in the
lowest bit, then durations and composition offsets as runs of equal values; every number a LEB128 varint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from tenban.base.errors import BadInput

_VERSION = 1


class Sample(NamedTuple):
    """One picture of a fragment, in decoding order.

    Attributes:
        size: in bytes.
        duration: in ticks, to the next picture's decoding.
        offset: ``pts - dts`` in ticks; below zero where a source says so.
        is_keyframe: decoding may begin here.
    """

    size: int
    duration: int
    offset: int
    is_keyframe: bool


def shown_ticks(samples: Sequence[Sample]) -> int:
    """Return the ticks from when the first picture is shown to when the last one shown ends."""
    longest = dts = 0
    for one in samples:
        dts += one.duration
        longest = max(longest, dts + one.offset)
    return longest - samples[0].offset


def leading(samples: Sequence[Sample]) -> int:
    """Return how many pictures follow the first in decoding and are shown before it.

    Behind a keyframe of an open group (CRA of H.265) they lean on the pictures before it, too: where those
    are missing, they cannot be decoded.
    """
    at = 0
    first = samples[0].offset
    for number, one in enumerate(samples[1:]):
        at += samples[number].duration
        if at + one.offset >= first:
            return number
    return len(samples) - 1


def pack_samples(samples: Iterable[Sample]) -> bytes:
    """Return a sample table as bytes."""
    table = list(samples)
    out = bytearray([_VERSION])
    _put(out, len(table))
    for one in table:
        _put(out, one.size << 1 | one.is_keyframe)
    for values in ([one.duration for one in table], [_zigzag(one.offset) for one in table]):
        for value, run in groupby(values):
            _put(out, sum(1 for _ in run))
            _put(out, value)
    return bytes(out)


def unpack_samples(blob: bytes) -> list[Sample]:
    """Return the samples of a packed table.

    Raises:
        BadInput: the bytes are no sample table, or break off.
    """
    if blob[:1] != bytes([_VERSION]):
        raise BadInput("sample table", expected=f"version {_VERSION}", came=blob[:1].hex() or "nothing")
    numbers = _numbers(blob)
    try:
        count = next(numbers)
        sizes = [next(numbers) for _ in range(count)]
        durations = _runs(numbers, count)
        offsets = _runs(numbers, count)
    except StopIteration:
        raise BadInput("sample table", expected="a whole table", came=f"{len(blob)} bytes") from None
    lengths, keyframes = [size >> 1 for size in sizes], [bool(size & 1) for size in sizes]
    return list(map(Sample, lengths, durations, map(_plain, offsets), keyframes))


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _plain(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _put(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _numbers(blob: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in memoryview(blob)[1:]:
        value |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
        else:
            yield value
            value = shift = 0


def _runs(numbers: Iterator[int], count: int) -> list[int]:
    values: list[int] = []
    while len(values) < count:
        length = next(numbers)
        values += [next(numbers)] * length
        if not length or len(values) > count:
            raise BadInput("sample table", expected=f"{count} values", came=len(values))
    return values
