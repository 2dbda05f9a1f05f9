"""Stream time put in order, and stream time put on our clock. Pure: no clock is read here.

A picture's ``captured_at`` is its stream time plus an offset. Packets are delayed on their way, never
hastened, so the smallest difference "arrival - stream time" of the last half minute is the best guess
of that offset. The guess is followed by slewing, so that ``captured_at`` keeps growing; where stream
time or the wall clock jumps, no slewing can be right and a new run begins instead.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass

from tenban.base.clock import SECOND, Instant
from tenban.video.packets import TICKS_PER_S, ticks_to_us

WINDOW_US = 30 * SECOND
SETTLE_US = SECOND // 5
"""Cameras may begin with a burst of what they held back; within this time its end is seen."""
_BUCKET_US = SECOND
_GENTLE = 500e-6
_STEEPEST = 0.5
_CATCH_UP_US = 5 * SECOND
_DEFAULT_INTERVAL = TICKS_PER_S // 15


class CaptureClock:
    """Says when pictures of one run were taken.

    ``captured_at`` never goes back, lies no later than the arrival once settled, and follows the
    guess at 500 ppm, or faster (a fifth of the error per second) while the guess is far off.
    """

    def __init__(self) -> None:
        self._lows: deque[tuple[Instant, int]] = deque()
        self._offset_us: float | None = None
        self._last_pts_us: int | None = None

    def learn(self, pts: int, arrived_at: Instant) -> None:
        """Take in a packet's stream time (ticks) and arrival."""
        difference_us = arrived_at - ticks_to_us(pts)
        if self._lows and arrived_at - self._lows[-1][0] < _BUCKET_US:
            since_at, low = self._lows[-1]
            self._lows[-1] = (since_at, min(low, difference_us))
        else:
            self._lows.append((arrived_at, difference_us))
        while arrived_at - self._lows[0][0] > WINDOW_US:
            self._lows.popleft()

    def captured_at(self, pts: int) -> Instant:
        """Return when the picture of this stream time (ticks) was taken; it has been learnt before."""
        pts_us = ticks_to_us(pts)
        target_us = min(low for _, low in self._lows)
        if self._offset_us is None or self._last_pts_us is None:
            self._offset_us = target_us
            self._last_pts_us = pts_us
        elif pts_us > self._last_pts_us:
            error_us = target_us - self._offset_us
            rate = max(_GENTLE, min(_STEEPEST, abs(error_us) / _CATCH_UP_US))
            most_us = (pts_us - self._last_pts_us) * rate
            self._offset_us += max(-most_us, min(most_us, error_us))
            self._last_pts_us = pts_us
        return pts_us + round(self._offset_us)


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a packet came, by both clocks: the wall's and the one that never jumps."""

    wall_at: Instant
    monotonic_us: int


class JumpWatch:
    """Notices that stream time or the wall clock has jumped, so that a new run must begin.

    A network that stalls and then delivers everything at once is no jump: stream time then only
    catches up with time that has really passed.

    Attributes:
        step_us: by how much the wall clock had been set when the last packet came; 0 where it was not.
    """

    def __init__(
        self, *, ahead_us: int = 2 * SECOND, behind_us: int = 10 * SECOND, wall_us: int = SECOND
    ) -> None:
        self._ahead_us = ahead_us
        self._behind_us = behind_us
        self._wall_us = wall_us
        self._least_us: int | None = None
        self._wall_offset_us: int | None = None
        self._last_dts: int | None = None
        self.step_us = 0

    def why_new_run(self, dts: int, arrival: Arrival) -> str | None:
        """Return what jumped, or None; after a jump the watch starts anew from this packet."""
        self.step_us = self._step_us(arrival)
        why = self._why(dts, arrival)
        delay_us = arrival.monotonic_us - ticks_to_us(dts)
        if why is not None or self._least_us is None:
            self._least_us = delay_us
        # The least delay may rise by 0.1 %, as two crystals drift, or it would be wrong after a day.
        elif self._last_dts is not None:
            self._least_us = min(delay_us, self._least_us + max(0, ticks_to_us(dts - self._last_dts)) // 1000)
        self._wall_offset_us = arrival.wall_at - arrival.monotonic_us
        self._last_dts = dts
        return why

    def _step_us(self, arrival: Arrival) -> int:
        if self._wall_offset_us is None:
            return 0
        step_us = arrival.wall_at - arrival.monotonic_us - self._wall_offset_us
        return step_us if abs(step_us) > self._wall_us else 0

    def _why(self, dts: int, arrival: Arrival) -> str | None:
        if self._last_dts is None or self._least_us is None or self._wall_offset_us is None:
            return None
        if self.step_us:
            return "the wall clock was set"
        if dts <= self._last_dts:
            return "stream time went back"
        delay_us = arrival.monotonic_us - ticks_to_us(dts)
        if delay_us < self._least_us - self._ahead_us:
            return "stream time jumped ahead"
        if delay_us > self._least_us + self._behind_us:
            return "stream time fell behind"
        return None


class StampFiller:
    """Gives every packet a decoding time that grows, where the source leaves it out.

    RTP says when pictures are shown, not when they are decoded; a source whose first packet does not say
    is taken to be like it, whatever its demuxer guesses later. With ``reorder`` pictures shown later
    than one decoded after them, the decoding times are the showing times in order, ``reorder`` places
    late; so the first packets are held back until their times can be counted down.

    Args:
        reorder: from the sequence parameter set; 0 where pictures come in the order they are shown.
    """

    def __init__(self, reorder: int = 0) -> None:
        self._reorder = reorder
        self._held: list[int] = []
        self._shown: list[int] = []
        self._is_told: bool | None = None
        self._unstamped = 0
        self._last_pts: int | None = None
        self._last_dts: int | None = None
        self._interval = _DEFAULT_INTERVAL

    def add(self, pts: int | None, dts: int | None) -> list[tuple[int, int]]:
        """Take in the stamps of the next packet, in ticks.

        Returns:
            The (pts, dts) that are now known, for the oldest packets that have none yet.
        """
        if self._is_told is None:
            self._is_told = dts is not None
        if self._is_told:
            told = (self._last_dts or 0) + 1 if dts is None else dts
            return self._growing([(told if pts is None else pts, told)])
        if pts is None and self._last_pts is None:
            self._unstamped += 1
            return []
        if pts is None:
            pts = (self._last_pts or 0) + self._interval
        if self._unstamped:
            if self._last_pts is None:
                self._last_pts = pts
                return []
            return self._with_unstamped(self._last_pts, pts)
        self._last_pts = pts
        return self._reordered(pts)

    def _with_unstamped(self, first: int, second: int) -> list[tuple[int, int]]:
        """Count back from the first two stamps: the demuxer gives the very first packet of RTSP none."""
        count, self._unstamped = self._unstamped, 0
        self._last_pts = second
        step = max(1, abs(second - first) // (1 + self._reorder))
        stamps = [*range(first - count * step, first, step), first, second]
        return [ready for stamp in stamps for ready in self._reordered(stamp)]

    def _reordered(self, pts: int) -> list[tuple[int, int]]:
        self._held.append(pts)
        insort(self._shown, pts)
        if len(self._shown) <= self._reorder:
            return []
        earliest = self._shown[0]
        step = (self._shown[-1] - earliest) // max(1, self._reorder)
        ready = [
            (one, earliest - step * (len(self._held) - 1 - number)) for number, one in enumerate(self._held)
        ]
        self._held.clear()
        del self._shown[0]
        return self._growing(ready)

    def _growing(self, stamps: list[tuple[int, int]]) -> list[tuple[int, int]]:
        ready: list[tuple[int, int]] = []
        for pts, dts in stamps:
            grown = dts
            if self._last_dts is not None:
                if dts > self._last_dts:
                    self._interval = dts - self._last_dts
                # Two pictures with one time, or a little disorder, are set a tick apart; more is a jump.
                elif dts > self._last_dts - TICKS_PER_S:
                    grown = self._last_dts + 1
            self._last_dts = grown
            ready.append((pts, grown))
        return ready
