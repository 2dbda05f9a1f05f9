"""Small real films: one item carried from the basket to bagging, and files that are none."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from vision.table import BAGGING, BASKET, Item, carry, film

ZONES = [
    {"role": "basket", "polygon": [[0.03, 0.15], [0.36, 0.15], [0.36, 0.75], [0.03, 0.75]]},
    {"role": "bagging", "polygon": [[0.64, 0.15], [0.97, 0.15], [0.97, 0.75], [0.64, 0.75]]},
]


def one_item(path: Path, *, length_s: float = 6) -> Path:
    """A film of one item that is carried to bagging."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        stream.gop_size = 15
        acts = [carry(0, 1.5, BASKET, BAGGING)]
        for number, frame in enumerate(film([Item(BASKET)], acts, length_s=length_s)):
            picture = frame.picture.reformat(format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 15)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def grey(
    path: Path,
    *,
    width: int = 160,
    height: int = 90,
    pictures: int = 10,
    gap_s: float = 0.1,
    codec: str = "libx264",
    container_format: str = "mp4",
) -> Path:
    """A film of nothing."""
    with av.open(str(path), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(pictures):
            shade = np.full((height * 3 // 2, width), 100 + number % 50, np.uint8)
            picture = av.VideoFrame.from_ndarray(shade, format="yuv420p")
            picture.pts, picture.time_base = round(number * gap_s * 1000), Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path
