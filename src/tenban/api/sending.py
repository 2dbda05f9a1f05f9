"""Sending blobs: opened as they go out, with ranges (RFC 9110, section 14), refused before the first byte."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from itertools import chain
from typing import Protocol
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from tenban.base.errors import TenbanError, Unavailable
from tenban.base.log import get_log
from tenban.findings.facts import Box
from tenban.sites.model import Blurring

log = get_log(__name__)

_RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")
_PARTIAL = 206
_SMALL_BYTES = 1 << 20


class Readable(Protocol):
    """What is sent: a blob, or a cut of footage."""

    @property
    def name(self) -> str:
        """Another one for other bytes."""
        ...

    @property
    def size(self) -> int:
        """Bytes of the whole."""
        ...

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes ``[start, stop)``."""
        ...


async def send_blob(
    request: Request, blob: Readable, kind: str, *, cache: str, filename: str | None = None
) -> Response:
    """Send a blob, or the part of it that is asked for.

    What is damaged in its first megabyte is refused with an error; further on the connection breaks
    off, since a status cannot be taken back, and no damaged byte is sent in either case.

    Raises:
        Damaged: the blob is not as it was sealed.
    """
    headers = {"Cache-Control": cache, "Accept-Ranges": "bytes", "ETag": f'"{blob.name}"'}
    if filename is not None:
        plain = quote(filename)
        named = f'filename="{plain}"' if plain == filename else f"filename*=utf-8''{plain}"
        headers["Content-Disposition"] = f"attachment; {named}"
    wanted = request.headers.get("range", "")
    if request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        wanted = ""
    span = _span(wanted, blob.size)
    if span is None:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{blob.size}"})
    start, stop, status = span
    if status == _PARTIAL:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{blob.size}"
    parts = _gathered(blob.read(start, stop))
    first = await asyncio.to_thread(next, parts, b"")
    if len(first) == stop - start:
        return Response(first, status, media_type=kind, headers=headers)
    headers["Content-Length"] = str(stop - start)
    return StreamingResponse(chain([first], parts), status, media_type=kind, headers=headers)


class NotBlurred(Unavailable):  # reads as what happened
    """What is to be blurred cannot be found, so the picture is not shown."""

    code = "not_blurred"


async def blurred(jpeg: bytes, what: Blurring, *, part: Box = (0.0, 0.0, 1.0, 1.0)) -> bytes:
    """Return a picture as whoever may not see all of it gets it; nothing is decoded where nothing is blurred.

    Args:
        jpeg: the picture, or a part that was cut out of one.
        what: is blurred.
        part: what of the whole it shows.

    Raises:
        NotBlurred: heads are to be blurred, and what finds people cannot be loaded.
    """
    if not what:
        return jpeg
    return await asyncio.to_thread(_blurred, jpeg, what, part)


def _blurred(jpeg: bytes, what: Blurring, part: Box) -> bytes:
    from tenban.vision.masking import mask_jpeg  # OpenCV, only where something is blurred

    if not what.model:
        return mask_jpeg(jpeg, what.polygons, part=part)
    from tenban.vision.heads import heads, load_people_detector

    try:
        detector = load_people_detector(what.model)
    except TenbanError as error:
        log.error("people not blurred", why=str(error))  # noqa: TRY400  # why says it
        raise NotBlurred("the picture is not shown: people on it cannot be blurred") from error
    return mask_jpeg(jpeg, what.polygons, part=part, find=lambda picture: heads(picture, detector))


def _span(wanted: str, size: int) -> tuple[int, int, int] | None:
    """Return start, stop and status: all of it where it is no range; None where that lies outside."""
    asked = _RANGE.match(wanted)
    if asked is None or asked[1] == asked[2] == "":
        return 0, size, 200
    if asked[1] == "":
        length = min(int(asked[2]), size)
        return (size - length, size, _PARTIAL) if length else None
    start = int(asked[1])
    stop = min(int(asked[2]) + 1, size) if asked[2] else size
    return (start, stop, _PARTIAL) if start < stop else None


def _gathered(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Put parts together to about a megabyte each: fewer turns of the event loop."""
    waiting = bytearray()
    for part in parts:
        waiting += part
        if len(waiting) >= _SMALL_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)
