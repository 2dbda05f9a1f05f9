"""Reading what cameras answer. Pure; what is missing or odd is left out, never guessed.

Names are compared without their namespaces, because cameras answer with those of ONVIF's Media service,
of its successor and of their makers. (ONVIF Device, Media, Media2 and Event service specifications.)
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from tenban.base.clock import Instant, seconds
from tenban.base.errors import BadInput
from tenban.video.onvif.model import Profile
from tenban.video.onvif.soap import child, children, local, text

MOST_PROFILES = 24
MOST_TOPICS = 300
_MOST_DEPTH = 12
_CODECS = {
    "H264": "H.264",
    "H265": "H.265",
    "HEVC": "H.265",
    "JPEG": "JPEG",
    "MPEG4": "MPEG-4",
    "MPV4-ES": "MPEG-4",
}
_SERVICES = {
    "http://www.onvif.org/ver10/device/wsdl": "device",
    "http://www.onvif.org/ver10/media/wsdl": "media",
    "http://www.onvif.org/ver20/media/wsdl": "media2",
    "http://www.onvif.org/ver10/events/wsdl": "events",
}
_CAPABILITIES = {"Device": "device", "Media": "media", "Events": "events"}
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?")


def system_time(body: etree._Element) -> tuple[Instant, bool | None]:
    """Return the camera's time, and whether it follows a time server (GetSystemDateAndTime).

    Raises:
        BadInput: it says none.
    """
    told = child(body, "SystemDateAndTime")
    stamp = child(told, "UTCDateTime")
    parts = [
        whole(child(stamp, group, name))
        for group, name in (
            ("Date", "Year"),
            ("Date", "Month"),
            ("Date", "Day"),
            ("Time", "Hour"),
            ("Time", "Minute"),
            ("Time", "Second"),
        )
    ]
    try:
        year, month, day, hour, minute, second = (int(part) for part in parts if part is not None)
        # A leap second counts as the one before it.
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError as error:
        raise BadInput("camera's time", expected="UTC date and time", came=str(parts)) from error
    kind = text(child(told, "DateTimeType")).lower()
    return seconds(at.timestamp()), {"ntp": True, "manual": False}.get(kind)


def device_information(body: etree._Element) -> dict[str, str]:
    """Return maker, model, firmware and serial, empty where it does not say (GetDeviceInformation)."""
    names = {
        "maker": "Manufacturer",
        "model": "Model",
        "firmware": "FirmwareVersion",
        "serial": "SerialNumber",
    }
    return {key: text(child(body, name)) for key, name in names.items()}


def services(body: etree._Element) -> dict[str, str]:
    """Return the addresses of the services we know: device, media, media2, events (GetServices)."""
    found: dict[str, str] = {}
    for one in children(body, "Service"):
        name = _SERVICES.get(text(child(one, "Namespace")).rstrip("/"))
        address = text(child(one, "XAddr"))
        if name and address:
            found.setdefault(name, address)
    return found


def capabilities(body: etree._Element) -> dict[str, str]:
    """Return the same from the older question (GetCapabilities)."""
    found = {}
    for tag, name in _CAPABILITIES.items():
        address = text(child(body, "Capabilities", tag, "XAddr"))
        if address:
            found[name] = address
    return found


def profiles(body: etree._Element) -> list[Profile]:
    """Return the streams, in the camera's order (GetProfiles of Media and of Media2)."""
    found: list[Profile] = []
    for one in children(body, "Profiles"):
        token = one.get("token") or ""
        if token and len(token) <= 64 and len(found) < MOST_PROFILES:
            found.append(_profile(one, token))
    return found


def _profile(element: etree._Element, token: str) -> Profile:
    inner = child(element, "Configurations")
    video = child(inner, "VideoEncoder") if inner is not None else child(element, "VideoEncoderConfiguration")
    audio = child(inner, "AudioEncoder") if inner is not None else child(element, "AudioEncoderConfiguration")
    named = text(child(video, "Encoding"))
    codec = _CODECS.get(named.upper().replace(".", ""), named)
    gop = whole(child(video, codec.replace(".", ""), "GovLength"))
    if gop is None and video is not None:
        gop = _whole(video.get("GovLength") or "")
    return Profile(
        token,
        text(child(element, "Name")) or token,
        codec,
        whole(child(video, "Resolution", "Width")),
        whole(child(video, "Resolution", "Height")),
        number(child(video, "RateControl", "FrameRateLimit")),
        whole(child(video, "RateControl", "BitrateLimit")),
        gop,
        text(child(audio, "Encoding")),
    )


def stream_address(body: etree._Element) -> str:
    """Return a stream's address without name and password, which are ours to add (GetStreamUri).

    Raises:
        BadInput: there is none, or none of RTSP.
    """
    said = text(child(body, "MediaUri", "Uri")) or text(child(body, "Uri"))
    try:
        parts = urlsplit(said)
        good = parts.scheme in {"rtsp", "rtsps"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise BadInput("stream address", expected="rtsp://HOST/PATH", came=repr(said))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def topics(body: etree._Element) -> tuple[str, ...]:
    """Return what the camera can tell of, as paths (GetEventProperties)."""
    found: list[str] = []
    top = child(body, "TopicSet")
    waiting = [] if top is None else [(one, local(one), 1) for one in reversed(top)]
    while waiting and len(found) < MOST_TOPICS:
        element, path, depth = waiting.pop()
        if any(
            name.rpartition("}")[2] == "topic" and value in {"true", "1"}
            for name, value in element.attrib.items()
        ):
            found.append(path)
        if depth < _MOST_DEPTH:
            inner = [one for one in element if local(one) not in {"", "MessageDescription"}]
            waiting += [(one, f"{path}/{local(one)}"[:200], depth + 1) for one in reversed(inner)]
    return tuple(dict.fromkeys(found))


def with_address(profile: Profile, url: str) -> Profile:
    """Return a stream with its address."""
    return replace(profile, url=url)


def number(element: etree._Element | None) -> float | None:
    """Return a number above 0 that an element holds, or None."""
    said = text(element)
    return (float(said) or None) if _NUMBER.fullmatch(said) and said.isascii() else None


def whole(element: etree._Element | None) -> int | None:
    """Return a whole number that an element holds, or None."""
    return _whole(text(element))


def _whole(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= 9 else None
