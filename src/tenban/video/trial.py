"""Trying a camera: one picture and a few figures, or in one word what is wrong. Runs in a process of its own.

The web process never decodes; :func:`try_camera` starts a child that does, at low priority, and ends with it.
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass
from typing import Any

from tenban.base.errors import Unavailable
from tenban.base.log import get_log
from tenban.sites.reach import Reach
from tenban.video.child import begin_child

PATIENCE_S = 20.0
_MOST_BYTES = 16 << 20

log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Trial:
    """How a camera answered.

    Attributes:
        trouble: None where all is well; else ``address``, ``no_name``, ``unreachable``, ``refused``,
            ``password``, ``path``, ``not_rtsp``, ``no_video``, ``codec``, ``silent``, ``no_keyframe``,
            ``not_allowed``, ``broken`` or ``late``.
        detail: what the camera or the system said, for whoever looks after the camera.
        codec: what it sends, where that is known.
        width: in pixels.
        height: in pixels.
        fps: pictures per second, measured.
        kbit_s: of the video, measured.
        keyframe_s: the longest time from one keyframe to the next that was seen; None where only one came.
        first_s: how long the first picture took.
        jpeg: the picture.
        captured_at: when it was taken.
    """

    trouble: str | None = None
    detail: str = ""
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    kbit_s: float | None = None
    keyframe_s: float | None = None
    first_s: float | None = None
    jpeg: bytes | None = None
    captured_at: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the trial for a line of JSON; the picture in base64."""
        document = {name: getattr(self, name) for name in self.__slots__}
        document["jpeg"] = None if self.jpeg is None else base64.b64encode(self.jpeg).decode()
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Trial:
        """Return the trial of such a line."""
        jpeg = document.pop("jpeg")
        return cls(**document, jpeg=None if jpeg is None else base64.b64decode(jpeg))


async def try_camera(
    url: str, transport: str, *, reach: Reach | None = None, patience_s: float = PATIENCE_S
) -> Trial:
    """Open a camera in a child process and return how it answered.

    Args:
        url: its address, with its secrets; goes to the child by a pipe, where no list of processes shows it.
        transport: ``tcp`` or ``udp``.
        reach: where it may be; None: wherever whoever sits at the machine says.
        patience_s: after which the child is ended.

    Raises:
        Unavailable: the child could not be started or said nothing that can be read.
    """
    child = await begin_child("try-camera", "--json", "-", limit=_MOST_BYTES)
    try:
        allow = None if reach is None else reach.allow
        asked = json.dumps({"url": url, "transport": transport, "allow": allow}).encode()
        said, _ = await asyncio.wait_for(child.communicate(asked), patience_s)
        return Trial.from_json(json.loads(said))
    except TimeoutError:
        return Trial("late", f"no answer within {patience_s:g} s")
    except (ValueError, TypeError, KeyError) as error:
        log.warning("a camera could not be tried", code=child.returncode, why=str(error))
        raise Unavailable("expected the trial's report, got none") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
