"""Clips are exact to the frame, honest about what is missing, and readable from any byte on."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenban.base.clock import SECOND
from tenban.base.span import Span
from tenban.video.clips import NoFootage, plan_clip, read_range, write_clip
from tenban.video.queries import FootageIndex
from tenban.video.sealed import FootageGone
from tenban.video.settings import CameraSettings

VARYING = [0, 1, 2, 5, 6, 9, 10, 11, 14, 20, 21, 22, 23, 30, 31, 33, 35, 36, 37, 45, 46, 47, 50, 51, 60]


def shown_between(shown_us: Any, start_us: int, end_us: int, last_us: int) -> list[int]:
    """Return the numbers of the frames that are on the screen at some moment of ``[start, end)``."""
    ends = [*shown_us[1:], last_us]
    return [
        n for n, (at, end) in enumerate(zip(shown_us, ends, strict=True)) if at < end_us and end > start_us
    ]


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"gop": 15}, id="one-second groups"),
        pytest.param({"gop": 60}, id="four-second groups"),
        pytest.param({"gop": 15, "b_frames": 2}, id="B-frames"),
        pytest.param({"gop": 60, "b_frames": 3}, id="B-frames in long groups"),
        pytest.param({"ticks": VARYING, "gop": 8}, id="varying rate"),
        pytest.param({"gop": 7, "fps": 30, "frames": 120}, id="half-second groups"),
        pytest.param({"codec": "libx265", "gop": 15}, id="H.265"),
        pytest.param({"codec": "libx265", "gop": 20, "b_frames": 4, "open_gop": True}, id="open groups"),
    ],
)
def test_a_clip_shows_exactly_the_frames_of_the_span(
    how: dict[str, Any],
    film: Callable[..., Any],
    record: Callable[..., Any],
    index: FootageIndex,
    numbers: Callable[[Path], list[int]],
    first_at: Callable[[str], int],
    tmp_path: Path,
) -> None:
    """A player shows the frames on screen in the span, no more and no less, for spans anywhere."""
    made = film(**how)
    recording = record(CameraSettings("cam", str(made.path), speed="fast"), wait=True)
    t0 = first_at("cam")
    fps = how.get("fps", 15)
    last_us = made.shown_us[-1] + SECOND // fps
    chance = random.Random(7)  # noqa: S311  # spans to try, no secrets
    for number in range(12):
        start_us = chance.randrange(0, last_us - SECOND // 2)
        end_us = start_us + chance.randrange(SECOND // 10, last_us - start_us)
        plan = plan_clip(index, "cam", Span(t0 + start_us, t0 + end_us))
        write_clip(plan, recording.footage, tmp_path / f"{number}.mp4")
        expected = shown_between(made.shown_us, start_us, end_us, last_us)
        got = numbers(tmp_path / f"{number}.mp4")
        assert got == expected
        assert plan.frames == len(got)
        assert plan.gaps == ()
        assert abs(plan.span.start_at - t0 - made.shown_us[got[0]]) <= 100
        with av.open(str(tmp_path / f"{number}.mp4")) as clip:
            assert clip.duration is not None
            assert abs(clip.duration - (plan.span.end_at - plan.span.start_at)) <= 1000


def test_any_range_of_a_clip_is_the_same_bytes(
    film: Callable[..., Any], record: Callable[..., Any], index: FootageIndex, first_at: Callable[[str], int]
) -> None:
    """Reading a clip in ranges gives the bytes of the whole."""
    recording = record(CameraSettings("cam", str(film().path), speed="fast"), wait=True)
    t0 = first_at("cam")
    plan = plan_clip(index, "cam", Span(t0 + 1_300_000, t0 + 3_100_000))
    whole = b"".join(read_range(plan, recording.footage))
    assert len(whole) == plan.length_bytes

    @given(st.integers(0, len(whole) + 10), st.integers(0, len(whole) + 10))
    @settings(max_examples=60, deadline=None)
    def check(start: int, stop: int) -> None:
        assert b"".join(read_range(plan, recording.footage, start, stop)) == whole[start:stop]

    check()


def test_footage_that_is_missing_is_an_error_that_says_so(
    film: Callable[..., Any],
    record: Callable[..., Any],
    index: FootageIndex,
    first_at: Callable[[str], int],
    tmp_path: Path,
) -> None:
    """A clip whose file is gone fails with the reason, and leaves no half-written file."""
    recording = record(CameraSettings("cam", str(film().path), speed="fast"), wait=True)
    t0 = first_at("cam")
    plan = plan_clip(index, "cam", Span(t0, t0 + SECOND))
    for file in recording.root.rglob("*.mp4"):
        file.unlink()
    with pytest.raises(FootageGone, match="is gone"):
        write_clip(plan, recording.footage, tmp_path / "clip.mp4")
    assert not list(tmp_path.glob("clip*"))


def test_a_span_without_footage_is_refused(index: FootageIndex) -> None:
    """Nothing to show is an error with a reason, not an empty file."""
    with pytest.raises(NoFootage, match="there is no footage of this time"):
        plan_clip(index, "cam", Span(1, SECOND))


def test_a_clip_before_and_beyond_the_footage_reports_both_gaps(
    film: Callable[..., Any], record: Callable[..., Any], index: FootageIndex, first_at: Callable[[str], int]
) -> None:
    """What lies outside of the footage is reported, what lies inside is shown."""
    record(CameraSettings("cam", str(film().path), speed="fast"), wait=True)
    t0 = first_at("cam")
    plan = plan_clip(index, "cam", Span(t0 - 2 * SECOND, t0 + 6 * SECOND))
    assert plan.frames == 60
    assert [gap.span.start_at - t0 for gap in plan.gaps] == pytest.approx([-2 * SECOND, 4 * SECOND], abs=20)


def test_a_change_of_the_cameras_size_cuts_to_the_part_with_the_moment(
    film: Callable[..., Any],
    record: Callable[..., Any],
    index: FootageIndex,
    numbers: Callable[[Path], list[int]],
    first_at: Callable[[str], int],
    tmp_path: Path,
) -> None:
    """Two codings cannot share a clip: the part around the moment is shown, and the note says so."""
    small = film("small.mp4", frames=15)
    large = film("large.mp4", frames=30, size=(640, 360), first=100)
    record(CameraSettings("cam", str(small.path), speed="real"), wait=True)
    t0 = first_at("cam")
    recording = record(CameraSettings("cam", str(large.path), speed="fast"), wait=True)
    span = Span(t0, t0 + 5 * SECOND)
    early = plan_clip(index, "cam", span, around=t0 + SECOND // 2)
    late = plan_clip(index, "cam", span, around=t0 + 2 * SECOND)
    assert (early.info.width, late.info.width) == (320, 640)
    assert early.note is not None
    assert "640x360" in (late.note or "")
    write_clip(late, recording.footage, tmp_path / "late.mp4")
    assert numbers(tmp_path / "late.mp4")[-1] == 129
