"""H.265 as far as recording needs it: NAL units, the configuration record, the size of the picture.

Sources: ITU-T H.265 (7.3.1.2 for the unit's head, 7.3.2.2 for the sequence parameter set, table 7-1 for the
kinds), ISO/IEC 14496-15 section 8.3.3.1 for the configuration record and annex E for the codec's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tenban.base.errors import BadInput
from tenban.video.nal import AccessUnit, Bits, Sequence, checked_sets, checked_size, join_sample, payload

NAL_VPS, NAL_SPS, NAL_PPS = 32, 33, 34
NAL_AUD, NAL_FILLER = 35, 38
PARAMETER_SETS = (NAL_VPS, NAL_SPS, NAL_PPS)

_RASL = frozenset({8, 9})
_BLA = frozenset({16, 17, 18})
_FIRST_IRAP, _LAST_IRAP = 16, 21
_SPS = "H.265 sequence parameter set"
_HEAD_BYTES = 2
_PROFILE_BITS = 88
_MOST_REORDER = 15
_RECORD_BYTES = 23
_NAMES = ((NAL_VPS, "VPS"), (NAL_SPS, "SPS"), (NAL_PPS, "PPS"))


def kind_of(nal: bytes) -> int:
    """Return what a NAL unit is (ITU-T H.265, table 7-1)."""
    return nal[0] >> 1 & 0x3F


def access_unit(nals: Iterable[bytes]) -> AccessUnit:
    """Sort a picture's NAL units: parameter sets apart, delimiters and filling dropped, the rest as a sample.

    Units of further layers (of cameras that send two views in one stream) are dropped.
    """
    kept: list[bytes] = []
    parameters: list[bytes] = []
    is_keyframe = leans_back = breaks = False
    for nal in nals:
        if len(nal) < _HEAD_BYTES or nal[0] & 1 or nal[1] >> 3:
            continue
        kind = kind_of(nal)
        if kind in PARAMETER_SETS:
            parameters.append(nal)
        elif kind not in (NAL_AUD, NAL_FILLER):
            is_keyframe = is_keyframe or _FIRST_IRAP <= kind <= _LAST_IRAP
            leans_back = leans_back or kind in _RASL
            breaks = breaks or kind in _BLA
            kept.append(nal)
    return AccessUnit(join_sample(kept), is_keyframe, tuple(parameters), leans_back, breaks)


@dataclass(frozen=True, slots=True)
class _Read:
    """What of a sequence parameter set the record and the picture need."""

    profile: bytes
    layers: int
    nested: int
    chroma: int
    depth_luma: int
    depth_chroma: int
    sequence: Sequence


def build_record(parameters: Iterable[bytes]) -> bytes:
    """Return the configuration record (``hvcC``); the same sets always give the same bytes.

    Each kind of set is marked as complete: none stands in the samples.

    Raises:
        BadInput: a set of one of the three kinds is missing, too long or breaks off.
    """
    sets = checked_sets(parameters, "H.265 stream")
    by_kind = {kind: [one for one in sets if one and kind_of(one) == kind] for kind in PARAMETER_SETS}
    if not all(by_kind.values()):
        came = ", ".join(f"{len(by_kind[kind])} {name}" for kind, name in _NAMES)
        raise BadInput("H.265 stream", expected="VPS, SPS and PPS", came=came)
    sps = _read(by_kind[NAL_SPS][0])
    record = [
        b"\x01",
        sps.profile,
        b"\xf0\x00\xfc",
        bytes([0xFC | sps.chroma, 0xF8 | sps.depth_luma, 0xF8 | sps.depth_chroma]),
        b"\x00\x00",
        bytes([sps.layers << 3 | sps.nested << 2 | 3, len(by_kind)]),
    ]
    for kind, found in by_kind.items():
        record.append(bytes([0x80 | kind]) + len(found).to_bytes(2, "big"))
        for one in found:
            record += [len(one).to_bytes(2, "big"), one]
    return b"".join(record)


def parameters_of(record: bytes) -> tuple[bytes, ...]:
    """Return the parameter sets of a configuration record.

    Raises:
        BadInput: the record breaks off, is of another version, or asks for lengths of other than four bytes.
    """
    if len(record) < _RECORD_BYTES or record[0] != 1:
        raise BadInput("H.265 configuration record", expected="version 1", came=record[:1].hex() or "nothing")
    if record[21] & 3 != 3:
        raise BadInput("H.265 configuration record", expected="lengths of 4 bytes", came=(record[21] & 3) + 1)
    sets: list[bytes] = []
    at = _RECORD_BYTES
    for _ in range(record[22]):
        if at + 3 > len(record):
            raise BadInput("H.265 configuration record", expected="parameter sets", came="its end")
        count = int.from_bytes(record[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            length = int.from_bytes(record[at : at + 2], "big")
            one = record[at + 2 : at + 2 + length]
            if not one or len(one) != length:
                raise BadInput("H.265 configuration record", expected=f"{length} bytes", came=len(one))
            if kind_of(one) in PARAMETER_SETS:
                sets.append(one)
            at += 2 + length
    return tuple(sets)


def read_sps(sps: bytes) -> Sequence:
    """Read a sequence parameter set (ITU-T H.265, section 7.3.2.2.1).

    Raises:
        BadInput: the set breaks off, or says what cannot be.
    """
    return _read(sps).sequence


def codec_string(record: bytes) -> str:
    """Return the codec as browsers name it, such as ``hvc1.1.6.L93.B0`` (ISO/IEC 14496-15, annex E).

    Raises:
        BadInput: the record breaks off.
    """
    if len(record) < _RECORD_BYTES:
        raise BadInput("H.265 configuration record", expected=f"{_RECORD_BYTES} bytes", came=len(record))
    head = record[1]
    space = ("", "A", "B", "C")[head >> 6]
    compatible = int(f"{int.from_bytes(record[2:6], 'big'):032b}"[::-1], 2)
    tier = "H" if head & 0x20 else "L"
    constraints = [f"{one:X}" for one in record[6:12].rstrip(b"\x00")]
    return ".".join([f"hvc1.{space}{head & 0x1F}", f"{compatible:X}", f"{tier}{record[12]}", *constraints])


def _read(sps: bytes) -> _Read:
    bits = Bits(payload(sps[_HEAD_BYTES:]), _SPS)
    bits.take(4)
    more_layers = bits.take(3)
    nested = bits.take(1)
    profile = bits.take(_PROFILE_BITS) << 8 | bits.take(8)
    _skip_layers(bits, more_layers)
    bits.golomb()
    chroma = _up_to(3, bits.golomb())
    planes_apart = bits.take(1) if chroma == 3 else 0
    width, height = bits.golomb(), bits.golomb()
    if bits.take(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        step_x = 2 if chroma in (1, 2) and not planes_apart else 1
        step_y = 2 if chroma == 1 and not planes_apart else 1
        width -= step_x * (left + right)
        height -= step_y * (top + bottom)
    depth_luma, depth_chroma = _up_to(7, bits.golomb()), _up_to(7, bits.golomb())
    bits.golomb()
    reorder = 0
    for _ in range(more_layers + 1 if bits.take(1) else 1):
        bits.golomb()
        reorder = _up_to(_MOST_REORDER, bits.golomb())
        bits.golomb()
    return _Read(
        profile.to_bytes(12, "big"),
        more_layers + 1,
        nested,
        chroma,
        depth_luma,
        depth_chroma,
        checked_size(width, height, reorder, _SPS),
    )


def _skip_layers(bits: Bits, more_layers: int) -> None:
    """Pass over what is said of each temporal layer but the highest (section 7.3.3)."""
    present = [(bits.take(1), bits.take(1)) for _ in range(more_layers)]
    if more_layers:
        bits.take(2 * (8 - more_layers))
    for has_profile, has_level in present:
        bits.take(_PROFILE_BITS * has_profile + 8 * has_level)


def _up_to(most: int, came: int) -> int:
    if came > most:
        raise BadInput(_SPS, expected=f"at most {most}", came=came)
    return came
