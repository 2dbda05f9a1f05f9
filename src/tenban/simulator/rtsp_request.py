"""RTSP 1.0 requests as a camera reads them, and its answers (RFC 2326). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    406: "Not Acceptable",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "RTSP Version Not Supported",
}


class Refused(Exception):  # noqa: N818  # reads as what happened: raise Refused
    """The request cannot be granted; ``status`` is the answer's code."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Request:
    """One request: method, URL as sent, headers with lower-case names."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def cseq(self) -> str:
        """The request's number, echoed in the answer."""
        return self.headers.get("cseq", "0")

    @property
    def stream(self) -> str:
        """Name of the stream: the URL's path without slashes and without ``/video`` or ``/audio``."""
        path = unquote(urlsplit(self.url).path).strip("/")
        return path.removesuffix("/video").removesuffix("/audio")


@dataclass(frozen=True, slots=True)
class Transport:
    """How RTP travels: interleaved in the RTSP connection, or over UDP to the client's ports."""

    interleaved: bool
    rtp: int
    rtcp: int


def parse_request(head: bytes) -> Request:
    """Read a request's head, up to and including the empty line.

    Raises:
        Refused: 400 where it is no RTSP, 505 where it is another version.
    """
    try:
        first, *lines = head.decode("utf-8").split("\r\n")
        method, url, version = first.split(" ")
    except ValueError as error:  # a UnicodeDecodeError is one too; the answer is the same: 400
        raise Refused(400, "expected METHOD URL RTSP/1.0") from error
    if not version.startswith("RTSP/"):
        raise Refused(400, f"expected RTSP/1.0, got {version}")
    if version != "RTSP/1.0":
        raise Refused(505, f"expected RTSP/1.0, got {version}")
    headers: dict[str, str] = {}
    for line in filter(None, lines):
        name, colon, value = line.partition(":")
        if not colon:
            raise Refused(400, f"expected 'Name: value', got {line!r}")
        headers[name.strip().lower()] = value.strip()
    try:
        urlsplit(url)
    except ValueError as error:  # such as a broken IPv6 address: the client's mistake, 400
        raise Refused(400, f"expected a URL, got {url!r}") from error
    return Request(method=method, url=url, headers=headers)


def body_bytes(request: Request) -> int:
    """Return how many bytes of body follow the head.

    Raises:
        Refused: 400 where Content-Length is no number from 0 to 65536.
    """
    text = request.headers.get("content-length", "0")
    if not text.isdecimal() or int(text) > 65_536:
        raise Refused(400, f"expected Content-Length of 0 to 65536, got {text!r}")
    return int(text)


def choose_transport(request: Request) -> Transport:
    """Return the first transport offered that this server speaks.

    Raises:
        Refused: 461 where none is RTP/AVP/TCP interleaved or unicast RTP/AVP with client ports.
    """
    for offer in request.headers.get("transport", "").split(","):
        protocol, *options = offer.strip().split(";")
        settings = dict(option.strip().partition("=")[::2] for option in options)
        if protocol == "RTP/AVP/TCP":
            pair = _pair(settings.get("interleaved", "0-1"), 255)
            if pair:
                return Transport(True, *pair)
        elif protocol in {"RTP/AVP", "RTP/AVP/UDP"} and "multicast" not in settings:
            pair = _pair(settings.get("client_port", ""), 65_535)
            if pair:
                return Transport(False, *pair)
    raise Refused(461, "expected RTP/AVP/TCP;interleaved=0-1 or RTP/AVP;unicast;client_port=a-b")


def _pair(text: str, most: int) -> tuple[int, int] | None:
    first, _, second = text.partition("-")
    if not first.isdecimal() or (second and not second.isdecimal()):
        return None
    low = int(first)
    high = int(second) if second else low + 1
    return (low, high) if 0 <= low <= most and 0 <= high <= most else None


def answer(status: int, cseq: str, headers: dict[str, str] | None = None, body: str = "") -> bytes:
    """Return an answer's bytes."""
    lines = [f"RTSP/1.0 {status} {_REASONS[status]}", f"CSeq: {cseq}", "Server: Tenban simulator"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
