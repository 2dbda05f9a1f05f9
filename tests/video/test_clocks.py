"""Clocks that drift and jump: footage is never overwritten, and time lines say what happened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tenban.base.clock import SECOND
from tenban.base.fakes import FakeClock
from tenban.base.ids import new_id
from tenban.base.span import Span
from tenban.video.assembler import Assembler, RawPacket
from tenban.video.clips import plan_clip, write_clip
from tenban.video.footage import Footage
from tenban.video.fragments import Fragment, FragmentBuilder
from tenban.video.model import IndexBatch, Run
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import read_camera
from tenban.video.samples import Sample
from tenban.video.segments import SegmentWriter
from tenban.video.settings import CameraSettings
from tenban.video.timing import Arrival

T0 = 1_795_312_800_000_000
FRAME = SECOND // 15
BOOT = "the first start"
Feed = Callable[[Iterable[Arrival]], list[Any]]


@pytest.fixture
def feed(film: Callable[..., Any], index: FootageIndex, tmp_path: Path) -> Feed:
    """Records a camera of 15 pictures a second whose packets arrive when it is told."""
    made = film(frames=150)
    source = CameraSettings("cam", str(made.path), speed="fast")
    info, *packets = read_camera(source, clock=FakeClock(), stop=threading.Event())
    assert isinstance(info, StreamInfo)

    def record(arrivals: Iterable[Arrival]) -> list[Any]:
        assembler = Assembler("cam", extradata=info.avcc, new_run=new_id)
        writer = SegmentWriter(Footage(tmp_path / "footage"), "cam", segment_s=180, boot=BOOT)
        builder: FragmentBuilder | None = None
        runs = []
        for number, arrival in enumerate(arrivals):
            one = packets[number % len(packets)]
            assert isinstance(one, MediaPacket)
            ready = assembler.add(RawPacket(number * 6000, None, one.is_keyframe, one.data, arrival))
            for item in ready:
                if isinstance(item, StreamInfo):
                    _keep(index, writer, None if builder is None else builder.flush())
                    builder = FragmentBuilder("cam", item.run)
                    index.add(writer.begin(item))
                    runs.append(item)
                else:
                    assert builder is not None
                    _keep(index, writer, builder.add(item))
        assert builder is not None
        _keep(index, writer, builder.flush())
        index.add(writer.close())
        return runs

    return record


def _keep(index: FootageIndex, writer: SegmentWriter, fragment: Fragment | None) -> None:
    if fragment is not None:
        index.add(writer.add(fragment))


def arrivals(count: int, *, step_after: int | None = None, step_us: int = 0) -> Iterable[Arrival]:
    """Packets on time by a monotonic clock; the wall clock is set after some of them."""
    for number in range(count):
        stepped = step_us if step_after is not None and number >= step_after else 0
        yield Arrival(T0 + number * FRAME + stepped, number * FRAME)


def test_an_hour_set_back_overwrites_nothing(feed: Feed, index: FootageIndex, tmp_path: Path) -> None:
    """The footage of before stays; what is recorded now is an hour earlier, in a run that says so."""
    runs = feed(arrivals(150, step_after=90, step_us=-3600 * SECOND))
    assert len(runs) == 2
    first, second = index.runs("cam", Span(0, T0 * 2))
    assert (first.step_us, first.boot) == (0, BOOT)
    assert second.step_us == pytest.approx(-3600 * SECOND, abs=FRAME)
    assert second.why == "the wall clock was set"
    assert second.monotonic_us > first.monotonic_us
    assert second.began_at < first.began_at
    assert len(list((tmp_path / "footage").rglob("*.mp4"))) == 2
    before = index.for_span("cam", Span(T0, T0 + 6 * SECOND))
    after = index.for_span("cam", Span(T0 - 3594 * SECOND, T0 - 3590 * SECOND))
    assert {one.info.run for _, one in before} == {first.id}
    assert {one.info.run for _, one in after} == {second.id}
    assert index.recorded_until("cam") == pytest.approx(T0 - 3590 * SECOND, abs=SECOND // 10)


def test_of_a_time_that_came_twice_the_later_recording_is_cut(
    feed: Feed, index: FootageIndex, tmp_path: Path, numbers: Callable[[Path], list[int]]
) -> None:
    """A clip of it holds frames of one run only; an order placed now gets what was recorded now."""
    feed(arrivals(150, step_after=75, step_us=-4 * SECOND))
    plan = plan_clip(index, "cam", Span(T0 + 2 * SECOND, T0 + 4 * SECOND))
    write_clip(plan, Footage(tmp_path / "footage"), tmp_path / "clip.mp4")
    shown = numbers(tmp_path / "clip.mp4")
    assert shown == list(range(shown[0], shown[0] + len(shown)))
    assert 88 <= shown[0] <= 92
    assert plan.gaps == ()


def test_an_hour_set_ahead_is_a_gap(feed: Feed, index: FootageIndex) -> None:
    """Between the two runs there is nothing, and the second says by how much the clock was set."""
    feed(arrivals(150, step_after=75, step_us=3600 * SECOND))
    first, second = index.runs("cam", Span(0, T0 * 2))
    assert second.step_us - 3600 * SECOND == pytest.approx(0, abs=FRAME)
    plan = plan_clip(index, "cam", Span(T0 + 4 * SECOND, T0 + 3607 * SECOND))
    (gap,) = plan.gaps
    assert gap.span.length_s == pytest.approx(3600, abs=2.1)
    assert first.id != second.id


def test_both_clocks_of_a_file_are_kept_while_one_is_slewed(feed: Feed, index: FootageIndex) -> None:
    """Our wall clock 400 ppm fast for seven minutes is one run; each file tells how far the two are apart."""
    slewed = [Arrival(T0 + round(n * FRAME * 1.0004), n * FRAME) for n in range(15 * 420)]
    assert len(feed(slewed)) == 1
    files = {one.id: one for _, one in index.for_span("cam", Span(T0, T0 + 430 * SECOND))}
    assert len(files) >= 2
    for file in index_files(index):
        assert file.monotonic_us is not None
        elapsed_us = file.started_at - T0
        apart_us = elapsed_us - file.monotonic_us
        assert apart_us == pytest.approx(elapsed_us * 0.0004, abs=SECOND // 15)
    until = index.recorded_until("cam")
    assert until == pytest.approx(slewed[-1].wall_at, abs=SECOND // 10)


def index_files(index: FootageIndex) -> list[Any]:
    newest = index.newest_segment("cam")
    assert newest is not None
    return [newest]


def test_cameras_change_files_one_after_the_other(tmp_path: Path) -> None:
    """Sixteen cameras that begin together: never more than three in the same second, files of minutes."""
    begun: dict[int, int] = {}
    info = StreamInfo("", "run", "h264", 640, 360, b"\x01avcc")
    for number in range(16):
        camera = f"cam-{number}"
        writer = SegmentWriter(Footage(tmp_path), camera, segment_s=180)
        writer.begin(info)
        starts = []
        for second in range(900):
            start_at = T0 + second * SECOND
            samples = (Sample(1, 90_000, 0, is_keyframe=True),)
            one = Fragment(
                camera, "run", start_at, start_at + SECOND, second * 90_000, True, samples, (b"x",)
            )
            facts: IndexBatch = writer.add(one)
            starts += [second for _ in facts.segments]
        lengths = [after - before for before, after in pairwise(starts)]
        assert all(90 <= length <= 270 for length in lengths)
        assert set(lengths[1:]) == {180}
        for second in starts[1:]:
            begun[second] = begun.get(second, 0) + 1
    assert max(begun.values()) <= 3


def test_a_run_without_a_file_yet_changes_nothing(feed: Feed, index: FootageIndex) -> None:
    """While a camera has come back and no file of it is begun, its footage ends where it ended."""
    feed(arrivals(90))
    until_at = index.recorded_until("cam")
    began_at = T0 + 60 * SECOND
    index.add(IndexBatch(runs=[Run("next", "cam", began_at, 60 * SECOND, BOOT, "the camera was lost", 0)]))
    assert index.recorded_until("cam") == until_at
