"""Live pictures in one process: one connection to the recorder for each camera somebody looks at."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from tenban.base.clock import Clock
from tenban.base.errors import BadInput
from tenban.base.log import get_log
from tenban.video.feed import Feed, Viewer
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.wire import MOST_BYTES, Message, RefusedBy, hello, unpack

_RETRY_S = (0.05, 0.1, 0.2, 0.5, 1.0)
_READ_BYTES = 1 << 20

log = get_log(__name__)


@dataclass(slots=True)
class _Followed:
    feed: Feed
    task: asyncio.Task[None]


class Feeds:
    """The cameras that somebody looks at now.

    Args:
        path: the recorder's socket.
        clock: tells when a picture came.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._followed: dict[str, _Followed] = {}

    @contextlib.asynccontextmanager
    async def look(
        self, camera: str, told: Callable[[], None], *, only_keyframes: bool = False
    ) -> AsyncIterator[Viewer]:
        """Look at a camera: begins to listen to the recorder for the first viewer, and ends with the last."""
        followed = self._followed.get(camera)
        if followed is None:
            feed = Feed(camera)
            task = asyncio.create_task(self._follow(feed), name=f"live-{camera}")
            followed = self._followed[camera] = _Followed(feed, task)
        viewer = Viewer(followed.feed, only_keyframes, told)
        followed.feed.viewers.add(viewer)
        try:
            yield viewer
        finally:
            followed.feed.viewers.discard(viewer)
            if not followed.feed.viewers and self._followed.get(camera) is followed:
                del self._followed[camera]
                followed.task.cancel()
                await asyncio.gather(followed.task, return_exceptions=True)

    @property
    def cameras(self) -> list[str]:
        """The cameras that are followed now."""
        return sorted(self._followed)

    async def _follow(self, feed: Feed) -> None:
        tries = 0
        while True:
            try:
                async for message in _messages(self._path, feed.camera):
                    tries = 0
                    self._hear(feed, message)
            except (OSError, BadInput, asyncio.IncompleteReadError) as error:
                # Policy: the recorder restarts, or its words were cut off; either way it is asked again.
                log.debug("recorder not reached", camera=feed.camera, error=str(error))
            await asyncio.sleep(_RETRY_S[min(tries, len(_RETRY_S) - 1)])
            tries += 1

    def _hear(self, feed: Feed, message: Message) -> None:
        if isinstance(message, StreamInfo):
            feed.begin(message)
        elif isinstance(message, MediaPacket):
            feed.add(message, self._clock.now())
        elif isinstance(message, RefusedBy):
            # Policy: a camera that is not recorded (yet) is asked for again; viewers see no pictures come.
            log.debug("recorder refused", camera=feed.camera, why=message.why)


async def _messages(path: Path, camera: str) -> AsyncIterator[Message]:
    """Yield what the recorder says until it hangs up."""
    reader, writer = await asyncio.open_unix_connection(str(path), limit=_READ_BYTES)
    try:
        writer.write(hello(camera))
        while True:
            length = int.from_bytes(await reader.readexactly(4), "big")
            if not 1 <= length <= MOST_BYTES:
                raise BadInput("recorder's message", expected=f"1 to {MOST_BYTES} bytes", came=length)
            yield unpack(camera, await reader.readexactly(length))
    finally:
        writer.close()
