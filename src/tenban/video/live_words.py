"""What goes over a live picture's WebSocket; design/live.md describes it for whoever writes a client.

Pictures are binary messages, each a head of 40 bytes (big-endian) and the picture as a sample:

    kind:u8 (1)  flags:u8 (1 = keyframe)  reserved:u16  n:u32
    captured_at:i64  came_at:i64  dts:i64  offset:i32  duration:u32

Times are microseconds since 1970, ``dts``, ``offset`` (presentation after decoding) and ``duration`` ticks of
1/90000 s. Everything else is JSON in text messages.
"""

from __future__ import annotations

import base64
import struct
from typing import Any

from tenban.base.errors import BadInput
from tenban.video.coding import coding_of
from tenban.video.feed import Picture
from tenban.video.packets import StreamInfo
from tenban.video.sound_live import CODECS

HEAD = struct.Struct(">BBHIqqqiI")
PICTURE = 1
KEYFRAME = 1


def picture_message(picture: Picture) -> bytes:
    """Return a picture as a message; the same bytes for every viewer."""
    packet = picture.packet
    head = HEAD.pack(
        PICTURE,
        KEYFRAME if packet.is_keyframe else 0,
        0,
        picture.n & 0xFFFFFFFF,
        packet.captured_at,
        picture.came_at,
        packet.dts,
        packet.pts - packet.dts,
        max(0, packet.duration) & 0xFFFFFFFF,
    )
    return head + packet.data


def begin_message(info: StreamInfo) -> dict[str, Any]:
    """Return what a decoder needs before the first picture, or the first frame of sound, of a run."""
    if info.codec in CODECS:
        return {
            "type": "begin",
            "camera": info.camera,
            "run": info.run,
            "format": info.codec,
            "codec": CODECS[info.codec],
            "rate": info.width,
            "channels": info.height,
            "description": base64.b64encode(info.avcc).decode(),
        }
    return {
        "type": "begin",
        "camera": info.camera,
        "run": info.run,
        "format": info.codec,
        "codec": codec_of(info),
        "width": info.width,
        "height": info.height,
        "description": base64.b64encode(info.avcc).decode(),
    }


def codec_of(info: StreamInfo) -> str:
    """Return the codec as browsers name it (RFC 6381); the bare name where that cannot be told."""
    try:
        return coding_of(info.codec).codec_string(info.avcc)
    except BadInput:
        return info.codec  # Policy: a page that does not know the name shows stills.
