"""H.264 as far as recording needs it: NAL units, the configuration record, the size of the picture.

Sources: ITU-T H.264 (section 7.3.2.1.1 for the sequence parameter set), ISO/IEC 14496-15 section 5.3.3.1
for the configuration record.
"""

from __future__ import annotations

from collections.abc import Iterable

from tenban.base.errors import BadInput
from tenban.video.nal import AccessUnit, Bits, Sequence, checked_sets, checked_size, join_sample, payload

NAL_IDR = 5
NAL_SPS = 7
NAL_PPS = 8
NAL_AUD = 9
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_MACROBLOCK = 16


def kind_of(nal: bytes) -> int:
    """Return what a NAL unit is (ITU-T H.264, table 7-1)."""
    return nal[0] & 0x1F


def access_unit(nals: Iterable[bytes]) -> AccessUnit:
    """Sort a picture's NAL units: parameter sets apart, delimiters dropped, the rest in AVCC form."""
    kept: list[bytes] = []
    parameters: list[bytes] = []
    is_idr = False
    for nal in nals:
        kind = nal[0] & 0x1F
        if kind in (NAL_SPS, NAL_PPS):
            parameters.append(nal)
        elif kind != NAL_AUD:
            is_idr = is_idr or kind == NAL_IDR
            kept.append(nal)
    return AccessUnit(join_sample(kept), is_idr, tuple(parameters))


def build_avcc(parameters: Iterable[bytes]) -> bytes:
    """Return the configuration record for parameter sets; the same sets always give the same bytes.

    Raises:
        BadInput: a sequence or a picture parameter set is missing, or too long.
    """
    sets = checked_sets(parameters, "H.264 stream")
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


def codec_string(avcc: bytes) -> str:
    """Return the codec as browsers name it, such as ``avc1.64001f`` (RFC 6381, section 3.3).

    Raises:
        BadInput: the record breaks off.
    """
    if len(avcc) < 4:
        raise BadInput("H.264 configuration record", expected="4 bytes", came=len(avcc))
    return f"avc1.{avcc[1:4].hex()}"


def read_sps(sps: bytes) -> Sequence:
    """Read a sequence parameter set (ITU-T H.264, sections 7.3.2.1.1 and E.1.1).

    Raises:
        BadInput: the set breaks off, or says what cannot be.
    """
    bits = Bits(payload(sps[1:]), "H.264 sequence parameter set")
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
    return checked_size(width, height, reorder, "H.264 sequence parameter set")


def _read_high(bits: Bits) -> int:
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


def _skip_scaling_list(bits: Bits, length: int) -> None:
    last = following = 8
    for _ in range(length):
        if following:
            number = bits.golomb()
            delta = (number + 1) // 2 if number % 2 else -(number // 2)
            following = (last + delta) % 256
        last = following or last


def _skip_display(bits: Bits) -> None:
    if bits.take(1) and bits.take(8) == 255:
        bits.take(32)
    if bits.take(1):
        bits.take(1)
    if bits.take(1):
        bits.take(4)
        if bits.take(1):
            bits.take(24)


def _read_reorder(bits: Bits) -> int:
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


def _skip_schedule(bits: Bits) -> None:
    count = bits.golomb() + 1
    bits.take(8)
    for _ in range(count):
        bits.golomb()
        bits.golomb()
        bits.take(1)
    bits.take(20)
