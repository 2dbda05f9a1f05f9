"""Packets decoded to pictures, all of them, and handed over at the rate the analysis wants."""

from __future__ import annotations

from typing import Any

import av
from av.video.codeccontext import VideoCodecContext

from tenban.base.clock import SECOND, Instant
from tenban.video.coding import coding_of
from tenban.video.frames import Frame
from tenban.video.packets import MediaPacket, StreamInfo

_EARLY_US = 5_000


class PacketDecoder:
    """Decodes one camera's packets on the calling thread.

    Every packet is decoded, because later pictures are built on earlier ones; of the pictures, as many
    are handed over as the rate asks for, evenly.

    Args:
        fps: pictures per second to hand over; None for all.
    """

    def __init__(self, fps: float | None = None) -> None:
        self._step_us = 0 if fps is None else round(SECOND / fps)
        self._context: VideoCodecContext | None = None
        self._camera = ""
        self._due_at: Instant | None = None
        self._needs_keyframe = True
        self._is_begun = False
        self.decoded = 0
        self.damaged = 0

    def begin(self, info: StreamInfo) -> list[Frame]:
        """Start anew with a run; return what was still held of the one before."""
        rest = self.flush()
        context = av.CodecContext.create(coding_of(info.codec).ffmpeg, "r")
        assert isinstance(context, VideoCodecContext)  # noqa: S101  # for the type checker
        context.extradata = info.avcc
        # One thread: frame threads would hold back as many pictures as there are threads.
        context.thread_count = 1
        self._context = context
        self._is_begun = False
        self._camera = info.camera
        self._needs_keyframe = True
        return rest

    def skip(self) -> None:
        """Take note that packets are missing; decoding goes on at the next keyframe."""
        self._needs_keyframe = True

    def decode(self, packet: MediaPacket) -> list[Frame]:
        """Decode a packet; return the pictures that are complete and wanted."""
        if self._context is None or (self._needs_keyframe and not packet.is_keyframe):
            return []
        if self._needs_keyframe and self._is_begun:
            # Or the decoder would make up what stood before a keyframe that others lean over (CRA of H.265).
            self._context.flush_buffers()
        self._needs_keyframe, self._is_begun = False, True
        coded = av.Packet(packet.data)
        coded.pts = packet.captured_at
        return self._decoded(coded)

    def flush(self) -> list[Frame]:
        """Return the pictures that were held back for reordering."""
        return [] if self._context is None else self._decoded(None)

    def _decoded(self, coded: av.Packet[Any] | None) -> list[Frame]:
        assert self._context is not None  # noqa: S101  # begin() came before
        try:
            pictures = self._context.decode(coded)
        except av.error.FFmpegError:
            # Policy: a damaged picture costs the pictures built on it; the next keyframe heals.
            self.damaged += 1
            self._needs_keyframe = True
            return []
        self.decoded += len(pictures)
        return [
            Frame(self._camera, picture.pts, picture)
            for picture in pictures
            if picture.pts is not None and self._is_due(picture.pts)
        ]

    def _is_due(self, captured_at: Instant) -> bool:
        if self._due_at is None or abs(captured_at - self._due_at) > SECOND + 2 * self._step_us:
            self._due_at = captured_at
        if captured_at + _EARLY_US < self._due_at:
            return False
        self._due_at += self._step_us
        return True
