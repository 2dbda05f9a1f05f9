"""Records a group of cameras: a thread each that only waits for packets, one that commits the index.

No model, no decoder, nothing that could make it wait for anyone: what happens after the packet is written
is no business of this process.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import av

from tenban.base.clock import SECOND, Clock
from tenban.base.errors import Conflict, TenbanError
from tenban.base.log import get_log
from tenban.db.vault import Vault
from tenban.video.camera_state import CameraState, CameraStatus, first_state
from tenban.video.claim import claim
from tenban.video.disk import DISK, Disk, boot_id
from tenban.video.fanout import FanOut
from tenban.video.footage import Footage
from tenban.video.forcing import Forcer
from tenban.video.fragments import Fragment, FragmentBuilder
from tenban.video.health import StreamHealth
from tenban.video.index_writer import IndexWriter
from tenban.video.model import IndexBatch
from tenban.video.packets import MediaPacket, SoundPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import read_camera
from tenban.video.recovery import recover
from tenban.video.relay import CameraRelay
from tenban.video.room import DiskGuard, free_bytes
from tenban.video.segments import FootageNotKept, SegmentWriter
from tenban.video.settings import CameraSettings, RecordingSettings
from tenban.video.sound import SoundHeld
from tenban.video.sound_live import SoundRelay, sound_stream

_LOOK_S = 0.05
_BROKEN_S = 9.0
"""A disk that did not keep what was written is left alone for so much longer."""

log = get_log(__name__)


@dataclass(slots=True)
class CameraCounters:
    """What one camera's recorder has done since it started."""

    packets: int = 0
    bytes: int = 0
    fragments: int = 0
    fragments_not_kept: int = 0
    connections: int = 0
    runs: int = 0
    failures: int = 0


@dataclass(slots=True)
class Counters:
    """What a recorder process has done since it started; read by whoever shows or exports it."""

    cameras: dict[str, CameraCounters] = field(default_factory=dict)
    states: dict[str, CameraState] = field(default_factory=dict)
    health: dict[str, StreamHealth] = field(default_factory=dict)


class CameraRecorder:
    """Records one camera until it is told to stop.

    Args:
        camera: which.
        recording: how footage is laid out.
        footage: the footage folder.
        index: takes the index rows.
        fan_out: takes the packets; None where nobody may ask for them.
        room: says whether there is room.
        clock: the time.
        jitter: a random number from 0 to 1, new each time.
        counters: counted into.
        disk: what footage is written through.
    """

    def __init__(
        self,
        camera: CameraSettings,
        *,
        recording: RecordingSettings,
        footage: Footage,
        index: IndexWriter,
        fan_out: FanOut | None,
        room: DiskGuard,
        clock: Clock,
        counters: Counters,
        jitter: Callable[[], float] = random.random,
        disk: Disk = DISK,
    ) -> None:
        self._camera = camera
        self._recording = recording
        self._index = index
        self._fan_out = fan_out
        self._room = room
        self._clock = clock
        self._jitter = jitter
        self._segments = SegmentWriter(
            footage,
            camera.id,
            sealed=camera.sealed,
            segment_s=recording.segment_s,
            disk=disk,
            boot=boot_id(),
        )
        self._builder: FragmentBuilder | None = None
        self._sound: SoundHeld | None = None
        self._heard = SoundRelay(camera.id, fan_out) if camera.sound and fan_out is not None else None
        self._needs_keyframe = True
        self._count = counters.cameras.setdefault(camera.id, CameraCounters())
        self._health = counters.health.setdefault(camera.id, StreamHealth())
        self._states = counters.states
        self._state = first_state(camera.id, clock.now())

    def run(self, stop: threading.Event) -> None:
        """Record until ``stop`` is set, or to the end of a file."""
        self._tell(self._state)
        while not stop.is_set():
            why = None
            try:
                self._count.connections += 1
                self._health.connections += 1
                self._record(stop)
            except TenbanError as error:
                why = str(error)
            except Exception as error:  # worker loop
                # Policy: whatever goes wrong with one camera is counted, told and tried again.
                self._count.failures += 1
                log.exception("recording failed", camera=self._camera.id)
                why = f"camera {self._camera.id}: {type(error).__name__}: {error}"
            self._finish()
            if why is None:
                break
            lost = self._state.lost(self._clock.now(), why, jitter=self._jitter())
            self._tell(lost)
            if self._fan_out is not None:
                self._fan_out.forget(self._camera.id)
            if self._heard is not None:
                self._heard.forget()
            wait_us = max(0, (lost.retry_at or 0) - lost.since_at)
            if stop.wait(wait_us / SECOND):
                break
            self._tell(self._state.connecting(self._clock.now()))
        self._tell(self._state.ended(self._clock.now()))

    def _record(self, stop: threading.Event) -> None:
        for item in read_camera(self._camera, clock=self._clock, stop=stop, health=self._health):
            if isinstance(item, StreamInfo):
                self._begin(item)
            elif isinstance(item, SoundPacket):
                if self._sound is not None:
                    self._sound.add(item)
                if self._heard is not None:
                    self._heard.take(item)
            else:
                self._take(item)

    def _begin(self, info: StreamInfo) -> None:
        self._finish()
        self._count.runs += 1
        self._health.begin(info)
        log.info("run", camera=info.camera, run=info.run, width=info.width, height=info.height)
        if info.start is not None and info.start.step_us:
            self._tell(self._state.stepped(self._clock.now(), info.start.step_us))
        self._builder = FragmentBuilder(info.camera, info.run, most_s=self._recording.fragment_s)
        self._sound = None if info.sound is None else SoundHeld(info.sound)
        self._index.put(self._segments.begin(info))
        self._needs_keyframe = True
        if self._fan_out is not None:
            self._fan_out.begin(info)
        if self._heard is not None:
            self._heard.begin(info)

    def _take(self, packet: MediaPacket) -> None:
        self._count.packets += 1
        self._count.bytes += len(packet.data)
        self._health.take(packet, self._clock.now())
        if self._fan_out is not None:
            self._fan_out.publish(packet)
        if self._heard is not None:
            self._heard.picture(packet)
        assert self._builder is not None  # noqa: S101  # a StreamInfo came before
        fragment = self._builder.add(packet)
        if fragment is not None:
            self._keep(fragment)

    def _keep(self, fragment: Fragment) -> None:
        """Write a fragment where there is room; after some were not kept, wait for a keyframe."""
        why = self._room.why_not()
        shown = fragment.samples[0].offset
        sound = (
            None
            if self._sound is None
            else self._sound.take(fragment.start_dts + shown, fragment.end_dts + shown)
        )
        if self._index.is_incomplete(self._segments.segment_id):
            self._index.put(self._segments.close())
            self._needs_keyframe = True
        if why is None and not (self._needs_keyframe and not fragment.is_keyframe):
            try:
                facts = self._segments.add(fragment, sound)
            except FootageNotKept as error:
                self._room.was_refused()
                why = str(error)
            else:
                self._count.fragments += 1
                self._needs_keyframe = False
                self._index.put(facts)
                self._tell(self._state.recording(self._clock.now(), self._segments.in_the_clear))
                return
        self._count.fragments_not_kept += 1
        self._needs_keyframe = True
        if why is not None:
            self._index.put(self._segments.close())
            self._tell(self._state.paused(self._clock.now(), why))

    def _finish(self) -> None:
        """Write what is held and end the file."""
        last = None if self._builder is None else self._builder.flush()
        if last is not None:
            self._keep(last)
        self._builder = None
        self._index.put(self._segments.close())

    def _tell(self, state: CameraState) -> None:
        self._states[self._camera.id] = state
        if state is not self._state or state.status is CameraStatus.CONNECTING:
            self._state = state
            self._index.put(IndexBatch(states=[state]))
            if state.why:
                log.warning("camera", camera=state.camera, status=state.status.value, why=state.why)


class CameraGroup:
    """Records a group of cameras that may change while it runs; what does not change is not touched.

    Args:
        data_dir: footage goes to ``footage`` below it.
        index: the index of footage.
        clock: the time.
        recording: how footage is laid out.
        packets_socket: where packets may be asked for (see :func:`tenban.video.subscribe.subscribe`).
        counters: counted into, for whoever wants to read them.
        on_committed: called after each commit to the index.
        free: asks the disk how much is free.
        disk: what footage is written through.
        vault: has the keys of cameras whose footage is sealed; needed only where there are such.
    """

    def __init__(
        self,
        data_dir: Path,
        index: FootageIndex,
        clock: Clock,
        *,
        recording: RecordingSettings | None = None,
        packets_socket: Path | None = None,
        counters: Counters | None = None,
        on_committed: Callable[[], None] | None = None,
        free: Callable[[Path], int] = free_bytes,
        disk: Disk = DISK,
        vault: Vault | None = None,
    ) -> None:
        av.logging.set_level(None)
        self._recording = recording or RecordingSettings()
        self._counters = counters or Counters()
        self._root = data_dir / "footage"
        self._footage = Footage(self._root, vault)
        self._index = index
        self._clock = clock
        self._disk = disk
        self._packets_socket = packets_socket
        # Made once the cameras are ours: before that the socket may be another recorder's.
        self._fan_out: FanOut | None = None
        self._room = DiskGuard(
            self._root,
            min_free_mib=self._recording.min_free_mib,
            clock=clock,
            free=free,
            is_all_held=index.is_all_held,
        )
        forcer = Forcer(self._root, disk, clock, lambda why: self._room.was_refused(why, wait_s=_BROKEN_S))
        self._writer = IndexWriter(
            index, forcer=forcer, batch_s=self._recording.batch_s, on_committed=on_committed
        )
        self._running: dict[str, _Running] = {}
        self._recovered: set[str] = set()

    def follow(self, cameras: Sequence[CameraSettings]) -> None:
        """Record these from now on: end what is gone, begin what is new, and begin anew what differs.

        Raises:
            Conflict: another process records one of the cameras into the same folder.
        """
        wanted = {camera.id: camera for camera in cameras}
        ending = [one for one in self._running.values() if wanted.get(one.camera.id) != one.camera]
        for one in ending:
            one.stop.set()
        for one in ending:
            one.thread.join()
            if one.lock is not None:
                one.lock.close()
            self._counters.health.pop(one.camera.id, None)
            self._counters.states.pop(one.camera.id, None)
            del self._running[one.camera.id]
            if one.camera.id not in wanted and self._fan_out is not None:
                self._fan_out.remove(one.camera.id)
                self._fan_out.remove(sound_stream(one.camera.id))
        locks, refused = self._claim_new(cameras)
        if refused is None or locks:
            heard = [sound_stream(camera.id) for camera in cameras if camera.sound]
            self._offer([*(camera.id for camera in cameras), *heard])
        for camera in cameras:
            if camera.id in locks:
                self._begin(camera, locks[camera.id])
            elif not camera.keep and camera.id not in self._running:
                self._relay(camera)
        if refused is not None:
            raise refused

    def wait(self, stop: threading.Event) -> None:
        """Wait until ``stop`` is set, or until all cameras are files that have ended."""
        while not stop.wait(_LOOK_S) and any(one.thread.is_alive() for one in self._running.values()):
            pass

    def close(self) -> None:
        """End all recording, at the latest after a camera's read timeout, and keep what was recorded."""
        self.follow([])
        if self._fan_out is not None:
            self._fan_out.close()
        self._writer.close()

    def _claim_new(self, cameras: Sequence[CameraSettings]) -> tuple[dict[str, IO[bytes]], Conflict | None]:
        locks: dict[str, IO[bytes]] = {}
        refused: Conflict | None = None
        for camera in cameras:
            if camera.keep and camera.id not in self._running:
                try:
                    locks[camera.id] = claim(self._root, camera.id)
                except Conflict as error:
                    # Policy: one camera that cannot be begun must not keep the others from it.
                    refused = error
        return locks, refused

    def _offer(self, cameras: Sequence[str]) -> None:
        """Let packets be asked for, of all these cameras from the first moment on."""
        if self._fan_out is not None:
            for camera in cameras:
                self._fan_out.add(camera)
        elif self._packets_socket is not None:
            self._fan_out = FanOut(self._packets_socket, cameras)

    def _begin(self, camera: CameraSettings, lock: IO[bytes]) -> None:
        if camera.id not in self._recovered:
            # Once: of what this process writes, the facts may still wait for their commit.
            recover(self._index, self._footage, camera.id, disk=self._disk)
            self._recovered.add(camera.id)
        recorder = CameraRecorder(
            camera,
            recording=self._recording,
            footage=self._footage,
            index=self._writer,
            fan_out=self._fan_out,
            room=self._room,
            clock=self._clock,
            counters=self._counters,
            disk=self._disk,
        )
        stop = threading.Event()
        thread = threading.Thread(target=recorder.run, args=(stop,), name=f"record-{camera.id}", daemon=True)
        self._running[camera.id] = _Running(camera, lock, stop, thread)
        thread.start()

    def _relay(self, camera: CameraSettings) -> None:
        """Hand on a stream that is watched and not kept; without a socket nobody could take it."""
        if self._fan_out is None:
            return
        relay = CameraRelay(
            camera,
            fan_out=self._fan_out,
            clock=self._clock,
            states=self._counters.states,
            health=self._counters.health.setdefault(camera.id, StreamHealth()),
        )
        stop = threading.Event()
        thread = threading.Thread(target=relay.run, args=(stop,), name=f"relay-{camera.id}", daemon=True)
        self._running[camera.id] = _Running(camera, None, stop, thread)
        thread.start()


@dataclass(frozen=True, slots=True)
class _Running:
    camera: CameraSettings
    lock: IO[bytes] | None
    stop: threading.Event
    thread: threading.Thread


def run_recorder(
    cameras: Sequence[CameraSettings],
    data_dir: Path,
    index: FootageIndex,
    clock: Clock,
    stop: threading.Event,
    *,
    recording: RecordingSettings | None = None,
    packets_socket: Path | None = None,
    counters: Counters | None = None,
    on_committed: Callable[[], None] | None = None,
    free: Callable[[Path], int] = free_bytes,
    disk: Disk = DISK,
    vault: Vault | None = None,
) -> None:
    """Record cameras until ``stop`` is set, or until all of them are files that have ended.

    The arguments are those of :class:`CameraGroup`.

    Raises:
        Conflict: another process records one of the cameras into the same folder.
    """
    group = CameraGroup(
        data_dir,
        index,
        clock,
        recording=recording,
        packets_socket=packets_socket,
        counters=counters,
        on_committed=on_committed,
        free=free,
        disk=disk,
        vault=vault,
    )
    try:
        group.follow(cameras)
        group.wait(stop)
    finally:
        group.close()
