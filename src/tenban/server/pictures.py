"""Pictures of any moment of kept footage, decoded in the jobs process for whoever scrubs a timeline."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeAlias

from tenban.base.clock import Clock, Instant
from tenban.base.errors import TooMany
from tenban.server.jobs import Eye
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex
from tenban.video.ring import Box, FrameRing, Still
from tenban.video.stills import still_from_footage
from tenban.vision.turned import turn_frame

_Key: TypeAlias = tuple[str, Instant, int | None, Instant | None]

_KNOWN_S = 10.0
KEPT_BYTES = 16 << 20
MOST_WAITING = 24
"""Whoever scrubs further does not wait for the pictures passed over: more are refused, and asked for anew."""


class KeptPictures(Mapping[str, FrameRing]):
    """The pictures of all cameras, for :class:`tenban.video.stills.StillServer`.

    One is decoded at a time, so that scrubbing takes no more than a core; small ones are kept for the next
    who asks, in memory only, and given out only while their footage is in the index.

    Args:
        index: what footage there is.
        footage: the footage folder.
        eye: tells of a camera, or a named view of one, which camera records it and how it is turned.
        clock: what is known of a camera is asked for anew every ten seconds.

    Attributes:
        decoded: pictures decoded.
        found: pictures that were still there.
        refused: pictures refused because too many waited.
    """

    def __init__(
        self, index: FootageIndex, footage: Footage, eye: Callable[[str], Eye], clock: Clock
    ) -> None:
        self.decoded = self.found = self.refused = 0
        self._index = index
        self._footage = footage
        self._eye = eye
        self._clock = clock
        self._eyes: dict[str, tuple[float, Eye]] = {}
        self._turn = threading.Lock()
        self._state = threading.Lock()
        self._waiting = 0
        self._kept: OrderedDict[_Key, Still] = OrderedDict()
        self._bytes = 0

    def __getitem__(self, camera: str) -> FrameRing:
        """Return the pictures of a camera, whether there are any or not."""
        return _OfCamera(self, camera)

    def __iter__(self) -> Iterator[str]:
        """Name no camera: which there are is the index's to say."""
        return iter(())

    def __len__(self) -> int:
        """Return 0, as above."""
        return 0

    def still(self, camera: str, at: Instant, box: Box | None, margin: float, width: int | None) -> Still:
        """Return the picture shown at an instant.

        Raises:
            NotFound: there is no footage of it.
            TooMany: too many wait for a picture.
        """
        eye = self._eye_of(camera)
        # What it is decoded from: footage that was destroyed meanwhile has another keyframe, or none.
        keyframe_at = self._index.keyframe_at(eye.source, at)
        key = (camera, at, width, keyframe_at)
        with self._state:
            if box is None and key in self._kept:
                self.found += 1
                self._kept.move_to_end(key)
                return self._kept[key]
            if self._waiting >= MOST_WAITING:
                self.refused += 1
                raise TooMany(f"pictures: expected at most {MOST_WAITING} asked for at once, got one more")
            self._waiting += 1
        try:
            with self._turn:
                turn = None if eye.aim is None else partial(turn_frame, aim=eye.aim, camera=camera)
                made = still_from_footage(
                    self._index,
                    self._footage,
                    eye.source,
                    at,
                    box=box,
                    margin=margin,
                    width=width,
                    turn=turn,
                )
        finally:
            with self._state:
                self._waiting -= 1
        with self._state:
            self.decoded += 1
            if box is None and key not in self._kept:
                self._keep(key, made)
        return made

    def _eye_of(self, camera: str) -> Eye:
        now_s = self._clock.monotonic_s()
        with self._state:
            known = self._eyes.get(camera)
        if known is None or now_s - known[0] > _KNOWN_S:
            known = now_s, self._eye(camera)
            with self._state:
                self._eyes[camera] = known
        return known[1]

    def _keep(self, key: _Key, still: Still) -> None:
        self._kept[key] = still
        self._bytes += len(still.jpeg)
        while self._bytes > KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.jpeg)


class _OfCamera(FrameRing):
    """A ring as long as the footage of one camera."""

    def __init__(self, pictures: KeptPictures, camera: str) -> None:
        super().__init__()
        self._pictures = pictures
        self._camera = camera

    def still(
        self, at: Instant, *, box: Box | None = None, margin: float = 0.0, width: int | None = None
    ) -> Still:
        """Return the picture shown at an instant."""
        return self._pictures.still(self._camera, at, box, margin, width)
