"""The short-lived child that opens one video: limited in memory, time and files, told its job on stdin.

``python -m tenban.server.try_child`` reads one JSON object and writes JSON lines: ``{"progress": 0.4}``, then
one of ``{"found": …}``, ``{"refused": {"ja": …, "en": …}}`` and ``{"broke": "…"}``. A crash writes nothing.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenban.base.clock import SECOND
from tenban.base.errors import TenbanError

if TYPE_CHECKING:
    from tenban.video.frames import Frame

_TELL_EVERY_S = 0.5
_MOST_FILE_BYTES = 2_000_000_000


def main() -> None:
    """Do one job under limits."""
    job = json.loads(sys.stdin.readline())
    # Libraries may print; what the parent reads is ours alone.
    sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _confine(memory_mb=job["memory_mb"], cpu_s=job["cpu_s"])
    jobs: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "check": _check,
        "sample": _sample,
        "count": _count,
    }
    try:
        _tell(found=jobs[job["do"]](job))
    except TenbanError as error:
        # What was not written for a screen may name our folders: it goes to the log.
        _tell(**({"refused": error.told} if error.told else {"broke": str(error)[:300]}))
    except MemoryError:
        _tell(broke="memory")
    except Exception as error:  # noqa: BLE001  # the edge of the process: what broke is told to the parent, which logs it
        _tell(broke=f"{type(error).__name__}: {error}"[:300])


def _confine(*, memory_mb: int, cpu_s: int) -> None:
    """Take away what opening a strange file does not need, before anything is opened."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: never outlives the jobs process
    if os.getppid() == 1:
        sys.exit(1)  # it ended before that was said
    os.nice(10)
    for limit, most in (
        (resource.RLIMIT_AS, memory_mb * 1_000_000),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, _MOST_FILE_BYTES),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (least, least))


def _check(job: dict[str, Any]) -> dict[str, Any]:
    from tenban.video.strange import Limits, inspect_video

    folder = Path(job["folder"])
    limits = Limits(job["max_s"], job["max_width"], job["max_height"])
    facts = inspect_video(folder / "video", limits, picture=folder / "first.jpg")
    return {"video": asdict(facts)}


def _sample(job: dict[str, Any]) -> dict[str, Any]:
    """Render the clip if nobody needed it before; then it is checked like any other."""
    from tenban.tries.samples import sample_of

    sample = sample_of(job["sample"])
    kept = Path(job["samples"]) / f"{sample.key}.mp4"
    if not kept.exists():
        _render(sample.key, kept)
    folder = Path(job["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    video = folder / "video"
    video.unlink(missing_ok=True)
    os.link(kept, video)
    with video.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    zones = json.loads(kept.with_suffix(".zones.json").read_text(encoding="utf-8"))["zones"]
    return {**_check(job), "zones": zones, "size": video.stat().st_size, "sha256": sha256}


def _render(key: str, kept: Path) -> None:
    from tenban.simulator.clip import Studio
    from tenban.tries.samples import FPS, HEIGHT, WIDTH, sample_of

    sample = sample_of(key)
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial = kept.with_name(f"{key}-{os.getpid()}.mp4")
    studio = Studio(width=WIDTH, height=HEIGHT, fps=FPS)
    told = _Teller(sample.length_s * FPS)
    studio.render_clip(seed=sample.seed, path=partial, behaviours=sample.behaviours, told=told.at)
    for suffix in (".zones.json", ".truth.json", ".events.jsonl", ".mp4"):  # the video last: it says "whole"
        partial.with_suffix(suffix).replace(kept.with_suffix(suffix))


def _count(job: dict[str, Any]) -> dict[str, Any]:
    from tenban.sites.zone import Zone
    from tenban.video.frames import read_frames
    from tenban.vision.counting import count_moves, report

    folder = Path(job["folder"])
    zones = [Zone.checked(one["role"], one["polygon"], where="zones") for one in job["zones"]]
    partial = folder / "annotated.part.mp4"
    frames = read_frames(folder / "video", container_format=job["video"]["container"])
    moves = count_moves(
        _watched(frames, job["video"]),
        zones,
        name="video",
        where="zones",
        annotated=partial,
        registered=job["registered"],
    )
    partial.replace(folder / "annotated.mp4")
    return {"result": report(job["registered"], moves)}


def _watched(frames: Iterator[Frame], video: dict[str, Any]) -> Iterator[Frame]:
    """Tell how far it is; end where the picture changes its size, which nothing after it expects."""
    told = _Teller(video["length_s"])
    for frame in frames:
        if (frame.width, frame.height) != (video["width"], video["height"]):
            raise _other_size(frame.captured_at / SECOND)
        yield frame
        told.at(frame.captured_at / SECOND)


def _other_size(at_s: float) -> TenbanError:
    error = TenbanError(f"video: expected one picture size, got another at {at_s:.1f} s")
    error.told = {
        "ja": f"画像の大きさが変わらない動画が必要です。この動画は{at_s:.1f}秒で変わります。",
        "en": f"Expected a video of one picture size; this one changes it at {at_s:.1f} s.",
    }
    return error


class _Teller:
    """Tells progress, seldom enough."""

    def __init__(self, total: float) -> None:
        from tenban.base.clock import SystemClock

        self._total = max(total, 0.001)
        self._clock = SystemClock()
        self._told_s = float("-inf")

    def at(self, so_far: float) -> None:
        """Say how far it is, in the total's unit."""
        now_s = self._clock.monotonic_s()
        if now_s - self._told_s >= _TELL_EVERY_S:
            self._told_s = now_s
            _tell(progress=round(min(so_far / self._total, 0.99), 3))


def _tell(**told: Any) -> None:
    print(json.dumps(told), flush=True)  # noqa: T201  # this is how a child speaks to its parent


if __name__ == "__main__":
    main()
