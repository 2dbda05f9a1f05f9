"""The reading end of the fan-out: packets of one camera, for as long as they are wanted."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from tenban.base.errors import BadInput, NotFound
from tenban.base.log import get_log
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.wire import MOST_BYTES, RefusedBy, Skipped, hello, unpack

_LOOK_UP_S = 0.25
_RETRY_S = (0.05, 0.1, 0.2, 0.5, 1.0)

log = get_log(__name__)


def subscribe(path: Path, camera: str, stop: threading.Event) -> Iterator[StreamInfo | MediaPacket | Skipped]:
    """Yield a camera's packets from the latest keyframe on, until ``stop`` is set.

    A recorder that restarts or is not there yet is asked again until it answers; each connection begins
    with a :class:`StreamInfo`. After a :class:`Skipped` the next packet is a keyframe.

    Args:
        path: the recorder's socket.
        camera: the camera's id.
        stop: ends the iteration, within a quarter of a second.

    Raises:
        NotFound: the recorder does not know the camera.
    """
    tries = 0
    while not stop.is_set():
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
                link.settimeout(_LOOK_UP_S)
                link.connect(str(path))
                link.sendall(hello(camera))
                for message in _messages(link, camera, stop):
                    tries = 0
                    if isinstance(message, RefusedBy):
                        raise NotFound(f"recorder: {message.why}")
                    yield message
        except (OSError, BadInput) as error:
            # Policy: the recorder restarts, or its words were cut off; either way it is asked again.
            log.debug("recorder not reached", camera=camera, error=str(error))
        stop.wait(_RETRY_S[min(tries, len(_RETRY_S) - 1)])
        tries += 1


def _messages(
    link: socket.socket, camera: str, stop: threading.Event
) -> Iterator[StreamInfo | MediaPacket | Skipped | RefusedBy]:
    while True:
        head = _exactly(link, 4, stop)
        if head is None:
            return
        length = int.from_bytes(head, "big")
        if not 1 <= length <= MOST_BYTES:
            raise BadInput("recorder's message", expected=f"1 to {MOST_BYTES} bytes", came=length)
        body = _exactly(link, length, stop)
        if body is None:
            return
        yield unpack(camera, body)


def _exactly(link: socket.socket, length: int, stop: threading.Event) -> bytes | None:
    """Return so many bytes, or None where the link ends or reading shall stop."""
    parts: list[bytes] = []
    while length:
        if stop.is_set():
            return None
        with contextlib.suppress(TimeoutError):
            data = link.recv(length)
            if not data:
                return None
            parts.append(data)
            length -= len(data)
    return parts[0] if len(parts) == 1 else b"".join(parts)
