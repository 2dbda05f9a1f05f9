"""Sound out of RTP: taken apart, joined with the pictures' clock, and never in the pictures' way."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import SECOND
from tenban.simulator.rtp import sender_report
from tenban.simulator.sound_rtp import (
    SoundInfo,
    SoundUnit,
    describe_sound,
    packetise_sound,
    sound_report,
    sound_time,
)
from tenban.video.packets import SoundPacket
from tenban.video.sound import aac_coding, opus_coding
from tenban.video.sound_rtp import AuHeaders, SoundDepacketizer
from tenban.video.sound_stream import SoundReceiver
from tenban.video.sound_words import SoundTold, sound_of, told_of

CONFIG = bytes.fromhex("1188")
AAC = aac_coding(CONFIG)
INFO = SoundInfo("aac", 48_000, 1, CONFIG)
FRAME = 1024 * SECOND / 48_000


def packet(number: int, *, at: int = 0, data: bytes = b"frame") -> bytes:
    return packetise_sound(INFO, SoundUnit(data, at + number * 1024), seq=number, ssrc=7)


def many(payload: bytes, *, sequence: int = 1, marker: bool = True, at: int = 0) -> bytes:
    return struct.pack(">BBHII", 0x80, 97 | marker << 7, sequence, at, 7) + payload


def test_frames_of_aac_come_one_by_one_several_at_once_and_in_parts() -> None:
    """All three ways of RFC 3640: one unit a packet, several with their headers in front, one in pieces."""
    depacketizer = SoundDepacketizer(AAC)
    assert [one.data for one in depacketizer.feed(packet(1))] == [b"frame"]
    both = struct.pack(">HHH", 32, 3 << 3, 2 << 3) + b"abcde"
    frames = depacketizer.feed(many(both, sequence=2, at=4096))
    assert [(one.timestamp, one.data) for one in frames] == [(4096, b"abc"), (5120, b"de")]
    head = struct.pack(">HH", 16, 10 << 3)
    assert depacketizer.feed(many(head + b"01234", sequence=3, marker=False, at=6144)) == []
    (whole,) = depacketizer.feed(many(head + b"56789", sequence=4, at=6144))
    assert (whole.timestamp, whole.data) == (6144, b"0123456789")
    assert (depacketizer.lost, depacketizer.refused) == (0, 0)


def test_lost_doubled_and_late_packets_leave_a_gap_and_no_more() -> None:
    """A lost packet is counted and costs its frames; one that comes twice or too late is not heard twice."""
    depacketizer = SoundDepacketizer(AAC)
    got = [frame for number in (1, 2, 2, 5, 3, 6) for frame in depacketizer.feed(packet(number))]
    assert [one.timestamp // 1024 for one in got] == [1, 2, 5, 6]
    assert depacketizer.lost == 2


def test_time_stamps_run_on_where_their_32_bits_end() -> None:
    """A stream that goes on for a day does not begin again."""
    depacketizer = SoundDepacketizer(AAC)
    before = (1 << 32) - 512
    first = depacketizer.feed(packet(0, at=before))
    second = depacketizer.feed(packet(1, at=before))
    assert second[0].timestamp - first[0].timestamp == 1024


@given(st.lists(st.binary(max_size=60), max_size=20), st.sampled_from([AAC, opus_coding(1)]))
def test_garbage_is_counted_and_raises_nothing(packets: list[bytes], coding: object) -> None:
    """Sound that makes no sense never reaches the pictures."""
    assert coding in (AAC, opus_coding(1))
    receiver = SoundReceiver("cam", AAC if coding == AAC else opus_coding(1), AuHeaders(6, 2, 2))
    receiver.begin_run()
    for number, one in enumerate(packets):
        receiver.take(one, number)
        receiver.report(one)
        receiver.picture_report(one)
        receiver.after(number * 6000, number)


def heard(*, reports: bool, sound_late_us: int = 0, jitter_us: int = 0) -> list[SoundPacket]:
    """Two seconds of a camera whose two clocks began at random numbers; sound was made with the pictures."""
    receiver = SoundReceiver("cam", AAC)
    receiver.begin_run()
    began = 50 * SECOND
    if reports:
        receiver.picture_report(sender_report(ssrc=1, wall_at=began, packets=0, octets=0))
        receiver.report(sound_report(INFO, ssrc=2, wall_at=began))
    found: list[SoundPacket] = []
    sent = 0
    for number in range(45):
        at = began + number * SECOND // 15
        while round(began + (sent + 1) * FRAME) + sound_late_us <= at:
            stamp = sound_time(began, 48_000) + sent * 1024
            packed = packetise_sound(INFO, SoundUnit(b"frame", stamp), seq=sent, ssrc=2)
            receiver.take(
                packed, round(began + (sent + 1) * FRAME) + sound_late_us + sent * 7919 % (jitter_us + 1)
            )
            sent += 1
        found += receiver.after(at * 9 // 100, at + 5_000)
    return found


@pytest.mark.parametrize("late_us", [0, 150_000])
def test_sender_reports_join_sound_and_pictures_exactly(late_us: int) -> None:
    """However late the sound is sent, it stands where the reports say."""
    first = heard(reports=True, sound_late_us=late_us, jitter_us=30_000)[0]
    assert abs(first.position - sound_time(50 * SECOND, 48_000)) <= 1


def test_without_reports_sound_is_off_by_what_it_is_sent_later() -> None:
    """Arrivals join to some milliseconds what is sent at once; what is sent late stands as late."""
    for late_us in (0, 150_000):
        first = heard(reports=False, sound_late_us=late_us, jitter_us=20_000)[0]
        off_us = (first.position - sound_time(50 * SECOND, 48_000)) * SECOND / 48_000
        assert abs(off_us - late_us) < 25_000


def test_what_follows_without_a_hole_counts_on_exactly() -> None:
    """Jitter of arrivals moves nothing: positions are the camera's own count."""
    found = heard(reports=False, jitter_us=40_000)
    assert len(found) > 60
    steps = {after.position - before.position for before, after in pairwise(found)}
    assert steps == {1024}


def test_a_new_run_is_joined_anew() -> None:
    """Where the pictures' stream time jumps, sound of before is not put at times of after."""
    receiver = SoundReceiver("cam", AAC)
    receiver.begin_run()
    receiver.take(packet(1), 0)
    receiver.begin_run()
    assert receiver.after(90_000_000, 2 * SECOND) == []


def test_a_description_says_what_the_sound_is_or_why_it_is_not_recorded() -> None:
    """AAC and Opus are taken, the first that fits; anything else is named as people call it."""
    base = "v=0\r\nm=video 0 RTP/AVP 96\r\na=control:v\r\n"
    aac = sound_of(base + describe_sound(INFO, control_url="rtsp://cam/x"), "rtsp://cam/x/")
    assert (aac.told.coding, aac.control, aac.headers) == (AAC, "rtsp://cam/x/audio", AuHeaders())
    opus = sound_of(describe_sound(SoundInfo("opus", 48_000, 2), control_url="rtsp://cam"), "rtsp://cam")
    assert opus.told.coding == opus_coding(2)
    law = sound_of(base + "m=audio 0 RTP/AVP 8\r\na=control:a\r\n", "rtsp://cam/x")
    assert law.told == SoundTold(None, "codec", "G.711")
    both = sound_of("m=audio 0 RTP/AVP 0\r\n" + describe_sound(INFO, control_url="u"), "rtsp://cam/x")
    assert both.told.coding == AAC
    assert sound_of(base, "rtsp://cam/x").told == SoundTold()
    broken = describe_sound(INFO, control_url="u").replace("config=1188", "config=2b11")
    assert sound_of(broken, "u").told.why == "codec"


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (SoundTold(AAC), {"codec": "aac", "rate": 48_000, "channels": 1}),
        (SoundTold(None, "codec", "G.711"), {"why": "codec", "came": "G.711"}),
        (
            SoundTold(None, "refused", "461 Unsupported Transport"),
            {"why": "refused", "came": "461 Unsupported Transport"},
        ),
        (SoundTold(), {"why": "none", "came": ""}),
    ],
)
def test_what_is_known_of_a_sound_is_read_as_it_was_written(told: SoundTold, read: dict[str, object]) -> None:
    """One short line holds it, from the recorder to the camera's page."""
    assert told_of(told.as_text()) == read
    assert told_of(None) is None


@given(st.text(max_size=300))
def test_any_description_is_read(sdp: str) -> None:
    """A camera may write what it likes: sound is found or it is not."""
    sound_of("m=audio 0 RTP/AVP 97\r\na=rtpmap:97 " + sdp + "\r\na=fmtp:97 " + sdp, "rtsp://cam/x")
