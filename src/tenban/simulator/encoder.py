"""H.264 or H.265 as network cameras send it: Annex B, parameter sets before each keyframe, no B-frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from tenban.base.clock import Instant, SystemClock
from tenban.simulator.barcode import Stamp, paint_stamp
from tenban.simulator.rtp import VideoPacket

_MICROSECONDS = Fraction(1, 1_000_000)


class Encoder:
    """Turns pictures into packets, one for one, without delay.

    Args:
        width: pixels, even.
        height: pixels, even.
        fps: pictures per second.
        gop: pictures from one keyframe to the next.
        kbps: wanted rate, kilobits per second.
        preset: x264's or x265's preset; the faster, the more bits.
        codec: ``libx264``, ``libx265``, or another encoder's name for cameras of the wrong kind.
    """

    def __init__(
        self,
        *,
        width: int,
        height: int,
        fps: float,
        gop: int,
        kbps: int = 1_500,
        preset: str = "superfast",
        codec: str = "libx264",
    ) -> None:
        context = av.CodecContext.create(codec, "w")
        assert isinstance(context, VideoCodecContext)  # noqa: S101  # for the type checker
        context.width, context.height = width, height
        context.pix_fmt = "yuv420p"
        context.time_base = _MICROSECONDS
        context.framerate = Fraction(fps).limit_denominator(1001)
        context.gop_size = gop
        context.bit_rate = kbps * 1_000
        context.thread_count = 1
        if codec == "libx264":
            rate = f"vbv-maxrate={kbps}:vbv-bufsize={kbps}:scenecut=0:keyint={gop}:min-keyint={gop}"
            context.options = {"preset": preset, "tune": "zerolatency", "x264-params": rate}
        elif codec == "libx265":
            rate = f"vbv-maxrate={kbps}:vbv-bufsize={kbps}:scenecut=0:keyint={gop}:min-keyint={gop}:bframes=0"
            one = "open-gop=0:repeat-headers=1:pools=none:frame-threads=1:log-level=none"
            context.options = {"preset": preset, "tune": "zerolatency", "x265-params": f"{rate}:{one}"}
        self._context = context
        self._first_at: Instant | None = None

    def encode(self, picture: NDArray[np.uint8], captured_at: Instant) -> VideoPacket:
        """Encode one picture.

        Args:
            picture: (height, width, 3) BGR, or (1.5 height, width) planar YUV 4:2:0.
            captured_at: later than the picture before.
        """
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24" if picture.ndim == 3 else "yuv420p")
        if self._first_at is None:
            self._first_at = captured_at
        frame.pts = captured_at - self._first_at
        frame.time_base = _MICROSECONDS
        (packet,) = self._context.encode(frame)
        return VideoPacket(data=bytes(packet), captured_at=captured_at, keyframe=bool(packet.is_keyframe))


def write_stamped_video(
    path: Path, *, frames: int, width: int = 640, height: int = 360, fps: int = 15, gop: int = 15
) -> Instant:
    """Write an MP4 in which every frame carries its stamp; return the first frame's time.

    Frames follow each other by exactly ``1 / fps``.
    """
    start_at = SystemClock().now()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.gop_size = gop
        stream.options = {"preset": "veryfast", "tune": "zerolatency", "crf": "23"}
        for number in range(frames):
            picture = stamped_picture(width, height, Stamp(number, start_at + number * 1_000_000 // fps))
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return start_at


def stamped_picture(width: int, height: int, stamp: Stamp) -> NDArray[np.uint8]:
    """Return a plain moving picture (height, width, 3) with its stamp at the top."""
    picture = np.empty((height, width, 3), dtype=np.uint8)
    shade = np.linspace(60, 180, width, dtype=np.uint8)
    picture[:] = shade[np.newaxis, :, np.newaxis]
    side = height // 5
    x = stamp.frame * 6 % (width - side)
    y = height // 2
    picture[y : y + side, x : x + side] = (40, 160, 230)
    paint_stamp(picture, stamp)
    return picture
