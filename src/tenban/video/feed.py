"""One camera's newest pictures, for any number of viewers: a slow one goes on at the newest keyframe. Pure.

The pictures are kept once, by the camera; a viewer is a place among them. So a viewer costs no memory however
slow it is, and nobody waits for anybody. What has left and was not acknowledged is bounded too: otherwise the
buffers of the network, which hold seconds, would fill before anybody noticed that a viewer is slow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tenban.base.clock import MILLISECOND, Instant
from tenban.video.packets import MediaPacket, StreamInfo

MOST_BYTES = 16 << 20
"""What is kept of one camera at most; beyond it whoever comes waits for the next keyframe."""
BEHIND_US = 500 * MILLISECOND
"""A viewer that is further behind goes on at a newer keyframe as soon as there is one."""
WINDOW_US = 500 * MILLISECOND
WINDOW_BYTES = 1 << 20
"""So much may be on its way to a viewer and not acknowledged: of time, and of bytes."""
_GROWS_US = 20 * MILLISECOND
"""By so much the window of a viewer that was slow opens again with each picture it is not behind with."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One coded picture on its way to viewers.

    Attributes:
        n: counts the camera's pictures, from 1.
        info: how it is coded.
        packet: the picture.
        came_at: when the recorder handed it on to this process.
    """

    n: int
    info: StreamInfo
    packet: MediaPacket
    came_at: Instant


@dataclass(frozen=True, slots=True)
class Taken:
    """The next picture of a viewer, and how many were left out before it because the viewer was slow."""

    picture: Picture
    skipped: int


class Feed:
    """The newest pictures of one camera: the running group and the one before it.

    Attributes:
        heard_at: when the last picture came; None before the first.
        skipped: pictures left out for slow viewers, of all of them.
    """

    def __init__(self, camera: str) -> None:
        self.camera = camera
        self.viewers: set[Viewer] = set()
        self.heard_at: Instant | None = None
        self.skipped = 0
        self._info: StreamInfo | None = None
        self._pictures: deque[Picture] = deque()
        self._bytes = 0
        self._keyframe: int | None = None
        self._count = 0

    def begin(self, info: StreamInfo) -> None:
        """Take in how the pictures that follow are coded; what came before cannot be gone on from."""
        if info == self._info:
            return  # the recorder was asked anew, and nothing has changed
        self._info = info
        self._clear()

    def add(self, packet: MediaPacket, now_at: Instant) -> None:
        """Take in the next picture, and tell the viewers."""
        if self._info is None or (self._keyframe is None and not packet.is_keyframe):
            return
        self._count += 1
        if packet.is_keyframe:
            while self._pictures and self._keyframe is not None and self._pictures[0].n < self._keyframe:
                self._drop()
            self._keyframe = self._count
        self._pictures.append(Picture(self._count, self._info, packet, now_at))
        self._bytes += len(packet.data)
        while (
            self._bytes > MOST_BYTES and self._keyframe is not None and self._pictures[0].n < self._keyframe
        ):
            self._drop()
        if self._bytes > MOST_BYTES:
            self._clear()
        self.heard_at = now_at
        for viewer in self.viewers:
            viewer.told()

    @property
    def newest(self) -> Picture | None:
        """The newest picture that can be shown."""
        return self._pictures[-1] if self._pictures else None

    @property
    def keyframe(self) -> Picture | None:
        """The newest keyframe."""
        return None if self._keyframe is None else self.at(self._keyframe)

    def at(self, n: int) -> Picture | None:
        """Return a picture by its number, while it is kept."""
        place = n - self._pictures[0].n if self._pictures else -1
        return self._pictures[place] if 0 <= place < len(self._pictures) else None

    def _drop(self) -> None:
        self._bytes -= len(self._pictures.popleft().packet.data)

    def _clear(self) -> None:
        self._pictures.clear()
        self._bytes = 0
        self._keyframe = None


@dataclass(eq=False, slots=True)
class Viewer:
    """One viewer's place among a camera's pictures.

    Attributes:
        feed: the camera's pictures.
        only_keyframes: for small pictures on a wall: one of each group is enough.
        told: called whenever there may be something to take.
        skipped: pictures left out because this viewer was slow.
    """

    feed: Feed
    only_keyframes: bool
    told: Callable[[], None]
    skipped: int = 0
    _next: int = 0
    _window_us: int = WINDOW_US
    _on_its_way: deque[Picture] = field(default_factory=deque)
    _bytes: int = 0

    def take(self) -> Taken | None:
        """Return the next picture to send; None where there is none yet, or too much is on its way."""
        keyframe, newest = self.feed.keyframe, self.feed.newest
        if keyframe is None or newest is None:
            return None
        mine = self.feed.at(self._next)
        skipped = 0
        if self._next <= keyframe.n and (
            self.only_keyframes
            or mine is None
            or newest.packet.captured_at - mine.packet.captured_at > BEHIND_US
        ):
            if self._next and not self.only_keyframes:
                skipped = keyframe.n - self._next
            mine = keyframe
        if mine is None and not self._on_its_way:
            self._window_us = min(WINDOW_US, self._window_us + _GROWS_US)
        if mine is None or (self.only_keyframes and not mine.packet.is_keyframe) or self._full(mine):
            return None
        if skipped:
            # What is on its way to a slow viewer is old when it arrives: there is to be less of it.
            self._window_us //= 4
        self._next = mine.n + 1
        self.skipped += skipped
        self.feed.skipped += skipped
        self._on_its_way.append(mine)
        self._bytes += len(mine.packet.data)
        return Taken(mine, skipped)

    def acknowledge(self, n: int) -> None:
        """Note that the viewer has everything up to this picture."""
        while self._on_its_way and self._on_its_way[0].n <= n:
            self._bytes -= len(self._on_its_way.popleft().packet.data)

    def _full(self, picture: Picture) -> bool:
        if not self._on_its_way:
            return False
        waits_us = picture.packet.captured_at - self._on_its_way[0].packet.captured_at
        return waits_us > self._window_us or self._bytes + len(picture.packet.data) > WINDOW_BYTES
