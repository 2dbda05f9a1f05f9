"""A stamp painted into a picture: frame number and time, readable after H.264.

Four rows of 32 black or white cells across the top of the picture: the frame's number, its time (64 bits,
microseconds since 1970), and a CRC-32 of both. So a test can tell which frame it holds and how old it is.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenban.base.clock import Instant

ROWS, COLUMNS = 4, 32
_LOW, _HIGH = 24, 232


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a stamped picture says of itself."""

    frame: int
    captured_at: Instant


def cell_px(width: int) -> tuple[int, int]:
    """Return a cell's width and height in pixels; pictures must be at least 256 wide.

    Raises:
        ValueError: the picture is too narrow to be read back after compression.
    """
    if width < 256:
        raise ValueError(f"expected a picture at least 256 pixels wide, got {width}")
    return width // COLUMNS, max(8, width // COLUMNS // 2 & ~1)


def paint_stamp(picture: NDArray[np.uint8], stamp: Stamp) -> None:
    """Paint the stamp over the top of a picture, in place.

    Args:
        picture: (height, width) luma or (height, width, 3) colour.
        stamp: number below 2³² and time.
    """
    content = struct.pack(">IQ", stamp.frame, stamp.captured_at)
    bits = np.unpackbits(np.frombuffer(content + struct.pack(">I", zlib.crc32(content)), dtype=np.uint8))
    wide, high = cell_px(picture.shape[1])
    cells = np.where(bits.reshape(ROWS, COLUMNS) == 1, _HIGH, _LOW).astype(np.uint8)
    block = np.kron(cells, np.ones((high, wide), dtype=np.uint8))
    if picture.ndim == 3:
        block = block[:, :, np.newaxis]
    picture[: ROWS * high, : COLUMNS * wide] = block


def read_stamp(picture: NDArray[np.uint8]) -> Stamp | None:
    """Return the stamp of a picture (luma or colour), or None where there is none or it is damaged."""
    if picture.ndim == 3:
        picture = picture[:, :, 1]
    wide, high = cell_px(picture.shape[1])
    if picture.shape[0] < ROWS * high:
        return None
    block = picture[: ROWS * high, : COLUMNS * wide].reshape(ROWS, high, COLUMNS, wide)
    middle = block[:, high // 4 : high - high // 4, :, wide // 4 : wide - wide // 4]
    bits = (middle.mean(axis=(1, 3)) > 128).astype(np.uint8)
    content = np.packbits(bits.reshape(-1)).tobytes()
    if struct.unpack(">I", content[12:])[0] != zlib.crc32(content[:12]):
        return None
    frame, captured_at = struct.unpack(">IQ", content[:12])
    return Stamp(frame=frame, captured_at=captured_at)
