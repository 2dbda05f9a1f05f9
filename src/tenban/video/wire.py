"""What recorder and watcher say to each other over a local socket.

The client says which camera it wants; the server sends messages, each behind its length:

    client → server   "TBF" version:u8 length:u8 camera
    server → client   length:u32 kind:u8 body        (length counts kind and body; all big-endian)

Kinds: 1 stream info (JSON, then the configuration record), 2 packet, 3 skipped (count:u32),
4 refused (UTF-8 text; the server then hangs up).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass

from tenban.base.errors import BadInput
from tenban.video.packets import MediaPacket, StreamInfo

VERSION = 1
HELLO = b"TBF" + bytes([VERSION])
KIND_INFO, KIND_PACKET, KIND_SKIPPED, KIND_REFUSED = 1, 2, 3, 4
MOST_BYTES = 32 << 20

_LENGTH = struct.Struct(">IB")
_PACKET = struct.Struct(">IBqqqIB")
_INFO = struct.Struct(">H")


@dataclass(frozen=True, slots=True)
class Skipped:
    """So many packets were left out because the reader was slow; a keyframe follows."""

    packets: int


@dataclass(frozen=True, slots=True)
class RefusedBy:
    """The server does not offer what was asked for; the text says what it offers."""

    why: str


Message = StreamInfo | MediaPacket | Skipped | RefusedBy


def hello(camera: str) -> bytes:
    """Return what a client says first."""
    name = camera.encode()
    return HELLO + bytes([len(name)]) + name


def packet_head(packet: MediaPacket) -> bytes:
    """Return what stands before a packet's data on the wire."""
    return _PACKET.pack(
        _PACKET.size - 4 + len(packet.data),
        KIND_PACKET,
        packet.captured_at,
        packet.pts,
        packet.dts,
        max(0, packet.duration) & 0xFFFFFFFF,
        packet.is_keyframe,
    )


def pack(message: StreamInfo | Skipped | RefusedBy) -> bytes:
    """Return a message other than a packet as bytes."""
    if isinstance(message, Skipped):
        kind, body = KIND_SKIPPED, message.packets.to_bytes(4, "big")
    elif isinstance(message, RefusedBy):
        kind, body = KIND_REFUSED, message.why.encode()
    else:
        names = ("camera", "run", "codec", "width", "height")
        said = json.dumps({name: getattr(message, name) for name in names}).encode()
        kind, body = KIND_INFO, _INFO.pack(len(said)) + said + message.avcc
    return _LENGTH.pack(1 + len(body), kind) + body


def unpack(camera: str, message: bytes) -> Message:
    """Return a message from its kind and body.

    Raises:
        BadInput: it is none of ours.
    """
    kind, body = message[0], message[1:]
    try:
        if kind == KIND_PACKET:
            captured_at, pts, dts, duration, key = struct.unpack_from(">qqqIB", body)
            return MediaPacket(camera, captured_at, pts, dts, duration, bool(key), body[29:])
        if kind == KIND_INFO:
            (length,) = _INFO.unpack_from(body)
            return StreamInfo(**json.loads(body[2 : 2 + length]), avcc=body[2 + length :])
        if kind == KIND_SKIPPED:
            return Skipped(int.from_bytes(body, "big"))
        if kind == KIND_REFUSED:
            return RefusedBy(body.decode())
    except (struct.error, ValueError, TypeError) as error:
        raise BadInput("recorder's message", expected="a whole message", came=error) from error
    raise BadInput("recorder's message", expected="kind 1 to 4", came=kind)
