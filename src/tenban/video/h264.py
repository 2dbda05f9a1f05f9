"""H.264 as far as recording needs it: NAL units, the configuration record, the size of the picture.

Sources: ITU-T H.264 (annex B for the byte stream, section 7.3.2.1.1 for the sequence parameter set),
ISO/IEC 14496-15 section 5.3.3.1 for the configuration record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tenban.base.errors import BadInput

NAL_IDR = 5
NAL_SPS = 7
NAL_PPS = 8
NAL_AUD = 9
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_MACROBLOCK = 16


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture without parameter sets.

    Attributes:
        data: its NAL units in AVCC form.
        is_idr: it holds an IDR slice.
        parameters: the parameter sets that stood in front of it, as they came; mostly empty.
    """

    data: bytes
    is_idr: bool
    parameters: tuple[bytes, ...]


def split_annex_b(data: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a byte stream (annex B) without their start codes."""
    start = data.find(b"\x00\x00\x01")
    while start >= 0:
        start += 3
        following = data.find(b"\x00\x00\x01", start)
        end = len(data) if following < 0 else following
        while end > start and data[end - 1] == 0:
            end -= 1
        if end > start:
            yield data[start:end]
        start = following


def split_avcc(data: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a sample whose lengths take four bytes.

    Raises:
        BadInput: a length points beyond the sample.
    """
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 4 + length
        if end > len(data):
            raise BadInput("H.264 sample", expected=f"{length} bytes of a NAL unit", came=len(data) - at - 4)
        if length:
            yield data[at + 4 : end]
        at = end


def access_unit(nals: Iterable[bytes]) -> AccessUnit:
    """Sort a picture's NAL units: parameter sets apart, delimiters dropped, the rest in AVCC form."""
    parts: list[bytes] = []
    parameters: list[bytes] = []
    is_idr = False
    for nal in nals:
        kind = nal[0] & 0x1F
        if kind in (NAL_SPS, NAL_PPS):
            parameters.append(nal)
        elif kind != NAL_AUD:
            is_idr = is_idr or kind == NAL_IDR
            parts.append(len(nal).to_bytes(4, "big"))
            parts.append(nal)
    return AccessUnit(b"".join(parts), is_idr, tuple(parameters))


def build_avcc(parameters: Iterable[bytes]) -> bytes:
    """Return the configuration record for parameter sets; the same sets always give the same bytes.

    Raises:
        BadInput: a sequence or a picture parameter set is missing.
    """
    sets = list(dict.fromkeys(parameters))
    sps = [one for one in sets if one[0] & 0x1F == NAL_SPS and len(one) >= 4]
    pps = [one for one in sets if one[0] & 0x1F == NAL_PPS]
    if not sps or not pps:
        raise BadInput("H.264 stream", expected="SPS and PPS", came=f"{len(sps)} SPS, {len(pps)} PPS")
    record = [b"\x01", sps[0][1:4], b"\xff", bytes([0xE0 | len(sps)])]
    for one in sps:
        record += [len(one).to_bytes(2, "big"), one]
    record.append(bytes([len(pps)]))
    for one in pps:
        record += [len(one).to_bytes(2, "big"), one]
    return b"".join(record)


def parameters_of(avcc: bytes) -> tuple[bytes, ...]:
    """Return the parameter sets of a configuration record.

    Raises:
        BadInput: the record breaks off, is of another version, or asks for lengths of other than four bytes.
    """
    if len(avcc) < 7 or avcc[0] != 1:
        raise BadInput("H.264 configuration record", expected="version 1", came=avcc[:1].hex() or "nothing")
    if avcc[4] & 3 != 3:
        raise BadInput("H.264 configuration record", expected="lengths of 4 bytes", came=(avcc[4] & 3) + 1)
    sets: list[bytes] = []
    at = 5
    for mask in (0x1F, 0xFF):
        if at >= len(avcc):
            raise BadInput("H.264 configuration record", expected="parameter sets", came="its end")
        count = avcc[at] & mask
        at += 1
        for _ in range(count):
            length = int.from_bytes(avcc[at : at + 2], "big")
            one = avcc[at + 2 : at + 2 + length]
            if not one or len(one) != length:
                raise BadInput("H.264 configuration record", expected=f"{length} bytes", came=len(one))
            sets.append(one)
            at += 2 + length
    return tuple(sets)


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a sequence parameter set says: the picture's size in pixels (cropping applied), and how many
    pictures may be decoded before one that is shown earlier (0 where it does not say).
    """  # noqa: D205  # one sentence over two lines

    width: int
    height: int
    reorder: int


def read_sps(sps: bytes) -> Sequence:
    """Read a sequence parameter set (ITU-T H.264, sections 7.3.2.1.1 and E.1.1).

    Raises:
        BadInput: the set breaks off.
    """
    bits = _Bits(sps[1:].replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    chroma = 1
    if profile in _HIGH_PROFILES:
        chroma = _read_high(bits)
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        bits.take(1)
        bits.golomb()
        bits.golomb()
        for _ in range(bits.golomb()):
            bits.golomb()
    bits.golomb()
    bits.take(1)
    width = (bits.golomb() + 1) * _MACROBLOCK
    map_units = bits.golomb() + 1
    frames_only = bits.take(1)
    height = (2 - frames_only) * map_units * _MACROBLOCK
    if not frames_only:
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        step_x = 2 if chroma in (1, 2) else 1
        step_y = (2 if chroma == 1 else 1) * (2 - frames_only)
        width -= step_x * (bits.golomb() + bits.golomb())
        height -= step_y * (bits.golomb() + bits.golomb())
    reorder = _read_reorder(bits) if bits.take(1) else 0
    return Sequence(width, height, reorder)


class _Bits:
    """Reads bits and Exp-Golomb numbers (ITU-T H.264, section 9.1) from the front of some bytes."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        if count > self._left:
            raise BadInput("H.264 sequence parameter set", expected=f"{count} more bits", came=self._left)
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)


def _read_high(bits: _Bits) -> int:
    chroma = bits.golomb()
    if chroma == 3:
        bits.take(1)
    bits.golomb()
    bits.golomb()
    bits.take(1)
    if bits.take(1):
        for number in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if number < 6 else 64)
    return chroma


def _skip_scaling_list(bits: _Bits, length: int) -> None:
    last = following = 8
    for _ in range(length):
        if following:
            number = bits.golomb()
            delta = (number + 1) // 2 if number % 2 else -(number // 2)
            following = (last + delta) % 256
        last = following or last


def _skip_display(bits: _Bits) -> None:
    if bits.take(1) and bits.take(8) == 255:
        bits.take(32)
    if bits.take(1):
        bits.take(1)
    if bits.take(1):
        bits.take(4)
        if bits.take(1):
            bits.take(24)


def _read_reorder(bits: _Bits) -> int:
    _skip_display(bits)
    if bits.take(1):
        bits.golomb()
        bits.golomb()
    if bits.take(1):
        bits.take(65)
    has_schedule = False
    for _ in range(2):
        if bits.take(1):
            has_schedule = True
            _skip_schedule(bits)
    if has_schedule:
        bits.take(1)
    bits.take(1)
    if not bits.take(1):
        return 0
    bits.take(1)
    for _ in range(4):
        bits.golomb()
    return bits.golomb()


def _skip_schedule(bits: _Bits) -> None:
    count = bits.golomb() + 1
    bits.take(8)
    for _ in range(count):
        bits.golomb()
        bits.golomb()
        bits.take(1)
    bits.take(20)
