"""Packets handed on to whoever asks over a local socket; recording never waits for a reader.

A new reader gets the packets since the latest keyframe at once. A slow one is skipped to a later keyframe
and told how many packets it missed.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tenban.base.log import get_log
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.wire import HELLO, RefusedBy, Skipped, pack, packet_head

MOST_QUEUED_BYTES = 4 << 20
MOST_CACHED_BYTES = 16 << 20
_SEND_BUFFER_BYTES = 1 << 20
_GOES_ON, _PACKET, _MESSAGE = 0, 1, 2
"""What some queued bytes begin."""

log = get_log(__name__)


@dataclass(eq=False, slots=True)
class _Reader:
    socket: socket.socket
    heard: bytearray = field(default_factory=bytearray)
    channel: _Channel | None = None
    queue: deque[tuple[memoryview, int]] = field(default_factory=deque)
    queued_bytes: int = 0
    skipped: int = 0
    is_skipping: bool = False


@dataclass(eq=False, slots=True)
class _Channel:
    camera: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    info: StreamInfo | None = None
    group: list[MediaPacket] = field(default_factory=list)
    group_bytes: int = 0
    readers: list[_Reader] = field(default_factory=list)


class FanOut:
    """Serves the packets of one recorder's cameras on a local socket.

    Args:
        path: of the socket; a socket left by a killed process is replaced.
        cameras: the ids that may be asked for.
    """

    def __init__(self, path: Path, cameras: Iterable[str]) -> None:
        self._path = path
        self._channels = {camera: _Channel(camera) for camera in cameras}
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._blocked: set[_Reader] = set()
        self._ended = False
        self.packets_skipped = 0
        self.readers_served = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        path.chmod(0o660)
        self._listener.listen(128)
        self._listener.setblocking(False)
        self._thread = threading.Thread(target=self._serve, name="fan-out", daemon=True)
        self._thread.start()

    def add(self, camera: str) -> None:
        """Offer one more camera; one that is offered already is left as it is."""
        self._channels.setdefault(camera, _Channel(camera))

    def remove(self, camera: str) -> None:
        """Offer a camera no more and hang up on its readers."""
        channel = self._channels.pop(camera, None)
        if channel is not None:
            with channel.lock:
                for reader in tuple(channel.readers):
                    self._drop(reader)

    def begin(self, info: StreamInfo) -> None:
        """Announce a new run of a camera."""
        channel = self._channels[info.camera]
        with channel.lock:
            channel.info = info
            channel.group.clear()
            channel.group_bytes = 0
            for reader in tuple(channel.readers):
                self._send(reader, pack(info), begins=_MESSAGE)

    def publish(self, packet: MediaPacket) -> None:
        """Hand a packet on to the camera's readers; never blocks."""
        channel = self._channels[packet.camera]
        with channel.lock:
            if packet.is_keyframe:
                channel.group.clear()
                channel.group_bytes = 0
            if packet.is_keyframe or channel.group:
                channel.group.append(packet)
                channel.group_bytes += len(packet.data)
                if channel.group_bytes > MOST_CACHED_BYTES:
                    # A reader that comes now waits for the next keyframe.
                    channel.group.clear()
            for reader in tuple(channel.readers):
                self._offer(reader, packet)

    def forget(self, camera: str) -> None:
        """Drop what is kept of a lost camera, so that nobody takes old pictures for new ones."""
        channel = self._channels[camera]
        with channel.lock:
            channel.group.clear()
            channel.group_bytes = 0

    def close(self) -> None:
        """Hang up on all readers and end the thread."""
        self._ended = True
        self._wake()
        self._thread.join(5)
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        self._waker.close()
        self._path.unlink(missing_ok=True)

    def _offer(self, reader: _Reader, packet: MediaPacket) -> None:
        if reader.is_skipping:
            if not packet.is_keyframe or reader.queue:
                reader.skipped += 1
                self.packets_skipped += 1
                return
            if reader.skipped:
                self._send(reader, pack(Skipped(reader.skipped)), begins=_MESSAGE)
            reader.is_skipping = False
            reader.skipped = 0
        elif reader.queued_bytes > MOST_QUEUED_BYTES:
            self._skip(reader)
            self._offer(reader, packet)
            return
        self._send(reader, packet_head(packet), packet.data, begins=_PACKET)

    def _skip(self, reader: _Reader) -> None:
        """Drop whole packets that wait; what is half sent must go out to its end."""
        reader.is_skipping = True
        kept: deque[tuple[memoryview, int]] = deque()
        dropping = False
        for part, begins in reader.queue:
            if begins == _PACKET:
                reader.skipped += 1
                self.packets_skipped += 1
            dropping = begins == _PACKET or (dropping and begins != _MESSAGE)
            if not dropping:
                kept.append((part, begins))
        reader.queue = kept
        reader.queued_bytes = sum(len(part) for part, _ in kept)

    def _send(self, reader: _Reader, *parts: bytes, begins: int) -> None:
        """Send at once what the socket takes, queue the rest; the channel's lock is held."""
        rest = [memoryview(part) for part in parts]
        partly = False
        if not reader.queue:
            try:
                sent = reader.socket.sendmsg(rest)
            except BlockingIOError:
                sent = 0
            except OSError:
                self._drop(reader)
                return
            partly = sent > 0
            while rest and sent >= len(rest[0]):
                sent -= len(rest.pop(0))
            if rest and sent:
                rest[0] = rest[0][sent:]
        if rest:
            for number, part in enumerate(rest):
                reader.queue.append((part, begins if number == 0 and not partly else _GOES_ON))
                reader.queued_bytes += len(part)
            self._blocked.add(reader)
            self._wake()

    def _drop(self, reader: _Reader) -> None:
        if reader.channel is not None and reader in reader.channel.readers:
            reader.channel.readers.remove(reader)
        # The thread notices the shut socket and closes it; closing here could hit a reused number.
        with contextlib.suppress(OSError):
            reader.socket.shutdown(socket.SHUT_RDWR)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it is awake already
            self._waker.send(b"w")

    # Everything below runs on the server's thread.

    def _serve(self) -> None:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        while not self._ended:
            for key, mask in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._woken:
                    self._woken.recv(4096)
                else:
                    self._attend(key.data, mask)
            while self._blocked:
                reader = self._blocked.pop()
                with contextlib.suppress(KeyError, ValueError):  # it has hung up meanwhile
                    both = selectors.EVENT_READ | selectors.EVENT_WRITE
                    self._selector.modify(reader.socket, both, reader)

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except OSError as error:
            # Policy: out of descriptors or a reader that left again; the next one may succeed.
            log.warning("fan-out reader not accepted", error=str(error))
            return
        accepted.setblocking(False)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self._selector.register(accepted, selectors.EVENT_READ, _Reader(accepted))

    def _attend(self, reader: _Reader, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self._flush(reader)
        if mask & selectors.EVENT_READ:
            try:
                said = reader.socket.recv(512)
            except BlockingIOError:
                return
            except OSError:
                said = b""
            if not said:
                self._hang_up(reader)
            elif reader.channel is None:
                reader.heard += said
                self._greet(reader)

    def _greet(self, reader: _Reader) -> None:
        heard = bytes(reader.heard)
        if not heard.startswith(HELLO[: len(heard)]):
            self._refuse(reader, f"expected {HELLO!r} first, got {heard[:16]!r}")
        elif len(heard) > len(HELLO) and len(heard) > len(HELLO) + heard[len(HELLO)]:
            camera = heard[len(HELLO) + 1 :].decode(errors="replace")
            channel = self._channels.get(camera)
            if channel is None:
                self._refuse(reader, f"expected one of {', '.join(self._channels)}, got {camera!r}")
                return
            with channel.lock:
                reader.channel = channel
                channel.readers.append(reader)
                self.readers_served += 1
                if channel.info is not None:
                    self._send(reader, pack(channel.info), begins=_MESSAGE)
                reader.is_skipping = not channel.group
                for packet in channel.group:
                    self._send(reader, packet_head(packet), packet.data, begins=_PACKET)

    def _refuse(self, reader: _Reader, why: str) -> None:
        with contextlib.suppress(OSError):  # whoever speaks wrongly may have left
            reader.socket.send(pack(RefusedBy(why)))
        self._hang_up(reader)

    def _flush(self, reader: _Reader) -> None:
        channel = reader.channel
        if channel is None:
            return
        with channel.lock:
            while reader.queue:
                part, _ = reader.queue[0]
                try:
                    sent = reader.socket.send(part)
                except BlockingIOError:
                    return
                except OSError:
                    self._drop(reader)
                    return
                reader.queued_bytes -= sent
                if sent < len(part):
                    reader.queue[0] = (part[sent:], _GOES_ON)
                    return
                reader.queue.popleft()
            self._selector.modify(reader.socket, selectors.EVENT_READ, reader)

    def _hang_up(self, reader: _Reader) -> None:
        if reader.channel is not None:
            with reader.channel.lock:
                if reader in reader.channel.readers:
                    reader.channel.readers.remove(reader)
        self._selector.unregister(reader.socket)
        reader.socket.close()
