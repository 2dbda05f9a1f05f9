"""Stills for other processes: the watcher has the pictures, the web process asks over a local socket.

request   length:u32 JSON {"camera", "at", "box", "margin", "width"}
answer    length:u32 kind:u8 body    kind 0: captured_at:i64 width:u16 height:u16 JPEG
                                     kind 1: JSON {"code", "message"}
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socketserver
import struct
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from tenban.base.clock import Instant
from tenban.base.errors import BadInput, NotFound, TenbanError, Unavailable
from tenban.base.log import get_log
from tenban.base.span import Span
from tenban.video.decoder import PacketDecoder
from tenban.video.footage import Footage, Piece
from tenban.video.frames import Frame
from tenban.video.packets import MediaPacket, ticks_to_us
from tenban.video.queries import FootageIndex
from tenban.video.ring import Box, Still, make_still
from tenban.video.samples import leading, unpack_samples

_ANSWER = struct.Struct(">qHH")
_MOST_REQUEST_BYTES = 4096
_MOST_ANSWER_BYTES = 32 << 20
_GOOD, _BAD = 0, 1
_NEAR_US = 1_000_000

log = get_log(__name__)


class StillSource(Protocol):
    """Something that has the latest pictures of a camera; see :class:`tenban.video.ring.FrameRing`."""

    def still(
        self, at: Instant, *, box: Box | None = None, margin: float = 0.0, width: int | None = None
    ) -> Still:
        """Return a JPEG of the picture nearest to an instant; raises NotFound, BadInput."""
        ...


class NoWatcher(Unavailable):
    """The process that holds the pictures does not answer."""

    code = "no_watcher"


async def ask_still(
    path: Path,
    camera: str,
    at: Instant,
    *,
    box: Box | None = None,
    margin: float = 0.0,
    width: int | None = None,
    timeout_s: float = 1.0,
) -> Still:
    """Ask the watcher for a still; see :func:`tenban.video.ring.make_still` for what the arguments mean.

    Args:
        path: the watcher's socket.
        camera: the camera's id.
        at: the instant wanted; the nearest picture is taken.
        box: the part of the picture wanted.
        margin: widens the box.
        width: the most pixels across.
        timeout_s: how long the answer may take.

    Raises:
        NoWatcher: there is no answer.
        NotFound: the watcher does not watch the camera, or has no picture of that moment (any more).
        BadInput: the box is none.
    """
    asked = {"camera": camera, "at": at, "box": box, "margin": margin, "width": width}
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_unix_connection(str(path))
            try:
                body = json.dumps(asked).encode()
                writer.write(len(body).to_bytes(4, "big") + body)
                length = int.from_bytes(await reader.readexactly(4), "big")
                if length > _MOST_ANSWER_BYTES:
                    raise NoWatcher(f"watcher: expected up to {_MOST_ANSWER_BYTES} bytes, got {length}")
                answer = await reader.readexactly(length)
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        raise NoWatcher(f"watcher: no answer within {timeout_s} s: {error or 'too late'}") from error
    return _unpack_answer(answer)


class StillServer:
    """Answers :func:`ask_still` from the rings of this process, on threads of its own.

    Args:
        path: of the socket; one left by a killed process is replaced.
        rings: where each camera's pictures are; may change while the server runs.
    """

    def __init__(self, path: Path, rings: Mapping[str, StillSource]) -> None:
        self.answered = 0
        self.refused = 0
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._server = _Server(str(path), self._answer, rings)
        path.chmod(0o660)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.2,), name="stills", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        self._path.unlink(missing_ok=True)

    def _answer(self, rings: Mapping[str, StillSource], request: bytes) -> bytes:
        try:
            still = _still(rings, request)
        except TenbanError as error:
            # Policy: whoever asked wrongly or too late is told so.
            self.refused += 1
            return bytes([_BAD]) + json.dumps({"code": error.code, "message": str(error)}).encode()
        self.answered += 1
        return bytes([_GOOD]) + _ANSWER.pack(still.captured_at, still.width, still.height) + still.jpeg


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        path: str,
        answer: Callable[[Mapping[str, StillSource], bytes], bytes],
        rings: Mapping[str, StillSource],
    ) -> None:
        self.answer = answer
        self.rings = rings
        super().__init__(path, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        del request, client_address
        log.error("a still could not be answered", exc_info=True)  # noqa: LOG014  # called while it is handled


class _Handler(socketserver.StreamRequestHandler):
    timeout = 2.0
    server: _Server

    def handle(self) -> None:
        # Policy: whoever asks and does not wait for the answer has lost nothing but the answer.
        with contextlib.suppress(OSError):
            length = int.from_bytes(self.rfile.read(4), "big")
            request = self.rfile.read(min(length, _MOST_REQUEST_BYTES))
            answer = self.server.answer(self.server.rings, request)
            self.wfile.write(len(answer).to_bytes(4, "big") + answer)


def still_from_footage(
    index: FootageIndex,
    footage: Footage,
    camera: str,
    at: Instant,
    *,
    box: Box | None = None,
    margin: float = 0.0,
    width: int | None = None,
    turn: Callable[[Frame], Frame] | None = None,
) -> Still:
    """Decode a still from footage: slow (a seek and up to a keyframe group), but good for any moment kept.

    Args:
        index: what footage there is.
        footage: the footage folder.
        camera: the camera's id.
        at: the instant wanted; the picture shown at it is taken.
        box: the part of the picture wanted.
        margin: widens the box.
        width: the most pixels across.
        turn: makes another picture of the one that was found.

    Raises:
        NotFound: there is no footage within a second of the instant.
        FootageGone: the index knows the footage, but its file is missing.
        Damaged: it is not as it was sealed.
        KeyMissing: the key to it is not here.
        BadInput: the box is none.
    """
    best: Frame | None = None
    decoder = PacketDecoder()
    run = None
    for row, segment in index.for_span(camera, Span(at, at + 1)):
        samples = unpack_samples(row.samples)
        if row.start_at > at and best is not None:
            # Pictures that are shown before this fragment's keyframe are all that can be nearer.
            samples = samples[: 1 + leading(samples)]
            if len(samples) == 1:
                break
        frames = []
        if segment.info.run != run:
            run = segment.info.run
            frames += decoder.begin(segment.info)
        data = b"".join(footage.read([Piece(segment.path, row.offset, row.length)]))
        pts0 = samples[0].offset
        dts = place = 0
        for one in samples:
            captured_at = row.start_at + ticks_to_us(dts + one.offset - pts0)
            coded = data[place : place + one.size]
            packet = MediaPacket(
                camera, captured_at, dts + one.offset, dts, one.duration, one.is_keyframe, coded
            )
            frames += decoder.decode(packet)
            place += one.size
            dts += one.duration
        best = _closer(best, frames, at)
    best = _closer(best, decoder.flush(), at)
    if best is None or abs(best.captured_at - at) > _NEAR_US:
        raise NotFound(f"camera {camera}: there is no footage of this moment")
    return make_still(turn(best) if turn else best, box=box, margin=margin, width=width)


def _closer(best: Frame | None, frames: list[Frame], at: Instant) -> Frame | None:
    """Return the latest picture at or before the instant, or the first after it where there is none."""
    for frame in frames:
        if (
            best is None
            or best.captured_at < frame.captured_at <= at
            or frame.captured_at <= at < best.captured_at
        ):
            best = frame
    return best


def _still(rings: Mapping[str, StillSource], request: bytes) -> Still:
    try:
        asked = json.loads(request)
        camera, at, box = str(asked["camera"]), int(asked["at"]), asked["box"]
        margin, width = float(asked["margin"]), asked["width"]
        part = None if box is None else (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise BadInput("still request", expected="camera, at, box, margin, width", came=error) from error
    ring = rings.get(camera)
    if ring is None:
        raise NotFound(f"camera {camera} is not watched here")
    return ring.still(at, box=part, margin=margin, width=None if width is None else int(width))


def _unpack_answer(answer: bytes) -> Still:
    if answer[:1] == bytes([_GOOD]) and len(answer) > _ANSWER.size:
        captured_at, width, height = _ANSWER.unpack_from(answer, 1)
        return Still(answer[1 + _ANSWER.size :], captured_at, width, height)
    try:
        said = json.loads(answer[1:])
        code, message = said["code"], said["message"]
    except (ValueError, KeyError, TypeError) as error:
        raise NoWatcher(f"watcher: expected a still, got {answer[:40]!r}") from error
    if code == NotFound.code:
        raise NotFound(message)
    if code == BadInput.code:
        raise BadInput("still", expected="a box within the picture", came=message)
    raise Unavailable(message)
