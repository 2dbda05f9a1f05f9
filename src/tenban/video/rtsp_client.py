"""RTSP over TCP, read without a demuxer: a picture is there with its last packet.

A demuxer that parses video gives a picture out when the next one begins, 67 ms late at 15 pictures a
second. It also takes each RTP packet through several layers; here one read of the socket brings them all.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

from tenban.base.clock import SECOND, Clock
from tenban.base.errors import BadInput, Unavailable
from tenban.video.coding import H265
from tenban.video.health import StreamHealth
from tenban.video.rtp import Depacketizer, RtpPicture
from tenban.video.rtp_h265 import H265Depacketizer
from tenban.video.rtsp_words import (
    Response,
    VideoMedia,
    authorization,
    parse_head,
    video_of,
    without_password,
)
from tenban.video.sound_stream import SoundReceiver
from tenban.video.sound_words import SoundMedia, SoundTold, sound_of

_READ_BYTES = 256 << 10
_LOOK_UP_S = 0.5
_MOST_HEAD_BYTES = 64 << 10
_DEFAULT_TIMEOUT_S = 60.0
_DOLLAR = 0x24


class RtspRefused(Unavailable):  # reads as what happened
    """The camera answered with an error status."""

    def __init__(self, status: int, phrase: str) -> None:
        self.status = status
        self.phrase = phrase
        super().__init__(f"it answered {status} {phrase}")


class RtspClient:
    """One RTSP session with a camera, RTP interleaved in the same TCP connection.

    Args:
        url: ``rtsp://[user:password@]host[:port]/path``.
        clock: for time-outs and for keeping the session alive.
        open_timeout_s: how long each answer may take.
        read_timeout_s: how long the camera may be silent.
        address: to connect to instead of asking for the host's once more.

    Raises:
        RtspRefused: the camera does not want to.
        BadInput: what answers does not speak RTSP as we do.
        OSError: it cannot be reached, or not in time.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        open_timeout_s: float,
        read_timeout_s: float,
        address: str | None = None,
    ) -> None:
        self._url, self._user, self._password = without_password(url)
        self._clock = clock
        self._read_timeout_s = read_timeout_s
        self._sequence = 0
        self._session = ""
        self._challenges: list[str] = []
        self._rest = b""
        self._keep_alive = "OPTIONS"
        self._alive_every_s = _DEFAULT_TIMEOUT_S / 2
        self.depacketizer = Depacketizer()
        self.health: StreamHealth | None = None
        place = urlsplit(self._url)
        if place.hostname is None:
            raise BadInput("camera url", expected="rtsp://host/path", came=self._url)
        self._link = socket.create_connection((address or place.hostname, place.port or 554), open_timeout_s)
        self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.media: VideoMedia | None = None
        self.sound_media: SoundMedia | None = None
        self.sound: SoundReceiver | None = None

    def describe(self) -> VideoMedia | None:
        """Ask what the camera offers; None where it offers no video.

        Raises:
            BadInput: it sends H.265 in another order than it is decoded.
        """
        options = self._ask("OPTIONS", self._url)
        if "GET_PARAMETER" in options.header("public"):
            self._keep_alive = "GET_PARAMETER"
        answer = self._ask("DESCRIBE", self._url, "Accept: application/sdp")
        base = answer.header("content-base") or answer.header("content-location") or self._url
        self.media = video_of(answer.body.decode("latin-1"), base)
        if self.media is not None and self.media.codec == H265.rtp:
            if self.media.is_interleaved:
                raise BadInput("RTSP stream", expected="H.265 in decoding order", came="sprop-max-don-diff")
            self.depacketizer = H265Depacketizer()
        self.sound_media = sound_of(answer.body.decode("latin-1"), base)
        return self.media

    def play(self, *, sound_for: str | None = None) -> SoundTold | None:
        """Let the camera send; return what is known of its sound where that was asked for.

        Args:
            sound_for: the camera's id, whose sound is wanted beside the pictures; None: no sound.
        """
        assert self.media is not None  # noqa: S101  # describe() came before
        setup = self._ask("SETUP", self.media.control, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        if "interleaved" not in setup.header("transport").lower():
            raise BadInput(
                "RTSP transport", expected="interleaved", came=setup.header("transport") or "nothing"
            )
        self._session, _, rest = setup.header("session").partition(";")
        timeout = rest.partition("timeout=")[2].partition(";")[0].strip()
        if timeout.isdigit() and int(timeout) > 1:
            self._alive_every_s = int(timeout) / 2
        told = None if sound_for is None else self._set_up_sound(sound_for)
        self._ask("PLAY", self._url, "Range: npt=0.000-")
        return told

    def _set_up_sound(self, camera: str) -> SoundTold:
        """Ask for the sound, too; pictures come whatever is answered."""
        media = self.sound_media
        if media is None or media.told.coding is None:
            return SoundTold() if media is None else media.told
        try:
            setup = self._ask("SETUP", media.control, "Transport: RTP/AVP/TCP;unicast;interleaved=2-3")
        except RtspRefused as error:
            # Policy: a camera that gives no sound is recorded without; its state says so.
            return SoundTold(None, "refused", f"{error.status} {error.phrase}")
        if "interleaved=2-3" not in setup.header("transport").replace(" ", "").lower():
            return SoundTold(None, "refused", setup.header("transport") or "no transport")
        self.sound = SoundReceiver(camera, media.told.coding, media.headers)
        return media.told

    def pictures(self, stop: threading.Event) -> Iterator[RtpPicture]:
        """Yield pictures until the camera ends its stream or ``stop`` is set.

        Raises:
            TimeoutError: the camera was silent for too long.
            OSError: the connection broke.
            BadInput: the camera sent something else.
        """
        self._link.settimeout(_LOOK_UP_S)
        now_s = self._clock.monotonic_s()
        heard_s = asked_s = now_s
        held = self._rest
        while not stop.is_set():
            used, pictures = self._interleaved(held)
            if pictures:
                heard_s = now_s
                yield from pictures
            held = held[used:]
            try:
                data = self._link.recv(_READ_BYTES)
            except TimeoutError:
                data = None
            now_s = self._clock.monotonic_s()
            if data == b"":
                return
            if data:
                held = held + data if held else data
            if now_s - heard_s > self._read_timeout_s:
                raise TimeoutError("silent")
            if now_s - asked_s > self._alive_every_s:
                asked_s = now_s
                self._send(self._keep_alive, self._url)

    def close(self) -> None:
        """End the session and the connection."""
        try:
            if self._session:
                self._send("TEARDOWN", self._url)
        except OSError:
            pass  # it is gone already
        finally:
            self._link.close()

    def _interleaved(self, data: bytes) -> tuple[int, list[RtpPicture]]:
        """Take in whole interleaved packets; return how many bytes they were, and the pictures in them."""
        at, size = 0, len(data)
        pictures: list[RtpPicture] = []
        feed = self.depacketizer.feed
        while size - at >= 4:
            if data[at] == _DOLLAR:
                end = at + 4 + (data[at + 2] << 8 | data[at + 3])
                if end > size:
                    break
                if data[at + 1] == 0:
                    pictures += feed(data[at + 4 : end])
                else:
                    self._beside(data[at + 1], data[at + 4 : end])
                at = end
                continue
            # The answer to what keeps the session alive.
            close = data.find(b"\r\n\r\n", at)
            if close < 0:
                if size - at > _MOST_HEAD_BYTES:
                    raise BadInput(
                        "RTSP stream", expected="packets or answers", came=data[at : at + 16].hex()
                    )
                break
            _, length = parse_head(data[at:close])
            if close + 4 + length > size:
                break
            at = close + 4 + length
        return at, pictures

    def _beside(self, channel: int, packet: bytes) -> None:
        """Take in what comes beside the pictures: reports, and sound."""
        if channel == 1 and self.health is not None:
            self.health.report(packet, self._clock.now())
        if self.sound is None:
            return
        if channel == 1:
            self.sound.picture_report(packet)
        elif channel == 2:
            self.sound.take(packet, int(self._clock.monotonic_s() * SECOND))
        elif channel == 3:
            self.sound.report(packet)

    def _ask(self, method: str, url: str, *headers: str) -> Response:
        """Ask and wait for the answer; proves who we are where that is wanted."""
        self._send(method, url, *headers)
        answer = self._answer()
        if answer.status == 401 and self._user and not self._challenges:
            self._challenges = answer.headers.get("www-authenticate", [])
            self._send(method, url, *headers)
            answer = self._answer()
        if answer.status != 200:
            raise RtspRefused(answer.status, answer.phrase)
        return answer

    def _send(self, method: str, url: str, *headers: str) -> None:
        self._sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}", "User-Agent: Tenban", *headers]
        if self._session:
            lines.append(f"Session: {self._session}")
        if self._challenges:
            proof = authorization(self._challenges, self._user, self._password, method, url)
            lines += [f"Authorization: {proof}"] if proof else []
        self._link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def _answer(self) -> Response:
        held = self._rest
        while True:
            # Some cameras begin to send before they have answered PLAY; those packets are let go.
            while len(held) >= 4 and held[0] == _DOLLAR:
                end = 4 + int.from_bytes(held[2:4], "big")
                if len(held) < end:
                    break
                held = held[end:]
            close = held.find(b"\r\n\r\n")
            if held[:1] != b"$" and close >= 0:
                head, length = parse_head(held[:close])
                if len(held) >= close + 4 + length:
                    self._rest = held[close + 4 + length :]
                    return Response(
                        head.status, head.phrase, head.headers, held[close + 4 : close + 4 + length]
                    )
            if len(held) > _MOST_HEAD_BYTES + _READ_BYTES:
                raise BadInput(
                    "RTSP answer", expected="an answer", came=f"{len(held)} bytes of something else"
                )
            data = self._link.recv(_READ_BYTES)
            if not data:
                raise ConnectionResetError("Connection closed")
            held += data
