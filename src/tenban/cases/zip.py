"""ZIP files whose length is known before the first byte: stored, streamed, of any size.

After PKWARE's APPNOTE.TXT 6.3.10: 4.3.7 (local headers), 4.3.12 (central directory), 4.3.14 to 4.3.16 and
4.5.3 (ZIP64, from 4 GiB on). Sizes and checksums stand before the data, so that any reader takes them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tenban.base.clock import Instant, to_datetime
from tenban.base.errors import Conflict

_LARGE = 0xFFFFFFFF
_MANY = 0xFFFF
_UTF8 = 1 << 11
_LOCAL, _CENTRAL = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I")
_END, _END64, _WHERE64 = struct.Struct("<4s4H2IH"), struct.Struct("<4sQ2H2I4Q"), struct.Struct("<4sIQI")
_PLAIN_VERSION, _LARGE_VERSION = 20, 45


class Changed(Conflict):
    """A file was not the same when it was read again."""

    code = "changed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a ZIP.

    Attributes:
        path: its name within, with forward slashes.
        read: yields its bytes, from the beginning each time.
    """

    path: str
    size: int
    crc32: int
    read: Callable[[], Iterator[bytes]]


def zip_length(entries: Sequence[Entry], *, large: int = _LARGE) -> int:
    """Return how many bytes :func:`zip_parts` yields."""
    starts, end = _places(entries, large)
    central = sum(len(_central(one, at, 0, 0, large)) for one, at in zip(entries, starts, strict=True))
    return end + central + len(_ending(len(entries), end, central, large))


def zip_parts(entries: Sequence[Entry], at: Instant, *, large: int = _LARGE) -> Iterator[bytes]:
    """Yield a ZIP's bytes.

    Args:
        entries: what goes in, in this order; each path once.
        at: what all files are dated; in UTC, since a ZIP knows no zone.
        large: from this size on fields are written in their long form.

    Raises:
        Changed: a file is longer, shorter or other than it was measured to be.
    """
    when = to_datetime(at)
    date = (when.year - 1980) << 9 | when.month << 5 | when.day
    time = when.hour << 11 | when.minute << 5 | when.second // 2
    for one in entries:
        yield _local(one, date, time, large)
        size = crc = 0
        for part in one.read():
            size, crc = size + len(part), zlib.crc32(part, crc)
            if size > one.size:
                break
            yield part
        if (size, crc) != (one.size, one.crc32):
            raise Changed(f"{one.path}: expected the {one.size} bytes measured before, got others")
    starts, end = _places(entries, large)
    central = b"".join(
        _central(one, start, date, time, large) for one, start in zip(entries, starts, strict=True)
    )
    yield central
    yield _ending(len(entries), end, len(central), large)


def _places(entries: Sequence[Entry], large: int) -> tuple[list[int], int]:
    *starts, end = accumulate((len(_local(one, 0, 0, large)) + one.size for one in entries), initial=0)
    return starts, end


def _local(one: Entry, date: int, time: int, large: int) -> bytes:
    name, is_large = one.path.encode(), one.size >= large
    extra = struct.pack("<2H2Q", 1, 16, one.size, one.size) if is_large else b""
    size = _LARGE if is_large else one.size
    version = _LARGE_VERSION if is_large else _PLAIN_VERSION
    lengths = len(name), len(extra)
    head = _LOCAL.pack(b"PK\3\4", version, _UTF8, 0, time, date, one.crc32, size, size, *lengths)
    return head + name + extra


def _central(one: Entry, start: int, date: int, time: int, large: int) -> bytes:
    name = one.path.encode()
    long = [one.size, one.size] if one.size >= large else []
    long += [start] if start >= large else []
    extra = struct.pack(f"<2H{len(long)}Q", 1, 8 * len(long), *long) if long else b""
    size, at = _LARGE if one.size >= large else one.size, _LARGE if start >= large else start
    version = _LARGE_VERSION if long else _PLAIN_VERSION
    numbers = one.crc32, size, size, len(name), len(extra), 0, 0, 0, 0, at
    return _CENTRAL.pack(b"PK\1\2", version, version, _UTF8, 0, time, date, *numbers) + name + extra


def _ending(count: int, start: int, length: int, large: int) -> bytes:
    long = b""
    if start >= large or length >= large or count >= _MANY:
        versions = _LARGE_VERSION, _LARGE_VERSION
        long = _END64.pack(b"PK\6\6", 44, *versions, 0, 0, count, count, length, start)
        long += _WHERE64.pack(b"PK\6\7", 0, start + length, 1)
    counts = min(count, _MANY), min(count, _MANY)
    shown = _LARGE if length >= large else length, _LARGE if start >= large else start
    return long + _END.pack(b"PK\5\6", 0, 0, *counts, *shown, 0)
