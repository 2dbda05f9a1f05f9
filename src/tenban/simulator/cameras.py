"""Cameras for tests and benchmarks: one that stamps every frame, one that loops a file.

Both run on a thread of their own and feed an ``RtspServer``::

    with TestCamera(server, "cam-1") as camera:
        ...  # rtsp://127.0.0.1:port/cam-1, every frame readable with barcode.read_stamp
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from fractions import Fraction
from pathlib import Path
from typing import Self

import av
from av.bitstream import BitStreamFilterContext

from tenban.base.clock import SECOND, Clock, Instant, SystemClock, seconds
from tenban.base.errors import BadInput
from tenban.simulator.barcode import Stamp
from tenban.simulator.encoder import Encoder, stamped_picture
from tenban.simulator.rtp import StreamInfo, VideoPacket
from tenban.simulator.rtsp import RtspServer
from tenban.simulator.sound import ToneMaker


class _Camera(ABC):
    """A thread that pushes packets until it is stopped."""

    def __init__(self, server: RtspServer, name: str, *, clock: Clock | None) -> None:
        self._server = server
        self._name = name
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera-{name}", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Stop sending; the stream stays offered, silent."""
        self._stop.set()
        self._thread.join(10)

    @abstractmethod
    def _run(self) -> None:
        """Send until stopped."""

    def _wait_until(self, at: Instant) -> bool:
        """Wait for the instant; tell whether the camera still runs."""
        return not self._stop.wait(max(0.0, (at - self._clock.now()) / SECOND))


class TestCamera(_Camera):
    """A camera whose every frame carries its number and the instant it was painted.

    Args:
        server: where the stream is offered, from construction on.
        name: the stream's name.
        width: pixels, even, at least 256.
        height: pixels, even.
        fps: pictures per second.
        gop: pictures from one keyframe to the next; ``fps`` where None, so that a group lasts a second.
        replay_gop: late joiners get the running group of pictures at once.
        clock: where the time comes from.
        codec: the encoder: ``libx264`` or ``libx265``.
        sound: ``aac`` or ``opus``: it beeps with every picture whose number is a multiple of ``fps``.

    Attributes:
        sound_on: whether its sound is sent.
    """

    __test__ = False  # pytest: the name does not make it a test

    def __init__(
        self,
        server: RtspServer,
        name: str,
        *,
        width: int = 640,
        height: int = 360,
        fps: int = 15,
        gop: int | None = None,
        replay_gop: bool = False,
        clock: Clock | None = None,
        codec: str = "libx264",
        sound: str | None = None,
    ) -> None:
        super().__init__(server, name, clock=clock)
        self._size = (width, height)
        self._tone = None if sound is None else ToneMaker(sound, self._clock.now())
        self.sound_on = True
        self._fps = fps
        self._encoder = Encoder(
            width=width, height=height, fps=fps, gop=gop or fps, preset="ultrafast", codec=codec
        )
        self.frames_sent = 0
        first = self._paint(self._clock.now())
        info = _info(first.data, fps, is_h265=codec == "libx265")
        heard = None if self._tone is None else self._tone.info
        server.add_stream(name, info, replay_gop=replay_gop, sound=heard)
        self._first = first

    def _paint(self, captured_at: Instant) -> VideoPacket:
        picture = stamped_picture(*self._size, Stamp(self.frames_sent, captured_at))
        return self._encoder.encode(picture, captured_at)

    def _run(self) -> None:
        start_at = self._clock.now()
        self._server.push(self._name, self._first)
        while True:
            self.frames_sent += 1
            if not self._wait_until(start_at + self.frames_sent * SECOND // self._fps):
                return
            now_at = self._clock.now()
            if self._tone is not None:
                self._beep(self._tone, now_at)
            self._server.push(self._name, self._paint(now_at))

    def _beep(self, tone: ToneMaker, now_at: Instant) -> None:
        for unit in tone.until(now_at):
            if self.sound_on:
                self._server.push_sound(self._name, unit)
        if self.frames_sent % self._fps == 0:
            tone.beep(now_at)


class FileCamera(_Camera):
    """A camera that plays an H.264 or H.265 file over and over, without encoding anything.

    Args:
        server: where the stream is offered, from construction on.
        name: the stream's name.
        path: a file PyAV can read with one video stream of H.264 or H.265.
        replay_gop: late joiners get the running group of pictures at once.
        clock: where the time comes from.

    Raises:
        BadInput: the file's video is neither, or is empty.
    """

    def __init__(
        self,
        server: RtspServer,
        name: str,
        path: Path,
        *,
        replay_gop: bool = False,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(server, name, clock=clock)
        self._units, self._length_us, info = _read_units(path)
        server.add_stream(name, info, replay_gop=replay_gop)

    def _run(self) -> None:
        start_at = self._clock.now()
        while True:
            for sent_us, shown_us, data, keyframe in self._units:
                if not self._wait_until(start_at + sent_us):
                    return
                self._server.push(self._name, VideoPacket(data, start_at + shown_us, keyframe))
            start_at += self._length_us


def _info(annex_b: bytes, fps: float, *, is_h265: bool) -> StreamInfo:
    return (
        StreamInfo.of_h265_keyframe(annex_b, fps=fps) if is_h265 else StreamInfo.of_keyframe(annex_b, fps=fps)
    )


def _read_units(path: Path) -> tuple[list[tuple[int, int, bytes, bool]], int, StreamInfo]:
    """Return access units (sent after, shown after, Annex B, keyframe) in µs, the loop's length, its sets."""
    units: list[tuple[int, int, bytes, bool]] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context.name
        if codec not in {"h264", "hevc"}:
            raise BadInput(str(path), expected="H.264 or H.265 video", came=codec)
        to_annex_b = BitStreamFilterContext(f"{codec}_mp4toannexb", stream)
        time_base = stream.time_base or Fraction(1, 90_000)
        fps = float(stream.average_rate or 15)
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            for filtered in to_annex_b.filter(packet):
                dts, pts = filtered.dts or 0, filtered.pts or 0
                sent_us, shown_us = seconds(float(dts * time_base)), seconds(float(pts * time_base))
                units.append((sent_us, shown_us, bytes(filtered), bool(filtered.is_keyframe)))
    if not units:
        raise BadInput(str(path), expected="a video with pictures", came="an empty one")
    first_us = units[0][0]
    units = [(sent - first_us, shown - first_us, data, key) for sent, shown, data, key in units]
    return units, units[-1][0] + seconds(1 / fps), _info(units[0][2], fps, is_h265=codec == "hevc")
