"""What the installer says about a camera, and about the disk its footage goes to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from tenban.base.errors import BadInput
from tenban.sites.reach import Reach

Transport = Literal["tcp", "udp"]
Speed = Literal["real", "fast"]

_CAMERA_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
_SCHEMES = ("rtsp", "rtsps", "http", "https", "udp", "srt", "tcp", "file")


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Where a camera's pictures come from.

    Attributes:
        id: the camera's id; also the name of its folder below ``footage``.
        url: ``rtsp://…``, ``http://…`` (MPEG-TS), ``udp://…`` (MPEG-TS), ``/dev/video0`` (V4L2), or the
            path of a video file.
        transport: how RTP travels; only used with RTSP.
        speed: ``real`` plays a file as a camera would send it, ``fast`` as quickly as it can be read.
        loop: begin a file again when it ends; without it the file's end is the end of the recording.
        open_timeout_s: how long a camera may take to answer.
        read_timeout_s: how long a camera may stay silent before it counts as lost.
        reach: where it may be; None: wherever whoever sits at the machine says.
        sealed: its footage is sealed.
        keep: whether it is recorded; else its packets are only handed on.
        sound: its sound is recorded, where it sends any.

    Raises:
        BadInput: the id cannot name a folder, or the address is of no known kind.
    """

    id: str
    url: str
    transport: Transport = "tcp"
    speed: Speed = "real"
    loop: bool = False
    open_timeout_s: float = 5.0
    read_timeout_s: float = 5.0
    reach: Reach | None = None
    sealed: bool = False
    keep: bool = True
    sound: bool = False

    def __post_init__(self) -> None:
        if not _CAMERA_ID.fullmatch(self.id):
            raise BadInput(
                "camera id", expected="1 to 64 of A-Z a-z 0-9 . _ - (no leading . or -)", came=repr(self.id)
            )
        if not self.url:
            raise BadInput(f"camera {self.id} url", expected="an address, a device or a path", came="nothing")
        scheme = urlsplit(self.url).scheme
        if scheme and scheme not in _SCHEMES:
            raise BadInput(
                f"camera {self.id} url",
                expected=f"one of {', '.join(_SCHEMES)}, a device or a path",
                came=scheme,
            )
        for name in ("open_timeout_s", "read_timeout_s"):
            if getattr(self, name) <= 0:
                raise BadInput(
                    f"camera {self.id} {name}", expected="more than 0 seconds", came=getattr(self, name)
                )

    @property
    def kind(self) -> Literal["rtsp", "network", "device", "file"]:
        """Which of the four ways of reading the address asks for."""
        scheme = urlsplit(self.url).scheme
        if scheme in ("rtsp", "rtsps"):
            return "rtsp"
        if scheme in ("", "file"):
            return "device" if self.url.startswith("/dev/") else "file"
        return "network"

    def addresses(self) -> list[str] | None:
        """Return the checked addresses to connect to; None: a file, a device, or nobody checks.

        Raises:
            NotReached: a camera must not be there.
            OSError: there is no such name.
        """
        parts = urlsplit(self.url)
        if self.reach is None or self.kind in {"file", "device"} or parts.hostname is None:
            return None
        return self.reach.addresses(parts.hostname, parts.port or 554)

    @property
    def shown_url(self) -> str:
        """The address without its password, for logs and screens."""
        parts = urlsplit(self.url)
        if parts.password is None:
            return self.url
        host = parts.netloc.rsplit("@", 1)[1]
        return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    """How footage is laid on the disk.

    Attributes:
        fragment_s: a fragment ends with the picture that fills it; the most a killed process loses is one.
        segment_s: files begin about so far apart, at a keyframe, each camera's at another moment.
        min_free_mib: with less than this free on the disk, recording pauses (and resumes with half as
            much again free).
        batch_s: how long an index row may wait for others before they are committed together.
    """

    fragment_s: float = 0.5
    segment_s: float = 180.0
    min_free_mib: float = 512.0
    batch_s: float = 0.1
