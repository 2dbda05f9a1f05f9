"""H.265 cameras are recorded, cut, repaired and decoded as H.264 ones are, open groups included."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import pytest
import sqlalchemy as sa

from tenban.base.clock import SECOND, SystemClock
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.simulator.barcode import read_stamp
from tenban.simulator.cameras import FileCamera, TestCamera, _read_units
from tenban.simulator.rtp import VideoPacket, packetise, split_nals
from tenban.simulator.rtsp import RtspServer
from tenban.video.assembler import Assembler, RawPacket
from tenban.video.check import Report, check_camera
from tenban.video.clips import plan_clip, write_clip
from tenban.video.coding import H265
from tenban.video.decoder import PacketDecoder
from tenban.video.frames import Frame
from tenban.video.live_words import codec_of
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import read_camera
from tenban.video.recovery import Recovered, recover
from tenban.video.ring import FrameRing
from tenban.video.rtp_h265 import H265Depacketizer
from tenban.video.settings import CameraSettings, RecordingSettings
from tenban.video.sharp import PacketRing
from tenban.video.stills import still_from_footage
from tenban.video.tables import fragments
from tenban.video.timing import Arrival

from .conftest import need_x265
from .test_recovery import forget

OPEN = {"codec": "libx265", "gop": 12, "b_frames": 3, "open_gop": True}
T0 = 1_795_312_800 * SECOND
Unit = tuple[int, int, bytes, bool]


def number_of(frame: Frame) -> int:
    stamp = read_stamp(frame.picture.to_ndarray(format="gray"))
    assert stamp is not None
    return stamp.frame


def sent(units: list[Unit], one: Assembler, pieces: H265Depacketizer) -> Iterator[StreamInfo | MediaPacket]:
    """What the recorder makes of pictures that a camera sends in RTP packets."""
    for sent_us, shown_us, data, is_key in units:
        packet = VideoPacket(data, T0 + shown_us, is_key)
        for piece in packetise(packet, first_seq=0, ssrc=1, is_h265=True):
            for picture in pieces.feed(piece):
                arrival = Arrival(T0 + sent_us, sent_us)
                yield from one.add(RawPacket(picture.timestamp, None, False, picture.nals, arrival))


def decoded(messages: list[StreamInfo | MediaPacket]) -> list[Frame]:
    decoder = PacketDecoder()
    frames: list[Frame] = []
    for one in messages:
        frames += decoder.begin(one) if isinstance(one, StreamInfo) else decoder.decode(one)
    return frames + decoder.flush()


def assembler() -> Assembler:
    runs = iter(range(100))
    return Assembler("cam", extradata=b"", new_run=lambda at: f"run-{next(runs)}", coding=H265)


def test_who_joins_an_open_group_gets_no_picture_that_leans_on_what_was_before(
    film: Callable[..., Any],
) -> None:
    """From a CRA on every picture that is kept is decoded, in order, at its own moment."""
    units, _, _ = _read_units(film(**OPEN).path)
    places = [place for place, unit in enumerate(units) if unit[3]]
    assert H265.kind_of(next(nal for nal in split_nals(units[places[1]][2]) if H265.kind_of(nal) < 32)) == 21
    joined, one = units[places[1] :], assembler()
    messages = [*sent(joined, one, H265Depacketizer()), *one.flush()]
    packets = [message for message in messages if isinstance(message, MediaPacket)]
    assert one.before_keyframe == sum(unit[1] < joined[0][1] for unit in joined) > 0
    frames = decoded(messages)
    assert [number_of(frame) for frame in frames] == list(range(12, 60))
    assert len(packets) <= len(frames)
    for number, frame in enumerate(frames):
        assert abs(frame.captured_at - frames[0].captured_at - number * SECOND // 15) <= 100
    (info,) = (message for message in messages if isinstance(message, StreamInfo))
    assert (info.codec, info.width, info.height) == ("h265", 320, 180)
    assert codec_of(info).startswith("hvc1.1.6.L")


def test_a_change_of_parameter_sets_begins_a_new_run(film: Callable[..., Any]) -> None:
    """A camera that changes its resolution gets a new run with the new size, and loses no picture."""
    small, length_us, _ = _read_units(film("small.mp4", codec="libx265", frames=15).path)
    large, _, _ = _read_units(film("large.mp4", codec="libx265", frames=15, size=(640, 360), first=15).path)
    units = [*small, *((sent + length_us, at + length_us, data, key) for sent, at, data, key in large)]
    one = assembler()
    messages = [*sent(units, one, H265Depacketizer()), *one.flush()]
    infos = [message for message in messages if isinstance(message, StreamInfo)]
    assert [(info.run, info.width, info.height) for info in infos] == [
        ("run-0", 320, 180),
        ("run-1", 640, 360),
    ]
    assert [number_of(frame) for frame in decoded(messages)] == list(range(30))
    assert one.new_run_because == "the camera changed its parameter sets"


def test_a_decoder_that_missed_packets_makes_nothing_up(film: Callable[..., Any]) -> None:
    """After a hole decoding goes on at a CRA, without what leans on the missing pictures; stills likewise."""
    one = assembler()
    units, _, _ = _read_units(film(**OPEN).path)
    messages = [*sent(units, one, H265Depacketizer()), *one.flush()]
    info, *packets = messages
    assert isinstance(info, StreamInfo)
    keys = [n for n, packet in enumerate(packets) if isinstance(packet, MediaPacket) and packet.is_keyframe]
    decoder = PacketDecoder()
    decoder.begin(info)
    for packet in packets[: keys[1]]:
        assert isinstance(packet, MediaPacket)
        decoder.decode(packet)
    decoder.skip()
    ring = PacketRing(FrameRing())
    ring.begin(info)
    numbers = []
    for number, packet in enumerate(packets):
        assert isinstance(packet, MediaPacket)
        ring.add(packet)
        if number >= keys[2]:
            numbers += [number_of(frame) for frame in decoder.decode(packet)]
    assert numbers == list(range(24, 24 + len(numbers)))
    # A picture before a CRA in time, behind it in the stream: found with the group before.
    before = next(packet for packet in packets[keys[2] + 1 :] if isinstance(packet, MediaPacket))
    assert number_of(ring.nearest(before.captured_at)) < 24
    assert ring.nearest(before.captured_at).captured_at == before.captured_at


@pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
def test_footage_forgotten_by_a_killed_recorder_is_repaired_and_cut(
    sealed: bool,  # noqa: FBT001  # pytest's parameter
    film: Callable[..., Any],
    record: Callable[..., Any],
    index: FootageIndex,
    database: Database,
    first_at: Callable[[str], int],
    numbers: Callable[[Path], list[int]],
    tmp_path: Path,
) -> None:
    """Rows come back as they were, sound by a deep check; clips are exact at both ends, codec named right."""
    camera = CameraSettings("cam", str(film(**OPEN).path), speed="fast", sealed=sealed)
    recording = record(
        camera, wait=True, recording=RecordingSettings(min_free_mib=1, batch_s=0.02, segment_s=1.5)
    )
    t0 = first_at("cam")
    span = Span(t0, t0 + 4 * SECOND)
    before = [row for row, _ in index.for_span("cam", span)]
    assert len({row.segment for row in before}) > 1
    forget(database, whole=True)
    assert recover(index, recording.footage, "cam") == Recovered(indexed=len(before))
    after = index.for_span("cam", span)
    assert [row for row, _ in after] == before
    assert {(segment.info.codec, segment.info.width) for _, segment in after} == {("h265", 320)}
    assert check_camera(index, recording.footage, "cam", Report(), clock=SystemClock(), deep=True) == []
    for start, end in ((0, 60), (9, 25), (12, 13), (22, 24), (35, 51)):
        asked = Span(t0 + start * SECOND // 15 + 100, t0 + end * SECOND // 15 - 100)
        clip = tmp_path / f"{start}.mp4"
        write_clip(plan_clip(index, "cam", asked), recording.footage, clip)
        assert numbers(clip) == list(range(start, end))
    with av.open(str(tmp_path / "9.mp4")) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"
    still = still_from_footage(index, recording.footage, "cam", t0 + 23 * SECOND // 15 + 100)
    assert abs(still.captured_at - t0 - 23 * SECOND // 15) <= 100


def test_after_a_hole_a_clip_shows_only_what_can_be_decoded(
    film: Callable[..., Any],
    record: Callable[..., Any],
    index: FootageIndex,
    database: Database,
    first_at: Callable[[str], int],
    numbers: Callable[[Path], list[int]],
    tmp_path: Path,
) -> None:
    """Where the group before a CRA is missing, what leans on it is left out and the gap is told."""
    recording = record(CameraSettings("cam", str(film(**OPEN).path), speed="fast"), wait=True)
    t0 = first_at("cam")
    gone = sa.delete(fragments).where(
        fragments.c.start_at > t0 + 11 * SECOND // 15, fragments.c.start_at < t0 + 23 * SECOND // 15
    )
    database.write_now(lambda connection: connection.execute(gone))
    plan = plan_clip(index, "cam", Span(t0, t0 + 4 * SECOND))
    write_clip(plan, recording.footage, tmp_path / "clip.mp4")
    shown = numbers(tmp_path / "clip.mp4")
    assert shown == [*range(shown.index(24)), *range(24, 60)]
    assert plan.frames == len(shown)
    assert len(plan.gaps) == 1


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_camera_is_read_over_rtsp(transport: str, rtsp: tuple[RtspServer, str]) -> None:
    """Our own client and the demuxer both give every picture, once, with its size."""
    need_x265()
    server, address = rtsp
    stop, decoder = threading.Event(), PacketDecoder()
    shown: list[int] = []
    with TestCamera(server, "cam", width=320, height=180, codec="libx265", gop=5):
        camera = CameraSettings("cam", f"{address}/cam", transport=transport)  # type: ignore[arg-type]
        for one in read_camera(camera, clock=SystemClock(), stop=stop):
            if isinstance(one, StreamInfo):
                assert (one.codec, one.width, one.height) == ("h265", 320, 180)
                decoder.begin(one)
            else:
                shown += [number_of(frame) for frame in decoder.decode(one)]
            if len(shown) >= 12:
                stop.set()
    assert shown == list(range(shown[0], shown[0] + len(shown)))


def test_a_camera_with_open_groups_is_recorded_over_rtsp(
    film: Callable[..., Any],
    rtsp: tuple[RtspServer, str],
    record: Callable[..., Any],
    index: FootageIndex,
    first_at: Callable[[str], int],
    numbers: Callable[[Path], list[int]],
    tmp_path: Path,
) -> None:
    """From the camera's packets to a clip: the frames asked for, exactly."""
    server, address = rtsp
    with FileCamera(server, "cam", film(**OPEN, frames=45).path):
        recording = record(CameraSettings("cam", f"{address}/cam"))
        recording.wait_for(
            lambda: (index.recorded_until("cam") or 0) - (index.recorded_from("cam") or 0) > 2 * SECOND
        )
        recording.end()
    t0 = first_at("cam")
    whole = tmp_path / "whole.mp4"
    write_clip(plan_clip(index, "cam", Span(t0, t0 + 2 * SECOND)), recording.footage, whole)
    shown = numbers(whole)
    part = tmp_path / "part.mp4"
    asked = Span(t0 + 7 * SECOND // 15 + 5_000, t0 + 20 * SECOND // 15 - 5_000)
    write_clip(plan_clip(index, "cam", asked), recording.footage, part)
    assert numbers(part) == shown[7:20]
    assert [(number - shown[0]) % 45 for number in shown] == list(range(len(shown)))
