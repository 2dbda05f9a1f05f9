"""The last few seconds of decoded pictures, and stills from them for the price of one JPEG encoding."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from tenban.base.clock import Instant, seconds
from tenban.base.errors import BadInput, NotFound
from tenban.base.span import Span
from tenban.video.frames import Frame

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom in 0-1 of the picture."""

_MIB = 1 << 20
_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Still:
    """A JPEG of one picture.

    Attributes:
        jpeg: the encoded picture.
        captured_at: when the picture was taken.
        width: in pixels.
        height: in pixels.
    """

    jpeg: bytes
    captured_at: Instant
    width: int
    height: int


class FrameRing:
    """Keeps the latest pictures of one camera; safe to use from several threads.

    Args:
        length_s: how long pictures are kept.
        most_mib: how much memory they may take; with less than ``length_s`` then.
    """

    def __init__(self, *, length_s: float = 4.0, most_mib: float = 64.0) -> None:
        self._length_us = seconds(length_s)
        self._most_bytes = round(most_mib * _MIB)
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, frame: Frame) -> None:
        """Take in the next picture; one that is older than the last begins the ring anew."""
        with self._lock:
            if self._frames and frame.captured_at <= self._frames[-1].captured_at:
                self._frames.clear()
                self._bytes = 0
            self._frames.append(frame)
            self._bytes += _bytes_of(frame)
            while len(self._frames) > 1 and (
                self._bytes > self._most_bytes
                or frame.captured_at - self._frames[0].captured_at > self._length_us
            ):
                self._bytes -= _bytes_of(self._frames.popleft())

    def nearest(self, at: Instant) -> Frame:
        """Return the picture taken nearest to an instant.

        Raises:
            NotFound: the ring is empty, or the instant lies before what it holds by more than the time
                between its pictures.
        """
        with self._lock:
            frames = list(self._frames)
        if not frames:
            raise NotFound("there is no picture in the ring")
        place = bisect_left(frames, at, key=lambda frame: frame.captured_at)
        around = frames[max(0, place - 1) : place + 1]
        found = min(around, key=lambda frame: abs(frame.captured_at - at))
        step_us = (frames[-1].captured_at - frames[0].captured_at) // max(1, len(frames) - 1)
        if place == 0 and found.captured_at - at > step_us:
            raise NotFound(f"the ring begins {(found.captured_at - at) / 1e6:.1f} s later")
        return found

    def still(
        self, at: Instant, *, box: Box | None = None, margin: float = 0.0, width: int | None = None
    ) -> Still:
        """Return a JPEG of the picture nearest to an instant; see :func:`make_still`.

        Raises:
            NotFound: the ring does not hold the instant.
            BadInput: the box is none.
        """
        return make_still(self.nearest(at), box=box, margin=margin, width=width)

    def held(self) -> Span | None:
        """Return the span from the first picture to the last, or None where there is none."""
        with self._lock:
            if not self._frames:
                return None
            return Span(self._frames[0].captured_at, self._frames[-1].captured_at)


def make_still(
    frame: Frame, *, box: Box | None = None, margin: float = 0.0, width: int | None = None
) -> Still:
    """Encode a picture, or a part of it, as JPEG.

    Args:
        frame: the picture.
        box: the part to show; the whole if None. What lies outside of the picture is left out.
        margin: widens the box on each side by this part of its longer side.
        width: the most pixels across; never enlarged.

    Raises:
        BadInput: the box is empty or lies outside of the picture.
    """
    if box is None:
        shown = frame.bgr(width if width is not None and width < frame.width else None)
    else:
        left, top, right, bottom = _pixels(box, margin, frame.width, frame.height)
        shown = np.ascontiguousarray(frame.bgr()[top:bottom, left:right])
        if width is not None and width < shown.shape[1]:
            height = max(1, round(shown.shape[0] * width / shown.shape[1]))
            shown = np.asarray(
                cv2.resize(shown, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8
            )
    done, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise BadInput("still", expected="a picture that can be encoded", came=f"shape {shown.shape}")
    return Still(jpeg.tobytes(), frame.captured_at, shown.shape[1], shown.shape[0])


def _pixels(box: Box, margin: float, width: int, height: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    more = margin * max(right - left, bottom - top)
    ends = (
        max(0, int(left - more)),
        max(0, int(top - more)),
        min(width, round(right + more)),
        min(height, round(bottom + more)),
    )
    if ends[0] >= ends[2] or ends[1] >= ends[3]:
        raise BadInput("still box", expected="left < right and top < bottom within 0-1", came=box)
    return ends


def _bytes_of(frame: Frame) -> int:
    return frame.width * frame.height * 3 // 2
