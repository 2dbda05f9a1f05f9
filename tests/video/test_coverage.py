"""What there is of a span, and what is missing."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import SECOND
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.coverage import Hole, between, coverage, joined
from tenban.video.model import IndexBatch, Segment
from tenban.video.packets import StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.tables import segments
from tenban.video.timeline import JOIN_US

WITHIN = Span(1_000 * SECOND, 2_000 * SECOND)
spans = st.lists(
    st.tuples(st.integers(900, 2_100), st.integers(0, 300)).map(
        lambda pair: Span(pair[0] * SECOND, (pair[0] + pair[1]) * SECOND)
    ),
    max_size=12,
)


@given(spans)
def test_what_is_there_and_what_is_missing_make_up_the_whole(films: list[Span]) -> None:
    """Every second of a span is filmed or missing and never both; the parts are in order."""
    filmed = joined(films, WITHIN)
    missing = between(filmed, WITHIN)
    parts = sorted([*filmed, *missing], key=lambda one: one.start_at)
    assert sum(one.end_at - one.start_at for one in parts) == WITHIN.end_at - WITHIN.start_at
    assert all(one.end_at <= after.start_at for one, after in pairwise(parts))
    for one in filmed:
        middle = (one.start_at + one.end_at) // 2
        assert any(film.start_at <= middle <= film.end_at for film in films)


def test_less_than_a_fifth_of_a_second_is_no_gap() -> None:
    """Files that follow one another are one piece, give or take some pictures."""
    first, second = Span(0, 10 * SECOND), Span(10 * SECOND + JOIN_US, 20 * SECOND)
    assert joined([second, first], Span(0, 20 * SECOND)) == [Span(0, 20 * SECOND)]


def filmed(index: FootageIndex, *parts: Span) -> None:
    info = StreamInfo("cam", "run", "h264", 320, 180, b"")
    files = [Segment(f"{place}", info, f"{place}.mp4", one.start_at, 0) for place, one in enumerate(parts)]
    ended = [(f"{place}", one.end_at) for place, one in enumerate(parts)]
    index.add(IndexBatch(segments=files, ended=ended))


def test_a_hole_is_told_with_its_cause(index: FootageIndex) -> None:
    """Lost and paused say so in the recorder's words; a server that was off, and what is not kept, too."""
    minute = 60 * SECOND
    filmed(index, *(Span(n * minute, (n + 1) * minute) for n in (10, 12, 14, 16)))
    states = [
        (CameraStatus.RECORDING, 10, None),
        (CameraStatus.LOST, 11, "no route"),
        (CameraStatus.RECORDING, 12, None),
        (CameraStatus.PAUSED, 13, "disk full"),
        (CameraStatus.RECORDING, 14, None),
    ]
    told = [CameraState("cam", status, at * minute, why) for status, at, why in states]
    index.add(IndexBatch(states=told))
    found = coverage(index, "cam", Span(9 * minute, 20 * minute), now_at=18 * minute)
    assert [(hole.cause, hole.why) for hole in found.holes] == [
        ("not_kept", None),
        ("lost", "no route"),
        ("paused", "disk full"),
        ("off", None),
        ("off", None),
    ]
    assert found.holes[-1] == Hole(Span(17 * minute, 18 * minute - 3 * SECOND), "off")
    assert (found.from_at, len(found.filmed)) == (10 * minute, 4)


def test_days_are_looked_up_one_by_one(index: FootageIndex, database: Database) -> None:
    """A file over midnight counts for both days; a day between is empty."""
    day = 86_400 * SECOND
    filmed(index, Span(day - SECOND, day + SECOND), Span(3 * day, 3 * day + SECOND))
    days = [Span(n * day, (n + 1) * day) for n in range(4)]
    assert index.filmed_in("cam", days) == [True, True, False, True]
    assert index.filmed_in("cam", []) == []
    assert index.filmed_in("other", days) == [False] * 4
    assert database.read_now(lambda c: c.execute(segments.select()).all())
