"""Records a group of cameras: a thread each that only waits for packets, one that commits the index.

No model, no decoder, nothing that could make it wait for anyone: what happens after the packet is written
is no business of this process.
"""

from __future__ import annotations

import fcntl
import os
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
from tenban.video.camera_state import CameraState, CameraStatus, first_state
from tenban.video.disk import DiskGuard, free_bytes
from tenban.video.fanout import FanOut
from tenban.video.fragments import Fragment, FragmentBuilder
from tenban.video.index_writer import IndexWriter
from tenban.video.model import IndexBatch
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import read_camera
from tenban.video.recovery import recover
from tenban.video.segments import FootageNotKept, SegmentWriter, Write
from tenban.video.settings import CameraSettings, RecordingSettings

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


class CameraRecorder:
    """Records one camera until it is told to stop.

    Args:
        camera: which.
        recording: how footage is laid out.
        root: the footage folder.
        index: takes the index rows.
        fan_out: takes the packets; None where nobody may ask for them.
        disk: says whether there is room.
        clock: the time.
        jitter: a random number from 0 to 1, new each time.
        counters: counted into.
        write: writes parts to a file descriptor, as ``os.writev`` does.
    """

    def __init__(
        self,
        camera: CameraSettings,
        *,
        recording: RecordingSettings,
        root: Path,
        index: IndexWriter,
        fan_out: FanOut | None,
        disk: DiskGuard,
        clock: Clock,
        counters: Counters,
        jitter: Callable[[], float] = random.random,
        write: Write = os.writev,
    ) -> None:
        self._camera = camera
        self._recording = recording
        self._index = index
        self._fan_out = fan_out
        self._disk = disk
        self._clock = clock
        self._jitter = jitter
        self._segments = SegmentWriter(root, camera.id, segment_s=recording.segment_s, write=write)
        self._builder: FragmentBuilder | None = None
        self._needs_keyframe = True
        self._count = counters.cameras.setdefault(camera.id, CameraCounters())
        self._states = counters.states
        self._state = first_state(camera.id, clock.now())

    def run(self, stop: threading.Event) -> None:
        """Record until ``stop`` is set, or to the end of a file."""
        self._tell(self._state)
        while not stop.is_set():
            why = None
            try:
                self._count.connections += 1
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
            wait_us = max(0, (lost.retry_at or 0) - lost.since_at)
            if stop.wait(wait_us / SECOND):
                break
            self._tell(self._state.connecting(self._clock.now()))
        self._tell(self._state.ended(self._clock.now()))

    def _record(self, stop: threading.Event) -> None:
        for item in read_camera(self._camera, clock=self._clock, stop=stop):
            if isinstance(item, StreamInfo):
                self._begin(item)
            else:
                self._take(item)

    def _begin(self, info: StreamInfo) -> None:
        self._finish()
        self._count.runs += 1
        log.info("run", camera=info.camera, run=info.run, width=info.width, height=info.height)
        self._builder = FragmentBuilder(info.camera, info.run, most_s=self._recording.fragment_s)
        self._index.put(self._segments.begin(info))
        self._needs_keyframe = True
        if self._fan_out is not None:
            self._fan_out.begin(info)

    def _take(self, packet: MediaPacket) -> None:
        self._count.packets += 1
        self._count.bytes += len(packet.data)
        if self._fan_out is not None:
            self._fan_out.publish(packet)
        assert self._builder is not None  # noqa: S101  # a StreamInfo came before
        fragment = self._builder.add(packet)
        if fragment is not None:
            self._keep(fragment)

    def _keep(self, fragment: Fragment) -> None:
        """Write a fragment where there is room; after some were not kept, wait for a keyframe."""
        why = self._disk.why_not()
        if why is None and not (self._needs_keyframe and not fragment.is_keyframe):
            try:
                facts = self._segments.add(fragment)
            except FootageNotKept as error:
                self._disk.was_refused()
                why = str(error)
            else:
                self._count.fragments += 1
                self._needs_keyframe = False
                self._index.put(facts)
                self._tell(self._state.recording(self._clock.now()))
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
    write: Write = os.writev,
) -> None:
    """Record cameras until ``stop`` is set, or until all of them are files that have ended.

    Args:
        cameras: which.
        data_dir: footage goes to ``footage`` below it.
        index: the index of footage.
        clock: the time.
        stop: ends the recording, at the latest after a camera's read timeout.
        recording: how footage is laid out.
        packets_socket: where packets may be asked for (see :func:`tenban.video.subscribe.subscribe`).
        counters: counted into, for whoever wants to read them.
        on_committed: called after each commit to the index.
        free: asks the disk how much is free.
        write: writes parts to a file descriptor, as ``os.writev`` does.

    Raises:
        Conflict: another process records one of the cameras into the same folder.
    """
    av.logging.set_level(None)
    recording = recording or RecordingSettings()
    counters = counters or Counters()
    root = data_dir / "footage"
    locks = [_claim(root, camera.id) for camera in cameras]
    for camera in cameras:
        recover(index, root, camera.id)
    writer = IndexWriter(index, batch_s=recording.batch_s, on_committed=on_committed)
    fan_out = None if packets_socket is None else FanOut(packets_socket, [camera.id for camera in cameras])
    disk = DiskGuard(root, min_free_mib=recording.min_free_mib, clock=clock, free=free)
    threads = []
    for camera in cameras:
        recorder = CameraRecorder(
            camera,
            recording=recording,
            root=root,
            index=writer,
            fan_out=fan_out,
            disk=disk,
            clock=clock,
            counters=counters,
            write=write,
        )
        thread = threading.Thread(target=recorder.run, args=(stop,), name=f"record-{camera.id}", daemon=True)
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    if fan_out is not None:
        fan_out.close()
    writer.close()
    for lock in locks:
        lock.close()


def _claim(root: Path, camera: str) -> IO[bytes]:
    """Hold the camera's folder for this process; the kernel lets go of it however the process ends."""
    folder = root / camera
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / ".recorder").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise Conflict(f"camera {camera} is being recorded into {folder} by another process") from None
    return lock
