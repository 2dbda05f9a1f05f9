"""The index answers by camera and span, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tenban.base.clock import SECOND
from tenban.base.errors import Unavailable
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.db.engine import open_engine
from tenban.db.schema import metadata
from tenban.video.camera_state import CameraStatus, first_state
from tenban.video.index_writer import IndexWriter
from tenban.video.model import FragmentRow, IndexBatch, Run, Segment
from tenban.video.packets import StreamInfo
from tenban.video.queries import FootageIndex

INFO = StreamInfo("cam", "run", "h264", 640, 360, b"\x01avcc")


@pytest.fixture
def index(database_url: str) -> Iterator[FootageIndex]:
    engine = open_engine(database_url, writes=True)
    metadata.create_all(engine)
    engine.dispose()
    database = Database(database_url)
    yield FootageIndex(database)
    database.close()


def facts(count: int, *, keys_every: int = 2) -> IndexBatch:
    rows = [
        FragmentRow(
            "cam", "seg", n * SECOND, (n + 1) * SECOND, n * 90_000, n % keys_every == 0, 100 * n, 90, b"t"
        )
        for n in range(count)
    ]
    return IndexBatch([Segment("seg", INFO, "cam/1.mp4", 0, 0)], rows)


def starts(index: FootageIndex, span: Span) -> list[int]:
    return [row.start_at // SECOND for row, _ in index.for_span("cam", span)]


def test_a_span_is_answered_from_its_keyframe_on(index: FootageIndex) -> None:
    """Fragments begin with the last keyframe at or before the span."""
    index.add(facts(10))
    assert starts(index, Span(5 * SECOND + 1, 7 * SECOND)) == [4, 5, 6, 7]
    assert starts(index, Span(4 * SECOND, 5 * SECOND)) == [4, 5]
    assert index.for_span("cam", Span(0, 1))[0][1] == Segment("seg", INFO, "cam/1.mp4", 0, 0)
    assert index.for_span("other", Span(0, 9 * SECOND)) == []
    assert index.recorded_until("cam") == 10 * SECOND
    assert index.recorded_until("other") is None


def test_states_are_told_latest_and_by_span(index: FootageIndex) -> None:
    """The latest state of each camera, and what one did during a span, beginning with what it was in."""
    first = first_state("cam", 0)
    states = [first, first.recording(2), first.lost(5, "gone", jitter=0), first.connecting(9)]
    index.add(IndexBatch(states=states))
    assert index.states()["cam"].status is CameraStatus.CONNECTING
    told = [(one.status.value, one.why) for one in index.states_of("cam", Span(3, 8))]
    assert told == [("recording", None), ("lost", "gone")]


def test_locks_meet_spans_and_are_let_go_by_what_held_them(index: FootageIndex) -> None:
    """A lock is found by any span that meets it, replaced by its holder, and removed with it."""
    index.lock("cam", Span(10, 20), "incident:1")
    index.lock("cam", Span(12, 30), "incident:1")
    index.lock("cam", Span(50, 60), "incident:2")
    assert index.locks("cam", Span(25, 55)) == [(Span(12, 30), "incident:1"), (Span(50, 60), "incident:2")]
    index.unlock("incident:1")
    assert index.locks("cam", Span(0, 100)) == [(Span(50, 60), "incident:2")]


class BrokenIndex:
    """An index whose database fails a few times, then works."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.added = IndexBatch()
        self.done = threading.Event()

    def add(self, batch: IndexBatch) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable("expected the footage index to be written, got: database is locked")
        self.added.take(batch)
        self.done.set()


def test_facts_wait_while_the_database_does_not_commit() -> None:
    """A database that is away costs nothing but time."""
    broken = BrokenIndex(2)
    writer = IndexWriter(broken, batch_s=0.01, retry_s=0.05)  # type: ignore[arg-type]  # it only adds
    writer.put(facts(3))
    writer.put(IndexBatch())
    assert broken.done.wait(60)
    writer.close()
    assert len(broken.added) == 4
    assert (writer.failures, writer.given_up) == (2, 0)


def test_facts_beyond_measure_are_given_up_with_all_of_their_file() -> None:
    """When too many wait, the newest are counted as given up, and their file stays marked as unfinished."""
    broken = BrokenIndex(10_000)
    writer = IndexWriter(broken, batch_s=0.01, retry_s=0.05, most_waiting=3)  # type: ignore[arg-type]
    for _ in range(100):
        if broken.failures < 10_000:
            break
        writer.put(facts(3))
        threading.Event().wait(0.02)
    writer.put(facts(5))
    writer.put(IndexBatch(ended=[("seg", 99)], fragments=facts(2).fragments))
    assert writer.given_up >= 3
    broken.failures = 0
    writer.close()
    assert broken.added.ended == []


def test_facts_that_are_refused_cost_their_neighbours_nothing(index: FootageIndex) -> None:
    """What the database takes of other files and cameras is kept; the refused file stays unfinished."""
    index.add(IndexBatch([Segment("seg", INFO, "cam/1.mp4", 0, 0)]))
    writer = IndexWriter(index, batch_s=0.01)
    again = facts(3)
    again.segments = [Segment("double", INFO, "cam/1.mp4", 0, 0)]
    again.fragments = [replace(one, segment="double") for one in again.fragments]
    neighbour = StreamInfo("next", "run", "h264", 640, 360, b"\x01avcc")
    again.take(
        IndexBatch(
            [Segment("other", neighbour, "next/1.mp4", 0, 0)],
            [replace(facts(1).fragments[0], camera="next", segment="other")],
            states=[first_state("next", 5)],
        )
    )
    writer.put(again)
    writer.close()
    assert [row.segment for row, _ in index.for_span("next", Span(0, SECOND))] == ["other"]
    assert [one.since_at for one in index.states_of("next", Span(0, 9))] == [5]
    assert index.for_span("cam", Span(0, 9 * SECOND)) == []
    assert writer.is_incomplete("double")
    assert not writer.is_incomplete("other")
    assert writer.given_up == 4


def test_the_run_of_refused_facts_is_kept(index: FootageIndex) -> None:
    """What is of no file alone is committed without the file it came with."""
    run = Run("run", "cam", 5, 5, "boot", "started", 0)
    index.add(IndexBatch([Segment("seg", INFO, "cam/1.mp4", 0, 0)]))
    writer = IndexWriter(index, batch_s=0.01)
    writer.put(IndexBatch([Segment("double", INFO, "cam/1.mp4", 0, 0)], runs=[run]))
    writer.close()
    assert index.runs("cam", Span(0, 9)) == [run]
    assert writer.is_incomplete("double")
