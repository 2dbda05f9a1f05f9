"""The words of RTSP (RFC 2326) and SDP (RFC 4566) as far as a recorder needs them. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from tenban.base.errors import BadInput

_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_FORMAT = re.compile(r"([\w-]+)=([^;\s]+)")
_SETS = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")
"""Of H.265 (RFC 7798, section 7.1) and of H.264 (RFC 6184, section 8.1)."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: its status, the phrase with it, its headers (lower-case names) and its body."""

    status: int
    phrase: str
    headers: dict[str, list[str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the first header of that name, or an empty text."""
        return (self.headers.get(name) or [""])[0]


def parse_head(head: bytes) -> tuple[Response, int]:
    """Return an answer without its body, and how long that is.

    Raises:
        BadInput: it is no RTSP answer.
    """
    lines = head.decode("latin-1").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    status, _, phrase = rest.partition(" ")
    if not version.startswith("RTSP/") or not status.isdigit():
        raise BadInput("RTSP answer", expected="RTSP/1.0 and a status", came=repr(lines[0][:60]))
    headers: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), []).append(value.strip())
    length = (headers.get("content-length") or ["0"])[0]
    return Response(int(status), phrase, headers, b""), int(length) if length.isdigit() else 0


@dataclass(frozen=True, slots=True)
class VideoMedia:
    """The video of a session description.

    Attributes:
        codec: as the description names it, such as ``H264``.
        control: the address to set it up at.
        parameters: its parameter sets as a byte stream (annex B); may be empty.
        is_interleaved: units come with decoding order numbers, in another order than they are decoded.
    """

    codec: str
    control: str
    parameters: bytes
    is_interleaved: bool = False


def video_of(sdp: str, base: str) -> VideoMedia | None:
    """Return the first video of a session description, or None where it has none.

    Args:
        sdp: the description.
        base: the address that relative ones are relative to.
    """
    media = _lines_of_video(sdp)
    if media is None:
        return None
    codec, control, parameters, is_interleaved = "", "", b"", False
    for line in media:
        name, _, value = line.partition(":")
        if name == "a=rtpmap":
            codec = value.partition(" ")[2].partition("/")[0].strip().upper()
        elif name == "a=control":
            control = value.strip()
        elif name == "a=fmtp":
            said = {name.lower(): text for name, text in _FORMAT.findall(value)}
            parameters = b"".join(_sets(said[name]) for name in _SETS if name in said)
            is_interleaved = said.get("sprop-max-don-diff", "0") != "0"
    if control in {"", "*"}:
        control = base
    elif "://" not in control:
        control = urljoin(base if base.endswith("/") else base + "/", control)
    return VideoMedia(codec, control, parameters, is_interleaved)


def _lines_of_video(sdp: str) -> list[str] | None:
    media: list[str] | None = None
    for line in sdp.replace("\r\n", "\n").split("\n"):
        if line.startswith("m="):
            if media is not None:
                break
            media = [] if line.startswith("m=video") else None
        elif media is not None:
            media.append(line)
    return media


def _sets(listed: str) -> bytes:
    out = b""
    for one in listed.split(","):
        try:
            out += b"\x00\x00\x00\x01" + base64.b64decode(one + "=" * (-len(one) % 4))
        except binascii.Error:
            # Policy: sets that cannot be read here come with the first keyframe, too.
            continue
    return out


def without_password(url: str) -> tuple[str, str, str]:
    """Return an address without its user information, the user's name and the password."""
    parts = urlsplit(url)
    place = parts.netloc.rsplit("@", 1)[-1]
    return (
        urlunsplit(parts._replace(netloc=place)),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def authorization(challenges: list[str], user: str, password: str, method: str, url: str) -> str | None:
    """Return the header that answers a challenge (RFC 2617, RFC 7616), or None where none is known."""
    for challenge in challenges:
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "digest":
            said = {name: quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
            return _digest(said, user, password, method, url)
    if any(challenge.lower().startswith("basic") for challenge in challenges):
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return None


def _digest(said: dict[str, str], user: str, password: str, method: str, url: str) -> str:
    kind = "SHA-256" if said.get("algorithm", "").upper() == "SHA-256" else "MD5"

    def hashed(text: str) -> str:
        # MD5 is the camera's choice, not ours.
        made = hashlib.sha256(text.encode()) if kind == "SHA-256" else hashlib.md5(text.encode())  # noqa: S324
        return made.hexdigest()

    realm, nonce = said.get("realm", ""), said.get("nonce", "")
    one, two = hashed(f"{user}:{realm}:{password}"), hashed(f"{method}:{url}")
    header = f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{url}", algorithm={kind}'
    if "auth" in said.get("qop", "").split(","):
        answer = hashed(f"{one}:{nonce}:00000001:74656e62:auth:{two}")
        header += ', qop=auth, nc=00000001, cnonce="74656e62"'
    else:
        answer = hashed(f"{one}:{nonce}:{two}")
    header += f', response="{answer}"'
    return header + (f', opaque="{said["opaque"]}"' if "opaque" in said else "")
