"""A camera's state says what happens, and retries come at once, then ever more slowly, but always."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import SECOND
from tenban.video.camera_state import LONGEST_WAIT_S, CameraStatus, first_state


def test_a_camera_that_recorded_steadily_is_retried_at_once() -> None:
    """After ten good seconds the first retry does not wait."""
    state = first_state("cam", 0).recording(SECOND).lost(20 * SECOND, "gone", jitter=0.5)
    assert state.retry_at == 20 * SECOND
    assert state.why == "gone"


def test_waits_double_to_fifteen_seconds() -> None:
    """A camera that stays away is asked after 0, 0.5, 1, 2, 4, 8 and then every 15 seconds."""
    state, waits = first_state("cam", 0), []
    for _ in range(8):
        state = state.lost(0, "gone", jitter=0)
        waits.append((state.retry_at or 0) / SECOND)
        state = state.connecting(0)
    assert waits == [0, 0.5, 1, 2, 4, 8, 15, 15]


@given(st.lists(st.tuples(st.sampled_from(["up", "lost"]), st.integers(0, 30)), max_size=50), st.floats(0, 1))
def test_a_retry_is_always_planned_and_never_far(steps: list[tuple[str, int]], jitter: float) -> None:
    """Whatever happens, a lost camera is tried again within fifteen seconds, and not before its loss."""
    now_at, state = 0, first_state("cam", 0)
    for what, later_s in steps:
        now_at += later_s * SECOND
        if what == "up":
            state = state.recording(now_at)
        else:
            state = state.lost(now_at, "gone", jitter=jitter)
            assert state.retry_at is not None
            assert 0 <= state.retry_at - now_at <= LONGEST_WAIT_S * SECOND
            state = state.connecting(now_at)


def test_staying_in_a_state_does_not_change_since_when() -> None:
    """Recording on and pausing on keep their beginning."""
    recording = first_state("cam", 0).recording(5)
    assert recording.recording(9) is recording
    paused = recording.paused(10, "the disk is full: 3 MiB are free")
    assert paused.paused(12, "the disk is full: 2 MiB are free") is paused
    held = paused.paused(12, "the disk is full: 2 MiB are free; what is left is held")
    assert (held.since_at, held.why) == (10, "the disk is full: 2 MiB are free; what is left is held")
    assert paused.ended(20).status is CameraStatus.ENDED
