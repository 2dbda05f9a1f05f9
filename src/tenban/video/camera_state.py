"""What a camera is doing, as people need to know it, and when it is tried again. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tenban.base.clock import SECOND, Instant, seconds

LONGEST_WAIT_S = 15.0
FIRST_WAIT_S = 0.5
STEADY_US = 10 * SECOND
_NUMBER = re.compile(r"\d+")


class CameraStatus(StrEnum):
    """What a camera is doing."""

    CONNECTING = "connecting"
    RECORDING = "recording"
    PAUSED = "paused"
    """Pictures come and are analysed, but cannot be kept: the disk is full."""
    LOST = "lost"
    ENDED = "ended"
    """A file has been played to its end, or the recorder was stopped."""


@dataclass(frozen=True, slots=True)
class CameraState:
    """One state of one camera.

    Attributes:
        camera: the camera's id.
        status: what it is doing.
        since_at: since when.
        why: what went wrong, for people; None where nothing did.
        retry_at: when a lost camera is tried again.
        attempts: how often in a row it was lost before it recorded steadily.
    """

    camera: str
    status: CameraStatus
    since_at: Instant
    why: str | None = None
    retry_at: Instant | None = None
    attempts: int = 0

    def connecting(self, now_at: Instant) -> CameraState:
        """Return the state in which the camera is being opened."""
        return CameraState(self.camera, CameraStatus.CONNECTING, now_at, attempts=self.attempts)

    def recording(self, now_at: Instant, why: str | None = None) -> CameraState:
        """Return the state in which footage is kept; no change where it already was.

        Args:
            now_at: since when.
            why: why it is not kept as it should be, such as unsealed.
        """
        if self.status is CameraStatus.RECORDING and self.why == why:
            return self
        return CameraState(self.camera, CameraStatus.RECORDING, now_at, why, attempts=self.attempts)

    def stepped(self, now_at: Instant, step_us: int) -> CameraState:
        """Return the state that says by how much our own clock was set; what was recorded goes on.

        Args:
            now_at: when, by the clock as it is set now.
            step_us: negative: it was set back.
        """
        way = "back" if step_us < 0 else "ahead"
        why = f"this server's clock was set {way} by {abs(step_us) / SECOND:.1f} s"
        return CameraState(self.camera, self.status, now_at, why, attempts=self.attempts)

    def paused(self, now_at: Instant, why: str) -> CameraState:
        """Return the state in which pictures come but cannot be kept; a number that changes is no change."""
        if self.status is CameraStatus.PAUSED:
            if self.why is not None and _NUMBER.sub("", self.why) == _NUMBER.sub("", why):
                return self
            now_at = self.since_at
        return CameraState(self.camera, CameraStatus.PAUSED, now_at, why, attempts=self.attempts)

    def lost(self, now_at: Instant, why: str, *, jitter: float) -> CameraState:
        """Return the state after the camera was lost, with the time of the next try.

        The first try comes at once; then the waits double from half a second to fifteen seconds, each
        shortened by up to a fifth so that cameras behind one failed switch do not return in step. A
        camera that recorded steadily for ten seconds starts over.

        Args:
            now_at: when it was lost.
            why: what happened, for people.
            jitter: a random number from 0 to 1.
        """
        steady = self.status in (CameraStatus.RECORDING, CameraStatus.PAUSED)
        attempts = 0 if steady and now_at - self.since_at >= STEADY_US else self.attempts
        wait_s = 0.0 if attempts == 0 else min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempts - 1, 10))
        retry_at = now_at + seconds(wait_s * (1 - 0.2 * jitter))
        return CameraState(self.camera, CameraStatus.LOST, now_at, why, retry_at, attempts + 1)

    def ended(self, now_at: Instant) -> CameraState:
        """Return the state in which nothing more is expected."""
        return CameraState(self.camera, CameraStatus.ENDED, now_at)


def first_state(camera: str, now_at: Instant) -> CameraState:
    """Return the state of a camera that is opened for the first time."""
    return CameraState(camera, CameraStatus.CONNECTING, now_at)
