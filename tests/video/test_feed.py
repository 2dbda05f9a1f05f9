"""A camera's newest pictures: whoever comes begins at a keyframe, whoever is slow goes on at a newer one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import SECOND
from tenban.video import feed as feeds
from tenban.video.feed import Feed, Viewer
from tenban.video.packets import MediaPacket, StreamInfo

INFO = StreamInfo("cam", "run-1", "h264", 640, 360, b"\x01\x64\x00\x1favcc")
FPS, GROUP = 15, 15


def packet(number: int, *, size: int = 100) -> MediaPacket:
    at = number * SECOND // FPS
    return MediaPacket("cam", at, number * 6000, number * 6000, 6000, number % GROUP == 0, bytes(size))


def fed(count: int, *, size: int = 100) -> Feed:
    feed = Feed("cam")
    feed.begin(INFO)
    for number in range(count):
        feed.add(packet(number, size=size), number)
    return feed


def viewer(feed: Feed, *, only_keyframes: bool = False) -> Viewer:
    one = Viewer(feed, only_keyframes, lambda: None)
    feed.viewers.add(one)
    return one


def drain(one: Viewer, *, acknowledged: bool = True) -> list[int]:
    """Take what there is; return the numbers of the camera's pictures, counted from 0."""
    taken = []
    while (found := one.take()) is not None:
        taken.append(found.picture.n - 1)
        if acknowledged:
            one.acknowledge(found.picture.n)
    return taken


def test_a_viewer_begins_at_the_newest_keyframe() -> None:
    """Whoever comes gets the running group at once, and then every picture."""
    feed = fed(40)
    one = viewer(feed)
    assert drain(one) == list(range(30, 40))
    feed.add(packet(40), 0)
    assert drain(one) == [40]


def test_pictures_before_the_first_keyframe_are_not_shown() -> None:
    """Nothing can be decoded before a keyframe, and nothing of a run whose coding is unknown."""
    feed = Feed("cam")
    feed.add(packet(0), 0)
    feed.begin(INFO)
    feed.add(packet(7), 0)
    assert drain(viewer(feed)) == []


def test_what_is_not_acknowledged_fills_the_window() -> None:
    """Half a second may be on its way; an acknowledgement opens the window again."""
    one = viewer(fed(15))
    first = drain(one, acknowledged=False)
    assert first == list(range(8))
    one.acknowledge(4)
    assert drain(one, acknowledged=False) == list(range(8, 12))


def test_a_large_keyframe_goes_out_alone() -> None:
    """A picture larger than the window is sent when nothing else is on its way."""
    feed = fed(1, size=2 * feeds.WINDOW_BYTES)
    feed.add(packet(1), 0)
    one = viewer(feed)
    assert drain(one, acknowledged=False) == [0]
    one.acknowledge(1)
    assert drain(one) == [1]


def test_a_slow_viewer_goes_on_at_the_newest_keyframe_and_is_told() -> None:
    """It loses whole pictures only, up to a keyframe; the number of those left out is exact."""
    feed = fed(1)
    slow, quick = viewer(feed), viewer(feed)
    seen_by_quick = drain(quick)
    drain(slow, acknowledged=False)
    for number in range(1, 50):
        feed.add(packet(number), 0)
        seen_by_quick += drain(quick)
        drain(slow, acknowledged=False)
    assert seen_by_quick == list(range(50))
    slow.acknowledge(50)
    taken = slow.take()
    assert taken is not None
    assert taken.picture.packet.is_keyframe
    assert (taken.picture.n, taken.skipped) == (46, 46 - 9)
    assert (slow.skipped, quick.skipped, feed.skipped) == (37, 0, 37)


def test_less_is_on_its_way_to_a_viewer_that_was_slow() -> None:
    """Its window closes with each jump and opens again while it keeps up."""
    feed = fed(1)
    one = viewer(feed)
    drain(one, acknowledged=False)
    for number in range(1, 200):
        feed.add(packet(number), 0)
        if number % 50 == 0:
            one.acknowledge(200)
            drain(one, acknowledged=False)
    one.acknowledge(200)
    feed.add(packet(210), 0)
    assert len(drain(one, acknowledged=False)) == 1
    one.acknowledge(400)
    for number in range(211, 260):
        feed.add(packet(number), 0)
        drain(one)
        drain(one)
    for number in range(260, 268):
        feed.add(packet(number), 0)
    assert len(drain(one, acknowledged=False)) == 8


def test_a_short_pause_costs_nothing() -> None:
    """A viewer that is a little behind a new keyframe goes on where it was."""
    feed = fed(12)
    one = viewer(feed)
    drain(one)
    for number in range(12, 17):
        feed.add(packet(number), 0)
    assert drain(one) == [12, 13, 14, 15, 16]
    assert one.skipped == 0


def test_a_small_picture_takes_keyframes_only() -> None:
    """Each newest keyframe once; what lies between is not asked for and not counted as left out."""
    feed = fed(1)
    one = viewer(feed, only_keyframes=True)
    seen = drain(one)
    for number in range(1, 50):
        feed.add(packet(number), 0)
        seen += drain(one)
    assert seen == [0, 15, 30, 45]
    assert one.skipped == 0


def test_a_new_run_begins_anew() -> None:
    """Pictures of another run are coded otherwise: they come with how, from their first keyframe on."""
    feed = fed(20)
    one = viewer(feed)
    drain(one)
    other = StreamInfo("cam", "run-2", "h264", 1280, 720, b"\x01\x42\x00\x1favcc")
    feed.begin(other)
    feed.add(packet(21), 0)
    assert drain(one) == []
    feed.add(packet(30), 0)
    taken = one.take()
    assert taken is not None
    assert taken.picture.info == other


def test_a_recorder_that_is_asked_anew_repeats_nothing() -> None:
    """The same run announced again, with its running group, leaves viewers where they are."""
    feed = fed(20)
    one = viewer(feed)
    drain(one)
    feed.begin(INFO)
    feed.add(packet(20), 0)
    assert drain(one) == [20]


def test_memory_is_bounded_by_the_camera_alone() -> None:
    """A group that never ends is let go; the next keyframe begins anew."""
    size = feeds.MOST_BYTES // 4
    feed = fed(6, size=size)
    assert feed.newest is None
    feed.add(packet(15, size=size), 0)
    assert drain(viewer(feed)) == [5]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=1, max_size=120))
def test_whatever_the_network_does_pictures_can_be_decoded(steps: list[tuple[bool, int]]) -> None:
    """Each picture follows the one before it or is a keyframe; left out and sent together are all."""
    feed = fed(1)
    one = viewer(feed)
    sent: list[int] = []
    number = 0
    for reads, comes in steps:
        for _ in range(comes):
            number += 1
            feed.add(packet(number), 0)
        sent += drain(one, acknowledged=reads)
        if reads and sent:
            one.acknowledge(sent[-1] + 1)
    for before, after in pairwise(sent):
        assert after == before + 1 or after % GROUP == 0
    assert len(sent) + one.skipped == (sent[-1] + 1 if sent else 0)
