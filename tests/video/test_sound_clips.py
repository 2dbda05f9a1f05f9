"""Sound is recorded beside the pictures and cut with them: what was heard with a picture is heard with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from tenban.base.clock import SECOND
from tenban.base.span import Span
from tenban.video.clips import plan_clip, write_clip
from tenban.video.queries import FootageIndex
from tenban.video.settings import CameraSettings
from tests.video.sounding import beeping_film, beeps_of

WITHIN_S = 0.04


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"codec": "aac"}, id="AAC"),
        pytest.param({"codec": "aac", "channels": 2, "rate": 44_100}, id="AAC in stereo at 44.1 kHz"),
        pytest.param({"codec": "aac", "rate": 16_000, "gop": 30}, id="AAC at 16 kHz, long groups"),
        pytest.param({"codec": "libopus"}, id="Opus"),
        pytest.param({"codec": "aac", "b_frames": 2}, id="AAC and B-frames"),
    ],
)
def test_a_beep_is_heard_with_its_picture(
    how: dict[str, Any],
    record: Callable[..., Any],
    index: FootageIndex,
    numbers: Callable[[Path], list[int]],
    first_at: Callable[[str], int],
    tmp_path: Path,
) -> None:
    """Wherever a cut begins, each beep begins within 40 ms of the picture it began with."""
    path = beeping_film(tmp_path / "film.mp4", **how)
    recording = record(CameraSettings("cam", str(path), speed="fast", sound=True), wait=True)
    t0 = first_at("cam")
    for number, (start_s, end_s) in enumerate([(0, 6), (1.5, 4.7), (2.03, 3.9), (0.4, 5.0)]):
        plan = plan_clip(index, "cam", Span(t0 + round(start_s * SECOND), t0 + round(end_s * SECOND)), sound=True)
        assert plan.sound is not None
        out = tmp_path / f"{number}.mp4"
        write_clip(plan, recording.footage, out)
        shown = numbers(out)
        # The last frame reaches a little beyond the last picture; players leave that to the edit list.
        beeps = [at for at in beeps_of(out) if at < len(shown) / 15 - WITHIN_S]
        expected = [(n - shown[0]) / 15 for n in shown if n % 15 == 0]
        assert len(beeps) == len(expected)
        assert all(abs(one - other) < WITHIN_S for one, other in zip(beeps, expected, strict=True)), (beeps, expected)
        with av.open(str(out)) as clip:
            assert abs(clip.duration / SECOND - len(shown) / 15) < 0.1
