"""Films with beeps at known pictures, and where the beeps of a clip are."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tenban.simulator.barcode import Stamp
from tenban.simulator.encoder import stamped_picture

RATE = 48_000
BEEP_S = 0.2


def encoder_or_skip(codec: str) -> None:
    """Skip, and say so, where this build of the library cannot make such sound."""
    if codec not in av.codecs_available:
        pytest.skip(f"this PyAV has no encoder {codec}: sound is not tested with it")


def beeping_film(
    path: Path,
    *,
    seconds: int = 6,
    fps: int = 15,
    codec: str = "aac",
    channels: int = 1,
    gop: int = 15,
    b_frames: int = 0,
    rate: int = RATE,
    every_s: float = 1.0,
    video_codec: str = "libx264",
) -> Path:
    """Write a film that beeps for a fifth of a second every ``every_s``, and is else silent.

    In H.265 (``libx265``) its groups are open ones.
    """
    encoder_or_skip(codec)
    encoder_or_skip(video_codec)
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream(video_codec, rate=fps)
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        video.gop_size = gop
        keys = f"scenecut=0:keyint={gop}:min-keyint={gop}:bframes={b_frames}:b-adapt=0"
        keys += ":pools=none:log-level=none:open-gop=1" if video_codec == "libx265" else ":threads=1"
        tune = {} if b_frames else {"tune": "zerolatency"}
        video.options = {"preset": "ultrafast", f"{video_codec[3:]}-params": keys} | tune
        sound: Any = container.add_stream(codec, rate=rate)
        sound.codec_context.layout = "mono" if channels == 1 else "stereo"
        sound.codec_context.bit_rate = 64_000
        at = np.arange(seconds * rate) / rate
        wave = np.where(at % every_s < BEEP_S, 0.5 * np.sin(2 * np.pi * 1000 * at), 0).astype(np.float32)
        for number in range(seconds * fps):
            picture = stamped_picture(320, 180, Stamp(number, 0))
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(video.encode(frame))
            some = wave[number * rate // fps : (number + 1) * rate // fps]
            heard = av.AudioFrame.from_ndarray(
                np.repeat(some[np.newaxis], channels, 0), format="fltp", layout=sound.codec_context.layout
            )
            heard.sample_rate, heard.pts, heard.time_base = rate, number * rate // fps, Fraction(1, rate)
            container.mux(sound.encode(heard))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return path


def beeps_of(path: Path) -> list[float]:
    """Return when beeps begin in a file, in seconds of its own time, as a player plays it."""
    found: list[float] = []
    loud = False
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            samples = np.abs(np.atleast_2d(frame.to_ndarray())[0].astype(np.float64))
            if frame.format.name.startswith("s16"):
                samples /= 32768
            assert frame.pts is not None
            assert frame.time_base is not None
            start = float(frame.pts * frame.time_base)
            block = max(1, frame.sample_rate // 500)
            for place in range(0, len(samples), block):
                is_loud = bool(samples[place : place + block].max() > 0.15)
                if is_loud and not loud:
                    found.append(start + place / frame.sample_rate)
                loud = is_loud if is_loud or samples[place : place + block].max() < 0.05 else loud
    return found
