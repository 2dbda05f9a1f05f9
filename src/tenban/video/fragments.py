"""Packets gathered into fragments: parts of a keyframe group, about half a second long at most."""

from __future__ import annotations

from dataclasses import dataclass

from tenban.base.clock import Instant
from tenban.video.packets import TICKS_PER_S, MediaPacket, ticks_to_us
from tenban.video.samples import Sample, shown_ticks

MOST_SAMPLES = 500
"""Pictures in a fragment at most; the kernel gathers at most 1024 pieces in one write."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """The smallest piece of footage that is written and indexed.

    Attributes:
        camera: the camera's id.
        run: the run its stream times belong to.
        start_at: when its first picture was taken.
        end_at: when the last of its pictures to be shown ends.
        start_dts: decoding time of its first picture, in ticks of the run.
        is_keyframe: it begins with a keyframe; otherwise it goes on where the fragment before ended.
        samples: its pictures in decoding order.
        parts: the bytes of each, in AVCC form; written one after the other.
        ahead_us: our wall clock less our monotonic one at its first picture; None where not known.
    """

    camera: str
    run: str
    start_at: Instant
    end_at: Instant
    start_dts: int
    is_keyframe: bool
    samples: tuple[Sample, ...]
    parts: tuple[bytes, ...]
    ahead_us: int | None = None

    @property
    def length(self) -> int:
        """Bytes of all pictures."""
        return sum(one.size for one in self.samples)

    @property
    def end_dts(self) -> int:
        """Decoding time of the picture that follows, in ticks of the run."""
        return self.start_dts + sum(one.duration for one in self.samples)


class FragmentBuilder:
    """Gathers the packets of one run.

    A fragment is complete when the packet after it has come, because only that says how long the last
    picture lasts. It ends before every keyframe, and with the picture that fills ``most_s``: so the two
    halves of a one-second group are about as long, and times that jitter leave no third part.
    """

    def __init__(self, camera: str, run: str, *, most_s: float = 0.5) -> None:
        self._camera = camera
        self._run = run
        self._most = round(most_s * TICKS_PER_S)
        self._packets: list[MediaPacket] = []
        self._shown = 0

    def add(self, packet: MediaPacket) -> Fragment | None:
        """Take in the next packet; return the fragment it completes, if it does."""
        done = None
        held = self._packets
        if held:
            length = packet.dts - held[0].dts
            # Not where a picture that is still to come is shown before one that is held.
            is_full = length >= self._most and packet.pts > self._shown
            if packet.is_keyframe or is_full or length >= 2 * self._most or len(held) >= MOST_SAMPLES:
                done = self._close(packet.dts)
        self._shown = max(self._shown, packet.pts) if self._packets else packet.pts
        self._packets.append(packet)
        return done

    def flush(self) -> Fragment | None:
        """Return what is held although no packet follows; the last picture is given the usual length."""
        if not self._packets:
            return None
        held = self._packets
        usual = held[-1].dts - held[-2].dts if len(held) > 1 else held[-1].duration
        return self._close(held[-1].dts + max(1, usual))

    def _close(self, end_dts: int) -> Fragment:
        held = self._packets
        self._packets = []
        first = held[0]
        ends = [one.dts for one in held[1:]] + [end_dts]
        samples = tuple(
            Sample(len(one.data), end - one.dts, one.pts - one.dts, one.is_keyframe)
            for one, end in zip(held, ends, strict=True)
        )
        return Fragment(
            self._camera,
            self._run,
            first.captured_at,
            first.captured_at + ticks_to_us(shown_ticks(samples)),
            first.dts,
            first.is_keyframe,
            samples,
            tuple([one.data for one in held]),
            first.ahead_us,
        )
