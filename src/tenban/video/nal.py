"""What H.264 and H.265 have in common: NAL units, byte streams, samples, Exp-Golomb numbers.

Sources: ITU-T H.264 and H.265 (annex B for the byte stream, sections 9.1 and 9.2 for the numbers),
ISO/IEC 14496-15 for samples, in which each unit stands behind its length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tenban.base.errors import BadInput

LARGEST_SIDE = 16_888
"""Of any level of either coding (annexes A.3 and A.4)."""
MOST_SETS = 31
MOST_SET_BYTES = 0xFFFF


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture without parameter sets.

    Attributes:
        data: its NAL units, each behind its length in four bytes.
        is_keyframe: decoding may begin here.
        parameters: the parameter sets that stood in front of it, as they came; mostly empty.
        leans_back: it is shown before its keyframe and built on what was before that too (RASL of H.265).
        breaks: what leans back behind this keyframe cannot be decoded (BLA of H.265).
    """

    data: bytes
    is_keyframe: bool
    parameters: tuple[bytes, ...]
    leans_back: bool = False
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a sequence parameter set says: the picture's size in pixels (cropping applied), and how many
    pictures may be decoded before one that is shown earlier (0 where it does not say).
    """  # noqa: D205  # one sentence over two lines

    width: int
    height: int
    reorder: int


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


def split_sample(data: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a sample whose lengths take four bytes.

    Raises:
        BadInput: a length points beyond the sample.
    """
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 4 + length
        if end > len(data):
            raise BadInput("video sample", expected=f"{length} bytes of a NAL unit", came=len(data) - at - 4)
        if length:
            yield data[at + 4 : end]
        at = end


def join_sample(nals: Iterable[bytes]) -> bytes:
    """Return NAL units as a sample, each behind its length in four bytes."""
    parts: list[bytes] = []
    for nal in nals:
        parts.append(len(nal).to_bytes(4, "big"))
        parts.append(nal)
    return b"".join(parts)


def checked_sets(sets: Iterable[bytes], what: str) -> list[bytes]:
    """Return parameter sets, each once, as they fit into a configuration record.

    Raises:
        BadInput: one is too long, or there are too many.
    """
    found = list(dict.fromkeys(sets))
    longest = max(map(len, found), default=0)
    if longest > MOST_SET_BYTES or len(found) > MOST_SETS:
        came = f"{len(found)}, the longest of {longest}"
        raise BadInput(
            what, expected=f"up to {MOST_SETS} parameter sets of {MOST_SET_BYTES} bytes", came=came
        )
    return found


def checked_size(width: int, height: int, reorder: int, what: str) -> Sequence:
    """Return what a sequence parameter set says.

    Raises:
        BadInput: no picture has such sides.
    """
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise BadInput(what, expected=f"sides of 1 to {LARGEST_SIDE}", came=f"{width}x{height}")
    return Sequence(width, height, reorder)


def payload(nal: bytes) -> bytes:
    """Return a NAL unit without the bytes that keep start codes out of it (emulation prevention)."""
    return nal.replace(b"\x00\x00\x03", b"\x00\x00")


class Bits:
    """Reads bits and Exp-Golomb numbers from the front of some bytes.

    Args:
        data: a payload without emulation prevention.
        what: names it in errors.
    """

    def __init__(self, data: bytes, what: str) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8
        self._what = what

    def take(self, count: int) -> int:
        """Return the next bits as a number.

        Raises:
            BadInput: there are fewer.
        """
        if count > self._left:
            raise BadInput(self._what, expected=f"{count} more bits", came=self._left)
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def golomb(self) -> int:
        """Return the next Exp-Golomb number.

        Raises:
            BadInput: it breaks off.
        """
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)
