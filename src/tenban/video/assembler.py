"""From what a demuxer hands out to runs of packets: one form, growing times, our clock.

No I/O and no clock in here: a recorded list of raw packets always gives the same runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tenban.base.clock import Instant
from tenban.base.errors import BadInput
from tenban.video.coding import H264, Coding
from tenban.video.nal import split_annex_b, split_sample
from tenban.video.packets import TICKS_PER_S, MediaPacket, RunStart, SoundCoding, StreamInfo, ticks_to_us
from tenban.video.timing import SETTLE_US, Arrival, CaptureClock, JumpWatch, StampFiller


@dataclass(slots=True)
class RawPacket:
    """A packet as it came: stamps in ticks of 1/90000 s or None; data in either form, or already split."""

    pts: int | None
    dts: int | None
    is_keyframe: bool
    data: bytes | list[bytes]
    arrival: Arrival


class Assembler:
    """Turns raw packets of one connection into runs.

    A run begins at a keyframe and ends where the parameter sets change or a clock jumps.

    Args:
        camera: the camera's id.
        extradata: parameter sets known beforehand (from the SDP or the file), in either form; may be empty.
        new_run: makes the id of a run that begins at an instant.
        coding: how the camera codes its pictures.
        anchored_at: for a file, the instant its first picture counts as taken; None for a live source,
            whose packets' arrivals say when they were taken.
        sound: how the sound beside the pictures is coded; None: there is none.
    """

    def __init__(
        self,
        camera: str,
        *,
        extradata: bytes,
        new_run: Callable[[Instant], str],
        coding: Coding = H264,
        anchored_at: Instant | None = None,
        sound: SoundCoding | None = None,
    ) -> None:
        self._camera = camera
        self._coding = coding
        self._new_run = new_run
        self._anchored_at = anchored_at
        self._sound = sound
        self._anchor_pts: int | None = None
        # A length of 256 to 511 looks like a start code, so the form is decided once, by the extradata.
        self._split = split_sample if extradata[:1] == b"\x01" else split_annex_b
        self._parameters = _parameters(coding, extradata)
        self._info: StreamInfo | None = None
        self._filler = StampFiller()
        self._clock = CaptureClock()
        self._jumps = JumpWatch()
        self._held: list[tuple[RawPacket, bytes, bool]] = []
        self._settling: list[tuple[int, int, bytes, bool, int]] = []
        self._began_at: Instant | None = None
        self._last_dts: int | None = None
        self._drops_leaning = False
        self._step_us = 0
        self.damaged = 0
        self.before_keyframe = 0
        self.new_run_because = "the connection was opened"

    def add(self, raw: RawPacket) -> list[StreamInfo | MediaPacket]:
        """Take in the next raw packet; return what is complete, a :class:`StreamInfo` before each new run."""
        try:
            nals = self._split(raw.data) if isinstance(raw.data, bytes) else raw.data
            unit = self._coding.access_unit(nals)
        except BadInput:
            # One broken picture costs itself; the decoder conceals it until the next keyframe.
            self.damaged += 1
            return []
        ready: list[StreamInfo | MediaPacket] = []
        if unit.parameters and self._change_parameters(unit.parameters):
            ready += self._end("the camera changed its parameter sets")
        if not unit.data:
            return ready
        is_keyframe = raw.is_keyframe or unit.is_keyframe
        if self._info is None and not (is_keyframe and self._can_begin()):
            self.before_keyframe += 1
            return ready
        if unit.leans_back and self._drops_leaning:
            # Built on pictures from before the run: nobody can ever show it.
            self.before_keyframe += 1
            return ready
        if self._info is None:
            ready.append(self._begin(raw.arrival))
        elif is_keyframe:
            self._drops_leaning = unit.breaks
        self._held.append((raw, unit.data, is_keyframe))
        for pts, dts in self._filler.add(raw.pts, raw.dts):
            ready += self._stamped(pts, dts)
            if self._info is None:
                break
        return ready

    def _stamped(self, pts: int, dts: int) -> list[StreamInfo | MediaPacket]:
        """Go on with the oldest packet held, now that its times are known."""
        raw, data, is_key = self._held.pop(0)
        ready: list[StreamInfo | MediaPacket] = []
        if self._anchored_at is None:
            jumped = self._jumps.why_new_run(dts, raw.arrival)
            if jumped is not None:
                ready += self._end(jumped)
                if not is_key:
                    self.before_keyframe += 1
                    return ready
                ready.append(self._begin(raw.arrival))
                self._held.append((raw, data, is_key))
                for again in self._filler.add(raw.pts, raw.dts):
                    ready += self._stamped(*again)
                return ready
            self._clock.learn(pts, raw.arrival.wall_at)
        self._settling.append((pts, dts, data, is_key, raw.arrival.wall_at - raw.arrival.monotonic_us))
        self._began_at = raw.arrival.wall_at if self._began_at is None else self._began_at
        if self._anchored_at is not None or raw.arrival.wall_at - self._began_at >= SETTLE_US:
            ready += self._settled()
        return ready

    def flush(self) -> list[MediaPacket]:
        """Return what is still held when the connection ends."""
        return self._settled()

    def _settled(self) -> list[MediaPacket]:
        settled = [self._packet(*one) for one in self._settling]
        self._settling.clear()
        return settled

    def _packet(self, pts: int, dts: int, data: bytes, is_key: bool, ahead_us: int) -> MediaPacket:  # noqa: FBT001  # unpacked above
        if self._anchored_at is None:
            captured_at = self._clock.captured_at(pts)
        else:
            self._anchor_pts = pts if self._anchor_pts is None else self._anchor_pts
            captured_at = self._anchored_at + ticks_to_us(pts - self._anchor_pts)
        duration = TICKS_PER_S // 15 if self._last_dts is None else dts - self._last_dts
        self._last_dts = dts
        return MediaPacket(self._camera, captured_at, pts, dts, duration, is_key, data, ahead_us)

    def _change_parameters(self, came: tuple[bytes, ...]) -> bool:
        """Take in parameter sets; tell whether they end the run."""
        if set(came) == set(self._parameters):
            return False
        kinds = {self._coding.kind_of(one) for one in came}
        kept = tuple(one for one in self._parameters if self._coding.kind_of(one) not in kinds)
        changed = tuple(dict.fromkeys(kept + came))
        if set(changed) == set(self._parameters):
            return False
        self._parameters = changed
        return self._info is not None

    def _can_begin(self) -> bool:
        return self._coding.sets <= {self._coding.kind_of(one) for one in self._parameters}

    def _begin(self, arrival: Arrival) -> StreamInfo:
        sequence = self._coding.sequence_of(self._parameters)
        self._drops_leaning = True
        self._filler = StampFiller(sequence.reorder)
        self._info = StreamInfo(
            self._camera,
            self._new_run(arrival.wall_at),
            self._coding.id,
            sequence.width,
            sequence.height,
            self._coding.build_record(self._parameters),
            RunStart(arrival.wall_at, arrival.monotonic_us, self.new_run_because, self._step_us),
            self._sound,
        )
        self._step_us = 0
        return self._info

    def _end(self, why: str) -> list[MediaPacket]:
        self.new_run_because = why
        self._step_us += self._jumps.step_us
        last = self._settled()
        self._info = None
        self._held.clear()
        self._clock = CaptureClock()
        self._jumps = JumpWatch()
        self._began_at = None
        self._last_dts = None
        return last


def _parameters(coding: Coding, extradata: bytes) -> tuple[bytes, ...]:
    if not extradata:
        return ()
    if extradata[:1] == b"\x01":
        return coding.parameters_of(extradata)
    return coding.access_unit(split_annex_b(extradata)).parameters
