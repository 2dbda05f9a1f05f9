"""Frames of sound decoded, to tell whether they can be."""

from __future__ import annotations

from typing import Any

import av

from tenban.video.packets import SoundCoding


class SoundDecoder:
    """Decodes one frame after the other.

    Args:
        coding: of the sound.
    """

    def __init__(self, coding: SoundCoding) -> None:
        context: Any = av.CodecContext.create(coding.codec, "r")
        if coding.codec == "aac":
            context.extradata = coding.config
        else:
            context.extradata = (
                b"OpusHead\x01" + bytes([coding.channels]) + bytes(2) + b"\x80\xbb\0\0" + bytes(3)
            )
        self._context = context

    def takes(self, data: bytes) -> bool:
        """Tell whether a frame decodes."""
        try:
            return bool(self._context.decode(av.Packet(data)))
        except av.error.FFmpegError:
            return False  # Policy: that it does not is the answer.
