"""Fragments begin at keyframes, hold at most a second, and follow each other without a hole."""

from __future__ import annotations

from itertools import pairwise

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
        assert len(one.samples) == 1 or one.end_dts - one.start_dts - one.samples[-1].duration <= TICKS_PER_S


def test_steady_video_with_a_keyframe_each_second_gives_one_fragment_each() -> None:
    """Fifteen pictures a second with one-second groups are cut at the keyframes alone."""
    builder = FragmentBuilder("cam", "run")
    done = []
    for number in range(61):
        packet = MediaPacket("cam", number, number * 6000, number * 6000, 6000, number % 15 == 0, b"x")
        fragment = builder.add(packet)
        done += [fragment] if fragment else []
    assert [len(one.samples) for one in done] == [15, 15, 15, 15]
    assert all(one.is_keyframe for one in done)
