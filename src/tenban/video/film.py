"""Writing pictures as a video that plays everywhere: H.264 (yuv420p) in MP4, each at its own moment."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import av
import numpy as np
from numpy.typing import NDArray

from tenban.base.clock import SECOND, Instant
from tenban.base.errors import BadInput

_IN_FRAGMENTS = "+frag_keyframe+empty_moov+default_base_moof"
_TICKS = 90_000
"""Ticks per second of the written stream, as MPEG counts."""


class Film:
    """A video being written; the first picture sets its size.

    A picture with an odd width or height loses its last column or row: yuv420p has none such.

    Args:
        path: where it goes; what lies there is replaced. A pipe gets a fragmented file, which is good as far
            as it came.
        threads: the encoder may use; 0: as many as there are cores.
    """

    def __init__(self, path: Path | IO[bytes], *, threads: int = 0) -> None:
        self._threads = threads
        to, flags = (str(path), "+faststart") if isinstance(path, Path) else (path, _IN_FRAGMENTS)
        try:
            self._container = av.open(to, mode="w", format="mp4", options={"movflags": flags})
        except (av.error.FFmpegError, OSError) as error:
            raise BadInput(str(path), expected="a place where a video can be written", came=error) from error
        self._stream: av.VideoStream | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._container.mux(self._stream.encode())
        self._container.close()

    def add(self, at: Instant, picture: NDArray[np.uint8]) -> None:
        """Write a picture.

        Args:
            at: microseconds from the beginning; later than the one before.
            picture: BGR, shape (height, width, 3).
        """
        height, width = picture.shape[:2]
        stream = self._stream or self._begin(width, height)
        whole = np.ascontiguousarray(picture[: stream.height, : stream.width])
        out = av.VideoFrame.from_ndarray(whole, format="bgr24").reformat(format="yuv420p")
        out.pts = at * _TICKS // SECOND
        out.time_base = Fraction(1, _TICKS)
        self._container.mux(stream.encode(out))

    def _begin(self, width: int, height: int) -> av.VideoStream:
        stream = self._container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = width // 2 * 2, height // 2 * 2, "yuv420p"
        stream.time_base = Fraction(1, _TICKS)
        stream.codec_context.time_base = Fraction(1, _TICKS)
        stream.options = {"crf": "23", "preset": "veryfast", "threads": str(self._threads)}
        self._stream = stream
        return stream
