"""What a simulated camera answers: XML as real cameras write it, without a library's help."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from xml.sax.saxutils import escape, quoteattr

_WORDS = {
    "user": re.compile(rb"<(?:\w+:)?Username>([^<]*)</"),
    "digest": re.compile(rb"<(?:\w+:)?Password[^>]*>([^<]*)</"),
    "nonce": re.compile(rb"<(?:\w+:)?Nonce[^>]*>([^<]*)</"),
    "created": re.compile(rb"<(?:\w+:)?Created[^>]*>([^<]*)</"),
    "token": re.compile(rb"<(?:\w+:)?ProfileToken>([^<]*)</"),
    "asked": re.compile(rb"<(?:\w+:)?Body>\s*<(?:\w+:)?(\w+)"),
    "namespace": re.compile(rb'<(?:\w+:)?Body>\s*<[^>]*xmlns(?::\w+)?="([^"]*)"'),
}


@dataclass(frozen=True, slots=True)
class OnvifStream:
    """One profile: its name, the RTSP stream it leads to, and how its encoder is set."""

    token: str
    stream: str
    width: int
    height: int
    fps: int
    kbit_s: int
    gop: int
    codec: str = "H264"


class AnsweringCamera(Protocol):
    """What the answers are made from."""

    streams: Mapping[str, OnvifStream]
    quirks: frozenset[str]
    rtsp_port: int
    maker: str
    model: str

    @property
    def now(self) -> datetime:
        """The camera's own time."""
        ...

    def place(self, service: str) -> str:
        """Return the address it gives out for one of its services."""
        ...


def word(request: bytes, name: str) -> str:
    """Return what stands in a question; empty where it is not there."""
    found = _WORDS[name].search(request)
    return "" if found is None else found[1].decode(errors="replace")


_SPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tev="http://www.onvif.org/ver10/events/wsdl" '
    'xmlns:wstop="http://docs.oasis-open.org/wsn/t-1" xmlns:tns1="http://www.onvif.org/ver10/topics" '
    'xmlns:ter="http://www.onvif.org/ver10/error"'
)


def envelope(body: str, before: str = "") -> bytes:
    """Return a whole answer."""
    head = f'<?xml version="1.0" encoding="UTF-8"?>{before}'
    return f"{head}<s:Envelope {_SPACES}><s:Body>{body}</s:Body></s:Envelope>".encode()


def fault(code: str, subcode: str, why: str) -> bytes:
    """Return the answer that says no."""
    return envelope(
        f"<s:Fault><s:Code><s:Value>{code}</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{why}</s:Text></s:Reason></s:Fault>'
    )


def _time(camera: AnsweringCamera, request: bytes) -> str:
    del request
    now = camera.now
    month = 13 if "no_time" in camera.quirks else now.month
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
        "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>JST-9</tt:TZ></tt:TimeZone><tt:UTCDateTime>"
        f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second>"
        f"</tt:Time><tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{month}</tt:Month><tt:Day>{now.day}</tt:Day>"
        "</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def _information(camera: AnsweringCamera, request: bytes) -> str:
    del request
    more = "<tds:FirmwareVersion>1.2.3</tds:FirmwareVersion><tds:SerialNumber>S1</tds:SerialNumber>"
    return (
        f"<tds:GetDeviceInformationResponse><tds:Manufacturer>{escape(camera.maker)}</tds:Manufacturer>"
        f"<tds:Model>{escape(camera.model)}</tds:Model>{'' if 'bare' in camera.quirks else more}"
        "</tds:GetDeviceInformationResponse>"
    )


def _services(camera: AnsweringCamera, request: bytes) -> str | None:
    del request
    if "no_services" in camera.quirks:
        return None
    known = {"ver10/device": "device_service", "ver10/media": "media", "ver10/events": "events"}
    if "no_media2" not in camera.quirks:
        known["ver20/media"] = "media2"
    told = "".join(
        f"<tds:Service><tds:Namespace>http://www.onvif.org/{name}/wsdl</tds:Namespace>"
        f"<tds:XAddr>{camera.place(service)}</tds:XAddr><tds:Version><tt:Major>2</tt:Major></tds:Version></tds:Service>"
        for name, service in known.items()
    )
    return f"<tds:GetServicesResponse>{told}</tds:GetServicesResponse>"


def _capabilities(camera: AnsweringCamera, request: bytes) -> str:
    del request
    known = {"Device": "device_service", "Events": "events", "Media": "media"}
    told = "".join(
        f"<tt:{name}><tt:XAddr>{camera.place(service)}</tt:XAddr></tt:{name}>"
        for name, service in known.items()
    )
    whole = f"<tds:Capabilities>{told}</tds:Capabilities>"
    return f"<tds:GetCapabilitiesResponse>{whole}</tds:GetCapabilitiesResponse>"


def _profiles(camera: AnsweringCamera, request: bytes) -> str | None:
    if _is_newer(request):
        if {"no_media2", "no_services"} & camera.quirks:
            return None
        told = "".join(_newer(one, bare="bare" in camera.quirks) for one in camera.streams.values())
        return f"<tr2:GetProfilesResponse>{told}</tr2:GetProfilesResponse>"
    told = "".join(_older(one, bare="bare" in camera.quirks) for one in camera.streams.values())
    return f"<trt:GetProfilesResponse>{told}</trt:GetProfilesResponse>"


def _is_newer(request: bytes) -> bool:
    return "ver20/media" in word(request, "namespace")


def _older(one: OnvifStream, *, bare: bool) -> str:
    rate = (
        f"<tt:RateControl><tt:FrameRateLimit>{one.fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
        f"<tt:BitrateLimit>{one.kbit_s}</tt:BitrateLimit></tt:RateControl>"
        f"<tt:H264><tt:GovLength>{one.gop}</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>"
    )
    name = "" if bare else f"<tt:Name>{escape(one.token)}</tt:Name>"
    return (
        f'<trt:Profiles token={quoteattr(one.token)} fixed="true">{name}'
        f'<tt:VideoEncoderConfiguration token="v"><tt:Encoding>{one.codec}</tt:Encoding><tt:Resolution>'
        f"<tt:Width>{one.width}</tt:Width><tt:Height>{one.height}</tt:Height></tt:Resolution>"
        f"{'' if bare else rate}"
        "</tt:VideoEncoderConfiguration></trt:Profiles>"
    )


def _newer(one: OnvifStream, *, bare: bool) -> str:
    gop = "" if bare else f' GovLength="{one.gop}" Profile="Main"'
    rate = (
        f'<tt:RateControl ConstantBitRate="false"><tt:FrameRateLimit>{one.fps}.0</tt:FrameRateLimit>'
        f"<tt:BitrateLimit>{one.kbit_s}</tt:BitrateLimit></tt:RateControl><tt:Quality>4</tt:Quality>"
    )
    sound = (
        "" if bare else '<tr2:AudioEncoder token="a"><tt:Encoding>MP4A-LATM</tt:Encoding></tr2:AudioEncoder>'
    )
    return (
        f'<tr2:Profiles token={quoteattr(one.token)} fixed="true"><tr2:Name>{escape(one.token)}</tr2:Name>'
        f'<tr2:Configurations><tr2:VideoEncoder token="v"{gop}><tt:Encoding>{one.codec}</tt:Encoding>'
        f"<tt:Resolution><tt:Width>{one.width}</tt:Width><tt:Height>{one.height}</tt:Height></tt:Resolution>"
        f"{'' if bare else rate}</tr2:VideoEncoder>{sound}</tr2:Configurations></tr2:Profiles>"
    )


def _stream(camera: AnsweringCamera, request: bytes) -> str | None:
    token = word(request, "token")
    one = camera.streams.get(token)
    if one is None or ("broken_stream" in camera.quirks and token == next(iter(camera.streams))):
        return None
    host = "10.255.255.1" if "elsewhere" in camera.quirks else "127.0.0.1"
    address = escape(f"rtsp://{host}:{camera.rtsp_port}/{one.stream}")
    if _is_newer(request):
        return f"<tr2:GetStreamUriResponse><tr2:Uri>{address}</tr2:Uri></tr2:GetStreamUriResponse>"
    return (
        f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{address}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect></trt:MediaUri></trt:GetStreamUriResponse>"
    )


def _events(camera: AnsweringCamera, request: bytes) -> str | None:
    del request
    if "no_events" in camera.quirks:
        return None
    return (
        "<tev:GetEventPropertiesResponse><wstop:TopicSet><tns1:VideoSource><MotionAlarm wstop:topic='true'>"
        "<tt:MessageDescription IsProperty='true'><tt:Data><tt:SimpleItemDescription Name='State'/></tt:Data>"
        "</tt:MessageDescription></MotionAlarm></tns1:VideoSource><tns1:RuleEngine><CellMotionDetector>"
        "<Motion wstop:topic='true'/></CellMotionDetector></tns1:RuleEngine></wstop:TopicSet>"
        "</tev:GetEventPropertiesResponse>"
    )


QUESTIONS: dict[str, Callable[[AnsweringCamera, bytes], str | None]] = {
    "GetSystemDateAndTime": _time,
    "GetDeviceInformation": _information,
    "GetServices": _services,
    "GetCapabilities": _capabilities,
    "GetProfiles": _profiles,
    "GetStreamUri": _stream,
    "GetEventProperties": _events,
}
