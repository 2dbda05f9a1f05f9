"""A small RTSP server that plays the part of network cameras (RFC 2326; H.264 and H.265 over RTP).

It runs on a thread of its own, so tests and camera processes use it with plain calls::

    server = RtspServer()
    port = server.start()
    server.add_stream("lane-1", StreamInfo.of_keyframe(first_keyframe, fps=15))
    server.push("lane-1", VideoPacket(data, captured_at, keyframe))  # → rtsp://127.0.0.1:port/lane-1
    server.cut("lane-1")      # the camera is unplugged …
    server.restore("lane-1")  # … and plugged in again
    server.stop()

TCP interleaved and UDP, any number of clients per stream. As with most cameras a late joiner begins at the
next keyframe; ``replay_gop=True`` sends what the running group of pictures holds at once. A client that does
not take its packets is dropped and counted. ``TestCamera`` and ``FileCamera`` (module ``cameras``) feed it.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tenban.base.clock import SECOND, Clock, Instant, SystemClock
from tenban.base.log import get_log
from tenban.simulator.rtp import StreamInfo, VideoPacket, describe, packetise, sender_report
from tenban.simulator.rtsp_request import (
    METHODS,
    Refused,
    Request,
    Transport,
    answer,
    body_bytes,
    choose_transport,
    parse_request,
)
from tenban.simulator.sound_rtp import (
    SoundInfo,
    SoundUnit,
    describe_sound,
    packetise_sound,
    sound_report,
)

_REPORT_EVERY_US = 5 * SECOND
_MOST_HEAD_BYTES = 16_384
_SLOW_CLIENT_BYTES = 4 << 20
_TIMEOUT_S = 60

_log = get_log(__name__)


@dataclass(slots=True)
class _Stream:
    info: StreamInfo
    replay_gop: bool
    ssrc: int
    seq: int = 0
    packets: int = 0
    octets: int = 0
    reported_at: Instant = 0
    down: bool = False
    gop: list[VideoPacket] = field(default_factory=list)
    sound: SoundInfo | None = None
    sound_seq: int = 0
    viewers: set[_Viewer] = field(default_factory=set)


@dataclass(eq=False, slots=True)
class _Viewer:
    """One client of one stream, from SETUP to TEARDOWN or the end of its connection."""

    stream: _Stream
    transport: Transport
    writer: asyncio.StreamWriter
    session: str
    playing: bool = False
    started: bool = False
    sound: Transport | None = None


class RtspServer:
    """Serves encoded pictures as RTSP cameras.

    Args:
        clock: where sender reports take the wall clock from.
        credentials: user name and password that DESCRIBE and SETUP must bring (Basic), or None.
        reports: sender reports are sent.
        gives_sound: the sound that is described can be set up.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        credentials: tuple[str, str] | None = None,
        reports: bool = True,
        gives_sound: bool = True,
    ) -> None:
        self._reports = reports
        self._gives_sound = gives_sound
        self._clock = clock or SystemClock()
        self._credentials = credentials
        self._streams: dict[str, _Stream] = {}
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self._udp: tuple[socket.socket, socket.socket] | None = None
        self.slow_clients_dropped = 0

    def start(self, *, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen, and return the port.

        Raises:
            OSError: the port is taken.
        """
        self._thread = threading.Thread(target=self._loop.run_forever, name="rtsp", daemon=True)
        self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._listen(host, port), self._loop).result(10)

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._thread = None

    def add_stream(
        self, name: str, info: StreamInfo, *, replay_gop: bool = False, sound: SoundInfo | None = None
    ) -> None:
        """Offer a stream under ``rtsp://host:port/name``; a stream of that name is replaced."""
        stream = _Stream(info=info, replay_gop=replay_gop, ssrc=secrets.randbits(32), sound=sound)
        self._call(lambda: self._streams.__setitem__(name, stream))

    def push(self, name: str, packet: VideoPacket) -> None:
        """Send one picture to everyone who watches the stream; returns at once.

        Raises:
            KeyError: no such stream was added (reported on the server's thread's behalf, at once).
        """
        stream = self._streams[name]
        self._loop.call_soon_threadsafe(self._send, stream, packet)

    def push_sound(self, name: str, unit: SoundUnit) -> None:
        """Send one frame of sound to everyone who set it up; returns at once.

        Raises:
            KeyError: no such stream was added.
        """
        stream = self._streams[name]
        self._loop.call_soon_threadsafe(self._send_sound, stream, unit)

    def cut(self, name: str, *, silently: bool = False) -> None:
        """Unplug a camera: its connections end (or, ``silently``, just go quiet), new ones get 503."""
        self._call(lambda: self._cut(self._streams[name], silently=silently))

    def restore(self, name: str) -> None:
        """Plug a camera in again. Clients must ask anew, as after a camera's restart."""
        self._call(lambda: setattr(self._streams[name], "down", False))

    def viewers(self, name: str) -> int:
        """Return how many clients play the stream now."""
        return sum(viewer.playing for viewer in tuple(self._streams[name].viewers))

    def _call(self, change: Callable[[], None]) -> None:
        """Do something on the server's thread and wait for it; before ``start`` do it here."""
        if self._thread is None:
            change()
            return

        async def run() -> None:
            change()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    # Everything below runs on the server's thread.

    async def _listen(self, host: str, port: int) -> int:
        self._server = await asyncio.start_server(self._serve, host, port, limit=_MOST_HEAD_BYTES)
        self._udp = _open_udp_pair(host)
        for sock in self._udp:
            self._loop.add_reader(sock, _discard, sock)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def _close(self) -> None:
        assert self._server is not None  # noqa: S101  # start() came before
        assert self._udp is not None  # noqa: S101
        self._server.close()
        for writer in tuple(self._connections):
            writer.transport.abort()
        for sock in self._udp:
            self._loop.remove_reader(sock)
            sock.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)

    def _cut(self, stream: _Stream, *, silently: bool) -> None:
        stream.down = True
        stream.gop.clear()
        for viewer in tuple(stream.viewers):
            viewer.playing = False
            if not silently:
                viewer.writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        viewers: dict[str, _Viewer] = {}
        try:
            while await self._serve_one(reader, writer, viewers):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client went away, or was cut: its viewers end below, nothing else is lost
        finally:
            for viewer in viewers.values():
                viewer.stream.viewers.discard(viewer)
            self._connections.discard(writer)
            writer.close()

    async def _serve_one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, viewers: dict[str, _Viewer]
    ) -> bool:
        """Read and answer one request or skip one interleaved packet; tell whether to go on."""
        first = await reader.readexactly(1)
        if first == b"$":  # a receiver report of the client: nothing here depends on it
            head = await reader.readexactly(3)
            await reader.readexactly(int.from_bytes(head[1:], "big"))
            return True
        cseq = "0"
        try:
            try:
                head = first + await reader.readuntil(b"\r\n\r\n")
            except asyncio.LimitOverrunError as error:  # no end of head in 16 KiB: no RTSP client
                raise Refused(400, f"expected a head of at most {_MOST_HEAD_BYTES} bytes") from error
            request = parse_request(head)
            cseq = request.cseq
            await reader.readexactly(body_bytes(request))
        except Refused as refusal:  # the boundary to the next request is lost: answer and hang up
            writer.write(answer(refusal.status, cseq))
            await writer.drain()
            return False
        try:
            self._answer(request, writer, viewers)
        except Refused as refusal:
            headers = {"WWW-Authenticate": 'Basic realm="camera"'} if refusal.status == 401 else {}
            writer.write(answer(refusal.status, cseq, headers))
        await writer.drain()
        return request.method != "TEARDOWN"

    def _answer(self, request: Request, writer: asyncio.StreamWriter, viewers: dict[str, _Viewer]) -> None:
        method = request.method
        if method not in METHODS:
            raise Refused(501, f"expected one of {', '.join(METHODS)}, got {method}")
        if method == "OPTIONS":
            writer.write(answer(200, request.cseq, {"Public": ", ".join(METHODS)}))
        elif method == "DESCRIBE":
            self._check_credentials(request)
            self._describe(request, writer)
        elif method == "SETUP":
            self._check_credentials(request)
            self._set_up(request, writer, viewers)
        else:
            self._control(request, writer, viewers)

    def _check_credentials(self, request: Request) -> None:
        if self._credentials is None:
            return
        expected = "Basic " + base64.b64encode(":".join(self._credentials).encode()).decode()
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise Refused(401, "expected the camera's user name and password")

    def _stream_of(self, request: Request) -> _Stream:
        stream = self._streams.get(request.stream)
        if stream is None:
            raise Refused(404, f"there is no stream {request.stream!r}")
        if stream.down:
            raise Refused(503, "the camera is unplugged")
        return stream

    def _describe(self, request: Request, writer: asyncio.StreamWriter) -> None:
        accepted = request.headers.get("accept", "application/sdp")
        if "application/sdp" not in accepted and "*/*" not in accepted:
            raise Refused(406, f"expected Accept: application/sdp, got {accepted}")
        stream = self._stream_of(request)
        address = writer.get_extra_info("sockname")[0]
        url = request.url.rstrip("/")
        body = describe(stream.info, control_url=url, address=address)
        if stream.sound is not None:
            body += describe_sound(stream.sound, control_url=url)
        headers = {"Content-Base": url + "/", "Content-Type": "application/sdp"}
        writer.write(answer(200, request.cseq, headers, body))

    def _set_up(self, request: Request, writer: asyncio.StreamWriter, viewers: dict[str, _Viewer]) -> None:
        stream = self._stream_of(request)
        transport = choose_transport(request)
        is_sound = request.url.rstrip("/").endswith("/audio")
        known = viewers.get(request.headers.get("session", "").partition(";")[0])
        if is_sound and (not self._gives_sound or stream.sound is None or known is None):
            raise Refused(461, "this sound cannot be set up")
        if is_sound and known is not None:
            viewer = known
            viewer.sound = transport
        else:
            viewer = _Viewer(stream=stream, transport=transport, writer=writer, session=secrets.token_hex(8))
            viewers[viewer.session] = viewer
        if transport.interleaved:
            chosen = f"RTP/AVP/TCP;unicast;interleaved={transport.rtp}-{transport.rtcp}"
        else:
            assert self._udp is not None  # noqa: S101  # opened before the first client can come
            ports = "-".join(str(sock.getsockname()[1]) for sock in self._udp)
            chosen = f"RTP/AVP;unicast;client_port={transport.rtp}-{transport.rtcp};server_port={ports}"
        headers = {
            "Transport": f"{chosen};ssrc={stream.ssrc:08X}",
            "Session": f"{viewer.session};timeout={_TIMEOUT_S}",
        }
        writer.write(answer(200, request.cseq, headers))

    def _control(self, request: Request, writer: asyncio.StreamWriter, viewers: dict[str, _Viewer]) -> None:
        session = request.headers.get("session", "").partition(";")[0]
        viewer = viewers.get(session)
        if viewer is None:
            if request.method.endswith("_PARAMETER") and not session:
                writer.write(answer(200, request.cseq))  # a keep-alive before SETUP
                return
            raise Refused(454, f"there is no session {session!r}")
        headers = {"Session": session}
        if request.method == "PLAY":
            if viewer.stream.down:
                raise Refused(455, "the camera is unplugged")
            headers |= {"Range": "npt=now-", "RTP-Info": f"url={request.url};seq={viewer.stream.seq}"}
        writer.write(answer(200, request.cseq, headers))
        if request.method == "PLAY":
            self._play(viewer)
        elif request.method in {"PAUSE", "TEARDOWN"}:
            viewer.playing = viewer.started = False
            viewer.stream.viewers.discard(viewer)

    def _play(self, viewer: _Viewer) -> None:
        stream = viewer.stream
        viewer.playing = True
        stream.viewers.add(viewer)
        self._report(stream, viewer)
        if stream.replay_gop and stream.gop:
            viewer.started = True
            is_h265 = stream.info.is_h265
            held = sum(len(packetise(p, first_seq=0, ssrc=0, is_h265=is_h265)) for p in stream.gop)
            seq = (stream.seq - held) & 0xFFFF
            for packet in stream.gop:
                packets = packetise(packet, first_seq=seq, ssrc=stream.ssrc, is_h265=is_h265)
                seq = (seq + len(packets)) & 0xFFFF
                self._deliver(viewer, packets, rtcp=False)

    def _send(self, stream: _Stream, packet: VideoPacket) -> None:
        if stream.down:
            return
        packets = packetise(packet, first_seq=stream.seq, ssrc=stream.ssrc, is_h265=stream.info.is_h265)
        stream.seq = (stream.seq + len(packets)) & 0xFFFF
        stream.packets += len(packets)
        stream.octets += sum(len(rtp) - 12 for rtp in packets)
        if stream.replay_gop:
            if packet.keyframe:
                stream.gop.clear()
            stream.gop.append(packet)
        report = self._clock.now() - stream.reported_at >= _REPORT_EVERY_US
        for viewer in tuple(stream.viewers):
            if not viewer.playing:
                continue
            if report:
                self._report(stream, viewer)
            viewer.started = viewer.started or packet.keyframe
            if viewer.started:
                self._deliver(viewer, packets, rtcp=False)

    def _send_sound(self, stream: _Stream, unit: SoundUnit) -> None:
        if stream.down or stream.sound is None:
            return
        packet = packetise_sound(stream.sound, unit, seq=stream.sound_seq, ssrc=stream.ssrc ^ 1)
        stream.sound_seq = (stream.sound_seq + 1) & 0xFFFF
        for viewer in tuple(stream.viewers):
            if viewer.playing and viewer.sound is not None:
                self._deliver(viewer, [packet], rtcp=False, through=viewer.sound)

    def _report(self, stream: _Stream, viewer: _Viewer) -> None:
        stream.reported_at = self._clock.now()
        if not self._reports:
            return
        if stream.sound is not None and viewer.sound is not None:
            told = sound_report(stream.sound, ssrc=stream.ssrc ^ 1, wall_at=stream.reported_at)
            self._deliver(viewer, [told], rtcp=True, through=viewer.sound)
        report = sender_report(
            ssrc=stream.ssrc, wall_at=stream.reported_at, packets=stream.packets, octets=stream.octets
        )
        self._deliver(viewer, [report], rtcp=True)

    def _deliver(
        self, viewer: _Viewer, packets: list[bytes], *, rtcp: bool, through: Transport | None = None
    ) -> None:
        transport = through or viewer.transport
        to = transport.rtcp if rtcp else transport.rtp
        if transport.interleaved:
            if viewer.writer.transport.get_write_buffer_size() > _SLOW_CLIENT_BYTES:
                self.slow_clients_dropped += 1
                _log.warning("slow client dropped", session=viewer.session)
                viewer.playing = False
                viewer.writer.transport.abort()
                return
            viewer.writer.write(b"".join(_interleaved(to, packet) for packet in packets))
            return
        assert self._udp is not None  # noqa: S101  # opened before the first client can come
        address = viewer.writer.get_extra_info("peername")[0]
        for packet in packets:
            try:
                self._udp[rtcp].sendto(packet, (address, to))
            except OSError:  # full socket or closed port: a datagram may be lost, RTP counts the gap
                _log.debug("datagram not sent", session=viewer.session)


def _interleaved(channel: int, packet: bytes) -> bytes:
    return b"$" + bytes((channel,)) + len(packet).to_bytes(2, "big") + packet


def _open_udp_pair(host: str) -> tuple[socket.socket, socket.socket]:
    """Bind an even port and the odd one above it (RFC 3550, section 11)."""
    for _ in range(64):
        rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtp.setblocking(False)
        rtp.bind((host, 0))
        port = rtp.getsockname()[1]
        rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtcp.setblocking(False)
        try:
            if port % 2 == 0:
                rtcp.bind((host, port + 1))
                return rtp, rtcp
        except OSError:  # the odd port is taken: try another pair
            pass
        rtp.close()
        rtcp.close()
    raise OSError("expected a free pair of UDP ports, found none in 64 tries")


def _discard(sock: socket.socket) -> None:
    try:
        sock.recv(2048)  # a client's receiver report or hole punching: nothing here depends on it
    except OSError:  # nothing there after all, or the port unreachable: as before
        return


__all__ = ["RtspServer", "StreamInfo", "VideoPacket"]
