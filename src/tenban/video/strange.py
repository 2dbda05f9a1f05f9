"""Opening a video that somebody sent: judged by what is in it, never by its name, against limits.

To be called where a crash, a hang or a swollen memory costs nothing else (a child process with limits).
The container is chosen by its first bytes and no other is tried: FFmpeg also reads play lists, which name
other files and addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import av
import cv2

from tenban.base.errors import BadInput
from tenban.video.frames import Frame

if TYPE_CHECKING:
    from pathlib import Path

CODECS: Final = frozenset({"h264", "hevc", "mpeg4", "vp8", "vp9", "av1", "mjpeg"})
MOST_FPS: Final = 130
LEAST_SIDE: Final = 64
_JPEG_QUALITY: Final = 88
_PICTURE_WIDTH: Final = 1280


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken.

    Attributes:
        length_s: seconds at most.
        long_side: pixels of the longer side at most.
        short_side: pixels of the shorter side at most.
    """

    length_s: float
    long_side: int
    short_side: int


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What was found.

    Attributes:
        container: FFmpeg's name; open the file as this and nothing else.
        codec: of the pictures.
        width: pixels.
        height: pixels.
        length_s: from the first picture to the end of the last, by the packets' own times.
        pictures: how many packets of pictures there are.
        said_s: what the header says where that is much longer: the file breaks off; None otherwise.
    """

    container: str
    codec: str
    width: int
    height: int
    length_s: float
    pictures: int
    said_s: float | None


class Unfit(BadInput):
    """A file that is not taken; ``told`` says in ja and en what was expected and what came."""

    def __init__(self, *, ja: tuple[str, str], en: tuple[str, str]) -> None:
        super().__init__("video", expected=en[0], came=en[1])
        self.told = {
            "ja": f"{ja[0]}が必要です。このファイルは{ja[1]}。",
            "en": f"Expected {en[0]}; this file {en[1]}.",
        }


def inspect_video(path: Path, limits: Limits, *, picture: Path) -> VideoFacts:
    """Check a file and write its first picture as a JPEG (at most 1280 pixels wide).

    Raises:
        Unfit: no video, a container or codec that is not taken, too long, too large, or nothing to decode.
    """
    container_format = _sniff(path)
    try:
        container = av.open(str(path), format=container_format)
    except (av.error.FFmpegError, OSError) as error:
        raise _not_readable() from error
    with container:
        if not container.streams.video:
            raise Unfit(ja=("動画", "映像を含みません"), en=("a video with pictures", "holds none"))
        stream = container.streams.video[0]
        codec = stream.codec_context.name
        if codec not in CODECS:
            names = "H.264, H.265, MPEG-4, VP8, VP9, AV1, Motion JPEG"
            raise Unfit(
                ja=(f"映像の形式が{names}のいずれかの動画", f"{codec[:40]}です"),
                en=(f"a video in one of {names}", f"is in {codec[:40]}"),
            )
        _check_size(stream.codec_context.width, stream.codec_context.height, limits)
        said_s = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None
        length_s, pictures = _measure(container, stream, limits)
    first = _first_picture(path, container_format)
    _check_size(first.width, first.height, limits)
    small = first.bgr(_PICTURE_WIDTH if first.width > _PICTURE_WIDTH else None)
    _, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    picture.write_bytes(encoded.tobytes())
    breaks_off = said_s is not None and said_s > length_s + 1 and said_s > 1.1 * length_s
    return VideoFacts(
        container_format,
        codec,
        first.width,
        first.height,
        round(length_s, 3),
        pictures,
        round(said_s, 1) if said_s is not None and breaks_off else None,
    )


def _sniff(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(16)
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    kinds = {b"PK\x03\x04": "ZIP", b"%PDF": "PDF", b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"GIF8": "GIF"}
    found = next((name for magic, name in kinds.items() if head.startswith(magic)), None)
    raise Unfit(
        ja=(
            "動画ファイル（MP4、MOV、WebM、MKV、AVI）",
            f"{found}です" if found else "空です" if not head else "そのいずれでもありません",
        ),
        en=(
            "a video file (MP4, MOV, WebM, MKV or AVI)",
            f"is a {found} file" if found else "is empty" if not head else "is none of these",
        ),
    )


def _measure(
    container: av.container.InputContainer, stream: av.VideoStream, limits: Limits
) -> tuple[float, int]:
    """Return the length and the number of pictures by the packets; a header can say anything."""
    least: float | None = None
    most = 0.0
    pictures = 0
    try:
        for packet in container.demux(stream):
            moment = packet.pts if packet.pts is not None else packet.dts
            if moment is None or packet.size == 0:
                continue
            at_s = float(moment * packet.time_base)
            least = at_s if least is None else min(least, at_s)
            most = max(most, at_s + float((packet.duration or 0) * packet.time_base))
            pictures += 1
            if most - least > limits.length_s + 0.5 or pictures > limits.length_s * MOST_FPS:
                raise _too_long(limits)
    except av.error.FFmpegError as error:
        # Policy: a file that breaks off counts as far as it goes; without any picture it is refused.
        if not pictures:
            raise _not_readable() from error
    if least is None:
        raise _not_readable()
    return most - least, pictures


def _first_picture(path: Path, container_format: str) -> Frame:
    try:
        with av.open(str(path), format=container_format) as container:
            for picture in container.decode(video=0):
                return Frame(path.name, 0, picture)
    except (av.error.FFmpegError, OSError) as error:
        raise _not_readable() from error
    raise _not_readable()


def _check_size(width: int, height: int, limits: Limits) -> None:
    long_side, short_side = max(width, height), min(width, height)
    if long_side <= limits.long_side and LEAST_SIDE <= short_side <= limits.short_side:
        return
    least, most = f"{LEAST_SIDE}×{LEAST_SIDE}", f"{limits.long_side}×{limits.short_side}"
    raise Unfit(
        ja=(f"{least}から{most}画素までの動画", f"{width}×{height}画素です"),
        en=(f"a video of {least} to {most} pixels", f"has {width}×{height}"),
    )


def _too_long(limits: Limits) -> Unfit:
    minutes = f"{limits.length_s / 60:g}"
    return Unfit(
        ja=(f"{minutes}分までの動画", "それより長いものです"),
        en=(f"a video of at most {minutes} minutes", "is longer"),
    )


def _not_readable() -> Unfit:
    return Unfit(
        ja=("最後まで揃った動画", "途中で切れているか壊れていて、画像を読み取れません"),
        en=("a complete video", "is cut off or damaged: no picture can be read from it"),
    )
