"""The sound of a cut: which frames, where silence stands for missing ones, what of the first is not heard.

Players play a sound track as fast as its frames decode and take its clock for everybody's, so a track with
holes would run ahead of its pictures. So holes are filled with frames of silence, and every frame stands
within half a frame of where it belongs; what follows the first without a hole stands exactly there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tenban.video.footage import Piece
from tenban.video.model import FragmentRow
from tenban.video.packets import TICKS_PER_S, SoundCoding
from tenban.video.samples import unpack_samples
from tenban.video.sound import silence
from tenban.video.sound_mp4 import SoundTrack

_SILENT_FRAMES = 64
"""So many lie in the file once; every stretch of silence points at them."""
_WARM_UP_S = {"aac": 0.03, "opus": 0.08}
"""What a decoder needs to have heard before (RFC 7845, section 4.6); decoded, and not heard."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A fragment's sound, and where the fragment stands in the cut.

    Attributes:
        row: the fragment.
        path: of its file.
        coding: of the sound.
        at_ticks: decoding of its first picture, from the first picture that is shown.
    """

    row: FragmentRow
    path: str
    coding: SoundCoding
    at_ticks: int


@dataclass(frozen=True, slots=True)
class _Frame:
    at: int
    duration: int
    size: int
    path: str
    offset: int


@dataclass(slots=True)
class _Laid:
    silent: tuple[bytes, int]
    durations: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    chunks: list[tuple[int, int]] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    length: int = 0
    at: int = 0

    def hush(self, count: int) -> None:
        data, duration = self.silent
        while count > 0:
            some = min(count, _SILENT_FRAMES)
            self.chunks.append((some, 0))
            self.durations += [duration] * some
            self.sizes += [len(data)] * some
            self.at += some * duration
            count -= some

    def lay(self, frame: _Frame) -> None:
        last = self.pieces[-1] if self.pieces else None
        follows = last is not None and last.path == frame.path and last.offset + last.length == frame.offset
        if last is not None and follows:
            self.pieces[-1] = Piece(last.path, last.offset, last.length + frame.size)
        else:
            self.pieces.append(Piece(frame.path, frame.offset, frame.size))
        count, start = self.chunks[-1] if self.chunks else (0, 0)
        if follows and start:
            self.chunks[-1] = (count + 1, start)
        else:
            self.chunks.append((1, self.length))
        self.durations.append(frame.duration)
        self.sizes.append(frame.size)
        self.length += frame.size
        self.at += frame.duration


def lay_sound(heard: Sequence[Heard], shown_ticks: int) -> tuple[SoundTrack, bytes, tuple[Piece, ...]] | None:
    """Return the track, the bytes that stand before its pieces, and these; None where nothing is heard.

    Where the coding changed within the cut, the one most of it is in is heard.

    Args:
        heard: the fragments that have sound.
        shown_ticks: how long the cut is.
    """
    kinds = Counter(one.coding for one in heard)
    if not kinds:
        return None
    coding = kinds.most_common(1)[0][0]
    frames = list(_frames([one for one in heard if one.coding == coding], coding, shown_ticks))
    if not frames:
        return None
    data, usual = silent = silence(coding)
    laid = _Laid(silent, length=_SILENT_FRAMES * len(data))
    before = max(0, -(-frames[0].at // usual))
    begin = laid.at = frames[0].at - before * usual
    laid.hush(before)
    for frame in frames:
        missing = frame.at - laid.at
        if missing < -(frame.duration // 2):
            continue  # its time is taken: a clock was put right by more than a frame
        laid.hush((missing + usual // 2) // usual)
        laid.lay(frame)
    track = SoundTrack(
        coding,
        tuple(laid.durations),
        tuple(laid.sizes),
        tuple(laid.chunks),
        laid.length,
        -begin,
        shown_ticks,
    )
    return track, data * _SILENT_FRAMES, tuple(laid.pieces)


def _frames(heard: Sequence[Heard], coding: SoundCoding, shown_ticks: int) -> Iterator[_Frame]:
    stop = shown_ticks * coding.rate // TICKS_PER_S
    since = -round(_WARM_UP_S[coding.codec] * coding.rate)
    for one in heard:
        row = one.row
        if row.sound_samples is None or row.sound_start is None or row.sound_offset is None:
            continue
        shift = (one.at_ticks - row.start_dts) * coding.rate // TICKS_PER_S
        at, offset = row.sound_start + shift, row.sound_offset
        for sample in unpack_samples(row.sound_samples):
            if since < at + sample.duration and at < stop:
                yield _Frame(at, sample.duration, sample.size, one.path, offset)
            at += sample.duration + sample.offset
            offset += sample.size
