"""The watcher process: packets from the recorder → frames → observations, and stills on request.

It holds the only copy of nothing: observations are facts in the database, frames can be decoded again
from footage. When it crashes or stalls, recording goes on and the lanes say that they are not watched.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import cv2

from tenban.base.clock import Clock, Instant, SystemClock
from tenban.base.errors import NotFound, TenbanError
from tenban.base.log import get_log
from tenban.db import Connection, Database
from tenban.server.settings import ServeSettings
from tenban.settings.differences import views_of, watched_cameras
from tenban.settings.follow import LOOK_S, Follower
from tenban.sites.fisheye import Aim
from tenban.sites.model import Sites, View
from tenban.video.decoder import PacketDecoder
from tenban.video.frames import Frame
from tenban.video.packets import StreamInfo
from tenban.video.ring import FrameRing
from tenban.video.sharp import PacketRing
from tenban.video.stills import StillServer, StillSource
from tenban.video.subscribe import subscribe
from tenban.video.wire import Skipped
from tenban.vision.looks import Looker, LookServer
from tenban.vision.model import Observation
from tenban.vision.queries import LaneWatch, add_observations, save_lane_watch
from tenban.vision.turned import TurnedRing, turn_frame
from tenban.vision.watch import ViewWatch

log = get_log(__name__)

BEAT_S = 2.0
REOPEN_S = 5.0
BLIND_S = 6.0
RING_S = 12.0
RING_MIB = 96.0


_BLIND = {
    "ja": "小さい映像（サブストリーム）が届いていません",
    "en": "No pictures come on the smaller stream",
}


@dataclass(slots=True)
class Lane:
    """One view of one register, and how its watching goes; ``aim``: how the camera's picture is turned."""

    register: str
    view: View
    aim: Aim | None
    watch: ViewWatch | None
    why: dict[str, str] | None
    since_at: Instant


@dataclass(slots=True)
class Watcher:
    """Watches the lanes of all cameras that have views.

    Attributes:
        rings: the last pictures of each camera that is decoded.
        sharp: the last packets of the large stream of each camera whose small one is decoded.
        seen_s: when each of these gave a picture last.
        shown: where stills come from, by the id of a camera or of a named view of one.
        unwritten: observations whose commit failed and that are tried again with the next beat.
    """

    db: Database
    clock: Clock
    sites: Sites
    settings: ServeSettings
    lanes: dict[str, list[Lane]] = field(default_factory=dict)
    rings: dict[str, FrameRing] = field(default_factory=dict)
    sharp: dict[str, PacketRing] = field(default_factory=dict)
    seen_s: dict[str, float] = field(default_factory=dict)
    shown: dict[str, StillSource] = field(default_factory=dict)
    unwritten: list[tuple[str, Sequence[Observation]]] = field(default_factory=list)
    running: dict[str, tuple[threading.Thread, threading.Event]] = field(default_factory=dict)
    looks: LookServer = field(init=False)

    def run(self, stop: threading.Event, follower: Follower) -> None:
        """Watch until told to stop."""
        stills = StillServer(self.settings.stills_socket, self.shown)
        self.looks = LookServer(self.settings.looks_socket, self._view)
        for camera in watched_cameras(self.sites):
            self._begin(camera)
        self._offer()
        self._beat()
        follower.applied()
        beaten_s = self.clock.monotonic_s()
        while not stop.wait(LOOK_S):
            changed = follower.changed()
            if changed is not None:
                self._follow(changed[0])
                follower.applied()
            if changed is not None or self.clock.monotonic_s() - beaten_s >= BEAT_S:
                beaten_s = self.clock.monotonic_s()
                self._beat()
        self.looks.close()
        self._end(list(self.running))
        stills.close()

    def _follow(self, sites: Sites) -> None:
        """Watch what the sites say now; a camera whose views are as they were is not touched."""
        before, self.sites = self.sites, sites
        cameras = watched_cameras(sites)
        changed = [
            camera
            for camera in {*watched_cameras(before), *cameras}
            if views_of(before, camera) != views_of(sites, camera)
        ]
        self._end([camera for camera in changed if camera in self.running])
        for camera in changed:
            if camera in cameras:
                self._begin(camera)
            else:
                self.rings.pop(camera, None)
                self.sharp.pop(camera, None)
        self._offer()
        log.info("views changed", cameras=changed)

    def _begin(self, camera: str) -> None:
        now_at = self.clock.now()
        self.lanes[camera] = []
        for one in views_of(self.sites, camera):
            watch, why = _open(one.register, one.view)
            self.lanes[camera].append(Lane(one.register, one.view, one.aim, watch, why, now_at))
        ring = self.rings.setdefault(camera, FrameRing(length_s=RING_S, most_mib=RING_MIB))
        stop = threading.Event()
        if self.sites.camera(camera).stream == camera:
            self.sharp.pop(camera, None)
        else:
            self.sharp[camera] = PacketRing(ring, length_s=RING_S)
            self.seen_s[camera] = self.clock.monotonic_s()
            threading.Thread(
                target=self._keep_sharp, args=(camera, stop), name=f"sharp-{camera}", daemon=True
            ).start()
        thread = threading.Thread(
            target=self._watch, args=(camera, stop), name=f"watch-{camera}", daemon=True
        )
        self.running[camera] = (thread, stop)
        thread.start()

    def _end(self, cameras: Sequence[str]) -> None:
        for camera in cameras:
            for seen in {camera, *(lane.view.camera for lane in self.lanes[camera])}:
                self.looks.end(seen, "the watching of this camera begins anew")
            self.running[camera][1].set()
        for camera in cameras:
            thread, _ = self.running.pop(camera)
            thread.join(timeout=2)
            del self.lanes[camera]

    def _offer(self) -> None:
        """Say where stills of each camera, and of each named view of one, come from."""
        shown: dict[str, StillSource] = {**self.rings, **self.sharp}
        for camera, ring in self.rings.items():
            for view in self.sites.camera(camera).presets():
                if view.aim is not None:
                    shown[view.id] = TurnedRing(ring, view.aim, view.id)
        self.shown.update(shown)
        for gone in self.shown.keys() - shown.keys():
            del self.shown[gone]

    def _view(self, register: str, camera: str) -> View:
        for lane in self.lanes.get(self.sites.camera(camera).source, []):
            if lane.register == register and lane.view.camera == camera:
                return lane.view
        raise NotFound(f"register {register} is not watched by camera {camera} here")

    def _watch(self, camera: str, stop: threading.Event) -> None:
        """Decode one camera for as long as its views stay as they are."""
        lanes = self.lanes[camera]
        decoder = PacketDecoder(fps=max(lane.view.analysis_fps for lane in lanes))
        stream = self.sites.camera(camera).stream
        while not stop.is_set():
            try:
                for message in subscribe(self.settings.packets_socket, stream, stop):
                    if isinstance(message, StreamInfo):
                        frames = decoder.begin(message)
                    elif isinstance(message, Skipped):
                        decoder.skip()
                        continue
                    else:
                        frames = decoder.decode(message)
                    for frame in frames:
                        self._take(camera, lanes, frame)
            except TenbanError as error:
                # Policy: the recorder does not offer the camera (yet); ask again.
                log.warning("camera not offered", camera=camera, why=str(error))
                stop.wait(1.0)
            except Exception:
                # Worker loop: whatever breaks the analysis of one camera must not end the others.
                log.exception("watching broke off", camera=camera)
                self._mark_broken(lanes)
                stop.wait(REOPEN_S)
                self._reopen(lanes)

    def _keep_sharp(self, camera: str, stop: threading.Event) -> None:
        """Keep the packets of a camera's large stream, for stills."""
        ring = self.sharp[camera]
        while not stop.is_set():
            try:
                for message in subscribe(self.settings.packets_socket, camera, stop):
                    if isinstance(message, StreamInfo):
                        ring.begin(message)
                    elif isinstance(message, Skipped):
                        ring.skip()
                    else:
                        ring.add(message)
            except TenbanError as error:
                # Policy: the recorder does not offer the camera (yet); stills come from the small stream.
                log.warning("camera not offered", camera=camera, why=str(error))
                stop.wait(1.0)

    def _take(self, camera: str, lanes: Sequence[Lane], frame: Frame) -> None:
        self.rings[camera].add(frame)
        self.seen_s[camera] = self.clock.monotonic_s()
        turned: dict[str, Frame] = {}
        for lane in lanes:
            shown = frame
            if lane.aim is not None:
                view = lane.view.camera
                shown = turned.get(view) or turned.setdefault(view, turn_frame(frame, lane.aim, view))
            seen: list[Observation] = []
            if lane.watch is not None:
                seen = lane.watch.see(shown, self.clock.now())
                if seen:
                    self._write(lane.register, seen)
            for looker in self.looks.at(lane.view.camera):
                if looker.register == lane.register:
                    self._show(looker, shown, lane.watch, seen)

    def _show(self, looker: Looker, frame: Frame, watch: ViewWatch | None, seen: list[Observation]) -> None:
        if looker.draft is not None:
            looker.try_out(frame, self.clock.now())
        elif watch is not None:
            looker.show(frame, watch, seen)

    def _write(self, register: str, seen: Sequence[Observation]) -> None:
        def add(connection: Connection) -> None:
            add_observations(connection, register, seen, self.clock.now())

        def check(done: Future[None]) -> None:
            error = done.exception()
            if error is not None:
                # Policy: a fact may not be lost; it waits for the next beat.
                log.error("observations not written yet", register=register, why=str(error))
                self.unwritten.append((register, seen))

        self.db.writer.submit(add).add_done_callback(check)

    def _mark_broken(self, lanes: Sequence[Lane]) -> None:
        for lane in lanes:
            lane.watch = None
            lane.why = {
                "ja": "画像解析が止まりました（記録を確認してください）",
                "en": "Analysis broke off; see the log",
            }
            lane.since_at = self.clock.now()

    def _reopen(self, lanes: Sequence[Lane]) -> None:
        for lane in lanes:
            lane.watch, lane.why = _open(lane.register, lane.view)
            lane.since_at = self.clock.now()

    def _beat(self) -> None:
        """Say that the watcher lives, lane by lane, and write what could not be written before."""
        waiting, self.unwritten = self.unwritten, []
        for register, seen in waiting:
            self._write(register, seen)
        now_at = self.clock.now()
        # Where the recorded stream is watched, the camera's own state tells; of the small one nobody would.
        blind = {one for one in self.sharp if self.clock.monotonic_s() - self.seen_s[one] > BLIND_S}
        states = [
            LaneWatch(
                register=lane.register,
                watched=lane.watch is not None and camera not in blind,
                why=lane.why if lane.watch is None or camera not in blind else _BLIND,
                since_at=lane.since_at,
                beat_at=now_at,
                frames_seen=lane.watch.seen if lane.watch else 0,
                frames_skipped=lane.watch.skipped if lane.watch else 0,
            )
            for camera, lanes in self.lanes.items()
            for lane in lanes
        ]
        self.db.writer.submit(lambda connection: save_lane_watch(connection, states))


def _open(register: str, view: View) -> tuple[ViewWatch | None, dict[str, str] | None]:
    try:
        return ViewWatch(view), None
    except TenbanError as error:
        # Policy: a lane that cannot be watched says so; the others and recording go on.
        log.warning("lane not watched", register=register, why=str(error))
        return None, {"ja": f"画像解析を開始できません（{error}）", "en": f"Analysis cannot start: {error}"}


def run(settings: ServeSettings, stop: threading.Event) -> None:
    """Run the watcher until told to stop."""
    # One thread per lane already fills the cores; OpenCV's own threads would only add switches.
    cv2.setNumThreads(1)
    # A still is asked for while every lane computes: with the default of 5 ms it would wait its turn for as
    # long as there are lanes.
    sys.setswitchinterval(0.0005)
    db = Database.open(settings.database_url, str(settings.run_dir))
    clock = SystemClock()
    follower = Follower(settings.config, "watcher", db, clock)
    try:
        Watcher(db, clock, follower.first()[0], settings).run(stop, follower)
    finally:
        db.close()
