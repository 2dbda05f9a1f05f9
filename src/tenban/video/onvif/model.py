"""What a camera says of itself, checked and bounded; nothing in it came to us unread."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tenban.base.clock import Instant, to_rfc3339

RECORDABLE = frozenset({"H.264", "H.265"})
"""What of a camera's codecs is recorded. H.264 is played in every browser, H.265 in some."""
_EVERYWHERE = "H.264"
FAR_MS = 2_000
"""A camera whose clock is off by more is told: its own overlays and records would mislead."""
_LEAST_SUB_WIDTH = 320


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera that answered a call to all.

    Attributes:
        endpoint: its lasting name (``urn:uuid:…``); empty where it gave none.
        addresses: of its device service, those that may be asked; the one it answered from first.
        refused: why others may not be, one sentence each.
        name: as somebody named it; empty where it does not say.
        model: of the hardware; empty where it does not say.
        place: where somebody wrote that it hangs.
    """

    endpoint: str
    addresses: tuple[str, ...]
    refused: tuple[str, ...] = ()
    name: str = ""
    model: str = ""
    place: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for a line of JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Profile:
    """One of the streams a camera offers.

    Attributes:
        token: the camera's own name of it.
        name: for people.
        codec: ``H.264``, ``H.265``, ``JPEG`` or as the camera calls it; empty: no video, or not said.
        width: in pixels.
        height: in pixels.
        fps: the most pictures a second.
        kbit_s: the most it sends.
        gop: pictures from one keyframe to the next.
        audio: codec of its sound; empty: none.
        url: of the stream, without name and password; None where the camera gave none that may be opened.
    """

    token: str
    name: str = ""
    codec: str = ""
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    kbit_s: int | None = None
    gop: int | None = None
    audio: str = ""
    url: str | None = None

    @property
    def keyframe_s(self) -> float | None:
        """Seconds from one keyframe to the next, as set on the camera."""
        return round(self.gop / self.fps, 2) if self.gop and self.fps else None


@dataclass(frozen=True, slots=True)
class CameraClock:
    """What a camera takes the time to be.

    Attributes:
        camera_at: its time when it answered.
        offset_ms: how far it is ahead of ours (negative: behind).
        within_ms: how exactly that is known: its answer counts whole seconds.
        by_ntp: whether it follows a time server; None where it does not say.
    """

    camera_at: Instant
    offset_ms: int
    within_ms: int
    by_ntp: bool | None = None

    @property
    def is_far(self) -> bool:
        """Whether it is off by more than anybody would want."""
        return abs(self.offset_ms) - self.within_ms > FAR_MS

    def as_json(self) -> dict[str, Any]:
        """Return it for a line of JSON."""
        return {**asdict(self), "camera_at": to_rfc3339(self.camera_at), "is_far": self.is_far}


@dataclass(frozen=True, slots=True)
class CameraReport:
    """How a camera answered.

    Attributes:
        trouble: None where it told its streams; else ``address``, ``not_allowed``, ``no_name``,
            ``unreachable``, ``refused``, ``late``, ``not_onvif``, ``password``, ``clock`` (it refuses us
            and would not tell its time) or ``broken``.
        detail: what the camera or the system said.
        address: of the service that was asked.
        maker: as it names it.
        model: as it names it.
        firmware: its version.
        serial: its number.
        clock: its time; None where it would not say.
        profiles: its streams, as it orders them.
        events: topics it can tell of, such as ``RuleEngine/CellMotionDetector/Motion``.
        notes: what it could not or would not answer, one sentence each.
    """

    trouble: str | None = None
    detail: str = ""
    address: str = ""
    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    clock: CameraClock | None = None
    profiles: tuple[Profile, ...] = ()
    events: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it for a line of JSON, with which stream to record and which to watch."""
        main, sub = suggested(self.profiles)
        document = asdict(self)
        document["clock"] = None if self.clock is None else self.clock.as_json()
        document["profiles"] = [
            {**asdict(one), "keyframe_s": one.keyframe_s, "recordable": one.codec in RECORDABLE}
            for one in self.profiles
        ]
        document["main"] = None if main is None else main.token
        document["sub"] = None if sub is None else sub.token
        return document


def suggested(profiles: tuple[Profile, ...]) -> tuple[Profile | None, Profile | None]:
    """Return the stream to record, the largest, and the one to watch: the smallest that still shows hands.

    H.264 goes before H.265, which not every browser plays and which takes longer to decode, as long as it has
    at least half as many pixels. The second is None where it would be the same, of another shape, or so small
    that nothing is seen.
    """
    fit = [one for one in profiles if one.codec in RECORDABLE and one.url and one.width and one.height]
    if not fit:
        return None, None
    largest = max(fit, key=_pixels)
    large = [one for one in fit if one.codec == _EVERYWHERE and 2 * _pixels(one) >= _pixels(largest)]
    main = max(large, key=_pixels, default=largest)
    smaller = [
        one
        for one in fit
        if _pixels(one) < _pixels(main)
        and (one.width or 0) >= _LEAST_SUB_WIDTH
        and one.url != main.url
        and abs(_shape(one) / _shape(main) - 1) < 0.02
    ]
    return main, min(smaller, key=lambda one: (one.codec != _EVERYWHERE, _pixels(one)), default=None)


def _pixels(one: Profile) -> int:
    return (one.width or 0) * (one.height or 0)


def _shape(one: Profile) -> float:
    return (one.width or 1) / (one.height or 1)
