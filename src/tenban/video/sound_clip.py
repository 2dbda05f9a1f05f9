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
from tenban.video.samples import Sample, unpack_samples
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
class _Stretch:
    """Frames of one fragment without a hole between them: where the first belongs, and their bytes."""

    at: int
    frames: list[Sample]
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

    def lay(self, stretch: _Stretch) -> None:
        frames, at, offset = stretch.frames, stretch.at, stretch.offset
        # What begins more than half a frame too early has its time taken: a clock was put right.
        while frames and at - self.at < -(frames[0].duration // 2):
            at, offset, frames = at + frames[0].duration, offset + frames[0].size, frames[1:]
        if not frames:
            return
        usual = self.silent[1]
        self.hush((at - self.at + usual // 2) // usual)
        sizes = [one.size for one in frames]
        length = sum(sizes)
        self.pieces.append(Piece(stretch.path, offset, length))
        self.chunks.append((len(frames), self.length))
        self.durations += [one.duration for one in frames]
        self.sizes += sizes
        self.length += length
        self.at += sum([one.duration for one in frames])


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
    stretches = [stretch for one in heard if one.coding == coding for stretch in _stretches(one, shown_ticks)]
    if not stretches:
        return None
    data, usual = silent = silence(coding)
    laid = _Laid(silent, length=_SILENT_FRAMES * len(data))
    before = max(0, -(-stretches[0].at // usual))
    begin = laid.at = stretches[0].at - before * usual
    laid.hush(before)
    for stretch in stretches:
        laid.lay(stretch)
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


def _stretches(one: Heard, shown_ticks: int) -> Iterator[_Stretch]:
    """Yield a fragment's sound as far as it is needed, parted where frames are missing."""
    row, rate = one.row, one.coding.rate
    if row.sound_samples is None or row.sound_start is None or row.sound_offset is None:
        return
    stop = shown_ticks * rate // TICKS_PER_S
    since = -round(_WARM_UP_S[one.coding.codec] * rate)
    at = row.sound_start + (one.at_ticks - row.start_dts) * rate // TICKS_PER_S
    offset = row.sound_offset
    samples = unpack_samples(row.sound_samples)
    length = sum([sample.duration for sample in samples])
    if since <= at <= stop - length and not any(sample.offset for sample in samples):
        yield _Stretch(at, samples, one.path, offset)  # all but the first and last fragments of a cut
        return
    begin, first, held = at, offset, list[Sample]()
    for sample in samples:
        if since < at + sample.duration and at < stop:
            if not held:
                begin, first = at, offset
            held.append(sample)
        at += sample.duration + sample.offset
        offset += sample.size
        if held and sample.offset:
            yield _Stretch(begin, held, one.path, first)
            held = []
    if held:
        yield _Stretch(begin, held, one.path, first)
