"""Fragments begin at keyframes, end with the picture that fills half a second, and follow without a hole."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.video.fragments import Fragment, FragmentBuilder
from tenban.video.packets import TICKS_PER_S, MediaPacket, ticks_to_us


@given(
    st.lists(st.tuples(st.integers(1, 60_000), st.booleans()), min_size=1, max_size=80),
)
def test_fragments_tile_the_run(steps: list[tuple[int, bool]]) -> None:
    """Every picture is in exactly one fragment, in order; each fragment ends where the next begins."""
    builder = FragmentBuilder("cam", "run")
    fragments: list[Fragment] = []
    dts = 0
    packets = []
    for number, (step, starts_group) in enumerate(steps):
        is_key = starts_group or number == 0
        packets.append(MediaPacket("cam", ticks_to_us(dts), dts, dts, step, is_key, b"%d," % number))
        dts += step
    for packet in packets:
        done = builder.add(packet)
        fragments += [done] if done else []
    last = builder.flush()
    assert last is not None
    fragments.append(last)
    assert builder.flush() is None
    assert b"".join(part for one in fragments for part in one.parts) == b"".join(one.data for one in packets)
    assert sum(len(one.samples) for one in fragments) == len(packets)
    for before, after in pairwise(fragments):
        assert before.end_dts == after.start_dts
        assert before.end_at == after.start_at or abs(before.end_at - after.start_at) <= 1
    for one in fragments:
        assert one.is_keyframe == one.samples[0].is_keyframe
        assert not any(sample.is_keyframe for sample in one.samples[1:])
    for one in fragments[:-1]:
        assert one.end_dts - one.start_dts - one.samples[-1].duration < TICKS_PER_S // 2


@pytest.mark.parametrize(
    ("fps", "group", "parts"),
    [
        (15, 15, [8, 7]),
        (15, 30, [8, 8, 8, 6]),
        (25, 25, [13, 12]),
        (30, 30, [15, 15]),
        (5, 5, [3, 2]),
        (1, 4, [1, 1, 1, 1]),
    ],
)
def test_groups_are_cut_into_even_parts(fps: int, group: int, parts: list[int]) -> None:
    """Steady video is cut at its keyframes and into parts of about half a second."""
    step = TICKS_PER_S // fps
    assert _cut([step] * (group * 4 + 1), group) == parts * 4


def test_a_fragment_ends_where_all_it_shows_is_there() -> None:
    """With B-frames no picture that comes later is shown before one of a fragment that is complete."""
    builder = FragmentBuilder("cam", "run")
    # Decoded I P B B P B B …, shown three places later than decoded at most.
    places = [0, *(three * 3 + off for three in range(9) for off in (3, 1, 2))]
    done = []
    for number, place in enumerate(places):
        pts = (place + 1) * 4500
        packet = MediaPacket("cam", ticks_to_us(pts), pts, number * 4500, 4500, number == 0, b"x")
        fragment = builder.add(packet)
        done += [fragment] if fragment else []
    assert [len(one.samples) for one in done] == [10, 12]
    assert [one.end_at for one in done] == [550_000, 1_150_000]


@given(st.lists(st.integers(-1400, 1400), min_size=61, max_size=61))
def test_jitter_leaves_no_third_part(jitter: list[int]) -> None:
    """A one-second group whose pictures come up to 15 ms early or late is cut in two."""
    due = [number * 6000 + off for number, off in enumerate(jitter)]
    parts = _cut([after - before for before, after in pairwise(due)], 15)
    assert sum(parts[:2]) == 15
    assert set(parts) <= {7, 8}


def _cut(steps: list[int], group: int) -> list[int]:
    """Return how many pictures each complete fragment holds."""
    builder = FragmentBuilder("cam", "run")
    done = []
    dts = 0
    for number, step in enumerate(steps):
        packet = MediaPacket("cam", ticks_to_us(dts), dts, dts, step, number % group == 0, b"x")
        fragment = builder.add(packet)
        done += [fragment] if fragment else []
        dts += step
    assert all(one.is_keyframe == one.samples[0].is_keyframe for one in done)
    return [len(one.samples) for one in done]
