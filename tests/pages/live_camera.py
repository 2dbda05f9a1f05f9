"""A camera as the recorder hands it on: a film in which every picture carries its number and time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Self

import av
import pytest

from tenban.base.clock import SECOND, SystemClock
from tenban.simulator.barcode import Stamp
from tenban.simulator.encoder import Encoder, stamped_picture
from tenban.video.coding import H264, H265
from tenban.video.fanout import FanOut
from tenban.video.nal import split_annex_b
from tenban.video.packets import MediaPacket, StreamInfo

_SIZE = (640, 360)


class LiveCameras:
    """A recorder's packets socket, with cameras that all show the same stamped film.

    Args:
        folder: where the socket is, as the web process looks for it.
        cameras: their ids; one called ``hevc`` sends H.265, the others H.264.
        fps: pictures a second; each begins a group once a second.

    Attributes:
        sends: cleared while they send nothing.
        set_to_h265: the cameras that somebody sets to H.265 meanwhile.
    """

    def __init__(self, folder: Path, cameras: list[str], *, fps: int = 10) -> None:
        if "hevc" in cameras and "libx265" not in av.codecs_available:
            pytest.skip("PyAV here has no libx265: live pictures of H.265 cameras are NOT tested")
        self._cameras = cameras
        self._fps = fps
        self._clock = SystemClock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live-cameras", daemon=True)
        self.fan_out = FanOut(folder / "packets.sock", cameras)
        self.set_to_h265: set[str] = set()
        self.sends = threading.Event()
        self.sends.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.sends.set()
        self._thread.join(10)
        self.fan_out.close()

    def _encoder(self, codec: str) -> Encoder:
        return Encoder(
            width=_SIZE[0],
            height=_SIZE[1],
            fps=self._fps,
            gop=self._fps,
            kbps=500,
            preset="ultrafast",
            codec=codec,
        )

    def _run(self) -> None:
        encoders = {H264: self._encoder("libx264")}
        encoders |= {H265: self._encoder("libx265")} if "hevc" in self._cameras else {}
        ways = dict.fromkeys(self._cameras, H264)
        start_at, number = self._clock.now(), 0
        while not self._stop.wait(
            max(0.0, (start_at + number * SECOND // self._fps - self._clock.now()) / SECOND)
        ):
            at = self._clock.now()
            picture = stamped_picture(*_SIZE, Stamp(number, at))
            made = {coding: encoder.encode(picture, at) for coding, encoder in encoders.items()}
            for camera in self._cameras:
                is_set = camera == "hevc" or camera in self.set_to_h265
                coding = H265 if is_set and number % self._fps == 0 else ways[camera]
                unit = coding.access_unit(split_annex_b(made[coding].data))
                if number == 0 or coding is not ways[camera]:
                    ways[camera] = coding
                    record = coding.build_record(unit.parameters)
                    self.fan_out.begin(StreamInfo(camera, f"run-{number}", coding.id, *_SIZE, record))
                ticks = (at - start_at) * 9 // 100
                length = 90_000 // self._fps
                packet = MediaPacket(camera, at, ticks, ticks, length, unit.is_keyframe, unit.data)
                if self.sends.is_set():
                    self.fan_out.publish(packet)
            number += 1
