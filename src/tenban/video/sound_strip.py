"""A clip without its sound: the same pictures, byte by byte, and not a byte of what was heard.

Works on files as :mod:`tenban.video.mp4` lays clips out: ``ftyp moov mdat``, the sound before the pictures in
``mdat``. The track's table goes, too: the lengths of its frames tell when somebody speaks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

_LONG = 1
_MOST_HEAD_BYTES = 64 << 20


class Whole(Protocol):
    """A clip that can be read from any byte on."""

    @property
    def name(self) -> str:
        """Another one for other bytes."""
        ...

    @property
    def size(self) -> int:
        """Bytes of the whole."""
        ...

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes ``[start, stop)``."""
        ...


@dataclass(frozen=True, slots=True)
class Muted:
    """A clip without its sound.

    Attributes:
        whole: the clip.
        head: everything before the pictures.
        begin: where these begin in the whole.
    """

    whole: Whole
    head: bytes
    begin: int

    @property
    def name(self) -> str:
        """Other bytes than the whole's, so another name."""
        return f"{self.whole.name}-muted"

    @property
    def size(self) -> int:
        """Bytes without the sound."""
        return len(self.head) + self.whole.size - self.begin

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes ``[start, stop)``."""
        stop = self.size if stop is None else min(stop, self.size)
        if start < min(stop, len(self.head)):
            yield self.head[start : min(stop, len(self.head))]
        shift = self.begin - len(self.head)
        first = max(start, len(self.head))
        if first < stop:
            yield from self.whole.read(first + shift, stop + shift)

    def all(self) -> bytes:
        """Return the whole of it."""
        return b"".join(self.read())


def muted(whole: Whole) -> Whole:
    """Return a clip without its sound: itself where it has none.

    Raises:
        ValueError: it has sound and is not laid out as clips are; it must not be given out then.
    """
    if b"".join(whole.read(4, 8)) != b"ftyp":
        return whole  # no clip, so there is no sound in it either
    head, media = _head(whole)
    moov_at, moov = _box(head, b"moov", 0, len(head))
    if moov_at < 0:
        raise ValueError("expected a clip's moov before its media, got none")
    traks = [one for one in _boxes(head, moov_at + 8, moov_at + moov) if one[0] == b"trak"]
    heard = [one for one in traks if b"soun" in head[one[1] : one[1] + one[2]]]
    if not heard:
        return whole
    shown = [one for one in traks if one not in heard]
    places = {at: wide for _, start, length in shown for at, wide in _offsets(head, start, start + length)}
    starts = [int.from_bytes(head[at : at + wide], "big") for at, wide in places.items()]
    begin = min(starts, default=0)
    if begin < media:
        raise ValueError("expected a clip's sound before its pictures, got them mixed")
    gone = begin - media
    out = bytearray(head)
    for (at, wide), start in zip(places.items(), starts, strict=True):
        out[at : at + wide] = (start - gone).to_bytes(wide, "big")
    for _, start, length in heard:
        out[start + 4 : start + length] = b"free" + bytes(length - 8)
    return Muted(whole, _shortened(bytes(out), gone), begin)


def has_sound(whole: Whole) -> bool:
    """Tell whether a clip has a track of sound."""
    return b"".join(whole.read(4, 8)) == b"ftyp" and b"soun" in _head(whole)[0]


def _head(whole: Whole) -> tuple[bytes, int]:
    """Return everything up to the media, and where these begin."""
    head, at = b"", 0
    while True:
        head = _upto(whole, head, at + 16)
        length, kind = struct.unpack_from(">I4s", head, at)
        if kind == b"mdat":
            return head[: at + (16 if length == _LONG else 8)], at + (16 if length == _LONG else 8)
        if length < 8 or at + length > min(whole.size, _MOST_HEAD_BYTES):
            raise ValueError(f"expected the boxes of a clip, got {kind!r} of {length} bytes")
        at += length


def _upto(whole: Whole, head: bytes, stop: int) -> bytes:
    if len(head) < stop:
        head += b"".join(whole.read(len(head), min(whole.size, max(stop, len(head) + (64 << 10)))))
    if len(head) < stop:
        raise ValueError(f"expected {stop} bytes of a clip, got {len(head)}")
    return head


def _boxes(data: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    while start + 8 <= stop:
        length, kind = struct.unpack_from(">I4s", data, start)
        if length < 8:
            return
        yield kind, start, length
        start += length


def _box(data: bytes, wanted: bytes, start: int, stop: int) -> tuple[int, int]:
    return next(((at, length) for kind, at, length in _boxes(data, start, stop) if kind == wanted), (-1, 0))


def _offsets(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield where the offsets of a track's chunks stand, and how wide each is."""
    for path in (b"mdia", b"minf", b"stbl"):
        at, length = _box(data, path, start + 8, stop)
        if at < 0:
            return
        start, stop = at, at + length
    for kind, at, _ in _boxes(data, start + 8, stop):
        if kind in {b"stco", b"co64"}:
            wide = 4 if kind == b"stco" else 8
            (count,) = struct.unpack_from(">I", data, at + 12)
            yield from ((at + 16 + number * wide, wide) for number in range(count))


def _shortened(head: bytes, gone: int) -> bytes:
    """Return the head with an ``mdat`` that is shorter."""
    if head[-4:] == b"mdat":
        return head[:-8] + (int.from_bytes(head[-8:-4], "big") - gone).to_bytes(4, "big") + b"mdat"
    return head[:-8] + (int.from_bytes(head[-8:], "big") - gone).to_bytes(8, "big")
